// SPDX-License-Identifier: AGPL-3.0-or-later
// Drafts.  What may name a person stays in this window's own storage and goes with it; the
// rest outlives the window.  Leaving with unsaved text asks.

import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { t } from '../i18n'

const open = new Set<symbol>()
window.addEventListener('beforeunload', e => {
  if (!open.size) return
  e.preventDefault()
  e.returnValue = ''
})

export function mayLeave(): boolean {
  return !open.size || window.confirm(t('draft.leave'))
}

/** Marks text as unsaved while `dirty` says so. */
export function useGuard(dirty: () => boolean): void {
  const me = Symbol('draft')
  watch(dirty, d => { if (d) open.add(me); else open.delete(me) }, { immediate: true })
  onBeforeUnmount(() => open.delete(me))
  onBeforeRouteLeave(() => {
    if (!open.has(me)) return true
    const ok = window.confirm(t('draft.leave'))
    if (ok) open.delete(me)
    return ok
  })
}

export interface Draft { restored: Ref<boolean>; drop: () => void }

/** Keeps `value` under `key` while it differs from empty; puts it back at the next visit. */
export function useDraft<T extends object>(key: string, value: Ref<T>, personal: boolean, dirty: () => boolean): Draft {
  const store = personal ? window.sessionStorage : window.localStorage
  const name = 'daohu.draft.' + key
  const restored = ref(false)
  try {
    const kept: unknown = JSON.parse(store.getItem(name) ?? 'null')
    if (kept && typeof kept === 'object') {
      value.value = { ...value.value, ...kept }
      restored.value = true
    }
  } catch { store.removeItem(name) }
  watch(value, v => {
    if (dirty()) store.setItem(name, JSON.stringify(v))
    else store.removeItem(name)
  }, { deep: true })
  const drop = () => { store.removeItem(name); restored.value = false }
  return { restored, drop }
}

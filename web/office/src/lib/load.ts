// SPDX-License-Identifier: AGPL-3.0-or-later
// Loading with honest states: a record, a list that goes on by cursor, an action.

import { onBeforeUnmount, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { api, ApiError, type Query } from '../api/client'
import type { Page } from '../api/types'
import { t } from '../i18n'

export function faultText(e: unknown): string {
  if (e instanceof ApiError) {
    if (e.offline) return t('state.offline.title')
    return e.message || t('state.error.http', { status: e.status })
  }
  return String(e)
}

export interface Loaded<T> {
  data: ShallowRef<T | null>; error: ShallowRef<ApiError | null>; loading: Ref<boolean>
  reload: () => Promise<void>
}

/** Loads what `path` gives, again whenever it changes; null = nothing to load. */
export function useLoad<T>(path: () => [string, Query?] | null): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  let running: AbortController | null = null
  const reload = async () => {
    running?.abort()
    const p = path()
    if (!p) { data.value = null; loading.value = false; return }
    const mine = running = new AbortController()
    loading.value = true
    try {
      const d = await api.get<T>(p[0], p[1], mine.signal)
      if (mine !== running) return
      data.value = d
      error.value = null
    } catch (e) {
      if (mine !== running || !(e instanceof ApiError)) return
      error.value = e
    }
    loading.value = false
  }
  watch(() => JSON.stringify(path()), reload, { immediate: true })
  onBeforeUnmount(() => { running?.abort(); running = null })
  return { data, error, loading, reload }
}

export interface List<T> {
  rows: ShallowRef<T[]>; next: Ref<string | null>; total: Ref<number | null>
  error: ShallowRef<ApiError | null>; loading: Ref<boolean>; first: Ref<boolean>
  more: () => Promise<void>; reload: () => Promise<void>
}

/** A list read page by page; starts anew whenever path or query change. */
export function useList<T>(path: () => [string, Query?] | null): List<T> {
  const rows = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const total = ref<number | null>(null)
  const error = shallowRef<ApiError | null>(null)
  const loading = ref(false)
  const first = ref(true)
  let running: AbortController | null = null
  const read = async (after: string | null) => {
    const p = path()
    running?.abort()
    if (!p) return
    const mine = running = new AbortController()
    loading.value = true
    try {
      const page = await api.get<Page<T>>(p[0], after ? { ...p[1], after } : p[1], mine.signal)
      if (mine !== running) return
      rows.value = after ? rows.value.concat(page.rows) : page.rows
      next.value = page.next
      total.value = page.total ?? (after ? total.value : null)
      error.value = null
      first.value = false
    } catch (e) {
      if (mine !== running || !(e instanceof ApiError)) return
      error.value = e
      if (!after) { rows.value = []; next.value = null; total.value = null }
    }
    loading.value = false
  }
  const reload = () => read(null)
  const more = async () => { if (next.value && !loading.value) await read(next.value) }
  watch(() => JSON.stringify(path()), reload, { immediate: true })
  onBeforeUnmount(() => { running?.abort(); running = null })
  return { rows, next, total, error, loading, first, more, reload }
}

/** An action under way: its button waits, its fault is said. */
export function useAction() {
  const busy = ref(false)
  const fault = shallowRef<ApiError | null>(null)
  async function run<T>(fn: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = true
    fault.value = null
    try {
      return await fn()
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      fault.value = e
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { busy, fault, run }
}

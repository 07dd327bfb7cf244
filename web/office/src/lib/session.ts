// SPDX-License-Identifier: AGPL-3.0-or-later
// Who is signed in, and what the server says of itself (/meta): asked once, kept while
// the page is open.

import { computed, ref, shallowRef } from 'vue'
import { api, clientUse } from '../api/client'
import type { CodeItem, FieldMeta, Meta, Session } from '../api/types'
import { say } from '../i18n'

export const session = shallowRef<Session | null>(null)
export const meta = shallowRef<Meta | null>(null)
/** The server has become another version than this page was loaded from. */
export const outdated = ref(false)
let firstVersion = ''

export const user = computed(() => session.value?.user ?? null)
export function can(permission: string): boolean {
  return user.value?.permissions.includes(permission) ?? false
}

/** Whether asking who is signed in is worth it; the cookie itself cannot be seen from here. */
const SIGNED_IN = 'daohu.in'

function begin(s: Session | null): void {
  session.value = s
  if (s) window.localStorage.setItem(SIGNED_IN, '1')
  else window.localStorage.removeItem(SIGNED_IN)
  clientUse({ csrf: s?.csrf ?? '' })
  if (!s) meta.value = null
}

export async function restore(): Promise<boolean> {
  if (!window.localStorage.getItem(SIGNED_IN)) return false
  try {
    begin(await api.get<Session>('session'))
    return true
  } catch {
    begin(null)
    return false
  }
}

export async function signIn(login: string, password: string, otp: string): Promise<Session> {
  const s = await api.post<Session>('session', { login, password, ...(otp ? { otp } : {}) })
  begin(s)
  return s
}

export async function signOut(): Promise<void> {
  try { await api.del('session') } finally { begin(null) }
}

export function forget(): void { begin(null) }

export async function loadMeta(): Promise<Meta> {
  if (meta.value) return meta.value
  const m = await api.get<Meta>('meta')
  firstVersion = m.version
  meta.value = m
  return m
}

/** Asked now and then: a program that was upgraded under an open page says so. */
export async function checkVersion(): Promise<void> {
  if (!meta.value) return
  try {
    const m = await api.get<Meta>('meta')
    if (m.version !== firstVersion) outdated.value = true
    else meta.value = m
  } catch { /* told by the page that asks next */ }
}

const villages = computed(() => new Map(meta.value?.villages.map(v => [v.code, v.name])))
export function villageName(code: string | null | undefined): string {
  return code ? villages.value.get(code) ?? code : ''
}

const codes = computed(() => {
  const m = new Map<string, Map<string, CodeItem>>()
  for (const [list, items] of Object.entries(meta.value?.codes ?? {})) {
    m.set(list, new Map(items.map(i => [i.id, i])))
  }
  return m
})
export function codeLabel(list: string, id: unknown): string {
  if (id === null || id === undefined || id === '') return ''
  const item = codes.value.get(list)?.get(String(id))
  return item ? say(item) : String(id)
}

export function fieldMeta(record: string, field: string): FieldMeta | undefined {
  return meta.value?.records[record]?.fields.find(f => f.name === field)
}
export function fieldLabel(record: string, field: string): string {
  const f = fieldMeta(record, field)
  return f ? say(f.label) : field
}

const rules = computed(() => new Map(meta.value?.rules.map(r => [r.id, r])))
export function ruleOf(id: string) { return rules.value.get(id) }
export function ruleTitle(id: string): string { return say(rules.value.get(id)?.title) || id }
const layouts = computed(() => new Map(meta.value?.layouts.map(l => [l.id, l])))
export function layoutTitle(id: string): string { return say(layouts.value.get(id)?.title) || id }
export function layoutOffice(id: string): string { return say(layouts.value.get(id)?.office) }
export function roleTitle(id: string): string {
  return say(meta.value?.roles.find(r => r.id === id)?.title) || id
}
export function answerTitle(id: string): string {
  return say(meta.value?.answers.find(a => a.id === id)?.title) || id
}
export function packTitle(): string {
  return say(meta.value?.pack.title)
}

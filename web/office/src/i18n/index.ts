// SPDX-License-Identifier: AGPL-3.0-or-later
// Words of the interface.  zh.ts says which keys there are; en.ts is checked against it by
// the compiler.  Only the language in use is loaded.

import { ref, shallowRef } from 'vue'
import type { Lang, Text } from '../api/types'
import { clientUse } from '../api/client'
import type { zh } from './zh'

export type Key = keyof typeof zh
type Words = Record<Key, string>

const words = shallowRef<Words>({} as Words)
export const lang = ref<Lang>('zh')
export const elementLocale = shallowRef<unknown>(undefined)

function stored(): Lang | null {
  const v = window.localStorage.getItem('daohu.lang')
  return v === 'zh' || v === 'en' ? v : null
}

export function firstLang(): Lang {
  return stored() ?? (navigator.language.startsWith('zh') || !navigator.language.startsWith('en') ? 'zh' : 'en')
}

export async function useLang(to: Lang): Promise<void> {
  if (to === 'zh') {
    const [w, e] = await Promise.all([import('./zh'), import('element-plus/es/locale/lang/zh-cn')])
    words.value = w.zh
    elementLocale.value = e.default
  } else {
    const [w, e] = await Promise.all([import('./en'), import('element-plus/es/locale/lang/en')])
    words.value = w.en
    elementLocale.value = e.default
  }
  lang.value = to
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en'
  window.localStorage.setItem('daohu.lang', to)
  clientUse({ lang: to })
}

/** The words of a key; {name} is replaced by params.name. */
export function t(key: Key, params?: Record<string, string | number>): string {
  const text = words.value[key] ?? key
  return params ? text.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '')) : text
}

/** The words of a key that is put together, or the fallback when there is none. */
export function tMaybe(key: string, fallback: string): string {
  return words.value[key as Key] ?? fallback
}

/** A text of the server in the language in use; it stands alone, so English begins with a capital. */
export function say(text: Text | string | null | undefined): string {
  if (!text) return ''
  const s = typeof text === 'string' ? text : text[lang.value]
  return lang.value === 'en' ? s.charAt(0).toUpperCase() + s.slice(1) : s
}

// SPDX-License-Identifier: AGPL-3.0-or-later
// How values are written for people: 1,234.00, 2018-01-14, masked numbers as they come.

import type { FieldMeta, Value } from '../api/types'
import { lang, t } from '../i18n'
import { codeLabel, villageName } from './session'

export function groupDigits(text: string): string {
  const m = /^(-?)(\d+)(\.\d+)?$/.exec(text)
  return m ? m[1] + m[2]!.replace(/\B(?=(\d{3})+$)/g, ',') + (m[3] ?? '') : text
}

export function money(v: Value | undefined): string {
  return v === null || v === undefined || v === '' ? '' : groupDigits(String(v))
}

export function count(v: number | null | undefined): string {
  return v === null || v === undefined ? '' : groupDigits(String(v))
}

const WEEKDAYS = { zh: ['日', '一', '二', '三', '四', '五', '六'], en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] }
/** 2018-01-14 with its weekday, where people plan. */
export function dayWithWeek(iso: string | null | undefined): string {
  if (!iso) return ''
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(iso)
  if (!m) return iso
  const w = new Date(Date.UTC(+m[1]!, +m[2]! - 1, +m[3]!)).getUTCDay()
  return lang.value === 'zh' ? `${iso} 周${WEEKDAYS.zh[w]}` : `${iso} ${WEEKDAYS.en[w]}`
}

/** An instant in the county's own time, to the minute. */
export function instant(iso: string | null | undefined): string {
  if (!iso) return ''
  const at = Date.parse(iso)
  if (Number.isNaN(at)) return iso
  return new Date(at + 8 * 3600_000).toISOString().slice(0, 16).replace('T', ' ')
}

export function addDays(iso: string, days: number): string {
  return new Date(Date.parse(iso + 'T00:00:00Z') + days * 86400_000).toISOString().slice(0, 10)
}

export function bytes(n: number): string {
  if (n < 1024) return n + ' B'
  if (n < 1024 * 1024) return (n / 1024).toFixed(0) + ' KB'
  return groupDigits((n / 1024 / 1024).toFixed(1)) + ' MB'
}

export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds))
  if (s < 60) return t('time.seconds', { n: s })
  if (s < 3600) return t('time.minutes', { n: Math.round(s / 60) })
  if (s < 86400) return t('time.hours', { n: Math.round(s / 3600) })
  return t('time.days', { n: Math.round(s / 86400) })
}

/** A record's value by its descriptor; empty text for what is not there. */
export function fieldText(f: FieldMeta, v: Value | undefined): string {
  if (v === null || v === undefined || v === '') return ''
  if (f.name === 'village') return villageName(String(v))
  switch (f.kind) {
    case 'money':
    case 'decimal': return money(v)
    case 'bool': return v === true || v === 1 || v === '1' ? t('yes') : t('no')
    case 'code': return codeLabel(f.list ?? '', v)
    case 'instant': return instant(String(v))
    default: return String(v)
  }
}

/**
 * A date in any habit people type: 2018-1-14, 2018.1.14, 2018/1/14, 20180114, 2018年1月14日,
 * 1-14 (of this year); ISO, or null when it is none.
 */
export function readDate(text: string, today: string): string | null {
  const s = text.trim().replace(/[年月./\\—–－]/g, '-').replace(/[日号\s]/g, '')
    .replace(/[０-９]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  let m = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(s) ?? /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(s)
  if (!m) {
    const short = /^(\d{1,2})-(\d{1,2})$/.exec(s)
    if (short) m = ['', today.slice(0, 4), short[1]!, short[2]!] as unknown as RegExpExecArray
  }
  if (!m) return null
  const [y, mo, d] = [Number(m[1]), Number(m[2]), Number(m[3])]
  const at = new Date(Date.UTC(y, mo - 1, d))
  if (at.getUTCMonth() !== mo - 1 || at.getUTCDate() !== d || y < 1850 || y > 2150) return null
  return at.toISOString().slice(0, 10)
}

// SPDX-License-Identifier: AGPL-3.0-or-later
// What a column of a DataTable is, and how rows go to the clipboard so that Excel takes them.

import { t } from '../i18n'

export interface Column<T> {
  key: string
  title: string
  text: (row: T) => string
  end?: boolean // numbers: at the right, figures in line
  unit?: string
  width?: number // px at most; longer text is cut until the row is current
  off?: boolean // not shown until chosen
  phone?: boolean // also on a phone's card
  acts?: boolean // holds what one can do, shown by its slot
}

const ESCAPE: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const html = (s: string) => s.replace(/[&<>]/g, c => ESCAPE[c]!)
const flat = (s: string) => s.replace(/[\t\r\n]+/g, ' ')

/** Texts for a paste: tabs for anybody, a table for Excel in which long numbers stay text. */
export function clip<T>(columns: Column<T>[], rows: T[]): { text: string; html: string } {
  const head = columns.map(c => c.title + (c.unit ? t('paren', { x: c.unit }) : ''))
  const text = [head, ...rows.map(r => columns.map(c => flat(c.text(r))))].map(l => l.join('\t')).join('\r\n')
  const cell = (c: Column<T>, r: T) => c.end
    ? `<td>${html(c.text(r))}</td>` : `<td style='mso-number-format:"\\@"'>${html(c.text(r))}</td>`
  return {
    text,
    html: `<table><tr>${head.map(h => `<th>${html(h)}</th>`).join('')}</tr>${
      rows.map(r => `<tr>${columns.map(c => cell(c, r)).join('')}</tr>`).join('')}</table>`
  }
}

/** Copies without asking for a permission that old browsers lack. */
export function copyOut(data: { text: string; html: string }): boolean {
  const put = (e: ClipboardEvent) => {
    e.preventDefault()
    e.stopImmediatePropagation()
    e.clipboardData?.setData('text/plain', data.text)
    e.clipboardData?.setData('text/html', data.html)
  }
  document.addEventListener('copy', put, { capture: true, once: true })
  const ok = document.execCommand('copy')
  document.removeEventListener('copy', put, { capture: true })
  return ok
}

/** A table as a file that Excel opens with Chinese intact. */
export function csvOf<T>(columns: Column<T>[], rows: T[]): Blob {
  const q = (s: string) => /[",\r\n]/.test(s) ? `"${s.replace(/"/g, '""')}"` : s
  const lines = [columns.map(c => q(c.title)), ...rows.map(r => columns.map(c => q(c.text(r))))]
  return new Blob(['\ufeff', lines.map(l => l.join(',')).join('\r\n'), '\r\n'], { type: 'text/csv' })
}

// SPDX-License-Identifier: AGPL-3.0-or-later
// States and kinds in words and shapes, in one place.

import { say, t, tMaybe } from '../i18n'
import type { Decision, FindingRow } from '../api/types'
import type { Shape } from '../ui/StatusMark.vue'
import { meta, ruleOf, villageName } from './session'

/** Words of the program's own lists: the server's when it tells them, else ours. */
function word(list: string, id: string, key: string): string {
  const item = meta.value?.codes[list]?.find(c => c.id === id)
  return item ? say(item) : tMaybe(key + id, id)
}

const FINDING_SHAPE: Record<string, Shape> = {
  new: 'new', open: 'new', reopened: 'new', returned: 'new', assigned: 'going', checked: 'half', answered: 'half', closed: 'done', fixed: 'done'
}
export const FINDING_STATES = ['open', 'new', 'assigned', 'checked', 'answered', 'returned', 'reopened', 'fixed', 'closed']
export function findingState(state: string): { shape: Shape; text: string } {
  return { shape: FINDING_SHAPE[state] ?? 'new', text: word('finding_state', state, 'finding.state.') }
}
/** What a finding is called: by its rule, or in the words it was entered with. */
export function findingTitle(f: Pick<FindingRow, 'rule' | 'title' | 'source_kind'>): string {
  return say(ruleOf(f.rule ?? '')?.title) || f.title || sourceKind(f.source_kind)
}
export function findingDone(state: string): boolean { return state === 'closed' || state === 'fixed' }

const TASK_SHAPE: Record<string, Shape> = {
  issued: 'new', returned: 'new', acknowledged: 'going', under_way: 'going', proven: 'half', checked: 'half', closed: 'done', cancelled: 'stopped'
}
export const TASK_STATES = ['open', 'issued', 'acknowledged', 'under_way', 'returned', 'proven', 'checked', 'closed', 'cancelled']
export function taskState(state: string): { shape: Shape; text: string } {
  return { shape: TASK_SHAPE[state] ?? 'new', text: word('task_state', state, 'task.state.') }
}
export function taskMark(x: { state: string; late: string }): { shape: Shape; text: string } {
  const s = taskState(x.state)
  return x.late === 'overdue' ? { shape: 'late', text: s.text } : s
}
export function presence(id: string | null): string { return id ? word('presence', id, 'presence.') : '' }
export const PRESENCES = ['present', 'substitute', 'leave', 'absent']
export function decisionState(x: Pick<Decision, 'state'>): { shape: Shape; text: string } {
  const SHAPE: Record<string, Shape> = { open: 'new', under_way: 'going', overdue: 'late', done: 'done' }
  return { shape: SHAPE[x.state] ?? 'new', text: word('decision_state', x.state, 'decision.state.') }
}

export const SEVERITIES = ['B', 'E', 'W', 'I']
export function severity(id: string): string {
  return tMaybe('severity.' + (({ block: 'B', error: 'E', warn: 'W', info: 'I' } as Record<string, string>)[id] ?? id), id)
}
export const FIXERS = ['V', 'T', 'C', 'D', 'A', 'K']
export function fixer(id: string | null | undefined): string {
  return id ? tMaybe('fixer.' + id, id) : ''
}
export const SOURCES = ['rule', 'inspection', 'assessor', 'complaint', 'self_check']
export function sourceKind(id: string | null | undefined): string {
  return id ? tMaybe('source.' + id, id) : ''
}
export function certainty(id: string): string {
  return tMaybe('certainty.' + id, id)
}
export function isOverdue(due: string | null | undefined, done: boolean): boolean {
  return !!due && !done && !!meta.value && due < meta.value.today
}
export function eventWord(what: string): string {
  return tMaybe('event.' + what, what)
}
/** Who it was: by name where the account is known, else as it stands (names came on paper, too). */
export function personName(login: string | null | undefined, name?: string | null): string {
  return login === 'daohu' ? t('person.itself') : name || login || ''
}
/** The same with the login behind it, where one person is looked at. */
export function personFull(login: string | null | undefined, name?: string | null): string {
  return name && login && name !== login ? name + t('paren', { x: login }) : personName(login, name)
}
/** A command of the journal in words; what has none yet stands as the program writes it. */
export function commandWord(name: string): string {
  const known = tMaybe('journal.did.' + name.replace(/ --?/g, '_').replace(/[ -]/g, '_'), '')
  if (known) return known
  // the records of a household's file, and the steps of a task
  const [what = '', how = ''] = name.split(' ')
  const record = say(meta.value?.records[what]?.label)
  const step = tMaybe('task.move.' + how, '')
  if (record && (how === 'add' || how === 'change')) return t(how === 'add' ? 'journal.added' : 'journal.changed', { what: record })
  return what === 'task' && step ? t('journal.step', { step }) : name
}
/** Why an entry was made: what somebody wrote, or the word by which the program marks one of its own. */
export function reasonWord(command: string | null | undefined, reason: string | null | undefined): string {
  if (!reason) return ''
  const practice = /^practice day ([\d-]+)$/.exec(reason)
  if (practice) return t('journal.why.practice', { day: practice[1] ?? '' })
  return command === 'import' ? tMaybe('journal.why.' + reason.replace(/[^a-z]/g, '_'), reason) : reason
}
/** The areas a ledger covers: villages by name, the whole town, or what it says itself. */
export function coversText(l: { covers?: string | null; partial?: boolean | null }): string {
  if (!l.covers) return l.partial ? t('ledger.partial') : ''
  const names = l.covers.split(',').map(c => c.trim()).map(c => c === '*' || c === meta.value?.root.code ? t('situation.wholeTown') : villageName(c))
  return names.join(t('listComma')) + (l.partial ? t('ledger.partialMark') : '')
}
export function mappingConfidence(c: number): { shape: Shape; text: string } {
  const share = c > 1 ? c / 100 : c
  return share >= 0.9 ? { shape: 'done', text: t('map.sure') } : share >= 0.6 ? { shape: 'half', text: t('map.likely') } : { shape: 'ask', text: t('map.unsure') }
}

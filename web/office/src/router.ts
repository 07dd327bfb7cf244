// SPDX-License-Identifier: AGPL-3.0-or-later
// One row a page: address, who may open it, where it stands in the menu.

import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import type { Key } from './i18n'
import { can, session } from './lib/session'

export interface PageInfo { path: string; title: Key; permission: string | string[] | null; group: 'daily' | 'data' | 'work' | 'know' | 'house' }

/** The menu, in the order of a working day. */
export const pages: PageInfo[] = [
  { path: '/today', title: 'menu.today', permission: null, group: 'daily' },
  { path: '/tasks', title: 'menu.tasks', permission: 'see_tasks', group: 'daily' },
  { path: '/findings', title: 'menu.findings', permission: 'see_findings', group: 'data' },
  { path: '/households', title: 'menu.households', permission: 'see_households', group: 'data' },
  { path: '/corrections', title: 'menu.corrections', permission: 'edit_households', group: 'data' },
  { path: '/ledgers', title: 'menu.ledgers', permission: ['see_ledgers', 'hand_in_ledgers'], group: 'data' },
  { path: '/links', title: 'menu.links', permission: 'review_links', group: 'data' },
  { path: '/duties', title: 'menu.duties', permission: 'see_duties', group: 'work' },
  { path: '/meetings', title: 'menu.meetings', permission: 'see_meetings', group: 'work' },
  { path: '/forms', title: 'menu.forms', permission: 'fill_forms', group: 'work' },
  { path: '/situation', title: 'menu.situation', permission: 'see_situation', group: 'know' },
  { path: '/policy', title: 'menu.policy', permission: 'see_policies', group: 'know' },
  { path: '/users', title: 'menu.users', permission: 'see_users', group: 'house' },
  { path: '/journal', title: 'menu.journal', permission: 'see_journal', group: 'house' },
  { path: '/system', title: 'menu.system', permission: 'see_system', group: 'house' }
]

const page = (path: string, permission: string | string[] | null, component: RouteRecordRaw['component']): RouteRecordRaw =>
  ({ path, component, meta: { permission } }) as RouteRecordRaw

export const router = createRouter({
  history: createWebHashHistory('/office/'),
  scrollBehavior: (to, from, saved) => to.path === from.path ? undefined : saved ?? { top: 0 },
  routes: [
    { path: '/', redirect: '/today' },
    { path: '/login', component: () => import('./pages/LoginPage.vue'), meta: { open: true } },
    page('/password', null, () => import('./pages/PasswordPage.vue')),
    page('/today', null, () => import('./pages/TodayPage.vue')),
    page('/day-sheet', 'see_situation', () => import('./pages/DaySheetPage.vue')),
    page('/ledgers', ['see_ledgers', 'hand_in_ledgers'], () => import('./pages/LedgersPage.vue')),
    page('/ledgers/:no(\\d+)', 'see_ledgers', () => import('./pages/LedgerPage.vue')),
    page('/findings', 'see_findings', () => import('./pages/FindingsPage.vue')),
    page('/findings/:no(\\d+)', 'see_findings', () => import('./pages/FindingPage.vue')),
    page('/links', 'review_links', () => import('./pages/LinksPage.vue')),
    page('/households', 'see_households', () => import('./pages/HouseholdsPage.vue')),
    page('/households/:no(\\d+)', 'see_households', () => import('./pages/HouseholdPage.vue')),
    page('/corrections', 'edit_households', () => import('./pages/CorrectionsPage.vue')),
    page('/duties', 'see_duties', () => import('./pages/DutiesPage.vue')),
    page('/meetings', 'see_meetings', () => import('./pages/MeetingsPage.vue')),
    page('/meetings/:no(\\d+)', 'see_meetings', () => import('./pages/MeetingPage.vue')),
    page('/tasks', 'see_tasks', () => import('./pages/TasksPage.vue')),
    page('/tasks/:no(\\d+)', 'see_tasks', () => import('./pages/TaskPage.vue')),
    page('/forms', 'fill_forms', () => import('./pages/FormsPage.vue')),
    page('/forms/:no(\\d+)', 'fill_forms', () => import('./pages/FormPage.vue')),
    page('/situation', 'see_situation', () => import('./pages/SituationPage.vue')),
    page('/policy', 'see_policies', () => import('./pages/PolicyPage.vue')),
    page('/users', 'see_users', () => import('./pages/UsersPage.vue')),
    page('/journal', 'see_journal', () => import('./pages/JournalPage.vue')),
    page('/system', 'see_system', () => import('./pages/SystemPage.vue')),
    { path: '/:rest(.*)*', component: () => import('./pages/NotFoundPage.vue'), meta: { permission: null } }
  ]
})

router.beforeEach(to => {
  if (to.meta.open) return session.value ? '/today' : true
  if (!session.value) return { path: '/login', query: to.fullPath === '/today' ? {} : { to: to.fullPath } }
  if (session.value.user.must_change && to.path !== '/password') return '/password'
  return true
})

export function allowed(permission: unknown): boolean {
  if (Array.isArray(permission)) return permission.some(p => can(String(p)))
  return typeof permission !== 'string' || can(permission)
}

// SPDX-License-Identifier: AGPL-3.0-or-later
// Chromium as the tests use it, and the pages there are.
import { chromium } from 'playwright-core'

export const PASSWORD = process.env.DAOHU_PASSWORD ?? 'daohu-2018'
export const PAGES = [
  ['today', '/today'], ['day-sheet', '/day-sheet'], ['tasks', '/tasks'], ['task', '/tasks/4'], ['findings', '/findings'], ['findings-counts', '/findings?tab=counts'], ['findings-books', '/findings?tab=books'],
  ['finding', '/findings/1'], ['households', '/households'], ['household', '/households/3'], ['ledgers', '/ledgers'], ['ledgers-in', '/ledgers?tab=in'], ['ledgers-had', '/ledgers?tab=had'], ['ledger', '/ledgers/1'],
  ['links', '/links'], ['corrections', '/corrections'], ['duties', '/duties'], ['duties-villages', '/duties?tab=villages'], ['meetings', '/meetings'], ['meeting', '/meetings/1'], ['forms', '/forms'], ['form', '/forms/1'], ['retype', '/forms?tab=retype'],
  ['situation', '/situation'], ['situation-figure', '/situation?figure=exited&side=numerator'], ['policy', '/policy'], ['policy-pack', '/policy?tab=pack'], ['users', '/users'], ['journal', '/journal'], ['system', '/system'], ['password', '/password'], ['not-found', '/nowhere']
]
export const SIZES = { desk: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } }

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
}

/** A window of its own: signed in when `login` is given. */
export async function open(browser, base, { size = SIZES.desk, lang = 'zh', login = 'admin', state = undefined } = {}) {
  const context = await browser.newContext({ viewport: size, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', hasTouch: size.width < 500, acceptDownloads: true, storageState: state })
  await context.addInitScript(l => window.localStorage.setItem('daohu.lang', l), lang)
  const page = await context.newPage()
  page.faults = []
  page.on('console', m => { if (m.type() === 'error' || m.type() === 'warning') page.faults.push(m.text()) })
  page.on('pageerror', e => page.faults.push(String(e)))
  page.on('request', r => { if (!r.url().startsWith(base) && !/^(data|blob):/.test(r.url())) page.faults.push('request leaves the house: ' + r.url()) })
  await page.goto(base + '/office/')
  if (login) await signIn(page, login)
  return page
}

export async function signIn(page, login, password = PASSWORD) {
  await page.fill('#login', login)
  await page.fill('#password', password)
  await page.press('#password', 'Enter')
  await page.waitForSelector('nav#menu', { state: 'attached' })
}

/** Opens a page of the office and waits until it has settled. */
export async function visit(page, path) {
  await page.evaluate(p => { window.location.hash = '#' + p }, path)
  await page.waitForSelector('main h1')
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(path.includes('figure=') ? 700 : 120)
}

// SPDX-License-Identifier: AGPL-3.0-or-later
// Every page, in both languages and both sizes: opens, says nothing on the console, is no wider than
// the window, has no untranslated key, and axe finds nothing serious.  Then as every role, and empty.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { open, PAGES, SIZES, visit } from './browser.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const ROLES = ['office', 'unit', 'village', 'team', 'cadre', 'leader', 'assessor', 'auditor']
const MENU = { unit: ['今日', '任务', '部门台账', '情况分析', '政策'], assessor: ['今日', '农户档案', '政策'], auditor: ['今日', '政策', '用户', '日志', '系统'], cadre: ['今日', '任务', '问题整改', '农户档案', '政策'] }

async function serious(page) {
  const found = await page.evaluate(async () => (await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })).violations
    .filter(v => ['serious', 'critical'].includes(v.impact)).map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 140)).join(' | ')}`))
  return found
}
async function look(page, name) {
  const at = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    text: document.body.innerText,
    keys: [...document.body.innerText.matchAll(/\b[a-z][a-zA-Z]+(?:\.[a-z][a-zA-Z_]+)+\b/g)].map(m => m[0])
  }))
  if (page.faults.length) throw new Error('console: ' + page.faults.splice(0).join('\n'))
  if (at.wide > 0) {
    const who = await page.evaluate(() => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest('.scroll,.box,.tabs')).slice(0, 3).map(e => e.outerHTML.slice(0, 120)))
    throw new Error(`${name} is ${at.wide} px too wide: ${who.join(' | ')}`)
  }
  const keys = at.keys.filter(k => !/\.(xlsx|xls|csv|pdf|docx)$/.test(k))
  if (keys.length) throw new Error('untranslated: ' + keys.join(' '))
}

export async function pageTests(test, browser, base, startMock) {
  for (const lang of ['zh', 'en']) {
    for (const size of Object.keys(SIZES)) {
      const page = await open(browser, base, { lang, size: SIZES[size] })
      await page.evaluate(axe)
      for (const [name, path] of PAGES) {
        await test(`${name} ${lang} ${size}`, async () => {
          await visit(page, path)
          await look(page, name)
          if (size === 'desk' || lang === 'zh') {
            const bad = await serious(page)
            if (bad.length) throw new Error('axe: ' + bad.join('\n'))
          }
          if (size === 'phone') {
            const thin = await page.evaluate(() => [...document.querySelectorAll('main .plain:not(.cards) td, main .plain:not(.cards) th')].filter(e => e.offsetParent && e.textContent.trim().length > 3 && e.getBoundingClientRect().width < 60).map(e => e.textContent.trim().slice(0, 20)))
            if (thin.length) throw new Error('columns of one character: ' + thin.slice(0, 5).join(', '))
            const small = await page.evaluate(() => [...document.querySelectorAll('main .el-button, main a.button, nav#menu a, header button')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => `${e.textContent.trim()} ${Math.round(e.getBoundingClientRect().height)}`))
            if (small.length) throw new Error('too small to touch: ' + small.join(', '))
          }
        })
      }
      await page.context().close()
    }
  }
  await test('a practice folder says its day on every page', async () => {
    for (const size of Object.values(SIZES)) {
      const page = await open(browser, base, { size })
      for (const path of ['/today', '/findings', '/households/3']) {
        await visit(page, path)
        const said = await page.evaluate(() => { const e = document.querySelector('header .practice'); return e?.offsetParent ? e.textContent : '' })
        if (!process.env.DAOHU_URL && said !== '演练日 2018-01-15') throw new Error(`${path}: ${said}`)
      }
      await page.context().close()
    }
  })
  await test('log-in page: axe, width', async () => {
    for (const size of Object.values(SIZES)) {
      const page = await open(browser, base, { login: null, size })
      await page.evaluate(axe)
      await look(page, 'log-in')
      const bad = await serious(page)
      if (bad.length) throw new Error(bad.join('\n'))
      await page.context().close()
    }
  })
  if (process.env.DAOHU_URL) return
  for (const role of ROLES) {
    await test(`${role}: each page of the menu opens, others are refused`, async () => {
      const page = await open(browser, base, { login: role })
      const menu = await page.$$eval('nav#menu a:not(.phone-only)', list => list.map(a => a.textContent.trim()))
      if (MENU[role] && menu.join() !== MENU[role].join()) throw new Error('menu: ' + menu.join())
      for (const a of await page.$$eval('nav#menu a:not(.phone-only)', list => list.map(x => x.getAttribute('href').slice(1)))) {
        await visit(page, a)
        await look(page, a)
      }
      if (role !== 'office') {
        await page.evaluate(() => { window.location.hash = '#/links' })
        await page.waitForSelector('text=您没有查看这里的权限')
      }
      await page.context().close()
    })
  }
  const empty = await startMock(0, 0)
  for (const lang of ['zh', 'en']) {
    const page = await open(browser, empty.url, { lang })
    for (const [name, path] of PAGES.filter(([n]) => !['task', 'finding', 'household', 'ledger', 'meeting'].includes(n))) {
      await test(`${name} ${lang} without rows`, async () => { await visit(page, path); await look(page, name) })
    }
    await page.context().close()
  }
  empty.close()
}

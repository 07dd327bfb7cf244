// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures of every page for looking at: node tests/shots.mjs [FOLDER] [PAGE…]; LANGS=zh,en SIZES=desk,phone ROWS=0
import { mkdirSync } from 'node:fs'
import { startMock } from '../office/mock/start.mjs'
import { launch, open, PAGES, SIZES, visit } from './browser.mjs'

const [folder = '/tmp/web/shots', ...only] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const mock = process.env.DAOHU_URL ? null : await startMock(0, Number(process.env.ROWS ?? 1800))
const base = process.env.DAOHU_URL ?? mock.url
const browser = await launch()
for (const lang of (process.env.LANGS ?? 'zh,en').split(',')) {
  for (const size of (process.env.SIZES ?? 'desk,phone').split(',')) {
    const out = await open(browser, base, { lang, size: SIZES[size], login: null })
    await out.waitForSelector('#login')
    if (!only.length || only.includes('login')) await out.screenshot({ path: `${folder}/login-${lang}-${size}.png` })
    await out.context().close()
    const page = await open(browser, base, { lang, size: SIZES[size], login: process.env.LOGIN ?? 'admin' })
    for (const [name, path] of PAGES) {
      if (only.length && !only.includes(name)) continue
      await visit(page, path)
      await page.screenshot({ path: `${folder}/${name}-${lang}-${size}.png`, fullPage: !!process.env.FULL })
      if (page.faults.length) console.log(name, lang, size, page.faults.splice(0))
    }
    await page.context().close()
  }
}
await browser.close()
mock?.close()

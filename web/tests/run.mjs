// SPDX-License-Identifier: AGPL-3.0-or-later
// node tests/run.mjs [static|pages|paths]…  Against the mock, or DAOHU_URL with DAOHU_PASSWORD.
import { startMock } from '../office/mock/start.mjs'
import { launch } from './browser.mjs'
import { pageTests } from './pages.mjs'
import { pathTests } from './paths.mjs'
import { staticTests } from './static.mjs'

const parts = process.argv.slice(2)
const wants = p => !parts.length || parts.includes(p)
let passed = 0
let failed = 0
const only = process.env.ONLY ? new RegExp(process.env.ONLY) : null
async function test(name, fn) {
  if (only && !only.test(name)) return
  try {
    await fn()
    passed++
  } catch (e) {
    failed++
    console.log(`FAILED: ${name}\n   ${String(e.message ?? e).split('\n').slice(0, 12).join('\n   ')}`)
  }
}
if (wants('static')) await staticTests(test)
if (wants('pages') || wants('paths')) {
  const browser = await launch()
  const mock = process.env.DAOHU_URL ? null : await startMock()
  const base = process.env.DAOHU_URL ?? mock.url
  if (wants('pages')) await pageTests(test, browser, base, startMock)
  if (wants('paths')) await pathTests(test, browser, base, startMock)
  await browser.close()
  mock?.close()
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)

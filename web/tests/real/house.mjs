// SPDX-License-Identifier: AGPL-3.0-or-later
// What the tests on the program itself share: a data folder with one administrator, the server,
// browsers signed in, small files, and which routes the browser has asked for.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch, open, PASSWORD, visit } from '../browser.mjs'

export { PASSWORD, visit }
export const daohu = resolve(process.argv[2] ?? 'build/daohu')
export const root = fileURLToPath(new URL('../../..', import.meta.url))
export const AREAS = join(root, 'tests/data/areas/yingshang.csv')
export const TOWN = '341226115'
export const folder = mkdtempSync(join(tmpdir(), 'daohu-office-'))
export const data = join(folder, 'data')
export const must = (ok, what) => { if (!ok) throw new Error(what) }

export function run(args, { input = '', mayFail = false } = {}) {
  try {
    return execFileSync(daohu, ['--lang', 'zh', ...args], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 27 })
  } catch (e) {
    if (mayFail && e.status === 1) return e.stdout
    throw new Error(`daohu ${args[0]} gave ${e.status}: ${e.stderr}`)
  }
}

export const house = { base: '', server: null, browser: null, passed: 0, failed: 0 }
const only = process.env.ONLY ? new RegExp(process.env.ONLY) : null
/** A test; with ONLY in the environment, only those whose name it fits. */
export async function test(name, fn) {
  if (only && !only.test(name)) return
  const began = Date.now()
  try {
    await fn()
    house.passed++
    if (process.env.TIMES) console.log(`   ${((Date.now() - began) / 1000).toFixed(1)} s  ${name}`)
  } catch (e) {
    house.failed++
    console.log(`FAILED: ${name}\n   ${String(e.message ?? e).split('\n').slice(0, 10).join('\n   ')}`)
  }
}

export async function begin() {
  // under tests/with-postgres, in a schema of the server's
  const db = process.env.DAOHU_TEST_DB ? ['--db', execFileSync(join(root, 'tests/postgres-schema'), [`office_${process.pid}`], { encoding: 'utf8' }).trim()] : []
  run(['init', '--data', data, ...db, '--pack', 'cn-2018', '--areas', AREAS, '--area', TOWN])
  run(['user', 'add', '--data', data, '--login', 'admin', '--role', 'admin', '--name', '管理员', '--password-stdin'], { input: PASSWORD + '\n' })
  house.server = spawn(daohu, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  house.base = await new Promise((done, failed) => {
    house.server.once('exit', code => failed(new Error('serve ended with ' + code)))
    house.server.stdout.once('data', d => done(/http:\/\/[\d.]+:\d+/.exec(String(d))[0]))
  })
  house.browser = await launch()
}
export async function end() {
  await house.browser?.close()
  house.server?.removeAllListeners('exit')
  house.server?.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}

// --- which routes were asked for

const asked = new Set()
const routes = () => JSON.parse(run(['describe', 'routes', '--json']))
/** Routes that no page asks for, and why. */
const ELSEWHERE = {
  healthz: 'for whoever watches the server', metrics: 'for whoever watches the server', openapi: 'for other programs',
  job_get: 'asked by the page only when the events of a job do not come', job_cancel: 'the jobs of one town are through before the button can be pressed'
}
export function routesLeft() {
  const all = routes().filter(r => !(r.id in ELSEWHERE)).map(r => ({ ...r, is: new RegExp('^' + r.path.replace(/[.]/g, '\\.').replace(/\{[^}]*\}/g, '[^/]+') + '$') }))
  const seen = new Set()
  for (const a of asked) {
    const [method, path] = a.split(' ')
    const fits = all.filter(x => x.method === method && x.is.test(path))
    const best = fits.find(x => x.path === path) ?? fits.sort((x, y) => (x.path.match(/\{/g) ?? []).length - (y.path.match(/\{/g) ?? []).length)[0]
    if (best) seen.add(best.id)
  }
  return { all: all.length, left: all.filter(r => !seen.has(r.id)).map(r => `${r.method} ${r.path}`) }
}

// --- browsers

function watch(page) {
  page.setDefaultTimeout(Number(process.env.PATIENCE ?? 30) * 1000)
  page.on('request', r => { const u = new URL(r.url()); if (u.pathname.startsWith('/api/')) asked.add(`${r.method()} ${decodeURI(u.pathname)}`) })
  page.on('response', r => { if (r.status() >= 400) page.faults.push(`${r.status()} ${r.request().method()} ${r.url()}`) })
  page.on('dialog', d => d.accept())
}
/** Who has signed in, and has not signed out: a password costs the server much on purpose. */
const signedIn = {}
export const signedOut = login => { delete signedIn[login] }
/** A page of somebody's own; what it says on the console or is refused fails the test. */
export async function as(login, fn, options = {}) {
  const page = await open(house.browser, house.base, { login: null, ...options, state: login ? signedIn[login] : undefined })
  watch(page)
  if (login && !signedIn[login]) {
    await page.fill('#login', login)
    await page.fill('#password', options.password ?? PASSWORD)
    await page.press('#password', 'Enter')
  }
  if (login) {
    await page.waitForSelector('nav#menu', { state: 'attached', timeout: 180_000 })
    await page.waitForSelector('main h1') // an address given earlier is overtaken by the first page
    signedIn[login] ??= await page.context().storageState()
  }
  try {
    await fn(page)
    must(!page.faults.length, page.faults.join('\n'))
  } catch (e) {
    if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `failed-${Date.now()}.png`) }).catch(() => undefined)
    if (page.faults.length) e.message += '\n' + page.faults.slice(0, 3).join('\n')
    throw e
  } finally { await page.context().close() }
}
export const get = (page, path) => page.evaluate(async p => (await fetch('/api/v1/' + p)).json(), path)
/** All rows of a list. */
export async function rowsOf(page, path) {
  const rows = []
  for (let after = ''; ;) {
    const p = await get(page, `${path}${path.includes('?') ? '&' : '?'}limit=500${after}`)
    rows.push(...p.rows)
    if (!p.next) return rows
    after = '&after=' + encodeURIComponent(p.next)
  }
}
/** Opens a drop-down and takes an item. */
export async function pick(page, at, text) {
  await page.focus(at)
  await page.keyboard.press('Enter')
  const item = page.locator(`.el-select-dropdown__item:visible:has-text("${text}")`).first()
  await item.waitFor()
  await item.click()
}
export const dialog = '.el-dialog:visible '
/** Fills what the names of the fields say, in the open dialog; {name: text}. */
export async function fill(page, fields) {
  for (const [id, text] of Object.entries(fields)) {
    await page.fill(`${dialog}#f-${id}`, text)
    await page.press(`${dialog}#f-${id}`, 'Tab')
  }
}
export const said = (page, text) => page.waitForSelector(`text=${text}`)
/** Clicks what sends something, and waits until it is answered: the word on the page may be an earlier one's. */
export const sent = (page, selector, path) => Promise.all([page.waitForResponse(r => r.request().method() !== 'GET' && r.url().includes('/api/v1/' + path)), page.click(selector)])
/** What a click brings: the file's bytes as text, or its path. */
export async function fetched(page, selector) {
  const [got] = await Promise.all([page.waitForEvent('download'), page.click(selector)])
  const to = join(folder, got.suggestedFilename())
  await got.saveAs(to)
  return to
}
/** A link that opens in a window of its own (a page for paper): its address answers with that type. */
export async function paper(page, selector, type = 'application/pdf') {
  const href = await page.getAttribute(selector, 'href')
  const got = await page.evaluate(async p => { const r = await fetch(p); return { status: r.status, type: r.headers.get('Content-Type'), size: (await r.arrayBuffer()).byteLength } }, href)
  must(got.status === 200 && got.type.startsWith(type) && got.size > 500, `${href}: ${JSON.stringify(got)}`)
}
export const PDF = name => ({ name, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n% ${name}\n%%EOF\n`) })

// SPDX-License-Identifier: AGPL-3.0-or-later
// node tests/real.mjs DAOHU: what people do, against the program itself.  Makes a small town, an
// account a role, serves it on a free port, and goes through a working day, each as the one who
// would do it.  No word on the console, no answer of 400 or more.  Ends with "N passed, N failed".
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch, open, PASSWORD, visit } from './browser.mjs'

const daohu = resolve(process.argv[2] ?? 'build/daohu')
const root = fileURLToPath(new URL('../..', import.meta.url))
const AREAS = join(root, 'tests/data/areas/yingshang.csv')
const TOWN = '341226115'
const folder = mkdtempSync(join(tmpdir(), 'daohu-office-'))
const data = join(folder, 'data')
const must = (ok, what) => { if (!ok) throw new Error(what) }

function run(args, { input = '', mayFail = false } = {}) {
  try {
    return execFileSync(daohu, ['--lang', 'zh', ...args], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
  } catch (e) {
    if (mayFail && e.status === 1) return e.stdout
    throw new Error(`daohu ${args[0]} gave ${e.status}: ${e.stderr}`)
  }
}
function makeTown() {
  const town = join(folder, 'town')
  run(['synth', '--town', TOWN, '--areas', AREAS, '--seed', '3', '--scale', '0.03', '--out', town])
  run(['init', '--data', data, '--pack', 'cn-2018', '--areas', AREAS, '--area', TOWN])
  const ledgers = readdirSync(town).filter(f => !/^(answers|oddities|README)/.test(f)).sort()
  run(['import', '--data', data, '--authorisation', '试验', ...ledgers.map(f => join(town, f))], { mayFail: true })
  run(['check', '--data', data, '--record'], { mayFail: true })
}
const account = (login, role, ...more) => run(['user', 'add', '--data', data, '--login', login, '--role', role, '--name', '试用' + login, '--password-stdin', ...more], { input: PASSWORD + '\n' })

function serve() {
  const server = spawn(daohu, ['serve', '--data', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  return new Promise((done, failed) => {
    server.once('exit', code => failed(new Error('serve ended with ' + code)))
    server.stdout.once('data', d => done({ server, base: /http:\/\/[\d.]+:\d+/.exec(String(d))[0] }))
  })
}

let passed = 0
let failed = 0
let server = null
let browser = null
async function test(name, fn) {
  try { await fn(); passed++ } catch (e) {
    failed++
    console.log(`FAILED: ${name}\n   ${String(e.message ?? e).split('\n').slice(0, 8).join('\n   ')}`)
  }
}
/** A page of somebody's own; what it says on the console or is refused fails the test. */
async function as(base, login, fn) {
  const page = await open(browser, base, { login })
  page.setDefaultTimeout(8_000)
  page.on('response', r => { if (r.status() >= 400) page.faults.push(`${r.status()} ${r.request().method()} ${r.url()}`) })
  try {
    await fn(page)
    must(!page.faults.length, page.faults.join('\n'))
  } finally { await page.context().close() }
}
const get = (page, path) => page.evaluate(async p => (await fetch('/api/v1/' + p)).json(), path)

async function everyPage(base) {
  const menus = ['admin', 'office', 'unit', 'village', 'leader', 'auditor']
  for (const login of menus) {
    await test(`${login}: every page of the menu`, () => as(base, login, async page => {
      for (const path of await page.$$eval('nav#menu a:not(.phone-only)', list => list.map(a => a.getAttribute('href').slice(1)))) await visit(page, path)
    }))
  }
}

async function findingsPath(base, village) {
  let no = 0
  await test('the office hands out a finding', () => as(base, 'office', async page => {
    await visit(page, `/findings?state=new&village=${village}`)
    no = (await get(page, `findings?state=new&village=${village}&limit=1`)).rows[0].no
    await page.click('.dt tr[data-i="0"] input')
    await page.click('.bulk .el-button')
    await page.focus('#f-account')
    await page.keyboard.press('Enter')
    await page.click('.el-select-dropdown__item:visible:has-text("试用village")')
    await page.click('.el-dialog:visible .linklike >> nth=1')
    await page.click('.el-dialog:visible .el-button--primary')
    await page.waitForSelector('text=已交办 1 条')
  }))
  await test('the village looks and answers', () => as(base, 'village', async page => {
    await visit(page, '/today')
    await page.click('main .works a >> nth=0')
    await page.waitForSelector('.choice')
    must(page.url().endsWith(`/findings/${no}`), page.url())
    await page.click('text=记为已入户核实')
    await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已入户核实'))
    await page.click('.choice:has-text("台账有误")')
    await page.fill('#f-remark', '户口簿已核对，部门台账写错')
    await page.setInputFiles('input[type=file]', [{ name: '户口簿.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') }])
    await page.click('button:has-text("上传")')
    await page.waitForSelector('text=佐证材料已保存')
    await page.click('text=提交答复')
    await page.waitForSelector('text=答复已提交')
  }))
  await test('another one reviews and closes it', () => as(base, 'office', async page => {
    await visit(page, `/findings/${no}`)
    await page.click('text=同意，销号')
    await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已销号'))
  }))
  await test('a finding of the inspection, by hand', () => as(base, 'office', async page => {
    await visit(page, '/findings')
    await page.click('text=登记问题')
    const head = (await get(page, 'households?limit=1')).rows[0]
    await page.fill('#f-household', head.hh_no)
    await page.click('.found button >> nth=0')
    await page.fill('#f-text', '入户时发现饮水设施损坏')
    await page.click('.el-dialog:visible .el-button--primary')
    await page.waitForSelector('h1:has-text("督查"), h1:has-text("饮水")')
  }))
}

async function householdPath(base) {
  await test('a household is changed, and says since when', () => as(base, 'office', async page => {
    const no = (await get(page, 'households?limit=1')).rows[0].no
    await visit(page, `/households/${no}`)
    await page.click('text=修改基本信息')
    await page.fill('#f-group_name', '新桥组')
    await page.click('.el-dialog:visible >> text=保存')
    await page.waitForSelector('.note.bad')
    await page.fill('#f-reason', '入户核对户口簿')
    await page.click('.el-dialog:visible >> text=保存')
    await page.waitForSelector('.soft:has-text("新桥组")')
    await page.click('text=记一次走访')
    await page.fill('#f-date', '2018-01-10')
    await page.fill('#f-content', '核对医保')
    await page.fill('#f-reason', '走访记录')
    await page.click('.el-dialog:visible >> text=保存')
    await page.waitForSelector('#s-visits >> text=核对医保')
    await page.click('#s-members tbody th button >> nth=0')
    await page.waitForSelector('.el-dialog:visible tbody tr')
    const sheet = await page.evaluate(async p => (await fetch(p)).headers.get('Content-Type'), `/api/v1/households/${no}/visit-sheet.pdf`)
    must(sheet === 'application/pdf', sheet)
  }))
  await test('what is to be typed into the national system, ticked', () => as(base, 'office', async page => {
    await visit(page, '/forms?tab=retype')
    await page.click('.dt tr[data-i="0"] input')
    await page.click('.bulk .el-button')
    await page.waitForSelector('text=已记 1 条')
  }))
}

async function meetingPath(base) {
  await test('a meeting, a decision, tasks', () => as(base, 'office', async page => {
    await visit(page, '/meetings')
    await page.click('text=记录会议')
    await page.fill('#f-title', '周调度会')
    await page.fill('#f-date', '20180116')
    await page.click('.el-dialog:visible >> text=保存')
    await page.waitForSelector('h1:has-text("周调度会")')
    await page.click('button:has-text("登记参会情况")')
    await page.fill('main .grid input[aria-label="单位"]', '镇民政所')
    await page.click('main section .el-button--primary:has-text("保存")')
    await page.waitForSelector('text=到会 1，应到 1')
    await page.click('text=加一条议定事项')
    await page.fill('#f-text', '逐户核对医保')
    await page.click('.el-dialog:visible >> text=保存')
    await page.click('text=分解成任务')
    await page.fill('.el-dialog:visible input[aria-label="责任单位"]', '镇民政所')
    await page.fill('.el-dialog:visible input[aria-label="完成时限"]', '2099-01-20')
    await page.press('.el-dialog:visible input[aria-label="完成时限"]', 'Tab')
    await page.click('.el-dialog:visible .el-button--primary')
    await page.waitForSelector('text=已下达 1 项任务')
  }))
  await test('the unit acknowledges its task and reports', () => as(base, 'unit', async page => {
    await visit(page, '/tasks?mine=1')
    await page.click('.dt tr[data-i="0"] .open')
    await page.click('.moves >> text=签收')
    await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已签收'))
    await page.click('.moves >> text=报进度')
    await page.fill('#f-percent', '60')
    await page.click('.el-dialog:visible .el-button--primary')
    await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('60%'))
  }))
}

async function ledgerPath(base, ledger) {
  await test('the office asks for a ledger', () => as(base, 'office', async page => {
    await visit(page, '/ledgers')
    await page.click('text=要一份台账')
    await page.focus('#f-layout')
    await page.keyboard.type('车辆')
    await page.click('.el-select-dropdown__item:visible >> nth=0')
    await page.click('.el-dialog:visible .linklike >> nth=0')
    await page.click('.el-dialog:visible .el-button--primary')
    await page.waitForSelector('text=要求已发出')
  }))
  await test('a unit tries a ledger, then hands it in', () => as(base, 'unit', async page => {
    await visit(page, '/ledgers?tab=in')
    await page.setInputFiles('input[type=file]', ledger)
    await page.fill('#f-auth', '试验')
    await page.click('text=先试读')
    await page.waitForSelector('text=这是试读结果')
    await page.click('.recognised summary')
    must(await page.isVisible('.understood tbody tr'), 'columns not shown')
    await page.click('text=确认，入库')
    await page.waitForFunction(() => !document.body.textContent.includes('这是试读结果') && document.querySelector('.file'))
    must((await page.locator('.file').first().innerText()).includes('行'), 'no counts')
  }))
}

/** Accounts that may keep the password they were given, made as an administrator makes them. */
async function accounts(base, list) {
  await as(base, 'admin', page => page.evaluate(async ([people, password]) => {
    const { csrf } = await (await fetch('/api/v1/session')).json()
    const send = (method, path, body) => fetch('/api/v1/' + path, { method, headers: { 'X-CSRF-Token': csrf, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    for (const fields of people) {
      await send('POST', 'users', { fields, password })
      await send('PUT', 'users/' + fields.login, { fields: { must_change: false } })
    }
  }, [list.map(x => ({ areas: TOWN, ...x, name: '试用' + x.login })), PASSWORD]))
}

try {
  makeTown()
  account('admin', 'admin')
  const at = await serve()
  server = at.server
  browser = await launch()
  let village = ''
  await as(at.base, 'admin', async page => { village = (await get(page, 'findings?state=new&limit=100')).rows.find(f => f.village && f.household).village })
  await accounts(at.base, [
    { login: 'office', role: 'office', unit: '镇扶贫办' }, { login: 'unit', role: 'unit', unit: '镇民政所' }, { login: 'village', role: 'village', areas: village },
    { login: 'leader', role: 'leader' }, { login: 'auditor', role: 'auditor' }
  ])
  await findingsPath(at.base, village)
  await householdPath(at.base)
  await meetingPath(at.base)
  const again = join(folder, '车辆登记（补）.csv')
  writeFileSync(again, '号牌号码,车辆类型,品牌,机动车所有人,身份证明号码,初次登记日期\n皖K00001,小型轿车,奇瑞,王新民,,2016-03-01\n皖K00002,小型轿车,江淮,李长生,,2015-07-01\n')
  await ledgerPath(at.base, again)
  await everyPage(at.base)
} catch (e) {
  failed++
  console.log(e)
} finally {
  await browser?.close()
  server?.removeAllListeners('exit')
  server?.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)

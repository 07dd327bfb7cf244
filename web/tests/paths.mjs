// SPDX-License-Identifier: AGPL-3.0-or-later
// What people do: sign in and out, the review queue by keyboard, a table by keyboard and clipboard,
// assigning, answering, reviewing, a meeting's decision, a ledger's trial, a draft that survives.
import { open, SIZES, signIn, visit } from './browser.mjs'

const must = (ok, what) => { if (!ok) throw new Error(what) }
const text = (page, sel) => page.locator(sel).first().innerText()

export async function pathTests(test, browser, base, startMock) {
  const run = async (name, opts, fn) => test(name, async () => {
    const mock = process.env.DAOHU_URL ? null : await startMock(0, 300)
    const page = await open(browser, mock?.url ?? base, opts)
    try { await fn(page) } finally { await page.context().close(); mock?.close() }
  })

  await run('sign in: wrong password is said, then right; sign out; back needs sign-in', { login: null }, async page => {
    await page.fill('#login', 'office')
    await page.fill('#password', 'wrong')
    await page.press('#password', 'Enter')
    await page.waitForSelector('[role=alert]')
    must((await text(page, '[role=alert]')).length > 4, 'no reason given')
    await signIn(page, 'office')
    await page.waitForSelector('main h1')
    await page.click('text=退出')
    await page.waitForSelector('#login')
    await page.evaluate(() => { window.location.hash = '#/findings?state=new' })
    await page.waitForURL(/login\?to=/)
    await signIn(page, 'office')
    await page.waitForSelector('.chip')
    must(page.url().includes('/findings?state=new'), 'not where one wanted to go')
  })
  await run('language: changes at once and is kept', {}, async page => {
    await page.click('text=English')
    await page.waitForSelector('text=Sign out')
    must(await page.evaluate(() => document.documentElement.lang) === 'en', 'lang attribute')
    must(await page.evaluate(() => window.localStorage.getItem('daohu.lang')) === 'en', 'not kept')
  })
  await run('a session that ended asks to sign in and comes back', {}, async page => {
    await visit(page, '/households')
    await page.context().clearCookies()
    await page.evaluate(() => { window.location.hash = '#/tasks' })
    await page.waitForSelector('text=登录已失效')
    await signIn(page, 'admin')
    await page.waitForSelector('text=谁该办什么')
  })
  await run('review queue: keyboard only', {}, async page => {
    await visit(page, '/links')
    const seen = () => text(page, '.sides tbody tr:first-child td')
    const first = await seen()
    await page.keyboard.press('1')
    await page.waitForFunction(f => document.querySelector('.sides tbody tr:first-child td')?.textContent.trim() !== f, first)
    must((await text(page, '.progress')).includes('已认 1'), 'not counted')
    await page.keyboard.press('u')
    await page.waitForFunction(f => document.querySelector('.sides tbody tr:first-child td')?.textContent.trim() === f, first)
    const posts = []
    page.on('request', r => { if (r.method() === 'POST' && r.url().includes('/links/')) posts.push(r.postDataJSON()) })
    for (const k of ['n', 's', 'Enter', 'ArrowRight', '1']) { await page.keyboard.press(k); await page.waitForTimeout(60) }
    must((await text(page, '.progress')).includes('已认 3'), await text(page, '.progress'))
    await page.keyboard.press('o')
    await page.waitForSelector('#link-q')
    await page.waitForFunction(() => document.activeElement?.id === 'link-q')
    await page.keyboard.type('欧阳')
    await page.waitForSelector('.found button')
    await page.keyboard.press('Enter')
    await page.click('.members button >> nth=0')
    await page.waitForFunction(() => document.querySelector('.progress')?.textContent.includes('已认 4'))
    await visit(page, '/today')
    await page.waitForTimeout(200)
    must(posts.length === 4 && posts[0].verdict === 'none' && posts[1].verdict === 'same' && posts[3].verdict === 'other' && posts[3].person, JSON.stringify(posts))
  })
  await run('a table: keyboard, columns kept, copying pastes into Excel', {}, async page => {
    await visit(page, '/findings')
    await page.focus('.dt tbody tr[data-i="0"]')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    must((await text(page, '.bulk')).includes('1'), 'Space selects')
    await page.evaluate(() => {
      const put = DataTransfer.prototype.setData
      window.copied = {}
      DataTransfer.prototype.setData = function (type, v) { window.copied[type] = v; return put.call(this, type, v) }
    })
    await page.keyboard.press('Control+c')
    const copied = await page.evaluate(() => window.copied)
    must(copied['text/plain']?.split('\r\n').length === 2 && copied['text/plain'].includes('\t') && copied['text/html']?.includes('mso-number-format'), JSON.stringify(copied).slice(0, 200))
    await page.click('text=显示列')
    await page.click('.el-dialog label:has-text("把握")')
    await page.click('.el-dialog >> text=保存')
    await page.waitForFunction(() => ![...document.querySelectorAll('.dt th')].some(t => t.textContent.includes('把握')))
    await page.reload()
    await page.waitForSelector('.dt tbody tr[data-i]')
    must(!(await page.$$eval('.dt th', l => l.map(x => x.textContent))).join().includes('把握'), 'choice of columns kept')
    await page.focus('.dt tbody tr[data-i="0"]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=各方怎么说')
  })
  await run('filters: named, removable, in the address', {}, async page => {
    await visit(page, '/findings?state=new&overdue=1')
    must((await page.$$('.chip')).length === 2, 'chips')
    await page.click('.chip >> nth=0')
    await page.waitForFunction(() => document.querySelectorAll('.chip').length === 1)
    must(!page.url().includes('state='), page.url())
  })
  await run('findings: assign in bulk', {}, async page => {
    await visit(page, '/findings?state=new')
    for (const i of [0, 1, 2]) await page.click(`.dt tr[data-i="${i}"] input`)
    await page.click('.bulk .el-button')
    await page.focus('#f-account')
    await page.keyboard.press('Enter')
    await page.click('.el-select-dropdown__item:visible >> nth=1')
    await page.fill('#f-due', '2018.1.20')
    await page.press('#f-due', 'Tab')
    await page.click('.el-dialog:visible .el-button--primary')
    await page.waitForSelector('text=已交办 3 条')
  })
  await run('a finding: draft survives, answer, review by somebody else', {}, async page => {
    await visit(page, '/findings?state=assigned')
    await page.click('.dt tr[data-i="0"] .open')
    await page.waitForSelector('.choice')
    await page.click('.choice >> nth=0')
    await page.fill('#f-remark', '户口簿已核对')
    await page.waitForTimeout(100)
    page.once('dialog', d => d.accept())
    await page.reload()
    await page.waitForSelector('.choice')
    must(await page.inputValue('#f-remark') === '户口簿已核对', 'draft lost')
    page.once('dialog', d => d.dismiss())
    await page.click('nav#menu >> text=今日')
    must(page.url().includes('/findings/'), 'left without asking')
    await page.click('text=提交答复')
    await page.waitForSelector('text=答复已提交')
    await page.waitForSelector('text=同意，销号')
    await page.click('text=同意，销号')
    await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已销号'))
  })
  await run('a conflict shows both versions', {}, async page => {
    await visit(page, '/meetings/1')
    await page.click('.heading >> text=修改')
    await page.fill('#f-place', '镇文化站')
    await page.evaluate(async () => {
      const s = await (await fetch('/api/v1/session')).json()
      await fetch('/api/v1/meetings/1', { method: 'PUT', headers: { 'X-CSRF-Token': s.csrf, 'Content-Type': 'application/json', 'If-Match': '"v2"' }, body: JSON.stringify({ fields: { place: '村部' } }) })
    })
    await page.click('.el-dialog >> text=保存')
    await page.waitForSelector('text=别人刚刚改过')
    must((await text(page, '.el-dialog .sides')).includes('村部'), 'theirs not shown')
    await page.click('text=保留我的')
    await page.click('.el-dialog >> text=保存')
    await page.waitForSelector('.facts >> text=镇文化站')
  })
  await run('a form: what is missing is named and reached', {}, async page => {
    await visit(page, '/meetings')
    await page.click('text=记录会议')
    await page.waitForSelector('#f-title')
    await page.click('.el-dialog >> text=保存')
    await page.waitForSelector('.note.bad')
    must((await page.$$('.field.wrong')).length === 2, 'wrong fields marked')
    await page.click('.note.bad button >> nth=0')
    must(await page.evaluate(() => document.activeElement?.id) === 'f-title', 'summary leads to the field')
    await page.fill('#f-title', '周调度会')
    await page.fill('#f-date', '20180116')
    await page.click('.el-dialog >> text=保存')
    await page.waitForSelector('h1:has-text("周调度会")')
    await page.click('text=加一条议定事项')
    await page.fill('#f-text', '逐户核对医保')
    await page.click('.el-dialog:visible >> text=保存')
    await page.click('text=分解成任务')
    await page.click('text=每村一项')
    must((await page.$$('.el-dialog:visible tbody tr')).length === 18, 'one a village')
  })
  await run('a ledger: trial, mapping, rejected cells', {}, async page => {
    await visit(page, '/ledgers?tab=in')
    await page.setInputFiles('input[type=file]', [{ name: '车辆登记.xlsx', mimeType: 'application/octet-stream', buffer: Buffer.from('x') }])
    await page.setInputFiles('input[type=file]', [{ name: 'virus.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('x') }])
    await page.waitForSelector('text=不是可以接收的文件类型')
    await page.click('text=先试读')
    await page.waitForSelector('text=这是试读结果')
    must((await text(page, '.file')).includes('Sheet1!C118'), 'rejected cells by address')
  })
  await run('a locked workbook: its password is asked for, used, and kept nowhere', {}, async page => {
    const urls = []
    page.on('request', r => urls.push(decodeURIComponent(r.url())))
    await visit(page, '/ledgers?tab=in')
    await page.evaluate(() => {
      window.sent = []
      const send = window.XMLHttpRequest.prototype.send
      window.XMLHttpRequest.prototype.send = function (body) {
        if (body instanceof window.FormData) window.sent.push({ password: body.get('password'), dry: body.get('dry_run'), files: body.getAll('file').map(f => f.name) })
        return send.call(this, body)
      }
    })
    await page.setInputFiles('input[type=file]', ['加密车辆.xls', '危房.xlsx'].map(name => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from('x') })))
    await page.click('text=先试读')
    await page.waitForSelector('text=这个文件有密码保护')
    const box = page.locator('.file input[type=password]')
    must(await box.count() === 1, 'one file of the two asks')
    await box.fill('wrong')
    await page.click('text=用密码试读')
    await page.waitForSelector('text=密码不对')
    must(await box.inputValue() === '', 'what was wrong still stands there')
    await box.fill('密码123')
    await box.press('Enter')
    await page.waitForFunction(() => document.querySelectorAll('.file').length === 2 && !document.querySelector('.file input[type=password]'))
    await page.click('text=确认，入库')
    await page.waitForFunction(() => document.querySelectorAll('.file').length === 2 && !document.querySelector('.note.row'))
    const opened = (await page.evaluate(() => window.sent)).filter(x => x.password === '密码123')
    must(JSON.stringify(opened) === JSON.stringify(['1', '0'].map(dry => ({ password: '密码123', dry, files: ['加密车辆.xls'] }))), `tried and loaded with it, that file alone: ${JSON.stringify(opened)}`)
    must(!urls.some(x => x.includes('密码')), 'in an address')
    const kept = await page.evaluate(() => JSON.stringify([{ ...window.localStorage }, { ...window.sessionStorage }]))
    must(!kept.includes('密码123'), 'kept in the browser')
  })
  await run('retyping: what is listed while nothing is chosen is said', {}, async page => {
    await visit(page, '/forms?tab=retype')
    await page.waitForSelector('.dt tbody tr[data-i]')
    must((await text(page, '.one.pick >> nth=1')).includes('待补录'), 'the open ones are called all')
  })
  await run('a form on a phone: what a column is taken for is in sight', { size: SIZES.phone }, async page => {
    await visit(page, '/forms/1')
    await page.waitForSelector('.map .field')
    must(await page.evaluate(() => [...document.querySelectorAll('.map .field')].every(f => f.getBoundingClientRect().right <= window.innerWidth)), 'beyond the edge')
  })
  await run('full numbers: only with a reason', {}, async page => {
    await visit(page, '/households/3')
    await page.click('text=查看完整号码')
    must(await page.isDisabled('.el-dialog .el-button--primary'), 'no reason needed?')
    await page.fill('#f-reveal', '核对医保')
    await page.click('.el-dialog .el-button--primary')
    await page.waitForSelector('text=341299195703120130')
  })
  await run('offline: said, nothing lost, retried', {}, async page => {
    await visit(page, '/tasks')
    await page.context().setOffline(true)
    await page.click('nav#menu >> text=农户档案')
    await page.waitForSelector('.banner >> text=连不上服务器')
    must(await page.isVisible('main >> text=谁该办什么'), 'the page one was on is gone')
    await page.context().setOffline(false)
    // the browser may be back a moment later than it says: one clicks again
    const until = async (click, there) => {
      for (let tries = 0, done = false; !done; tries++) {
        await page.click(click)
        done = await page.waitForFunction(there, null, { timeout: 5000 }).then(() => true, e => {
          if (tries === 3) throw e
          return false
        })
      }
    }
    await until('nav#menu >> text=农户档案', () => [...document.querySelectorAll('h1')].some(h => h.textContent.includes('要找哪一户')))
    await page.waitForSelector('.dt tbody tr[data-i]')
    await page.context().setOffline(true)
    await page.fill('.one.text input', '欧阳')
    await page.waitForSelector('main >> text=连不上服务器')
    await page.context().setOffline(false)
    await until('main >> text=再试一次', () => document.querySelectorAll('.dt tbody tr[data-i]').length === 1)
    page.faults.length = 0
  })
  await run('a page file that the browser will not ask for again: the window is loaded anew', {}, async page => {
    await visit(page, '/tasks')
    let loads = 0
    page.on('request', r => { if (r.isNavigationRequest()) loads++ })
    await page.route('**/HouseholdsPage*.js', r => loads ? r.continue() : r.abort())
    await page.click('nav#menu >> text=农户档案')
    await page.waitForSelector('h1:has-text("要找哪一户")')
    must(loads === 1, `loaded anew ${loads} times`)
    await page.goBack()
    await page.waitForSelector('main >> text=谁该办什么')
    page.faults.length = 0
  })
  await run('a page file that never comes: said once, not loaded for ever', {}, async page => {
    await visit(page, '/tasks')
    let loads = 0
    page.on('request', r => { if (r.isNavigationRequest()) loads++ })
    await page.route('**/HouseholdsPage*.js', r => r.abort())
    await page.click('nav#menu >> text=农户档案')
    await page.waitForSelector('.banner >> text=系统已升级')
    await page.waitForTimeout(500)
    must(loads === 1, `loaded anew ${loads} times`)
    page.faults.length = 0
  })
  await run('phone: menu opens, closes on choice', { size: SIZES.phone }, async page => {
    must(!await page.isVisible('nav#menu'), 'menu open')
    await page.click('text=菜单')
    await page.click('nav#menu >> text=农户档案')
    await page.waitForSelector('h1:has-text("要找哪一户")')
    must(!await page.isVisible('nav#menu'), 'menu still open')
  })
  await test('a browser without modules sees why', async () => {
    const page = await open(browser, base, { login: null })
    const again = await page.context().newPage()
    await again.addInitScript(() => { CSS.supports = () => false })
    await again.goto(base + '/office/')
    must(await again.isVisible('text=您的浏览器版本太旧'), 'not said')
    await page.context().close()
  })
}

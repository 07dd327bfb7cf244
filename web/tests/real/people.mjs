// SPDX-License-Identifier: AGPL-3.0-or-later
// The administrator makes an account a role; each signs in with the password shown once and takes one
// of his own; one is changed, given a new password, disabled.
import { as, dialog, get, house, must, PASSWORD, pick, signedOut, test, visit } from './house.mjs'

const ROLE = { office: '扶贫办', unit: '部门', village: '村专干', leader: '领导', auditor: '审计', cadre: '帮扶责任人', assessor: '评估员', team: '驻村工作队' }
const once = {}

async function add(page, p) {
  await visit(page, '/users')
  await page.click('main button:has-text("新增用户")')
  await page.fill('#f-login', p.login)
  await page.fill('#f-name', p.name)
  await pick(page, '#f-role', ROLE[p.role])
  if (p.unit) await page.fill('#f-unit', p.unit)
  if (p.helper) await page.fill('#f-helper', p.helper)
  if (p.village) await page.click(`${dialog}.areas label:has-text("${p.village}")`)
  await page.click(`${dialog}button:has-text("保存")`)
  await page.waitForFunction(() => document.querySelector('.secret')?.textContent.trim(), null, { timeout: 180_000 })
  once[p.login] = (await page.locator('.secret').innerText()).trim()
  await page.click(`${dialog}button:has-text("已记下")`)
}
async function firstSignIn(login) {
  await as(null, async page => {
    await page.fill('#login', login)
    await page.fill('#password', once[login])
    await page.press('#password', 'Enter')
    await page.waitForSelector('h1:has-text("修改密码")', { timeout: 180_000 })
    await page.fill('#f-old', once[login])
    await page.fill('#f-new', PASSWORD)
    await page.fill('#f-again', PASSWORD)
    await page.click('main form button[type=submit]')
    await page.waitForSelector('h1:has-text("今天有哪些事要办")', { timeout: 180_000 })
  })
}
/** Accounts made in the browser; each has changed the password that was shown once. */
export async function people(name, list) {
  await test(name, () => as('admin', async page => { for (const p of list) await add(page, p) }))
  await test(`${name}: they take passwords of their own`, async () => { for (const p of list) await firstSignIn(p.login) })
}

export async function accountsChange() {
  await test('an account is changed, given a new password, and disabled', () => as('admin', async page => {
    await add(page, { login: 'temp', role: 'team', name: '临时' })
    await page.click('.dt tr:has-text("temp") .open')
    await page.fill('#f-name', '周海燕')
    await page.click(`${dialog}button:has-text("重设密码")`)
    await page.waitForSelector('.secret')
    await page.click(`${dialog}button:has-text("已记下")`)
    await page.click('.dt tr:has-text("temp") .open')
    await page.fill('#f-name', '周海燕')
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector('.dt tr:has-text("周海燕")')
    await page.click('.dt tr:has-text("temp") .open')
    await page.click(`${dialog}label:has-text("停用")`)
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector('.dt tr:has-text("temp"):has-text("已停用")')
  }))
  await test('the journal says who did it, and holds', () => as('auditor', async page => {
    await visit(page, '/journal')
    await page.waitForSelector('.dt tr:has-text("修改用户")')
    await page.click('button:has-text("核验日志")')
    await page.waitForSelector('.note:has-text("核验通过")', { timeout: 180_000 })
    const english = await page.$$eval('.dt tbody td', l => l.map(x => x.textContent.trim()).filter(x => /^[a-z]+ [a-z ]+$/.test(x)))
    must(!english.length, `not in words: ${[...new Set(english)].join(', ')}`)
    await visit(page, '/system')
    await page.waitForSelector('.dt tr:has-text("已完成")')
    await visit(page, '/users')
    must((await get(page, 'users')).rows.length >= 8, 'accounts')
  }))
  await test('signing out', () => as('leader', async page => {
    await page.click('text=退出')
    await page.waitForSelector('#login')
    signedOut('leader')
    must(house.base, 'served')
  }))
}

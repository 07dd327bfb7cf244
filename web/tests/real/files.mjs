// SPDX-License-Identifier: AGPL-3.0-or-later
// Balihe's files through the browser; a file whose columns nobody knows, put right and kept; a
// ledger asked for, reminded of, moved, cancelled; one that comes.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { as, dialog, fetched, fill, folder, get, must, paper, pick, root, rowsOf, said, test, visit } from './house.mjs'

export async function filesIn() {
  const town = join(root, 'tests/data/town-balihe')
  const files = readdirSync(town).filter(f => f !== 'answers.csv').sort().map(f => join(town, f))
  await test("the office tries Balihe's files, then hands them in", () => as('office', async page => {
    await visit(page, '/ledgers?tab=in')
    await page.setInputFiles('input[type=file]', files)
    await page.fill('#f-auth', '镇扶贫办与各单位数据核对协议')
    await page.click('button:has-text("先试读")')
    await page.waitForSelector('text=这是试读结果', { timeout: 120_000 })
    must(await page.locator('.file').count() === files.length, 'every file is told')
    must(!await page.locator('.file .late').count(), 'none is refused')
    await page.click('.file >> nth=0 >> details.mapping summary')
    await page.waitForSelector('.file >> nth=0 >> .map tbody tr')
    await page.click('button:has-text("确认，入库")')
    await page.waitForFunction(n => document.querySelectorAll('.file').length === n && !document.body.textContent.includes('这是试读结果'), files.length, { timeout: 180_000 })
    must((await get(page, 'ledgers')).rows.length >= files.length, 'ledgers')
    await fetched(page, '.job a:has-text("下载结果")')
    await visit(page, '/ledgers?tab=had')
    await page.click('.dt tr[data-i="0"] .open')
    await page.waitForSelector('.understood tbody tr')
    await visit(page, '/findings')
    await page.click('button:has-text("重新核查")')
    await page.waitForSelector('text=已按现有数据核查完毕', { timeout: 120_000 })
    const households = (await get(page, 'situation')).figures.find(f => f.id === 'households').value
    must(households === '1800', `${households} households`)
  }))
}

export async function columnsPutRight() {
  const file = join(folder, '交警队自己的格式.csv')
  writeFileSync(file, '购于何时,何种车,哪个的车,谁的号码\n2016-03-01,小型轿车,王新民,341299198003034512\n2015-07-01,小型轿车,李长生,\n')
  await test('a unit says what the columns of its file are, tries again, keeps the mapping', () => as('unit', async page => {
    await visit(page, '/ledgers?tab=in')
    await page.setInputFiles('input[type=file]', file)
    await page.fill('#f-auth', '核对协议')
    await page.click('button:has-text("先试读")')
    await page.waitForSelector('.preview tr.head:has-text("哪个的车")')
    must((await page.locator('.preview').innerText()).includes('341299********4512'), 'a number is masked')
    await pick(page, '#f-map-layout', '车辆登记')
    await page.waitForSelector('.map tbody tr:has-text("购于何时")')
    for (const [header, field] of [['购于何时', '初次登记日期'], ['何种车', '车辆类型'], ['哪个的车', '姓名'], ['谁的号码', '证件号码']]) await pick(page, `.map input[aria-label="“${header}”认作"]`, field)
    await page.click('button:has-text("按这样再试读")')
    await page.waitForSelector('.file h3:has-text("车辆登记")')
    await page.click('.mapping summary')
    must((await page.locator('.map').innerText()).includes('人工指定'), 'set by hand')
    await page.fill('.keep input', '交警队格式')
    await page.click('button:has-text("保存列对照")')
    await said(page, '列对照已保存')
  }))
  await test('the next such file is offered the mapping, and handed in', () => as('unit', async page => {
    writeFileSync(file, '购于何时,何种车,哪个的车,谁的号码\n2017-01-01,小型轿车,赵大勇,341299197503034519\n')
    await visit(page, '/ledgers?tab=in')
    await page.setInputFiles('input[type=file]', file)
    await page.fill('#f-auth', '核对协议')
    await page.click('button:has-text("先试读")')
    await page.click('.note:has-text("交警队格式") button')
    await page.waitForSelector('.file h3:has-text("车辆登记")')
    await page.click('button:has-text("确认，入库")')
    await page.waitForFunction(() => document.querySelector('.file') && !document.body.textContent.includes('这是试读结果'))
    must((await page.locator('.file').innerText()).includes('已读入'), 'taken')
    await page.click('.more-options summary:has-text("已保存的列对照")')
    await page.click('.kept li:has-text("交警队格式") button')
    await page.waitForSelector('.kept', { state: 'detached' })
  }))
}

export async function askedFor() {
  await test('ledgers are asked for, reminded of, moved, closed, cancelled', () => as('office', async page => {
    await visit(page, '/ledgers')
    for (const layout of ['车辆登记', '工商登记', '在校学生']) {
      await page.click('main button:has-text("要一份台账")')
      await pick(page, '#f-layout', layout)
      await page.fill('#f-unit', '镇民政办')
      await page.click(`${dialog}.linklike >> nth=0`)
      await page.click(`${dialog}button:has-text("发出要求")`)
      await said(page, '要求已发出')
    }
    const row = what => `.dt tbody tr:has-text("${what}")`
    await page.click(`${row('工商登记')} button:has-text("催报")`)
    await page.waitForSelector(`${row('工商登记')}:has-text("1 次")`)
    await paper(page, `${row('工商登记')} a:has-text("催报单")`)
    await page.click(`${row('工商登记')} button:has-text("办理")`)
    await fill(page, { newdue: '2099-03-01' })
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector(`${row('工商登记')}:has-text("2099-03-01")`)
    await page.click(`${row('工商登记')} button:has-text("办理")`)
    await page.click(`${dialog}label:has-text("取消要求")`)
    await page.fill('#f-remark', '改由县里统一提供')
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector(`${row('工商登记')}:has-text("已取消")`)
    await page.click(`${row('在校学生')} button:has-text("办理")`)
    await page.click(`${dialog}label:has-text("办结")`)
    await page.fill('#f-remark', '纸质已收')
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector(`${row('在校学生')}:has-text("已报送")`)
    await fetched(page, `${row('车辆登记')} a:has-text("下载空白模板")`)
  }))
}

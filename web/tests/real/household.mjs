// SPDX-License-Identifier: AGPL-3.0-or-later
// A household's file: written up, added to, read in full for a reason; a correction that a later
// roster speaks against; what is to be typed into the national system.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { as, data, dialog, fill, folder, get, must, paper, PDF, pick, root, run, said, test, visit } from './house.mjs'
import { chosen } from './findings.mjs'

const save = async page => {
  await page.fill(`${dialog}#f-reason`, '入户核对')
  await page.click(`${dialog}button:has-text("保存")`)
  await page.waitForSelector('.el-dialog', { state: 'hidden' })
}
let no = 0

export async function aHousehold() {
  await test('a household is changed, and says on what evidence', () => as('office', async page => {
    no = (await get(page, `households?village=${chosen.village}&limit=50`)).rows.find(h => h.members > 2 && h.helper).no
    await visit(page, `/households/${no}`)
    await page.click('text=修改基本信息')
    await fill(page, { group_name: '新桥组' })
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector('.note.bad')
    await save(page)
    await page.waitForSelector('.soft:has-text("新桥组")')
  }))
  await test('a member is added and changed, with his year', () => as('office', async page => {
    await visit(page, `/households/${no}`)
    await page.click('button:has-text("增加成员")')
    await fill(page, { name: '王小满', birth: '2017-05-21' })
    await pick(page, `${dialog}#f-sex`, '女')
    await pick(page, `${dialog}#f-relation`, '之女')
    await save(page)
    await page.click('#s-members tr:has-text("王小满") button:has-text("修改")')
    await fill(page, { name: '王晓满' })
    await save(page)
    await page.click('#s-members tr:has-text("王晓满") button:has-text("年度情况")')
    await pick(page, `${dialog}#f-labor`, '无劳动力')
    await save(page)
    await page.waitForSelector('#s-members tr:has-text("王晓满"):has-text("无劳动力")')
    await page.click('#s-members tr:has-text("王晓满") th button')
    await page.waitForSelector(`${dialog}tr:has-text("王小满")`)
  }))
  await test('years, incomes, measures, visits and duties are added and changed', () => as('office', async page => {
    await visit(page, `/households/${no}`)
    await page.click('#s-incomes .edit >> nth=0')
    await fill(page, { wage: '12600' })
    await save(page)
    await page.waitForSelector('#s-incomes :text("12,600.00")')
    await page.click('button:has-text("增加年度收入")')
    await fill(page, { year: '2015', wage: '8000', members: '4' })
    await save(page)
    await page.click('#s-years .edit >> nth=0')
    await pick(page, `${dialog}#f-house_grade`, 'B')
    await fill(page, { arable: '3.5' }) // mu, as people write them
    await save(page)
    await page.waitForSelector('#s-years tr:has-text("耕地面积（亩）"):has-text("3.5")')
    await page.click('#s-years .edit >> nth=0')
    must(await page.inputValue(`${dialog}#f-arable`) === '3.5', 'mu come back as they were typed')
    await page.keyboard.press('Escape')
    await page.waitForSelector('.el-dialog', { state: 'hidden' })
    await page.click('button:has-text("增加年度")  >> nth=-1')
    await fill(page, { year: '2014' })
    await pick(page, `${dialog}#f-cause_main`, '因学')
    await save(page)
    for (const [part, add, fields, change] of [
      ['measures', '记一项措施', { content: '芡实种植补助', date: '2018-01-05' }, { content: '芡实种植补助 3 亩' }],
      ['visits', '记一次走访', { date: '2018-01-10', content: '核对医保' }, { content: '核对医保和收入' }],
      ['duties', '安排责任人', { helper: '孙立新', unit: '镇中心学校', valid_from: '2018-01-01' }, { unit: '镇中心校' }]
    ]) {
      await page.click(`#s-${part} button:has-text("${add}")`)
      if (part === 'measures') await pick(page, `${dialog}#f-category`, '')
      await fill(page, fields)
      await save(page)
      const told = Object.values(fields).find(x => !x.startsWith('20'))
      await page.click(`#s-${part} tbody tr:has-text("${told}") button:has-text("修改")`)
      await fill(page, change)
      await save(page)
      await page.waitForSelector(`#s-${part} :text("${Object.values(change)[0]}")`)
    }
  }))
  await test('a paper of the file is scanned in, and taken off', () => as('office', async page => {
    await visit(page, `/households/${no}`)
    await page.setInputFiles('#s-papers input[type=file]', PDF('授权书.pdf'))
    await pick(page, '#f-paper', '授权')
    await page.click('#s-papers button:has-text("上传")')
    await said(page, '佐证材料已保存')
    await page.click('#s-papers .files button:has-text("撤下")')
    await page.waitForFunction(() => !document.body.textContent.includes('授权书.pdf'))
  }))
  await test('full numbers, for a reason that is on record', async () => {
    await as('office', async page => {
      await visit(page, `/households/${no}`)
      must((await page.locator('#s-members').innerText()).includes('****'), 'masked at first')
      await page.click('main button:has-text("查看完整号码")')
      await page.fill('#f-reveal', '核对医保参保证件号')
      await page.click('button:has-text("记录并显示")')
      await page.waitForFunction(() => /341299\d{11}[\dX]/.test(document.querySelector('#s-members').textContent))
      await paper(page, 'a:has-text("入户核查表")')
      await page.click('button:has-text("完整号码") >> nth=-1')
      await page.fill('#f-print-why', '入户核对号码')
      await paper(page, `${dialog}a.button`)
    })
    await as('auditor', async page => {
      await visit(page, '/journal')
      await page.waitForSelector('.dt tr:has-text("核对医保参保证件号")')
    })
  })
  await test('a village on paper', () => as('office', async page => {
    await visit(page, `/households?village=${chosen.village}`)
    for (const what of ['入户核查表', '体检表']) await paper(page, `a.button:has-text("${what}")`)
    await paper(page, 'a.button[href*="exam.xlsx"]', 'application/vnd')
  }))
}

export async function aCorrection() {
  const file = join(folder, '二月花名册.csv')
  await test('a later roster says a third thing: a person decides', () => as('office', async page => {
    const f = await get(page, `households/${no}`)
    const who = f.members.find(m => m.person.name && m.membership.relation === 'head').person
    await visit(page, `/households/${no}`)
    await page.click(`#s-members tr:has-text("${who.name}") button:has-text("修改")`)
    await fill(page, { name: '正名甲' })
    await save(page)
    const rows = run(['table', join(root, 'tests/data/town-balihe/贫困户花名册.xlsx'), '--sheet', '1']).split('\n')
    must(rows.some(r => r.includes(f.household.hh_no)), 'the household stands in the roster')
    writeFileSync(file, rows.map(r => r.includes(f.household.hh_no) ? r.replaceAll(who.name, '误录甲') : r).join('\n'))
    await visit(page, '/ledgers?tab=in')
    await page.setInputFiles('input[type=file]', file)
    await page.fill('#f-auth', '核对协议')
    await page.click('.more-options summary >> nth=0')
    await pick(page, '#f-as', '贫困户花名册')
    await page.fill('#f-asof', '2018-02-28')
    await page.press('#f-asof', 'Tab')
    await page.click('button:has-text("直接入库")')
    await page.waitForSelector('.file:has-text("已读入")', { timeout: 120_000 })
    await visit(page, '/corrections')
    const one = '.one:has-text("正名甲"):has-text("误录甲")'
    await page.waitForSelector(one)
    must(await page.locator(one).count() === 1, 'the head\'s name and the household\'s are one matter')
    await page.click(`${one} button:has-text("保留更正")`)
    await page.fill('#f-why', '以户口簿为准')
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector(one, { state: 'detached' })
    await visit(page, `/households/${no}`)
    await page.waitForSelector('#s-corrections tr:has-text("正名甲")')
  }))
  await test('what is to be typed into the national system is ticked and compared', () => as('office', async page => {
    await visit(page, '/forms?tab=retype')
    await page.click('.dt tr[data-i="0"] input')
    await page.click('.bulk .el-button')
    await said(page, '已记 1 条')
    await page.click('button:has-text("与最新花名册核对")')
    await page.waitForSelector('.el-message:has-text("核对一致")')
    must(data.length > 0, 'data')
  }))
}

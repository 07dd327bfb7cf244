// SPDX-License-Identifier: AGPL-3.0-or-later
// The county's form: sent in, its columns put right, filled for every household of the town.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { as, dialog, fetched, folder, get, must, pick, run, said, test, visit } from './house.mjs'
import { workbook } from './sheet.mjs'

const HEADERS = ['序号', '行政村', '户编号', '户主姓名', '家庭人口', '脱贫情况', '致贫主因', '2017年人均纯收入', '谁帮扶']
export async function aForm() {
  const file = join(folder, '县里发的动态调整核查表.xlsx')
  writeFileSync(file, workbook([['颍上县建档立卡贫困户动态调整核查表'], HEADERS, ['', '', '', '', '', '', '', '', '']]))
  await test("the county's form is filled for 1,800 households", () => as('office', async page => {
    await visit(page, '/forms')
    await page.setInputFiles('input[type=file]', file)
    await page.click('button:has-text("看看怎么填")')
    await page.waitForSelector('.map tbody tr:has-text("谁帮扶")')
    await pick(page, '.map input[aria-label="“谁帮扶”认作"]', '帮扶责任人')
    await page.click('button:has-text("保存为新版")')
    await said(page, '已保存')
    const filled = await fetched(page, 'button:has-text("填好并下载")')
    await said(page, '已填 1,800 行')
    const rows = run(['table', filled, '--sheet', '1']).trim().split('\n').filter(r => /\d{16}/.test(r))
    must(rows.length === 1800, `${rows.length} rows are filled`)
    for (const [k, what] of [[1, 'villages'], [3, 'heads'], [8, 'cadres']]) {
      const n = rows.filter(r => r.split(',')[k]).length
      must(n > 1780, `${n} ${what}: ${rows[0]}`)
    }
  }))
  await test('one household only, with full numbers for a reason; the form is retired and taken up again', () => as('office', async page => {
    await visit(page, '/forms')
    await page.click('.dt tr[data-i="0"] .open')
    await page.waitForSelector('.map tbody tr')
    const h = (await get(page, 'households?limit=1')).rows[0]
    await page.fill('#f-only', h.hh_no)
    await page.click('.found button >> nth=0')
    await page.fill('#f-full', '县扶贫办要求')
    const filled = await fetched(page, 'button:has-text("填好并下载")')
    must(run(['table', filled, '--sheet', '1']).includes(h.hh_no), 'the household')
    await page.click('button:has-text("停用这张表")')
    await page.click('button:has-text("重新启用")')
    await page.waitForSelector('button:has-text("停用这张表")')
    must(dialog.length > 0, 'dialog')
  }))
}

// SPDX-License-Identifier: AGPL-3.0-or-later
// A meeting whose three decisions are carried to proven tasks; duties of households and villages;
// documents and who has read them; the situation and the day sheet.
import { as, dialog, fetched, fill, get, must, paper, PDF, pick, said, test, visit } from './house.mjs'
import { chosen } from './findings.mjs'

const DECISIONS = [
  { text: '逐户核对医保参保情况', holder: 'unit', unit: '镇民政办' },
  { text: '危房逐户鉴定并公示', holder: 'unit', unit: '镇民政办' },
  { text: '入户核查表三日内填完', holder: 'village' }
]
let meeting = 0

export async function aMeeting() {
  await test('a meeting is recorded: who came, three decisions, their tasks', () => as('office', async page => {
    await visit(page, '/meetings')
    await page.click('main button:has-text("记录会议")')
    await fill(page, { title: '脱贫攻坚周调度会', date: '20180115' })
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector('h1:has-text("脱贫攻坚周调度会")')
    meeting = Number(/meetings\/(\d+)/.exec(page.url())[1])
    await page.click('main header button:has-text("修改")')
    await fill(page, { agenda: '通报、部署', minutes: '会议要求逐户核对。' })
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector('text=会议要求逐户核对')
    await page.click('button:has-text("登记参会情况")')
    await page.fill('main .grid input[aria-label="单位"]', '镇民政办')
    await page.click('main section .el-button--primary:has-text("保存")')
    await page.waitForSelector('text=到会 1，应到 1')
    for (const d of DECISIONS) {
      await page.click('button:has-text("加一条议定事项")')
      await fill(page, { text: d.text, due: '2099-01-20' })
      await page.click(`${dialog}button:has-text("保存")`)
      await page.waitForSelector(`.decisions li:has-text("${d.text}")`)
      await page.click(`.decisions li:has-text("${d.text}") button:has-text("分解成任务")`)
      if (d.unit) await page.fill(`${dialog}input[aria-label="责任单位"]`, d.unit)
      else await pick(page, `${dialog}input[aria-label="责任村"]`, chosen.name)
      await page.fill(`${dialog}input[aria-label="完成时限"]`, '2099-01-20')
      await page.press(`${dialog}input[aria-label="完成时限"]`, 'Tab')
      await page.click(`${dialog}.el-button--primary`)
      await said(page, '已下达 1 项任务')
    }
    await page.setInputFiles('input[type=file]', PDF('签到表.pdf'))
    await page.click('button:has-text("上传")')
    await said(page, '佐证材料已保存')
    await paper(page, 'a:has-text("打印会议纪要")')
    await fetched(page, 'a:has-text("会议纪要（Word）")')
  }))
  for (const d of DECISIONS) {
    await test(`${d.holder} takes on “${d.text}”, reports, proves it`, () => as(d.holder, async page => {
      await visit(page, '/tasks?mine=1')
      await page.click(`.dt tr:has-text("${d.text}") .open`)
      await page.click('.moves >> text=签收')
      await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已签收'))
      await page.click('.moves >> text=报进度')
      await page.fill('#f-percent', '60')
      await page.click(`${dialog}.el-button--primary`)
      await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('60%'))
      await page.setInputFiles('input[type=file]', PDF('佐证.pdf'))
      await page.click('button:has-text("上传")')
      await said(page, '佐证材料已保存')
      await page.click('.moves >> text=举证')
      await page.fill('#f-text', '已全部办完，见佐证')
      await page.click(`${dialog}.el-button--primary`)
      await page.waitForFunction(() => document.querySelector('.moves') === null || !document.querySelector('.moves').textContent.includes('举证'))
    }))
  }
  await test('the office checks, returns one, closes the others; says what became of it', () => as('office', async page => {
    for (const [i, d] of DECISIONS.entries()) {
      await visit(page, `/meetings/${meeting}`)
      await page.click(`.decisions li:has-text("${d.text}") tbody a`)
      await page.waitForSelector('.moves')
      if (i === 2) {
        await page.click('.moves >> text=退回')
        await page.fill('#f-text', '缺两户签字')
        await page.click(`${dialog}.el-button--primary`)
        await said(page, '退回：已记录')
        continue
      }
      await page.click('.moves >> text=核验通过')
      await page.click(`${dialog}.el-button--primary`)
      await said(page, '核验通过：已记录')
      await page.click('.moves >> text=销号')
      await page.click(`${dialog}.el-button--primary`)
      await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已销号'))
    }
  }))
  await test('what was returned is proven again, and closed', async () => {
    await as('village', async page => {
      await visit(page, '/today')
      await page.click(`main a:has-text("${DECISIONS[2].text}") >> nth=0`)
      await page.click('.moves >> text=举证')
      await page.fill('#f-text', '两户已补签')
      await page.click(`${dialog}.el-button--primary`)
      await said(page, '举证：已记录')
    })
    await as('office', async page => {
      const x = (await get(page, `tasks?meeting=${meeting}`)).rows.find(r => r.title.includes(DECISIONS[2].text))
      await visit(page, `/tasks/${x.no}`)
      for (const step of ['核验通过', '销号']) {
        await page.click(`.moves >> text=${step}`)
        await page.click(`${dialog}.el-button--primary`)
        await said(page, `${step}：已记录`)
      }
      await visit(page, `/meetings/${meeting}`)
      await page.click('.decisions li >> nth=0 >> button:has-text("修改")')
      await fill(page, { result: '全部核对完毕' })
      await page.click(`${dialog}button:has-text("保存")`)
      await page.waitForSelector('text=全部核对完毕')
      must((await get(page, `meetings/${meeting}`)).decisions.every(d => d.tally.closed === 1), 'each decision is done')
    })
  })
  await test('a task of its own is given, moved, divided, cancelled', () => as('office', async page => {
    await visit(page, '/tasks')
    await page.click('main header .el-button--primary')
    await fill(page, { title: '整理档案', unit: '镇民政办', due: '2099-02-01' })
    await page.click(`${dialog}.el-button--primary`)
    await page.waitForSelector('h1:has-text("整理档案")')
    await page.click('button:has-text("调整任务")')
    await fill(page, { due: '2099-02-10', body: '按户归档' })
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('2099-02-10'))
    await page.click('.moves >> text=撤销')
    await page.fill('#f-text', '并入他项')
    await page.click(`${dialog}.el-button--primary`)
    await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已撤销'))
  }))
}

export async function duties() {
  await test('households are given to a cadre, and taken from him', () => as('office', async page => {
    await visit(page, '/duties?state=unassigned')
    await page.waitForSelector('.dt tbody tr[data-i="2"]')
    const rows = await page.locator('.dt tbody tr[data-i]').count()
    must(rows > 2, `${rows} households have nobody`)
    for (const i of [0, 1]) await page.click(`.dt tr[data-i="${i}"] input`)
    await page.click('.bulk button:has-text("安排责任人")')
    await page.fill('#f-helper', '马秀芳')
    await page.fill('#f-unit', '镇卫生院')
    await page.fill('#f-from', '2018-01-10')
    await page.press('#f-from', 'Tab')
    await page.click(`${dialog}.el-button--primary`)
    await said(page, '已安排 2 户')
    await visit(page, '/duties?helper=' + encodeURIComponent('马秀芳'))
    await page.waitForSelector('.dt tr:has-text("镇卫生院")')
    await page.click('.dt tr:has-text("镇卫生院") input >> nth=0')
    await page.click('.bulk button:has-text("结束帮扶")')
    must(await page.inputValue('#f-endhelper') === '马秀芳', 'whose duty')
    await page.click(`${dialog}.el-button--primary`)
    await said(page, '已结束 1 条')
    await paper(page, 'a:has-text("打印责任图")')
    await paper(page, 'a:has-text("打印责任书")')
  }))
  await test('who answers for a village', () => as('office', async page => {
    await visit(page, '/duties?tab=villages')
    await page.click('button:has-text("登记包村责任")')
    await pick(page, `${dialog}#f-village`, chosen.name)
    await pick(page, `${dialog}#f-role`, '第一书记')
    await fill(page, { name: '周海燕', unit: '县文广局' })
    await page.click(`${dialog}button:has-text("保存")`)
    await page.waitForSelector('.dt tr:has-text("周海燕")')
    await page.click('.dt tr:has-text("周海燕") button:has-text("结束")')
    await page.click(`${dialog}.el-button--primary`)
    await page.waitForSelector('.dt tr:has-text("周海燕")', { state: 'detached' })
  }))
}

export async function policy() {
  await test('a document is entered with its file, read, changed', async () => {
    await as('office', async page => {
      await visit(page, '/policy')
      await page.click('button:has-text("登记文件")')
      await fill(page, { title: '关于做好第三方评估迎检工作的通知', office: '县扶贫办', issued: '2018-01-08', body: '各乡镇人民政府：' })
      for (const role of ['村专干', '部门']) await page.click(`${dialog}#f-readers label:has-text("${role}")`)
      await page.click(`${dialog}button:has-text("保存")`)
      await page.click('.dt tr:has-text("第三方评估") .open')
      await page.setInputFiles(`${dialog}input[type=file]`, PDF('通知.pdf'))
      await page.click(`${dialog}button:has-text("上传")`)
      await said(page, '佐证材料已保存')
      await page.click(`${dialog}button:has-text("修改或撤下")`)
      await page.fill('.el-dialog:visible #f-doc_no', '颍扶〔2018〕2号')
      await page.click('.el-dialog:visible form button:has-text("保存")')
      await page.waitForSelector('.dt tr:has-text("颍扶〔2018〕2号")')
      await visit(page, '/policy?tab=pack')
      await page.waitForSelector('.rules li')
    })
    await as('village', async page => {
      await visit(page, '/policy')
      await page.click('.dt tr:has-text("第三方评估") .open')
      await page.click(`${dialog}button:has-text("我已阅读")`)
      await page.waitForSelector('.dt tr:has-text("已读")')
    })
  })
}

export async function situation() {
  await test('the leader: figures, their households, the day sheet', () => as('leader', async page => {
    await visit(page, '/situation')
    await page.click('main button:has-text("建档立卡户数"), main a:has-text("建档立卡户数")')
    await page.waitForSelector('canvas')
    await page.click('button:has-text("看计入的户")')
    await page.waitForSelector('.dt tbody tr[data-i]')
    await visit(page, '/day-sheet')
    await page.waitForSelector('main table tbody tr')
    await paper(page, 'a:has-text("打印调度单")')
  }))
}

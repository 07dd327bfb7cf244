// SPDX-License-Identifier: AGPL-3.0-or-later
// Ten findings of a village are handed out: five come back in its workbook, five are put right in the
// files; all are checked again and closed by somebody else.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { as, dialog, fetched, fill, folder, get, must, PDF, pick, root, rowsOf, said, sent, test, visit } from './house.mjs'

/** What puts a finding of a rule right: the part of the file, the field, what to do there. */
const FIXES = {
  cause_missing: { part: 'years', act: page => pick(page, `${dialog}#f-cause_main`, '因病') },
  exited_with_unsafe_house: { part: 'years', act: page => page.click(`${dialog}#f-unsafe_house label:has-text("否")`) },
  exited_water_unsafe: { part: 'years', act: page => page.click(`${dialog}#f-water_safe label:has-text("是")`) },
  edu_and_student_empty: { part: 'year', act: page => pick(page, `${dialog}#f-edu`, '初中') },
  healthy_without_labor: { part: 'year', act: page => pick(page, `${dialog}#f-labor`, '普通劳动力') },
  id_sex_mismatch: { part: 'person', act: (page, f) => pick(page, `${dialog}#f-sex`, f.detail.includes('档案性别男') ? '女' : '男') }
}
export const chosen = { village: '', name: '', edited: [], booked: [] }

/** The village with most that editing puts right; five of those, and five others. */
export async function choose(page) {
  const all = (await rowsOf(page, 'findings?state=new')).filter(f => f.village && f.household)
  const by = new Map()
  for (const f of all.filter(x => x.rule in FIXES)) by.set(f.village, [...(by.get(f.village) ?? []), f])
  const [village, list] = [...by].sort((a, b) => b[1].length - a[1].length)[0]
  const homes = new Set()
  chosen.village = village
  chosen.name = (await get(page, 'meta')).villages.find(v => v.code === village).name
  chosen.edited = list.filter(f => !homes.has(f.household) && homes.add(f.household)).slice(0, 5)
  chosen.booked = all.filter(f => f.village === village && !(f.rule in FIXES) && f.rule !== 'no_visit_90_days' && !homes.has(f.household) && homes.add(f.household)).slice(0, 5)
  must(chosen.edited.length === 5 && chosen.booked.length === 5, 'ten findings')
}

async function edit(page, f) {
  const fix = FIXES[f.rule]
  await visit(page, `/findings/${f.no}`)
  await page.click('a.button:has-text("看这一户")')
  await page.waitForSelector('#s-members tbody tr')
  if (fix.part === 'years') await page.click('#s-years .edit >> nth=0')
  else await page.click(`#s-members tbody tr:has-text("${f.person_name}") button:has-text("${fix.part === 'year' ? '年度情况' : '修改'}")`)
  await fix.act(page, f)
  await page.fill(`${dialog}#f-reason`, '入户核对户口簿和现场')
  await page.click(`${dialog}button:has-text("保存")`)
  await page.waitForSelector('.el-dialog', { state: 'hidden' })
}

export async function tenFindings() {
  await test('ten findings are handed out to the village', () => as('office', async page => {
    for (const f of [...chosen.edited, ...chosen.booked]) {
      await visit(page, `/findings?village=${chosen.village}&q=${encodeURIComponent(f.hh_no)}&state=new&rule=${f.rule}`)
      await page.click('.dt tr[data-i="0"] input')
      await page.click('.bulk .el-button')
      await pick(page, '#f-account', '张明')
      await page.click(`${dialog}.linklike >> nth=1`)
      await page.fill('#f-note', '三日内核实')
      await sent(page, `${dialog}.el-button--primary`, 'findings/')
      await said(page, '已交办 1 条')
    }
    const given = await rowsOf(page, 'findings?state=assigned')
    await visit(page, `/findings/${given[0].no}`)
    await page.waitForSelector('.facts:has-text("张明（")') // by name, and the account behind it
    must(await page.locator('header .practice').count() === 0, 'no folder for practice')
    must(given.length === 10 && given.every(f => f.assignee && f.due), `${given.length} handed out`)
  }))
  const file = join(folder, '交回.xlsx')
  await test('the village takes its workbook and fills in five', () => as('village', async page => {
    await visit(page, '/today')
    must((await page.locator('main .works').first().innerText()).includes('整改') || await page.locator('main .works a').count() >= 10, 'ten wait')
    await visit(page, '/findings?tab=books')
    const book = await fetched(page, `.villages a:has-text("${chosen.name}")`)
    execFileSync('python3', [join(root, 'tests/fill-workbook'), book, file, chosen.booked.map(f => 'F' + f.no).join(','), '原台账有误'])
  }))
  await test('the office reads the workbook back', () => as('office', async page => {
    await visit(page, '/findings?tab=books')
    await page.setInputFiles('input[type=file]', file)
    await page.click('button:has-text("读入答复")')
    await page.waitForSelector('.note:has-text("读入答复 5 条")')
    for (const f of chosen.booked) must((await get(page, `findings/${f.no}`)).finding.state === 'answered', `finding ${f.no} is not answered`)
  }))
  await test('five are put right in the files and checked again', () => as('office', async page => {
    for (const f of chosen.edited) await edit(page, f)
    await visit(page, '/findings')
    await page.click('button:has-text("重新核查")')
    await page.waitForSelector('text=已按现有数据核查完毕', { timeout: 60_000 })
    for (const f of chosen.edited) {
      const now = (await get(page, `findings/${f.no}`)).finding
      must(now.state === 'fixed', `${f.rule} ${f.no} is ${now.state}`)
    }
  }))
  await test('somebody else closes all ten', () => as('office2', async page => {
    for (const f of [...chosen.edited, ...chosen.booked]) {
      await visit(page, `/findings/${f.no}`)
      await page.click('button:has-text("同意，销号")')
      await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已销号'))
    }
    await visit(page, '/findings?tab=counts')
    await page.waitForSelector(`tr:has-text("${chosen.name}")`)
    const row = await page.locator(`.section:has(h2:has-text("按村")) tr:has-text("${chosen.name}") td`).allInnerTexts()
    must(Number(row.at(-1)) >= 10, `closed: ${row.join(' ')}`)
  }))
}

export async function oneFinding() {
  let no = 0
  await test('a finding of the inspection is entered by hand', () => as('office', async page => {
    await visit(page, '/findings')
    await page.click('button:has-text("登记问题")')
    const head = (await get(page, `households?village=${chosen.village}&limit=1`)).rows[0]
    await page.fill('#f-household', head.hh_no)
    await page.click('.found button >> nth=0')
    await page.fill('#f-text', '入户时发现饮水设施损坏')
    await page.click(`${dialog}.el-button--primary`)
    await page.waitForSelector('h1:has-text("饮水"), h1:has-text("督查")')
    no = Number(/findings\/(\d+)/.exec(page.url())[1])
  }))
  await test('the village looks, answers with evidence; it is sent back, answered again, closed', async () => {
    const answer = async (page, remark) => {
      await page.click('.choice:has-text("已改正")')
      await page.fill('#f-remark', remark)
      await page.click('button:has-text("提交答复")')
      await said(page, '答复已提交')
    }
    await as('village', async page => {
      await visit(page, `/findings/${no}`)
      await page.click('text=记为已入户核实')
      await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已入户核实'))
      await page.setInputFiles('input[type=file]', [PDF('现场照片.pdf'), PDF('多余.pdf')])
      await page.click('button:has-text("上传")')
      await said(page, '佐证材料已保存')
      await answer(page, '已修好水泵')
    })
    await as('office', async page => {
      await visit(page, `/findings/${no}`)
      await page.click('.files li:has-text("多余") button:has-text("撤下")')
      await page.waitForFunction(() => !document.body.textContent.includes('多余.pdf'))
      const shown = await page.evaluate(async p => (await fetch(p)).status, await page.getAttribute('.files a', 'href'))
      must(shown === 200, 'the evidence is there')
      await page.fill('#f-rremark', '请补水质检测')
      await page.click('button:has-text("退回重办")')
      await said(page, '已退回')
    })
    await as('village', async page => {
      await visit(page, '/today')
      await page.click(`main a[href$="/findings/${no}"] >> nth=0`)
      await page.waitForSelector('.choice')
      await answer(page, '检测合格，报告已交')
    })
    await as('office', async page => {
      await visit(page, `/findings/${no}`)
      await page.click('button:has-text("同意，销号")')
      await page.waitForFunction(() => document.querySelector('.facts')?.textContent.includes('已销号'))
    })
  })
  await test('findings go out as a workbook and as csv', () => as('office', async page => {
    await visit(page, `/findings?village=${chosen.village}`)
    await fetched(page, 'a:has-text("导出 Excel")')
    await fetched(page, 'a:has-text("导出 CSV")')
  }))
}

export async function uncertainLinks() {
  await test('uncertain links, by keyboard alone', () => as('office', async page => {
    await visit(page, '/links')
    const left = (await get(page, 'links?limit=200')).rows.length
    must(left >= 4, `${left} rows are uncertain`)
    const posts = []
    const keys = []
    page.on('request', r => { if (r.method() === 'POST' && r.url().includes('/links/')) { posts.push(r.postDataJSON()); keys.push(decodeURIComponent(new URL(r.url()).pathname.split('/').pop())) } })
    for (const k of ['1', 'n', 's', '1', 'u', '1']) { await page.keyboard.press(k); await page.waitForTimeout(150) }
    await page.keyboard.press('o')
    await page.waitForFunction(() => document.activeElement?.id === 'link-q')
    await page.keyboard.type((await get(page, 'households?limit=1')).rows[0].hh_no)
    await page.waitForSelector('.found button')
    await page.keyboard.press('Enter')
    await page.click('.members button >> nth=0')
    await page.waitForFunction(() => document.querySelector('.progress')?.textContent.includes('已认 4'))
    await visit(page, '/today')
    await page.waitForTimeout(400)
    must(posts.length === 4 && posts.filter(p => p.verdict === 'same').length === 2, JSON.stringify(posts))
    const open = new Set((await get(page, 'links?limit=200')).rows.map(r => r.key))
    must(keys.length === 4 && !keys.some(k => open.has(k)), 'four are decided')
  }))
}

// SPDX-License-Identifier: AGPL-3.0-or-later
// node tests/real.mjs DAOHU: what people do, against the program itself, through the browser only.
// A data folder with one administrator is served; everything else, from the accounts to the last
// closed finding, is done on the pages by the roles who would do it.  No word on the console, no
// answer of 400 or more, and in the end no route that no page has asked for.  The steps build on
// each other.  Ends with "N passed, N failed".
import { as, begin, end, house, must, routesLeft, test, visit } from './real/house.mjs'
import { askedFor, columnsPutRight, filesIn } from './real/files.mjs'
import { choose, chosen, oneFinding, tenFindings, uncertainLinks } from './real/findings.mjs'
import { aForm } from './real/forms.mjs'
import { aCorrection, aHousehold } from './real/household.mjs'
import { accountsChange, people } from './real/people.mjs'
import { aMeeting, duties, policy, situation } from './real/work.mjs'

async function everyPage() {
  for (const login of ['admin', 'office', 'unit', 'village', 'leader', 'auditor', 'cadre', 'assessor']) {
    await test(`${login}: every page of the menu`, () => as(login, async page => {
      for (const path of await page.$$eval('nav#menu a:not(.phone-only)', list => list.map(a => a.getAttribute('href').slice(1)))) await visit(page, path)
    }))
  }
}

try {
  await begin()
  await people('the administrator makes the office', [{ login: 'office', role: 'office', name: '李娜', unit: '镇扶贫办' }, { login: 'office2', role: 'office', name: '刘敏', unit: '镇扶贫办' }])
  await filesIn()
  await as('office', choose)
  await people('the administrator makes the other accounts', [
    { login: 'unit', role: 'unit', name: '陈桂兰', unit: '镇民政办' }, { login: 'village', role: 'village', name: '张明', village: chosen.name },
    { login: 'leader', role: 'leader', name: '刘文军', unit: '镇政府' }, { login: 'auditor', role: 'auditor', name: '审计甲' },
    { login: 'cadre', role: 'cadre', name: '孙立新', unit: '镇中心学校', helper: '孙立新' }, { login: 'assessor', role: 'assessor', name: '评估甲' }
  ])
  await tenFindings()
  await oneFinding()
  await uncertainLinks()
  await aMeeting()
  await aForm()
  await aHousehold()
  await aCorrection()
  await askedFor()
  await columnsPutRight()
  await duties()
  await policy()
  await situation()
  await everyPage()
  await accountsChange()
  if (!process.env.ONLY) {
    await test('every route has its page', () => {
      const { all, left } = routesLeft()
      console.log(`   ${all - left.length} of ${all} routes were asked for by the pages`)
      must(!left.length, left.join('\n'))
    })
  }
} catch (e) {
  house.failed++
  console.log(e)
} finally {
  await end()
}
console.log(`${house.passed} passed, ${house.failed} failed`)
process.exit(house.failed ? 1 : 0)

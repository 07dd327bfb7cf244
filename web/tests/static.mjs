// SPDX-License-Identifier: AGPL-3.0-or-later
// What holds without a browser: words complete, no raw text, old browsers, first load, lock file.
import { parse } from '@vue/compiler-sfc'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { transformSync } from 'esbuild'

const web = fileURLToPath(new URL('..', import.meta.url))
const src = join(web, 'office/src')
const files = dir => readdirSync(dir).flatMap(n => { const p = join(dir, n); return statSync(p).isDirectory() ? files(p) : [p] })
const HAN = /[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]/

async function words(lang) {
  const code = transformSync(readFileSync(join(src, `i18n/${lang}.ts`), 'utf8'), { loader: 'ts', format: 'esm' }).code
  return (await import('data:text/javascript,' + encodeURIComponent(code)))[lang]
}

/** Text nodes and readable attributes of a template that are not an expression. */
function rawText(node, out = []) {
  if (node.type === 2 && /[\p{L}]/u.test(node.content)) out.push(node.content.trim())
  for (const p of node.props ?? []) {
    if (p.type === 6 && ['title', 'label', 'placeholder', 'aria-label', 'alt', 'help', 'text', 'question', 'lead'].includes(p.name) && /\p{L}/u.test(p.value?.content ?? '')) out.push(`${p.name}="${p.value.content}"`)
  }
  for (const c of node.children ?? []) rawText(c, out)
  return out
}

/** Scripts and styles that are fetched before a page can be used, following static imports. */
function loadOf(dist, names) {
  const seen = new Set()
  const walk = name => {
    if (seen.has(name)) return
    seen.add(name)
    if (!name.endsWith('.js')) return
    const code = readFileSync(join(dist, 'assets', name), 'utf8')
    for (const m of code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) walk(m[1])
  }
  names.forEach(walk)
  return [...seen]
}

export async function staticTests(test) {
  const [zh, en] = [await words('zh'), await words('en')]
  const sources = files(src).filter(p => /\.(vue|ts)$/.test(p) && !p.includes('/i18n/zh') && !p.includes('/i18n/en'))
  const all = sources.map(p => readFileSync(p, 'utf8')).join('\n')

  await test('both languages have the same keys, none empty', () => {
    const bad = [...new Set([...Object.keys(zh), ...Object.keys(en)])].filter(k => !zh[k] || !en[k])
    if (bad.length) throw new Error(bad.join(' '))
  })
  await test('both languages name the same values', () => {
    const names = s => [...s.replace(/\{\{.*?\}\}/g, '').matchAll(/\{(\w+)\}/g)].map(m => m[1]).sort().join()
    const bad = Object.keys(zh).filter(k => names(zh[k]) !== names(en[k]))
    if (bad.length) throw new Error(bad.join(' '))
  })
  await test('no Chinese in the English words, no English in the Chinese', () => {
    const ALLOWED = /\b(Excel|Word|PDF|CSV|MB|IC|daohu backup|zqs|N|O|S|U|Excel|KB)\b|\{[^}]*\}/g
    const bad = [...Object.keys(en).filter(k => HAN.test(en[k].replace(/\{\{字段\}\}/, ''))), ...Object.keys(zh).filter(k => /[A-Za-z]{2,}/.test(zh[k].replace(ALLOWED, '')))]
    if (bad.length) throw new Error(bad.join(' '))
  })
  await test('every key that is asked for is there', () => {
    const asked = [...all.matchAll(/\bt\(\s*'([\w.]+)'/g), ...all.matchAll(/\? '([a-z]\w*\.[\w.]+)' : '/g), ...all.matchAll(/title: '(menu\.\w+)'/g)].map(m => m[1])
    const bad = [...new Set(asked)].filter(k => !(k in zh))
    if (bad.length) throw new Error(bad.join(' '))
  })
  await test('no key is left that nothing asks for', () => {
    const built = [...all.matchAll(/['`]([a-zA-Z][\w.]*\.)(?:['`]\s*[+,)]|\$\{)/g)].map(m => m[1])
    const bad = Object.keys(zh).filter(k => !all.includes(`'${k}'`) && !all.includes(`\`${k}\``) && !built.some(b => k.startsWith(b)))
    if (bad.length) throw new Error(bad.join(' '))
  })
  await test('no raw text in templates', () => {
    const bad = sources.filter(p => p.endsWith('.vue')).flatMap(p => {
      const { descriptor } = parse(readFileSync(p, 'utf8'))
      return descriptor.template ? rawText(descriptor.template.ast).map(x => `${relative(src, p)}: ${x}`) : []
    })
    if (bad.length) throw new Error(bad.join('\n'))
  })
  await test('no Chinese outside the words', () => {
    // readDate reads people's habits, the login and the menu name the other language
    const bad = sources.flatMap(p => readFileSync(p, 'utf8').split('\n').flatMap((l, i) => {
      const code = l.replace(/\/\/.*$|^\s*\/?\*.*$/, '').replace(/'中文'|'周|\['日.*?\]|周\$\{|\[年月.*?\]|\[日号\\s\]|\[０-９\]/g, '')
      return HAN.test(code) ? [`${relative(src, p)}:${i + 1}`] : []
    }))
    if (bad.length) throw new Error(bad.join('\n'))
  })
  await test('the lock file holds no addresses', () => {
    if (/"resolved"/.test(readFileSync(join(web, 'package-lock.json'), 'utf8'))) throw new Error('resolved')
  })

  const dist = join(web, 'office/dist')
  const names = readdirSync(join(dist, 'assets'))
  await test('nothing a browser of the build target lacks', () => {
    const LACKS = /\.at\(-?\d|Object\.hasOwn\(|structuredClone\(|\.findLast\(|\.findLastIndex\(|crypto\.randomUUID|\.replaceChildren\(|static\{/
    const bad = names.filter(n => n.endsWith('.js')).flatMap(n => { const m = LACKS.exec(readFileSync(join(dist, 'assets', n), 'utf8')); return m ? [`${n}: ${m[0]}`] : [] })
    const css = names.filter(n => n.endsWith('.css')).filter(n => /:is\(|:where\(|:has\(|@layer|color-mix|aspect-ratio|[;{]inset:/.test(readFileSync(join(dist, 'assets', n), 'utf8')))
    if (bad.length || css.length) throw new Error([...bad, ...css].join('\n'))
  })
  await test('no address outside the house in what is shipped', () => {
    const bad = files(dist).filter(p => /\.(js|css|html)$/.test(p)).flatMap(p => [...readFileSync(p, 'utf8').matchAll(/(?:src|href|url)\s*[=(]\s*["']?(https?:)?\/\/[^"')\s]+/g)].map(m => `${relative(dist, p)}: ${m[0]}`))
    if (bad.length) throw new Error(bad.join('\n'))
  })
  let kb = 0
  await test('log-in and Today load in at most 350 KB', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8')
    const entry = [...html.matchAll(/\/office\/assets\/([^"]+)/g)].map(m => m[1])
    const code = entry.filter(n => n.endsWith('.js')).map(n => readFileSync(join(dist, 'assets', n), 'utf8')).join('')
    // the pages' own chunks with the styles the bundler lists for them
    const wanted = names.filter(n => /^(LoginPage|TodayPage|zh|zh-cn|FormField|PageHeading|StatusMark)-/.test(n))
    const styles = names.filter(n => n.endsWith('.css') && (wanted.some(w => w.startsWith(n.split('-')[0] + '-')) || entry.includes(n)))
    const load = loadOf(dist, [...entry, ...wanted, ...styles])
    const bytes = [...load.map(n => join(dist, 'assets', n)), join(dist, 'index.html'), join(dist, 'old.js'), join(dist, 'old.css'), join(dist, 'icon.svg')].reduce((s, p) => s + gzipSync(readFileSync(p), { level: 9 }).length, 0)
    kb = Math.round(bytes / 1024)
    if (!code) throw new Error('no entry')
    if (kb > 350) throw new Error(`${kb} KB: ${load.join(' ')}`)
  })
  console.log(`   first load of log-in and Today: ${kb} KB in gzip`)
}

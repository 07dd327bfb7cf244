// SPDX-License-Identifier: AGPL-3.0-or-later
// Serves the built office with an invented town behind it: node office/mock/start.mjs [PORT] [ROWS].
// For developing pages without a server; nothing of it is shipped.
import { build } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Listens on 127.0.0.1; port 0 takes a free one.  Resolves to {url, close}. */
export async function startMock(port = 0, rows = 1800) {
  const dir = mkdtempSync(join(tmpdir(), 'daohu-mock-'))
  const out = join(dir, 'server.mjs')
  await build({ entryPoints: [join(here, 'server.ts')], outfile: out, bundle: true, platform: 'node', format: 'esm', target: 'node18', logLevel: 'error', external: ['yaml'], banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(import.meta.url)});` }, plugins: [{ name: 'yaml', setup(b) { b.onResolve({ filter: /^yaml$/ }, () => ({ path: join(here, '../../node_modules/yaml/dist/index.js') })) } }] })
  const { serve } = await import(pathToFileURL(out).href)
  rmSync(dir, { recursive: true })
  return serve(port, rows, join(here, '../dist'), join(here, '../../..'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const s = await startMock(Number(process.argv[2] ?? 8099), Number(process.argv[3] ?? 1800))
  console.log(`${s.url}/office/  log-ins: admin office unit village cadre leader assessor auditor, password daohu-2018`)
}

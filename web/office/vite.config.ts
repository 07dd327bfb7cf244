// SPDX-License-Identifier: AGPL-3.0-or-later
// How the town office is built: one chunk a page, for browsers from Chrome 86 on.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  base: '/office/',
  plugins: [vue()],
  build: {
    target: 'chrome86',
    cssTarget: 'chrome86',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content policy allows files, not data: in scripts and styles
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700
  },
  server: { proxy: { '/api': process.env.DAOHU_URL ?? 'http://127.0.0.1:8099' } }
})

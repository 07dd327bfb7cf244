// SPDX-License-Identifier: AGPL-3.0-or-later
// Start: the language, who is signed in, then the page the address names.

import { createApp } from 'vue'
import App from './App.vue'
import { firstLang, useLang } from './i18n'
import { loadMeta, restore } from './lib/session'
import { router } from './router'
import './ui/theme.css'

async function start(): Promise<void> {
  const [, signedIn] = await Promise.all([useLang(firstLang()), restore()])
  if (signedIn) await loadMeta().catch(() => undefined)
  createApp(App).use(router).mount('#app')
}
void start()

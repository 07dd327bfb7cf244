// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/base.css'
export { ElConfigProvider } from 'element-plus/es/components/config-provider/index'

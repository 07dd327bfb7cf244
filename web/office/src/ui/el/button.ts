// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/el-button.css'
export { ElButton } from 'element-plus/es/components/button/index'

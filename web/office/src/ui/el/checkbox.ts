// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/el-checkbox.css'
export { ElCheckbox } from 'element-plus/es/components/checkbox/index'

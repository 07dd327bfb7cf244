// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/el-input.css'
export { ElInput } from 'element-plus/es/components/input/index'

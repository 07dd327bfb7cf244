// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/el-progress.css'
export { ElProgress } from 'element-plus/es/components/progress/index'

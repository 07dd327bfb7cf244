// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/el-dialog.css'
import 'element-plus/theme-chalk/el-overlay.css'
export { ElDialog } from 'element-plus/es/components/dialog/index'

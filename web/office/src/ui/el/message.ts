// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/el-badge.css'
import 'element-plus/theme-chalk/el-message.css'
import { ElMessage } from 'element-plus/es/components/message/index'

/** One line at the top that goes away by itself; for what went well. */
export function told(text: string): void {
  ElMessage({ message: text, type: 'success', duration: 4000, grouping: true })
}

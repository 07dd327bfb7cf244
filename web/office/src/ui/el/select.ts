// SPDX-License-Identifier: AGPL-3.0-or-later
import 'element-plus/theme-chalk/el-tag.css'
import 'element-plus/theme-chalk/el-scrollbar.css'
import 'element-plus/theme-chalk/el-popper.css'
import 'element-plus/theme-chalk/el-select.css'
import 'element-plus/theme-chalk/el-option.css'
export { ElOption, ElSelect } from 'element-plus/es/components/select/index'

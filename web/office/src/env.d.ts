// SPDX-License-Identifier: AGPL-3.0-or-later
/// <reference types="vite/client" />
declare module 'element-plus/es/locale/lang/zh-cn' { const l: unknown; export default l }
declare module 'element-plus/es/locale/lang/en' { const l: unknown; export default l }

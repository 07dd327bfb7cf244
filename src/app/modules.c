/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * modules: the one list of commands.  Rows are added by hand, so that order,
 * linking and grep stay plain.
 */
#include "app/app.h"

#include "base/banned.h"

const struct command app_commands[] = {
	{"table", cmd_table,
	 TEXT("文件 [--sheet N]", "FILE [--sheet N]"),
	 TEXT("看文件里的表格（读取器看到的样子）", "print a file's table as the readers see it")},
	{"template", cmd_template,
	 TEXT("台账 --output FILE.xlsx", "LEDGER --output FILE.xlsx"),
	 TEXT("生成向各单位要台账用的空表", "write the blank workbook to ask an office for a ledger")},
	{0},
};

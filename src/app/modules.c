/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * modules: the one list of commands.  Rows are added by hand, so that order,
 * linking and grep stay plain.
 */
#include "app/app.h"

#include "base/banned.h"

/* The same words in both languages. */
#define BOTH(t) TEXT(t, t)

const struct command app_commands[] = {
	{"init", cmd_init, BOTH("--data DIR --areas CSV --area CODE [--pack NAME]"),
	 TEXT("新建数据目录", "make a data folder")},
	{"import", cmd_import, TEXT("--data DIR 文件…", "--data DIR FILE…"),
	 TEXT("导入各单位的台账", "read the ledgers that offices handed in")},
	{"check", cmd_check, BOTH("--data DIR [--as-of DATE] [--format csv|json|text|xlsx]"),
	 TEXT("核对：哪里的账对不上", "find what contradicts what")},
	{"explain", cmd_explain, TEXT("--data DIR 问题…", "--data DIR FINDING…"),
	 TEXT("说明一条问题的来由（规则/户编号[/人]）", "explain a finding (rule/household[/person])")},
	{"fill", cmd_fill, TEXT("--data DIR 表 --output 文件", "--data DIR FORM --output FILE"),
	 TEXT("填写上级发来的表（xlsx、docx）", "fill a form that was sent (xlsx, docx)")},
	{"status", cmd_status, BOTH("--data DIR"),
	 TEXT("有哪些台账，名册多大", "which ledgers are there, how large is the register")},
	{"report", cmd_report,
	 TEXT("exam|rectify|summary --data DIR --output FILE|DIR",
	      "exam|rectify|summary --data DIR --output FILE|DIR"),
	 TEXT("出表：情况汇总、各村整改台账、逐户体检表",
	      "the summary, the villages' workbooks, the household exam sheet")},
	{"serve", cmd_serve, BOTH("--data DIR [--listen ADDR:PORT] [--tls-cert FILE --tls-key FILE]"),
	 TEXT("启动镇办公系统（浏览器）", "serve the town office to browsers")},
	{"table", cmd_table, TEXT("文件 [--sheet N]", "FILE [--sheet N]"),
	 TEXT("看文件里的表格（读取器看到的样子）", "print a file's table as the readers see it")},
	{"template", cmd_template,
	 TEXT("台账 --output FILE.xlsx", "LEDGER --output FILE.xlsx"),
	 TEXT("生成向各单位要台账用的空表", "write the blank workbook to ask an office for a ledger")},
	{"describe", cmd_describe, BOTH("fields|rules|names|ledgers|errors|routes|openapi [--md|--json]"),
	 TEXT("字段、规则、台账、错误的说明", "fields, rules, ledgers and errors as documents")},
	{"synth", cmd_synth, BOTH("--town CODE|--county CODE --areas CSV --seed N --out DIR"),
	 TEXT("合成一个乡镇（或一个县）的台账和答案", "write a made-up town's ledgers and what is wrong in them")},
	{"link", cmd_link, TEXT("甲.csv 乙.csv|--dedupe 甲.csv --suggest|--config FILE.yaml --output PAIRS.csv",
	                        "A.csv B.csv|--dedupe A.csv --suggest|--config FILE.yaml --output PAIRS.csv"),
	 TEXT("比对：两份表里（或一份表内）谁是同一人", "which rows of two tables, or of one, are the same person")},
	{"draw", cmd_draw, TEXT("抽样框.csv --seed HEX --design FILE.yaml --output SAMPLE.csv",
	                        "FRAME.csv --seed HEX --design FILE.yaml --output SAMPLE.csv"),
	 TEXT("按公开的种子抽样；估算样本量", "draw a sample by a public seed; how large it has to be")},
	{"estimate", cmd_estimate, TEXT("数据.csv --weights COL … --mean Y", "DATA.csv --weights COL … --mean Y"),
	 TEXT("按抽样设计推算：估计值、标准误、置信区间", "estimates from a sample, by its design")},
	{"journal", cmd_journal, BOTH("verify|checkpoint|prove|key --data DIR"),
	 TEXT("验证日志，签发检查点，出具证明", "verify the journal, print checkpoints and proofs")},
	{"keys", cmd_keys, BOTH("sheet|recover|passphrase --data DIR [--passphrase-file FILE]"),
	 TEXT("打印恢复单，用恢复单找回密钥，更换口令",
	      "print the recovery sheet, restore the keys from it, change the passphrase")},
	{"user", cmd_user, BOTH("add|passwd|disable|otp|list --data DIR"),
	 TEXT("用户", "accounts")},
	{"backup", cmd_backup, BOTH("--data DIR OUT [--to KEYFILE|--passphrase-file FILE] [--keep RULE]"),
	 TEXT("备份整个数据目录（服务运行时也可）", "the whole data folder as one sealed file, also while it is served")},
	{"restore", cmd_restore, BOTH("IN --data DIR [--db URL]"),
	 TEXT("从备份恢复到新的数据目录", "a data folder from a backup")},
	{"verify", cmd_verify, BOTH("IN"),
	 TEXT("检查备份是否完整（不恢复）", "is a backup whole, without restoring it")},
	{"upgrade", cmd_upgrade, BOTH("--data DIR [--distribute]"),
	 TEXT("把旧版本的数据目录升级到本版本", "bring an older version's data folder up to this one")},
	{"erase", cmd_erase, BOTH("--data DIR --person ID --reason TEXT"),
	 TEXT("按规定清除一个人的个人信息", "erase a person's data as required")},
	{0},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Layout of a county office: units told above the table only, subtotals, lists of all members. */
#include "synth/sheet.h"

#include "base/banned.h"

#define SET(name, ...) static const struct column name[] = {__VA_ARGS__, COLUMNS_END}

SET(county_roster, C(SEQ, "序号"), C(VILLAGE, "所在村（居）"), C(GROUP, "组别"), C(HH_NO, "国扶系统户编号"),
    C(HEAD, "贫困户户主"), C(NAME, "贫困人口姓名"), C(RELATION, "与户主关系"), C(SEX, "性别"),
    CF(ID, "公民身份证号码", AS_DIRTY), C(BIRTH, "出生日期"), C(AGE, "年龄"), C(MEMBERS, "家庭人口数（人）"),
    CF(STUDENT, "就学情况", AS_SHORT), CF(HEALTH, "身体健康状况", AS_SHORT), CF(LABOR, "劳动能力状况", AS_SHORT),
    C(EXITED, "退出状态"), C(EXIT_YEAR, "退出年度"), CF(ATTR, "贫困户性质", AS_SHORT),
    C(CAUSE, "第一致贫原因"), CF(UNSAFE, "是否住危房", AS_TICK), CF(WATER, "饮水安全情况", AS_SAFE),
    C(PC, "2017年人均可支配收入（元）"));
SET(county_income, C(SEQ, "序号"), C(VILLAGE, "村（居）"), C(HEAD, "户主"), C(HH_NO, "国扶系统户编号"),
    C(MEMBERS, "家庭人口"), CF(WAGE, "工资性收入", AS_WAN), CF(BUSINESS, "家庭经营性收入", AS_WAN),
    CF(COST, "家庭经营性支出", AS_WAN), CF(PROPERTY, "财产性收入", AS_WAN), CF(DIBAO, "低保金", AS_WAN),
    CF(TEKUN, "特困供养金", AS_WAN), CF(PENSION, "养老金", AS_WAN), CF(FAMILY, "计生奖扶金", AS_WAN),
    CF(ECO, "生态补偿金", AS_WAN), CF(OTHER, "其他转移性收入", AS_WAN), CF(NET, "家庭纯收入", AS_WAN),
    CF(PC, "人均纯收入", AS_WAN));
SET(county_helper, C(SEQ, "序号"), C(UNIT, "帮扶单位"), C(HELPER, "帮扶联系人"), C(HELPER_PHONE, "联系方式"),
    C(VILLAGE, "帮扶村"), C(HEAD, "结对贫困户"), C(HH_NO, "国扶系统户编号"));
SET(county_measure, C(SEQ, "序号"), C(HH_NO, "国扶系统户编号"), C(HEAD, "受益户主"), C(CATEGORY, "政策类别"),
    C(CONTENT, "项目名称"), C(MONEY, "兑现金额（元）"), C(DATE, "兑现日期"));
SET(county_visit, C(SEQ, "序号"), C(VILLAGE, "村"), C(HEAD, "户主姓名"), C(HH_NO, "国扶系统户编号"),
    C(DATE, "最近一次走访日期"), C(VISITOR, "走访人"));
SET(county_contract, C(SEQ, "序号"), C(COMPANY, "新型经营主体名称"), C(VILLAGE, "村"), C(HEAD, "带动农户"),
    C(HH_NO, "国扶系统户编号"), C(MODE, "利益联结机制"), CF(MONEY, "约定收益", AS_YUAN),
    CF(PAID, "实际兑付", AS_YUAN), C(DUE, "兑付期限"));
SET(county_dibao, C(SEQ, "序号"), C(VILLAGE, "村（社区）"), C(HEAD, "户主姓名"), C(NAME, "保障人员姓名"),
    C(RELATION, "与户主关系"), C(ID, "身份证号码"), C(KIND, "保障类型"), C(MONTHLY, "人均月保障金（元）"));

const struct layout layout_county = {
	"county",
	TEXT("县级汇总：单位写在表上方，分村小计，低保列到每个人，走访只报最近一次",
	     "units above the table, subtotals, every covered member, last visits only"),
	offices_paper,
	{
		[LEDGER_ROSTER] = {"{T}建档立卡人口汇总.xlsx", "颍上县{T}建档立卡贫困人口汇总表",
		                   "填报单位：{T}人民政府（盖章）", "主要负责人：        分管负责人：        经办人：",
		                   NULL, SHEET_XLSX, DATE_SLASH, BY_SECTION, county_roster},
		[LEDGER_INCOME] = {"收入核算汇总.xlsx", "2017年度贫困户收入核算汇总表", "单位：万元、人",
		                   "审核：", NULL, SHEET_XLSX, DATE_CELL, SORT_VILLAGE, county_income},
		[LEDGER_HELPER] = {"包户联系花名册.xlsx", "{T}干部包户联系花名册", "截止2018年1月", NULL, NULL,
		                   SHEET_XLSX, DATE_CELL, SORT_VILLAGE | DITTO, county_helper},
		[LEDGER_MEASURE] = {"政策兑现.xlsx", "{T}扶贫政策兑现台账", "单位：元", NULL, NULL, SHEET_XLSX,
		                    DATE_DOT, SORT_VILLAGE, county_measure},
		[LEDGER_VISIT] = {"走访情况统计.xlsx", "{T}帮扶干部走访情况统计", NULL, NULL, NULL, SHEET_XLSX,
		                  DATE_CELL, SORT_VILLAGE | LAST_ONLY, county_visit},
		[LEDGER_CONTRACT] = {"带动情况.xlsx", "新型经营主体带动贫困户情况", NULL, NULL, NULL, SHEET_XLSX,
		                     DATE_HAN, 0, county_contract},
		[LEDGER_DIBAO] = {"城乡低保五保人员.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO,
		                  ALL_MEMBERS, county_dibao},
		[LEDGER_DISABILITY] = {"残疾人基本状况.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0,
		                       NULL},
		[LEDGER_HOUSE] = {"四类重点对象危房鉴定.xlsx", "{T}农村危房鉴定台账", NULL, NULL, NULL, SHEET_XLSX,
		                  DATE_DOT, BY_SHEET, NULL},
		[LEDGER_POLICE] = {"人口信息.csv", "{T}派出所户籍人口信息", NULL, NULL, NULL, SHEET_CSV_GB,
		                   DATE_HAN, 0, NULL},
		[LEDGER_INSURANCE] = {"参保人员名册.txt", NULL, NULL, NULL, NULL, SHEET_TAB_UTF16, DATE_ISO,
		                      SORT_VILLAGE, NULL},
		[LEDGER_VEHICLE] = {"名下机动车.xlsx", "名下机动车比对反馈", NULL, NULL, NULL, SHEET_XLSX, DATE_ISO,
		                    0, NULL},
		[LEDGER_FIRM] = {"名下企业.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0, NULL},
		[LEDGER_ESTATE] = {"名下房产.xlsx", "名下房产比对反馈", NULL, NULL, NULL, SHEET_XLSX, DATE_SLASH, 0,
		                   NULL},
		[LEDGER_FISCAL] = {"财政供养.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0, NULL},
		[LEDGER_STUDENT] = {"教育资助.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_WORK] = {"转移就业.xlsx", "{T}农村劳动力转移就业情况", NULL, NULL, NULL, SHEET_XLSX,
		                 DATE_CELL, BY_SHEET, NULL},
	},
};

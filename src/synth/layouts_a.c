/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Layouts of poverty offices: balihe, system, paper. */
#include "synth/sheet.h"

#include "base/banned.h"

#define SET(name, ...) static const struct column name[] = {__VA_ARGS__, COLUMNS_END}

/* --- balihe: what the sample town hands in ---------------------------------------- */

SET(balihe_roster, C(SEQ, "序号"), C(CITY, "市"), C(COUNTY, "县"), C(TOWN, "乡镇"),
    C(VILLAGE, "行政村"), C(GROUP, "自然村（组）"), C(HH_NO, "户编号"), C(MEMBERS, "家庭人口数"),
    CF(NAME, "姓名", AS_SPLIT), C(SEX, "性别"), C(BIRTH, "出生日期"), CF(ID, "证件号码", AS_DIRTY),
    C(RELATION, "与户主关系"), C(EDU, "文化程度"), C(STUDENT, "在校生状况"), C(HEALTH, "健康状况"),
    C(LABOR, "劳动技能"), C(WORK, "务工状况"), C(MONTHS, "务工时间（月）"), C(STATUS, "脱贫属性"),
    C(ATTR, "贫困户属性"), C(CAUSE, "主要致贫原因"), C(UNSAFE, "是否危房户"), C(WATER, "饮水是否安全"),
    C(PC, "人均纯收入（元）"), C(PHONE, "联系电话"), C(BANK, "开户银行"), C(REMARK, "备注"));
SET(balihe_income, C(HH_NO, "户编号"), C(HEAD, "户主"), C(MEMBERS, "人口"), C(WAGE, "工资性收入"),
    C(BUSINESS, "生产经营性收入"), C(COST, "生产经营性支出"), C(PROPERTY, "财产性收入"),
    CO(FAMILY, "转移性收入", "计划生育金"), CO(DIBAO, "转移性收入", "低保金"),
    CO(TEKUN, "转移性收入", "五保金"), CO(PENSION, "转移性收入", "养老金"),
    CO(ECO, "转移性收入", "生态补偿金"), CO(OTHER, "转移性收入", "其他转移性收入"),
    C(NET, "家庭纯收入"), C(PC, "人均纯收入"));
SET(balihe_helper, C(HH_NO, "户编号"), C(HEAD, "户主姓名"), C(HELPER, "帮扶责任人"),
    C(UNIT, "工作单位"), C(HELPER_PHONE, "联系电话"));
SET(balihe_measure, C(HH_NO, "户编号"), C(HEAD, "户主"), C(CATEGORY, "措施类别"),
    C(CONTENT, "措施内容"), CF(DATE, "落实时间", AS_MIXED), CF(MONEY, "资金（元）", AS_MIXED));
SET(balihe_visit, C(DATE, "走访日期"), C(HH_NO, "户编号"), C(HEAD, "户主"), C(CONTENT, "走访内容"),
    C(VISITOR, "走访人"));
SET(balihe_contract, C(COMPANY, "公司"), C(COOP, "合作社"), C(INDUSTRY, "产业"), C(HH_NO, "户编号"),
    C(HEAD, "户主"), C(MODE, "带贫方式"), C(MONEY, "合同金额（元）"), C(DUE, "应付日期"),
    C(PAID, "已付金额（元）"));

const struct layout layout_balihe = {
	"balihe",
	TEXT("样例镇的做法：一镇一表、一村一页、标题合并、小计签字", "as the sample town does it"),
	offices_plain,
	{
		[LEDGER_ROSTER] = {"贫困户花名册.xlsx", "{T}建档立卡贫困户花名册（2017年度）",
		                   "填报单位：{T}扶贫办", NULL, NULL, SHEET_XLSX, DATE_ANY, OLD_SHEET,
		                   balihe_roster},
		[LEDGER_INCOME] = {"2017年收入台账.xlsx", "{V}2017年贫困户收入台账", NULL, NULL, NULL,
		                   SHEET_XLSX, DATE_CELL, BY_SHEET | TOTAL, balihe_income},
		[LEDGER_HELPER] = {"帮扶责任人结对表.xlsx", "{T}帮扶责任人结对花名册", NULL,
		                   "填表人：          审核人：          （盖章）", NULL, SHEET_XLSX,
		                   DATE_CELL, BY_SECTION | DITTO, balihe_helper},
		[LEDGER_MEASURE] = {"帮扶措施台账.xlsx", "帮扶措施落实台账", NULL,
		                    "填表人：          审核人：          填表日期：2018年1月", NULL,
		                    SHEET_XLSX, DATE_CELL, MERGE_HOUSE, balihe_measure},
		[LEDGER_VISIT] = {"走访记录.xlsx", "走访记录", NULL, NULL, NULL, SHEET_XLSX, DATE_CELL,
		                  0, balihe_visit},
		[LEDGER_CONTRACT] = {"产业合同.xlsx", "“公司+合作社（基地）+贫困户”带贫合同台账", NULL,
		                     NULL, NULL, SHEET_XLSX, DATE_CELL, 0, balihe_contract},
		[LEDGER_DIBAO] = {"民政低保五保名册.xlsx", "{T}2017年12月低保五保发放名册", NULL, NULL,
		                  NULL, SHEET_XLSX, DATE_CELL, 0, NULL},
		[LEDGER_DISABILITY] = {"残联持证人员.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK,
		                       DATE_ISO, 0, NULL},
		[LEDGER_HOUSE] = {"危房鉴定.xlsx", "农村危房鉴定台账", NULL, NULL, NULL, SHEET_XLSX,
		                  DATE_CELL, 0, NULL},
		[LEDGER_POLICE] = {"公安户籍人口.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB,
		                   DATE_PACKED, 0, NULL},
		[LEDGER_INSURANCE] = {"城乡居民医保参保.csv", NULL,
		                      "导出机构：颍上县医保中心,导出时间：2018-01-08 10:22:31", NULL,
		                      NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_VEHICLE] = {"车辆登记.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                    NULL},
		[LEDGER_FIRM] = {"工商登记.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_CELL, 0,
		                 NULL},
		[LEDGER_ESTATE] = {"不动产登记.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_ISO, 0,
		                   NULL},
		[LEDGER_FISCAL] = {"财政供养人员.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_CELL, 0,
		                   NULL},
		[LEDGER_STUDENT] = {"在校学生.xlsx", "教育资助学生名单", NULL, NULL, NULL, SHEET_XLSX,
		                    DATE_CELL, 0, NULL},
		[LEDGER_WORK] = {"务工就业.xlsx", "农村劳动力转移就业台账", NULL, NULL, NULL, SHEET_XLSX,
		                 DATE_CELL, 0, NULL},
	},
};

/* --- system: exported from the national system, codes with numbers ------------------ */

SET(system_roster, C(CITY, "市（州、盟）"), C(COUNTY, "县（市、区）"), C(TOWN, "乡（镇）"),
    C(VILLAGE, "行政村"), C(GROUP, "自然村"), C(HH_NO, "户编号"), C(NAME, "姓名"), C(SEX, "性别"),
    C(ID, "证件号码"), C(MEMBERS, "人数"), CF(RELATION, "与户主关系", AS_NUMBERED), C(ETHNIC, "民族"),
    CF(EDU, "文化程度", AS_NUMBERED), CF(STUDENT, "在校生状况", AS_NUMBERED),
    CF(HEALTH, "健康状况", AS_NUMBERED), CF(LABOR, "劳动技能", AS_NUMBERED),
    CF(WORK, "务工状况", AS_NUMBERED), C(MONTHS, "务工时间"), CF(EXITED, "脱贫属性", AS_NUMBERED),
    C(EXIT_YEAR, "脱贫年度"), CF(ATTR, "贫困户属性", AS_NUMBERED), CF(CAUSE, "主要致贫原因", AS_NUMBERED),
    C(PC, "人均纯收入"), C(BIRTH, "出生日期"), C(UNSAFE, "危房户"), C(WATER, "是否解决安全饮用水"),
    C(PHONE, "联系电话"));
SET(system_income, C(TOWN, "乡镇"), C(VILLAGE, "村"), C(HH_NO, "户编号"), C(HEAD, "户主姓名"),
    C(HEAD_ID, "户主证件号码"), C(MEMBERS, "家庭人口数"), C(PC, "人均纯收入"), C(NET, "年纯收入"),
    C(WAGE, "工资性收入"), C(BUSINESS, "生产经营性收入"), C(COST, "生产经营性支出"),
    C(PROPERTY, "财产性收入"), C(TRANSFER, "转移性收入"), C(DIBAO, "领取最低生活保障金"),
    C(TEKUN, "特困供养金"), C(PENSION, "领取养老保险金"), C(FAMILY, "领取计划生育金"),
    C(ECO, "生态补偿金"), C(OTHER, "其他转移性收入"));
SET(system_helper, C(SEQ, "序号"), C(HELPER, "帮扶责任人姓名"), C(UNIT, "帮扶单位名称"),
    C(HELPER_PHONE, "帮扶责任人联系电话"), C(VILLAGE, "行政村"), C(HEAD, "贫困户姓名"),
    C(HH_NO, "贫困户编号"));
SET(system_measure, C(SEQ, "序号"), C(VILLAGE, "行政村"), C(HH_NO, "户编号"), C(HEAD, "户主姓名"),
    C(CATEGORY, "项目类别"), C(CONTENT, "项目名称"), C(MONEY, "到户资金（元）"), C(DATE, "实施时间"));
SET(system_visit, C(HH_NO, "户编号"), C(HEAD, "户主姓名"), C(VISITOR, "帮扶责任人"), C(DATE, "走访时间"),
    C(CONTENT, "走访情况"));
SET(system_contract, C(SEQ, "序号"), C(HH_NO, "户编号"), C(HEAD, "户主姓名"), C(COMPANY, "带贫主体名称"),
    C(INDUSTRY, "产业类型"), C(MODE, "利益联结方式"), C(MONEY, "合同金额"), C(PAID, "已兑付金额"),
    C(DUE, "约定付款日期"));

const struct layout layout_system = {
	"system",
	TEXT("系统导出：无标题、代码带编号、CSV 带 BOM", "exports of national and department systems"),
	offices_system,
	{
		[LEDGER_ROSTER] = {"{T}_贫困人口信息_20180110.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX,
		                   DATE_PACKED, 0, system_roster},
		[LEDGER_INCOME] = {"{T}_家庭收入_2017.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK,
		                   DATE_ISO, 0, system_income},
		[LEDGER_HELPER] = {"帮扶责任人导出.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO,
		                   0, system_helper},
		[LEDGER_MEASURE] = {"到户项目明细.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK,
		                    DATE_PACKED, 0, system_measure},
		[LEDGER_VISIT] = {"走访记录导出.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_ISO, 0,
		                  system_visit},
		[LEDGER_CONTRACT] = {"利益联结台账.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_CELL,
		                     0, system_contract},
		[LEDGER_DIBAO] = {"社会救助对象_201712.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS,
		                  DATE_ISO, 0, NULL},
		[LEDGER_DISABILITY] = {"残疾人证信息.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO,
		                       0, NULL},
		[LEDGER_HOUSE] = {"农村危房改造信息.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_ISO,
		                  0, NULL},
		[LEDGER_POLICE] = {"户籍人口_{T}.txt", NULL, NULL, NULL, NULL, SHEET_TAB_UTF16,
		                   DATE_PACKED, 0, NULL},
		[LEDGER_INSURANCE] = {"居民医保参保明细2018.csv", NULL,
		                      "统筹区：颍上县,导出人：admin,导出时间：2018/1/9 8:12", NULL, NULL,
		                      SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_VEHICLE] = {"机动车登记信息.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB,
		                    DATE_SLASH, 0, NULL},
		[LEDGER_FIRM] = {"市场主体登记.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                 NULL},
		[LEDGER_ESTATE] = {"不动产登记结果.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_ISO, 0,
		                   NULL},
		[LEDGER_FISCAL] = {"财政统发人员.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_ISO,
		                   0, NULL},
		[LEDGER_STUDENT] = {"学籍信息导出.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_ISO, 0,
		                    NULL},
		[LEDGER_WORK] = {"劳动力就业信息.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_ISO, 0,
		                 NULL},
	},
};

/* --- paper: as the printed forms, headers in two and three rows, a sheet a village ---- */

SET(paper_roster, C(SEQ, "序号"), CO(VILLAGE, "家庭住址", "村"), CO(GROUP, "家庭住址", "组"),
    C(HH_NO, "户编号"), CO(NAME, "家庭成员基本情况", "姓名"), CO(RELATION, "家庭成员基本情况", "与户主关系"),
    CO(SEX, "家庭成员基本情况", "性别"), CO(BIRTH, "家庭成员基本情况", "出生年月日"),
    CO(ID, "家庭成员基本情况", "身份证号"), CO(EDU, "家庭成员基本情况", "文化程度"),
    CO(STUDENT, "家庭成员基本情况", "在校情况"), CO(HEALTH, "家庭成员基本情况", "健康情况"),
    CO(LABOR, "家庭成员基本情况", "劳动能力"), CO(MEMBERS, "户情况", "家庭人口"),
    COF(ATTR, "户情况", "贫困户类型", AS_SHORT), COF(CAUSE, "户情况", "致贫原因", AS_SHORT),
    COF(HOUSE_SAFE, "两不愁三保障", "住房是否安全", AS_TICK),
    COF(WATER, "两不愁三保障", "饮水是否安全", AS_TICK), CO(STATUS, "脱贫情况", "脱贫状态"),
    CO(PC, "脱贫情况", "2017年人均纯收入"), C(PHONE, "电话"));
SET(paper_income, C(SEQ, "序号"), C(HH_NO, "户编号"), C(HEAD, "户主姓名"), C(MEMBERS, "家庭人口"),
    CO(WAGE, "家庭收入（元）", "工资性收入"), CO(BUSINESS, "家庭收入（元）", "经营性收入"),
    CO(PROPERTY, "家庭收入（元）", "财产性收入"), CO(DIBAO, "转移性收入（元）", "低保金"),
    CO(TEKUN, "转移性收入（元）", "五保金"), CO(PENSION, "转移性收入（元）", "养老金"),
    CO(FAMILY, "转移性收入（元）", "计生奖扶"), CO(ECO, "转移性收入（元）", "生态补偿"),
    CO(OTHER, "转移性收入（元）", "其他"), C(COST, "经营性支出"), C(NET, "纯收入合计"), C(PC, "人均纯收入"),
    C(EMPTY, "户主签字"));
SET(paper_helper, C(SEQ, "序号"), CO(HEAD, "贫困户", "户主姓名"), CO(HH_NO, "贫困户", "户编号"),
    CO(VILLAGE, "贫困户", "村"), CO(HELPER, "帮扶人", "姓名"), CO(UNIT, "帮扶人", "单位"),
    CO(HELPER_PHONE, "帮扶人", "电话"));
SET(paper_measure, C(SEQ, "序号"), C(HH_NO, "户编号"), C(HEAD, "户主姓名"),
    CO(CATEGORY, "帮扶措施", "类别"), CO(CONTENT, "帮扶措施", "具体内容"),
    COF(DATE, "落实情况", "落实时间", AS_MONTH), COF(MONEY, "落实情况", "资金", AS_YUAN));
SET(paper_visit, C(SEQ, "序号"), C(DATE, "时间"), C(HEAD, "走访户主"), C(HH_NO, "户编号"),
    C(VISITOR, "走访干部"), C(CONTENT, "主要内容"), C(EMPTY, "户主签字"));
SET(paper_contract, C(SEQ, "序号"), CO(COMPANY, "经营主体", "公司名称"), CO(COOP, "经营主体", "合作社名称"),
    CO(HEAD, "贫困户", "户主"), CO(HH_NO, "贫困户", "户编号"), C(INDUSTRY, "产业"), C(MODE, "合作方式"),
    CO(MONEY, "资金（元）", "应付金额"), CO(PAID, "资金（元）", "实付金额"), C(DUE, "应付时间"));

const struct layout layout_paper = {
	"paper",
	TEXT("照纸质表打的：两三行表头、逐户合并、一村一页、√×", "typed after printed forms"),
	offices_paper,
	{
		[LEDGER_ROSTER] = {"{T}贫困户台账.xlsx", "{V}建档立卡贫困户基本情况登记表",
		                   "填报单位（盖章）：              填报时间：2018年1月10日", "村书记：          填表人：",
		                   NULL, SHEET_XLSX, DATE_DOT, BY_SHEET | MERGE_HOUSE, paper_roster},
		[LEDGER_INCOME] = {"贫困户家庭收入测算表.xlsx", "{T}2017年度贫困户家庭收入测算表",
		                   "单位：元、人", "审核人：", "一、家庭人均纯收入测算", SHEET_XLSX, DATE_CELL,
		                   SORT_VILLAGE, paper_income},
		[LEDGER_HELPER] = {"结对帮扶一览表.xlsx", "{T}结对帮扶一览表", NULL, NULL, NULL,
		                   SHEET_XLSX, DATE_CELL, SORT_VILLAGE, paper_helper},
		[LEDGER_MEASURE] = {"帮扶措施落实情况表.xlsx", "{V}帮扶措施落实情况表", NULL, "填表人：", NULL,
		                    SHEET_XLSX, DATE_CELL, BY_SHEET, paper_measure},
		[LEDGER_VISIT] = {"入户走访登记表.xlsx", "{T}干部入户走访登记表", NULL, NULL, NULL,
		                  SHEET_XLSX, DATE_HAN, 0, paper_visit},
		[LEDGER_CONTRACT] = {"产业带动贫困户协议台账.xlsx", "{T}产业带动贫困户协议台账", NULL, NULL, NULL,
		                     SHEET_XLSX, DATE_DOT, 0, paper_contract},
		[LEDGER_DIBAO] = {"低保五保花名册（12月）.xlsx", "{T}农村低保、五保对象花名册", "2017年12月",
		                  "经办人：          分管领导：", NULL, SHEET_XLSX, DATE_CELL, SORT_VILLAGE, NULL},
		[LEDGER_DISABILITY] = {"持证残疾人名单.xlsx", "{T}持证残疾人名单", NULL, NULL, NULL,
		                       SHEET_XLSX, DATE_CELL, SORT_VILLAGE, NULL},
		[LEDGER_HOUSE] = {"危房鉴定汇总表.xlsx", "{T}农村危房鉴定汇总表", NULL, "鉴定组长：", NULL,
		                  SHEET_XLSX, DATE_HAN, SORT_VILLAGE, NULL},
		[LEDGER_POLICE] = {"派出所户籍人员.xlsx", "{T}派出所户籍人口", NULL, NULL, NULL, SHEET_XLSX,
		                   DATE_HAN, SORT_VILLAGE, NULL},
		[LEDGER_INSURANCE] = {"新农合参合名单.csv", "2018年度城乡居民基本医疗保险（新农合）参合名单", NULL,
		                      NULL, NULL, SHEET_CSV_GB, DATE_ISO, SORT_VILLAGE, NULL},
		[LEDGER_VEHICLE] = {"车管所机动车.xlsx", "机动车登记情况", NULL, NULL, NULL, SHEET_XLSX,
		                    DATE_DOT, 0, NULL},
		[LEDGER_FIRM] = {"市场监管所企业登记.xlsx", "企业及个体工商户登记情况", NULL, NULL, NULL,
		                 SHEET_XLSX, DATE_CELL, 0, NULL},
		[LEDGER_ESTATE] = {"房产登记.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_SLASH, 0,
		                   NULL},
		[LEDGER_FISCAL] = {"财政供养名单.xlsx", "财政供养人员名单", NULL, NULL, NULL, SHEET_XLSX,
		                   DATE_CELL, 0, NULL},
		[LEDGER_STUDENT] = {"在校生名单.xlsx", "{T}在校学生统计表", NULL, "校长：", NULL, SHEET_XLSX,
		                    DATE_CELL, 0, NULL},
		[LEDGER_WORK] = {"外出务工人员登记.xlsx", "{T}外出务工人员登记表", NULL, NULL, NULL, SHEET_XLSX,
		                 DATE_CELL, SORT_VILLAGE, NULL},
	},
};

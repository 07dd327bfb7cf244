/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Layouts of poverty offices: villages, names, codes, export. */
#include "synth/sheet.h"

#include "base/banned.h"

#define SET(name, ...) static const struct column name[] = {__VA_ARGS__, COLUMNS_END}

/* --- villages: every village sends its own file ------------------------------------- */

SET(villages_roster, C(GROUP, "村民组"), C(HH_NO, "户编号"), C(MEMBERS, "人口"), C(NAME, "成员姓名"),
    CF(RELATION, "称谓", AS_SHORT), C(ID, "身份证号码"), C(SEX, "性别"), C(BIRTH, "出生年月"),
    CF(HEALTH, "身体状况", AS_SHORT), CF(STUDENT, "是否在校", AS_SHORT), CF(LABOR, "劳动力", AS_SHORT),
    CF(ATTR, "户属性", AS_SHORT), CF(CAUSE, "贫困原因", AS_SHORT), CF(EXITED, "是否脱贫", AS_USUAL),
    C(EXIT_YEAR, "脱贫时间"), CF(UNSAFE, "有无危房", AS_HAVE), C(WATER, "饮水安全"), C(PC, "人均收入"),
    C(PHONE, "手机号码"), C(REMARK, "备注"));
SET(villages_income, C(HEAD, "姓名"), C(HH_NO, "户编号"), C(MEMBERS, "人口数"), C(WAGE, "务工收入"),
    C(BUSINESS, "经营收入"), C(COST, "经营支出"), C(PROPERTY, "财产收入"), C(DIBAO, "低保"),
    C(TEKUN, "五保"), C(PENSION, "养老"), C(FAMILY, "计生"), C(ECO, "生态补偿"), C(OTHER, "其他补贴"),
    C(NET, "纯收入"), C(PC, "人均纯收入"));
SET(villages_helper, C(HEAD, "贫困户姓名"), C(HH_NO, "户编号"), C(HELPER, "包户干部"),
    C(UNIT, "所在单位"), C(HELPER_PHONE, "手机"));
SET(villages_measure, C(VILLAGE, "村"), C(HEAD, "贫困户"), C(HH_NO, "户编号"), C(CONTENT, "帮扶内容"),
    C(CATEGORY, "帮扶类别"), CF(MONEY, "金额", AS_YUAN), C(DATE, "时间"));
SET(villages_visit, C(VILLAGE, "村"), C(HEAD, "户主"), C(HH_NO, "户编号"), C(DATE, "入户时间"),
    C(VISITOR, "入户干部"), C(CONTENT, "工作内容"));
SET(villages_contract, C(VILLAGE, "村"), C(HEAD, "农户姓名"), C(HH_NO, "户编号"), C(COOP, "合作社"),
    C(COMPANY, "龙头企业"), C(MODE, "带动方式"), C(MONEY, "协议金额"), C(DUE, "付款期限"),
    C(PAID, "已支付金额"));

const struct layout layout_villages = {
	"villages",
	TEXT("各村各报：花名册、收入、结对一村一个文件，村名写法不一", "a file a village"),
	offices_short,
	{
		[LEDGER_ROSTER] = {"{v}贫困户花名册.xlsx", "{T}{v}贫困户花名册", NULL, NULL, NULL,
		                   SHEET_XLSX, DATE_DOT, BY_FILE, villages_roster},
		[LEDGER_INCOME] = {"{v}2017年收入表.xlsx", "{T}{v}2017年贫困户收入表", NULL, "填表人：",
		                   NULL, SHEET_XLSX, DATE_CELL, BY_FILE | TOTAL, villages_income},
		[LEDGER_HELPER] = {"{v}包户干部.csv", "{T}{v}包户干部名单", NULL, NULL, NULL,
		                   SHEET_CSV_GB, DATE_CELL, BY_FILE, villages_helper},
		[LEDGER_MEASURE] = {"扶贫措施.xlsx", "{T}扶贫措施汇总", NULL, NULL, NULL, SHEET_XLSX,
		                    DATE_HAN, 0, villages_measure},
		[LEDGER_VISIT] = {"入户走访台账.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_SLASH, 0,
		                  villages_visit},
		[LEDGER_CONTRACT] = {"带贫协议.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                     villages_contract},
		[LEDGER_DIBAO] = {"低保五保.xlsx", "{T}低保五保名单", NULL, NULL, NULL, SHEET_XLSX,
		                  DATE_CELL, SORT_VILLAGE, NULL},
		[LEDGER_DISABILITY] = {"残疾人名单.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0,
		                       NULL},
		[LEDGER_HOUSE] = {"危房.xlsx", "{T}危房鉴定结果", NULL, NULL, NULL, SHEET_XLSX, DATE_DOT,
		                  SORT_VILLAGE, NULL},
		[LEDGER_POLICE] = {"户籍.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_PACKED, 0,
		                   NULL},
		[LEDGER_INSURANCE] = {"医保2018.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_ISO, 0,
		                      NULL},
		[LEDGER_VEHICLE] = {"车辆.txt", NULL, NULL, NULL, NULL, SHEET_TAB_UTF16, DATE_ISO, 0, NULL},
		[LEDGER_FIRM] = {"工商.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_CELL, 0, NULL},
		[LEDGER_ESTATE] = {"不动产.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_FISCAL] = {"财政供养.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0,
		                   NULL},
		[LEDGER_STUDENT] = {"学生.xlsx", "{T}在读学生名单", NULL, NULL, NULL, SHEET_XLSX, DATE_CELL,
		                    SORT_VILLAGE, NULL},
		[LEDGER_WORK] = {"务工.xlsx", "{T}务工人员名单", NULL, NULL, NULL, SHEET_XLSX, DATE_CELL,
		                 SORT_VILLAGE, NULL},
	},
};

/* --- names: no household numbers outside the roster: village and head's name ----------- */

SET(names_roster, C(SEQ, "序号"), C(VILLAGE, "村名"), C(HEAD, "户主姓名"), C(HH_NO, "贫困户编号"),
    C(NAME, "姓名"), C(ID, "公民身份号码"), C(RELATION, "家庭关系"), C(SEX, "性别"), C(BIRTH, "出生日期"),
    C(MEMBERS, "家庭人数"), C(EDU, "学历"), CF(STUDENT, "在校生情况", AS_SHORT), C(HEALTH, "健康状况"),
    C(LABOR, "劳动能力"), C(WORK, "务工地点"), C(MONTHS, "务工月数"), C(ATTR, "贫困类型"),
    C(CAUSE, "致贫主因"), C(STATUS, "户状态"), C(UNSAFE, "是否危房"), CF(WATER, "饮水安全", AS_SAFE),
    C(PC, "年人均纯收入（元）"));
SET(names_income, CF(VILLAGE, "行政村", AS_ALIAS1), C(HEAD, "户主姓名"), C(MEMBERS, "人口"),
    CF(WAGE, "工资收入", AS_MONTHS), C(BUSINESS, "生产收入"), C(COST, "生产支出"), C(PROPERTY, "财产性"),
    CF(DIBAO, "低保金", AS_MONTHS), CF(TEKUN, "五保供养金", AS_MONTHS), CF(PENSION, "养老金", AS_MONTHS),
    C(FAMILY, "计生奖励"), C(ECO, "生态补助"), C(OTHER, "其他转移收入"), C(NET, "家庭年纯收入"),
    C(PC, "人均纯收入"));
SET(names_helper, CF(VILLAGE, "村", AS_ALIAS1), C(HELPER, "帮扶干部"), C(UNIT, "单位"),
    C(HELPER_PHONE, "联系方式"), CF(HEAD, "帮扶对象", AS_SPLIT), C(GROUP, "村民组"));
SET(names_measure, C(VILLAGE, "村"), CF(HEAD, "户主", AS_SPLIT), C(CATEGORY, "措施类型"),
    C(CONTENT, "措施内容"), CF(MONEY, "金额（元）", AS_MIXED), CF(DATE, "落实时间", AS_MIXED));
SET(names_visit, C(DATE, "日期"), CF(VILLAGE, "村", AS_ALIAS2), C(HEAD, "受访户主"),
    C(VISITOR, "走访人员"), C(CONTENT, "内容"));
SET(names_contract, C(SEQ, "序号"), C(VILLAGE, "村"), C(HEAD, "乙方（户主）"), C(COMPANY, "甲方"),
    C(COOP, "合作社"), C(MODE, "合同类型"), C(DUE, "到期日"), C(MONEY, "合同总金额"), C(PAID, "实付"));

const struct layout layout_names = {
	"names",
	TEXT("只有村名和户主姓名，没有户编号；金额写成月×12", "by village and head, no numbers"),
	offices_plain,
	{
		[LEDGER_ROSTER] = {"建档立卡贫困人口名册.xlsx", "{T}建档立卡贫困人口名册", NULL, NULL, NULL,
		                   SHEET_XLSX, DATE_HAN, MERGE_HOUSE, names_roster},
		[LEDGER_INCOME] = {"贫困户收入统计.xlsx", "{T}2017年贫困户收入统计表", "单位：元", NULL, NULL,
		                   SHEET_XLSX, DATE_CELL, 0, names_income},
		[LEDGER_HELPER] = {"干部包户安排表.xlsx", "{T}干部包户安排表", NULL, NULL, NULL, SHEET_XLSX,
		                   DATE_CELL, DITTO, names_helper},
		[LEDGER_MEASURE] = {"政策落实台账.xlsx", "{T}到户政策落实台账", NULL, "填表人：", NULL,
		                    SHEET_XLSX, DATE_CELL, MERGE_HOUSE, names_measure},
		[LEDGER_VISIT] = {"走访日志.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_DOT, 0,
		                  names_visit},
		[LEDGER_CONTRACT] = {"利益联结合同.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_ISO,
		                     0, names_contract},
		[LEDGER_DIBAO] = {"民政对象.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_DISABILITY] = {"残联持证.xlsx", "{T}持证残疾人花名册", NULL, NULL, NULL, SHEET_XLSX,
		                       DATE_CELL, 0, NULL},
		[LEDGER_HOUSE] = {"住建危房鉴定.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_SLASH, 0,
		                  NULL},
		[LEDGER_POLICE] = {"公安户籍.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_PACKED, 0,
		                   NULL},
		[LEDGER_INSURANCE] = {"医保缴费.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_CELL, 0,
		                      NULL},
		[LEDGER_VEHICLE] = {"交警车辆.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_CELL, 0,
		                    NULL},
		[LEDGER_FIRM] = {"市场监管登记.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0,
		                 NULL},
		[LEDGER_ESTATE] = {"不动产中心.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                   NULL},
		[LEDGER_FISCAL] = {"财政局供养人员.xlsx", NULL, NULL, NULL, NULL, SHEET_XLSX, DATE_CELL, 0,
		                   NULL},
		[LEDGER_STUDENT] = {"教育局学生资助.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO,
		                    0, NULL},
		[LEDGER_WORK] = {"人社务工.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_ISO, 0, NULL},
	},
};

/* --- codes: 1 and 0, amounts in 万元, columns the other way round ------------------------ */

SET(codes_roster, C(REMARK, "备注"), C(PHONE, "户主电话"), CF(PC, "人均纯收入（万元）", AS_WAN),
    CF(WATER, "安全饮水", AS_ONE_ZERO), CF(UNSAFE, "危房", AS_ONE_ZERO), CF(CAUSE, "致贫原因", AS_SHORT),
    CF(ATTR, "属性", AS_SHORT), C(EXIT_YEAR, "脱贫年份"), CF(EXITED, "脱贫状态", AS_SHORT),
    CF(HEALTH, "健康", AS_SHORT), CF(STUDENT, "就学状况", AS_SHORT), C(RELATION, "关系"), C(BIRTH, "生日"),
    C(SEX, "性别"), CF(ID, "身份证", AS_FORMULA), C(NAME, "姓名"), C(MEMBERS, "人口数"), C(HH_NO, "户号"),
    C(VILLAGE, "村"));
SET(codes_income, CF(PC, "人均（万元）", AS_WAN), CF(NET, "纯收入（万元）", AS_WAN),
    CF(OTHER, "其他转移性收入（万元）", AS_WAN), CF(ECO, "生态补偿（万元）", AS_WAN),
    CF(FAMILY, "计划生育（万元）", AS_WAN), CF(PENSION, "养老金（万元）", AS_WAN),
    CF(TEKUN, "五保金（万元）", AS_WAN), CF(DIBAO, "低保金（万元）", AS_WAN),
    CF(PROPERTY, "财产性收入（万元）", AS_WAN), CF(COST, "生产经营支出（万元）", AS_WAN),
    CF(BUSINESS, "生产经营收入（万元）", AS_WAN), CF(WAGE, "工资性收入（万元）", AS_WAN),
    C(MEMBERS, "家庭人口数"), C(HEAD, "户主"), C(HH_NO, "户号"), C(VILLAGE, "村"));
SET(codes_helper, C(HELPER_PHONE, "帮扶人电话"), C(UNIT, "帮扶人单位"), C(HELPER, "帮扶人"),
    C(HEAD, "户主"), C(HH_NO, "户号"), C(VILLAGE, "村"));
SET(codes_measure, CF(MONEY, "资金（万元）", AS_WAN), C(DATE, "实施日期"), C(CONTENT, "措施"),
    C(CATEGORY, "类别"), C(HEAD, "户主"), C(HH_NO, "户号"));
SET(codes_visit, C(CONTENT, "走访内容"), C(VISITOR, "责任人"), C(HEAD, "户主"), C(HH_NO, "户号"),
    C(DATE, "走访时间"));
SET(codes_contract, CF(PAID, "已付（万元）", AS_WAN), CF(MONEY, "合同金额（万元）", AS_WAN), C(DUE, "应付日期"),
    C(MODE, "带贫方式"), C(INDUSTRY, "产业"), C(COMPANY, "企业名称"), C(HEAD, "户主"), C(HH_NO, "户号"));

const struct layout layout_codes = {
	"codes",
	TEXT("列序颠倒，是否写 1/0，金额用万元，GB18030", "columns reversed, 1/0, amounts in 10,000 yuan"),
	offices_short,
	{
		[LEDGER_ROSTER] = {"贫困户信息.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_SLASH, 0,
		                   codes_roster},
		[LEDGER_INCOME] = {"收入.csv", NULL, "2017年度贫困户收入", NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0,
		                   codes_income},
		[LEDGER_HELPER] = {"帮扶人.txt", NULL, NULL, NULL, NULL, SHEET_TAB_UTF16, DATE_ISO, 0,
		                   codes_helper},
		[LEDGER_MEASURE] = {"措施.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_DOT, 0,
		                    codes_measure},
		[LEDGER_VISIT] = {"走访.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_PACKED, 0,
		                  codes_visit},
		[LEDGER_CONTRACT] = {"合同.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_SLASH, 0,
		                     codes_contract},
		[LEDGER_DIBAO] = {"低保五保.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_DISABILITY] = {"残疾.txt", NULL, NULL, NULL, NULL, SHEET_TAB_UTF16, DATE_ISO, 0,
		                       NULL},
		[LEDGER_HOUSE] = {"危房鉴定.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_PACKED, 0,
		                  NULL},
		[LEDGER_POLICE] = {"户籍人口.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_INSURANCE] = {"医保参保.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_ISO, 0,
		                      NULL},
		[LEDGER_VEHICLE] = {"车辆.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_FIRM] = {"企业.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_ESTATE] = {"不动产.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_ISO, 0,
		                   NULL},
		[LEDGER_FISCAL] = {"财政供养.txt", NULL, NULL, NULL, NULL, SHEET_TAB_UTF16, DATE_ISO, 0,
		                   NULL},
		[LEDGER_STUDENT] = {"学生.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0, NULL},
		[LEDGER_WORK] = {"务工.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_ISO, 0, NULL},
	},
};

/* --- export: html tables under the name of workbooks, sections, odd headers --------------- */

SET(export_roster, C(SEQ, "序号"), C(TOWN, "所属乡镇"), C(VILLAGE, "所属行政村"), C(HH_NO, "建档立卡户编号"),
    C(MEMBERS, "家庭成员数"), C(NAME, "家庭成员姓名"), C(SEX, "性别"), C(ID, "身份证件号码"),
    C(BIRTH, "出生年月日"), C(RELATION, "与户主的关系"), C(ETHNIC, "民族"), C(EDU, "受教育程度"),
    C(STUDENT, "就读状况"), C(HEALTH, "健康状态"), C(LABOR, "劳动力状况"), C(WORK, "务工区域"),
    C(MONTHS, "务工时长"), C(ATTR, "贫困户类别"), C(CAUSE, "主要致贫因素"), C(STATUS, "脱贫情况"),
    CF(HOUSE_SAFE, "住房安全", AS_SAFE), C(WATER, "饮水安全是否达标"), C(PC, "家庭人均纯收入"));
SET(export_income, C(SEQ, "序号"), C(HH_NO, "建档立卡户编号"), C(HEAD, "户主"), C(MEMBERS, "人口"),
    C(WAGE, "一、工资性收入"), C(BUSINESS, "二、生产经营性收入"), C(COST, "三、生产经营性支出"),
    C(PROPERTY, "四、财产性收入"), C(FAMILY, "计划生育金"), C(DIBAO, "低保金"), C(TEKUN, "特困供养金"),
    C(PENSION, "养老保险金"), C(ECO, "生态补偿金"), C(OTHER, "其他转移性收入"), C(TRANSFER, "五、转移性收入"),
    C(NET, "家庭纯收入"), C(PC, "人均纯收入"));
SET(export_helper, C(SEQ, "序号"), C(VILLAGE, "贫困户所在村"), C(HEAD, "贫困户户主姓名"),
    C(HEAD_ID, "贫困户户主身份证号"), C(HELPER, "结对帮扶责任人"), C(UNIT, "帮扶单位"), C(HELPER_PHONE, "联系电话"));
SET(export_measure, C(SEQ, "序号"), C(VILLAGE, "村"), C(HEAD, "户主姓名"), C(HEAD_ID, "户主身份证号"),
    C(CATEGORY, "帮扶措施类别"), C(CONTENT, "项目内容"), C(DATE, "享受时间"), C(MONEY, "补助金额"));
SET(export_visit, C(SEQ, "序号"), C(VILLAGE, "所在村"), C(HEAD, "户主姓名"), C(HEAD_ID, "户主身份证号"),
    C(DATE, "走访日期"), C(VISITOR, "走访人"), C(CONTENT, "走访事项"));
SET(export_contract, C(SEQ, "序号"), C(VILLAGE, "所在村"), C(HEAD, "户主姓名"), C(HEAD_ID, "户主身份证号"),
    C(COMPANY, "带贫企业"), C(COOP, "合作社名称"), C(MODE, "联结方式"), C(MONEY, "应付金额"), C(PAID, "实付金额"), C(DUE, "应付日期"));

const struct layout layout_export = {
	"export",
	TEXT("网页表格另存为 .xls，户主身份证号代替户编号", "web tables saved as .xls, heads' numbers"),
	offices_system,
	{
		[LEDGER_ROSTER] = {"贫困户家庭成员导出.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS,
		                   DATE_ISO, 0, export_roster},
		[LEDGER_INCOME] = {"收入测算导出.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                   export_income},
		[LEDGER_HELPER] = {"结对帮扶导出.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                   export_helper},
		[LEDGER_MEASURE] = {"帮扶措施导出.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_HAN, 0,
		                    export_measure},
		[LEDGER_VISIT] = {"走访导出.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_SLASH, 0,
		                  export_visit},
		[LEDGER_CONTRACT] = {"带贫合同导出.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_ISO, 0,
		                     export_contract},
		[LEDGER_DIBAO] = {"低保五保发放.xlsx", "{T}低保五保资金发放表（2017年12月）", NULL, "制表：", NULL,
		                  SHEET_XLSX, DATE_CELL, BY_SECTION, NULL},
		[LEDGER_DISABILITY] = {"残疾人信息.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO,
		                       0, NULL},
		[LEDGER_HOUSE] = {"危房信息.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                  NULL},
		[LEDGER_POLICE] = {"常住人口信息.csv", NULL, NULL, NULL, NULL, SHEET_CSV_GB, DATE_PACKED, 0,
		                   NULL},
		[LEDGER_INSURANCE] = {"参保信息.txt", NULL, NULL, NULL, NULL, SHEET_TAB_UTF16, DATE_ISO, 0,
		                      NULL},
		[LEDGER_VEHICLE] = {"机动车信息.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                    NULL},
		[LEDGER_FIRM] = {"企业信息.csv", NULL, NULL, NULL, NULL, SHEET_CSV_MARK, DATE_ISO, 0, NULL},
		[LEDGER_ESTATE] = {"不动产信息.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0,
		                   NULL},
		[LEDGER_FISCAL] = {"财政供养信息.xlsx", "财政供养人员信息", NULL, NULL, NULL, SHEET_XLSX,
		                   DATE_CELL, 0, NULL},
		[LEDGER_STUDENT] = {"学生信息.csv", NULL, NULL, NULL, NULL, SHEET_CSV_UTF8, DATE_ISO, 0,
		                    NULL},
		[LEDGER_WORK] = {"务工信息.xls", NULL, NULL, NULL, NULL, SHEET_HTML_XLS, DATE_ISO, 0, NULL},
	},
};

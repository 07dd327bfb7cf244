/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How the departments head the columns of their lists, in four habits. */
#include "synth/sheet.h"

#include "base/banned.h"

#define SET(name, ...) static const struct column name[] = {__VA_ARGS__, COLUMNS_END}

/* --- plain: a clerk's own table ------------------------------------------------ */

SET(plain_dibao, C(NAME, "户主姓名"), C(ID, "身份证号"), C(VILLAGE, "村（居）"), C(KIND, "类别"),
    C(MONTHLY, "月保障金额（元/人）"), C(COVERED, "保障人口"));
SET(plain_disability, C(NAME, "姓名"), C(ID, "身份证号码"), C(CARD, "残疾证号"),
    C(CARD_KIND, "残疾类别"), C(CARD_GRADE, "残疾等级"), C(ADDRESS, "家庭住址"));
SET(plain_house, C(NAME, "户主"), C(ID, "身份证"), C(VILLAGE, "村"), C(GRADE, "鉴定等级"),
    C(DATE, "鉴定日期"), C(REBUILT, "是否已改造"));
SET(plain_police, C(NAME, "姓名"), C(ID, "公民身份号码"), C(SEX, "性别"), C(BIRTH, "出生日期"),
    C(ADDRESS, "户籍地址"), C(VILLAGE, "村居"), C(STATE, "户籍状态"));
SET(plain_insurance, C(INSURED_NO, "个人编号"), C(NAME, "姓名"), C(ID, "证件号码"),
    C(YEAR, "参保年度"), C(VILLAGE, "村"));
SET(plain_vehicle, C(PLATE, "号牌号码"), C(KIND, "车辆类型"), C(BRAND, "品牌"),
    C(NAME, "机动车所有人"), C(ID, "身份证明号码"), C(ADDRESS, "住址"), C(DATE, "初次登记日期"),
    C(PRICE, "购置价格"));
SET(plain_firm, C(FIRM_NAME, "企业名称"), C(KIND, "类型"), C(NAME, "姓名"), C(ID, "身份证号"),
    C(POST, "职务"), C(CAPITAL, "注册资本（万元）"), C(ADDRESS, "住所"));
SET(plain_estate, C(NAME, "权利人"), CF(ID, "证件号", AS_FORMULA), C(PLACE, "坐落"),
    C(AREA, "面积"), C(USE, "用途"), C(DATE, "登记日期"));
SET(plain_fiscal, C(NAME, "姓名"), C(ID, "身份证号码"), C(UNIT, "单位"), C(KIND, "人员类别"));
SET(plain_student, C(SCHOOL, "学校"), C(CLASS, "年级"), C(NAME, "学生姓名"), C(ID, "身份证件号"),
    C(SEX, "性别"), C(ADDRESS, "家庭地址"), C(MONEY, "资助金额"));
SET(plain_work, C(NAME, "姓名"), C(ID, "身份证号"), C(VILLAGE, "村"), C(WORK, "务工地点"),
    C(MONTHS, "务工月数"));

const struct column *const offices_plain[LEDGER_MAX] = {
	[LEDGER_DIBAO] = plain_dibao,     [LEDGER_DISABILITY] = plain_disability,
	[LEDGER_HOUSE] = plain_house,     [LEDGER_POLICE] = plain_police,
	[LEDGER_INSURANCE] = plain_insurance, [LEDGER_VEHICLE] = plain_vehicle,
	[LEDGER_FIRM] = plain_firm,       [LEDGER_ESTATE] = plain_estate,
	[LEDGER_FISCAL] = plain_fiscal,   [LEDGER_STUDENT] = plain_student,
	[LEDGER_WORK] = plain_work,
};

/* --- system: exported from the department's own program ------------------------- */

SET(system_dibao, C(SEQ, "序号"), C(COUNTY, "县（区）"), C(TOWN, "乡镇（街道）"),
    C(VILLAGE, "村（社区）"), C(NAME, "申请人姓名"), C(ID, "申请人身份证号码"),
    CF(KIND, "救助类型", AS_NUMBERED), C(COVERED, "保障人数"), C(MONTHLY, "人均月补助金额"));
SET(system_disability, CF(CARD, "残疾人证号", AS_FORMULA), C(NAME, "残疾人姓名"), C(SEX, "性别"),
    C(ID, "身份证号"), C(CARD_KIND, "残疾类别"), CF(CARD_GRADE, "残疾等级", AS_SHORT),
    C(ADDRESS, "户籍地址"));
SET(system_house, C(SEQ, "序号"), C(TOWN, "乡（镇）"), C(VILLAGE, "行政村"),
    C(NAME, "农户姓名"), C(ID, "农户身份证号"), CF(GRADE, "房屋危险等级", AS_SHORT),
    C(DATE, "鉴定时间"), C(REBUILT, "是否完成改造"));
SET(system_police, C(ID, "身份证号"), C(NAME, "姓名"), C(SEX, "性别"), C(ETHNIC, "民族"),
    CF(BIRTH, "出生日期", AS_USUAL), C(ADDRESS, "住址"), C(VILLAGE, "居（村）委会"),
    CF(STATE, "人员状态", AS_SHORT));
SET(system_insurance, C(YEAR, "缴费年度"), CF(ID, "身份证号码", AS_FORMULA), C(NAME, "参保人姓名"),
    C(SEX, "性别"), C(INSURED_NO, "医保编号"), C(TOWN, "所属乡镇"), C(VILLAGE, "所属村"));
SET(system_vehicle, C(SEQ, "序号"), C(NAME, "所有人"), C(ID, "证件号码"), C(PLATE, "车牌号"),
    C(KIND, "车型"), C(BRAND, "车辆品牌"), C(DATE, "登记日期"), C(ADDRESS, "住所地址"));
SET(system_firm, C(SEQ, "序号"), C(FIRM_NAME, "市场主体名称"), C(KIND, "企业类型"),
    C(NAME, "法定代表人（负责人）"), C(ID, "证件号码"), C(CAPITAL, "注册资金（万元）"),
    C(ADDRESS, "经营场所"));
SET(system_estate, C(SEQ, "序号"), C(NAME, "权利人名称"), C(ID, "权利人证件号码"),
    C(PLACE, "不动产坐落"), C(USE, "房屋用途"), C(AREA, "建筑面积（㎡）"), C(DATE, "登簿日期"));
SET(system_fiscal, C(SEQ, "序号"), C(UNIT, "单位名称"), C(NAME, "人员姓名"),
    C(ID, "公民身份号码"), C(KIND, "编制类型"));
SET(system_student, C(SEQ, "序号"), C(NAME, "姓名"), C(SEX, "性别"), C(ID, "身份证件号"),
    C(SCHOOL, "就读学校"), CF(CLASS, "就读年级", AS_SHORT), C(ADDRESS, "现住址"));
SET(system_work, C(SEQ, "序号"), C(TOWN, "乡镇"), C(VILLAGE, "行政村"), C(NAME, "姓名"),
    C(SEX, "性别"), C(ID, "公民身份号码"), CF(WORK, "就业地点", AS_SHORT), C(MONTHS, "就业月数"));

const struct column *const offices_system[LEDGER_MAX] = {
	[LEDGER_DIBAO] = system_dibao,     [LEDGER_DISABILITY] = system_disability,
	[LEDGER_HOUSE] = system_house,     [LEDGER_POLICE] = system_police,
	[LEDGER_INSURANCE] = system_insurance, [LEDGER_VEHICLE] = system_vehicle,
	[LEDGER_FIRM] = system_firm,       [LEDGER_ESTATE] = system_estate,
	[LEDGER_FISCAL] = system_fiscal,   [LEDGER_STUDENT] = system_student,
	[LEDGER_WORK] = system_work,
};

/* --- paper: typed after the printed form, headers in two rows --------------------- */

SET(paper_dibao, C(SEQ, "序号"), CO(NAME, "保障对象", "姓名"), CO(ID, "保障对象", "身份证号"),
    CO(VILLAGE, "家庭住址", "村"), CO(GROUP, "家庭住址", "组"),
    CF(KIND, "保障类别", AS_SHORT), CO(COVERED, "保障情况", "保障人口"),
    CO(MONTHLY, "保障情况", "月人均保障金（元）"), C(EMPTY, "领款人签字"));
SET(paper_disability, C(SEQ, "序号"), C(NAME, "姓名"), C(SEX, "性别"), C(VILLAGE, "村居"),
    CO(CARD_KIND, "残疾情况", "类别"), CO(CARD_GRADE, "残疾情况", "等级"), C(CARD, "证号"));
SET(paper_house, C(SEQ, "序号"), CO(VILLAGE, "户主信息", "所在村"), CO(NAME, "户主信息", "姓名"),
    CO(ID, "户主信息", "身份证号码"), CO(GRADE, "房屋鉴定", "等级"), CO(DATE, "房屋鉴定", "日期"),
    CF(REBUILT, "是否改造", AS_TICK));
SET(paper_police, C(SEQ, "序号"), C(VILLAGE, "村"), C(NAME, "姓名"), C(SEX, "性别"),
    C(BIRTH, "出生年月日"), CF(ID, "居民身份证号码", AS_DIRTY), C(STATE, "状态"));
SET(paper_insurance, C(SEQ, "序号"), C(VILLAGE, "村名"), C(NAME, "参合人员"),
    C(ID, "身份证号码"), C(YEAR, "参合年度"));
SET(paper_vehicle, C(SEQ, "序号"), CO(NAME, "车主", "姓名"), CO(ID, "车主", "身份证号"),
    CO(ADDRESS, "车主", "住址"), CO(PLATE, "车辆", "号牌"), CO(KIND, "车辆", "类型"),
    CO(DATE, "车辆", "登记时间"));
SET(paper_firm, C(SEQ, "序号"), CO(FIRM_NAME, "企业", "名称"), CO(KIND, "企业", "类型"),
    CO(NAME, "负责人", "姓名"), CO(POST, "负责人", "职务"), CO(ID, "负责人", "身份证号"),
    C(ADDRESS, "地址"));
SET(paper_estate, C(SEQ, "序号"), C(NAME, "产权人"), C(ID, "身份证号"), C(PLACE, "房屋坐落"),
    C(USE, "规划用途"), C(AREA, "建筑面积"), C(DATE, "登记时间"));
SET(paper_fiscal, C(SEQ, "序号"), C(UNIT, "工作单位"), C(NAME, "姓名"), C(SEX, "性别"),
    C(ID, "身份证号"), C(KIND, "编制性质"));
SET(paper_student, C(SEQ, "序号"), C(NAME, "学生姓名"), C(SEX, "性别"), C(ID, "学生身份证号"),
    CO(SCHOOL, "就读情况", "学校"), CO(CLASS, "就读情况", "年级"), C(VILLAGE, "所在村"));
SET(paper_work, C(SEQ, "序号"), C(VILLAGE, "村"), C(NAME, "务工人员姓名"), C(ID, "身份证号"),
    CO(WORK, "务工情况", "务工地点"), CO(MONTHS, "务工情况", "务工时间（月）"));

const struct column *const offices_paper[LEDGER_MAX] = {
	[LEDGER_DIBAO] = paper_dibao,     [LEDGER_DISABILITY] = paper_disability,
	[LEDGER_HOUSE] = paper_house,     [LEDGER_POLICE] = paper_police,
	[LEDGER_INSURANCE] = paper_insurance, [LEDGER_VEHICLE] = paper_vehicle,
	[LEDGER_FIRM] = paper_firm,       [LEDGER_ESTATE] = paper_estate,
	[LEDGER_FISCAL] = paper_fiscal,   [LEDGER_STUDENT] = paper_student,
	[LEDGER_WORK] = paper_work,
};

/* --- short: as few columns as will do --------------------------------------------- */

SET(short_dibao, CF(VILLAGE, "村", AS_ALIAS_ANY), C(NAME, "低保对象姓名"), C(ID, "身份证"),
    CF(KIND, "低保类别", AS_SHORT), C(COVERED, "享受人数"), CF(MONTHLY, "月人均金额", AS_YUAN));
SET(short_disability, C(NAME, "姓名"), C(CARD, "残疾证号码"), C(CARD_KIND, "残别"),
    CF(CARD_GRADE, "级别", AS_SHORT), CF(VILLAGE, "村居", AS_ALIAS1));
SET(short_house, CF(VILLAGE, "村", AS_ALIAS2), C(NAME, "姓名"), C(ID, "身份证号"),
    C(GRADE, "危房等级"), CF(REBUILT, "是否改造", AS_ONE_ZERO), C(DATE, "鉴定日期"));
SET(short_police, C(NAME, "XM"), C(ID, "SFZH"), C(SEX, "性别"), CF(VILLAGE, "村", AS_ALIAS1),
    CF(STATE, "状态", AS_SHORT));
SET(short_insurance, C(NAME, "姓名"), C(ID, "身份证号"), CF(VILLAGE, "村居", AS_ALIAS1),
    C(YEAR, "年度"));
SET(short_vehicle, C(NAME, "车主姓名"), C(ID, "身份证号"), C(KIND, "车辆类型"), C(PLATE, "车牌号码"),
    CF(ADDRESS, "地址", AS_ALIAS1));
SET(short_firm, C(NAME, "法人姓名"), C(ID, "法人身份证号"), C(FIRM_NAME, "单位名称"),
    C(KIND, "主体类型"), CF(ADDRESS, "地址", AS_ALIAS1));
SET(short_estate, C(NAME, "姓名"), C(ID, "身份证号"), C(PLACE, "坐落"), C(USE, "用途"),
    C(AREA, "建筑面积"));
SET(short_fiscal, C(UNIT, "单位"), C(NAME, "姓名"), C(ID, "身份证号"), C(KIND, "人员性质"));
SET(short_student, CF(VILLAGE, "家庭所在村", AS_ALIAS1), C(NAME, "学生"), C(ID, "身份证号"),
    C(SCHOOL, "学校"), CF(CLASS, "年级", AS_SHORT));
SET(short_work, CF(VILLAGE, "村", AS_ALIAS2), C(NAME, "姓名"), C(ID, "身份证"),
    CF(WORK, "务工地", AS_SHORT), C(MONTHS, "月数"));

const struct column *const offices_short[LEDGER_MAX] = {
	[LEDGER_DIBAO] = short_dibao,     [LEDGER_DISABILITY] = short_disability,
	[LEDGER_HOUSE] = short_house,     [LEDGER_POLICE] = short_police,
	[LEDGER_INSURANCE] = short_insurance, [LEDGER_VEHICLE] = short_vehicle,
	[LEDGER_FIRM] = short_firm,       [LEDGER_ESTATE] = short_estate,
	[LEDGER_FISCAL] = short_fiscal,   [LEDGER_STUDENT] = short_student,
	[LEDGER_WORK] = short_work,
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "registry/registry.h"

#include "base/banned.h"

static const struct field household_fields[] = {
#define F(...) FIELD_ROW(struct household, __VA_ARGS__)
#include "registry/household.def"
#undef F
};
const struct record_desc household_desc = {
	.name = "household",
	.id = 30,
	.fields = household_fields,
	.n = HOUSEHOLD_FIELD_MAX,
	.size = sizeof(struct household),
	.label = TEXT("户", "household"),
	.owner = OWNER_NONE,
	.naming = 1,
	.span = false,
};

static const struct field household_state_fields[] = {
#define F(...) FIELD_ROW(struct household_state, __VA_ARGS__)
#include "registry/household_state.def"
#undef F
};
const struct record_desc household_state_desc = {
	.name = "household_state",
	.id = 31,
	.fields = household_state_fields,
	.n = HOUSEHOLD_STATE_FIELD_MAX,
	.size = sizeof(struct household_state),
	.label = TEXT("户状态", "state of a household"),
	.owner = OWNER_NONE,
	.naming = 0,
	.span = true,
};

static const struct field household_year_fields[] = {
#define F(...) FIELD_ROW(struct household_year, __VA_ARGS__)
#include "registry/household_year.def"
#undef F
};
const struct record_desc household_year_desc = {
	.name = "household_year",
	.id = 32,
	.fields = household_year_fields,
	.n = HOUSEHOLD_YEAR_FIELD_MAX,
	.size = sizeof(struct household_year),
	.label = TEXT("户年度信息", "household's year"),
	.owner = OWNER_NONE,
	.naming = 0,
	.span = false,
};

static const struct field person_fields[] = {
#define F(...) FIELD_ROW(struct person, __VA_ARGS__)
#include "registry/person.def"
#undef F
};
const struct record_desc person_desc = {
	.name = "person",
	.id = 33,
	.fields = person_fields,
	.n = PERSON_FIELD_MAX,
	.size = sizeof(struct person),
	.label = TEXT("人口", "person"),
	.owner = OWNER_SELF,
	.naming = 1,
	.span = false,
};

static const struct field membership_fields[] = {
#define F(...) FIELD_ROW(struct membership, __VA_ARGS__)
#include "registry/membership.def"
#undef F
};
const struct record_desc membership_desc = {
	.name = "membership",
	.id = 34,
	.fields = membership_fields,
	.n = MEMBERSHIP_FIELD_MAX,
	.size = sizeof(struct membership),
	.label = TEXT("家庭成员", "membership"),
	.owner = 1,
	.naming = 0,
	.span = true,
};

static const struct field person_year_fields[] = {
#define F(...) FIELD_ROW(struct person_year, __VA_ARGS__)
#include "registry/person_year.def"
#undef F
};
const struct record_desc person_year_desc = {
	.name = "person_year",
	.id = 35,
	.fields = person_year_fields,
	.n = PERSON_YEAR_FIELD_MAX,
	.size = sizeof(struct person_year),
	.label = TEXT("人口年度信息", "person's year"),
	.owner = 1,
	.naming = 0,
	.span = false,
};

static const struct field income_fields[] = {
#define F(...) FIELD_ROW(struct income, __VA_ARGS__)
#include "registry/income.def"
#undef F
};
const struct record_desc income_desc = {
	.name = "income",
	.id = 36,
	.fields = income_fields,
	.n = INCOME_FIELD_MAX,
	.size = sizeof(struct income),
	.label = TEXT("收入", "income"),
	.owner = OWNER_NONE,
	.naming = 0,
	.span = false,
};

static const struct field duty_fields[] = {
#define F(...) FIELD_ROW(struct duty, __VA_ARGS__)
#include "registry/duty.def"
#undef F
};
const struct record_desc duty_desc = {
	.name = "duty",
	.id = 37,
	.fields = duty_fields,
	.n = DUTY_FIELD_MAX,
	.size = sizeof(struct duty),
	.label = TEXT("帮扶责任", "duty"),
	.owner = OWNER_NONE,
	.naming = 2,
	.span = true,
};

static const struct field measure_fields[] = {
#define F(...) FIELD_ROW(struct measure, __VA_ARGS__)
#include "registry/measure.def"
#undef F
};
const struct record_desc measure_desc = {
	.name = "measure",
	.id = 38,
	.fields = measure_fields,
	.n = MEASURE_FIELD_MAX,
	.size = sizeof(struct measure),
	.label = TEXT("帮扶措施", "measure"),
	.owner = OWNER_NONE,
	.naming = 0,
	.span = false,
};

static const struct field visit_fields[] = {
#define F(...) FIELD_ROW(struct visit, __VA_ARGS__)
#include "registry/visit.def"
#undef F
};
const struct record_desc visit_desc = {
	.name = "visit",
	.id = 39,
	.fields = visit_fields,
	.n = VISIT_FIELD_MAX,
	.size = sizeof(struct visit),
	.label = TEXT("走访", "visit"),
	.owner = OWNER_NONE,
	.naming = 0,
	.span = false,
};

static const struct field contract_fields[] = {
#define F(...) FIELD_ROW(struct contract, __VA_ARGS__)
#include "registry/contract.def"
#undef F
};
const struct record_desc contract_desc = {
	.name = "contract",
	.id = 40,
	.fields = contract_fields,
	.n = CONTRACT_FIELD_MAX,
	.size = sizeof(struct contract),
	.label = TEXT("产业合同", "contract"),
	.owner = OWNER_NONE,
	.naming = 0,
	.span = false,
};

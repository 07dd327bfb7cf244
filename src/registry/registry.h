/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * registry: the households on the register, their people, and what is known of
 * them.
 *
 * Owns the tables below, one `.def` each.  Facts that bear a state (status,
 * attribute, membership, duty) are spans: true from a day up to, not
 * including, another, and recorded from an instant to another, so that both
 * "what held on that day" and "what did we know then" can be asked; nothing of
 * a span is overwritten.  What an office reports by the year is a snapshot a
 * year.  Everything is written through the journal.
 *
 * Dates: 0 (absent) for valid_from means "since ever", for valid_to "still".
 * Year 0 is a snapshot whose year nobody wrote.
 */
#ifndef DAOHU_REGISTRY_REGISTRY_H
#define DAOHU_REGISTRY_REGISTRY_H

#include "field/field.h"

struct household {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/household.def"
#undef F
};
enum household_field {
#define F(...) FIELD_INDEX(HOUSEHOLD_, __VA_ARGS__)
#include "registry/household.def"
#undef F
	HOUSEHOLD_FIELD_MAX
};
extern const struct record_desc household_desc;

struct household_state {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/household_state.def"
#undef F
};
enum household_state_field {
#define F(...) FIELD_INDEX(HOUSEHOLD_STATE_, __VA_ARGS__)
#include "registry/household_state.def"
#undef F
	HOUSEHOLD_STATE_FIELD_MAX
};
extern const struct record_desc household_state_desc;

struct household_year {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/household_year.def"
#undef F
};
enum household_year_field {
#define F(...) FIELD_INDEX(HOUSEHOLD_YEAR_, __VA_ARGS__)
#include "registry/household_year.def"
#undef F
	HOUSEHOLD_YEAR_FIELD_MAX
};
extern const struct record_desc household_year_desc;

struct person {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/person.def"
#undef F
};
enum person_field {
#define F(...) FIELD_INDEX(PERSON_, __VA_ARGS__)
#include "registry/person.def"
#undef F
	PERSON_FIELD_MAX
};
extern const struct record_desc person_desc;

struct membership {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/membership.def"
#undef F
};
enum membership_field {
#define F(...) FIELD_INDEX(MEMBERSHIP_, __VA_ARGS__)
#include "registry/membership.def"
#undef F
	MEMBERSHIP_FIELD_MAX
};
extern const struct record_desc membership_desc;

struct person_year {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/person_year.def"
#undef F
};
enum person_year_field {
#define F(...) FIELD_INDEX(PERSON_YEAR_, __VA_ARGS__)
#include "registry/person_year.def"
#undef F
	PERSON_YEAR_FIELD_MAX
};
extern const struct record_desc person_year_desc;

struct income {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/income.def"
#undef F
};
enum income_field {
#define F(...) FIELD_INDEX(INCOME_, __VA_ARGS__)
#include "registry/income.def"
#undef F
	INCOME_FIELD_MAX
};
extern const struct record_desc income_desc;

struct duty {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/duty.def"
#undef F
};
enum duty_field {
#define F(...) FIELD_INDEX(DUTY_, __VA_ARGS__)
#include "registry/duty.def"
#undef F
	DUTY_FIELD_MAX
};
extern const struct record_desc duty_desc;

struct measure {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/measure.def"
#undef F
};
enum measure_field {
#define F(...) FIELD_INDEX(MEASURE_, __VA_ARGS__)
#include "registry/measure.def"
#undef F
	MEASURE_FIELD_MAX
};
extern const struct record_desc measure_desc;

struct visit {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/visit.def"
#undef F
};
enum visit_field {
#define F(...) FIELD_INDEX(VISIT_, __VA_ARGS__)
#include "registry/visit.def"
#undef F
	VISIT_FIELD_MAX
};
extern const struct record_desc visit_desc;

struct contract {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "registry/contract.def"
#undef F
};
enum contract_field {
#define F(...) FIELD_INDEX(CONTRACT_, __VA_ARGS__)
#include "registry/contract.def"
#undef F
	CONTRACT_FIELD_MAX
};
extern const struct record_desc contract_desc;

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "registry/house_file.h"

#include "base/banned.h"

static struct stmt *of(struct db *db, enum stmt_id id, int64_t no)
{
	struct stmt *s = db_stmt(db, id);
	stmt_bind_int(s, 2, no);
	return s;
}

enum err house_file_head(struct db *db, int64_t household, struct arena *a, struct household *ret,
                         bool *ret_found)
{
	struct stmt *s = of(db, STMT_file_household, household);
	*ret_found = stmt_record(s, &household_desc, a, ret);
	return stmt_end(s);
}

static enum err load_members(struct db *db, int64_t household, struct arena *a,
                             struct house_file *f)
{
	struct membership *m = NULL;
	size_t n = 0;
	struct imap seen;
	enum err e = stmt_records(of(db, STMT_file_memberships, household), &membership_desc, a, &m, &n);
	if (e)
		return e;
	f->members = ARENA_ARRAY(a, n + 1, struct house_member);
	imap_init(&seen);
	for (size_t i = 0; !e && i < n; i++) {
		struct house_member *to = &f->members[f->n_members];
		bool found = false;
		if (!imap_set(&seen, m[i].person, 1))
			continue; /* an earlier span of somebody who is here already */
		*to = (struct house_member){.membership = m[i]};
		e = db_get(db, &person_desc, m[i].person, a, &to->person, &found);
		if (!e && found)
			e = stmt_records(of(db, STMT_file_person_years, m[i].person), &person_year_desc, a,
			                 &to->years, &to->n_years);
		f->n_members += found;
	}
	imap_release(&seen);
	return e;
}

static enum err load_facts(struct db *db, int64_t no, struct arena *a, struct house_file *f)
{
	enum err e = stmt_records(of(db, STMT_file_states, no), &household_state_desc, a, &f->states,
	                          &f->n_states);
	if (!e)
		e = stmt_records(of(db, STMT_file_years, no), &household_year_desc, a, &f->years,
		                 &f->n_years);
	if (!e)
		e = stmt_records(of(db, STMT_file_incomes, no), &income_desc, a, &f->incomes,
		                 &f->n_incomes);
	if (!e)
		e = stmt_records(of(db, STMT_file_duties, no), &duty_desc, a, &f->duties, &f->n_duties);
	if (!e)
		e = stmt_records(of(db, STMT_file_measures, no), &measure_desc, a, &f->measures,
		                 &f->n_measures);
	if (!e)
		e = stmt_records(of(db, STMT_file_visits, no), &visit_desc, a, &f->visits, &f->n_visits);
	if (!e)
		e = stmt_records(of(db, STMT_file_contracts, no), &contract_desc, a, &f->contracts,
		                 &f->n_contracts);
	return e;
}

enum err house_file_load(struct db *db, int64_t household, struct arena *a, struct house_file *ret)
{
	struct house_file f = {0};
	bool found = false;
	enum err e = house_file_head(db, household, a, &f.household, &found);
	if (!e && !found)
		e = diag_set(db_diag(db), ERR_NOT_FOUND, "%lld", (long long)household);
	if (!e)
		e = load_facts(db, household, a, &f);
	if (!e)
		e = load_members(db, household, a, &f);
	if (!e)
		e = pins_of(db, household, a, &f.pins, &f.n_pins);
	if (!e)
		*ret = f;
	return e;
}

const char *house_file_state(const struct house_file *f, const char *kind)
{
	for (size_t i = 0; i < f->n_states; i++)
		if (strcmp(f->states[i].kind, kind) == 0 &&
		    !FIELD_HAS(&f->states[i], HOUSEHOLD_STATE_, valid_to))
			return f->states[i].code;
	return NULL;
}

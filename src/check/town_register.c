/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The register as of the day: households, people, and what is known of them. */
#include "check/town_in.h"

#include "link/idno.h"

#include "base/banned.h"

/* Every record of a table, until the step is done; what stays is copied (kept). */
#define LOAD_ALL(l, table, ret, ret_n)                                                             \
	stmt_records(db_all((l)->db, &table##_desc), &table##_desc, &(l)->step, (ret), (ret_n))

static struct str kept(struct loader *l, const char *text)
{
	return text ? str_copy(l->a, str_c(text)) : (struct str){0};
}

static int16_t code_of(const struct loader *l, const char *list, const char *id)
{
	const struct pack_list *p = id ? pack_list(l->o->pack, list) : NULL;
	if (!p)
		return TOWN_NONE;
	int i = pack_code_by_id(p, id);
	return i < 0 ? TOWN_OTHER : (int16_t)i;
}

static uint64_t codes_of(struct loader *l, const char *list, const char *ids)
{
	const struct pack_list *p = ids ? pack_list(l->o->pack, list) : NULL;
	struct str rest = str_c(ids), piece;
	uint64_t mask = 0;
	while (p && str_split(&rest, ',', &piece)) {
		int i = pack_code_by_id(p, str_dup(&l->step, piece));
		if (i >= 0 && i < 64)
			mask |= (uint64_t)1 << i;
	}
	return mask;
}

static int64_t number_of(uint64_t has, size_t bit, int64_t v)
{
	return has & FIELD_BIT(bit) ? v : TOWN_MISSING;
}

static uint8_t tri_of(uint64_t has, size_t bit, bool v)
{
	return has & FIELD_BIT(bit) ? v ? TRI_YES : TRI_NO : TRI_UNKNOWN;
}

/* --- households ------------------------------------------------------------------ */

static enum err load_households(struct loader *l)
{
	struct household *h = NULL;
	size_t n = 0;
	enum err e = LOAD_ALL(l, household, &h, &n);
	if (e)
		return e;
	struct town_household *out = ARENA_ARRAY(l->a, n + 1, struct town_household);
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		int32_t village = town_village_of(l, h[i].village);
		if (h[i].village && village < 0)
			continue; /* of another town */
		(void)imap_set(&l->household, h[i].no, (int64_t)k);
		out[k++] = (struct town_household){
			.no = h[i].no,
			.hh_no = kept(l, h[i].hh_no),
			.village = village,
			.ledger = town_ledger_of(l, h[i].ledger),
			.group = kept(l, h[i].group_name),
			.head_name = kept(l, h[i].head_name),
			.address = kept(l, h[i].address),
			.status = TOWN_NONE,
			.attr = TOWN_NONE,
			.cause_main = TOWN_NONE,
			.house_grade = TOWN_NONE,
			.entry_year = TOWN_MISSING,
			.exit_year = TOWN_MISSING,
			.plan_exit_year = TOWN_MISSING,
			.declared_members = TOWN_MISSING,
			.stated_per_capita = TOWN_MISSING,
			.house_area = TOWN_MISSING,
			.arable = TOWN_MISSING,
		};
	}
	l->t->households = out;
	l->t->n_households = k;
	return OK;
}

static struct town_household *household_at(struct loader *l, int64_t no)
{
	int64_t i = imap_get(&l->household, no, -1);
	return i < 0 ? NULL : (struct town_household *)&l->t->households[i];
}

static enum err load_states(struct loader *l)
{
	struct household_state *s = NULL;
	size_t n = 0;
	enum err e = LOAD_ALL(l, household_state, &s, &n);
	for (size_t i = 0; !e && i < n; i++) {
		struct town_household *h = household_at(l, s[i].household);
		if (!h || !span_holds(s[i].valid_from, s[i].valid_to, s[i].recorded_to, l->o->as_of))
			continue;
		if (strcmp(s[i].kind, "status") == 0) {
			h->status = code_of(l, "status", s[i].code);
			h->exit_year = number_of(s[i].has, HOUSEHOLD_STATE_year, s[i].year);
		} else {
			h->attr = code_of(l, "attr", s[i].code);
		}
	}
	return e;
}

static enum err load_household_years(struct loader *l)
{
	struct household_year *y = NULL;
	size_t n = 0;
	enum err e = LOAD_ALL(l, household_year, &y, &n);
	int64_t *best = ARENA_ARRAY(l->a, l->t->n_households + 1, int64_t);
	for (size_t i = 0; !e && i < n; i++) {
		int64_t k = imap_get(&l->household, y[i].household, -1);
		if (k < 0 || y[i].year > date_year(l->o->as_of) || y[i].year + 1 <= best[k])
			continue;
		best[k] = y[i].year + 1;
		struct town_household *h = household_at(l, y[i].household);
		uint64_t has = y[i].has;
		h->entry_year = number_of(has, HOUSEHOLD_YEAR_entry_year, y[i].entry_year);
		h->plan_exit_year = number_of(has, HOUSEHOLD_YEAR_plan_exit_year, y[i].plan_exit_year);
		h->cause_main = code_of(l, "cause", y[i].cause_main);
		h->cause_others = codes_of(l, "cause", y[i].cause_others);
		h->declared_members =
			number_of(has, HOUSEHOLD_YEAR_declared_members, y[i].declared_members);
		h->stated_per_capita =
			number_of(has, HOUSEHOLD_YEAR_stated_per_capita, y[i].stated_per_capita);
		h->unsafe_house = tri_of(has, HOUSEHOLD_YEAR_unsafe_house, y[i].unsafe_house);
		h->house_grade = code_of(l, "house_grade", y[i].house_grade);
		h->water_safe = tri_of(has, HOUSEHOLD_YEAR_water_safe, y[i].water_safe);
		h->relocated = tri_of(has, HOUSEHOLD_YEAR_relocated, y[i].relocated);
		h->house_area = number_of(has, HOUSEHOLD_YEAR_house_area, y[i].house_area);
		h->arable = number_of(has, HOUSEHOLD_YEAR_arable, y[i].arable);
	}
	return e;
}

/* --- people ------------------------------------------------------------------------ */

static void fill_person(struct loader *l, const struct person *p, const struct membership *m,
                        struct town_person *out)
{
	struct idno id = idno_parse(str_c(p->id_text), p->id_lossy);
	int32_t ledger = town_ledger_of(l, m->ledger);
	*out = (struct town_person){
		.no = p->no,
		.household = (int32_t)imap_get(&l->household, m->household, -1),
		.ledger = ledger,
		.place = kept(l, m->place),
		.name = kept(l, p->name),
		.sex = code_of(l, "sex", p->sex),
		.birth = p->birth,
		.id_raw = kept(l, p->id_text),
		.id18 = id.n == 18 ? str_copy(l->a, str_c(id.id18)) : STR(""),
		.id_state = id.flags,
		.relation = code_of(l, "relation", m->relation),
		.ethnic = code_of(l, "ethnic", p->ethnic),
		.edu = TOWN_NONE,
		.student = TOWN_NONE,
		.labor = TOWN_NONE,
		.work_place = TOWN_NONE,
		.public_post = TOWN_NONE,
		.disability_type = TOWN_NONE,
		.disability_grade = TOWN_MISSING,
		.work_months = TOWN_MISSING,
		.phone = kept(l, p->phone),
		.erased = !p->name && !p->id_text && !p->birth,
	};
}

static enum err load_persons(struct loader *l)
{
	struct person *p = NULL;
	struct membership *m = NULL;
	struct imap at;
	size_t n = 0, n_m = 0, k = 0;
	enum err e = LOAD_ALL(l, person, &p, &n);
	if (!e)
		e = LOAD_ALL(l, membership, &m, &n_m);
	if (e)
		return e;
	struct town_person *out = ARENA_ARRAY(l->a, n_m + 1, struct town_person);
	imap_init(&at);
	for (size_t i = 0; i < n; i++)
		(void)imap_set(&at, p[i].no, (int64_t)i);
	for (size_t i = 0; i < n_m; i++) {
		int64_t who = imap_get(&at, m[i].person, -1);
		if (who < 0 || imap_get(&l->household, m[i].household, -1) < 0 ||
		    !span_holds(m[i].valid_from, m[i].valid_to, m[i].recorded_to, l->o->as_of))
			continue;
		fill_person(l, &p[who], &m[i], &out[k]);
		(void)imap_set(&l->person, p[who].no, (int64_t)k);
		struct town_household *h = household_at(l, m[i].household);
		if (m[i].relation && strcmp(m[i].relation, "head") == 0) {
			h->phone = kept(l, p[who].phone);
			h->bank = kept(l, p[who].bank);
			h->bank_account = kept(l, p[who].account);
		}
		k++;
	}
	imap_release(&at);
	l->t->persons = out;
	l->t->n_persons = k;
	return OK;
}

/* 1..4, as the list says. */
static int64_t grade_of(const struct loader *l, const char *id)
{
	const struct pack_list *list = pack_list(l->o->pack, "disability_grade");
	int64_t n;
	int i = list && id ? pack_code_by_id(list, id) : -1;
	if (i < 0 || !str_to_int(str_c(pack_code_attr(list, i, "n")), &n))
		return TOWN_MISSING;
	return n;
}

static void fill_person_year(struct loader *l, const struct person_year *y, struct town_person *p)
{
	p->edu = code_of(l, "edu", y->edu);
	p->student = code_of(l, "student", y->student);
	p->school = kept(l, y->school);
	p->health = codes_of(l, "health", y->health);
	p->labor = code_of(l, "labor", y->labor);
	p->work_place = code_of(l, "work_place", y->work_place);
	p->public_post = code_of(l, "public_post", y->public_post);
	p->work_months = number_of(y->has, PERSON_YEAR_work_months, y->work_months);
	p->disability_type = code_of(l, "disability_type", y->disability_type);
	p->disability_grade = grade_of(l, y->disability_grade);
	p->disability_card = kept(l, y->disability_card);
	p->insured_resident = tri_of(y->has, PERSON_YEAR_insured_resident, y->insured_resident);
	p->insured_employee = tri_of(y->has, PERSON_YEAR_insured_employee, y->insured_employee);
	p->insured_major = tri_of(y->has, PERSON_YEAR_insured_major, y->insured_major);
	p->dibao = tri_of(y->has, PERSON_YEAR_dibao, y->dibao);
	p->soldier = tri_of(y->has, PERSON_YEAR_soldier, y->soldier);
	p->dropout_reason = kept(l, y->dropout_reason);
	p->remark = kept(l, y->remark);
}

static enum err load_person_years(struct loader *l)
{
	struct person_year *y = NULL;
	size_t n = 0;
	enum err e = LOAD_ALL(l, person_year, &y, &n);
	int64_t *best = ARENA_ARRAY(l->a, l->t->n_persons + 1, int64_t);
	for (size_t i = 0; !e && i < n; i++) {
		int64_t k = imap_get(&l->person, y[i].person, -1);
		if (k < 0 || y[i].year > date_year(l->o->as_of) || y[i].year + 1 <= best[k])
			continue;
		best[k] = y[i].year + 1;
		fill_person_year(l, &y[i], (struct town_person *)&l->t->persons[k]);
	}
	return e;
}

/* Households none of whose members or states hold on the day are not there yet,
 * or not any more. */
static void drop_absent(struct loader *l)
{
	struct town_household *h = (struct town_household *)l->t->households;
	struct town_person *p = (struct town_person *)l->t->persons;
	int32_t *to = ARENA_ARRAY(l->a, l->t->n_households + 1, int32_t);
	bool *there = ARENA_ARRAY(l->a, l->t->n_households + 1, bool);
	size_t k = 0;
	for (size_t i = 0; i < l->t->n_persons; i++)
		there[p[i].household] = true;
	for (size_t i = 0; i < l->t->n_households; i++) {
		to[i] = TOWN_NONE;
		if (!there[i] && h[i].status == TOWN_NONE) {
			(void)imap_set(&l->household, h[i].no, -1);
			continue;
		}
		to[i] = (int32_t)k;
		(void)imap_set(&l->household, h[i].no, (int64_t)k);
		h[k++] = h[i];
	}
	l->t->n_households = k;
	for (size_t i = 0; i < l->t->n_persons; i++)
		p[i].household = to[p[i].household];
}

/* --- what is known of households ------------------------------------------------------ */

static int32_t household_index(const struct loader *l, int64_t no)
{
	return (int32_t)imap_get(&l->household, no, -1);
}

static enum err load_incomes(struct loader *l)
{
	struct income *v = NULL;
	size_t n = 0, k = 0;
	enum err e = LOAD_ALL(l, income, &v, &n);
	if (e)
		return e;
	struct town_income *out = ARENA_ARRAY(l->a, n + 1, struct town_income);
	for (size_t i = 0; i < n; i++) {
		int32_t h = household_index(l, v[i].household);
		uint64_t has = v[i].has;
		if (h < 0 || v[i].year > date_year(l->o->as_of))
			continue;
		out[k++] = (struct town_income){
			.household = h,
			.ledger = town_ledger_of(l, v[i].ledger),
			.place = kept(l, v[i].place),
			.year = number_of(has, INCOME_year, v[i].year),
			.members = number_of(has, INCOME_members, v[i].members),
			.wage = number_of(has, INCOME_wage, v[i].wage),
			.business = number_of(has, INCOME_business, v[i].business),
			.business_cost = number_of(has, INCOME_business_cost, v[i].business_cost),
			.property = number_of(has, INCOME_property, v[i].property),
			.t_family = number_of(has, INCOME_t_family, v[i].t_family),
			.t_dibao = number_of(has, INCOME_t_dibao, v[i].t_dibao),
			.t_tekun = number_of(has, INCOME_t_tekun, v[i].t_tekun),
			.t_pension = number_of(has, INCOME_t_pension, v[i].t_pension),
			.t_eco = number_of(has, INCOME_t_eco, v[i].t_eco),
			.t_other = number_of(has, INCOME_t_other, v[i].t_other),
			.transfer = number_of(has, INCOME_transfer, v[i].transfer),
			.stated_net = number_of(has, INCOME_stated_net, v[i].stated_net),
			.stated_per_capita = number_of(has, INCOME_stated_per_capita, v[i].stated_per_capita),
		};
	}
	l->t->incomes = out;
	l->t->n_incomes = k;
	return OK;
}

static enum err load_duties(struct loader *l)
{
	struct duty *v = NULL;
	size_t n = 0, k = 0;
	enum err e = LOAD_ALL(l, duty, &v, &n);
	if (e)
		return e;
	struct town_duty *out = ARENA_ARRAY(l->a, n + 1, struct town_duty);
	for (size_t i = 0; i < n; i++) {
		int32_t h = household_index(l, v[i].household);
		if (h < 0 || !span_holds(v[i].valid_from, v[i].valid_to, v[i].recorded_to, l->o->as_of))
			continue;
		out[k++] = (struct town_duty){
			.household = h, .ledger = town_ledger_of(l, v[i].ledger), .place = kept(l, v[i].place),
			.helper = kept(l, v[i].helper), .unit = kept(l, v[i].unit), .phone = kept(l, v[i].phone),
			.from = v[i].valid_from, .to = v[i].valid_to,
		};
	}
	l->t->duties = out;
	l->t->n_duties = k;
	return OK;
}

static enum err load_measures(struct loader *l)
{
	struct measure *v = NULL;
	size_t n = 0, k = 0;
	enum err e = LOAD_ALL(l, measure, &v, &n);
	if (e)
		return e;
	struct town_measure *out = ARENA_ARRAY(l->a, n + 1, struct town_measure);
	for (size_t i = 0; i < n; i++) {
		int32_t h = household_index(l, v[i].household);
		if (h < 0 || (v[i].date && date_first(v[i].date) > l->o->as_of))
			continue;
		out[k++] = (struct town_measure){
			.household = h,
			.person = (int32_t)imap_get(&l->person, v[i].person, -1),
			.ledger = town_ledger_of(l, v[i].ledger),
			.place = kept(l, v[i].place),
			.category = code_of(l, "measure", v[i].category),
			.category_text = kept(l, v[i].category_text),
			.content = kept(l, v[i].content),
			.date = v[i].date,
			.amount = number_of(v[i].has, MEASURE_amount, v[i].amount),
			.plan_amount = number_of(v[i].has, MEASURE_plan_amount, v[i].plan_amount),
			.status = kept(l, v[i].status),
		};
	}
	l->t->measures = out;
	l->t->n_measures = k;
	return OK;
}

static enum err load_visits(struct loader *l)
{
	struct visit *v = NULL;
	size_t n = 0, k = 0;
	enum err e = LOAD_ALL(l, visit, &v, &n);
	if (e)
		return e;
	struct town_visit *out = ARENA_ARRAY(l->a, n + 1, struct town_visit);
	for (size_t i = 0; i < n; i++) {
		int32_t h = household_index(l, v[i].household);
		if (h < 0 || (v[i].date && date_first(v[i].date) > l->o->as_of))
			continue;
		out[k++] = (struct town_visit){
			.household = h, .ledger = town_ledger_of(l, v[i].ledger), .place = kept(l, v[i].place),
			.date = v[i].date, .content = kept(l, v[i].content), .visitor = kept(l, v[i].visitor),
		};
	}
	l->t->visits = out;
	l->t->n_visits = k;
	return OK;
}

static enum err load_contracts(struct loader *l)
{
	struct contract *v = NULL;
	size_t n = 0, k = 0;
	enum err e = LOAD_ALL(l, contract, &v, &n);
	if (e)
		return e;
	struct town_contract *out = ARENA_ARRAY(l->a, n + 1, struct town_contract);
	for (size_t i = 0; i < n; i++) {
		int32_t h = household_index(l, v[i].household);
		if (h < 0)
			continue;
		out[k++] = (struct town_contract){
			.household = h, .ledger = town_ledger_of(l, v[i].ledger), .place = kept(l, v[i].place),
			.company = kept(l, v[i].company), .coop = kept(l, v[i].coop),
			.industry = kept(l, v[i].industry), .mode = code_of(l, "contract_mode", v[i].mode),
			.amount = number_of(v[i].has, CONTRACT_amount, v[i].amount), .due = v[i].due,
			.paid = number_of(v[i].has, CONTRACT_paid, v[i].paid), .paid_date = v[i].paid_date,
		};
	}
	l->t->contracts = out;
	l->t->n_contracts = k;
	return OK;
}

enum err town_load_register(struct loader *l)
{
	enum err (*const steps[])(struct loader *) = {
		load_households, load_states, load_household_years, load_persons, load_person_years,
	};
	enum err (*const facts[])(struct loader *) = {
		load_incomes, load_duties, load_measures, load_visits, load_contracts,
	};
	enum err e = OK;
	arena_init(&l->step, 0);
	for (size_t i = 0; !e && i < sizeof(steps) / sizeof(*steps); i++) {
		e = steps[i](l);
		arena_clear(&l->step);
	}
	if (!e)
		drop_absent(l);
	for (size_t i = 0; !e && i < sizeof(facts) / sizeof(*facts); i++) {
		e = facts[i](l);
		arena_clear(&l->step);
	}
	arena_release(&l->step);
	return e;
}

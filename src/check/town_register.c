/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The register as of the day: households, people, and what is known of them. */
#include "check/town_in.h"

#include <assert.h>

#include "link/idno.h"

#include "base/banned.h"

/* One thread that reads tables of the register, record by record. */
struct reader {
	struct loader *l;
	struct db *db;
	struct arena *a;   /* of what stays (kept) */
	struct arena step; /* of the record that is looked at */
};

/* The next record of a table; the one before it is gone. */
static bool next_record(struct reader *r, struct stmt *s, const struct record_desc *d, void *rec)
{
	arena_clear(&r->step);
	return stmt_record(s, d, &r->step, rec);
}

static struct str kept(struct reader *r, const char *text)
{
	return text ? str_copy(r->a, str_c(text)) : (struct str){0};
}

/* What was gathered goes behind the texts, and is freed. */
static void *kept_array(struct reader *r, void *from, size_t n, size_t size)
{
	void *to = arena_alloc(r->a, (n + 1) * size);
	if (n)
		memcpy(to, from, n * size);
	base_free(from);
	return to;
}

static int16_t code_of(const struct loader *l, const char *list, const char *id)
{
	const struct pack_list *p = id ? pack_list(l->o->pack, list) : NULL;
	if (!p)
		return TOWN_NONE;
	int i = pack_code_by_id(p, id);
	return i < 0 ? TOWN_OTHER : (int16_t)i;
}

static uint64_t codes_of(struct reader *r, const char *list, const char *ids)
{
	const struct pack_list *p = ids ? pack_list(r->l->o->pack, list) : NULL;
	struct str rest = str_c(ids), piece;
	uint64_t mask = 0;
	while (p && str_split(&rest, ',', &piece)) {
		int i = pack_code_by_id(p, str_dup(&r->step, piece));
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

static enum err load_households(struct reader *r)
{
	struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &household_desc);
	VEC(struct town_household) out = {0};
	struct household h;
	while (next_record(r, s, &household_desc, &h)) {
		int32_t village = town_village_of(l, h.village);
		if (h.village && village < 0)
			continue; /* of another town */
		by_number_set(&l->household, h.no, (int32_t)out.n);
		*vec_push(&out) = (struct town_household){
			.no = h.no,
			.hh_no = kept(r, h.hh_no),
			.village = village,
			.ledger = town_ledger_of(l, h.ledger),
			.group = kept(r, h.group_name),
			.head_name = kept(r, h.head_name),
			.address = kept(r, h.address),
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
	l->t->n_households = out.n;
	l->t->households = kept_array(r, out.p, out.n, sizeof(*out.p));
	return stmt_end(s);
}

static struct town_household *household_at(struct loader *l, int64_t no)
{
	int32_t i = by_number_get(&l->household, no);
	return i < 0 ? NULL : (struct town_household *)&l->t->households[i];
}

static enum err load_states(struct reader *r)
{
	struct loader *l = r->l;
	struct stmt *stmt = db_all(r->db, &household_state_desc);
	struct household_state s;
	while (next_record(r, stmt, &household_state_desc, &s)) {
		struct town_household *h = household_at(l, s.household);
		if (!h || !span_holds(s.valid_from, s.valid_to, s.recorded_to, l->o->as_of))
			continue;
		if (strcmp(s.kind, "status") == 0) {
			h->status = code_of(l, "status", s.code);
			h->exit_year = number_of(s.has, HOUSEHOLD_STATE_year, s.year);
		} else {
			h->attr = code_of(l, "attr", s.code);
		}
	}
	return stmt_end(stmt);
}

static void fill_household_year(struct reader *r, const struct household_year *y,
                                struct town_household *h)
{
	const struct loader *l = r->l;
	uint64_t has = y->has;
	h->entry_year = number_of(has, HOUSEHOLD_YEAR_entry_year, y->entry_year);
	h->plan_exit_year = number_of(has, HOUSEHOLD_YEAR_plan_exit_year, y->plan_exit_year);
	h->cause_main = code_of(l, "cause", y->cause_main);
	h->cause_others = codes_of(r, "cause", y->cause_others);
	h->declared_members = number_of(has, HOUSEHOLD_YEAR_declared_members, y->declared_members);
	h->stated_per_capita = number_of(has, HOUSEHOLD_YEAR_stated_per_capita, y->stated_per_capita);
	h->unsafe_house = tri_of(has, HOUSEHOLD_YEAR_unsafe_house, y->unsafe_house);
	h->house_grade = code_of(l, "house_grade", y->house_grade);
	h->water_safe = tri_of(has, HOUSEHOLD_YEAR_water_safe, y->water_safe);
	h->relocated = tri_of(has, HOUSEHOLD_YEAR_relocated, y->relocated);
	h->house_area = number_of(has, HOUSEHOLD_YEAR_house_area, y->house_area);
	h->arable = number_of(has, HOUSEHOLD_YEAR_arable, y->arable);
}

static enum err load_household_years(struct reader *r)
{
	struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &household_year_desc);
	int64_t *best = ARENA_ARRAY(r->a, l->t->n_households + 1, int64_t);
	struct household_year y;
	while (next_record(r, s, &household_year_desc, &y)) {
		int32_t k = by_number_get(&l->household, y.household);
		if (k < 0 || y.year > date_year(l->o->as_of) || y.year + 1 <= best[k])
			continue;
		best[k] = y.year + 1;
		fill_household_year(r, &y, (struct town_household *)&l->t->households[k]);
	}
	return stmt_end(s);
}

/* --- people ------------------------------------------------------------------------ */

/* Who is whose member on the day. */
struct member {
	int64_t person;
	int32_t household;
	int32_t ledger;
	struct str place;
	int32_t before; /* of the same person, or -1 */
	int16_t relation;
	bool head, met;
};

struct members {
	VEC(struct member) all;
	int32_t *head_of; /* by household: the last member who is its head, or -1 */
	struct town_person *out; /* by member */
	int64_t top;      /* the highest number of a person */
};

/* l->person: the last membership of each. */
static enum err load_memberships(struct reader *r)
{
	struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &membership_desc);
	struct members *ret = l->members = ARENA_NEW(r->a, struct members);
	struct membership m;
	ret->head_of = arena_alloc(r->a, (l->t->n_households + 1) * sizeof(*ret->head_of));
	memset(ret->head_of, -1, (l->t->n_households + 1) * sizeof(*ret->head_of));
	while (next_record(r, s, &membership_desc, &m)) {
		int32_t household = by_number_get(&l->household, m.household);
		if (household < 0 ||
		    !span_holds(m.valid_from, m.valid_to, m.recorded_to, l->o->as_of))
			continue;
		int32_t k = (int32_t)ret->all.n;
		struct member *to = vec_push(&ret->all);
		*to = (struct member){.person = m.person, .household = household,
		                      .ledger = town_ledger_of(l, m.ledger), .place = kept(r, m.place),
		                      .before = by_number_get(&l->person, m.person),
		                      .relation = code_of(l, "relation", m.relation),
		                      .head = m.relation && strcmp(m.relation, "head") == 0};
		by_number_set(&l->person, m.person, k);
		ret->top = m.person > ret->top ? m.person : ret->top;
		if (to->head)
			ret->head_of[household] = k;
	}
	ret->out = arena_alloc(r->a, (ret->all.n + 1) * sizeof(*ret->out));
	return stmt_end(s);
}

static void fill_person(struct reader *r, const struct person *p, const struct member *m,
                        struct town_person *out)
{
	const struct loader *l = r->l;
	struct idno id = idno_parse(str_c(p->id_text), p->id_lossy);
	*out = (struct town_person){
		.no = p->no,
		.household = m->household,
		.ledger = m->ledger,
		.place = m->place,
		.name = kept(r, p->name),
		.sex = code_of(l, "sex", p->sex),
		.birth = p->birth,
		.id_raw = kept(r, p->id_text),
		.id18 = id.n == 18 ? str_copy(r->a, str_c(id.id18)) : STR(""),
		.id_state = id.flags,
		.relation = m->relation,
		.ethnic = code_of(l, "ethnic", p->ethnic),
		.edu = TOWN_NONE,
		.student = TOWN_NONE,
		.labor = TOWN_NONE,
		.work_place = TOWN_NONE,
		.public_post = TOWN_NONE,
		.disability_type = TOWN_NONE,
		.disability_grade = TOWN_MISSING,
		.work_months = TOWN_MISSING,
		.phone = kept(r, p->phone),
		.erased = !p->name && !p->id_text && !p->birth,
	};
}

/* Those with from <= number < to. */
static enum err load_persons(struct reader *r, int64_t from, int64_t to)
{
	struct loader *l = r->l;
	struct members *m = l->members;
	struct stmt *s = db_range(r->db, &person_desc, from, to);
	struct person p;
	while (next_record(r, s, &person_desc, &p)) {
		int32_t k = by_number_get(&l->person, p.no);
		for (; k >= 0; k = m->all.p[k].before) {
			struct member *x = &m->all.p[k];
			struct town_household *h = (struct town_household *)&l->t->households[x->household];
			struct town_person *out = &m->out[k];
			fill_person(r, &p, x, out);
			x->met = true;
			if (m->head_of[x->household] != k)
				continue;
			h->phone = out->phone;
			h->bank = kept(r, p.bank);
			h->bank_account = kept(r, p.account);
		}
	}
	return stmt_end(s);
}

/* Memberships of somebody of whom there is no record are none. */
static size_t drop_unmet(struct loader *l)
{
	const struct members *m = l->members;
	struct town_person *out = m->out;
	size_t k = 0;
	for (size_t i = 0; i < m->all.n; i++)
		if (!m->all.p[i].met)
			by_number_set(&l->person, m->all.p[i].person, -1);
	for (size_t i = 0; i < m->all.n; i++) {
		if (!m->all.p[i].met)
			continue;
		if (k < i)
			out[k] = out[i];
		by_number_set(&l->person, out[k].no, (int32_t)k);
		k++;
	}
	return k;
}

void town_people_read(struct loader *l)
{
	struct members *m = l->members;
	l->t->persons = m->out;
	l->t->n_persons = m->all.n;
	for (size_t i = 0; i < m->all.n; i++)
		if (!m->all.p[i].met) {
			l->t->n_persons = drop_unmet(l);
			break;
		}
}

void town_members_free(struct loader *l)
{
	if (l->members)
		vec_free(&l->members->all);
	l->members = NULL;
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

static void fill_person_year(struct reader *r, const struct person_year *y, struct town_person *p)
{
	const struct loader *l = r->l;
	p->edu = code_of(l, "edu", y->edu);
	p->student = code_of(l, "student", y->student);
	p->school = kept(r, y->school);
	p->health = codes_of(r, "health", y->health);
	p->labor = code_of(l, "labor", y->labor);
	p->work_place = code_of(l, "work_place", y->work_place);
	p->public_post = code_of(l, "public_post", y->public_post);
	p->work_months = number_of(y->has, PERSON_YEAR_work_months, y->work_months);
	p->disability_type = code_of(l, "disability_type", y->disability_type);
	p->disability_grade = grade_of(l, y->disability_grade);
	p->disability_card = kept(r, y->disability_card);
	p->insured_resident = tri_of(y->has, PERSON_YEAR_insured_resident, y->insured_resident);
	p->insured_employee = tri_of(y->has, PERSON_YEAR_insured_employee, y->insured_employee);
	p->insured_major = tri_of(y->has, PERSON_YEAR_insured_major, y->insured_major);
	p->dibao = tri_of(y->has, PERSON_YEAR_dibao, y->dibao);
	p->soldier = tri_of(y->has, PERSON_YEAR_soldier, y->soldier);
	p->dropout_reason = kept(r, y->dropout_reason);
	p->remark = kept(r, y->remark);
}

static enum err load_person_years(struct reader *r)
{
	struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &person_year_desc);
	int64_t *best = ARENA_ARRAY(r->a, l->t->n_persons + 1, int64_t);
	struct person_year y;
	while (next_record(r, s, &person_year_desc, &y)) {
		int32_t k = by_number_get(&l->person, y.person);
		if (k < 0 || y.year > date_year(l->o->as_of) || y.year + 1 <= best[k])
			continue;
		best[k] = y.year + 1;
		fill_person_year(r, &y, (struct town_person *)&l->t->persons[k]);
	}
	return stmt_end(s);
}

/* --- what is known of households ------------------------------------------------------ */

static int32_t household_index(const struct loader *l, int64_t no)
{
	return by_number_get(&l->household, no);
}

static enum err load_incomes(struct reader *r)
{
	const struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &income_desc);
	VEC(struct town_income) out = {0};
	struct income v;
	while (next_record(r, s, &income_desc, &v)) {
		int32_t h = household_index(l, v.household);
		uint64_t has = v.has;
		if (h < 0 || v.year > date_year(l->o->as_of))
			continue;
		*vec_push(&out) = (struct town_income){
			.household = h,
			.ledger = town_ledger_of(l, v.ledger),
			.place = kept(r, v.place),
			.year = number_of(has, INCOME_year, v.year),
			.members = number_of(has, INCOME_members, v.members),
			.wage = number_of(has, INCOME_wage, v.wage),
			.business = number_of(has, INCOME_business, v.business),
			.business_cost = number_of(has, INCOME_business_cost, v.business_cost),
			.property = number_of(has, INCOME_property, v.property),
			.t_family = number_of(has, INCOME_t_family, v.t_family),
			.t_dibao = number_of(has, INCOME_t_dibao, v.t_dibao),
			.t_tekun = number_of(has, INCOME_t_tekun, v.t_tekun),
			.t_pension = number_of(has, INCOME_t_pension, v.t_pension),
			.t_eco = number_of(has, INCOME_t_eco, v.t_eco),
			.t_other = number_of(has, INCOME_t_other, v.t_other),
			.transfer = number_of(has, INCOME_transfer, v.transfer),
			.stated_net = number_of(has, INCOME_stated_net, v.stated_net),
			.stated_per_capita = number_of(has, INCOME_stated_per_capita, v.stated_per_capita),
		};
	}
	l->t->n_incomes = out.n;
	l->t->incomes = kept_array(r, out.p, out.n, sizeof(*out.p));
	return stmt_end(s);
}

static enum err load_duties(struct reader *r)
{
	const struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &duty_desc);
	VEC(struct town_duty) out = {0};
	struct duty v;
	while (next_record(r, s, &duty_desc, &v)) {
		int32_t h = household_index(l, v.household);
		if (h < 0 || !span_holds(v.valid_from, v.valid_to, v.recorded_to, l->o->as_of))
			continue;
		*vec_push(&out) = (struct town_duty){
			.household = h, .ledger = town_ledger_of(l, v.ledger), .place = kept(r, v.place),
			.helper = kept(r, v.helper), .unit = kept(r, v.unit), .phone = kept(r, v.phone),
			.from = v.valid_from, .to = v.valid_to,
		};
	}
	l->t->n_duties = out.n;
	l->t->duties = kept_array(r, out.p, out.n, sizeof(*out.p));
	return stmt_end(s);
}

static enum err load_measures(struct reader *r)
{
	const struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &measure_desc);
	VEC(struct town_measure) out = {0};
	struct measure v;
	while (next_record(r, s, &measure_desc, &v)) {
		int32_t h = household_index(l, v.household);
		if (h < 0 || (v.date && date_first(v.date) > l->o->as_of))
			continue;
		*vec_push(&out) = (struct town_measure){
			.household = h,
			.person = by_number_get(&l->person, v.person),
			.ledger = town_ledger_of(l, v.ledger),
			.place = kept(r, v.place),
			.category = code_of(l, "measure", v.category),
			.category_text = kept(r, v.category_text),
			.content = kept(r, v.content),
			.date = v.date,
			.amount = number_of(v.has, MEASURE_amount, v.amount),
			.plan_amount = number_of(v.has, MEASURE_plan_amount, v.plan_amount),
			.status = kept(r, v.status),
		};
	}
	l->t->n_measures = out.n;
	l->t->measures = kept_array(r, out.p, out.n, sizeof(*out.p));
	return stmt_end(s);
}

static enum err load_visits(struct reader *r)
{
	const struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &visit_desc);
	VEC(struct town_visit) out = {0};
	struct visit v;
	while (next_record(r, s, &visit_desc, &v)) {
		int32_t h = household_index(l, v.household);
		if (h < 0 || (v.date && date_first(v.date) > l->o->as_of))
			continue;
		*vec_push(&out) = (struct town_visit){
			.household = h, .ledger = town_ledger_of(l, v.ledger), .place = kept(r, v.place),
			.date = v.date, .content = kept(r, v.content), .visitor = kept(r, v.visitor),
		};
	}
	l->t->n_visits = out.n;
	l->t->visits = kept_array(r, out.p, out.n, sizeof(*out.p));
	return stmt_end(s);
}

static enum err load_contracts(struct reader *r)
{
	const struct loader *l = r->l;
	struct stmt *s = db_all(r->db, &contract_desc);
	VEC(struct town_contract) out = {0};
	struct contract v;
	while (next_record(r, s, &contract_desc, &v)) {
		int32_t h = household_index(l, v.household);
		if (h < 0)
			continue;
		*vec_push(&out) = (struct town_contract){
			.household = h, .ledger = town_ledger_of(l, v.ledger), .place = kept(r, v.place),
			.company = kept(r, v.company), .coop = kept(r, v.coop),
			.industry = kept(r, v.industry), .mode = code_of(l, "contract_mode", v.mode),
			.amount = number_of(v.has, CONTRACT_amount, v.amount), .due = v.due,
			.paid = number_of(v.has, CONTRACT_paid, v.paid), .paid_date = v.paid_date,
		};
	}
	l->t->n_contracts = out.n;
	l->t->contracts = kept_array(r, out.p, out.n, sizeof(*out.p));
	return stmt_end(s);
}

/* --- all of it ---------------------------------------------------------------------- */

/* Of the day on, one after the other or each by a thread of its own. */
static const struct {
	enum err (*read)(struct reader *r);
	bool of_people; /* not before they are there */
} pieces[TOWN_PIECES] = {
	{load_visits, false},     {load_states, false},
	{load_measures, true},    {load_person_years, true},
	{load_incomes, false},    {load_household_years, false},
	{load_duties, false},     {load_contracts, false},
};

bool town_piece_of_people(size_t piece)
{
	return pieces[piece].of_people;
}

static enum err read_by(struct loader *l, struct db *db, struct arena *a,
                        enum err (*read)(struct reader *r))
{
	struct reader r = {.l = l, .db = db, .a = a};
	arena_init(&r.step, 0);
	enum err e = read(&r);
	arena_release(&r.step);
	return e;
}

enum err town_read_households(struct loader *l)
{
	return read_by(l, l->db, l->a, load_households);
}

enum err town_read_members(struct loader *l)
{
	return read_by(l, l->db, l->a, load_memberships);
}

enum err town_read_persons(struct loader *l, size_t part, struct db *db, struct arena *a)
{
	struct reader r = {.l = l, .db = db, .a = a};
	int64_t step = l->members->top / TOWN_PARTS + 1, from = (int64_t)part * step;
	arena_init(&r.step, 0);
	enum err e = load_persons(&r, from, from + step);
	arena_release(&r.step);
	return e;
}

enum err town_read_piece(struct loader *l, size_t piece, struct db *db, struct arena *a)
{
	return read_by(l, db, a, pieces[piece].read);
}

/* Records of households that are there; all of them begin with the household's index. */
static size_t keep_homed(const void *records, size_t n, size_t size, const int32_t *to)
{
	char *p = (char *)(uintptr_t)records;
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		int32_t h;
		memcpy(&h, p + i * size, sizeof(h));
		if (to[h] < 0)
			continue;
		if (k < i)
			memcpy(p + k * size, p + i * size, size);
		memcpy(p + k++ * size, &to[h], sizeof(h));
	}
	return k;
}

static void move_homes(struct town *t, const int32_t *to)
{
	static_assert(offsetof(struct town_income, household) == 0 &&
	              offsetof(struct town_duty, household) == 0 &&
	              offsetof(struct town_measure, household) == 0 &&
	              offsetof(struct town_visit, household) == 0 &&
	              offsetof(struct town_contract, household) == 0, "keep_homed() reads it there");
	struct town_person *p = (struct town_person *)t->persons;
	for (size_t i = 0; i < t->n_persons; i++)
		p[i].household = to[p[i].household];
	t->n_incomes = keep_homed(t->incomes, t->n_incomes, sizeof(*t->incomes), to);
	t->n_duties = keep_homed(t->duties, t->n_duties, sizeof(*t->duties), to);
	t->n_measures = keep_homed(t->measures, t->n_measures, sizeof(*t->measures), to);
	t->n_visits = keep_homed(t->visits, t->n_visits, sizeof(*t->visits), to);
	t->n_contracts = keep_homed(t->contracts, t->n_contracts, sizeof(*t->contracts), to);
}

void town_drop_absent(struct loader *l)
{
	struct town_household *h = (struct town_household *)l->t->households;
	int32_t *to = ARENA_ARRAY(&l->scratch, l->t->n_households + 1, int32_t);
	bool *there = ARENA_ARRAY(&l->scratch, l->t->n_households + 1, bool);
	size_t k = 0;
	for (size_t i = 0; i < l->t->n_persons; i++)
		there[l->t->persons[i].household] = true;
	for (size_t i = 0; i < l->t->n_households; i++) {
		to[i] = TOWN_NONE;
		if (!there[i] && h[i].status == TOWN_NONE) {
			by_number_set(&l->household, h[i].no, -1);
			continue;
		}
		to[i] = (int32_t)k;
		by_number_set(&l->household, h[i].no, (int32_t)k);
		if (k < i)
			h[k] = h[i];
		k++;
	}
	if (k < l->t->n_households)
		move_homes(l->t, to);
	l->t->n_households = k;
}

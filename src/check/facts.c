/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/schema.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/team.h"
#include "base/vec.h"
#include "link/idno.h"

#include "base/banned.h"

enum { MONEY_FEN = 100, /* a yuan */
       INCOME_YEAR_ENDS = 10 };
enum { RANGE = 1024 }; /* people whose numbers a thread reads at a time */
enum { ID_WHOLE_BAD = IDNO_LOSSY | IDNO_CHARS_BAD | IDNO_LEN_BAD | IDNO_MASKED };

static int code(const struct schema *s, const char *list, const char *id)
{
	const struct pack_list *l = pack_list(s->pack, list);

	return l ? pack_code_by_id(l, id) : TOWN_NONE;
}

static bool add_fen(int64_t *sum, int64_t v)
{
	if (v == TOWN_MISSING)
		return true;
	return !__builtin_add_overflow(*sum, v, sum);
}

/* ---- persons ---- */

struct relation_facts {
	int head, spouse;
	int16_t sex[64];
	int64_t generation[64];
};

static struct relation_facts relation_facts(const struct schema *s)
{
	struct relation_facts r = {code(s, "relation", "head"), code(s, "relation", "spouse"),
	                           {0}, {0}};
	const struct pack_list *l = pack_list(s->pack, "relation");

	for (int i = 0; i < 64; i++) {
		r.sex[i] = TOWN_NONE;
		r.generation[i] = TOWN_MISSING;
		if (!l || (size_t)i >= l->n)
			continue;
		const char *sex = pack_code_attr(l, i, "sex");
		int64_t generation;

		if (sex[0])
			r.sex[i] = (int16_t)code(s, "sex", sex);
		if (str_to_int(str_c(pack_code_attr(l, i, "generation")), &generation))
			r.generation[i] = generation;
	}
	return r;
}

/* `sex`: codes of enum sex */
static void person_number(const int16_t *sex, const struct town_person *p, struct arena *a,
                          struct fact_person *f)
{
	bool lossy = (p->id_state & IDNO_LOSSY) != 0;
	struct idno id = idno_parse(p->id_raw.n ? p->id_raw : p->id18, lossy);
	bool none = p->id_raw.n == 0 && p->id18.n == 0;

	f->id_missing = none;
	f->id_flags = none ? 0 : (id.flags | p->id_state);
	f->id_ok = !none && idno_ok(&id) &&
	           (p->id_state & ~(uint32_t)(IDNO_FROM_15 | IDNO_FROM_CARD)) == 0;
	f->id_sex = TOWN_NONE;
	f->true_birth = p->birth;
	if (f->id_ok) {
		f->id_birth = id.birth;
		f->true_birth = id.birth;
		f->id_sex = sex[id.sex == SEX_MALE ? SEX_MALE : SEX_FEMALE];
	}
	f->id_shown = idno_masked(a, p->id18.n ? p->id18 : p->id_raw);
	f->id_households = TOWN_MISSING;
	f->id_times = TOWN_MISSING;
}

static bool id_usable(const struct town_person *p, const struct fact_person *f)
{
	return p->id18.n == 18 && (f->id_flags & ID_WHOLE_BAD) == 0;
}

static struct str household_label(const struct town_household *h)
{
	return h->hh_no.n ? h->hh_no : h->head_name;
}

static int by_str(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* Beyond this many people of one number (a filler like all zeros) only the
 * first are told apart. */
enum { SAME_NUMBER_MAX = 200 };

/* The persons of one number: how many households, and which for each. */
static void one_number(const struct facts *f, const int32_t *who, size_t n_all, struct arena *a)
{
	const struct town *t = f->town;
	size_t n = n_all < SAME_NUMBER_MAX ? n_all : SAME_NUMBER_MAX;

	for (size_t i = 0; i < n_all; i++) {
		struct fact_person *p = &f->person[who[i]];
		int32_t own = t->persons[who[i]].household;
		struct str *other = ARENA_ARRAY(a, n, struct str);
		size_t n_other = 0, kept = 0;
		struct buf text;

		p->id_times = 0;
		for (size_t j = 0; j < n; j++) {
			int32_t h = t->persons[who[j]].household;

			if (h == own)
				p->id_times++;
			else if (h >= 0)
				other[n_other++] = household_label(&t->households[h]);
		}
		qsort(other, n_other, sizeof(*other), by_str);
		buf_init(&text, 4096);
		for (size_t j = 0; j < n_other; j++) {
			if (j > 0 && str_eq(other[j], other[j - 1]))
				continue;
			if (kept++)
				buf_adds(&text, "、");
			buf_addstr(&text, other[j]);
		}
		p->id_households = (int64_t)kept + 1;
		p->id_elsewhere = str_copy(a, buf_str(&text));
		buf_release(&text);
	}
}

static void same_numbers(const struct facts *f, struct arena *a)
{
	const struct town *t = f->town;
	struct map groups;
	int32_t *next = ARENA_ARRAY(a, t->n_persons + 1, int32_t);
	int32_t *who = ARENA_ARRAY(a, t->n_persons + 1, int32_t);

	map_init(&groups);
	map_reserve(&groups, t->n_persons);
	for (size_t i = 0; i < t->n_persons; i++) {
		if (!id_usable(&t->persons[i], &f->person[i]))
			continue;
		int64_t *last = map_slot(&groups, t->persons[i].id18, -1);

		next[i] = (int32_t)*last;
		*last = (int64_t)i;
	}
	for (size_t i = 0; i < t->n_persons; i++) {
		size_t n = 0;

		if (!id_usable(&t->persons[i], &f->person[i]) ||
		    map_get(&groups, t->persons[i].id18, -1) != (int64_t)i)
			continue;
		for (int32_t j = (int32_t)i; j >= 0; j = next[j])
			who[n++] = j;
		one_number(f, who, n, a);
	}
	map_release(&groups);
}

static void persons(const struct schema *s, struct facts *f)
{
	const struct town *t = f->town;
	struct relation_facts rel = relation_facts(s);

	for (size_t i = 0; i < t->n_persons; i++) {
		const struct town_person *p = &t->persons[i];
		struct fact_person *fp = &f->person[i];

		fp->head = p->relation >= 0 && p->relation == rel.head;
		fp->relation_sex = TOWN_NONE;
		fp->relation_generation = TOWN_MISSING;
		if (p->relation >= 0 && p->relation < 64) {
			fp->relation_sex = rel.sex[p->relation];
			fp->relation_generation = rel.generation[p->relation];
		}
		if (p->household < 0)
			continue;
		struct fact_household *h = &f->household[p->household];
		const struct town_household *th = &t->households[p->household];

		if (th->village >= 0)
			fp->village = t->villages[th->village].name;
		h->members++;
		h->spouses += p->relation >= 0 && p->relation == rel.spouse;
		h->relation_unknown += p->relation < 0;
		if (fp->head) {
			h->heads++;
			if (h->head < 0)
				h->head = (int32_t)i;
		}
	}
}

/* ---- incomes ---- */

struct income_ledger { /* does the sheet have the column? */
	bool dibao, tekun;
};

static void income_sums(const struct town_income *in, struct fact_income *f)
{
	const fen_t kinds[] = {in->t_family, in->t_dibao, in->t_tekun,
	                       in->t_pension, in->t_eco, in->t_other};
	int64_t items = 0, net = 0, cost;
	bool some = false, fits = true;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		some |= kinds[k] != TOWN_MISSING;
		fits &= add_fen(&items, kinds[k]);
	}
	f->transfer_items = some && fits ? items : TOWN_MISSING;
	f->transfer = some && fits ? items : in->transfer;
	some = f->transfer != TOWN_MISSING || in->wage != TOWN_MISSING ||
	       in->business != TOWN_MISSING || in->property != TOWN_MISSING;
	cost = in->business_cost == TOWN_MISSING ? 0 : in->business_cost;
	fits &= add_fen(&net, in->wage) && add_fen(&net, in->business) &&
	        add_fen(&net, in->property) && add_fen(&net, f->transfer) &&
	        !__builtin_sub_overflow(net, cost, &net);
	if (!some)
		net = in->stated_net;
	f->net = fits ? net : TOWN_MISSING;
}

/* Is this the divisor behind the per-capita figure that the sheet states? */
static bool explains(const struct town_income *in, fen_t net, int64_t members)
{
	int64_t share;

	return members > 0 && in->stated_per_capita != TOWN_MISSING && net != TOWN_MISSING &&
	       money_div_round(net, members, &share) && share - in->stated_per_capita <= MONEY_FEN &&
	       in->stated_per_capita - share <= MONEY_FEN;
}

/* The sheet's own number of people; without one the roster's, or those listed
 * when only they lead to the figure that is stated. */
static int64_t divisor(const struct facts *f, const struct town_income *in, fen_t net)
{
	int64_t declared, listed;

	if (in->members != TOWN_MISSING && in->members > 0)
		return in->members;
	if (in->household < 0)
		return TOWN_MISSING;
	declared = f->town->households[in->household].declared_members;
	listed = f->household[in->household].members;
	if (declared == TOWN_MISSING || declared <= 0 ||
	    (!explains(in, net, declared) && explains(in, net, listed)))
		declared = listed;
	return declared > 0 ? declared : TOWN_MISSING;
}

/*
 * A sheet that names no year is about the last income year that had ended on
 * its date (else on the day): income years end with September.
 */
static int64_t income_year(const struct town *t, const struct town_income *in)
{
	date_t day = in->ledger >= 0 ? t->ledgers[in->ledger].as_of : 0;

	if (in->year != TOWN_MISSING && in->year > 0)
		return in->year;
	if (in->ledger >= 0 && t->ledgers[in->ledger].year != TOWN_MISSING &&
	    t->ledgers[in->ledger].year > 0)
		return t->ledgers[in->ledger].year;
	if (day == 0 || day > t->as_of)
		day = t->as_of;
	return date_year(day) - (date_month(day) < INCOME_YEAR_ENDS);
}

static void one_income(struct facts *f, const struct town_income *in, struct fact_income *fi,
                       const struct income_ledger *has)
{
	income_sums(in, fi);
	fi->year = income_year(f->town, in);
	fi->dibao = in->t_dibao == TOWN_MISSING && has->dibao ? 0 : in->t_dibao;
	fi->tekun = in->t_tekun == TOWN_MISSING && has->tekun ? 0 : in->t_tekun;
	fi->members = divisor(f, in, fi->net);
	fi->per_capita = TOWN_MISSING;
	if (fi->net == TOWN_MISSING)
		fi->per_capita = in->stated_per_capita;
	else if (fi->members == TOWN_MISSING ||
	         !money_div_round(fi->net, fi->members, &fi->per_capita))
		fi->per_capita = TOWN_MISSING;
}

/* Is a the better account of its household's latest year? */
static bool income_newer(const struct facts *f, int32_t a, int32_t b)
{
	const struct town *t = f->town;
	const struct town_income *x = &t->incomes[a], *y = &t->incomes[b];
	date_t dx = x->ledger >= 0 ? t->ledgers[x->ledger].as_of : 0;
	date_t dy = y->ledger >= 0 ? t->ledgers[y->ledger].as_of : 0;

	if (f->income[a].year != f->income[b].year)
		return f->income[a].year > f->income[b].year;
	if (dx != dy)
		return dx > dy;
	return str_cmp(x->place, y->place) < 0;
}

static void incomes(struct facts *f, struct arena *a)
{
	const struct town *t = f->town;
	struct income_ledger *has = ARENA_ARRAY(a, t->n_ledgers + 1, struct income_ledger);

	for (size_t i = 0; i < t->n_incomes; i++) {
		struct income_ledger *h = &has[t->incomes[i].ledger + 1];

		h->dibao |= t->incomes[i].t_dibao != TOWN_MISSING;
		h->tekun |= t->incomes[i].t_tekun != TOWN_MISSING;
	}
	for (size_t i = 0; i < t->n_incomes; i++) {
		const struct town_income *in = &t->incomes[i];

		one_income(f, in, &f->income[i], &has[in->ledger + 1]);
		if (in->household < 0)
			continue;
		int32_t *best = &f->household[in->household].income;

		if (*best < 0 || income_newer(f, (int32_t)i, *best))
			*best = (int32_t)i;
	}
	for (size_t i = 0; i < t->n_households; i++) {
		if (f->household[i].income >= 0)
			f->income[f->household[i].income].latest = true;
	}
}

/* ---- helpers ---- */

static int32_t root(int32_t *up, int32_t i)
{
	while (up[i] != i)
		i = up[i] = up[up[i]];
	return i;
}

static void join(int32_t *up, struct map *keys, struct str key, int32_t i)
{
	int64_t *first = map_slot(keys, key, i);
	int32_t x = root(up, i), y = root(up, (int32_t)*first);

	if (x < y)
		up[y] = x;
	else
		up[x] = y;
}

static struct str pair(struct arena *a, struct str name, char what, struct str s)
{
	return str_c(arena_printf(a, STR_FMT "%c" STR_FMT, STR_ARG(name), what, STR_ARG(s)));
}

/*
 * Same name and same telephone is one cadre.  Where no telephone is written,
 * same name and unit; two telephones under one name and unit are namesakes, and
 * a row without one then belongs to neither.
 */
static int32_t *helper_roots(const struct town *t, struct arena *a)
{
	int32_t *up = ARENA_ARRAY(a, t->n_duties + 1, int32_t);
	struct map keys, phones;

	map_init(&keys);
	map_init(&phones);
	for (size_t i = 0; i < t->n_duties; i++) {
		const struct town_duty *d = &t->duties[i];
		struct str unit = pair(a, d->helper, '\1', d->unit);

		up[i] = (int32_t)i;
		if (d->helper.n == 0 || d->phone.n == 0)
			continue;
		struct str phone = pair(a, d->helper, '\2', d->phone);
		int64_t *only = map_slot(&phones, unit, (int64_t)i);

		join(up, &keys, phone, (int32_t)i);
		if (*only >= 0 && !str_eq(t->duties[*only].phone, d->phone))
			*only = -1;
	}
	for (size_t i = 0; i < t->n_duties; i++) {
		const struct town_duty *d = &t->duties[i];

		if (d->helper.n == 0 || d->phone.n)
			continue;
		struct str unit = pair(a, d->helper, '\1', d->unit);
		int64_t only = map_get(&phones, unit, -1);

		if (only >= 0)
			unit = pair(a, d->helper, '\2', t->duties[only].phone);
		join(up, &keys, unit, (int32_t)i);
	}
	map_release(&phones);
	map_release(&keys);
	return up;
}

static int by_int32(const void *x, const void *y)
{
	int32_t a = *(const int32_t *)x, b = *(const int32_t *)y;

	return (a > b) - (a < b);
}

static void helper_finish(const struct facts *f, struct fact_helper *h, struct arena *a)
{
	const struct town *t = f->town;
	int32_t *house = ARENA_ARRAY(a, h->n_duties + 1, int32_t);
	size_t n = 0;

	for (size_t i = 0; i < h->n_duties; i++) {
		const struct town_duty *d = &t->duties[h->duty[i]];

		h->name = d->helper;
		if (d->unit.n && (h->unit.n == 0 || str_cmp(d->unit, h->unit) < 0))
			h->unit = d->unit;
		if (d->household >= 0)
			house[n++] = d->household;
	}
	qsort(house, n, sizeof(*house), by_int32);
	for (size_t i = 0; i < n; i++)
		h->households += i == 0 || house[i] != house[i - 1];
}

static void helpers(struct facts *f, struct arena *a)
{
	const struct town *t = f->town;
	int32_t *up = helper_roots(t, a);
	int32_t *slot = ARENA_ARRAY(a, t->n_duties + 1, int32_t);
	int32_t *duty = ARENA_ARRAY(a, t->n_duties + 1, int32_t);
	size_t at = 0;

	f->helper = ARENA_ARRAY(a, t->n_duties + 1, struct fact_helper);
	for (size_t i = 0; i < t->n_duties; i++) {
		if (t->duties[i].helper.n == 0)
			continue;
		if (t->duties[i].household >= 0)
			f->household[t->duties[i].household].helpers++;
		int32_t r = root(up, (int32_t)i);

		if (r == (int32_t)i)
			slot[i] = (int32_t)f->n_helpers++;
		f->helper[slot[r]].n_duties++;
	}
	for (size_t i = 0; i < f->n_helpers; i++) {
		f->helper[i].duty = duty + at;
		at += f->helper[i].n_duties;
		f->helper[i].n_duties = 0;
	}
	for (size_t i = 0; i < t->n_duties; i++) {
		if (t->duties[i].helper.n == 0)
			continue;
		struct fact_helper *h = &f->helper[slot[root(up, (int32_t)i)]];
		int32_t *d = duty + (h->duty - duty);

		d[h->n_duties++] = (int32_t)i;
	}
	for (size_t i = 0; i < f->n_helpers; i++)
		helper_finish(f, &f->helper[i], a);
}

/* ---- households ---- */

static void visits(struct facts *f)
{
	const struct town *t = f->town;

	for (size_t i = 0; i < t->n_visits; i++) {
		const struct town_visit *v = &t->visits[i];
		date_t day = v->date ? date_last(v->date) : 0;

		if (v->household < 0 || v->date == 0 || date_first(v->date) > t->as_of)
			continue;
		struct fact_household *h = &f->household[v->household];

		h->visits++;
		if (day > t->as_of)
			day = t->as_of;
		if (day > h->last_visit)
			h->last_visit = day;
	}
}

/* How often each household's text stands at households of the town. */
static void shared(struct facts *f, bool bank)
{
	const struct town *t = f->town;
	struct map seen;

	map_init(&seen);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < t->n_households; i++) {
			struct str s = bank ? t->households[i].bank_account : t->households[i].phone;
			int64_t n = TOWN_MISSING;

			if (s.n && pass == 0)
				++*map_slot(&seen, s, 0);
			else if (s.n)
				n = map_get(&seen, s, 0);
			*(bank ? &f->household[i].bank_shared : &f->household[i].phone_shared) = n;
		}
	}
	map_release(&seen);
}

static const char tekun_layout[] = "dibao", tekun_column[] = "kind";

bool facts_read_column(const struct pack_layout *l, size_t column)
{
	return strcmp(l->id, tekun_layout) == 0 && strcmp(l->columns[column].id, tekun_column) == 0;
}

static bool list_has_tekun(const struct schema *s, const struct town *t)
{
	const struct pack_layout *l = pack_layout(s->pack, tekun_layout);
	int col = l ? pack_column(l, tekun_column) : -1;
	int tekun = col >= 0 && l->columns[col].list_index >= 0
	                    ? pack_code_by_id(&s->pack->lists[l->columns[col].list_index], "tekun")
	                    : -1;

	if (tekun < 0)
		return false;
	for (size_t i = 0; i < t->n_layouts; i++) {
		const struct town_layout *tl = &t->layouts[i];

		if (!str_is(tl->id, tekun_layout) || tl->n_columns != l->n_columns)
			continue;
		for (size_t r = 0; r < tl->n_rows; r++) {
			const struct town_cell *c = town_cell(&tl->rows[r], col);

			if (c->state == TOWN_CELL_OK && c->v == tekun)
				return true;
		}
	}
	return false;
}

/* By village, last: none.  Is absence of a household there from the ledger evidence? */
static const bool *covered(const struct town *t, const char *layout, struct arena *a)
{
	bool *ret = ARENA_ARRAY(a, t->n_villages + 1, bool);

	town_covered_villages(t, str_c(layout), ret);
	return ret;
}

static uint8_t covers(const struct town *t, const bool *village, const struct town_household *h,
                      enum town_fact fact)
{
	if (h->unsettled & fact)
		return TRI_UNKNOWN;
	return village[h->village >= 0 ? (size_t)h->village : t->n_villages] ? TRI_YES : TRI_UNKNOWN;
}

static void households(const struct schema *s, struct facts *f, struct arena *a)
{
	const struct town *t = f->town;
	bool tekun = list_has_tekun(s, t);
	const bool *income = covered(t, "income", a), *duty = covered(t, "duty", a),
	           *measure = covered(t, "measure", a), *visit = covered(t, "visit", a),
	           *contract = covered(t, "contract", a);

	for (size_t i = 0; i < t->n_households; i++) {
		struct fact_household *h = &f->household[i];
		int32_t v = t->households[i].village;

		h->town = v >= 0 ? t->villages[v].town : t->name;
		if (v >= 0)
			h->village = t->villages[v].name;
		h->covered_income = covers(t, income, &t->households[i], TOWN_INCOME);
		h->covered_duty = covers(t, duty, &t->households[i], TOWN_DUTY);
		h->covered_measure = covers(t, measure, &t->households[i], TOWN_MEASURE);
		h->covered_visit = covers(t, visit, &t->households[i], TOWN_VISIT);
		h->covered_contract = covers(t, contract, &t->households[i], TOWN_CONTRACT);
		h->dibao_list_has_tekun = tekun ? TRI_YES : TRI_UNKNOWN;
		h->head_sex = TOWN_NONE;
		if (h->head >= 0) {
			h->head_birth = f->person[h->head].true_birth;
			h->head_sex = t->persons[h->head].sex;
		}
	}
	shared(f, false);
	shared(f, true);
}

/* ---- all of it ---- */

struct building {
	const struct schema *s;
	struct facts *f;
	int16_t sex[SEX_MAX];       /* codes */
	struct arena own[TEAM_MAX]; /* by worker */
};

static void read_numbers(void *arg, size_t job, size_t worker)
{
	struct building *b = arg;
	const struct town *t = b->f->town;
	size_t end = (job + 1) * RANGE < t->n_persons ? (job + 1) * RANGE : t->n_persons;

	for (size_t i = job * RANGE; i < end; i++)
		person_number(b->sex, &t->persons[i], &b->own[worker], &b->f->person[i]);
}

/* Neither reads or writes a fact that the other one writes. */
static void gather_facts(void *arg, size_t job, size_t worker)
{
	struct building *b = arg;
	struct arena *a = &b->own[worker];

	if (job == 0) {
		persons(b->s, b->f);
		incomes(b->f, a);
		helpers(b->f, a);
		visits(b->f);
		households(b->s, b->f, a);
	} else {
		same_numbers(b->f, a);
	}
}

void facts_build(const struct schema *s, const struct town *t, struct team *team, struct arena *a,
                 struct facts *ret)
{
	struct building b = {.s = s, .f = ret};

	b.sex[SEX_MALE] = (int16_t)code(s, "sex", "male");
	b.sex[SEX_FEMALE] = (int16_t)code(s, "sex", "female");
	*ret = (struct facts){.town = t};
	ret->household = ARENA_ARRAY(a, t->n_households + 1, struct fact_household);
	ret->person = ARENA_ARRAY(a, t->n_persons + 1, struct fact_person);
	ret->income = ARENA_ARRAY(a, t->n_incomes + 1, struct fact_income);
	for (size_t i = 0; i < t->n_households; i++)
		ret->household[i].head = ret->household[i].income = TOWN_NONE;
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_init(&b.own[i], 0);
	team_run(team, (t->n_persons + RANGE - 1) / RANGE, read_numbers, &b);
	team_run(team, 2, gather_facts, &b);
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_join(a, &b.own[i]);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/weigh.h"

#include <stdlib.h>

#include "base/banned.h"

enum {
	GATHER_MAX = 1200, /* humans weighed for one row */
	MARGIN = 250,      /* by which the best must lead */
	CLEAR_MARGIN = 500,/* by which he leads beyond doubt */
	LEAST = 900,       /* a weight below this is chance */
};

/* ---- gathering ---- */

static int32_t household_of(const struct match *m, int32_t human)
{
	int32_t person = m->humans[human].person;

	return person < 0 ? MATCH_NONE : m->in.persons[person].household;
}

void weigh_space_init(struct weigh_space *w, const struct match *m)
{
	*w = (struct weigh_space){.m = m};
	w->taken = base_calloc(m->n_records + 1, sizeof(w->taken[0]));
	w->seen = base_calloc(m->n_records + 1, sizeof(w->seen[0]));
	w->list = base_calloc(GATHER_MAX, sizeof(w->list[0]));
}

void weigh_space_release(struct weigh_space *w)
{
	base_free(w->taken);
	base_free(w->seen);
	base_free(w->list);
}

struct gather {
	struct weigh_space *w;
	const struct match *m;
	const struct query *q;
	int32_t row;
	bool use_taken;
};

static void gather_human(struct gather *g, int32_t h)
{
	struct weigh_space *w = g->w;

	if (w->seen[h] == w->stamp || w->n == GATHER_MAX)
		return;
	w->seen[h] = w->stamp;
	if (g->q->bridge_only && g->m->humans[h].bridge < 0)
		return;
	if (g->use_taken && w->taken[h] != 0 && w->taken[h] != g->row + 1)
		return;
	w->list[w->n++] = h;
}

/* false when the chain is too long to say anything. */
static bool gather_block(struct gather *g, enum block_kind kind, uint64_t key)
{
	const struct block_slot *s = people_block(g->m, kind, key);

	if (s->n > BLOCK_MAX)
		return false;
	for (int32_t r = s->head; r >= 0; r = g->m->blocks[kind].next[r])
		gather_human(g, g->m->records[r].human);
	return true;
}

/* A slip in a number leaves its first or its last nine characters whole. */
static bool may_be_near(const struct idno *a, const struct idno *b)
{
	if (a->n < 17 || b->n < 17)
		return a->n > 0 && b->n > 0;
	return memcmp(a->id18, b->id18, 8) == 0 ||
	       memcmp(a->id18 + a->n - 8, b->id18 + b->n - 8, 8) == 0;
}

/* Has a record of the same or a like name anything else to agree on?  Spares
 * the weighing of the many namesakes in other villages. */
static bool worth_weighing(const struct query *q, const struct record *r)
{
	date_t birth = q->birth ? q->birth : q->id.birth;

	if (q->village < 0 || r->village < 0 || q->village == r->village)
		return true;
	return (birth != 0 && birth == r->birth) || may_be_near(&q->id, r->id) ||
	       q->phone.n > 0 || q->head.n > 0;
}

static bool gather_names_of(struct gather *g, enum block_kind kind, uint64_t key)
{
	const struct block_slot *s = people_block(g->m, kind, key);

	if (s->n > BLOCK_MAX)
		return false;
	for (int32_t r = s->head; r >= 0; r = g->m->blocks[kind].next[r])
		if (worth_weighing(g->q, &g->m->records[r]))
			gather_human(g, g->m->records[r].human);
	return true;
}

static void gather_names(struct gather *g)
{
	const struct query *q = g->q;
	uint64_t sound = hanname_sound_key(&q->name);

	if (!gather_names_of(g, BLOCK_NAME, q->name_key))
		(void)gather_block(g, BLOCK_NAME_VILLAGE, people_key_with(q->name_key, q->village));
	if (!gather_names_of(g, BLOCK_SOUND, sound))
		(void)gather_block(g, BLOCK_SOUND_VILLAGE, people_key_with(sound, q->village));
	if (q->former.n > 0)
		(void)gather_block(g, BLOCK_NAME, hanname_key(&q->former));
}

static void gather_household(struct gather *g, int32_t household)
{
	const struct match *m = g->m;

	if (household < 0)
		return;
	for (int32_t i = m->members_at[household]; i < m->members_at[household + 1]; i++)
		gather_human(g, m->records[m->members[i]].human);
}

/* Everybody who shares a number's block, a name, a birth date, the household. */
static void gather_all(struct gather *g)
{
	const struct query *q = g->q;
	date_t birth = q->birth ? q->birth : q->id.birth;

	(void)gather_block(g, BLOCK_ID, people_key_id(&q->id));
	(void)gather_block(g, BLOCK_ID, people_key_id(&q->other_id));
	for (int64_t offset = -1; offset <= 1; offset++)
		(void)gather_block(g, BLOCK_ID_15, people_key_15(&q->id, offset));
	gather_names(g);
	gather_household(g, q->household);
	if (date_prec(birth) == DATE_DAY)
		(void)gather_block(g, BLOCK_BIRTH, (uint64_t)birth);
	if (date_prec(q->id.birth) == DATE_DAY && q->id.birth != birth)
		(void)gather_block(g, BLOCK_BIRTH, (uint64_t)q->id.birth);
}

/* ---- weighing ---- */

/* log2(x) in 1/100, of a ratio a/b >= 1; 0 below. */
static int32_t log2_ratio(uint64_t a, uint64_t b)
{
	int32_t whole = 0;

	if (b == 0 || a <= b)
		return 0;
	while (a / 2 >= b && whole < 40) {
		b *= 2;
		whole++;
	}
	/* Linear between powers of two: at most 0.09 bit too low. */
	return whole * 100 + (int32_t)((a - b) * 100 / b);
}

static uint64_t population(const struct match *m)
{
	uint64_t n = m->in.n_bridge > m->in.n_persons ? m->in.n_bridge : m->in.n_persons;

	return n < 1000 ? 1000 : n;
}

/* Agreement on a name counts by how rare the name is among the people known;
 * beside a number that agrees, rarity adds nothing and a middling one is taken. */
static int32_t name_weight(const struct match *m, const struct query *q, enum hanname_class c,
                           bool by_number)
{
	static const int32_t less[HANNAME_CLASS_MAX] = {
		[HANNAME_NEAR_SOUND] = 400, [HANNAME_MISSING_CHAR] = 400, [HANNAME_SWAPPED] = 300,
		[HANNAME_HOLES] = 300,      [HANNAME_LOOKALIKE] = 300,    [HANNAME_HOMOPHONE] = 300,
		[HANNAME_VARIANT] = 60,
	};

	switch (c) {
	case HANNAME_MISSING:
		return 0;
	case HANNAME_DIFFERENT:
		return -600;
	case HANNAME_SURNAME:
		return -200;
	case HANNAME_MARRIED:
	case HANNAME_ONE_CHAR:
		return 200;
	default:
		break;
	}
	if (by_number)
		return 900 - less[c];
	uint64_t all = population(m);
	uint32_t n = people_block(m, BLOCK_NAME, q->name_key)->n;
	int32_t w = log2_ratio(all, n ? n : 1);
	w = w > 1300 ? 1300 : w < 500 ? 500 : w;
	return w - less[c];
}

static enum match_agree relate_births(date_t a, date_t b)
{
	if (a == 0 || b == 0)
		return MATCH_MISSING;
	if (date_prec(a) != DATE_DAY || date_prec(b) != DATE_DAY)
		return date_first(a) <= date_last(b) && date_first(b) <= date_last(a) ? MATCH_AGREES
		                                                                     : MATCH_DIFFERS;
	if (a == b)
		return MATCH_AGREES;
	int same = (date_year(a) == date_year(b)) + (date_month(a) == date_month(b)) +
	           (date_day(a) == date_day(b));
	if (same == 2)
		return MATCH_NEAR;
	if (date_year(a) == date_year(b) && date_month(a) == date_day(b) &&
	    date_day(a) == date_month(b))
		return MATCH_NEAR;
	/* A lunar date taken for a solar one lies 18 to 50 days before it. */
	int32_t days = abs(date_to_days(a) - date_to_days(b));
	return days >= 18 && days <= 50 ? MATCH_NEAR : MATCH_DIFFERS;
}

static int32_t birth_weight(enum match_agree a, enum date_prec prec)
{
	static const int32_t agrees[] = {[DATE_NONE] = 0, [DATE_YEAR] = 400, [DATE_MONTH] = 800,
	                                 [DATE_DAY] = 1300};

	switch (a) {
	case MATCH_AGREES:
		return agrees[prec];
	case MATCH_NEAR:
		return 350;
	case MATCH_DIFFERS:
		return -700;
	default:
		return 0;
	}
}

static int32_t id_weight(enum idno_relation r)
{
	static const int32_t weights[IDNO_RELATION_MAX] = {
		[IDNO_SAME] = 2600,      [IDNO_SAME_15] = 2000,   [IDNO_SAME_MASKED] = 1400,
		[IDNO_ONE_DIGIT] = 1700, [IDNO_SWAP] = 1700,      [IDNO_ONE_LENGTH] = 1600,
		[IDNO_TWO_DIGITS] = 900,
	};

	return weights[r];
}

/* Better of two findings about one field, from several records of a human. */
static uint8_t better(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

/* Which relation of numbers says more. */
static int32_t id_rank(enum idno_relation r)
{
	return r == IDNO_NO_RELATION ? 0 : 10 + id_weight(r);
}

static void relate_ids(const struct idno *a, const struct idno *b, struct cand *c)
{
	enum idno_relation r = idno_relate(a, b);

	/* Two numbers in order never lie one slip apart: twins, neighbours in the book. */
	if (r == IDNO_TWO_DIGITS && idno_ok(a) && idno_ok(b))
		r = IDNO_NO_RELATION;
	if (id_rank(r) > id_rank(c->id))
		c->id = (uint8_t)r;
	if (r == IDNO_NO_RELATION && idno_full(a) && idno_full(b))
		c->id_conflict = true;
}

static enum hanname_class relate_names(const struct query *q, const struct record *r)
{
	struct hanname name = hanname_parse(r->text);
	enum hanname_class best = hanname_compare(&q->name, &name);

	if (best >= HANNAME_VARIANT || (q->former.n == 0 && !name.former))
		return best;
	struct hanname old = name.former ? hanname_former(r->text) : (struct hanname){.n = 0};
	enum hanname_class f = hanname_compare(&q->former, &name);
	enum hanname_class g = hanname_compare(&q->name, &old);
	best = f > best ? f : best;
	return g > best ? g : best;
}

static void relate_groups(const struct query *q, struct str column, struct str address,
                          struct cand *c)
{
	if (q->group == 0)
		return;
	int32_t group = place_group_column(column);
	if (group == 0)
		group = place_group(address);
	if (group > 0)
		c->group = better(c->group, q->group == group ? MATCH_AGREES : MATCH_DIFFERS);
}

static void weigh_record(const struct query *q, const struct record *r, struct cand *c)
{
	/* Another record of the same name says nothing new. */
	if (c->name != HANNAME_SAME)
		c->name = better(c->name, (uint8_t)relate_names(q, r));
	relate_ids(&q->id, r->id, c);
	if (q->other_id.n > 0)
		relate_ids(&q->other_id, r->id, c);
	date_t birth = q->birth ? q->birth : q->id.birth;
	uint8_t b = (uint8_t)relate_births(birth, r->birth);
	if (b == MATCH_AGREES && date_prec(birth) == DATE_DAY && date_prec(r->birth) == DATE_DAY)
		c->birth_exact = true;
	c->birth = better(c->birth, b);
	if (q->village >= 0 && r->village >= 0) {
		bool same = q->village == r->village;
		c->village = better(c->village, same ? MATCH_AGREES : MATCH_DIFFERS);
		if (same)
			relate_groups(q, STR(""), r->address, c);
	}
	if (q->sex && r->sex)
		c->sex = better(c->sex, q->sex == r->sex ? MATCH_AGREES : MATCH_DIFFERS);
}

/* The digits of a phone number, so that habits of writing do not count. */
static bool same_phone(struct str a, struct str b)
{
	size_t i = 0, k = 0, n = 0;

	for (;;) {
		while (i < a.n && (a.p[i] < '0' || a.p[i] > '9'))
			i++;
		while (k < b.n && (b.p[k] < '0' || b.p[k] > '9'))
			k++;
		if (i == a.n || k == b.n)
			return i == a.n && k == b.n && n >= 7;
		if (a.p[i++] != b.p[k++])
			return false;
		n++;
	}
}

static bool head_agrees(const struct match *m, const struct query *q, int32_t household)
{
	int32_t head = m->in.households[household].head;

	if (head < 0)
		return false;
	struct hanname name = hanname_parse(m->in.persons[head].name);
	return hanname_agrees(hanname_compare(&q->head, &name));
}

/* What a register person's household says. */
static void weigh_household(const struct match *m, const struct query *q, int32_t person,
                            struct cand *c)
{
	const struct match_person *p = &m->in.persons[person];

	if (p->household >= 0 && (size_t)p->household < m->in.n_households) {
		const struct match_household *h = &m->in.households[p->household];
		if (q->household >= 0)
			c->household = better(c->household, q->household == p->household ? MATCH_AGREES
			                                                                 : MATCH_DIFFERS);
		else if (q->head.n > 0)
			c->household = better(c->household,
			                      head_agrees(m, q, p->household) ? MATCH_NEAR : MATCH_DIFFERS);
		if (same_phone(q->phone, h->phone))
			c->phone = MATCH_AGREES;
		if (q->village >= 0 && q->village == h->village)
			relate_groups(q, h->group, h->address, c);
		if (q->members > 0 && h->members > 0)
			c->members = better(c->members, q->members == h->members ? MATCH_AGREES
			                                                         : MATCH_DIFFERS);
	}
	if (same_phone(q->phone, p->phone))
		c->phone = MATCH_AGREES;
}

static int32_t village_weight(const struct match *m)
{
	int32_t w = log2_ratio(m->n_villages, 1);

	return w > 600 ? 600 : w < 100 ? 100 : w;
}

static int32_t sum_weights(const struct match *m, const struct query *q, const struct cand *c)
{
	/* by enum match_agree */
	static const int32_t household[] = {0, -500, 700, 1200};
	static const int32_t group[] = {0, -100, 0, 200};
	static const int32_t members[] = {0, -150, 0, 150};
	date_t birth = q->birth ? q->birth : q->id.birth;
	int32_t w = name_weight(m, q, c->name, c->id == IDNO_SAME) + id_weight(c->id);
	bool by_id = c->id != IDNO_NO_RELATION;

	if (c->id_conflict && !by_id)
		w -= idno_ok(&q->id) ? 1500 : 600;
	/* Within a number that agrees the birth is no new evidence. */
	if (!by_id)
		w += birth_weight(c->birth, c->birth_exact ? DATE_DAY : date_prec(birth));
	else if (q->birth)
		w += c->birth == MATCH_AGREES ? 200 : c->birth == MATCH_DIFFERS ? -300 : 0;
	if (c->village == MATCH_AGREES)
		w += village_weight(m);
	else if (c->village == MATCH_DIFFERS)
		w -= 250;
	if (c->sex == MATCH_AGREES && !by_id)
		w += 80;
	else if (c->sex == MATCH_DIFFERS)
		w -= 400;
	w += household[c->household] + group[c->group] + members[c->members];
	w += c->phone == MATCH_AGREES ? 700 : 0;
	return w;
}

static struct cand weigh_human(const struct match *m, const struct query *q, int32_t h)
{
	const struct human *human = &m->humans[h];
	struct cand c = {.human = h};

	for (int32_t r = human->first; r >= 0; r = m->records[r].next)
		weigh_record(q, &m->records[r], &c);
	if (human->person >= 0)
		weigh_household(m, q, human->person, &c);
	if (human->also >= 0)
		weigh_household(m, q, human->also, &c);
	c.written_birth = q->birth != 0;
	if (q->heads && human->head)
		c.weight += 250;
	c.weight += sum_weights(m, q, &c);
	return c;
}

/* Keeps the best CANDS_MAX in order. */
static void keep(const struct match *m, struct verdict *v, const struct cand *c)
{
	size_t at = v->n;

	while (at > 0) {
		const struct cand *o = &v->best[at - 1];
		if (o->weight > c->weight ||
		    (o->weight == c->weight && people_compare(m, o->human, c->human) <= 0))
			break;
		at--;
	}
	if (at == CANDS_MAX)
		return;
	if (v->n < CANDS_MAX)
		v->n++;
	memmove(&v->best[at + 1], &v->best[at], (v->n - 1 - at) * sizeof(v->best[0]));
	v->best[at] = *c;
}

/* ---- judging ---- */

static bool name_may_be(enum hanname_class c)
{
	return c == HANNAME_MISSING || c >= HANNAME_MARRIED;
}

/* The whole number agrees. */
static enum match_band judge_id(const struct cand *c)
{
	if (name_may_be(c->name))
		return MATCH_SURE;
	if (c->sex == MATCH_DIFFERS || (c->written_birth && c->birth == MATCH_DIFFERS))
		return MATCH_UNCLEAR;
	if (c->written_birth && c->birth == MATCH_AGREES)
		return MATCH_PROBABLE;
	if (c->name == HANNAME_SURNAME && (c->village == MATCH_AGREES || c->household >= MATCH_NEAR))
		return MATCH_PROBABLE;
	return MATCH_UNCLEAR;
}

/* The number nearly agrees; only with an agreeing name. */
static enum match_band judge_near_id(const struct cand *c)
{
	bool placed = c->village == MATCH_AGREES || c->household >= MATCH_NEAR;

	if (c->name == HANNAME_MISSING)
		return c->id == IDNO_SAME_15 || placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	if (!hanname_agrees(c->name))
		return c->name >= HANNAME_MARRIED && placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	if (c->id == IDNO_TWO_DIGITS)
		return placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	if (c->name >= HANNAME_VARIANT || placed)
		return c->id == IDNO_SAME_MASKED && !placed ? MATCH_PROBABLE : MATCH_SURE;
	return MATCH_PROBABLE;
}

/* Two whole numbers that have nothing to do with each other: one of them was
 * copied from another line or re-issued, or these are two people.  Two people
 * of one name, birth date and village are a thousand times rarer. */
static enum match_band judge_conflict(const struct cand *c)
{
	bool placed = c->village == MATCH_AGREES || c->phone == MATCH_AGREES;

	if (!hanname_agrees(c->name))
		return MATCH_NOT_OURS;
	if (c->household == MATCH_AGREES)
		return MATCH_PROBABLE;
	if (c->birth_exact && c->name >= HANNAME_VARIANT && c->village != MATCH_DIFFERS)
		return placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	return c->birth >= MATCH_NEAR && placed ? MATCH_UNCLEAR : MATCH_NOT_OURS;
}

static enum match_band judge_name_birth(const struct match *m, const struct cand *c,
                                        enum match_method *ret_method)
{
	bool known = m->in.n_bridge > 0;

	if (c->village != MATCH_AGREES) {
		*ret_method = MATCH_BY_NAME_BIRTH;
		return c->birth_exact && (known || c->phone == MATCH_AGREES) ? MATCH_PROBABLE
		                                                             : MATCH_UNCLEAR;
	}
	*ret_method = MATCH_BY_NAME_BIRTH_VILLAGE;
	return known && c->name >= HANNAME_VARIANT && c->birth_exact ? MATCH_SURE : MATCH_PROBABLE;
}

static enum match_band judge_name_village(const struct match *m, const struct cand *c)
{
	bool known = m->in.n_bridge > 0; /* do we know who else there is? */
	bool spelled = c->name >= HANNAME_VARIANT;

	if (c->phone == MATCH_AGREES)
		return known && spelled ? MATCH_SURE : MATCH_PROBABLE;
	return known && (spelled || c->birth == MATCH_NEAR) ? MATCH_PROBABLE : MATCH_UNCLEAR;
}

/* No number to go by. */
static enum match_band judge_name(const struct match *m, const struct cand *c,
                                  enum match_method *ret_method)
{
	*ret_method = MATCH_BY_SCORE;
	if (!hanname_agrees(c->name)) {
		if (c->household != MATCH_AGREES)
			return MATCH_UNCLEAR;
		return c->birth_exact || c->name >= HANNAME_MARRIED ? MATCH_PROBABLE : MATCH_NOT_OURS;
	}
	if (c->household >= MATCH_NEAR) {
		*ret_method = MATCH_BY_NAME_HOUSEHOLD;
		return c->household == MATCH_AGREES && c->name >= HANNAME_LOOKALIKE ? MATCH_SURE
		                                                                   : MATCH_PROBABLE;
	}
	if (c->birth == MATCH_AGREES)
		return judge_name_birth(m, c, ret_method);
	if (c->village == MATCH_AGREES && c->birth != MATCH_DIFFERS) {
		*ret_method = MATCH_BY_NAME_VILLAGE;
		return judge_name_village(m, c);
	}
	return c->phone == MATCH_AGREES ? MATCH_PROBABLE : MATCH_UNCLEAR;
}

static enum match_method id_method(const struct query *q, enum idno_relation r)
{
	static const uint8_t methods[IDNO_RELATION_MAX] = {
		[IDNO_SAME] = MATCH_BY_ID,           [IDNO_SAME_15] = MATCH_BY_ID_LOSSY,
		[IDNO_SAME_MASKED] = MATCH_BY_SCORE, [IDNO_ONE_DIGIT] = MATCH_BY_ID_ONE_DIGIT,
		[IDNO_SWAP] = MATCH_BY_ID_SWAP,      [IDNO_ONE_LENGTH] = MATCH_BY_ID_LENGTH,
		[IDNO_TWO_DIGITS] = MATCH_BY_SCORE,
	};

	if (r == IDNO_SAME && (q->id.flags & IDNO_FROM_15))
		return MATCH_BY_ID_15;
	if (r == IDNO_SAME && (q->id.flags & IDNO_FROM_CARD))
		return MATCH_BY_ID_CARD;
	return (enum match_method)methods[r];
}

/* Does the number name one member of a household and the name another? */
static bool is_family(const struct match *m, int32_t owner, int32_t other)
{
	int32_t a = m->humans[owner].person, b = m->humans[other].person;

	return a >= 0 && b >= 0 && owner != other && m->in.persons[a].household >= 0 &&
	       m->in.persons[a].household == m->in.persons[b].household;
}

/* The member of the owner's household whose name the row has goes first: a
 * family's numbers are mixed up more often than its names. */
static void prefer_family(struct verdict *v)
{
	if (!v->has_family)
		return;
	size_t at = 0;
	while (at < v->n && v->best[at].human != v->family.human)
		at++;
	if (at == v->n) {
		at = v->n < CANDS_MAX ? v->n : CANDS_MAX - 1;
		v->n = at + 1;
	}
	memmove(&v->best[1], &v->best[0], at * sizeof(v->best[0]));
	v->best[0] = v->family;
}

static void judge_best(const struct match *m, const struct query *q, struct verdict *v)
{
	const struct cand *c = &v->best[0];

	v->method = MATCH_BY_SCORE;
	if (c->id == IDNO_SAME) {
		v->band = judge_id(c);
		v->method = id_method(q, IDNO_SAME);
	} else if (c->id != IDNO_NO_RELATION) {
		v->band = judge_near_id(c);
		v->method = id_method(q, c->id);
	} else if (c->id_conflict) {
		v->band = judge_conflict(c);
	} else {
		v->band = judge_name(m, c, &v->method);
	}
	v->strong = v->band == MATCH_SURE && (c->id != IDNO_NO_RELATION || c->household == MATCH_AGREES);
	if (v->id_owner >= 0 && c->id != IDNO_SAME) {
		/* The number is exactly somebody else's. */
		if (v->has_family && v->family.human == c->human) {
			v->method = MATCH_BY_ID_FAMILY;
			v->band = MATCH_UNCLEAR;
		} else if (v->band > MATCH_UNCLEAR) {
			v->band = q->bridge_only && c->birth_exact ? MATCH_PROBABLE : MATCH_UNCLEAR;
		}
		v->strong = false;
	}
	if (c->weight < LEAST && c->id == IDNO_NO_RELATION && c->household != MATCH_AGREES &&
	    v->method != MATCH_BY_ID_FAMILY)
		v->band = MATCH_NOT_OURS;
}

static void judge(const struct match *m, const struct query *q, struct verdict *v)
{
	v->band = MATCH_NOT_OURS;
	v->method = MATCH_BY_NOTHING;
	v->strong = false;
	v->rivals = 0;
	prefer_family(v);
	if (v->n == 0)
		return;
	judge_best(m, q, v);
	if (v->band == MATCH_NOT_OURS || v->method == MATCH_BY_ID_FAMILY)
		return;
	for (size_t i = 1; i < v->n; i++) {
		int32_t lead = v->best[0].weight - v->best[i].weight;
		v->rivals += lead < MARGIN;
		if (lead < CLEAR_MARGIN && v->band == MATCH_SURE && v->best[0].id != IDNO_SAME)
			v->band = MATCH_PROBABLE;
	}
	if (v->rivals > 0 && (v->best[0].id != IDNO_SAME || v->best[1].id == IDNO_SAME)) {
		v->band = MATCH_UNCLEAR;
		v->strong = false;
	}
}

/* The human whose number is exactly the row's, the best named when several. */
static int32_t owner_of(const struct match *m, const struct query *q, const struct idno *id,
                        struct cand *ret)
{
	const struct block_slot *s = people_block(m, BLOCK_ID, people_key_id(id));
	int32_t owner = -1, last = -1;
	size_t steps = 0;

	for (int32_t r = s->head; r >= 0 && steps++ < BLOCK_MAX; r = m->blocks[BLOCK_ID].next[r]) {
		int32_t h = m->records[r].human;
		if (h == last || (q->bridge_only && m->humans[h].bridge < 0) ||
		    memcmp(m->records[r].id->id18, id->id18, 18) != 0)
			continue;
		last = h;
		struct cand c = weigh_human(m, q, h);
		if (owner < 0 || c.weight > ret->weight ||
		    (c.weight == ret->weight && people_compare(m, h, owner) < 0)) {
			owner = h;
			*ret = c;
		}
	}
	return owner;
}

void weigh_row(struct weigh_space *w, const struct query *q, int32_t row, bool use_taken,
               struct verdict *v)
{
	const struct match *m = w->m;
	struct gather g = {.w = w, .m = m, .q = q, .row = row, .use_taken = use_taken};
	struct cand owner;

	v->n = 0;
	v->has_family = false;
	v->id_owner = owner_of(m, q, &q->id, &owner);
	if (v->id_owner < 0 && q->other_id.n > 0)
		v->id_owner = owner_of(m, q, &q->other_id, &owner);
	/* Number and name agree: nobody else need be looked at. */
	if (v->id_owner >= 0 && (hanname_agrees(owner.name) || owner.name == HANNAME_MISSING)) {
		v->best[0] = owner;
		v->n = 1;
		judge(m, q, v);
		return;
	}
	w->n = 0;
	w->stamp++;
	gather_all(&g);
	if (v->id_owner >= 0)
		gather_household(&g, household_of(m, v->id_owner));
	for (size_t i = 0; i < w->n; i++) {
		struct cand c = weigh_human(m, q, w->list[i]);
		if (c.weight > 0)
			keep(m, v, &c);
		if (v->id_owner >= 0 && hanname_agrees(c.name) && is_family(m, v->id_owner, c.human) &&
		    (!v->has_family || c.name > v->family.name)) {
			v->has_family = true;
			v->family = c;
		}
	}
	judge(m, q, v);
}

/* ---- the link ---- */

void weigh_no_link(struct match_link *ret)
{
	*ret = (struct match_link){.person = MATCH_NONE, .household = MATCH_NONE, .bridge = MATCH_NONE,
	                           .also = MATCH_NONE, .second = MATCH_NONE,
	                           .second_bridge = MATCH_NONE};
	for (size_t i = 0; i < MATCH_OTHERS; i++)
		ret->others[i] = MATCH_NONE;
}

/* Do all who come into question live in one household? */
static bool one_household(const struct match *m, const struct verdict *v, int32_t household)
{
	size_t n = v->rivals + 1 < v->n ? v->rivals + 1 : v->n;

	for (size_t i = 0; i < n; i++)
		if (household_of(m, v->best[i].human) != household)
			return false;
	return household >= 0;
}

/* The first of the best and his rivals who is on the register, or n. */
static size_t first_on_register(const struct match *m, const struct verdict *v)
{
	for (size_t i = 0; i < v->n && i <= v->rivals; i++)
		if (m->humans[v->best[i].human].person >= 0)
			return i;
	return v->n;
}

/* Whom else on the register the row may be about. */
static void list_others(const struct match *m, const struct verdict *v, size_t guess,
                        struct match_link *ret)
{
	size_t end = v->method == MATCH_BY_ID_FAMILY ? 2 : v->rivals + 1, n = 0;

	for (size_t i = 0; i < v->n && i < end && n < MATCH_OTHERS; i++) {
		int32_t person = m->humans[v->best[i].human].person;
		if (i != guess && person >= 0)
			ret->others[n++] = person;
	}
}

static void describe(const struct cand *c, struct match_link *ret)
{
	ret->score = c->weight;
	ret->name = c->name;
	ret->id = c->id;
	ret->birth = c->birth;
	ret->village = c->village;
	ret->sex = c->sex;
}

void weigh_link(const struct match *m, const struct query *q, const struct verdict *v,
                struct match_link *ret)
{
	weigh_no_link(ret);
	ret->household = q->household;
	ret->household_band = q->household >= 0 ? MATCH_SURE : MATCH_NOT_OURS;
	if (v->n == 0 || v->band == MATCH_NOT_OURS) {
		if (q->household >= 0) {
			ret->band = MATCH_UNCLEAR;
			ret->method = MATCH_BY_HH_NO;
		}
		return;
	}
	size_t guess = first_on_register(m, v), other = guess == 0 || guess == v->n ? 1 : 0;
	bool ours = guess < v->n;
	if (!ours)
		guess = 0;
	const struct human *best = &m->humans[v->best[guess].human];
	ret->bridge = best->bridge;
	ret->bridge_band = v->band;
	ret->method = v->method;
	ret->rivals = (uint16_t)v->rivals;
	describe(&v->best[guess], ret);
	if (v->n > other) {
		ret->second = m->humans[v->best[other].human].person;
		ret->second_bridge = m->humans[v->best[other].human].bridge;
		ret->second_score = v->best[other].weight;
	}
	if (!ours) {
		ret->band = MATCH_NOT_OURS;
		return;
	}
	ret->band = v->band;
	ret->person = best->person;
	ret->also = best->also;
	if (v->band == MATCH_UNCLEAR)
		list_others(m, v, guess, ret);
	int32_t household = household_of(m, v->best[guess].human);
	if (household >= 0) {
		bool sure = v->method == MATCH_BY_ID_FAMILY ||
		            (v->rivals > 0 && one_household(m, v, household));
		ret->household = household;
		ret->household_band = sure ? MATCH_SURE : v->band;
	}
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/weigh.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/team.h"
#include "match/judge.h"

#include "base/banned.h"

enum {
	GATHER_MAX = 1200, /* humans weighed for one row */
	KNOWN_MAX = 4,     /* records of one number that are looked at in passing */
};

/* ---- gathering ---- */

/* What is not in use. */
struct weigh_pool {
	pthread_mutex_t lock;
	struct weigh_space space[TEAM_MAX];
	size_t n;
	int32_t *taken[TEAM_MAX];
	size_t n_taken;
};

struct weigh_pool *weigh_pool_new(void)
{
	struct weigh_pool *p = base_calloc(1, sizeof(*p));

	(void)pthread_mutex_init(&p->lock, NULL);
	return p;
}

static void free_space(struct weigh_space *w)
{
	base_free(w->seen);
	base_free(w->list);
}

void weigh_pool_free(struct weigh_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++)
		free_space(&p->space[i]);
	for (size_t i = 0; i < p->n_taken; i++)
		base_free(p->taken[i]);
	(void)pthread_mutex_destroy(&p->lock);
	base_free(p);
}

void weigh_space_init(struct weigh_space *w, const struct match *m, const int32_t *taken)
{
	struct weigh_pool *p = m->pool;

	*w = (struct weigh_space){.m = NULL};
	(void)pthread_mutex_lock(&p->lock);
	if (p->n > 0)
		*w = p->space[--p->n];
	(void)pthread_mutex_unlock(&p->lock);
	w->m = m;
	w->taken = taken;
	if (w->seen && w->stamp < UINT32_MAX / 2)
		return;
	free_space(w); /* the stamps would begin anew: so must those they are compared with */
	w->stamp = 0;
	w->seen = base_table(m->n_records + 1, sizeof(w->seen[0]));
	w->list = base_calloc(GATHER_MAX, sizeof(w->list[0]));
}

void weigh_space_release(struct weigh_space *w)
{
	struct weigh_pool *p = w->m ? w->m->pool : NULL;
	bool kept = false;

	if (!p)
		return;
	(void)pthread_mutex_lock(&p->lock);
	if (p->n < TEAM_MAX) {
		p->space[p->n++] = *w;
		kept = true;
	}
	(void)pthread_mutex_unlock(&p->lock);
	if (!kept)
		free_space(w);
}

int32_t *weigh_taken_new(const struct match *m)
{
	struct weigh_pool *p = m->pool;
	int32_t *taken = NULL;

	(void)pthread_mutex_lock(&p->lock);
	if (p->n_taken > 0)
		taken = p->taken[--p->n_taken];
	(void)pthread_mutex_unlock(&p->lock);
	return taken ? taken : base_table(m->n_records + 1, sizeof(taken[0]));
}

void weigh_taken_release(const struct match *m, int32_t *taken)
{
	struct weigh_pool *p = m->pool;

	(void)pthread_mutex_lock(&p->lock);
	if (p->n_taken < TEAM_MAX) {
		p->taken[p->n_taken++] = taken;
		taken = NULL;
	}
	(void)pthread_mutex_unlock(&p->lock);
	base_free(taken);
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

/* The records of a chain, asked for from memory while it is walked: they lie all over it.
 * SIZE_MAX when the chain is too long to say anything. */
static size_t walk_block(const struct match *m, enum block_kind kind, uint64_t key,
                         int32_t ret[BLOCK_MAX])
{
	const struct block_slot *s = people_block(m, kind, key);
	size_t n = 0;

	if (s->n > BLOCK_MAX)
		return SIZE_MAX;
	for (int32_t r = s->head; r >= 0; r = m->blocks[kind].next[r]) {
		__builtin_prefetch(&m->records[r]);
		ret[n++] = r;
	}
	return n;
}

static bool gather_block(struct gather *g, enum block_kind kind, uint64_t key)
{
	int32_t chain[BLOCK_MAX];
	size_t n = walk_block(g->m, kind, key, chain);

	if (n == SIZE_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		gather_human(g, g->m->records[chain[i]].human);
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
	return (birth != 0 && birth == r->birth) || may_be_near(&q->id, &r->id) ||
	       q->phone.n > 0 || q->head.n > 0;
}

static bool gather_names_of(struct gather *g, enum block_kind kind, uint64_t key)
{
	int32_t chain[BLOCK_MAX];
	size_t n = walk_block(g->m, kind, key, chain);

	if (n == SIZE_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (worth_weighing(g->q, &g->m->records[chain[i]]))
			gather_human(g, g->m->records[chain[i]].human);
	return true;
}

/* Nobody of another village is worth_weighing(). */
static bool is_of_village_alone(const struct query *q)
{
	return q->village >= 0 && !q->birth && q->id.n == 0 && q->phone.n == 0 && q->head.n == 0;
}

static void gather_by_name(struct gather *g, enum block_kind kind, enum block_kind in_village,
                           uint64_t key)
{
	const struct query *q = g->q;

	if (g->m->in.by_village && is_of_village_alone(q)) {
		(void)gather_block(g, in_village, people_key_with(key, q->village));
		if (people_block(g->m, kind, key)->n <= BLOCK_MAX)
			(void)gather_block(g, in_village, people_key_with(key, PEOPLE_NOWHERE));
	} else if (!gather_names_of(g, kind, key)) {
		(void)gather_block(g, in_village, people_key_with(key, q->village));
	}
}

static void gather_names(struct gather *g)
{
	const struct query *q = g->q;

	gather_by_name(g, BLOCK_NAME, BLOCK_NAME_VILLAGE, q->name_key);
	gather_by_name(g, BLOCK_SOUND, BLOCK_SOUND_VILLAGE, hanname_sound_key(&q->name));
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

	(void)gather_block(g, BLOCK_ID, q->id_key);
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

/* What a level of a field is worth. */
static int32_t worth(const struct match *m, enum person_field f, size_t level)
{
	return m->weights.bits[f][level];
}

/* Agreement on a name counts by how rare the name is among the people known;
 * beside a number that agrees, rarity adds nothing and a middling one is taken. */
static int32_t name_weight(const struct match *m, const struct query *q, enum hanname_class c,
                           bool by_number)
{
	int32_t w = worth(m, PERSON_NAME, c);

	if (by_number || !hanname_agrees(c))
		return w;
	return w + person_rarity(&m->weights, people_block(m, BLOCK_NAME, q->name_key)->n);
}

/* Two whole numbers that are not related are two numbers; else what their relation says. */
static size_t number_level(const struct query *q, const struct cand *c)
{
	if (c->id != IDNO_NO_RELATION || !c->id_conflict)
		return c->id;
	return idno_ok(&q->id) ? PERSON_NUMBER_OTHER : PERSON_NUMBER_OTHER_BAD;
}

/* Better of two findings about one field, from several records of a human. */
static uint8_t better(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

/* Which relation of numbers says more. */
static int32_t id_rank(const struct match *m, enum idno_relation r)
{
	return r == IDNO_NO_RELATION ? 0 : 10 + worth(m, PERSON_NUMBER, r);
}

static void relate_ids(const struct match *m, const struct idno *a, const struct idno *b,
                       struct cand *c)
{
	enum idno_relation r = idno_relate(a, b);

	/* Two numbers in order never lie one slip apart: twins, neighbours in the book. */
	if (r == IDNO_TWO_DIGITS && idno_ok(a) && idno_ok(b))
		r = IDNO_NO_RELATION;
	if (id_rank(m, r) > id_rank(m, c->id))
		c->id = (uint8_t)r;
	if (r == IDNO_NO_RELATION && idno_full(a) && idno_full(b))
		c->id_conflict = true;
}

static enum hanname_class relate_names(const struct match *m, const struct query *q, int32_t record)
{
	struct hanname name = people_name(m, record);
	enum hanname_class best = hanname_compare(&q->name, &name);

	if (best >= HANNAME_VARIANT || (q->former.n == 0 && !name.former))
		return best;
	struct hanname old = {.n = 0};
	char room[HANNAME_SHORT_BYTES];
	if (name.former)
		old = hanname_former(people_text(m, record, room));
	enum hanname_class f = hanname_compare(&q->former, &name);
	enum hanname_class g = hanname_compare(&q->name, &old);
	best = f > best ? f : best;
	return g > best ? g : best;
}

static void relate_groups(const struct query *q, uint16_t group, struct cand *c)
{
	if (q->group > 0 && group > 0)
		c->group = better(c->group, q->group == group ? MATCH_AGREES : MATCH_DIFFERS);
}

static void weigh_record(const struct match *m, const struct query *q, int32_t record,
                         struct cand *c)
{
	const struct record *r = &m->records[record];

	/* Another record of the same name says nothing new. */
	if (c->name != HANNAME_SAME)
		c->name = better(c->name, (uint8_t)relate_names(m, q, record));
	relate_ids(m, &q->id, &r->id, c);
	if (q->other_id.n > 0)
		relate_ids(m, &q->other_id, &r->id, c);
	date_t birth = q->birth ? q->birth : q->id.birth;
	c->birth = better(c->birth, (uint8_t)person_births(birth, r->birth));
	if (q->village >= 0 && r->village >= 0) {
		bool same = q->village == r->village;
		c->village = better(c->village, same ? MATCH_AGREES : MATCH_DIFFERS);
		if (same)
			relate_groups(q, r->group, c);
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
	struct hanname name = people_name(m, head);
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
		if (q->phone.n > 0 && same_phone(q->phone, h->phone))
			c->phone = MATCH_AGREES;
		if (q->village >= 0 && q->village == h->village)
			relate_groups(q, m->hh_group[p->household], c);
		if (q->members > 0 && h->members > 0)
			c->members = better(c->members, q->members == h->members ? MATCH_AGREES
			                                                         : MATCH_DIFFERS);
	}
	if (q->phone.n > 0 && same_phone(q->phone, p->phone))
		c->phone = MATCH_AGREES;
}

static int32_t sum_weights(const struct match *m, const struct query *q, const struct cand *c)
{
	bool by_id = c->id != IDNO_NO_RELATION;
	int32_t w = name_weight(m, q, c->name, c->id == IDNO_SAME) +
	            worth(m, PERSON_NUMBER, number_level(q, c));

	/* Within a number that agrees birth and sex are no new evidence. */
	if (!by_id)
		w += worth(m, PERSON_BIRTH, c->birth);
	else if (q->birth)
		w += worth(m, PERSON_BIRTH_TOO, cand_born_alike(c) ? PERSON_AGREES : c->birth);
	if (!by_id || c->sex == MATCH_DIFFERS)
		w += worth(m, PERSON_SEX, c->sex);
	return w + worth(m, PERSON_VILLAGE, c->village) + worth(m, PERSON_HOUSEHOLD, c->household) +
	       worth(m, PERSON_PHONE, c->phone) + worth(m, PERSON_GROUP, c->group) +
	       worth(m, PERSON_MEMBERS, c->members);
}

static struct cand weigh_human(const struct match *m, const struct query *q, int32_t h)
{
	const struct human *human = &m->humans[h];
	struct cand c = {.human = h};

	for (int32_t r = human->first; r >= 0; r = m->records[r].next)
		weigh_record(m, q, r, &c);
	if (human->person >= 0)
		weigh_household(m, q, human->person, &c);
	if (human->also >= 0)
		weigh_household(m, q, human->also, &c);
	c.written_birth = q->birth != 0;
	if (q->heads && human->head)
		c.weight += worth(m, PERSON_HEAD, PERSON_AGREES);
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

/* ---- the row ---- */

/* Does the number name one member of a household and the name another? */
static bool is_family(const struct match *m, int32_t owner, int32_t other)
{
	int32_t a = m->humans[owner].person, b = m->humans[other].person;

	return a >= 0 && b >= 0 && owner != other && m->in.persons[a].household >= 0 &&
	       m->in.persons[a].household == m->in.persons[b].household;
}

void weigh_ahead(const struct match *m, const struct query *q)
{
	people_block_ahead(m, BLOCK_ID, q->id_key);
}

void weigh_nearly(const struct match *m, const struct query *q)
{
	const struct block_slot *s = people_block(m, BLOCK_ID, q->id_key);

	if (s->head < 0)
		return;
	__builtin_prefetch(&m->records[s->head]);
	if (s->n > 1)
		__builtin_prefetch(&m->blocks[BLOCK_ID].next[s->head]);
}

void weigh_soon(const struct match *m, const struct query *q)
{
	const struct block_slot *s = people_block(m, BLOCK_ID, q->id_key);

	if (s->n < 2)
		return;
	int32_t next = m->blocks[BLOCK_ID].next[s->head];
	if (next >= 0)
		__builtin_prefetch(&m->records[next]);
	__builtin_prefetch(&m->humans[m->records[s->head].human]);
}

int32_t weigh_known(const struct match *m, const struct query *q)
{
	const struct block_slot *s = people_block(m, BLOCK_ID, q->id_key);
	bool named = false;

	if (s->n == 0 || s->n > KNOWN_MAX)
		return -1;
	for (int32_t k = s->head, left = (int32_t)s->n;; k = m->blocks[BLOCK_ID].next[k]) {
		const struct record *r = &m->records[k];
		if (r->human != m->records[s->head].human || memcmp(r->id.id18, q->id.id18, 18) != 0)
			return -1;
		named |= memcmp(r->name, q->usual, sizeof(r->name)) == 0;
		if (--left == 0) /* the last one's next would have to come from memory */
			return named ? s->head : -1;
	}
}

/* The human whose number is exactly the row's, the best named when several. */
static int32_t owner_of(const struct match *m, const struct query *q, const struct idno *id,
                        uint64_t key, struct cand *ret)
{
	const struct block_slot *s = people_block(m, BLOCK_ID, key);
	int32_t owner = -1, last = -1;
	size_t steps = 0;

	for (int32_t r = s->head; r >= 0 && steps++ < BLOCK_MAX; r = m->blocks[BLOCK_ID].next[r]) {
		int32_t h = m->records[r].human;
		if (h == last || (q->bridge_only && m->humans[h].bridge < 0) ||
		    memcmp(m->records[r].id.id18, id->id18, 18) != 0)
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
	v->id_owner = owner_of(m, q, &q->id, q->id_key, &owner);
	if (v->id_owner < 0 && q->other_id.n > 0)
		v->id_owner = owner_of(m, q, &q->other_id, people_key_id(&q->other_id), &owner);
	/* Number and name agree: nobody else need be looked at. */
	if (v->id_owner >= 0 && (hanname_agrees(owner.name) || owner.name == HANNAME_MISSING)) {
		v->best[0] = owner;
		v->n = 1;
		judge_verdict(q, v);
		return;
	}
	w->n = 0;
	w->stamp++;
	gather_all(&g);
	if (v->id_owner >= 0)
		gather_household(&g, people_household(m, v->id_owner));
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
	judge_verdict(q, v);
}

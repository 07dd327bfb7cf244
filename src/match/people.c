/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/people.h"

#include <assert.h>

#include "base/team.h"
#include "base/vec.h"
#include "match/house.h"

#include "base/banned.h"

enum {
	RANGE = 1024, /* records that a thread fills at a time */
	AHEAD = 16,   /* keys between the one that is made and the one that is put in */
};
static_assert(sizeof(struct record) == PEOPLE_CACHE_LINE, "a record is a cache line");

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 32;
}

static uint64_t hash_bytes(const char *p, size_t n)
{
	uint64_t h = str_hash((struct str){p, n});

	return h ? h : 1;
}

uint64_t people_key_id(const struct idno *id)
{
	return id->n == 18 && idno_full(id) ? hash_bytes(id->id18, 18) : 0;
}

/* Key of the first 15 digits plus offset (a float may have rounded them up). */
uint64_t people_key_15(const struct idno *id, int64_t offset)
{
	int64_t v;

	if (id->n < 15 || id->known < 15 || !str_to_int((struct str){id->id18, 15}, &v))
		return 0;
	return mix((uint64_t)(v + offset), 15) | 1;
}

uint64_t people_key_with(uint64_t key, int32_t number)
{
	return key == 0 || number < 0 ? 0 : mix(key, (uint64_t)number + 1) | 1;
}

/* Room for so many keys of n records; it grows where there are more. */
static void block_init(struct block *b, size_t keys, size_t n)
{
	size_t cap = 16;

	while (cap < keys + keys / 2)
		cap *= 2;
	*b = (struct block){.mask = cap - 1};
	b->slots = base_table(cap, sizeof(b->slots[0]));
	b->next = base_calloc(n + 1, sizeof(b->next[0]));
}

static struct block_slot *block_slot(const struct block *b, uint64_t key)
{
	size_t i = (size_t)(key ^ key >> 31) & b->mask;

	while (b->slots[i].key != 0 && b->slots[i].key != key)
		i = (i + 1) & b->mask;
	return &b->slots[i];
}

static void block_grow(struct block *b)
{
	struct block old = *b;

	b->mask = old.mask * 2 + 1;
	b->slots = base_table(b->mask + 1, sizeof(b->slots[0]));
	for (size_t i = 0; i <= old.mask; i++)
		if (old.slots[i].key)
			*block_slot(b, old.slots[i].key) = old.slots[i];
	base_free(old.slots);
}

/* Returns the record that headed the chain before, or -1. */
static int32_t block_add(struct block *b, uint64_t key, int32_t record)
{
	if (key == 0)
		return -1;
	if (b->used > b->mask / 3 * 2)
		block_grow(b);
	struct block_slot *s = block_slot(b, key);
	if (s->key == 0) {
		b->used++;
		s->key = key;
		s->head = -1;
	}
	int32_t before = s->head;
	b->next[record] = before;
	s->head = record;
	s->n++;
	return before;
}

const struct block_slot *people_block(const struct match *m, enum block_kind kind, uint64_t key)
{
	static const struct block_slot none = {.head = -1};

	if (key == 0)
		return &none;
	const struct block_slot *s = block_slot(&m->blocks[kind], key);
	return s->key ? s : &none;
}

static void fill_range(void *arg, size_t job, size_t worker)
{
	struct match *m = arg;
	size_t end = (job + 1) * RANGE < m->n_records ? (job + 1) * RANGE : m->n_records;

	for (size_t i = job * RANGE; i < end; i++) {
		struct record *r = &m->records[i];
		if (i < m->in.n_persons) {
			const struct match_person *p = &m->in.persons[i];
			record_fill(r, &m->keys[i], p->name, &p->id, p->birth, p->sex);
			r->village = p->village;
		} else if (r->addressed && !r->placed) {
			r->village = people_find_area(m, census_address(m->census, i - m->in.n_persons));
		} else if (!r->placed) {
			r->village = MATCH_NONE;
		}
		r->human = r->next = -1;
	}
}

static void make_records(struct match *m)
{
	census_admit(m->census, m->in.n_persons);
	m->n_records = m->in.n_persons + m->census->n;
	m->records = m->census->records - m->in.n_persons;
	m->keys = m->census->keys - m->in.n_persons;
	team_run(m->in.team, (m->n_records + RANGE - 1) / RANGE, fill_range, m);
}

static int32_t village_key(const struct match *m, const struct record *r)
{
	return r->village < 0 && m->in.by_village ? PEOPLE_NOWHERE : r->village;
}

static uint64_t key_of(const struct match *m, size_t i, enum block_kind kind)
{
	const struct record *r = &m->records[i];

	switch (kind) {
	case BLOCK_ID: return people_key_id(&r->id);
	case BLOCK_ID_15: return people_key_15(&r->id, 0);
	case BLOCK_NAME: return m->keys[i].name;
	case BLOCK_SOUND: return m->keys[i].sound;
	case BLOCK_BIRTH: return date_prec(r->birth) == DATE_DAY ? (uint64_t)r->birth : 0;
	case BLOCK_NAME_VILLAGE: return people_key_with(m->keys[i].name, village_key(m, r));
	case BLOCK_SOUND_VILLAGE: return people_key_with(m->keys[i].sound, village_key(m, r));
	default: return 0;
	}
}

static void index_record(struct match *m, enum block_kind kind, uint64_t key, int32_t record)
{
	int32_t twin = block_add(&m->blocks[kind], key, record);

	if (kind == BLOCK_ID && twin >= 0)
		m->records[twin].shared = true;
}

/* How many keys of a kind there will be, nearly: it spares tables that are too small and made anew. */
static size_t keys_expected(const struct match *m, enum block_kind kind)
{
	size_t n = m->n_records;

	switch (kind) {
	/* nearly everybody has a number of his own, those on the register the one they have in the
	 * population file */
	case BLOCK_ID: return m->census->n > m->in.n_persons ? m->census->n : m->in.n_persons;
	case BLOCK_ID_15: return n / 5;
	/* namesakes are many, but in one village few, and more still are as old */
	case BLOCK_NAME: case BLOCK_SOUND: return n / 5 * 2;
	case BLOCK_BIRTH: return n / 64;
	default: return n / 5 * 4;
	}
}

/* Everybody.  A key is made a few steps before it is put in: until then its place has come from
 * memory. */
static void index_all(struct match *m, enum block_kind kind)
{
	uint64_t ahead[AHEAD];

	block_init(&m->blocks[kind], keys_expected(m, kind), m->n_records);
	for (size_t step = 0, n = m->n_records; step < n + AHEAD; step++) {
		uint64_t *key = &ahead[step % AHEAD];
		if (step >= AHEAD)
			index_record(m, kind, *key, (int32_t)(n - 1 - (step - AHEAD)));
		if (step < n) {
			*key = key_of(m, n - 1 - step, kind);
			people_block_ahead(m, kind, *key);
		}
	}
}

/* Those who share a key of `of` with too many to be walked. */
static void index_crowds(struct match *m, enum block_kind kind, const struct block *of)
{
	VEC(int32_t) chain = {0};

	block_init(&m->blocks[kind], 0, m->n_records);
	for (size_t i = 0; i <= of->mask; i++) {
		if (of->slots[i].n <= BLOCK_MAX)
			continue;
		for (int32_t r = of->slots[i].head; r >= 0; r = of->next[r])
			*vec_push(&chain) = r;
		while (chain.n > 0) { /* the first one last, so that he heads it */
			int32_t r = chain.p[--chain.n];
			index_record(m, kind, key_of(m, (size_t)r, kind), r);
		}
	}
	vec_free(&chain);
}

/* One block; those of different kinds are made side by side, and only that of
 * the numbers writes to the records. */
static void index_kind(void *arg, size_t job, size_t worker)
{
	index_all(arg, (enum block_kind)job);
}

/* Names by village, of all only where rows will have no more than that. */
static void index_village(struct match *m, enum block_kind kind, enum block_kind of)
{
	if (m->in.by_village)
		index_all(m, kind);
	else
		index_crowds(m, kind, &m->blocks[of]);
}

/* Whether two records of one number bear one name, a former one too. */
static bool named_alike(const struct match *m, int32_t i, int32_t k)
{
	char x[HANNAME_SHORT_BYTES], y[HANNAME_SHORT_BYTES];

	return hanname_compare_text(people_text(m, i, x), people_text(m, k, y)) >= HANNAME_ONE_CHAR;
}

/* A record of the same kind and number before i with an agreeing name, or -1. */
static int32_t same_number(const struct match *m, int32_t i)
{
	const struct record *r = &m->records[i];
	const struct block_slot *s = people_block(m, BLOCK_ID, people_key_id(&r->id));
	size_t steps = 0;

	for (int32_t k = s->head; k >= 0 && steps++ < BLOCK_MAX; k = m->blocks[BLOCK_ID].next[k]) {
		const struct record *o = &m->records[k];
		if (k == i || o->human < 0 || people_is_bridge(m, k) != people_is_bridge(m, i) ||
		    memcmp(o->id.id18, r->id.id18, 18) != 0)
			continue;
		if (named_alike(m, k, i))
			return k;
	}
	return -1;
}

static void add_to_human(struct match *m, int32_t h, int32_t record)
{
	struct human *human = &m->humans[h];
	int32_t *at = &human->first;

	while (*at >= 0)
		at = &m->records[*at].next;
	*at = record;
	m->records[record].human = h;
}

static int32_t new_human(struct match *m)
{
	m->humans[m->n_humans] = (struct human){MATCH_NONE, MATCH_NONE, MATCH_NONE, -1, false};
	return (int32_t)m->n_humans++;
}

static void make_humans(struct match *m)
{
	m->humans = base_calloc(m->n_records + 1, sizeof(m->humans[0]));
	for (size_t i = 0; i < m->n_records; i++) {
		int32_t record = (int32_t)i;
		int32_t twin = m->records[i].shared ? same_number(m, record) : -1;
		int32_t h = twin >= 0 ? m->records[twin].human : new_human(m);
		struct human *human = &m->humans[h];
		add_to_human(m, h, record);
		if (people_is_bridge(m, record)) {
			int32_t row = record - (int32_t)m->in.n_persons;
			if (human->bridge < 0 || m->census->records[human->bridge].cancelled)
				human->bridge = row;
			continue;
		}
		m->n_registered = m->n_humans;
		human->head = human->head || m->in.persons[i].head;
		if (human->person < 0) {
			human->person = record;
		} else if (human->also < 0) {
			human->also = record;
			/* The first by key, not by place. */
			if (str_cmp(m->in.persons[record].key, m->in.persons[human->person].key) < 0) {
				human->also = human->person;
				human->person = record;
			}
		}
	}
}

/* Persons in the order of their households (counting sort). */
static void make_members(struct match *m)
{
	size_t n = m->in.n_households;

	m->members = base_calloc(m->in.n_persons + 1, sizeof(m->members[0]));
	m->members_at = base_calloc(n + 2, sizeof(m->members_at[0]));
	for (size_t i = 0; i < m->in.n_persons; i++) {
		int32_t h = m->in.persons[i].household;
		if (h >= 0 && (size_t)h < n)
			m->members_at[h + 1]++;
	}
	for (size_t h = 0; h < n; h++)
		m->members_at[h + 1] += m->members_at[h];
	int32_t *at = base_calloc(n + 1, sizeof(at[0]));
	memcpy(at, m->members_at, n * sizeof(at[0]));
	for (size_t i = 0; i < m->in.n_persons; i++) {
		int32_t h = m->in.persons[i].household;
		if (h >= 0 && (size_t)h < n)
			m->members[at[h]++] = (int32_t)i;
	}
	base_free(at);
}

static void mark_area(const struct match *m, bool *used, int32_t area)
{
	if (area >= 0 && (size_t)area < m->in.n_areas)
		used[area] = true;
}

/* Towns and counties in the list of areas: an address that names no more than
 * its town says nothing of the village. */
static bool is_above_village(struct str name)
{
	static const char *const ends[] = {"镇", "乡", "街道", "办事处", "县", "市", "省", "区"};

	if (str_ends(name, STR("社区")))
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(name, str_c(ends[i])))
			return true;
	return false;
}

/* Villages of other towns bear the names of ours; so those come second. */
static void index_areas(struct match *m)
{
	const struct match_people *in = &m->in;
	bool *used = base_calloc(in->n_areas + 1, sizeof(used[0]));

	for (size_t i = 0; i < in->n_persons; i++)
		mark_area(m, used, in->persons[i].village);
	for (size_t i = 0; i < in->n_households; i++)
		mark_area(m, used, in->households[i].village);
	for (size_t i = 0; i < m->census->n; i++)
		if (m->census->records[i].placed)
			mark_area(m, used, m->census->records[i].village);
	m->places = place_index_new();
	m->beyond = place_index_new();
	for (size_t i = 0; i < in->n_areas; i++) {
		const struct match_area *a = &in->areas[i];
		struct place_index *x = used[i] ? m->places : m->beyond;
		m->n_villages += used[i];
		if (!used[i] && is_above_village(str_trim(a->name)))
			continue;
		place_index_add(x, a->name, (int32_t)i);
		for (size_t k = 0; k < a->n_aliases; k++)
			place_index_add(x, a->aliases[k], (int32_t)i);
	}
	base_free(used);
}

int32_t people_find_area(const struct match *m, struct str text)
{
	int32_t area = place_find(m->places, text);

	return area == PLACE_NONE ? place_find(m->beyond, text) : area;
}

/* What needs no more than the records and their blocks, side by side. */
enum { STEP_HUMANS, STEP_NAMES, STEP_SOUNDS, STEP_HOUSEHOLDS, STEPS };

static void build_step(void *arg, size_t job, size_t worker)
{
	struct match *m = arg;

	switch (job) {
	case STEP_HUMANS: make_humans(m); break;
	case STEP_NAMES: index_village(m, BLOCK_NAME_VILLAGE, BLOCK_NAME); break;
	case STEP_SOUNDS: index_village(m, BLOCK_SOUND_VILLAGE, BLOCK_SOUND); break;
	default:
		make_members(m);
		house_build(m);
	}
}

void people_build(struct match *m)
{
	index_areas(m);
	person_weigh(&m->weights, m->census->n > m->in.n_persons ? m->census->n : m->in.n_persons,
	             m->n_villages);
	make_records(m);
	team_run(m->in.team, BLOCK_NAME_VILLAGE, index_kind, m);
	team_run(m->in.team, STEPS, build_step, m);
	census_drop_keys(m->census);
	m->keys = NULL;
}

void people_release(struct match *m)
{
	for (int k = 0; k < BLOCK_MAX_KIND; k++) {
		base_free(m->blocks[k].slots);
		base_free(m->blocks[k].next);
	}
	match_census_free(m->census);
	base_free(m->humans);
	base_free(m->members);
	base_free(m->members_at);
	house_release(m);
	place_index_free(m->places);
	place_index_free(m->beyond);
}

void people_join(struct match *m, int32_t human, int32_t bridge_human)
{
	struct human *from = &m->humans[bridge_human];

	for (int32_t r = from->first; r >= 0; r = m->records[r].next)
		m->records[r].human = human;
	int32_t *at = &m->humans[human].first;
	while (*at >= 0)
		at = &m->records[*at].next;
	*at = from->first;
	from->first = -1;
	m->humans[human].bridge = from->bridge;
}

static int compare_records(const struct match *m, int32_t i, int32_t k)
{
	const struct record *a = &m->records[i], *b = &m->records[k];
	int order = memcmp(a->id.id18, b->id.id18, sizeof(a->id.id18));
	char x[HANNAME_SHORT_BYTES], y[HANNAME_SHORT_BYTES];

	if (order == 0)
		order = str_cmp(people_text(m, i, x), people_text(m, k, y));
	if (order == 0)
		order = (a->birth > b->birth) - (a->birth < b->birth);
	return order;
}

int people_compare(const struct match *m, int32_t human_a, int32_t human_b)
{
	const struct human *a = &m->humans[human_a], *b = &m->humans[human_b];

	if ((a->person >= 0) != (b->person >= 0))
		return a->person >= 0 ? -1 : 1;
	if (a->person >= 0) {
		int order = str_cmp(m->in.persons[a->person].key, m->in.persons[b->person].key);
		if (order != 0)
			return order;
	}
	if (a->first < 0 || b->first < 0)
		return (a->first < 0) - (b->first < 0);
	int order = compare_records(m, a->first, b->first);
	if (order == 0 && a->bridge >= 0 && b->bridge >= 0)
		order = str_cmp(census_address(m->census, (size_t)a->bridge),
		                census_address(m->census, (size_t)b->bridge));
	return order;
}

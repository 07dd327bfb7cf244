/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/project_in.h"

#include <assert.h>

#include "base/date.h"

#include "base/banned.h"

void *wanted_add(struct wanted *w, const struct record_desc *d)
{
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 64;
		w->records = base_realloc(w->records, w->cap, d->size);
	}
	void *rec = w->records + w->n++ * d->size;
	memset(rec, 0, d->size);
	return rec;
}

/* What the places that are due have of a table. */
static struct stmt *some_of(struct project *p, const struct record_desc *d)
{
	const struct {
		const struct record_desc *d;
		enum stmt_id id;
		const struct buf *list;
	} tables[] = {
		{&household_desc, STMT_project_some_household, &p->own.households},
		{&household_state_desc, STMT_project_some_household_state, &p->own.households},
		{&household_year_desc, STMT_project_some_household_year, &p->own.households},
		{&membership_desc, STMT_project_some_membership, &p->own.households},
		{&person_desc, STMT_project_some_person, &p->own.people},
		{&person_year_desc, STMT_project_some_person_year, &p->own.people},
		{&income_desc, STMT_project_some_income, &p->own.households},
		{&duty_desc, STMT_project_some_duty, &p->own.households},
		{&measure_desc, STMT_project_some_measure, &p->own.households},
		{&visit_desc, STMT_project_some_visit, &p->own.households},
		{&contract_desc, STMT_project_some_contract, &p->own.households},
	};
	size_t i = 0, n = sizeof(tables) / sizeof(*tables);
	while (i < n && tables[i].d != d)
		i++;
	assert(i < n);
	struct stmt *s = db_stmt(p->db, tables[i].id);
	stmt_bind_str(s, 2, buf_str(tables[i].list));
	return s;
}

enum err stored_read(struct project *p, const struct record_desc *d, struct arena *a,
                     struct stored *ret)
{
	*ret = (struct stored){.d = d};
	return stmt_records(p->due.all ? db_all(p->db, d) : some_of(p, d), d, a, &ret->records, &ret->n);
}

enum err stored_look(struct project *p, const struct record_desc *d, const struct stored **ret)
{
	struct stored *s = &p->stored[p->n_stored++];
	*ret = s;
	return stored_read(p, d, &p->a, s);
}

static enum err stored_take(struct project *p, const struct record_desc *d, struct arena *a,
                            struct stored *ret)
{
	for (size_t i = 0; i < p->n_stored; i++)
		if (p->stored[i].d == d) {
			*ret = p->stored[i];
			p->stored[i].d = NULL;
			return OK;
		}
	return stored_read(p, d, a, ret);
}

struct sync {
	struct project *p;
	const struct record_desc *d;
	uint64_t content; /* fields that count */
	int ident[8];
	size_t n_ident;
	int ledger, recorded_from, recorded_to;
	struct arena a; /* while it is planned, as what follows */
	char *have;     /* stored records */
	size_t n_have;
	bool *taken;    /* of have */
	bool *paired;   /* of wanted */
	struct wanted *w;
	const void **old;   /* of wanted: the stored record it was paired with; same_as_stored */
	const void **ended; /* stored records that hold no more */
	size_t n_ended;
	struct journal *to; /* what is being written with */
	size_t ended_at, wanted_at; /* how far it has been written */
};

/* In place of a stored record that is as it should be: nobody needs it any more. */
static const char same_as_stored;

static uint64_t content_fields(const struct record_desc *d)
{
	static const char *const aside[] = {"ledger", "place", "recorded_from", "recorded_to", "uuid"};
	uint64_t mask = d->n == 64 ? UINT64_MAX : FIELD_BIT(d->n) - 1;
	for (size_t i = 0; i < sizeof(aside) / sizeof(*aside); i++) {
		int k = record_find(d, str_c(aside[i]));
		if (k >= 0)
			mask &= ~FIELD_BIT(k);
	}
	return mask;
}

static void sync_fields(struct sync *s, const char *ident)
{
	struct str rest = str_c(ident), word;
	s->content = content_fields(s->d);
	s->ledger = record_find(s->d, STR("ledger"));
	s->recorded_from = record_find(s->d, STR("recorded_from"));
	s->recorded_to = record_find(s->d, STR("recorded_to"));
	while (str_split(&rest, ' ', &word)) {
		int i = record_find(s->d, word);
		if (i >= 0) /* records that are known by number only name no field */
			s->ident[s->n_ident++] = i;
	}
}

static bool is_typed(const struct sync *s, const void *rec)
{
	return s->ledger >= 0 && !field_has(s->d, rec, (size_t)s->ledger);
}

/* Stored records that ledgers brought and that still hold, and those typed in of which a
 * ledger can only bring the same again. */
static enum err load_have(struct sync *s)
{
	struct stored all;
	enum err e = stored_take(s->p, s->d, &s->a, &all);
	if (e)
		return e;
	s->have = all.records;
	for (size_t i = 0; i < all.n; i++) {
		char *rec = s->have + i * s->d->size;
		bool ours = !is_typed(s, rec) || pin_is_single(s->d);
		bool ended = s->recorded_to >= 0 && field_has(s->d, rec, (size_t)s->recorded_to);
		if (ours && !ended)
			memmove(s->have + s->n_have++ * s->d->size, rec, s->d->size);
	}
	s->taken = ARENA_ARRAY(&s->a, s->n_have + 1, bool);
	return OK;
}

static void pair_by_number(struct sync *s, struct wanted *w, const void **old)
{
	struct imap at;
	imap_init(&at);
	for (size_t i = 0; i < s->n_have; i++)
		(void)imap_set(&at, ((struct record *)(void *)(s->have + i * s->d->size))->no, (int64_t)i);
	for (size_t i = 0; i < w->n; i++) {
		struct record *r = (void *)(w->records + i * s->d->size);
		int64_t k = r->no ? imap_get(&at, r->no, -1) : -1;
		if (k < 0 && r->version) /* planned before: what it was paired with is gone */
			r->no = r->version = 0;
		if (k < 0 || s->taken[k])
			continue;
		old[i] = s->have + (size_t)k * s->d->size;
		s->taken[k] = s->paired[i] = true;
	}
	imap_release(&at);
}

static bool is_free(const struct sync *s, const struct wanted *w, size_t i)
{
	const struct record *r = (const void *)(w->records + i * s->d->size);
	return !s->paired[i] && !r->no;
}

/* Some fields of a record, by index. */
struct fields {
	const int *list;
	size_t n;
};

static int64_t hash_of(const struct record_desc *d, const void *rec, struct fields f)
{
	uint64_t hash[RECORD_FIELDS_MAX];
	for (size_t i = 0; i < f.n; i++)
		hash[i] = field_hash(d, rec, (size_t)f.list[i]);
	return (int64_t)str_hash((struct str){(const char *)hash, f.n * sizeof(hash[0])});
}

static bool are_alike(const struct record_desc *d, const void *x, const void *y, struct fields f)
{
	for (size_t i = 0; i < f.n; i++)
		if (!field_equal(d, x, y, (size_t)f.list[i]))
			return false;
	return true;
}

/* Pairs what is left by equal values of these fields, each record once; but not
 * what has a number: others refer to it by that. */
static void pair_by_fields(struct sync *s, struct wanted *w, struct fields f, const void **old)
{
	const size_t size = s->d->size;
	struct imap at; /* hash -> first free stored record; chained by next */
	size_t left = 0;
	for (size_t i = 0; i < w->n; i++)
		left += is_free(s, w, i);
	if (!left || !s->n_have || !f.n)
		return;
	imap_init(&at);
	int64_t *next = base_calloc(s->n_have, sizeof(*next));
	for (size_t i = s->n_have; i-- > 0;) {
		if (s->taken[i])
			continue;
		int64_t *first = imap_slot(&at, hash_of(s->d, s->have + i * size, f), -1);
		next[i] = *first;
		*first = (int64_t)i;
	}
	for (size_t i = 0; at.n && i < w->n; i++) {
		if (!is_free(s, w, i))
			continue;
		const char *rec = w->records + i * size;
		int64_t *k = imap_slot(&at, hash_of(s->d, rec, f), -1);
		while (*k >= 0 && !are_alike(s->d, s->have + (size_t)*k * size, rec, f))
			k = &next[*k];
		if (*k < 0)
			continue;
		old[i] = s->have + (size_t)*k * size;
		s->taken[*k] = s->paired[i] = true;
		*k = next[*k];
	}
	base_free(next);
	imap_release(&at);
}

/* What the register itself gave a record stays with it. */
static void keep_uuid(struct sync *s, const void *old, void *rec)
{
	int i = record_find(s->d, STR("uuid"));
	if (i < 0)
		return;
	size_t at = s->d->fields[i].offset;
	memcpy((char *)rec + at, (const char *)old + at, sizeof(uintptr_t));
	((struct record *)rec)->has |= ((const struct record *)old)->has & FIELD_BIT(i);
}

static enum err end_record(struct sync *s, const void *old)
{
	if (s->recorded_to < 0) {
		s->p->counts.ended++;
		return journal_delete(s->to, s->d, old);
	}
	char *ended = arena_alloc(&s->p->a, s->d->size);
	memcpy(ended, old, s->d->size);
	int64_t now = journal_now(s->to);
	memcpy(ended + s->d->fields[s->recorded_to].offset, &now, sizeof(now));
	((struct record *)(void *)ended)->has |= FIELD_BIT(s->recorded_to);
	s->p->counts.ended++;
	return journal_update(s->to, s->d, old, ended);
}

static enum err insert_records(struct sync *s, char *recs, size_t n)
{
	int64_t now = journal_now(s->to);
	for (size_t i = 0; s->recorded_from >= 0 && i < n; i++) {
		char *rec = recs + i * s->d->size;
		memcpy(rec + s->d->fields[s->recorded_from].offset, &now, sizeof(now));
		((struct record *)(void *)rec)->has |= FIELD_BIT(s->recorded_from);
	}
	s->p->counts.inserted += (int64_t)n;
	return journal_insert_all(s->to, s->d, recs, n);
}

static enum err write_change(struct sync *s, const void *old, void *rec)
{
	struct record *r = rec;
	const struct record *o = old;
	if (old == &same_as_stored)
		return OK;
	if (s->recorded_to >= 0) {
		enum err e = end_record(s, old);
		r->no = 0;
		return e ? e : insert_records(s, rec, 1);
	}
	keep_uuid(s, old, rec);
	r->no = o->no;
	r->version = o->version;
	s->p->counts.updated++;
	return journal_update(s->to, s->d, old, rec);
}

/* People and households stay when no roster names them any more: their spans end. */
static bool outlives(const struct record_desc *d)
{
	return d == &household_desc || d == &person_desc;
}

static void pair_all(struct sync *s)
{
	int all[RECORD_FIELDS_MAX];
	size_t n_all = 0;
	for (size_t i = 0; i < s->d->n; i++)
		if (s->content & FIELD_BIT(i))
			all[n_all++] = (int)i;
	s->paired = ARENA_ARRAY(&s->a, s->w->n + 1, bool);
	pair_by_number(s, s->w, s->old);
	pair_by_fields(s, s->w, (struct fields){all, n_all}, s->old);
	pair_by_fields(s, s->w, (struct fields){s->ident, s->n_ident}, s->old);
}

static const void *keep(struct sync *s, const void *old)
{
	void *kept = arena_alloc(&s->p->a, s->d->size);
	record_copy(s->d, kept, old, &s->p->a);
	return kept;
}

/* A household that a roster of another place names now, or that was typed in: its place is told by
 * the ledger that it has. */
static bool is_moved(const struct sync *s, const void *old, const void *rec)
{
	const struct household *was = old, *now = rec;
	return s->d == &household_desc &&
	       project_place(s->p, was->ledger) != project_place(s->p, now->ledger);
}

/* Of the stored records only those stay that are changed or ended: of a county's most are not. */
static void keep_changed(struct sync *s)
{
	for (size_t i = 0; i < s->w->n; i++) {
		struct record *rec = (void *)(s->w->records + i * s->d->size);
		const struct record *old = s->old[i];
		if (!old)
			continue;
		if ((record_diff(s->d, old, rec) & s->content) || is_moved(s, old, rec)) {
			s->old[i] = keep(s, old);
			continue;
		}
		s->old[i] = &same_as_stored;
		rec->no = old->no;
		rec->version = old->version;
	}
}

static void keep_ended(struct sync *s)
{
	if (outlives(s->d))
		return;
	s->ended = ARENA_ARRAY(&s->p->a, s->n_have + 1, const void *);
	for (size_t i = 0; i < s->n_have; i++) {
		const char *rec = s->have + i * s->d->size;
		if (!s->taken[i] && !is_typed(s, rec))
			s->ended[s->n_ended++] = keep(s, rec);
	}
}

enum err sync_plan(struct project *p, const struct record_desc *d, struct wanted *w,
                   const char *ident, struct sync **ret)
{
	struct sync *s = ARENA_NEW(&p->a, struct sync);
	enum err e = pins_lay(&p->pins, p->j, d, w->records, w->n, &p->a);
	if (e)
		return e;
	*s = (struct sync){.p = p, .d = d, .w = w};
	arena_init(&s->a, 0);
	sync_fields(s, ident);
	e = load_have(s);
	if (!e) {
		s->old = ARENA_ARRAY(&p->a, w->n + 1, const void *);
		pair_all(s);
		keep_changed(s);
		keep_ended(s);
	}
	arena_release(&s->a);
	s->have = NULL;
	s->taken = s->paired = NULL;
	*ret = s;
	return e;
}

/* The next record wanted, or the next run of new ones. */
static enum err write_next(struct sync *s, size_t most)
{
	size_t i = s->wanted_at, fresh = 0;
	char *rec = s->w->records + i * s->d->size;
	while (i + fresh < s->w->n && !s->old[i + fresh] && fresh < most)
		fresh++;
	s->wanted_at += fresh ? fresh : 1;
	return fresh ? insert_records(s, rec, fresh) : write_change(s, s->old[i], rec);
}

enum err sync_write(struct sync *s, struct journal *to, int64_t until)
{
	enum { LOOK = 32, RUN = 512 }; /* records between looks at the clock */
	size_t most = until == INT64_MAX ? SIZE_MAX : RUN;
	enum err e = OK;
	s->to = to;
	for (size_t n = 1; !e && !sync_is_written(s); n++) {
		e = s->ended_at < s->n_ended ? end_record(s, s->ended[s->ended_at++]) : write_next(s, most);
		bool look = most == RUN && (n % LOOK == 0 || s->ended_at == s->n_ended);
		if (look && monotonic_ms() >= until)
			break;
	}
	return e;
}

bool sync_is_written(const struct sync *s)
{
	return s->ended_at == s->n_ended && s->wanted_at == s->w->n;
}

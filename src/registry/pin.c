/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "registry/pin.h"

#include "link/idno.h"

#include "base/banned.h"

static const struct field fields_of_pin[] = {
#define F(...) FIELD_ROW(struct pin, __VA_ARGS__)
#include "registry/pin.def"
#undef F
};
const struct record_desc pin_desc = {
	.name = "pin",
	.id = 62,
	.fields = fields_of_pin,
	.n = PIN_FIELD_MAX,
	.size = sizeof(struct pin),
	.label = TEXT("更正", "correction"),
	.owner = 13,
	.naming = 3,
};

#define SET(r, member, value) FIELD_SET(r, PIN_, member, value)
#define HAS(r, member) FIELD_HAS(r, PIN_, member)
#define DROP(r, member) FIELD_DROP(r, PIN_, member)

/* --- which record it is ------------------------------------------------------------- */

static const struct {
	const struct record_desc *d;
	const char *fields; /* "" = its number */
	bool single;
} idents[] = {
	{&household_desc, "", true},
	{&person_desc, "", true},
	{&household_year_desc, "household year", true},
	{&person_year_desc, "person year", true},
	{&income_desc, "household year", true},
	{&membership_desc, "person household", true},
	{&measure_desc, "household category_text content", false},
	{&visit_desc, "household date", false},
	{&contract_desc, "household company coop mode", false},
};

static const char *ident_fields(const struct record_desc *d)
{
	for (size_t i = 0; i < sizeof(idents) / sizeof(idents[0]); i++)
		if (idents[i].d == d)
			return idents[i].fields;
	return NULL;
}

bool pin_fits(const struct record_desc *d)
{
	return ident_fields(d) != NULL;
}

bool pin_is_single(const struct record_desc *d)
{
	for (size_t i = 0; i < sizeof(idents) / sizeof(idents[0]); i++)
		if (idents[i].d == d)
			return idents[i].single;
	return false;
}

void pin_ident(const struct keys *keys, const struct record_desc *d, const void *rec,
               unsigned char ret[KEY_INDEX_BYTES])
{
	struct str rest = str_c(ident_fields(d)), word;
	struct record head;
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_adds(&b, d->name);
	memcpy(&head, rec, sizeof(head));
	if (!rest.n)
		buf_addf(&b, "\x1f%lld", (long long)head.no);
	while (rest.n && str_split(&rest, ' ', &word)) {
		int i = record_find(d, word);
		buf_addc(&b, '\x1f');
		if (i >= 0)
			field_print_plain(d, rec, (size_t)i, &b);
	}
	keys_index(keys, "pin", buf_str(&b), ret);
	buf_release(&b);
}

/* --- loading ------------------------------------------------------------------------ */

enum err pins_load(struct db *db, struct arena *a, struct pins *ret)
{
	map_init(&ret->first);
	ret->n = 0;
	enum err e = stmt_records(db_stmt(db, STMT_pin_all), &pin_desc, a, &ret->list, &ret->n);
	if (e)
		return e;
	ret->done = ARENA_ARRAY(a, ret->n + 1, bool);
	ret->next = ARENA_ARRAY(a, ret->n + 1, size_t);
	ret->was = ARENA_ARRAY(a, ret->n + 1, const struct pin *);
	ret->served = ARENA_ARRAY(a, ret->n + 1, bool);
	for (size_t i = 0; i < ret->n; i++) {
		int64_t *first = map_slot(&ret->first, ret->list[i].ident, 0);
		ret->next[i] = (size_t)*first;
		*first = (int64_t)i + 1;
	}
	return OK;
}

void pins_release(struct pins *p)
{
	map_release(&p->first);
}

enum err pins_of(struct db *db, int64_t household, struct arena *a, struct pin **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, household ? STMT_pin_of_household : STMT_pin_conflicts);
	if (household)
		stmt_bind_int(s, 2, household);
	return stmt_records(s, &pin_desc, a, ret, ret_n);
}

/* --- over what ledgers say ------------------------------------------------------------ */

static bool same(const char *x, const char *y)
{
	return strcmp(x ? x : "", y ? y : "") == 0;
}

static const char *plain(const struct record_desc *d, const void *rec, size_t field, struct arena *a)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	if (field_has(d, rec, field))
		field_print_plain(d, rec, field, &b);
	const char *ret = b.n ? str_dup(a, buf_str(&b)) : "";
	buf_release(&b);
	return ret;
}

static void set_text(struct pin *p, const char **member, int bit, const char *value)
{
	*member = value;
	if (value && value[0])
		p->has |= FIELD_BIT(bit);
	else
		p->has &= ~FIELD_BIT(bit);
}

void pin_person_number(const struct keys *keys, struct person *p, struct arena *a)
{
	struct idno id = idno_parse(str_c(FIELD_HAS(p, PERSON_, id_text) ? p->id_text : ""), false);
	FIELD_DROP(p, PERSON_, id_key);
	FIELD_DROP(p, PERSON_, id_lossy);
	if (!idno_full(&id))
		return;
	unsigned char *key = arena_alloc(a, KEY_INDEX_BYTES);
	keys_index(keys, "id", str_c(id.id18), key);
	FIELD_SET(p, PERSON_, id_key, ((struct str){(const char *)key, KEY_INDEX_BYTES}));
}

/* What the ledger says against the pin: the record gets the pin's value. */
static enum err lay(struct pins *p, size_t at, struct journal *j, const struct record_desc *d,
                    void *rec, struct arena *a)
{
	struct pin *pin = &p->list[at];
	int i = record_find(d, str_c(pin->field));
	if (i < 0)
		return OK; /* of a field that is no more */
	const char *says = plain(d, rec, (size_t)i, a);
	const char *value = HAS(pin, value) ? pin->value : "";
	p->served[at] = same(says, value);
	if (p->served[at])
		return OK;
	bool third = !same(says, HAS(pin, was) ? pin->was : "");
	enum err e = field_parse_plain(d, rec, (size_t)i, str_c(value), a);
	if (e)
		return diag_set(db_diag(journal_db(j)), e, "pin %lld", (long long)pin->no);
	if (d == &person_desc && i == PERSON_id_text)
		pin_person_number(journal_keys(j), rec, a);
	struct pin *was = ARENA_NEW(a, struct pin);
	*was = *pin;
	p->was[at] = was;
	set_text(pin, &pin->says, PIN_says, third ? says : NULL);
	DROP(pin, conflict);
	if (third)
		SET(pin, conflict, true);
	return OK;
}

enum err pins_lay(struct pins *p, struct journal *j, const struct record_desc *d, void *records,
                  size_t n, struct arena *a)
{
	unsigned char ident[KEY_INDEX_BYTES];
	enum err e = OK;
	bool any = false;
	for (size_t i = 0; i < p->n && pin_fits(d); i++)
		any |= !p->done[i] && strcmp(p->list[i].tbl, d->name) == 0;
	/* from the end: of several spans the last is the one that holds */
	for (size_t k = any ? n : 0; !e && k-- > 0;) {
		char *rec = (char *)records + k * d->size;
		pin_ident(journal_keys(j), d, rec, ident);
		size_t at = (size_t)map_get(&p->first,
		                            (struct str){(const char *)ident, sizeof(ident)}, 0);
		for (; !e && at; at = p->next[at - 1]) {
			if (p->done[at - 1])
				continue;
			p->done[at - 1] = true;
			e = lay(p, at - 1, j, d, rec, a);
		}
	}
	return e;
}

enum err pins_write(struct pins *p, struct journal *j)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < p->n; i++) {
		if (p->served[i])
			e = journal_delete(j, &pin_desc, &p->list[i]);
		else if (p->was[i])
			e = journal_update(j, &pin_desc, p->was[i], &p->list[i]);
		p->served[i] = false;
		p->was[i] = NULL;
	}
	return e;
}

/* --- pinning -------------------------------------------------------------------------- */

static enum err find_pin(struct db *db, struct str ident, const char *field, struct arena *a,
                         struct pin *ret, bool *ret_found)
{
	struct stmt *s = db_stmt(db, STMT_pin_of);
	stmt_bind_blob(s, 2, ident);
	stmt_bind_text(s, 3, field);
	*ret_found = stmt_record(s, &pin_desc, a, ret);
	return stmt_end(s);
}

static void fill_pin(struct pin *p, const struct record_desc *d, size_t field, const void *now,
                     const struct pin_act *act, int64_t at_ms, struct arena *a)
{
	struct record head;
	memcpy(&head, now, sizeof(head));
	SET(p, tbl, d->name);
	SET(p, field, d->fields[field].name);
	SET(p, rec, head.no);
	SET(p, at, at_ms);
	set_text(p, &p->value, PIN_value, plain(d, now, field, a));
	set_text(p, &p->reason, PIN_reason, act->reason);
	set_text(p, &p->by, PIN_by, act->login);
	if (act->event_date)
		SET(p, event_date, act->event_date);
	if (act->household)
		SET(p, household, act->household);
	if (act->person)
		SET(p, person, act->person);
}

static enum err pin_one(struct journal *j, const struct record_desc *d, const void *old,
                        const void *now, size_t field, const struct pin_act *act, struct arena *a)
{
	unsigned char ident[KEY_INDEX_BYTES];
	struct pin there = {0}, pin = {0};
	bool found = false;
	/* as the ledger has it: what tells the record apart may be what was corrected */
	pin_ident(journal_keys(j), d, old ? old : now, ident);
	struct str key = {(const char *)ident, sizeof(ident)};
	enum err e = find_pin(journal_db(j), key, d->fields[field].name, a, &there, &found);
	if (e)
		return e;
	pin = there;
	fill_pin(&pin, d, field, now, act, journal_now(j), a);
	if (!found) {
		SET(&pin, ident, key);
		set_text(&pin, &pin.was, PIN_was, old ? plain(d, old, field, a) : NULL);
		return journal_insert(j, &pin_desc, &pin);
	}
	if (same(HAS(&pin, value) ? pin.value : "", HAS(&there, was) ? there.was : ""))
		return journal_delete(j, &pin_desc, &there); /* back to what the ledger said */
	if (HAS(&there, says)) /* decided again, knowing what the later ledger says */
		set_text(&pin, &pin.was, PIN_was, there.says);
	DROP(&pin, conflict);
	set_text(&pin, &pin.says, PIN_says, NULL);
	return journal_update(j, &pin_desc, &there, &pin);
}

enum err pin_fields(struct journal *j, const struct record_desc *d, const void *old, const void *now,
                    uint64_t changed, const struct pin_act *act)
{
	struct arena a;
	enum err e = OK;
	arena_init(&a, (size_t)16 << 20);
	for (size_t i = 0; !e && i < d->n; i++)
		if (changed & FIELD_BIT(i))
			e = pin_one(j, d, old, now, i, act, &a);
	arena_release(&a);
	return e;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "registry/search.h"

#include "base/date.h"
#include "base/utf8.h"
#include "db/db.h"
#include "link/hanname.h"
#include "link/idno.h"

#include "base/banned.h"

enum { LIMIT = 100, CURSOR_MAX = 600 };

#define LAST_CHARACTER "\xF4\x8F\xBF\xBF" /* U+10FFFF: behind everything that begins so */

/* --- what was typed ---------------------------------------------------------------- */

static bool all_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr(set, s.p[i]))
			return false;
	return s.n > 0;
}

/* A village by what it is called, with or without 村, 居委会; NULL when none or several. */
static const struct area *village_named(const struct area_list *areas, const char *root,
                                        struct str name)
{
	const struct area *found = NULL;
	for (size_t i = 0; i < areas->n; i++) {
		const struct area *v = &areas->areas[i];
		struct str rest = str_c(v->aliases), alias;
		if (!area_is_village(v) || !area_within(areas, v->code, root))
			continue;
		bool hit = str_is(name, v->code) ||
		           (name.n >= 6 && str_starts(str_c(v->name), name));
		while (!hit && v->aliases && str_split(&rest, '|', &alias))
			hit = str_eq(str_trim(alias), name);
		if (hit && found)
			return NULL;
		if (hit)
			found = v;
	}
	return found;
}

static void read_word(const struct keys *keys, struct str word, struct arena *a, struct search *q)
{
	struct idno id = idno_parse(word, false);
	struct hanname name = hanname_parse(word);
	char *lower = arena_alloc(a, word.n + 4 * HANNAME_MAX + 1);
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++) /* as names are kept */
		n += utf8_encode(name.cp[i], lower + n);
	if (!n || all_of(word, "0123456789-Xx")) {
		memcpy(lower, word.p, word.n);
		n = word.n;
	}
	lower[n] = '\0';
	q->word = lower;
	if (idno_full(&id) && all_of(word, "0123456789Xx")) {
		unsigned char *key = arena_alloc(a, KEY_INDEX_BYTES);
		keys_index(keys, "id", str_c(id.id18), key);
		q->kind = SEARCH_ID;
		q->id_key = (struct str){(const char *)key, KEY_INDEX_BYTES};
	} else {
		q->kind = SEARCH_WORD;
		for (char *p = lower; *p; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p + 32);
	}
}

/* One blank between words, full width made narrow, at most SEARCH_TEXT_MAX characters. */
static struct str tidy(struct str typed, struct arena *a)
{
	struct buf b;
	size_t pos = 0, n = 0;
	int32_t cp;
	buf_init(&b, 4 * SEARCH_TEXT_MAX + 4);
	while (n < SEARCH_TEXT_MAX && (cp = utf8_next(typed, &pos)) >= 0) {
		cp = utf8_narrow(cp);
		if (cp == '\t' || cp == '\n' || cp == '\r' || cp == '\'')
			cp = ' ';
		if (cp < 0x20 || cp == 0x7F || (cp == ' ' && (!b.n || b.p[b.n - 1] == ' ')))
			continue;
		utf8_put(&b, cp);
		n++;
	}
	struct str ret = str_trim(str_copy(a, buf_str(&b)));
	buf_release(&b);
	return ret;
}

void search_read(const struct area_list *areas, const char *root, const struct keys *keys,
                 struct str typed, struct arena *a, struct search *q)
{
	struct str rest = tidy(typed, a), word;
	struct buf words;
	q->kind = SEARCH_LIST;
	buf_init(&words, 1024);
	while (str_split(&rest, ' ', &word)) {
		const struct area *v = word.n ? village_named(areas, root, word) : NULL;
		if (v) {
			q->area = v->code;
			q->one_village = true;
		} else {
			buf_addstr(&words, word); /* "zhang san" is typed for zhangsan */
		}
	}
	if (words.n)
		read_word(keys, str_copy(a, buf_str(&words)), a, q);
	buf_release(&words);
}

/* --- pages -------------------------------------------------------------------------- */

/* Where the page before ended: word (or village, or number), household, person. */
struct place {
	const char *word;
	int64_t household, person;
};

static const char *cursor_of(const struct place *p, struct arena *a)
{
	struct buf plain, out;
	buf_init(&plain, CURSOR_MAX);
	buf_init(&out, 2 * CURSOR_MAX);
	buf_addf(&plain, "%lld\x1f%lld\x1f%s", (long long)p->household, (long long)p->person,
	         p->word ? p->word : "");
	base64_encode(buf_str(&plain), &out);
	const char *ret = str_dup(a, buf_str(&out));
	buf_release(&plain);
	buf_release(&out);
	return ret;
}

static bool read_cursor(const char *text, struct arena *a, struct place *ret)
{
	struct str bytes, household, person;
	*ret = (struct place){.word = ""};
	if (!text || !text[0])
		return true;
	if (strlen(text) > 2 * CURSOR_MAX || !base64_decode(str_c(text), a, &bytes) ||
	    !str_split(&bytes, '\x1f', &household) || !str_split(&bytes, '\x1f', &person) ||
	    !str_to_int(household, &ret->household) || !str_to_int(person, &ret->person) ||
	    !utf8_valid(bytes))
		return false;
	ret->word = arena_strndup(a, bytes.p ? bytes.p : "", bytes.n);
	return true;
}

/* Words of so few villages are gathered and sorted; of more, words are gone through in order, and
 * those of other villages passed over.  Numbers of households begin with their village's as a rule:
 * all that are passed over may come first, so more villages are gathered. */
enum { NARROW = 3, NARROW_NUMBER = 64 };

static bool is_wide(const struct db_scope *s, const char *word)
{
	size_t narrow = all_of(str_c(word), "0123456789") ? NARROW_NUMBER : NARROW;
	return s->kind == DB_SCOPE_AREAS && s->n_areas > narrow;
}

static struct stmt *prepare(struct db *db, const struct search *q)
{
	switch (q->kind) {
	case SEARCH_ID:
		return db_stmt(db, STMT_search_id);
	case SEARCH_WORD:
		if (q->one_village && q->area)
			return db_stmt(db, STMT_search_word_village);
		return db_stmt(db, is_wide(db_scope(db), q->word) ? STMT_search_word_wide : STMT_search_word);
	default:
		if (q->status && !(q->one_village && q->area))
			return db_stmt(db, STMT_search_list_status);
		if (q->attr && !(q->one_village && q->area))
			return db_stmt(db, STMT_search_list_attr);
		return db_stmt(db, STMT_search_list);
	}
}

/* What is wanted begins at first; a page, at the later of that and where the page before ended: the
 * one bound that an index is entered by. */
static void bind_start(struct stmt *s, const char *first, const struct place *from)
{
	bool later = strcmp(from->word, first) >= 0;
	stmt_bind_text(s, 2, later ? from->word : first);
	stmt_bind_int(s, 3, later ? from->household : 0);
}

static void bind_list(struct stmt *s, const struct search *q, const struct place *from, size_t limit,
                      struct arena *a)
{
	const char *area = q->area ? q->area : "";
	bind_start(s, area, from);
	stmt_bind_text(s, 4, arena_printf(a, "%s" LAST_CHARACTER, area));
	stmt_bind_text(s, 5, q->status);
	stmt_bind_text(s, 6, q->attr);
	stmt_bind_int(s, 7, (int64_t)limit + 1);
}

static void bind_word(struct stmt *s, const struct search *q, const struct place *from, size_t limit,
                      struct arena *a)
{
	const char *area = q->area ? q->area : "";
	bind_start(s, q->word, from);
	stmt_bind_text(s, 4, area);
	if (!q->one_village || !q->area)
		stmt_bind_text(s, 5, arena_printf(a, "%s" LAST_CHARACTER, area));
	stmt_bind_text(s, 6, q->status);
	stmt_bind_text(s, 7, q->attr);
	stmt_bind_int(s, 8, (int64_t)limit + 1);
	stmt_bind_text(s, 9, q->word);
	stmt_bind_text(s, 10, arena_printf(a, "%s" LAST_CHARACTER, q->word));
	stmt_bind_int(s, 11, from->person);
}

static void bind(struct stmt *s, const struct search *q, const struct place *from, size_t limit,
                 struct arena *a)
{
	if (q->kind == SEARCH_ID)
		stmt_bind_blob(s, 2, q->id_key);
	else if (q->kind == SEARCH_LIST)
		bind_list(s, q, from, limit, a);
	else
		bind_word(s, q, from, limit, a);
}

static enum err fill_row(struct db *db, date_t today, struct arena *a, struct search_row *r)
{
	struct stmt *s = db_stmt(db, STMT_search_findings);
	stmt_bind_int(s, 2, r->household);
	enum err e = stmt_one_int(s, 0, &r->findings_open);
	if (e)
		return e;
	s = db_stmt(db, STMT_search_helper);
	stmt_bind_int(s, 2, r->household);
	stmt_bind_int(s, 3, today);
	if (stmt_row(s))
		r->helper = stmt_dup(s, 0, a);
	e = stmt_end(s);
	if (e || !r->person)
		return e;
	s = db_stmt(db, STMT_search_name);
	stmt_bind_int(s, 2, r->person);
	if (stmt_row(s))
		r->matched = stmt_dup(s, 0, a);
	return stmt_end(s);
}

static struct search_row read_row(struct stmt *s, struct arena *a, const char **ret_word)
{
	*ret_word = stmt_dup(s, 9, a);
	return (struct search_row){
		.household = stmt_int(s, 0),
		.hh_no = stmt_dup(s, 1, a),
		.village = stmt_str(s, 2).n ? stmt_dup(s, 2, a) : NULL,
		.group_name = stmt_dup(s, 3, a),
		.head_name = stmt_dup(s, 4, a),
		.members = stmt_int(s, 5),
		.status = stmt_dup(s, 6, a),
		.attr = stmt_dup(s, 7, a),
		.person = stmt_int(s, 8),
	};
}

enum err search_households(struct db *db, const struct search *q, const struct search_page *page,
                           struct arena *a, struct search_row **ret, size_t *ret_n,
                           const char **ret_next)
{
	size_t limit = page->limit ? page->limit : LIMIT, n = 0;
	const char *word = NULL, *last_word = NULL;
	struct place from;
	if (!read_cursor(page->after, a, &from))
		return diag_set(db_diag(db), ERR_INVALID, "after");
	if (limit > SEARCH_LIMIT_MAX)
		limit = SEARCH_LIMIT_MAX;
	struct search_row *rows = ARENA_ARRAY(a, limit + 1, struct search_row);
	struct stmt *s = prepare(db, q);
	bind(s, q, &from, limit, a);
	*ret_next = NULL;
	while (stmt_row(s)) {
		if (n == limit) { /* one more was asked for to know that there is more */
			const struct search_row *l = &rows[n - 1];
			struct place at = {last_word, l->household, l->person};
			if (q->kind == SEARCH_LIST)
				at.word = l->village;
			if (q->kind != SEARCH_ID)
				*ret_next = cursor_of(&at, a);
			break;
		}
		rows[n++] = read_row(s, a, &word);
		last_word = word;
	}
	enum err e = stmt_end(s);
	for (size_t i = 0; !e && i < n; i++)
		e = fill_row(db, page->today, a, &rows[i]);
	if (e)
		return e;
	*ret = rows;
	*ret_n = n;
	return OK;
}

/* --- keeping up ---------------------------------------------------------------------- */

enum { KEY_NAME, KEY_INITIALS, KEY_PINYIN, KEY_HH_NO, AT_ONCE_MAX = 20000, FOLLOW_MAX = 1000, PIECE = 64 };

struct keeper {
	struct db *db;
	int64_t first, last; /* households that are done again */
	struct stmt *states, *members;
	bool more_states, more_members;
	struct buf full, initials;
};

/* What every key of a household says beside its word. */
struct house_keys {
	int64_t household;
	const char *village, *status, *attr;
};

static enum err add_key(struct keeper *k, const struct house_keys *h, int64_t person, int kind,
                        struct str word)
{
	if (!word.n)
		return OK;
	struct stmt *s = db_stmt(k->db, STMT_search_key_add);
	stmt_bind_int(s, 2, h->household);
	stmt_bind_int(s, 3, person);
	stmt_bind_int(s, 4, kind);
	stmt_bind_str(s, 5, word);
	stmt_bind_text(s, 6, h->village);
	stmt_bind_text(s, 7, h->status);
	stmt_bind_text(s, 8, h->attr);
	return stmt_run(s);
}

static enum err add_name(struct keeper *k, const struct house_keys *h, int64_t person,
                         struct str name)
{
	struct hanname read = hanname_parse(name);
	char written[HANNAME_MAX * 4];
	size_t n = 0;
	buf_clear(&k->full);
	buf_clear(&k->initials);
	hanname_typed(&read, &k->full, &k->initials);
	for (size_t i = 0; i < read.n; i++)
		n += utf8_encode(read.cp[i], written + n);
	enum err e = add_key(k, h, person, KEY_NAME, (struct str){written, n});
	if (!e)
		e = add_key(k, h, person, KEY_INITIALS, buf_str(&k->initials));
	if (!e)
		e = add_key(k, h, person, KEY_PINYIN, buf_str(&k->full));
	return e;
}

/* The members of a household; *ret_head: is the head, as the file names him, among them? */
static enum err add_members(struct keeper *k, const struct house_keys *h, struct str head,
                            int64_t *ret_n, bool *ret_head)
{
	enum err e = OK;
	int64_t last = 0;
	*ret_n = 0;
	*ret_head = !head.n;
	while (k->more_members && stmt_int(k->members, 0) < h->household)
		k->more_members = stmt_row(k->members);
	while (!e && k->more_members && stmt_int(k->members, 0) == h->household) {
		int64_t person = stmt_int(k->members, 1);
		struct str name = stmt_str(k->members, 2);
		*ret_head = *ret_head || str_eq(name, head);
		if (person != last) {
			++*ret_n;
			e = add_name(k, h, person, name);
		}
		last = person;
		k->more_members = stmt_row(k->members);
	}
	return e;
}

static void read_states(struct keeper *k, int64_t household, struct arena *a, const char *ret[2])
{
	ret[0] = ret[1] = NULL;
	while (k->more_states && stmt_int(k->states, 0) < household)
		k->more_states = stmt_row(k->states);
	while (k->more_states && stmt_int(k->states, 0) == household) {
		ret[str_is(stmt_str(k->states, 1), "attr")] = stmt_dup(k->states, 2, a);
		k->more_states = stmt_row(k->states);
	}
}

static enum err add_house(struct keeper *k, struct stmt *row, struct arena *a)
{
	const char *hh_no = stmt_dup(row, 1, a), *village = stmt_dup(row, 2, a);
	const char *head = stmt_dup(row, 4, a), *state[2];
	int64_t members = 0;
	bool head_known = false;
	read_states(k, stmt_int(row, 0), a, state);
	const struct house_keys h = {stmt_int(row, 0), village ? village : "", state[0], state[1]};
	enum err e = add_members(k, &h, str_c(head), &members, &head_known);
	if (!e && !head_known)
		e = add_name(k, &h, 0, str_c(head));
	if (!e)
		e = add_key(k, &h, 0, KEY_HH_NO, str_c(hh_no));
	if (e)
		return e;
	struct stmt *s = db_stmt(k->db, STMT_search_house_add);
	stmt_bind_int(s, 2, h.household);
	stmt_bind_text(s, 3, h.village);
	stmt_bind_text(s, 4, hh_no);
	stmt_bind_text(s, 5, stmt_dup(row, 3, a));
	stmt_bind_text(s, 6, head);
	stmt_bind_int(s, 7, members);
	stmt_bind_text(s, 8, h.status);
	stmt_bind_text(s, 9, h.attr);
	return stmt_run(s);
}

static struct stmt *ranged(struct keeper *k, enum stmt_id id)
{
	struct stmt *s = db_stmt(k->db, id);
	stmt_bind_int(s, 2, k->first);
	stmt_bind_int(s, 3, k->last);
	return s;
}

/* Households first..last as they are now. */
static enum err renew(struct keeper *k, int64_t first, int64_t last)
{
	struct arena a;
	k->first = first;
	k->last = last;
	enum err e = stmt_run(ranged(k, STMT_search_house_drop));
	if (!e)
		e = stmt_run(ranged(k, STMT_search_key_drop));
	if (e)
		return e;
	arena_init(&a, (size_t)1 << 20);
	struct stmt *h = ranged(k, STMT_search_house_read);
	k->states = ranged(k, STMT_search_states);
	k->members = ranged(k, STMT_search_members);
	k->more_states = stmt_row(k->states);
	k->more_members = stmt_row(k->members);
	while (!e && stmt_row(h)) {
		e = add_house(k, h, &a);
		arena_clear(&a);
	}
	struct stmt *all[] = {h, k->states, k->members};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		enum err end = stmt_end(all[i]);
		e = e ? e : end;
	}
	arena_release(&a);
	return e;
}

static enum err one_int(struct stmt *s, int64_t *ret)
{
	return stmt_one_int(s, 0, ret);
}

/* The households that changes since `entry` touched. */
static enum err touched(struct db *db, int64_t entry, struct arena *a, int64_t **ret, size_t n_max,
                        size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_search_touched);
	stmt_bind_int(s, 2, entry);
	*ret = ARENA_ARRAY(a, n_max + 1, int64_t);
	*ret_n = 0;
	while (stmt_row(s) && *ret_n < n_max)
		if (!stmt_is_null(s, 0))
			(*ret)[(*ret_n)++] = stmt_int(s, 0);
	return stmt_end(s);
}

/* --- a pass: from where the index stands to the last change ---------------------------- */

struct search_pass {
	struct keeper k;
	struct arena a;
	int64_t from, to;  /* entries */
	bool all;          /* many changes: every household anew, in order */
	int64_t *list;     /* few: these */
	size_t n;
	int64_t at, end;   /* of all, the next number and the last; of the list, places */
};

struct search_pass *search_pass_begin(void)
{
	struct search_pass *p = base_calloc(1, sizeof(*p));
	buf_init(&p->k.full, 4096);
	buf_init(&p->k.initials, 4096);
	arena_init(&p->a, 0);
	return p;
}

void search_pass_end(struct search_pass *p)
{
	if (!p)
		return;
	buf_release(&p->k.full);
	buf_release(&p->k.initials);
	arena_release(&p->a);
	base_free(p);
}

/* The entry up to which it is kept, and the last one that changed anything. */
static enum err marks(struct db *db, int64_t *ret_at, int64_t *ret_last)
{
	enum err e = one_int(db_stmt(db, STMT_search_at), ret_at);
	return e ? e : one_int(db_stmt(db, STMT_search_last_entry), ret_last);
}

/* What has to be done, when nothing is known yet. */
static enum err plan(struct search_pass *p, struct db *db)
{
	int64_t changes = 0, known = 0;
	enum err e = marks(db, &p->from, &p->to);
	if (e || p->to <= p->from)
		return e;
	struct stmt *s = db_stmt(db, STMT_search_behind);
	stmt_bind_int(s, 2, p->from);
	stmt_bind_int(s, 3, AT_ONCE_MAX + 1);
	e = one_int(s, &changes);
	if (!e)
		e = one_int(db_stmt(db, STMT_search_known), &known);
	if (e)
		return e;
	p->all = changes > AT_ONCE_MAX || changes > known;
	if (p->all)
		return one_int(db_stmt(db, STMT_search_last_household), &p->end);
	/* a change touches the household, or those that one person belonged to */
	e = touched(db, p->from, &p->a, &p->list, (size_t)changes * 16, &p->n);
	p->end = (int64_t)p->n;
	return e;
}

/* The next piece of all, as large as may be when nobody waits. */
static enum err step_all(struct search_pass *p, bool alone)
{
	int64_t last = alone || p->at + PIECE > p->end ? INT64_MAX : p->at + PIECE - 1;
	enum err e = renew(&p->k, p->at, last);
	p->at = last == INT64_MAX ? p->end + 1 : last + 1;
	return e;
}

/* An older pass that ends later leaves the mark where a newer one put it. */
static enum err set_mark(struct db *db, int64_t entry)
{
	struct stmt *s = db_stmt(db, STMT_search_at_set);
	stmt_bind_int(s, 2, entry);
	return stmt_run(s);
}

static bool is_over(const struct search_pass *p)
{
	return p->all ? p->at > p->end : p->at >= p->end;
}

enum err search_pass_step(struct search_pass *p, struct db *db, int ms, bool *ret_done)
{
	int64_t until = ms ? monotonic_ms() + ms : INT64_MAX;
	enum err e = OK;
	p->k.db = db;
	if (!p->to) {
		e = plan(p, db);
		if (e || p->to <= p->from) {
			*ret_done = !e;
			return e;
		}
	}
	do {
		if (is_over(p))
			break;
		e = p->all ? step_all(p, !ms) : renew(&p->k, p->list[p->at], p->list[p->at]);
		p->at += !p->all;
	} while (!e && monotonic_ms() < until);
	*ret_done = !e && is_over(p);
	return *ret_done ? set_mark(db, p->to) : e;
}

enum err search_is_behind(struct db *db, bool *ret)
{
	int64_t at = 0, last = 0;
	enum err e = marks(db, &at, &last);
	*ret = !e && at < last;
	return e;
}

enum err search_catch_up(struct db *db)
{
	struct search_pass *p = search_pass_begin();
	bool own = !db_in_transaction(db), done = false;
	enum err e = own ? db_begin(db) : OK;
	if (!e)
		e = search_pass_step(p, db, 0, &done);
	search_pass_end(p);
	if (own && e)
		db_rollback(db);
	return own && !e ? db_commit(db) : e;
}

enum err search_follow(struct journal *j)
{
	struct db *db = journal_db(j);
	struct search_pass *p = search_pass_begin();
	int64_t at = 0, before = 0, entry = journal_entry(j);
	enum err e = one_int(db_stmt(db, STMT_search_at), &at);
	struct stmt *s = db_stmt(db, STMT_search_entry_before);
	stmt_bind_int(s, 2, entry);
	enum err end = one_int(s, &before);
	e = e ? e : end;
	p->k.db = db;
	if (!e)
		e = touched(db, entry - 1, &p->a, &p->list, FOLLOW_MAX, &p->n);
	for (size_t i = 0; !e && i < p->n; i++)
		e = renew(&p->k, p->list[i], p->list[i]);
	if (!e && p->n < FOLLOW_MAX && at >= before)
		e = set_mark(db, entry);
	search_pass_end(p);
	return e;
}

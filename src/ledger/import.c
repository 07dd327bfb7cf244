/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/import.h"

#include "ledger/covers.h"

#include "base/date.h"
#include "base/sha256.h"

#include "base/banned.h"

/* A ledger in the making: what the reading side has of it is read_group. */
struct group {
	int64_t no;
	int64_t seq; /* of the next chunk */
};

enum stage {
	STAGE_NEW,    /* it may be here already */
	STAGE_CHUNKS, /* as they are read */
	STAGE_TAILS,  /* the last rows of each ledger */
	STAGE_INDEX,  /* numbers of each ledger */
	STAGE_RECORDS /* the ledgers themselves: before, nobody sees what came */
};

struct import_work {
	enum stage stage;
	size_t at, index_at; /* of TAILS and INDEX: the group, the place in its index */
	bool in_pieces;      /* something of it is committed */
	const struct import *im;
	struct ahead *ahead;
	struct read_file *f;
	struct db *db;
	struct diag *diag;
	struct arena *a;
	struct import_result *ret;
	unsigned char opts_hash[32];
	struct group groups[READ_GROUPS_MAX];
	size_t n_groups;
	struct buf sealed;
};

/* Everything besides the bytes that the result depends on. */
static enum err hash_options(const struct import *im, struct diag *diag, unsigned char ret[32])
{
	struct buf b;
	enum err e = OK;
	buf_init(&b, 1 << 20);
	buf_addf(&b, "%s\n%s\n%d\n%d\n", im->pack->hash, im->layout ? im->layout : "", (int)im->as_of,
	         im->partial);
	for (size_t i = 0; i < im->n_covers; i++)
		buf_addf(&b, "%s\n", im->covers[i]);
	if (im->map_path) {
		unsigned char map_hash[32];
		e = read_hash(im->map_path, diag, map_hash);
		if (!e)
			buf_add(&b, map_hash, sizeof(map_hash));
	}
	sha256_of(b.p, b.n, ret);
	buf_release(&b);
	return e;
}

static bool same_bytes(struct str s, const unsigned char *p, size_t n)
{
	return s.n == n && memcmp(s.p, p, n) == 0;
}

/* Of most files no ledger is here, and a county has hundreds: they are only read when one is. */
static enum err in_force_already(struct import_work *w, bool *ret)
{
	struct str file = {(const char *)w->f->hash, 32}, opts = {(const char *)w->opts_hash, 32};
	struct ledger *all = NULL;
	size_t n = 0;
	*ret = false;
	bool known = false;
	enum err e = ledger_of_file(w->db, file, opts, &known);
	if (!e && known)
		e = ledger_all(w->db, w->a, &all, &n);
	if (e || !known)
		return e;
	bool *in = ARENA_ARRAY(w->a, n + 1, bool);
	ledger_in_force(all, n, 0, in);
	for (size_t i = 0; i < n; i++)
		*ret |= in[i] && same_bytes(all[i].file_hash, w->f->hash, 32) &&
		        same_bytes(all[i].opts_hash, w->opts_hash, 32);
	return OK;
}

/* --- chunks -------------------------------------------------------------- */

static enum err write_chunk(struct import_work *w, struct group *g, int64_t rows, size_t length,
                            struct str packed)
{
	struct ledger_chunk c = {0};
	if (!rows)
		return OK;
	buf_clear(&w->sealed);
	rows_seal(journal_keys(w->im->j), g->no, g->seq, packed, &w->sealed);
	if (w->sealed.full)
		return diag_set(w->diag, ERR_FILE_TOO_LARGE, "%s", w->f->name);
	FIELD_SET(&c, LEDGER_CHUNK_, ledger, g->no);
	FIELD_SET(&c, LEDGER_CHUNK_, seq, g->seq);
	FIELD_SET(&c, LEDGER_CHUNK_, row_count, rows);
	FIELD_SET(&c, LEDGER_CHUNK_, body, buf_str(&w->sealed));
	FIELD_SET(&c, LEDGER_CHUNK_, unpacked, (int64_t)length);
	g->seq++;
	return journal_insert(w->im->j, &ledger_chunk_desc, &c);
}

/* Gives ledgers their numbers, in the order in which their first rows came. */
static enum err number_groups(struct import_work *w, size_t n)
{
	enum err e = OK;
	for (; !e && w->n_groups < n; w->n_groups++)
		e = journal_next_no(w->im->j, "ledger", &w->groups[w->n_groups].no);
	return e;
}

/* --- the ledger's record -------------------------------------------------------------- */

const char *import_area(const struct import *im, const char *name)
{
	for (size_t i = 0; i < im->areas->n; i++) {
		const struct area *a = &im->areas->areas[i];
		if (strcmp(a->code, name) == 0 || strcmp(a->name, name) == 0)
			return a->code;
	}
	return NULL;
}

static enum err given_covers(struct import_work *w, struct buf *out)
{
	for (size_t i = 0; i < w->im->n_covers; i++) {
		struct str rest = str_c(w->im->covers[i]), piece;
		while (str_split(&rest, ',', &piece)) {
			const char *code = import_area(w->im, str_dup(w->a, str_trim(piece)));
			if (!code)
				return diag_set(w->diag, ERR_UNKNOWN_AREA, STR_FMT, STR_ARG(piece));
			buf_addf(out, "%s%s", out->n ? "," : "", code);
		}
	}
	return OK;
}

static void count_rejects(const struct import_work *w, const struct read_group *g, int64_t *doubts,
                          int64_t *refused)
{
	*doubts = *refused = 0;
	for (size_t i = 0; i < intake_table_count(w->f->in); i++) {
		const struct intake_table *t = intake_table(w->f->in, i);
		if (t->into != g->layout)
			continue;
		*doubts += (int64_t)t->counts.doubts;
		*refused += (int64_t)t->counts.bad;
	}
}

static void set_date(struct import_work *w, const struct read_group *g, struct ledger *l)
{
	struct str where = {NULL, 0};
	date_t found = intake_as_of(w->f->in, &where);
	if (w->im->as_of) {
		FIELD_SET(l, LEDGER_, as_of, w->im->as_of);
		FIELD_SET(l, LEDGER_, as_of_from, "--as-of");
	} else if (found) {
		FIELD_SET(l, LEDGER_, as_of, found);
		FIELD_SET(l, LEDGER_, as_of_from, str_dup(w->a, where));
	}
	int64_t year = g->year;
	if (!year && g->layout->period == PACK_PERIOD_YEAR && l->as_of)
		year = date_year(l->as_of) -
		       (date_prec(l->as_of) >= DATE_MONTH && date_month(l->as_of) < 7);
	if (year)
		FIELD_SET(l, LEDGER_, year, year);
}

static const char *columns_text(struct import_work *w, const struct read_group *g)
{
	struct buf b;
	buf_init(&b, 64 << 10);
	for (size_t i = 0; i < intake_table_count(w->f->in); i++) {
		const struct intake_table *t = intake_table(w->f->in, i);
		if (t->into != g->layout)
			continue;
		for (size_t c = 0; c < t->n_columns; c++)
			if (t->columns[c].column >= 0)
				buf_addf(&b, "%s" STR_FMT "=%s", b.n ? ";" : "", STR_ARG(t->columns[c].header),
				         t->layout->columns[t->columns[c].column].id);
		break;
	}
	const char *text = str_dup(w->a, buf_str(&b));
	buf_release(&b);
	return text;
}

/* The earlier file of these events that this one repeats, at least by half. */
static enum err find_corrected(struct import_work *w, const struct read_group *g, struct ledger *l)
{
	struct ledger *all = NULL;
	size_t n = 0;
	if (!ledger_adds_up(g->layout->id))
		return OK;
	enum err e = ledger_of_layout(w->db, g->layout->id, w->a, &all, &n);
	if (e)
		return e;
	while (n && all[n - 1].no >= w->groups[0].no) /* of this file */
		n--;
	bool *in = ARENA_ARRAY(w->a, n + 1, bool);
	ledger_in_force(all, n, 0, in);
	for (size_t i = n; i-- > 0;) {
		if (!in[i] || !ledger_overlap(&all[i], l))
			continue;
		struct ledger_table t;
		size_t same = 0;
		e = ledger_read(w->im->j, w->im->pack, w->im->areas, &all[i], w->a, &t);
		if (e)
			return e;
		for (size_t k = 0; k < t.n; k++)
			same += imap_get(&g->events, (int64_t)t.rows[k].hash, 0) == 1;
		if (t.n && same * 2 >= t.n) {
			FIELD_SET(l, LEDGER_, replaces, all[i].no);
			return OK;
		}
	}
	return OK;
}

static enum err insert_ledger(struct import_work *w, size_t i)
{
	const struct read_group *g = &w->f->groups[i];
	struct ledger l = {.no = w->groups[i].no};
	struct buf covers;
	int64_t doubts, refused;
	buf_init(&covers, 64 << 10);
	enum err e = given_covers(w, &covers);
	bool placed = covers.n > 0;
	if (!e && !placed)
		placed = covers_find(w->im->areas, w->im->root, g, w->f->path, &covers);
	count_rejects(w, g, &doubts, &refused);
	FIELD_SET(&l, LEDGER_, layout, g->layout->id);
	if (g->title)
		FIELD_SET(&l, LEDGER_, title, g->title);
	FIELD_SET(&l, LEDGER_, file, w->f->name);
	FIELD_SET(&l, LEDGER_, file_hash, ((struct str){(const char *)w->f->hash, 32}));
	FIELD_SET(&l, LEDGER_, opts_hash, ((struct str){(const char *)w->opts_hash, 32}));
	set_date(w, g, &l);
	FIELD_SET(&l, LEDGER_, covers, str_dup(w->a, buf_str(&covers)));
	FIELD_SET(&l, LEDGER_, partial, w->im->partial || !placed);
	if (w->im->authorisation)
		FIELD_SET(&l, LEDGER_, authorisation, w->im->authorisation);
	FIELD_SET(&l, LEDGER_, pack,
	          arena_printf(w->a, "%s %s", w->im->pack->id, w->im->pack->version));
	FIELD_SET(&l, LEDGER_, row_count, g->rows);
	FIELD_SET(&l, LEDGER_, doubts, doubts);
	FIELD_SET(&l, LEDGER_, refused, refused);
	FIELD_SET(&l, LEDGER_, received, journal_now(w->im->j));
	if (g->layout->retention_days > 0)
		FIELD_SET(&l, LEDGER_, keep_until,
		          date_from_days((int32_t)(journal_now(w->im->j) / 86400000) +
		                         g->layout->retention_days));
	FIELD_SET(&l, LEDGER_, columns, columns_text(w, g));
	if (!e)
		e = find_corrected(w, g, &l);
	if (!e)
		e = journal_insert(w->im->j, &ledger_desc, &l);
	buf_release(&covers);
	if (!e) {
		struct import_ledger *out = &w->ret->ledgers[w->ret->n_ledgers++];
		*out = (struct import_ledger){.record = l, .without_place = g->homeless,
		                              .unplaced = !placed, .corrects = FIELD_HAS(&l, LEDGER_, replaces)};
		for (size_t k = 0; k < w->im->areas->n; k++)
			out->villages += g->villages[k] > 0;
	}
	return e;
}

/* --- the file ---------------------------------------------------------------------------- */

static enum err next_chunk(struct import_work *w)
{
	struct ahead_chunk c;
	bool more = true;
	enum err e = ahead_next(w->ahead, w->diag, &c, &more);
	if (!e)
		e = number_groups(w, more ? c.group + 1 : w->f->n_groups);
	if (!e && !more)
		w->stage = STAGE_TAILS;
	if (!e && more)
		e = write_chunk(w, &w->groups[c.group], c.rows, c.length, c.packed);
	if (!e && more && w->im->progress && !w->im->progress(ahead_at(w->ahead)))
		e = diag_set(w->diag, ERR_INTERRUPTED, "%s", w->f->name);
	return e;
}

static enum err next_tail(struct import_work *w)
{
	if (w->at == w->f->n_groups) {
		w->at = w->index_at = 0;
		w->stage = STAGE_INDEX;
		return OK;
	}
	const struct read_group *g = &w->f->groups[w->at];
	/* when most rows do not hold what the ledger is about, it is another one */
	if (!w->im->layout && !w->im->map && g->rows >= 4 && g->misfits * 2 > g->rows)
		return diag_set(w->diag, ERR_LEDGER_NOT_RECOGNISED, "%s?", g->layout->title.in[LANG_ZH]);
	return write_chunk(w, &w->groups[w->at++], g->in_chunk, g->last_length, buf_str(&g->chunk));
}

static enum err next_index(struct import_work *w)
{
	if (w->at == w->f->n_groups) {
		w->stage = STAGE_RECORDS;
		return OK;
	}
	const struct index_maker *m = &w->f->groups[w->at].index;
	enum err e = index_write(m, w->im->j, w->groups[w->at].no, &w->index_at);
	if (w->index_at == m->n) {
		w->at++;
		w->index_at = 0;
	}
	return e;
}

static void say_file(const struct import_work *w, struct import_result *r)
{
	const struct read_file *f = w->f;
	r->in = f->in;
	r->rows = f->rows;
	intake_counts(r->in, &r->counts);
	r->rejects = intake_rejects(r->in, &r->n_rejects, &r->total_rejects);
	r->skipped = intake_skipped(r->in, &r->n_skipped);
	r->left_out = rows_left_out(r->rows);
	r->encoding = rows_encoding(r->rows);
}

static enum err write_records(struct import_work *w)
{
	enum err e = OK;
	if (w->in_pieces) /* somebody may have handed in the same meanwhile */
		e = in_force_already(w, &w->ret->already);
	if (w->ret->already)
		return e;
	for (size_t i = 0; !e && i < w->f->n_groups; i++)
		e = insert_ledger(w, i);
	if (!e)
		e = read_keep(w->f, journal_keys(w->im->j), w->diag);
	if (!e)
		say_file(w, w->ret);
	return e;
}

static enum err begin(struct import_work *w)
{
	enum err e = hash_options(w->im, w->diag, w->opts_hash);
	if (!e)
		e = in_force_already(w, &w->ret->already);
	w->stage = STAGE_CHUNKS;
	return e;
}

static enum err step(struct import_work *w, bool *ret_done)
{
	enum err e = OK;
	switch (w->stage) {
	case STAGE_NEW:
		e = begin(w);
		*ret_done = w->ret->already;
		break;
	case STAGE_CHUNKS: e = next_chunk(w); break;
	case STAGE_TAILS: e = next_tail(w); break;
	case STAGE_INDEX: e = next_index(w); break;
	case STAGE_RECORDS:
		e = write_records(w);
		*ret_done = true;
		break;
	}
	return e;
}

void import_open(struct ahead *ahead, struct read_file *f, struct arena *a, struct import_work **ret)
{
	struct import_work *w = ARENA_NEW(a, struct import_work);
	w->ahead = ahead;
	w->f = f;
	w->a = a;
	*ret = w;
}

enum err import_write(struct import_work *w, const struct import *im, int ms, bool *ret_done,
                      struct import_result *ret)
{
	int64_t until = ms ? monotonic_ms() + ms : INT64_MAX;
	bool done = false;
	enum err e = OK;
	*ret = (struct import_result){0};
	w->im = im;
	w->db = journal_db(im->j);
	w->diag = db_diag(w->db);
	w->ret = ret;
	buf_init(&w->sealed, ROWS_PACKED_MAX);
	do {
		e = step(w, &done);
	} while (!e && !done && monotonic_ms() < until);
	buf_release(&w->sealed);
	w->in_pieces |= !e && !done;
	*ret_done = done;
	if (e)
		diag_place(w->diag, "%s", w->f->name);
	return e;
}

bool import_in_pieces(const struct import_work *w)
{
	return w->in_pieces;
}

enum err import_withdraw(const struct import_work *w, struct journal *j)
{
	enum err e = OK;
	for (size_t i = 0; w->in_pieces && !e && i < w->n_groups; i++)
		e = ledger_withdraw(j, w->groups[i].no);
	return e;
}

enum err import_sweep(struct journal *j, struct arena *a, size_t *ret_n)
{
	int64_t *list = NULL;
	enum err e = ledger_stray(journal_db(j), a, &list, ret_n);
	for (size_t i = 0; !e && i < *ret_n; i++)
		e = ledger_withdraw(j, list[i]);
	return e;
}

enum err import_start(const struct import *im, const char *const *paths, size_t n, struct arena *a,
                      struct ahead **ret)
{
	struct db *db = journal_db(im->j);
	struct ahead_opts o = {
		.read = {.pack = im->pack, .areas = im->areas, .root = im->root, .layout = im->layout,
		         .map = im->map, .keys = journal_keys(im->j), .other = im->other,
		         .password = im->password,
		         .keep = im->dry_run ? NULL : arena_printf(a, "%s/files", db_dir(db))},
		.paths = paths,
		.n = n,
		.settle = im->in_turn,
	};
	unsigned char opts_hash[32];
	struct ledger *all = NULL;
	size_t n_all = 0;
	/* a mapping file that cannot be read is told with the first file */
	bool hashed = hash_options(im, NULL, opts_hash) == OK;
	enum err e = ledger_all(db, a, &all, &n_all);
	if (e)
		return e;
	bool *in = ARENA_ARRAY(a, n_all + 1, bool);
	unsigned char(*here)[32] = arena_calloc(a, n_all + 1, sizeof(*here));
	ledger_in_force(all, n_all, 0, in);
	for (size_t i = 0; hashed && i < n_all; i++)
		if (in[i] && same_bytes(all[i].opts_hash, opts_hash, 32) && all[i].file_hash.n == 32)
			memcpy(here[o.n_here++], all[i].file_hash.p, 32);
	o.here = (const unsigned char(*)[32])here;
	return ahead_start(&o, db_diag(db), ret);
}

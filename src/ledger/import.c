/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/sha256.h"
#include "ledger/index.h"
#include "ledger/rows_code.h"

#include "base/banned.h"

enum { LEDGERS_MAX = 16 };

/* Rows of one layout as they come in. */
struct group {
	const struct pack_layout *layout;
	struct rows_order order;
	int64_t no;             /* of the ledger to be */
	int64_t rows;
	int64_t seq;
	int64_t in_chunk;
	struct buf chunk;
	uint64_t *villages;     /* rows by area index */
	uint64_t homeless;      /* rows without a village */
	int64_t misfits;        /* rows whose required values cannot be read as such */
	bool by_sheet;          /* villages come from sheets or headings */
	int32_t year;
	const char *title;
	struct imap events;     /* hashes of rows, to know a correction */
	struct index_maker index; /* of numbers, when all rows are kept */
};

struct work {
	const struct import *im;
	struct db *db;
	struct diag *diag;
	struct arena *a;
	struct import_result *ret;
	const char *file;        /* name without folders */
	unsigned char hash[32], opts_hash[32];
	struct group groups[LEDGERS_MAX];
	size_t n_groups;
	int *group_of_table;     /* by table index; grown */
	size_t n_tables;
	struct buf sealed;
};

enum err import_hash(const char *path, struct diag *diag, unsigned char ret[32])
{
	struct sha256 st;
	unsigned char b[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	if (fd >= 0) {
		sha256_begin(&st);
		while ((n = read(fd, b, sizeof(b))) > 0)
			sha256_add(&st, b, (size_t)n);
		sha256_end(&st, ret);
	}
	int why = errno;
	if (fd >= 0)
		(void)close(fd);
	if (n < 0) {
		diag_place(diag, "%s", path);
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", strerror(why));
	}
	return OK;
}

/* Everything besides the bytes that the result depends on. */
static enum err hash_options(struct work *w)
{
	const struct import *im = w->im;
	struct buf b;
	enum err e = OK;
	buf_init(&b, 1 << 20);
	buf_addf(&b, "%s\n%s\n%d\n%d\n", im->pack->hash, im->layout ? im->layout : "", (int)im->as_of,
	         im->partial);
	for (size_t i = 0; i < im->n_covers; i++)
		buf_addf(&b, "%s\n", im->covers[i]);
	if (im->map_path) {
		unsigned char map_hash[32];
		e = import_hash(im->map_path, w->diag, map_hash);
		if (!e)
			buf_add(&b, map_hash, sizeof(map_hash));
	}
	sha256_of(b.p, b.n, w->opts_hash);
	buf_release(&b);
	return e;
}

static bool same_bytes(struct str s, const unsigned char *p, size_t n)
{
	return s.n == n && memcmp(s.p, p, n) == 0;
}

static bool in_force_already(struct work *w, const struct ledger *all, size_t n)
{
	bool *in = ARENA_ARRAY(w->a, n + 1, bool);
	ledger_in_force(all, n, 0, in);
	for (size_t i = 0; i < n; i++)
		if (in[i] && same_bytes(all[i].file_hash, w->hash, 32) &&
		    same_bytes(all[i].opts_hash, w->opts_hash, 32))
			return true;
	return false;
}

/* --- rows into chunks -------------------------------------------------------------- */

static enum err flush(struct work *w, struct group *g)
{
	struct ledger_chunk c = {0};
	char label[64];
	if (!g->in_chunk)
		return OK;
	rows_label(label, g->no, g->seq);
	buf_clear(&w->sealed);
	keys_seal_blob(journal_keys(w->im->j), str_c(label), buf_str(&g->chunk), &w->sealed);
	if (w->sealed.full || g->chunk.full)
		return diag_set(w->diag, ERR_FILE_TOO_LARGE, "%s", w->file);
	FIELD_SET(&c, LEDGER_CHUNK_, ledger, g->no);
	FIELD_SET(&c, LEDGER_CHUNK_, seq, g->seq);
	FIELD_SET(&c, LEDGER_CHUNK_, row_count, g->in_chunk);
	FIELD_SET(&c, LEDGER_CHUNK_, body, buf_str(&w->sealed));
	g->seq++;
	g->in_chunk = 0;
	buf_clear(&g->chunk);
	return journal_insert(w->im->j, &ledger_chunk_desc, &c);
}

static enum err new_group(struct work *w, const struct intake_table *t, struct group **ret)
{
	if (w->n_groups == LEDGERS_MAX)
		return diag_set(w->diag, ERR_FILE_TOO_LARGE, "> %d", LEDGERS_MAX);
	struct group *g = &w->groups[w->n_groups];
	*g = (struct group){.layout = t->layout};
	enum err e = journal_next_no(w->im->j, "ledger", &g->no);
	if (e)
		return e;
	w->n_groups++;
	g->order = rows_order_make(t->layout, w->a);
	g->villages = ARENA_ARRAY(w->a, w->im->areas->n + 1, uint64_t);
	g->year = t->year;
	g->title = t->n_titles ? str_dup(w->a, t->titles[0]) : NULL;
	buf_init(&g->chunk, ROWS_CHUNK_MAX);
	imap_init(&g->events);
	g->index.keys = journal_keys(w->im->j);
	*ret = g;
	return OK;
}

static enum err group_for(struct work *w, size_t table, struct group **ret)
{
	if (table < w->n_tables && w->group_of_table[table] >= 0) {
		*ret = &w->groups[w->group_of_table[table]];
		return OK;
	}
	if (table >= w->n_tables) {
		size_t n = table * 2 + 64;
		int *grown = ARENA_ARRAY(w->a, n, int);
		for (size_t i = 0; i < n; i++)
			grown[i] = i < w->n_tables ? w->group_of_table[i] : -1;
		w->group_of_table = grown;
		w->n_tables = n;
	}
	const struct intake_table *t = intake_table(w->ret->in, table);
	for (size_t i = 0; i < w->n_groups; i++)
		if (w->groups[i].layout == t->layout &&
		    (!t->year || !w->groups[i].year || t->year == w->groups[i].year)) {
			w->group_of_table[table] = (int)i;
			*ret = &w->groups[i];
			return OK;
		}
	enum err e = new_group(w, t, ret);
	if (!e)
		w->group_of_table[table] = (int)(*ret - w->groups);
	return e;
}

static void count_village(struct work *w, struct group *g, const struct intake_row *row)
{
	static const enum pack_role roles[] = {PACK_ROLE_VILLAGE, PACK_ROLE_ADDRESS};
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		int c = g->layout->role[roles[i]];
		if (c < 0 || g->layout->columns[c].kind != PACK_AREA)
			continue;
		const struct intake_value *v = &row->values[c];
		bool read = v->state == INTAKE_OK || v->state == INTAKE_DOUBT;
		if (read && v->v >= 0 && (size_t)v->v < w->im->areas->n) {
			g->villages[v->v]++;
			return;
		}
	}
	if (row->section_area >= 0 && (size_t)row->section_area < w->im->areas->n) {
		g->villages[row->section_area]++;
		g->by_sheet = true;
	} else {
		g->homeless++;
	}
}

static bool misfit(const struct pack_layout *l, const struct intake_row *row)
{
	for (size_t i = 0; i < l->n_columns; i++)
		if (l->columns[i].required && row->values[i].state == INTAKE_BAD &&
		    !(row->values[i].flags & INTAKE_LOSSY))
			return true;
	return false;
}

static enum err take_row(struct work *w, const struct intake_row *row)
{
	struct group *g = NULL;
	enum err e = group_for(w, row->table, &g);
	if (e)
		return e;
	const struct intake_table *t = intake_table(w->ret->in, row->table);
	size_t from = g->chunk.n;
	rows_encode(&g->order, w->im->pack, w->im->areas, t->sheet_name, row, &g->chunk);
	if (ledger_adds_up(g->layout->id)) {
		/* the line without its place: {"#":"sheet!17",… */
		struct str line = str_sub(buf_str(&g->chunk), from, g->chunk.n - from - 1);
		size_t at = str_find(line, STR("\","));
		(void)imap_set(&g->events, (int64_t)str_hash(str_sub(line, at == SIZE_MAX ? 0 : at,
		                                                 line.n)), 1);
	}
	int id = g->layout->role[PACK_ROLE_ID];
	if (g->layout->keep == PACK_KEEP_ALL && id >= 0 && row->values[id].state >= INTAKE_OK)
		index_add(&g->index, row->values[id].text, (row->values[id].flags & INTAKE_LOSSY) != 0,
		          (uint32_t)g->rows);
	g->misfits += misfit(g->layout, row);
	g->rows++;
	count_village(w, g, row);
	if (++g->in_chunk < LEDGER_CHUNK)
		return OK;
	return flush(w, g);
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

static enum err given_covers(struct work *w, struct buf *out)
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

/*
 * Without being told: what names its villages by sheet or heading covers
 * those; what names a single one covers that one; a list that mixes villages,
 * or names none, is the town's.
 */
static void found_covers(struct work *w, const struct group *g, struct buf *out)
{
	const struct area_list *l = w->im->areas;
	size_t named = 0, villages = 0;
	uint64_t enough = (uint64_t)g->rows / 100;
	for (size_t i = 0; i < l->n; i++) {
		villages += area_is_village(&l->areas[i]) && area_within(l, l->areas[i].code, w->im->root);
		named += area_is_village(&l->areas[i]) && g->villages[i] > enough;
	}
	bool some = named == 1 || (named > 1 && g->by_sheet && named < villages);
	if (!some || villages < 2) {
		buf_adds(out, "*");
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		if (area_is_village(&l->areas[i]) && g->villages[i] > enough)
			buf_addf(out, "%s%s", out->n ? "," : "", l->areas[i].code);
}

static void count_rejects(const struct work *w, const struct group *g, int64_t *doubts,
                          int64_t *refused)
{
	*doubts = *refused = 0;
	for (size_t i = 0; i < intake_table_count(w->ret->in); i++) {
		const struct intake_table *t = intake_table(w->ret->in, i);
		if (t->layout != g->layout)
			continue;
		*doubts += (int64_t)t->counts.doubts;
		*refused += (int64_t)t->counts.bad;
	}
}

static void set_date(struct work *w, const struct group *g, struct ledger *l)
{
	struct str where = {NULL, 0};
	date_t found = intake_as_of(w->ret->in, &where);
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

static const char *columns_text(struct work *w, const struct group *g)
{
	struct buf b;
	buf_init(&b, 64 << 10);
	for (size_t i = 0; i < intake_table_count(w->ret->in); i++) {
		const struct intake_table *t = intake_table(w->ret->in, i);
		if (t->layout != g->layout)
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
static enum err find_corrected(struct work *w, struct group *g, const struct ledger *all, size_t n,
                               struct ledger *l)
{
	bool *in = ARENA_ARRAY(w->a, n + 1, bool);
	if (!ledger_adds_up(g->layout->id))
		return OK;
	ledger_in_force(all, n, 0, in);
	for (size_t i = n; i-- > 0;) {
		if (!in[i] || strcmp(all[i].layout, g->layout->id) != 0)
			continue;
		struct ledger_table t;
		size_t same = 0;
		enum err e = ledger_read(w->im->j, w->im->pack, w->im->areas, &all[i], w->a, &t);
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

static enum err insert_ledger(struct work *w, struct group *g, const struct ledger *all, size_t n)
{
	struct ledger l = {.no = g->no};
	struct buf covers;
	int64_t doubts, refused;
	/* when most rows do not hold what the ledger is about, it is another one */
	if (!w->im->layout && !w->im->map && g->rows >= 4 && g->misfits * 2 > g->rows)
		return diag_set(w->diag, ERR_LEDGER_NOT_RECOGNISED, "%s?",
		                g->layout->title.in[LANG_ZH]);
	enum err e = flush(w, g);
	buf_init(&covers, 64 << 10);
	if (!e)
		e = given_covers(w, &covers);
	if (!e && !covers.n)
		found_covers(w, g, &covers);
	count_rejects(w, g, &doubts, &refused);
	FIELD_SET(&l, LEDGER_, layout, g->layout->id);
	if (g->title)
		FIELD_SET(&l, LEDGER_, title, g->title);
	FIELD_SET(&l, LEDGER_, file, w->file);
	FIELD_SET(&l, LEDGER_, file_hash, ((struct str){(const char *)w->hash, 32}));
	FIELD_SET(&l, LEDGER_, opts_hash, ((struct str){(const char *)w->opts_hash, 32}));
	set_date(w, g, &l);
	FIELD_SET(&l, LEDGER_, covers, str_dup(w->a, buf_str(&covers)));
	FIELD_SET(&l, LEDGER_, partial, w->im->partial);
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
		e = find_corrected(w, g, all, n, &l);
	if (!e)
		e = journal_insert(w->im->j, &ledger_desc, &l);
	if (!e)
		e = index_write(&g->index, w->im->j, g->no);
	buf_release(&covers);
	if (!e) {
		struct import_ledger *out = &w->ret->ledgers[w->ret->n_ledgers++];
		*out = (struct import_ledger){.record = l, .without_place = g->homeless,
		                              .corrects = FIELD_HAS(&l, LEDGER_, replaces)};
		for (size_t i = 0; i < w->im->areas->n; i++)
			out->villages += g->villages[i] > 0;
	}
	return e;
}

/* --- the file ---------------------------------------------------------------------------- */

static enum err keep_original(struct work *w, const char *path)
{
	char hex[65];
	const char *dir = db_dir(w->db);
	(void)sodium_bin2hex(hex, sizeof(hex), w->hash, 32);
	const char *folder = arena_printf(w->a, "%s/files", dir);
	const char *to = arena_printf(w->a, "%s/%s", folder, hex);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return diag_set(w->diag, ERR_IO, "%s: %s", folder, strerror(errno));
	if (access(to, F_OK) == 0)
		return OK;
	return keys_seal_file(journal_keys(w->im->j), path, to, w->diag);
}

static enum err open_intake(struct work *w)
{
	const struct import *im = w->im;
	size_t n = 0;
	struct intake_area *areas = ARENA_ARRAY(w->a, im->areas->n * 8 + 1, struct intake_area);
	for (size_t i = 0; i < im->areas->n; i++) {
		const struct area *a = &im->areas->areas[i];
		if (!area_is_village(a) || !area_within(im->areas, a->code, im->root))
			continue;
		areas[n++] = (struct intake_area){str_c(a->name), (int32_t)i};
		struct str rest = str_c(a->aliases), alias;
		for (size_t k = 0; k < 7 && a->aliases && str_split(&rest, '|', &alias); k++)
			areas[n++] = (struct intake_area){str_trim(alias), (int32_t)i};
	}
	struct intake_opts opts = {.pack = im->pack, .layout = im->layout, .map = im->map,
	                           .areas = areas, .n_areas = n, .file = w->file};
	return intake_open(w->ret->rows, &opts, w->diag, &w->ret->in);
}

static enum err read_rows(struct work *w)
{
	struct intake_row row;
	bool more = true;
	enum err e = OK;
	while (!e && more) {
		e = intake_next(w->ret->in, w->diag, &row, &more);
		if (!e && more)
			e = take_row(w, &row);
	}
	return e;
}

static enum err import_new(struct work *w, const char *path, const struct ledger *all, size_t n)
{
	enum err e = open_intake(w);
	buf_init(&w->sealed, (size_t)ROWS_CHUNK_MAX + 4096);
	if (!e)
		e = read_rows(w);
	if (!e && !w->n_groups)
		e = diag_set(w->diag, ERR_FILE_EMPTY, "%s", w->file);
	for (size_t i = 0; !e && i < w->n_groups; i++)
		e = insert_ledger(w, &w->groups[i], all, n);
	if (!e && !w->im->dry_run)
		e = keep_original(w, path);
	for (size_t i = 0; i < w->n_groups; i++) {
		buf_release(&w->groups[i].chunk);
		imap_release(&w->groups[i].events);
		index_release(&w->groups[i].index);
	}
	buf_release(&w->sealed);
	if (!e) {
		struct import_result *r = w->ret;
		intake_counts(r->in, &r->counts);
		r->rejects = intake_rejects(r->in, &r->n_rejects, &r->total_rejects);
		r->skipped = intake_skipped(r->in, &r->n_skipped);
		r->left_out = rows_left_out(r->rows);
		r->encoding = rows_encoding(r->rows);
	}
	return e;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

enum err import_file(const struct import *im, const char *path, const unsigned char hash[32],
                     struct rows *rows, struct arena *a, struct import_result *ret)
{
	struct work *w = ARENA_NEW(a, struct work);
	struct import_result r = {.rows = rows};
	struct ledger *all = NULL;
	size_t n = 0;
	w->im = im;
	w->db = journal_db(im->j);
	w->diag = db_diag(w->db);
	w->a = a;
	w->ret = &r;
	w->file = base_name(path);
	memcpy(w->hash, hash, sizeof(w->hash));
	enum err e = hash_options(w);
	if (!e)
		e = ledger_all(w->db, a, &all, &n);
	if (!e) {
		r.already = in_force_already(w, all, n);
		if (!r.already)
			e = import_new(w, path, all, n);
	}
	if (e) {
		diag_place(w->diag, "%s", w->file);
		import_done(&r);
		return e;
	}
	*ret = r;
	return OK;
}

void import_done(struct import_result *r)
{
	intake_close(r->in);
	rows_close(r->rows);
	r->in = NULL;
	r->rows = NULL;
}

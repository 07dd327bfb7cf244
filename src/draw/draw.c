/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "draw/draw.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "estimate/frame.h"
#include "io/csv_write.h"
#include "io/rows.h"

#include "base/banned.h"

enum { ROWS_MAX = 20 * 1000 * 1000, LABEL_MAX = 8192 };

enum role { ROLE_NONE, ROLE_SAMPLE, ROLE_RESERVE };

/* A row of the frame. */
struct line {
	struct str id;
	struct str stratum[DRAW_STAGES_MAX]; /* values of the stage's strata, '|' between */
	struct str cluster[DRAW_STAGES_MAX];
	double size[DRAW_STAGES_MAX], spread[DRAW_STAGES_MAX];
	bool sure[DRAW_STAGES_MAX];
	enum role role;
	size_t order;
	double prob;
};

/* What is drawn at a stage: a cluster or a row. */
struct unit {
	struct str name, stratum;
	double size, spread;
	bool sure, taken;
	size_t first, n; /* its lines: members[first .. first + n) */
	unsigned char key[32];
	double pik;
};

struct work {
	const struct draw_design *d;
	const char *file;
	unsigned char seed[DRAW_SEED_MAX];
	size_t seed_n;
	struct line *lines;
	size_t n, cap;
	struct arena *a;
	struct diag *diag;
	struct draw_summary sum;
};

/* --- chance ------------------------------------------------------------------------------- */

static void chance(const struct work *w, const char *purpose, struct str path, struct str what,
                   unsigned char ret[32])
{
	crypto_hash_sha256_state h;
	static const unsigned char zero = 0;
	crypto_hash_sha256_init(&h);
	crypto_hash_sha256_update(&h, w->seed, w->seed_n);
	crypto_hash_sha256_update(&h, &zero, 1);
	crypto_hash_sha256_update(&h, (const unsigned char *)purpose, strlen(purpose));
	crypto_hash_sha256_update(&h, (const unsigned char *)"|", 1);
	crypto_hash_sha256_update(&h, (const unsigned char *)path.p, path.n);
	crypto_hash_sha256_update(&h, (const unsigned char *)"|", 1);
	crypto_hash_sha256_update(&h, (const unsigned char *)what.p, what.n);
	crypto_hash_sha256_final(&h, ret);
}

/* The first 53 bits as a number in [0, 1). */
static double as_uniform(const unsigned char digest[32])
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | digest[i];
	return (double)(v >> 11) / 9007199254740992.0;
}

struct brewer_chance {
	const struct work *w;
	struct str path, stratum;
};

static double brewer_uniform(void *arg, size_t draw)
{
	const struct brewer_chance *c = arg;
	unsigned char digest[32];
	struct arena_mark m = arena_save(c->w->a);
	const char *what = arena_printf(c->w->a, STR_FMT "|%zu", STR_ARG(c->stratum), draw + 1);
	chance(c->w, "draw", c->path, str_c(what), digest);
	arena_back(c->w->a, m);
	return as_uniform(digest);
}

/* --- one stratum ------------------------------------------------------------------------------ */

static int by_key(const void *l, const void *r)
{
	const struct unit *const *a = l, *const *b = r;
	return memcmp((*a)->key, (*b)->key, sizeof((*a)->key));
}

static bool in_proportion(const struct draw_stage *s)
{
	return s->method == DRAW_PPS_SYSTEMATIC || s->method == DRAW_BREWER;
}

/* Sets pik of each unit, and takes the n of a simple random sample or of a systematic one. */
static enum err take(struct work *w, const struct draw_stage *s, struct str path, struct unit **u,
                     size_t N, size_t n)
{
	double *size = ARENA_ARRAY(w->a, N + 1, double), *pik = ARENA_ARRAY(w->a, N + 1, double);
	bool *sure = ARENA_ARRAY(w->a, N + 1, bool), *got = ARENA_ARRAY(w->a, N + 1, bool);
	struct brewer_chance c = {w, path, N ? u[0]->stratum : (struct str){0}};
	unsigned char digest[32];
	for (size_t i = 0; i < N; i++) {
		size[i] = in_proportion(s) ? u[i]->size : 1;
		sure[i] = u[i]->sure;
	}
	enum err e = sampling_inclusion(size, sure, N, n, pik, w->diag);
	if (e) {
		diag_place(w->diag, "%s, " STR_FMT, w->file, STR_ARG(c.stratum));
		return e;
	}
	if (s->method == DRAW_BREWER) {
		sampling_brewer(pik, N, brewer_uniform, &c, w->a, got);
	} else if (s->method != DRAW_SRS) {
		chance(w, "start", path, c.stratum, digest);
		sampling_systematic(pik, N, as_uniform(digest), got);
	}
	for (size_t i = 0; i < N; i++) {
		u[i]->pik = pik[i];
		u[i]->taken = s->method == DRAW_SRS ? sure[i] : got[i];
	}
	return OK;
}

/* In the order of their keys: those taken first, then the rest.  Completes a simple random sample. */
static void order_units(struct unit **u, size_t N, size_t n, bool srs)
{
	size_t taken = 0;
	qsort(u, N, sizeof(struct unit *), by_key);
	for (size_t i = 0; i < N; i++)
		taken += u[i]->taken;
	for (size_t i = 0; srs && i < N && taken < n; i++) {
		taken += !u[i]->taken;
		u[i]->taken = true;
	}
}

static size_t reserve_of(const struct draw_stage *s, size_t n)
{
	return s->reserve < 1 ? (size_t)ceil(s->reserve * (double)n) : (size_t)s->reserve;
}

/* --- a stage ---------------------------------------------------------------------------------- */

static enum err run_stage(struct work *w, size_t k, struct str path, size_t *members, size_t n,
                          enum role role, double prob);

static bool same_cluster(const struct work *w, size_t k, const struct line *a, const struct line *b)
{
	const struct draw_stage *s = &w->d->stages[k];
	return str_eq(a->stratum[k], b->stratum[k]) &&
	       (!s->size || str_is(str_c(s->size), "rows") || a->size[k] == b->size[k]) &&
	       (!s->spread || a->spread[k] == b->spread[k]) && a->sure[k] == b->sure[k];
}

/* The units among the members, in the order in which they first stand in the frame; members is
 * put in the order of the units. */
static enum err units_of(struct work *w, size_t k, struct str path, size_t *members, size_t n,
                         struct unit **ret, size_t *ret_n)
{
	const struct draw_stage *s = &w->d->stages[k];
	struct unit *u = ARENA_ARRAY(w->a, n + 1, struct unit);
	size_t *at = ARENA_ARRAY(w->a, n + 1, size_t), *sorted = ARENA_ARRAY(w->a, n + 1, size_t);
	size_t N = 0, from = 0;
	struct map seen;
	enum err e = OK;
	map_init(&seen);
	for (size_t i = 0; !e && i < n; i++) {
		const struct line *l = &w->lines[members[i]];
		struct str name = s->cluster ? l->cluster[k] : l->id;
		at[i] = (size_t)*map_slot(&seen, name, (int64_t)N);
		struct unit *x = &u[at[i]];
		if (at[i] == N) {
			*x = (struct unit){.name = name, .stratum = l->stratum[k], .size = l->size[k],
			                   .spread = l->spread[k], .sure = l->sure[k], .first = i};
			chance(w, "unit", path, name, x->key);
			N++;
		} else if (!s->cluster || !same_cluster(w, k, l, &w->lines[members[x->first]])) {
			e = diag_set(w->diag, ERR_INVALID,
			             s->cluster ? "row %zu: stratum, size or certainty differ within " STR_FMT
			                        : "row %zu: " STR_FMT " stands twice",
			             members[i] + 2, STR_ARG(name));
		}
		x->n++;
	}
	map_release(&seen);
	for (size_t i = 0; i < N; i++) {
		u[i].first = from;
		from += u[i].n;
		if (s->size && str_is(str_c(s->size), "rows"))
			u[i].size = (double)u[i].n;
		u[i].n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct unit *x = &u[at[i]];
		sorted[x->first + x->n++] = members[i];
	}
	memcpy(members, sorted, n * sizeof(*members));
	*ret = u;
	*ret_n = N;
	return e;
}

struct cells {
	struct unit **units; /* by stratum */
	size_t *from, *N, *n;
	double *spread;
	size_t count;
};

static void strata_of(struct work *w, struct unit *u, size_t N, struct cells *c)
{
	size_t *of = ARENA_ARRAY(w->a, N + 1, size_t);
	struct map seen;
	map_init(&seen);
	c->units = ARENA_ARRAY(w->a, N + 1, struct unit *);
	c->from = ARENA_ARRAY(w->a, N + 2, size_t);
	c->N = ARENA_ARRAY(w->a, N + 1, size_t);
	c->n = ARENA_ARRAY(w->a, N + 1, size_t);
	c->spread = ARENA_ARRAY(w->a, N + 1, double);
	for (size_t i = 0; i < N; i++) {
		of[i] = (size_t)*map_slot(&seen, u[i].stratum, (int64_t)seen.n);
		c->N[of[i]]++;
		c->spread[of[i]] = u[i].spread;
	}
	c->count = seen.n;
	map_release(&seen);
	for (size_t h = 0; h < c->count; h++)
		c->from[h + 1] = c->from[h] + c->N[h];
	size_t *fill = ARENA_ARRAY(w->a, c->count + 1, size_t);
	for (size_t i = 0; i < N; i++)
		c->units[c->from[of[i]] + fill[of[i]]++] = &u[i];
}

static enum err sizes_of(struct work *w, const struct draw_stage *s, size_t N, struct cells *c)
{
	size_t n = s->n < N ? s->n : N;
	if (!s->each)
		return sampling_allocate(s->allocation, c->N, c->spread, s->power, c->count, n,
		                         s->least * c->count <= n ? s->least : n / (c->count ? c->count : 1),
		                         w->a, c->n, w->diag);
	for (size_t h = 0; h < c->count; h++)
		c->n[h] = s->n < c->N[h] ? s->n : c->N[h];
	return OK;
}

static enum err keep_unit(struct work *w, size_t k, struct str path, const struct unit *u,
                          size_t *members, enum role role, size_t order, double prob)
{
	struct line *l = &w->lines[members[u->first]];
	if (w->d->stages[k].cluster) {
		const char *below = arena_printf(w->a, STR_FMT "/" STR_FMT, STR_ARG(path), STR_ARG(u->name));
		w->sum.clusters += role == ROLE_SAMPLE;
		return run_stage(w, k + 1, str_c(below), members + u->first, u->n, role, prob);
	}
	l->role = role;
	l->order = order;
	l->prob = prob;
	w->sum.sample += role == ROLE_SAMPLE;
	w->sum.reserve += role == ROLE_RESERVE;
	return OK;
}

static enum err run_cell(struct work *w, size_t k, struct str path, struct unit **u, size_t N,
                         size_t n, size_t *members, enum role role, double prob)
{
	const struct draw_stage *s = &w->d->stages[k];
	enum err e = take(w, s, path, u, N, n);
	size_t order = 0, spare = 0, reserve = reserve_of(s, n);
	if (e)
		return e;
	order_units(u, N, n, s->method == DRAW_SRS);
	for (size_t i = 0; !e && i < N; i++)
		if (u[i]->taken)
			e = keep_unit(w, k, path, u[i], members, role, ++order, prob * u[i]->pik);
	for (size_t i = 0; !e && i < N && spare < reserve; i++)
		if (!u[i]->taken)
			e = keep_unit(w, k, path, u[i], members, ROLE_RESERVE, ++spare, prob * u[i]->pik);
	return e;
}

static enum err run_stage(struct work *w, size_t k, struct str path, size_t *members, size_t n,
                          enum role role, double prob)
{
	const struct draw_stage *s = &w->d->stages[k];
	struct unit *u;
	struct cells c;
	size_t N;
	enum err e = units_of(w, k, path, members, n, &u, &N);
	if (e)
		return e;
	strata_of(w, u, N, &c);
	e = sizes_of(w, s, N, &c);
	for (size_t h = 0; !e && h < c.count; h++)
		e = run_cell(w, k, path, c.units + c.from[h], c.N[h], c.n[h], members, role, prob);
	return e;
}

/* --- the frame ------------------------------------------------------------------------------- */

struct places {
	size_t id;
	size_t strata[DRAW_STAGES_MAX][DRAW_STRATA_MAX];
	size_t cluster[DRAW_STAGES_MAX], size[DRAW_STAGES_MAX], spread[DRAW_STAGES_MAX],
		sure[DRAW_STAGES_MAX];
};

static enum err find(struct work *w, const struct row *head, const char *name, size_t *ret)
{
	for (size_t i = 0; name && i < head->n; i++)
		if (str_eq(str_trim(head->cells[i].text), str_c(name))) {
			*ret = i;
			return OK;
		}
	return name ? diag_set(w->diag, ERR_INVALID, "no column %s", name) : OK;
}

static enum err find_columns(struct work *w, const struct row *head, struct places *p)
{
	enum err e = find(w, head, w->d->id, &p->id);
	for (size_t k = 0; !e && k < w->d->n_stages; k++) {
		const struct draw_stage *s = &w->d->stages[k];
		bool counted = s->size && strcmp(s->size, "rows") == 0;
		for (size_t i = 0; !e && i < s->n_strata; i++)
			e = find(w, head, s->strata[i], &p->strata[k][i]);
		if (!e)
			e = find(w, head, s->cluster, &p->cluster[k]);
		if (!e)
			e = find(w, head, counted ? NULL : s->size, &p->size[k]);
		if (!e)
			e = find(w, head, s->spread, &p->spread[k]);
		if (!e)
			e = find(w, head, s->certainty, &p->sure[k]);
	}
	return e;
}

static struct str cell(const struct row *row, size_t at)
{
	return at < row->n ? str_trim(row->cells[at].text) : (struct str){0};
}

static enum err number(struct work *w, const struct row *row, size_t at, const char *name,
                       double *ret)
{
	struct str t = cell(row, at);
	if (!number_read(t, ret))
		return diag_set(w->diag, ERR_CELL_NUMBER, "%s, line %u: " STR_FMT, name, row->number,
		                STR_ARG(t));
	return OK;
}

static enum err take_line(struct work *w, const struct row *row, const struct places *p,
                          struct line *l)
{
	enum err e = OK;
	l->id = str_copy(w->a, cell(row, p->id));
	if (!l->id.n)
		return diag_set(w->diag, ERR_CELL_REQUIRED, "%s, line %u", w->d->id, row->number);
	for (size_t k = 0; !e && k < w->d->n_stages; k++) {
		const struct draw_stage *s = &w->d->stages[k];
		bool counted = s->size && strcmp(s->size, "rows") == 0;
		struct buf b;
		double sure = 0;
		buf_init(&b, LABEL_MAX);
		for (size_t i = 0; i < s->n_strata; i++) {
			if (i)
				buf_addc(&b, '|');
			buf_addstr(&b, cell(row, p->strata[k][i]));
		}
		l->stratum[k] = str_copy(w->a, buf_str(&b));
		if (b.full)
			e = diag_set(w->diag, ERR_CELL_TOO_LONG, "line %u", row->number);
		buf_release(&b);
		if (s->cluster)
			l->cluster[k] = str_copy(w->a, cell(row, p->cluster[k]));
		if (!e && s->cluster && !l->cluster[k].n)
			e = diag_set(w->diag, ERR_CELL_REQUIRED, "%s, line %u", s->cluster, row->number);
		if (!e && s->size && !counted)
			e = number(w, row, p->size[k], s->size, &l->size[k]);
		if (!e && s->spread)
			e = number(w, row, p->spread[k], s->spread, &l->spread[k]);
		if (!e && s->certainty && cell(row, p->sure[k]).n)
			e = number(w, row, p->sure[k], s->certainty, &sure);
		l->sure[k] = sure != 0;
	}
	return e;
}

static enum err add_line(struct work *w, const struct row *row, const struct places *p)
{
	if (w->n == ROWS_MAX)
		return diag_set(w->diag, ERR_FILE_TOO_LARGE, "> %d", ROWS_MAX);
	if (w->n == w->cap) {
		w->cap = w->cap ? w->cap * 2 : 1024;
		w->lines = base_realloc(w->lines, w->cap, sizeof(*w->lines));
	}
	struct line *l = &w->lines[w->n++];
	*l = (struct line){.role = ROLE_NONE};
	return take_line(w, row, p, l);
}

typedef enum err (*row_fn)(struct work *w, const struct row *row, void *arg);

/* Every row below the header; the header itself first. */
static enum err each_row(struct work *w, row_fn head, row_fn body, void *arg)
{
	struct rows *rows;
	struct row row;
	bool more = true, begun = false;
	enum err e = rows_open(w->file, NULL, w->diag, &rows);
	if (e)
		return e;
	e = rows_sheet(rows, 0, w->diag);
	while (!e && more) {
		e = rows_next(rows, w->diag, &row, &more);
		if (e || !more || row.n == 0)
			continue;
		e = begun ? body(w, &row, arg) : head(w, &row, arg);
		begun = true;
	}
	rows_close(rows);
	return e;
}

static enum err read_head(struct work *w, const struct row *row, void *arg)
{
	return find_columns(w, row, arg);
}

static enum err read_body(struct work *w, const struct row *row, void *arg)
{
	return add_line(w, row, arg);
}

/* --- out ---------------------------------------------------------------------------------------- */

struct writing {
	struct csv_out csv;
	const char *seed;
	size_t next; /* line */
	size_t width;
};

static enum err write_head(struct work *w, const struct row *row, void *arg)
{
	static const char *const columns[] = {"draw_role",    "draw_order",   "draw_prob",
	                                      "draw_weight",  "draw_stratum", "draw_cluster",
	                                      "draw_cell",    "frame_sha256", "seed"};
	struct writing *x = arg;
	x->width = row->n;
	for (size_t i = 0; i < row->n; i++)
		csv_out_cell(&x->csv, row->cells[i].text);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		csv_out_cell(&x->csv, str_c(columns[i]));
	csv_out_end(&x->csv);
	return OK;
}

static enum err write_body(struct work *w, const struct row *row, void *arg)
{
	struct writing *x = arg;
	const struct line *l = &w->lines[x->next++];
	size_t last = w->d->n_stages - 1;
	char number_text[40];
	if (l->role == ROLE_NONE)
		return OK;
	for (size_t i = 0; i < x->width; i++)
		csv_out_cell(&x->csv, i < row->n ? row->cells[i].text : (struct str){0});
	csv_out_cell(&x->csv, l->role == ROLE_SAMPLE ? STR("sample") : STR("reserve"));
	csv_out_int(&x->csv, (int64_t)l->order);
	(void)snprintf(number_text, sizeof(number_text), "%.17g", l->prob);
	csv_out_cell(&x->csv, str_c(number_text));
	(void)snprintf(number_text, sizeof(number_text), "%.17g", 1 / l->prob);
	csv_out_cell(&x->csv, l->role == ROLE_SAMPLE ? str_c(number_text) : (struct str){0});
	csv_out_cell(&x->csv, l->stratum[0]);
	csv_out_cell(&x->csv, last ? l->cluster[0] : (struct str){0});
	csv_out_cell(&x->csv, l->stratum[last]);
	csv_out_cell(&x->csv, str_c(w->sum.frame_hash));
	csv_out_cell(&x->csv, str_c(x->seed));
	csv_out_end(&x->csv);
	return OK;
}

static enum err write_sample(struct work *w, const char *seed, const char *output)
{
	struct writing x = {.seed = seed};
	FILE *f = strcmp(output, "-") == 0 ? stdout : fopen(output, "wb");
	if (!f)
		return diag_set(w->diag, ERR_IO, "%s: %s", output, strerror(errno));
	csv_out_init(&x.csv, f);
	enum err e = each_row(w, write_head, write_body, &x);
	enum err closing = csv_out_close(&x.csv, w->diag);
	bool bad = f == stdout ? fflush(f) != 0 : fclose(f) != 0;
	if (!e && !closing && bad)
		closing = diag_set(w->diag, ERR_IO, "%s", output);
	return e ? e : closing;
}

/* --- all of it ----------------------------------------------------------------------------------- */

enum err draw_hash(const char *path, struct diag *diag, char ret[65])
{
	unsigned char block[65536], digest[32];
	crypto_hash_sha256_state h;
	FILE *f = fopen(path, "rb");
	size_t n;
	if (!f)
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", path);
	crypto_hash_sha256_init(&h);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		crypto_hash_sha256_update(&h, block, n);
	bool bad = ferror(f);
	(void)fclose(f);
	if (bad)
		return diag_set(diag, ERR_IO, "%s", path);
	crypto_hash_sha256_final(&h, digest);
	(void)sodium_bin2hex(ret, 65, digest, sizeof(digest));
	return OK;
}

static enum err run(struct work *w, const char *seed, const char *output)
{
	struct places p = {0};
	enum err e = draw_hash(w->file, w->diag, w->sum.frame_hash);
	if (!e)
		e = each_row(w, read_head, read_body, &p);
	if (!e && !w->n)
		e = diag_set(w->diag, ERR_FILE_EMPTY, "%s", w->file);
	size_t *members = ARENA_ARRAY(w->a, w->n + 1, size_t);
	for (size_t i = 0; i < w->n; i++)
		members[i] = i;
	w->sum.frame = w->n;
	if (!e)
		e = run_stage(w, 0, (struct str){0}, members, w->n, ROLE_SAMPLE, 1);
	return e ? e : write_sample(w, seed, output);
}

enum err draw_sample(const char *frame, const struct draw_design *d, const char *seed,
                     const char *output, struct arena *a, struct diag *diag,
                     struct draw_summary *ret)
{
	struct work w = {.d = d, .file = frame, .a = a, .diag = diag};
	const char *end = NULL;
	if (sodium_hex2bin(w.seed, sizeof(w.seed), seed, strlen(seed), NULL, &w.seed_n, &end) != 0 ||
	    *end || !w.seed_n)
		return diag_set(diag, ERR_INVALID, "seed: hexadecimal, 1 to %d bytes", DRAW_SEED_MAX);
	enum err e = run(&w, seed, output);
	base_free(w.lines);
	if (e)
		diag_place(diag, "%s", frame);
	else
		*ret = w.sum;
	return e;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/team.h"
#include "io/csv_write.h"
#include "pairs/work.h"

#include "base/banned.h"

enum {
	CHUNK = 512,  /* pairs for a thread at a time */
	CHUNKS = 32,  /* in memory at a time */
	CHUNK_BYTES = 64 << 20,
};

struct chunk {
	struct buf text;
	struct pairs_result res;
};

struct writing {
	const struct work *w;
	size_t from; /* pair that the first chunk begins with */
	struct chunk chunk[CHUNKS];
};

/* "+8.1" */
static void put_bits(struct buf *out, double bits)
{
	long tenths = lrint(fabs(bits) * 10);
	buf_addc(out, ' ');
	buf_addc(out, bits < 0 ? '-' : '+');
	buf_addint(out, tenths / 10);
	buf_addc(out, '.');
	buf_addc(out, (char)('0' + tenths % 10));
}

static void put_why(const struct work *w, const struct found *f, struct buf *out)
{
	const uint8_t *level = w->patterns.p[f->pattern].level;
	for (size_t k = 0; k < w->c->n_fields; k++) {
		if (k)
			buf_adds(out, "; ");
		buf_adds(out, w->c->field[k].name);
		buf_adds(out, ": ");
		buf_adds(out, attribute_level_text(w->c->field[k].kind, level[k]));
		if (level[k])
			put_bits(out, learn_weight(&w->l, f->b, k, level));
	}
	if (f->closed)
		buf_adds(out, "; by way of a third row");
}

static void put_probability(struct buf *out, double p)
{
	long millionths = lrint(p * 1e6);
	char digits[8] = "0.000000";
	for (int i = 7; i >= 2; i--, millionths /= 10)
		digits[i] = (char)('0' + millionths % 10);
	digits[0] = (char)('0' + millionths);
	buf_add(out, digits, sizeof(digits));
}

static void put_pair(const struct work *w, const struct found *f, struct csv_out *csv,
		     struct buf *b, struct pairs_result *res)
{
	double p = fellegi_probability(&w->l.f, f->score);
	bool match = (p >= w->c->match && !f->doubt) || f->closed;
	if (!match && p < w->c->review)
		return;
	csv_out_cell(csv, pairs_cell(w->a.t, f->a, w->a.id));
	csv_out_cell(csv, pairs_cell(w->b.t, f->b, w->b.id));
	buf_clear(b);
	put_probability(b, p);
	csv_out_cell(csv, buf_str(b));
	csv_out_cell(csv, match ? STR("match") : STR("review"));
	buf_clear(b);
	put_why(w, f, b);
	csv_out_cell(csv, buf_str(b));
	csv_out_end(csv);
	res->matched += match;
	res->review += !match;
	res->expected_wrong += match && !f->closed ? 1 - p : 0;
}

/* What the text of a pair is made of lies far apart; it comes while others are written. */
static void ask_for(const struct work *w, size_t i, size_t end)
{
	enum { FAR = 32, NEAR = 16 };
	const struct pairs_table *a = w->a.t, *b = w->b.t;
	if (i + FAR < end) {
		const struct found *f = &w->found.p[i + FAR];
		__builtin_prefetch(a->at + f->a);
		__builtin_prefetch(b->at + f->b);
		for (size_t k = 0; k < w->c->n_fields; k++)
			if (w->l.often[k][0].n)
				__builtin_prefetch(&w->l.often[k][0].n[f->b]);
	}
	if (i + NEAR < end) {
		const struct found *f = &w->found.p[i + NEAR];
		__builtin_prefetch(a->text + a->at[f->a]);
		__builtin_prefetch(b->text + b->at[f->b]);
	}
}

static void put_chunk(void *arg, size_t job, size_t worker)
{
	struct writing *x = arg;
	struct chunk *to = &x->chunk[job];
	size_t from = x->from + job * CHUNK, n = x->w->found.n;
	struct csv_out csv;
	struct buf b;
	(void)worker;
	buf_init(&b, 1 << 16);
	buf_clear(&to->text);
	to->res = (struct pairs_result){0};
	csv_out_init_buf(&csv, &to->text);
	size_t end = from + CHUNK < n ? from + CHUNK : n;
	for (size_t i = from; i < end; i++) {
		ask_for(x->w, i, end);
		put_pair(x->w, &x->w->found.p[i], &csv, &b, &to->res);
	}
	buf_release(&b);
}

static void put_header(struct buf *out)
{
	static const char *const head[] = {"id_a", "id_b", "score", "band", "why"};
	struct csv_out csv;
	csv_out_init_buf(&csv, out);
	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		csv_out_cell(&csv, str_c(head[i]));
	csv_out_end(&csv);
}

static bool flush(const struct buf *b, FILE *f)
{
	return !b->full && fwrite(b->p, 1, b->n, f) == b->n;
}

static bool write_all(struct work *w, struct writing *x, FILE *f)
{
	struct buf *first = &x->chunk[0].text;
	put_header(first);
	bool good = flush(first, f);
	for (; good && x->from < w->found.n; x->from += (size_t)CHUNK * CHUNKS) {
		size_t left = (w->found.n - x->from + CHUNK - 1) / CHUNK,
		       n = left < CHUNKS ? left : CHUNKS;
		team_run(w->team, n, put_chunk, x);
		for (size_t k = 0; good && k < n; k++) {
			const struct pairs_result *r = &x->chunk[k].res;
			good = flush(&x->chunk[k].text, f);
			w->res.matched += r->matched;
			w->res.review += r->review;
			w->res.expected_wrong += r->expected_wrong;
		}
	}
	return good;
}

enum err work_write(struct work *w, const char *output)
{
	bool standard = strcmp(output, "-") == 0;
	FILE *f = standard ? stdout : fopen(output, "wb");
	if (!f)
		return diag_set(w->diag, ERR_IO, "%s: %s", output, strerror(errno));
	struct writing *x = base_calloc(1, sizeof(*x));
	x->w = w;
	for (size_t k = 0; k < CHUNKS; k++)
		buf_init(&x->chunk[k].text, CHUNK_BYTES);
	errno = 0;
	bool good = write_all(w, x, f);
	good = (standard ? fflush(f) : fclose(f)) == 0 && good;
	int why = errno;
	for (size_t k = 0; k < CHUNKS; k++)
		buf_release(&x->chunk[k].text);
	base_free(x);
	return good ? OK : diag_set(w->diag, ERR_IO, "%s: %s", output, strerror(why ? why : EIO));
}

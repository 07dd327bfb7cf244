/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csv: rows of delimited text, by RFC 4180 with what offices add to it.
 *
 * The text goes through a window that holds at least one whole record; cells
 * point into it, and what quotes must be taken off is changed in place once
 * the record is complete.  A record that does not fit in the window makes it
 * grow, up to limits.line_bytes.
 */
#include "io/rows_impl.h"
#include "io/text_in.h"

#include "base/banned.h"

enum {
	WINDOW = 1 << 20,
	SAMPLE = 64 * 1024, /* text that the delimiter is guessed from */
	SAMPLE_LINES = 200,
};

enum field_mark {
	FIELD_QUOTED = 1, /* stands in quotes: `""` inside means `"` */
	FIELD_TAIL = 2,   /* more text behind the closing quote */
	FIELD_FORMULA = 4, /* ="..." */
};

struct field {
	uint32_t beg, len; /* in the record, without outer quotes */
	unsigned mark;
};

struct csv {
	struct text_in in;
	char *win;
	size_t beg, end, cap;
	size_t stop; /* a record that begins there or behind is another reader's */
	bool lent;   /* the window is the whole text, and somebody else's */
	bool eof;
	bool any; /* a row was given */
	char delim;
	uint32_t line;      /* of the record at beg, from 1 */
	uint32_t next_line; /* behind the record parsed last */
	struct field *fields;
	size_t n_fields, cap_fields;
	struct row_build row;
	uint64_t skip; /* 1: the first line is "sep=;" */
};

static enum err fill(struct rows *r, struct csv *c, struct diag *diag)
{
	size_t have = c->end - c->beg;
	if (c->beg) {
		memmove(c->win, c->win + c->beg, have);
		c->beg = 0;
		c->end = have;
	}
	if (c->cap - have < c->cap / 2) {
		if (have > r->limits.line_bytes)
			return diag_set(diag, ERR_LINE_TOO_LONG, ">%u",
			                (unsigned)r->limits.line_bytes);
		c->cap *= 2;
		c->win = base_realloc(c->win, c->cap, 1);
	}
	size_t n = 0;
	enum err e = text_in_read(&c->in, c->win + have, c->cap - have, diag, &n);
	if (e != OK)
		return e;
	c->end += n;
	c->eof = n == 0;
	return OK;
}

/* First byte of [p, end) that ends an unquoted field. */
static const char *scan_plain(const char *p, const char *end, char delim)
{
	const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
	const uint64_t d = ones * (unsigned char)delim;
	const uint64_t lf = ones * '\n', cr = ones * '\r';
	while (end - p >= 8) {
		uint64_t w;
		memcpy(&w, p, 8);
		uint64_t a = w ^ d, b = w ^ lf, e = w ^ cr;
		uint64_t hit = ((a - ones) & ~a) | ((b - ones) & ~b) | ((e - ones) & ~e);
		hit &= highs;
		/* the lowest marked byte is exact, higher ones may not be */
		if (hit)
			return p + __builtin_ctzll(hit) / 8;
		p += 8;
	}
	while (p < end && *p != delim && *p != '\n' && *p != '\r')
		p++;
	return p;
}

static struct field *add_field(struct csv *c)
{
	if (c->n_fields == c->cap_fields) {
		c->cap_fields = c->cap_fields ? c->cap_fields * 2 : 64;
		c->fields = base_realloc(c->fields, c->cap_fields, sizeof(*c->fields));
	}
	return &c->fields[c->n_fields++];
}

enum scan { SCAN_RECORD, SCAN_MORE, SCAN_OPEN_QUOTE, SCAN_COLUMNS };

/* A field that begins with a quote at p.  Returns its end, NULL when the
 * window ends inside it. */
static const char *scan_quoted(struct csv *c, const char *p, const char *end, struct field *f)
{
	const char *base = c->win + c->beg;
	if (*p == '=') {
		p++;
		f->mark |= FIELD_FORMULA;
	}
	p++;
	f->mark |= FIELD_QUOTED;
	f->beg = (uint32_t)(p - base);
	const char *q = p;
	for (;;) {
		q = memchr(q, '"', (size_t)(end - q));
		if (!q || (q + 1 == end && !c->eof))
			return NULL;
		if (q + 1 == end || q[1] != '"')
			break;
		q += 2;
	}
	for (const char *s = p; (s = memchr(s, '\n', (size_t)(q - s))) != NULL; s++)
		c->next_line++;
	f->len = (uint32_t)(q - base) - f->beg;
	const char *stop = scan_plain(q + 1, end, c->delim);
	if (stop > q + 1) {
		f->mark |= FIELD_TAIL;
		f->len = (uint32_t)(stop - base) - f->beg;
	}
	return stop;
}

/* Finds the fields of the record at beg; *ret_next is where the next begins. */
static enum scan scan_record(const struct rows *r, struct csv *c, size_t *ret_next)
{
	const char *base = c->win + c->beg, *end = c->win + c->end, *p = base;
	c->n_fields = 0;
	c->next_line = c->line;
	for (;;) {
		if (c->n_fields >= r->limits.columns)
			return SCAN_COLUMNS;
		struct field *f = add_field(c);
		const char *stop;
		f->mark = 0;
		if (p < end && (*p == '"' || (*p == '=' && p + 1 < end && p[1] == '"'))) {
			stop = scan_quoted(c, p, end, f);
			if (!stop)
				return c->eof ? SCAN_OPEN_QUOTE : SCAN_MORE;
		} else {
			stop = scan_plain(p, end, c->delim);
			f->beg = (uint32_t)(p - base);
			f->len = (uint32_t)(stop - p);
		}
		if (stop == end) {
			*ret_next = c->end;
			return c->eof ? SCAN_RECORD : SCAN_MORE;
		}
		if (*stop == c->delim) {
			p = stop + 1;
			continue;
		}
		if (*stop == '\r') {
			if (stop + 1 == end && !c->eof)
				return SCAN_MORE;
			if (stop + 1 < end && stop[1] == '\n')
				stop++;
		}
		c->next_line++;
		*ret_next = (size_t)(stop + 1 - c->win);
		return SCAN_RECORD;
	}
}

/* Takes quotes off in place: `""` is `"`; text behind the closing quote stays. */
static struct str unquote(char *p, size_t n, bool tail)
{
	size_t out = 0, i = 0;
	if (!memchr(p, '"', n))
		return (struct str){p, n};
	while (i < n) {
		if (p[i] == '"' && i + 1 < n && p[i + 1] == '"') {
			p[out++] = '"';
			i += 2;
		} else if (p[i] == '"' && tail) {
			memmove(p + out, p + i + 1, n - i - 1);
			out += n - i - 1;
			break;
		} else {
			p[out++] = p[i++];
		}
	}
	return (struct str){p, out};
}

static struct str field_text(struct csv *c, const struct field *f)
{
	char *p = c->win + c->beg + f->beg;
	if (!(f->mark & FIELD_QUOTED))
		return (struct str){p, f->len};
	struct str s = unquote(p, f->len, f->mark & FIELD_TAIL);
	/* "=""0012""" : quoted once more by a program that writes RFC 4180 */
	if (s.n >= 3 && s.p[0] == '=' && s.p[1] == '"' && s.p[s.n - 1] == '"')
		s = unquote(p + 2, s.n - 3, false);
	return s;
}

static enum err emit(struct rows *r, struct csv *c, struct diag *diag, struct row *ret)
{
	size_t n = c->n_fields;
	row_build_clear(&c->row);
	(void)row_build_at(&c->row, n - 1);
	for (size_t i = 0; i < n; i++) {
		struct cell *cell = &c->row.cells[i];
		cell->text = field_text(c, &c->fields[i]);
		cell->flags = c->fields[i].mark & FIELD_FORMULA ? CELL_FORMULA : 0;
		cell->kind = cell->text.n ? CELL_TEXT : CELL_EMPTY;
		if (cell->text.n > r->limits.cell_bytes)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "%zu > %u", cell->text.n,
			                (unsigned)r->limits.cell_bytes);
	}
	*ret = (struct row){.number = c->line, .cells = c->row.cells, .n = n};
	return OK;
}

static enum err next_record(struct rows *r, struct csv *c, struct diag *diag, size_t *ret_next)
{
	for (;;) {
		enum scan s = scan_record(r, c, ret_next);
		r->row = c->line;
		if (s == SCAN_RECORD && c->lent && *ret_next - c->beg > r->limits.line_bytes)
			return diag_set(diag, ERR_LINE_TOO_LONG, ">%u",
			                (unsigned)r->limits.line_bytes);
		if (s == SCAN_RECORD)
			return OK;
		if (s == SCAN_COLUMNS)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "> %u columns",
			                (unsigned)r->limits.columns);
		if (s == SCAN_OPEN_QUOTE)
			return diag_set(diag, ERR_CSV_QUOTE, "line %u", (unsigned)c->line);
		enum err e = fill(r, c, diag);
		if (e != OK)
			return e;
	}
}

static bool is_blank(const struct csv *c)
{
	if (c->n_fields != 1)
		return false;
	const struct field *f = &c->fields[0];
	if (f->mark)
		return false;
	/* Ctrl-Z ends the files of old DOS programs */
	return f->len == 0 || (f->len == 1 && c->win[c->beg + f->beg] == 0x1A);
}

static enum err csv_next(struct rows *r, struct diag *diag, struct row *ret, bool *ret_more)
{
	struct csv *c = r->state;
	for (;;) {
		size_t next = 0;
		if (c->beg == c->end && !c->eof) {
			enum err e = fill(r, c, diag);
			if (e != OK)
				return e;
		}
		if ((c->beg == c->end && c->eof) || c->beg >= c->stop) {
			*ret_more = false;
			return c->any || c->lent ? OK : diag_set(diag, ERR_FILE_EMPTY, "0");
		}
		enum err e = next_record(r, c, diag, &next);
		if (e != OK)
			return e;
		bool blank = is_blank(c);
		if (!blank)
			e = emit(r, c, diag, ret);
		c->beg = next;
		c->line = c->next_line;
		if (e != OK)
			return e;
		if (blank)
			continue;
		*ret_more = c->any = true;
		return OK;
	}
}

static enum err csv_sheet(struct rows *r, size_t i, struct diag *diag)
{
	struct csv *c = r->state;
	(void)i;
	text_in_rewind(&c->in);
	c->beg = c->end = 0;
	c->eof = false;
	c->line = 1;
	c->any = false;
	if (!c->skip)
		return OK;
	enum err e = fill(r, c, diag);
	size_t next = 0;
	if (e == OK)
		e = next_record(r, c, diag, &next);
	if (e == OK) {
		c->beg = next;
		c->line = c->next_line;
	}
	return e;
}

static void csv_close(struct rows *r)
{
	struct csv *c = r->state;
	text_in_close(&c->in);
	if (!c->lent)
		base_free(c->win);
	base_free(c->fields);
	row_build_release(&c->row);
}

/* How often `d` stands outside quotes in each line of the sample. */
static size_t count_lines(const char *p, size_t n, char d, uint32_t counts[SAMPLE_LINES])
{
	size_t lines = 0;
	uint32_t k = 0;
	bool quoted = false, start = true, any = false;
	for (size_t i = 0; i < n && lines < SAMPLE_LINES; i++) {
		if (quoted) {
			quoted = p[i] != '"';
			continue;
		}
		if (p[i] == '\n' || p[i] == '\r') {
			if (any)
				counts[lines++] = k;
			k = 0;
			start = true;
			any = false;
			continue;
		}
		any = true;
		if (p[i] == '"' && (start || p[i - 1] == '=' || p[i - 1] == '"'))
			quoted = true;
		start = p[i] == d;
		k += start;
	}
	if (any && lines < SAMPLE_LINES)
		counts[lines++] = k;
	return lines;
}

/* Columns that agree from line to line speak for a delimiter: the count that
 * most lines share, times the lines that share it. */
static uint64_t delim_score(const char *p, size_t n, char d)
{
	uint32_t counts[SAMPLE_LINES];
	size_t lines = count_lines(p, n, d, counts);
	uint64_t best = 0;
	for (size_t i = 0; i < lines; i++) {
		uint64_t same = 0;
		if (counts[i] == 0)
			continue;
		for (size_t j = 0; j < lines; j++)
			same += counts[j] == counts[i];
		if (same * same * counts[i] > best)
			best = same * same * counts[i];
	}
	return best;
}

/* *ret_own: the first line only says which it is ("sep=;"). */
static char guess_delim(const char *p, size_t n, bool *ret_own)
{
	static const char candidates[] = {',', '\t', ';', '|'};
	uint64_t best = 0;
	char delim = ',';
	*ret_own = n >= 5 && memcmp(p, "sep=", 4) == 0 && !memchr("\r\n\"", p[4], 3) &&
	           (n == 5 || p[5] == '\r' || p[5] == '\n');
	if (*ret_own)
		return p[4];
	n = n < SAMPLE ? n : SAMPLE;
	for (size_t i = 0; i < sizeof(candidates); i++) {
		uint64_t score = delim_score(p, n, candidates[i]);
		if (score > best) {
			best = score;
			delim = candidates[i];
		}
	}
	return delim;
}

static const struct rows_ops csv_ops = {csv_sheet, csv_next, rows_no_merges, rows_no_notes,
                                        csv_close};

enum err csv_open(struct rows *r, struct diag *diag)
{
	struct csv *c = ARENA_NEW(&r->arena, struct csv);
	enum err e = text_in_open(&c->in, r->fd, r->size, diag);
	if (e != OK)
		return e;
	r->ops = &csv_ops;
	r->state = c;
	r->encoding = text_enc_name(c->in.enc);
	c->cap = WINDOW;
	c->win = base_calloc(c->cap, 1);
	/* the head decides the delimiter; csv_sheet begins again */
	while (e == OK && !c->eof && c->end < SAMPLE)
		e = fill(r, c, diag);
	if (e != OK)
		return e;
	if (c->end == 0)
		return diag_set(diag, ERR_FILE_EMPTY, "0");
	bool own_line;
	c->delim = guess_delim(c->win, c->end, &own_line);
	c->skip = own_line;
	c->stop = SIZE_MAX;
	(void)rows_add_sheet(r, STR(""), SHEET_VISIBLE);
	return OK;
}

static void lend(struct rows *r, struct csv *c, const struct csv_text *t, size_t from, size_t to)
{
	*c = (struct csv){.win = t->p, .beg = from, .end = t->n, .stop = to, .lent = true,
	                  .eof = true, .delim = t->delim, .line = 1};
	r->ops = &csv_ops;
	r->state = c;
}

void csv_lend(struct rows *r, const struct csv_text *t, size_t from, size_t to)
{
	lend(r, ARENA_NEW(&r->arena, struct csv), t, from, to);
	r->current = 0;
}

void csv_look(struct csv_text *t)
{
	bool own_line;
	size_t at = t->first;
	t->delim = guess_delim(t->p + at, t->n - at, &own_line);
	if (!own_line)
		return;
	at += at + 5 < t->n && t->p[at + 5] == '\r' ? 6 : 5;
	t->first = at + (at < t->n && t->p[at] == '\n');
}

bool csv_starts(struct rows *r, const struct csv_text *t, size_t n, size_t *at)
{
	struct csv *c = ARENA_NEW(&r->arena, struct csv);
	struct diag diag = {0};
	lend(r, c, t, t->first, SIZE_MAX);
	for (size_t k = 0; k < n; k++) {
		while (c->beg < at[k]) {
			size_t next = 0;
			if (next_record(r, c, &diag, &next) != OK)
				return false;
			c->beg = next;
			c->line = c->next_line;
		}
		at[k] = c->beg;
	}
	return true;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csv: rows of delimited text, by RFC 4180 with what offices add to it.
 *
 * The text goes through a window that holds at least one whole record; cells
 * point into it, and what quotes must be taken off is changed in place once
 * the record is complete.  A record that does not fit in the window makes it
 * grow, up to limits.line_bytes.
 */
#include "io/csv_parts.h"
#include "io/rows_impl.h"
#include "io/text_in.h"

#include "base/banned.h"

enum {
	WINDOW = 1 << 20,
	PART_WINDOW = 1 << 18, /* of one reader among several: what it scans stays near */
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
	bool eof;
	/* a part of a file (csv_parts.h): */
	bool part;
	bool cut;     /* more of the file lies behind the part */
	bool over;    /* its last record reaches into that, and was left */
	size_t stop;  /* place in the file where the part ends */
	size_t sound; /* in the window: so far the text is known to be UTF-8 */
	bool any; /* a row was given */
	char delim;
	uint32_t line;      /* of the record at beg, from 1 */
	uint32_t next_line; /* behind the record parsed last */
	struct field *fields;
	size_t n_fields, cap_fields;
	struct row_build row;
	uint64_t skip; /* 1: the first line is "sep=;" */
};

/* Of a part nothing was looked at before: is what was read text in order? */
static enum err check_text(struct csv *c, size_t from, struct diag *diag)
{
	enum { SEQUENCE = 4 /* bytes of a character at most */ };
	if (c->eof && c->in.off < c->stop)
		return diag_set(diag, ERR_IO, "%zu", c->stop); /* the file has become shorter */
	if (memchr(c->win + from, 0, c->end - from))
		return diag_set(diag, ERR_FILE_DAMAGED, "NUL");
	c->sound += utf8_prefix(c->win + c->sound, c->end - c->sound);
	size_t rest = c->end - c->sound;
	return rest >= SEQUENCE || (rest && c->in.off == c->stop)
		       ? diag_set(diag, ERR_FILE_ENCODING, "%zu", rest)
		       : OK;
}

static enum err fill(struct rows *r, struct csv *c, struct diag *diag)
{
	size_t have = c->end - c->beg;
	if (c->beg) {
		memmove(c->win, c->win + c->beg, have);
		c->sound -= c->part ? c->beg : 0;
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
	size_t n = 0, room = c->cap - have;
	if (c->part && room > c->stop - c->in.off)
		room = c->stop - c->in.off;
	enum err e = room ? text_in_read(&c->in, c->win + have, room, diag, &n) : OK;
	if (e != OK)
		return e;
	c->end += n;
	c->eof = n == 0;
	r->at = c->in.off;
	return c->part ? check_text(c, have, diag) : OK;
}

/* First byte of [p, end) that ends an unquoted field. */
static const char *scan_plain(const char *p, const char *end, char delim)
{
	return str_first_of(p, end, (const char[4]){delim, '\n', '\r', '\n'});
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
		if (s == SCAN_RECORD && c->part && *ret_next - c->beg > r->limits.line_bytes)
			return diag_set(diag, ERR_LINE_TOO_LONG, ">%u",
			                (unsigned)r->limits.line_bytes);
		if (s == SCAN_RECORD)
			return OK;
		if (s == SCAN_COLUMNS)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "> %u columns",
			                (unsigned)r->limits.columns);
		if (s == SCAN_OPEN_QUOTE && c->cut) {
			c->over = true;
			return OK;
		}
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
		if (c->beg == c->end && c->eof) {
			*ret_more = false;
			return c->any || c->part ? OK : diag_set(diag, ERR_FILE_EMPTY, "0");
		}
		enum err e = next_record(r, c, diag, &next);
		*ret_more = false;
		if (e != OK || c->over)
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
	(void)rows_add_sheet(r, STR(""), SHEET_VISIBLE);
	return OK;
}

/* --- a file in parts -------------------------------------------------------------------------- */

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

void csv_part_open(struct rows *r, const struct csv_part *p)
{
	struct csv *c = ARENA_NEW(&r->arena, struct csv);
	c->in = (struct text_in){.fd = p->fd, .off = p->from};
	c->part = true;
	c->cut = p->cut;
	c->stop = p->to;
	c->delim = p->delim;
	c->line = 1;
	c->cap = p->window ? p->window : PART_WINDOW;
	if (!p->window && p->to - p->from < c->cap)
		c->cap = p->to - p->from + 1;
	c->win = base_realloc(NULL, c->cap, 1);
	r->ops = &csv_ops;
	r->state = c;
	r->current = 0;
}

size_t csv_part_at(const struct rows *r)
{
	const struct csv *c = r->state;
	return c->in.off - (c->end - c->beg);
}

void csv_part_seek(struct rows *r, size_t at)
{
	struct csv *c = r->state;
	c->beg = c->end = c->sound = 0;
	c->in.off = at;
	c->eof = false;
}

/* The cells of the next record, when it lies in the window whole, and there are no quotes in it
 * and too few bytes for any limit.  Behind the last column that is asked for only its end is
 * looked for. */
static bool plain_cells(const struct rows *r, struct csv *c, const size_t *columns, size_t n,
			struct str *ret, size_t *ret_next)
{
	const char *begin = c->win + c->beg, *end = c->win + c->end, *p = begin, *stop = p;
	bool open = true; /* cells follow */
	size_t k = 0;
	for (size_t column = 0; open && k < n; column++) {
		if (p < end && (*p == '"' || *p == '='))
			return false;
		stop = scan_plain(p, end, c->delim);
		if (stop == end)
			return false;
		if (column == columns[k])
			ret[k++] = (struct str){p, (size_t)(stop - p)};
		open = *stop == c->delim;
		p = stop + open;
	}
	for (; k < n; k++)
		ret[k] = (struct str){0};
	if (open)
		stop = scan_plain(p, end, '"');
	if (stop == end || *stop == '"' || (size_t)(stop - begin) >= r->limits.columns)
		return false;
	if (*stop == '\r') {
		if (stop + 1 == end)
			return false;
		stop += stop[1] == '\n';
	}
	*ret_next = (size_t)(stop + 1 - c->win);
	return true;
}

enum err csv_part_next(struct rows *r, const size_t *columns, size_t n, struct str *ret,
		       bool *ret_more)
{
	struct csv *c = r->state;
	size_t next = 0;
	if (c->beg == c->end && !c->eof && fill(r, c, NULL) != OK)
		return ERR_IO;
	while (plain_cells(r, c, columns, n, ret, &next)) {
		char first = c->win[c->beg];
		bool blank = first == '\n' || first == '\r' ||
			     (first == 0x1A && (c->win[c->beg + 1] == '\n' || c->win[c->beg + 1] == '\r'));
		c->beg = next;
		c->line++;
		if (!blank) {
			*ret_more = true;
			return OK;
		}
	}
	struct row row;
	enum err e = csv_next(r, NULL, &row, ret_more);
	for (size_t k = 0; !e && *ret_more && k < n; k++)
		ret[k] = columns[k] < row.n ? row.cells[columns[k]].text : (struct str){0};
	return e;
}

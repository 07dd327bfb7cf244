/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/formula.h"

#include "base/banned.h"

enum { COLUMNS_MAX = 16384, ROWS_LAST = 1048576 };

/* $C$5 */
struct ref {
	size_t n; /* bytes */
	uint32_t col, row;
	bool col_fixed, row_fixed;
};

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* May stand in a name, so that what is beside it is no reference of its own. */
static bool is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '\\' || (unsigned char)c >= 0x80;
}

static bool read_ref(struct str f, size_t at, struct ref *ret)
{
	struct ref r = {0};
	size_t i = at;
	if (i < f.n && f.p[i] == '$') {
		r.col_fixed = true;
		i++;
	}
	size_t letters = i;
	for (; i < f.n && is_letter(f.p[i]) && i - letters < 4; i++)
		r.col = r.col * 26 + (uint32_t)((f.p[i] & ~32) - 'A' + 1);
	if (i == letters || r.col > COLUMNS_MAX)
		return false;
	if (i < f.n && f.p[i] == '$') {
		r.row_fixed = true;
		i++;
	}
	size_t digits = i;
	for (; i < f.n && is_digit(f.p[i]) && i - digits < 8; i++)
		r.row = r.row * 10 + (uint32_t)(f.p[i] - '0');
	if (i == digits || r.row == 0 || r.row > ROWS_LAST)
		return false;
	if (i < f.n && (is_word(f.p[i]) || f.p[i] == '(' || f.p[i] == '!'))
		return false;
	r.n = i - at;
	*ret = r;
	return true;
}

static void put_ref(const struct ref *r, struct buf *out)
{
	char letters[4];
	size_t n = 0;
	for (uint32_t c = r->col; c && n < sizeof(letters); c = (c - 1) / 26)
		letters[n++] = (char)('A' + (c - 1) % 26);
	if (r->col_fixed)
		buf_addc(out, '$');
	while (n)
		buf_addc(out, letters[--n]);
	if (r->row_fixed)
		buf_addc(out, '$');
	buf_addint(out, r->row);
}

/* What stands before a reference: 'Sheet 1'! or Sheet1!; its length, 0 when there is none. */
static size_t read_sheet(struct str f, size_t at, struct buf *name)
{
	size_t i = at;
	buf_clear(name);
	if (i < f.n && f.p[i] == '\'') {
		for (i++; i < f.n; i++) {
			if (f.p[i] == '\'' && !(i + 1 < f.n && f.p[i + 1] == '\''))
				break;
			i += f.p[i] == '\'';
			buf_addc(name, f.p[i]);
		}
		i++;
	} else {
		while (i < f.n && is_word(f.p[i]))
			buf_addc(name, f.p[i++]);
	}
	return i > at && i < f.n && f.p[i] == '!' ? i + 1 - at : 0;
}

typedef void (*ref_edit)(const void *arg, struct ref *from, struct ref *to);

/* Every reference through `edit` (b NULL: a single cell); sheet.p NULL: to whatever sheet. */
static void edit_refs(struct str f, struct str sheet, bool bare, ref_edit edit, const void *arg,
                      struct buf *out)
{
	struct buf name;
	buf_init(&name, 1000);
	bool ours = bare, after_word = false;
	for (size_t i = 0; i < f.n;) {
		struct ref a, b;
		size_t n;
		if (f.p[i] == '"') {
			size_t end = i + 1;
			while (end < f.n && f.p[end] != '"')
				end++;
			end += end < f.n;
			buf_addstr(out, str_sub(f, i, end - i));
			i = end;
			after_word = false;
		} else if (!after_word && (n = read_sheet(f, i, &name)) > 0) {
			ours = !sheet.p || str_eq(buf_str(&name), sheet);
			buf_addstr(out, str_sub(f, i, n));
			i += n;
			if (read_ref(f, i, &a))
				continue;
			ours = bare;
		} else if (!after_word && read_ref(f, i, &a)) {
			bool range = i + a.n < f.n && f.p[i + a.n] == ':' && read_ref(f, i + a.n + 1, &b);
			n = a.n + (range ? 1 + b.n : 0);
			if (ours)
				edit(arg, &a, range ? &b : NULL);
			if (ours) {
				put_ref(&a, out);
				if (range) {
					buf_addc(out, ':');
					put_ref(&b, out);
				}
			} else {
				buf_addstr(out, str_sub(f, i, n));
			}
			i += n;
			ours = bare;
			after_word = true;
		} else {
			after_word = is_word(f.p[i]) || (after_word && f.p[i] == '\'');
			buf_addc(out, f.p[i++]);
		}
	}
	buf_release(&name);
}

static void shift(const void *arg, struct ref *a, struct ref *b)
{
	const struct row_shift *s = arg;
	bool down = a->row > s->after;
	if (down)
		a->row += s->n;
	if (b && (b->row > s->after || (s->grow && !down && b->row == s->after)))
		b->row += s->n;
}

void formula_shift(struct str f, const struct row_shift *s, struct buf *out)
{
	edit_refs(f, s->sheet, s->bare, shift, s, out);
}

struct move {
	int64_t rows, cols;
};

static void move_ref(const struct move *m, struct ref *r)
{
	int64_t row = r->row_fixed ? r->row : (int64_t)r->row + m->rows;
	int64_t col = r->col_fixed ? r->col : (int64_t)r->col + m->cols;
	r->row = (uint32_t)(row < 1 ? 1 : row > ROWS_LAST ? ROWS_LAST : row);
	r->col = (uint32_t)(col < 1 ? 1 : col > COLUMNS_MAX ? COLUMNS_MAX : col);
}

static void move(const void *arg, struct ref *a, struct ref *b)
{
	move_ref(arg, a);
	if (b)
		move_ref(arg, b);
}

void formula_copy(struct str f, int64_t rows, int64_t cols, struct buf *out)
{
	struct move m = {rows, cols};
	edit_refs(f, (struct str){NULL, 0}, true, move, &m, out);
}

void formula_shift_ranges(struct str ranges, const struct row_shift *s, struct buf *out)
{
	struct row_shift all = *s;
	struct str piece;
	bool first = true;
	all.grow = true;
	while (str_split(&ranges, ' ', &piece)) {
		struct ref a;
		if (!piece.n)
			continue;
		if (!first)
			buf_addc(out, ' ');
		first = false;
		/* one cell of the last row stands for those put in as well */
		if (read_ref(piece, 0, &a) && a.n == piece.n && a.row == s->after && s->n) {
			put_ref(&a, out);
			buf_addc(out, ':');
			a.row += s->n;
			put_ref(&a, out);
		} else {
			edit_refs(piece, (struct str){NULL, 0}, true, shift, &all, out);
		}
	}
}

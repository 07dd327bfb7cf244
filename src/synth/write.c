/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/out.h"

#include "base/banned.h"

enum { COLUMNS_MAX = 64, OLD_ROWS = 60 };

/* One table on its way out. */
struct table {
	struct town *t;
	enum ledger ledger;
	const struct sheet *sheet;
	struct out *out;
	int columns;
	int row;                    /* the next one */
	int first;                  /* of the data */
	int64_t sums[COLUMNS_MAX];
	const char *last_unit;
};

/* {T} {t} {V} {v} in names and titles. */
static const char *fill(struct town *t, const char *pattern, int32_t village)
{
	struct buf b;
	buf_init(&b, 4096);
	for (const char *p = pattern; *p; p++) {
		if (p[0] != '{' || !p[1] || p[2] != '}') {
			buf_addc(&b, *p);
			continue;
		}
		if (p[1] == 'T')
			buf_adds(&b, t->name);
		else if (p[1] == 't')
			buf_adds(&b, t->stem);
		else if (p[1] == 'V' && village >= 0)
			buf_adds(&b, t->villages.p[village].name);
		else if (p[1] == 'v' && village >= 0)
			buf_adds(&b, village_alias(t, (uint32_t)village, 1));
		p += 2;
	}
	const char *s = arena_strdup(t->arena, b.p ? b.p : "");
	buf_release(&b);
	return s;
}

/* --- above the data ------------------------------------------------------------ */

static bool two_rows(const struct sheet *s)
{
	for (const struct column *c = s->columns; c->head; c++)
		if (c->over)
			return true;
	return false;
}

static void write_header(struct table *w)
{
	const struct column *c = w->sheet->columns;
	bool two = two_rows(w->sheet);
	struct value v = {VALUE_TEXT, w->sheet->top, 0};
	if (w->sheet->top) {
		out_merge(w->out, w->row, 0, w->row, w->columns - 1, &v, OUT_HEAD);
		w->row++;
	}
	for (int i = 0; two && i < w->columns; i++) {
		int last = i;
		v.text = c[i].over ? c[i].over : c[i].head;
		while (c[i].over && last + 1 < w->columns && c[last + 1].over &&
		       strcmp(c[last + 1].over, c[i].over) == 0)
			last++;
		out_merge(w->out, w->row, i, c[i].over ? w->row : w->row + 1, last, &v, OUT_HEAD);
		i = last;
	}
	w->row += two;
	for (int i = 0; i < w->columns; i++)
		if (!two || c[i].over)
			out_text(w->out, w->row, i, c[i].head, OUT_HEAD);
	w->row++;
}

static double width_of(const struct column *c)
{
	switch (c->field) {
	case F_ID:
	case F_HEAD_ID:
	case F_HH_NO:
	case F_CARD:
		return 21;
	case F_ADDRESS:
	case F_PLACE:
	case F_COMPANY:
		return 26;
	case F_BIRTH:
	case F_DATE:
	case F_DUE:
	case F_VILLAGE:
		return 14;
	default:
		return 10;
	}
}

static void begin(struct table *w, const char *name, int32_t village, bool hidden)
{
	struct value v = {VALUE_TEXT, NULL, 0};
	const struct sheet *s = w->sheet;
	out_sheet(w->out, name, hidden);
	w->row = w->columns = 0;
	w->last_unit = "";
	memset(w->sums, 0, sizeof(w->sums));
	while (s->columns[w->columns].head && w->columns < COLUMNS_MAX)
		w->columns++;
	for (int i = 0; out_is_book(w->out) && i < w->columns; i++)
		xlsx_column(w->out->x, i, i, width_of(&s->columns[i]), -1, false);
	if (s->title && !hidden) {
		v.text = fill(w->t, s->title, village);
		out_merge(w->out, w->row, 0, w->row, w->columns - 1, &v, OUT_TITLE);
		w->row++;
	}
	if (s->note && !hidden)
		out_text(w->out, w->row++, 0, fill(w->t, s->note, village), OUT_BODY);
	write_header(w);
	if (out_is_book(w->out) && !hidden)
		xlsx_freeze(w->out->x, w->row, 0);
	w->first = w->row;
}

/* --- data ------------------------------------------------------------------------ */

/* The same on all lines of a household. */
static bool of_house(const struct table *w, enum field f)
{
	switch (f) {
	case F_HH_NO:
	case F_HEAD:
	case F_HEAD_ID:
	case F_MEMBERS:
	case F_STATUS:
	case F_EXITED:
	case F_EXIT_YEAR:
	case F_ATTR:
	case F_CAUSE:
	case F_UNSAFE:
	case F_HOUSE_SAFE:
	case F_WATER:
	case F_PC:
	case F_BANK:
		return true;
	case F_VILLAGE:
	case F_GROUP:
		return w->ledger == LEDGER_ROSTER;
	default:
		return false;
	}
}

static enum out_style style_of(enum field f)
{
	return f == F_ID || f == F_HEAD_ID || f == F_HH_NO || f == F_CARD || f == F_PHONE ||
	                       f == F_HELPER_PHONE || f == F_INSURED_NO
	               ? OUT_ID
	               : OUT_BODY;
}

static void write_unit(struct table *w, int col, const struct value *v)
{
	const char *s = v->kind == VALUE_TEXT ? v->text : "";
	bool again = (w->sheet->flags & DITTO) && strcmp(s, w->last_unit) == 0 && *s;
	out_text(w->out, w->row, col, again ? w->row % 5 ? "同上" : "〃" : s, OUT_BODY);
	w->last_unit = s;
}

/* `rest`: lines of the same household from this one on; 0 = not its first. */
static void write_line(struct table *w, const struct line *l, int rest)
{
	bool merge = w->sheet->flags & MERGE_HOUSE;
	for (int i = 0; i < w->columns; i++) {
		const struct column *c = &w->sheet->columns[i];
		bool house = of_house(w, c->field);
		bool once = house && (merge || c->field == F_PC || c->field == F_BANK);
		if (once && rest == 0)
			continue;
		struct value v = field_value(w->t, w->ledger, l, c, w->sheet);
		if (v.kind == VALUE_INT || v.kind == VALUE_MONEY)
			w->sums[i] += v.n;
		if (house && merge)
			out_merge(w->out, w->row, i, w->row + rest - 1, i, &v, style_of(c->field));
		else if (c->field == F_UNIT && w->ledger == LEDGER_HELPER)
			write_unit(w, i, &v);
		else
			out_cell(w->out, w->row, i, &v, style_of(c->field));
	}
	w->row++;
}

static int same_house(const struct lines *lines, size_t i, size_t end)
{
	uint32_t house = lines->p[i].house;
	int n = 0;
	if (i > 0 && house != NO_HOUSE && lines->p[i - 1].house == house)
		return 0;
	do
		n++;
	while (++i < end && lines->p[i].house == house && house != NO_HOUSE);
	return n;
}

static void write_total(struct table *w)
{
	out_text(w->out, w->row, 0, "合计", OUT_BODY);
	for (int i = 1; i < w->columns; i++) {
		enum field f = w->sheet->columns[i].field;
		if ((f == F_MEMBERS || f == F_NET || f == F_COVERED) && w->sums[i])
			out_sum(w->out, w->row, i, w->first, w->row - 1, w->sums[i], f == F_NET);
	}
	w->row++;
}

static void finish(struct table *w)
{
	if (w->sheet->flags & TOTAL)
		write_total(w);
	if (w->sheet->sign)
		out_text(w->out, w->row + 1, 0, w->sheet->sign, OUT_BODY);
}

static uint32_t village_of(const struct town *t, const struct line *l)
{
	return l->house == NO_HOUSE ? (uint32_t)t->people.p[l->person].away
	                            : t->houses.p[l->house].village;
}

static void write_section(struct table *w, const struct lines *lines, size_t from, size_t to)
{
	const char *village = w->t->villages.p[village_of(w->t, &lines->p[from])].name;
	out_text(w->out, w->row++, 0, village, OUT_BODY);
	w->last_unit = "";
	size_t houses = 0;
	for (size_t i = from; i < to; i++) {
		int rest = same_house(lines, i, to);
		houses += rest > 0;
		write_line(w, &lines->p[i], rest);
	}
	out_text(w->out, w->row, 0, "小计", OUT_BODY);
	out_text(w->out, w->row, 2, arena_printf(w->t->arena, "%zu户", houses), OUT_BODY);
	w->row++;
}

static void write_lines(struct table *w, const struct lines *lines, size_t from, size_t to)
{
	while (from < to) {
		size_t end = from;
		while (end < to &&
		       village_of(w->t, &lines->p[end]) == village_of(w->t, &lines->p[from]))
			end++;
		if (!(w->sheet->flags & BY_SECTION)) {
			for (size_t i = from; i < to; i++)
				write_line(w, &lines->p[i], same_house(lines, i, to));
			return;
		}
		write_section(w, lines, from, end);
		from = end;
	}
}

/* Last year's sheet that somebody hid instead of deleting it. */
static void write_old(struct table *w, const struct lines *lines)
{
	int n = 0;
	begin(w, "2016年旧表", -1, true);
	for (size_t i = 0; i < lines->n && n < OLD_ROWS; i++) {
		if (same_house(lines, i, lines->n) == 0)
			continue;
		for (int c = 0; c < w->columns; c++) {
			const struct column *col = &w->sheet->columns[c];
			struct value v = field_value(w->t, w->ledger, &lines->p[i], col, w->sheet);
			if (col->field == F_MEMBERS)
				v.n++;
			if (col->field == F_STATUS || col->field == F_EXITED)
				v = (struct value){VALUE_TEXT, "未脱贫", 0};
			if (col->field == F_PC)
				v = (struct value){VALUE_INT, NULL, 1999};
			out_cell(w->out, w->row, c, &v, style_of(col->field));
		}
		w->row++;
		n++;
	}
}

/* --- files ------------------------------------------------------------------------- */

static size_t village_end(const struct town *t, const struct lines *lines, size_t from)
{
	size_t end = from;
	while (end < lines->n && village_of(t, &lines->p[end]) == village_of(t, &lines->p[from]))
		end++;
	return end;
}

static enum err write_file(struct table *w, const struct lines *lines, size_t from, size_t to,
                           const char *folder)
{
	const struct sheet *s = w->sheet;
	struct out out;
	int32_t village = (s->flags & BY_FILE) ? (int32_t)village_of(w->t, &lines->p[from]) : -1;
	const char *path = arena_printf(w->t->arena, "%s/%s", folder, fill(w->t, s->file, village));
	bool streaming = !two_rows(s) && !(s->flags & (MERGE_HOUSE | BY_SHEET));
	struct arena_mark mark = arena_save(w->t->arena);
	enum err e = out_open(&out, path, s->format, streaming, w->t->arena, w->t->diag);
	w->out = &out;
	if (e == OK && (s->flags & BY_SHEET)) {
		while (from < to) {
			size_t end = village_end(w->t, lines, from);
			int32_t v = (int32_t)village_of(w->t, &lines->p[from]);
			begin(w, w->t->villages.p[v].name, v, false);
			write_lines(w, lines, from, end);
			finish(w);
			from = end;
		}
	} else if (e == OK) {
		begin(w, w->ledger == LEDGER_ROSTER ? "花名册" : "Sheet1", village, false);
		write_lines(w, lines, from, to);
		finish(w);
		if (s->flags & OLD_SHEET)
			write_old(w, lines);
	}
	e = out_close(&out, e);
	w->out = NULL;
	arena_back(w->t->arena, mark);
	return e;
}

static enum err write_ledger(struct town *t, enum ledger ledger, const struct sheet *sheet,
                             const char *folder, size_t *files)
{
	struct lines lines = {0};
	struct table w = {.t = t, .ledger = ledger, .sheet = sheet};
	enum err e = OK;
	ledger_lines(t, ledger, sheet->flags, &lines);
	if (sheet->flags & BY_FILE) {
		for (size_t i = 0; i < lines.n && e == OK; ++*files) {
			size_t end = village_end(t, &lines, i);
			e = write_file(&w, &lines, i, end, folder);
			i = end;
		}
	} else {
		e = write_file(&w, &lines, 0, lines.n, folder);
		++*files;
	}
	vec_free(&lines);
	return e;
}

enum err town_write(struct town *t, const struct layout *layout, const char *folder,
                    struct diag *diag, size_t *ret_files)
{
	enum err e = OK;
	t->diag = diag;
	for (int i = 0; i < LEDGER_MAX && e == OK; i++) {
		struct sheet sheet = layout->sheets[i];
		if (!sheet.columns)
			sheet.columns = layout->offices[i];
		if (sheet.file && sheet.columns)
			e = write_ledger(t, (enum ledger)i, &sheet, folder, ret_files);
	}
	return e;
}

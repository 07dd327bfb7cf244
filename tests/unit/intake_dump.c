/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "intake_dump.h"

#include "base/banned.h"

static void dump_value(const struct pack *pack, const struct pack_column *c,
                       const struct intake_value *v, struct buf *out)
{
	static const char marks[] = {'?', '-', '=', '~', '!'};
	buf_addf(out, "%s%c", c->id, marks[v->state]);
	bool plain = v->state == INTAKE_BAD || v->text.n == 0;
	char text[32];
	switch (plain ? PACK_TEXT : c->kind) {
	case PACK_INT:
	case PACK_YEAR:
	case PACK_NUM: buf_addf(out, "%lld", (long long)v->v); break;
	case PACK_MONEY:
		money_format(v->v, false, text);
		buf_adds(out, text);
		break;
	case PACK_DATE:
		date_format((date_t)v->v, text);
		buf_adds(out, text);
		break;
	case PACK_BOOL: buf_adds(out, v->v ? "yes" : "no"); break;
	case PACK_CODE:
		buf_adds(out, v->v < 0 ? "*" : pack->lists[c->list_index].codes[v->v].id);
		if (v->v < 0)
			buf_addstr(out, v->text);
		if (v->year)
			buf_addf(out, "@%d", v->year);
		break;
	case PACK_CODES:
		for (size_t i = 0; i < pack->lists[c->list_index].n; i++)
			if (v->v >> i & 1)
				buf_addf(out, "+%s", pack->lists[c->list_index].codes[i].id);
		break;
	case PACK_AREA:
		buf_addstr(out, v->text);
		if (v->v >= 0)
			buf_addf(out, "#%lld", (long long)v->v);
		break;
	default: buf_addstr(out, v->text); break;
	}
	if (v->flags & INTAKE_FILLED)
		buf_adds(out, "<");
	if (v->flags & INTAKE_LOSSY)
		buf_adds(out, "^");
	if (v->flags & INTAKE_SPLIT)
		buf_adds(out, "|");
}

static void dump_row(const struct pack *pack, const struct intake *in, const struct intake_row *r,
                     const struct dump_opts *o, struct buf *out)
{
	const struct intake_table *t = intake_table(in, r->table);
	buf_addf(out, "%zu:%u", r->table, r->number);
	if (r->block)
		buf_addf(out, " [%u]", r->block);
	if (r->section.n)
		buf_addf(out, " §" STR_FMT "#%d", STR_ARG(r->section), r->section_area);
	if (r->struck || r->hidden || r->form)
		buf_addf(out, "%s%s%s", r->struck ? " struck" : "", r->hidden ? " hidden" : "",
		         r->form ? " form" : "");
	for (size_t k = 0; k < t->into->n_columns; k++)
		if (r->values[k].state > INTAKE_EMPTY) {
			buf_adds(out, " ");
			dump_value(pack, &t->into->columns[k], &r->values[k], out);
		}
	for (size_t i = 0; i < r->n_extra && o->extra; i++)
		buf_addf(out, " +" STR_FMT ":" STR_FMT, STR_ARG(r->extra[i].header),
		         STR_ARG(r->extra[i].text));
	buf_adds(out, "\n");
}

static void dump_table(const struct intake *in, size_t i, struct buf *out)
{
	static const char *const how[] = {"", "~", "#", "!", "@"};
	const struct intake_table *t = intake_table(in, i);
	buf_addf(out, "table %zu %s", i, t->layout->id);
	if (t->sheet_name[0])
		buf_addf(out, " (%s)", t->sheet_name);
	buf_addf(out, " header %u-%u", t->header_first, t->header_last);
	if (t->year)
		buf_addf(out, " year %d", t->year);
	if (t->section.n)
		buf_addf(out, " village " STR_FMT, STR_ARG(t->section));
	buf_adds(out, "\n ");
	for (size_t c = 0; c < t->n_columns; c++) {
		const struct intake_column *k = &t->columns[c];
		buf_addf(out, " " STR_FMT "=%s%s", STR_ARG(k->header), how[k->how],
		         k->column < 0 ? "-" : t->layout->columns[k->column].id);
		if (k->unit == MONEY_WAN)
			buf_adds(out, "*10000");
	}
	buf_adds(out, "\n ");
	for (int c = 0; c < INTAKE_CLASS_MAX; c++)
		if (t->counts.rows[c])
			buf_addf(out, " %s %llu", intake_class_name((enum intake_class)c),
			         (unsigned long long)t->counts.rows[c]);
	buf_adds(out, "\n");
}

static void dump_ends(const struct intake *in, struct buf *out)
{
	struct str where;
	char day[16];
	date_t d = intake_as_of(in, &where);
	date_format(d, day);
	if (d)
		buf_addf(out, "as of %s: " STR_FMT "\n", day, STR_ARG(where));
	size_t n;
	uint64_t total;
	const struct reject *r = intake_rejects(in, &n, &total);
	for (size_t i = 0; i < n && i < 60; i++) {
		intake_place(in, r[i].sheet, r[i].row, r[i].col, out);
		buf_addf(out, " %s %s " STR_FMT " \"" STR_FMT "\"", r[i].doubt ? "doubt" : "bad",
		         err_name(r[i].code), STR_ARG(r[i].column), STR_ARG(r[i].value));
		if (r[i].proposal.n)
			buf_addf(out, " -> " STR_FMT, STR_ARG(r[i].proposal));
		buf_adds(out, "\n");
	}
	if (n > 60)
		buf_addf(out, "... %llu rejects\n", (unsigned long long)total);
	const struct intake_skipped *s = intake_skipped(in, &n);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "skipped sheet %zu row %u: %s " STR_FMT "\n", s[i].sheet + 1,
		         s[i].row, s[i].code ? err_name(s[i].code) : "hidden", STR_ARG(s[i].detail));
}

static enum err dump_rows(struct intake *in, const struct pack *pack, const struct dump_opts *o,
                          size_t n, struct diag *diag, struct buf *out)
{
	bool more = true;
	for (size_t k = 0; more && k < n; k++) {
		struct intake_row row;
		enum err e = intake_next(in, diag, &row, &more);
		if (e)
			return e;
		if (more && k < o->max_rows)
			dump_row(pack, in, &row, o, out);
	}
	return OK;
}

static enum err dump_file(struct rows *rows, const struct pack *pack, const char *path,
                          const struct dump_opts *o, struct diag *diag, struct buf *out)
{
	struct intake_area areas[64];
	size_t n = 0;
	for (; o->villages && o->villages[n] && n < 64; n++)
		areas[n] = (struct intake_area){str_c(o->villages[n]), (int32_t)n, false};
	struct intake_map *map = NULL;
	enum err e = o->map ? intake_map_read(o->map, pack, diag, &map) : OK;
	struct intake_opts opts = {.pack = pack, .layout = o->layout, .map = map, .areas = areas,
	                           .n_areas = n, .file = path};
	struct intake *in = NULL;
	if (e == OK)
		e = intake_open(rows, &opts, diag, &in);
	struct buf body;
	buf_init(&body, 64 << 20);
	if (e == OK && o->rewind_after) {
		e = dump_rows(in, pack, o, o->rewind_after, diag, &body);
		buf_clear(&body);
		e = e ? e : intake_rewind(in, diag);
	}
	if (e == OK)
		e = dump_rows(in, pack, o, SIZE_MAX, diag, &body);
	for (size_t i = 0; in && i < intake_table_count(in); i++)
		dump_table(in, i, out);
	buf_addstr(out, buf_str(&body));
	if (in)
		dump_ends(in, out);
	buf_release(&body);
	intake_close(in);
	intake_map_free(map);
	return e;
}

void intake_dump(const char *path, const struct pack *pack, const struct dump_opts *opts,
                 struct buf *out)
{
	struct diag diag = {0};
	struct rows *rows = NULL;
	enum err e = rows_open(path, &(struct rows_opts){.password = NULL}, &diag, &rows);
	if (e == OK)
		e = dump_file(rows, pack, path, opts, &diag, out);
	rows_close(rows);
	if (e)
		buf_addf(out, "refused %s: %s: %s\n", err_name(e), diag.place, diag.detail);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/sides.h"

#include "base/vec.h"
#include "check/check_own.h"
#include "link/idno.h"

#include "base/banned.h"

enum { SIDES_MAX = 24, TEXT_MAX = 4096 };

static struct text text_of(const char *zh)
{
	return (struct text){{zh, zh}};
}

/* The row in its own words. */
static struct str row_text(const struct check_result *r, const struct pack_layout *layout,
                           const struct town_layout *l, int32_t row, struct arena *a)
{
	const struct town_cell *cells = &l->cells[(size_t)row * l->n_columns];
	bool zh = r->lang == LANG_ZH;
	struct buf b;
	buf_init(&b, TEXT_MAX);
	for (size_t c = 0; c < l->n_columns && c < layout->n_columns; c++) {
		const struct pack_column *col = &layout->columns[c];
		struct str text = cells[c].text;
		bool number = col->kind == PACK_ID || col->kind == PACK_CARD;
		if (cells[c].state == TOWN_CELL_EMPTY || !text.n || col->role == PACK_ROLE_SEQ ||
		    (col->privacy == PACK_SENSITIVE && !number))
			continue;
		if (number)
			text = idno_masked(a, text);
		buf_addf(&b, "%s%s%s" STR_FMT, b.n ? (zh ? "；" : "; ") : "", col->label.in[r->lang],
		         zh ? "：" : ": ", STR_ARG(text));
	}
	struct str ret = str_copy(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

static bool is_about(const struct town *t, const struct town_link *k, const struct finding *f)
{
	if (f->entity == ENT_OUTSIDER)
		return k->outsider == f->row;
	if (f->person >= 0)
		return k->person == f->person;
	return f->household >= 0 &&
	       (k->household == f->household ||
	        (k->person >= 0 && t->persons[k->person].household == f->household));
}

static void set_ledger(const struct town *t, int32_t ledger, struct check_side *s)
{
	if (ledger < 0)
		return;
	const struct town_ledger *l = &t->ledgers[ledger];
	s->label = text_of(l->title.p);
	s->office = text_of(l->office.p);
	s->as_of = l->as_of;
}

static struct check_side register_side(const struct check *c, const struct check_result *r,
                                       const struct finding *f, struct arena *a)
{
	const struct town *t = r->town;
	struct check_side s = {.label = TEXT("档案", "register")};
	struct buf b;
	if (f->person >= 0) {
		set_ledger(t, t->persons[f->person].ledger, &s);
		s.place = t->persons[f->person].place;
	} else if (f->household >= 0) {
		set_ledger(t, t->households[f->household].ledger, &s);
	}
	buf_init(&b, (size_t)1 << 16);
	rule_explain(c->rules[f->rule_no].when, &r->shown, f->row, r->lang, a, &b);
	s.value = str_copy(a, buf_str(&b));
	buf_release(&b);
	return s;
}

static void layout_sides(const struct check_result *r, const struct finding *f,
                         const struct pack_layout *layout, const struct town_layout *l,
                         struct arena *a, struct check_side *sides, size_t *n)
{
	int32_t last = -1;
	for (size_t k = 0; k < l->n_links && *n < SIDES_MAX; k++) {
		const struct town_link *link = &l->links[k];
		if (link->row == last || !is_about(r->town, link, f))
			continue;
		last = link->row;
		struct check_side *s = &sides[(*n)++];
		*s = (struct check_side){.label = layout->title, .office = layout->office,
		                         .place = l->rows[last].place,
		                         .value = row_text(r, layout, l, last, a),
		                         .probable = link->band != TOWN_SURE};
		if (l->rows[last].ledger >= 0)
			s->as_of = r->town->ledgers[l->rows[last].ledger].as_of;
	}
}

void check_sides(const struct check *c, const struct check_result *r, const struct finding *f,
                 struct arena *a, struct check_side **ret, size_t *ret_n)
{
	struct check_side *sides = ARENA_ARRAY(a, SIDES_MAX + 1, struct check_side);
	size_t n = 0;
	if (f->entity != ENT_OUTSIDER)
		sides[n++] = register_side(c, r, f, a);
	for (size_t i = 0; i < r->town->n_layouts; i++) {
		const struct town_layout *l = &r->town->layouts[i];
		int layout = schema_layout(&c->schema, l->id);
		if (layout >= 0 && check_reads_layout(c, f->rule_no, layout))
			layout_sides(r, f, &r->pack->layouts[layout], l, a, sides, &n);
	}
	*ret = sides;
	*ret_n = n;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/sides.h"

#include "base/vec.h"
#include "check/cell.h"
#include "check/check_own.h"
#include "link/idno.h"

#include "base/banned.h"

enum { SIDES_MAX = 24, CELLS_MAX = 64 };

struct cells {
	struct side_cell *cell;
	size_t n;
	struct arena *a;
};

static struct text text_of(const char *zh)
{
	return (struct text){{zh, zh}};
}

static void add_cell(struct cells *c, struct str label, struct str value)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->cell[i].label, label))
			return;
	if (c->n < CELLS_MAX)
		c->cell[c->n++] = (struct side_cell){str_copy(c->a, label), str_copy(c->a, value)};
}

static struct cells new_cells(struct arena *a)
{
	return (struct cells){ARENA_ARRAY(a, CELLS_MAX, struct side_cell), 0, a};
}

/* The row in its own words. */
static struct cells row_cells(const struct check_result *r, const struct pack_layout *layout,
                              const struct town_layout *l, int32_t row, struct arena *a)
{
	struct cells ret = new_cells(a);
	for (size_t c = 0; c < l->n_columns && c < layout->n_columns; c++) {
		const struct pack_column *col = &layout->columns[c];
		const struct town_cell *cell = town_cell(&l->rows[row], (int)c);
		struct str text = town_cell_text(cell);
		bool number = col->kind == PACK_ID || col->kind == PACK_CARD;
		if (cell->state == TOWN_CELL_EMPTY || !text.n || col->role == PACK_ROLE_SEQ ||
		    (col->privacy == PACK_SENSITIVE && !number))
			continue;
		add_cell(&ret, str_c(col->label.in[r->lang]), number ? idno_masked(a, text)
		                : cell_shown(r->pack, col, cell, r->lang, false, a));
	}
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

static void set_ledger(const struct check_result *r, int32_t ledger, struct check_side *s)
{
	if (ledger < 0)
		return;
	const struct town_ledger *l = &r->town->ledgers[ledger];
	const struct pack_layout *layout = pack_layout(r->pack, l->layout.p);
	s->label = layout ? layout->title : text_of(l->title.p);
	s->office = layout ? layout->office : text_of(l->office.p);
	s->as_of = l->as_of;
}

/* What a roster calls the column of that role. */
static struct str role_label(const struct check_result *r, enum pack_role role)
{
	for (size_t i = 0; i < r->pack->n_layouts; i++) {
		const struct pack_layout *l = &r->pack->layouts[i];
		if (strcmp(l->id, "roster") == 0 && l->role[role] >= 0)
			return str_c(l->columns[l->role[role]].label.in[r->lang]);
	}
	return (struct str){0};
}

static void add_role(struct cells *c, const struct check_result *r, enum pack_role role,
                     struct str value)
{
	struct str label = role_label(r, role);
	if (label.n && value.n)
		add_cell(c, label, value);
}

static void add_read(void *arg, struct str label, struct str value)
{
	add_cell(arg, label, value);
}

/* Who it is, and of theirs what the rule read. */
static struct check_side register_side(const struct check *c, const struct check_result *r,
                                       const struct finding *f, struct arena *a)
{
	const struct town *t = r->town;
	struct check_side s = {.label = TEXT("档案", "register")};
	struct cells cells = new_cells(a);
	struct arena scratch; /* what is told lives as long as the call only */
	if (f->person >= 0) {
		const struct town_person *p = &t->persons[f->person];
		set_ledger(r, p->ledger, &s);
		s.place = p->place;
		add_role(&cells, r, PACK_ROLE_NAME, p->name);
		add_role(&cells, r, PACK_ROLE_ID, idno_masked(a, p->id_raw));
	} else if (f->household >= 0) {
		set_ledger(r, t->households[f->household].ledger, &s);
		add_role(&cells, r, PACK_ROLE_NAME, t->households[f->household].head_name);
	}
	arena_init(&scratch, 0);
	rule_fields(c->rules[f->rule_no].when, &r->shown, f->row, r->lang, &scratch, add_read, &cells);
	arena_release(&scratch);
	s.cells = cells.cell;
	s.n = cells.n;
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
		struct cells cells = row_cells(r, layout, l, last, a);
		*s = (struct check_side){.label = layout->title, .office = layout->office,
		                         .place = town_row_place(r->town, &l->rows[last], a),
		                         .cells = cells.cell,
		                         .n = cells.n,
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

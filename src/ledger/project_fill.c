/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Copying columns of a ledger's row into a record of the register. */
#include "ledger/project_in.h"

#include "base/banned.h"

struct fill fill_make(const struct record_desc *d, const struct pack_layout *layout)
{
	struct fill f = {.d = d};
	for (size_t i = 0; i < d->n; i++)
		f.col[i] = pack_column(layout, d->fields[i].name);
	return f;
}

static bool set_number(const struct field *f, void *at, int64_t v)
{
	date_t day = (date_t)v;
	bool yes = v != 0;
	switch (f->kind) {
	case FIELD_DATE: memcpy(at, &day, sizeof(day)); return day != 0;
	case FIELD_BOOL: memcpy(at, &yes, sizeof(yes)); return true;
	case FIELD_INT: case FIELD_MONEY: memcpy(at, &v, sizeof(v)); return true;
	default: return false;
	}
}

void fill_record(const struct fill *f, const struct ledger_row *row, struct arena *a, void *rec)
{
	struct record *head = rec;
	for (size_t i = 0; i < f->d->n; i++) {
		const struct field *field = &f->d->fields[i];
		if (f->col[i] < 0 || (head->has & FIELD_BIT(i)))
			continue;
		const struct ledger_cell *c = &row->cells[f->col[i]];
		void *at = (char *)rec + field->offset;
		bool set = false;
		if (field->kind == FIELD_TEXT || (field->kind == FIELD_CODE && c->state == LEDGER_OK)) {
			const char *text = c->text.n ? str_dup(a, c->text) : NULL;
			memcpy(at, &text, sizeof(text));
			set = text != NULL;
		} else if (c->state == LEDGER_OK) {
			set = set_number(field, at, c->v);
		}
		if (set)
			head->has |= FIELD_BIT(i);
	}
}

static const char *area_code(const struct project *p, int64_t i)
{
	return i >= 0 && (size_t)i < p->areas->n ? p->areas->areas[i].code : NULL;
}

const char *row_village(const struct project *p, const struct ledger_table *t,
                        const struct ledger_row *r)
{
	static const enum pack_role roles[] = {PACK_ROLE_VILLAGE, PACK_ROLE_ADDRESS};
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		const struct ledger_cell *c = ledger_role(t, r, roles[i]);
		if (c && t->layout->columns[t->layout->role[roles[i]]].kind == PACK_AREA &&
		    area_code(p, c->v))
			return area_code(p, c->v);
	}
	return area_code(p, r->section_area);
}

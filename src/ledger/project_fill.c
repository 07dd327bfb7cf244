/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Copying columns of a ledger's row into a record of the register. */
#include "ledger/project_in.h"
#include "ledger/row_match.h"

#include "base/banned.h"

/* Where a record's field has another name than the ledger's column. */
static const struct {
	const char *field, *column;
} names[] = {
	{"group_name", "group"},
	{"declared_members", "members"},
	{"stated_per_capita", "per_capita"},
	{"stated_net", "net"},
	{"account", "bank_account"},
	{"valid_from", "from"},
	{"valid_to", "to"},
	{"business", "business_net"},
	{"t_other", "other_income"},
};

/* Column for field i: its own name, else the other one. */
static int column_for(const struct record_desc *d, size_t i, const struct pack_layout *layout)
{
	const char *field = d->fields[i].name;
	if (d->owner == OWNER_NONE && strcmp(field, "phone") == 0)
		return pack_column(layout, "helper_phone"); /* of whoever answers for the household */
	int c = pack_column(layout, field);
	for (size_t k = 0; c < 0 && k < sizeof(names) / sizeof(*names); k++)
		if (strcmp(names[k].field, field) == 0)
			c = pack_column(layout, names[k].column);
	return c;
}

struct fill fill_make(const struct record_desc *d, const struct pack_layout *layout)
{
	struct fill f = {.d = d};
	for (size_t i = 0; i < d->n; i++)
		f.col[i] = column_for(d, i, layout);
	return f;
}

static bool set_number(const struct field *f, void *at, int64_t v)
{
	date_t day = (date_t)v;
	bool yes = v != 0;
	switch (f->kind) {
	case FIELD_DATE: memcpy(at, &day, sizeof(day)); return day != 0;
	case FIELD_BOOL: memcpy(at, &yes, sizeof(yes)); return true;
	case FIELD_INT: case FIELD_MONEY: case FIELD_DECIMAL: memcpy(at, &v, sizeof(v)); return true;
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
		const struct ledger_cell *c = ledger_cell_at(row, f->col[i]);
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

void project_row(const struct record_desc *d, const struct pack_layout *layout,
                 const struct ledger_row *row, struct arena *a, void *rec)
{
	struct fill f = fill_make(d, layout);
	fill_record(&f, row, a, rec);
}

static const char *area_code(const struct project *p, int64_t i)
{
	return i >= 0 && (size_t)i < p->areas->n ? p->areas->areas[i].code : NULL;
}

const char *row_village(const struct project *p, const struct ledger_table *t,
                        const struct ledger_row *r)
{
	return area_code(p, row_area(t, r));
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "area/area.h"

#include <stdlib.h>

#include "io/rows.h"

#include "base/banned.h"

enum { COUNTY_DIGITS = 6, VILLAGE_DIGITS = 12 };

static const struct field area_fields[] = {
#define F(...) FIELD_ROW(struct area, __VA_ARGS__)
#include "area/area.def"
#undef F
};

const struct record_desc area_desc = {
	.name = "area",
	.id = 20,
	.fields = area_fields,
	.n = AREA_FIELD_MAX,
	.size = sizeof(struct area),
	.label = TEXT("区划", "area"),
	.naming = 2,
};

enum { COL_CODE, COL_NAME, COL_PARENT, COL_ALIASES, COL_MAX };

static const struct text column_names[COL_MAX] = {
	TEXT("区划代码", "code"), TEXT("名称", "name"), TEXT("上级代码", "parent"), TEXT("别名", "aliases"),
};

static enum err read_header(const struct row *row, int col[COL_MAX], struct diag *diag)
{
	for (int c = 0; c < COL_MAX; c++) {
		col[c] = -1;
		for (size_t i = 0; i < row->n; i++) {
			struct str s = str_trim(row->cells[i].text);
			if (str_is(s, column_names[c].in[LANG_EN]) || str_is(s, column_names[c].in[LANG_ZH]))
				col[c] = (int)i;
		}
	}
	if (col[COL_CODE] < 0 || col[COL_NAME] < 0 || col[COL_PARENT] < 0)
		return diag_set(diag, ERR_AREA_FILE, "code,name,parent");
	return OK;
}

static struct str cell(const struct row *row, int col)
{
	if (col < 0 || (size_t)col >= row->n)
		return (struct str){NULL, 0};
	return str_trim(row->cells[col].text);
}

static bool is_code(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == 2 || s.n == 4 || s.n == 6 || s.n == 9 || s.n == 12;
}

/* One line of the file; keeps it when it belongs to the county. */
static enum err take_row(struct journal *j, const struct row *row, const int col[COL_MAX],
                         struct str county, struct arena *a)
{
	struct str code = cell(row, col[COL_CODE]), name = cell(row, col[COL_NAME]);
	if (!code.n && !name.n)
		return OK;
	if (!is_code(code) || !name.n) {
		diag_place(db_diag(journal_db(j)), "%u", row->number);
		return diag_set(db_diag(journal_db(j)), ERR_AREA_FILE, STR_FMT "," STR_FMT, STR_ARG(code),
		                STR_ARG(name));
	}
	if (!str_starts(code, county))
		return OK;
	struct area v = {0};
	struct str parent = cell(row, col[COL_PARENT]), aliases = cell(row, col[COL_ALIASES]);
	FIELD_SET(&v, AREA_, code, str_dup(a, code));
	FIELD_SET(&v, AREA_, name, str_dup(a, name));
	if (parent.n)
		FIELD_SET(&v, AREA_, parent, str_dup(a, parent));
	if (aliases.n)
		FIELD_SET(&v, AREA_, aliases, str_dup(a, aliases));
	return journal_insert(j, &area_desc, &v);
}

enum err area_import(struct journal *j, const char *path, const char *code)
{
	struct diag *diag = db_diag(journal_db(j));
	struct rows *rows = NULL;
	struct arena a;
	struct row row;
	bool more = false, found = false;
	int col[COL_MAX];
	struct str county = str_sub(str_c(code), 0, COUNTY_DIGITS);
	arena_init(&a, (size_t)64 << 20);
	enum err e = rows_open(path, NULL, diag, &rows);
	if (!e)
		e = rows_sheet(rows, 0, diag);
	if (!e)
		e = rows_next(rows, diag, &row, &more);
	if (!e)
		e = more ? read_header(&row, col, diag) : diag_set(diag, ERR_AREA_FILE, "%s", path);
	while (!e && more) {
		e = rows_next(rows, diag, &row, &more);
		if (e || !more)
			break;
		found |= str_is(cell(&row, col[COL_CODE]), code);
		e = take_row(j, &row, col, county, &a);
	}
	if (!e && !found)
		e = diag_set(diag, ERR_UNKNOWN_AREA, "%s", code);
	rows_close(rows);
	arena_release(&a);
	return e;
}

enum err area_load(struct db *db, struct arena *a, struct area_list *ret)
{
	struct area *areas = NULL;
	size_t n = 0;
	enum err e = stmt_records(db_stmt(db, STMT_area_all), &area_desc, a, &areas, &n);
	if (!e)
		*ret = (struct area_list){areas, n};
	return e;
}

static int by_code(const void *key, const void *element)
{
	return strcmp(key, ((const struct area *)element)->code);
}

const struct area *area_find(const struct area_list *l, const char *code)
{
	return l->n ? bsearch(code, l->areas, l->n, sizeof(*l->areas), by_code) : NULL;
}

bool area_within(const struct area_list *l, const char *code, const char *root)
{
	/* the tree is shallow; the bound only guards against a ring in the file */
	for (int depth = 0; code && depth < 16; depth++) {
		if (strcmp(code, root) == 0)
			return true;
		const struct area *at = area_find(l, code);
		code = at ? at->parent : NULL;
	}
	return false;
}

bool area_is_village(const struct area *a)
{
	return strlen(a->code) == VILLAGE_DIGITS;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "form/form.h"

#include "io/docx.h"
#include "ledger/heading.h"

#include "base/banned.h"

#define LEVEL_ROW FORM_ROW
#define LEVEL_HOUSE FORM_HOUSE
#define LEVEL_PERSON FORM_MEMBER

const struct form_field_info form_fields[FORM_FIELD_MAX] = {
#define F(id, level, zh, en, columns) {#id, LEVEL_##level, TEXT(zh, en), columns},
#include "form/form_field.def"
#undef F
};

enum { LABELS_LEAST = 3 };

static const char *const grain_names[FORM_GRAIN_MAX] = {"household", "person", "page"};
static const char *const kind_names[FORM_KIND_MAX] = {"table", "labels", "document"};

const char *form_grain_name(enum form_grain g)
{
	return grain_names[g];
}

const char *form_kind_name(enum form_kind k)
{
	return kind_names[k];
}

int form_field_find(struct str id)
{
	for (int i = 0; i < FORM_FIELD_MAX; i++)
		if (str_is(id, form_fields[i].id))
			return i;
	return -1;
}

/* --- what a name means -------------------------------------------------------------- */

/* Does the field's list name this column ("seq", "duty.unit")? */
static bool means(const struct form_field_info *f, const struct pack *pack,
                  const struct heading_meaning *m)
{
	const struct pack_layout *l = &pack->layouts[m->layout];
	struct str rest = str_c(f->columns), word, id = str_c(l->columns[m->column].id);
	while (str_split(&rest, ' ', &word)) {
		size_t dot = str_find(word, STR("."));
		if (dot == SIZE_MAX ? str_eq(word, id)
		                    : str_is(str_sub(word, 0, dot), l->id) &&
		                              str_eq(str_sub(word, dot + 1, word.n), id))
			return true;
	}
	return false;
}

/* The field that a name most likely means; the pack's own names first, then the labels of
 * the fields. */
static int best_field(const struct pack *pack, const struct heading_meaning *m, size_t n,
                      struct str name, int *ret_confidence)
{
	char a[500], b[500];
	int best = -1, confidence = 0, rivals = 0;
	struct str normal = {a, pack_normal(name, a, sizeof(a))};
	for (int i = 0; i < FORM_FIELD_MAX; i++) {
		for (int l = 0; l < LANG_MAX; l++) {
			struct str label = {b, pack_normal(str_c(form_fields[i].label.in[l]), b, sizeof(b))};
			if (normal.n && (str_eq(normal, label) || str_is(normal, form_fields[i].id))) {
				*ret_confidence = 100;
				return i;
			}
		}
	}
	for (size_t k = 0; k < n; k++) {
		for (int i = 0; i < FORM_FIELD_MAX; i++) {
			if (!means(&form_fields[i], pack, &m[k]))
				continue;
			if (best < 0) {
				best = i;
				confidence = m[k].confidence;
			} else if (i != best && m[k].confidence >= confidence) {
				rivals++;
			}
			break;
		}
	}
	if (rivals)
		confidence = confidence > 80 ? 80 : confidence; /* a person should look */
	*ret_confidence = best < 0 ? 0 : confidence;
	return best;
}

/* --- one row a household, or a person? ------------------------------------------------- */

static bool has_field(const struct form *f, enum form_field field)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->columns[i].field == (int)field)
			return true;
	return false;
}

static enum form_grain guess_grain(const struct form *f)
{
	static const enum form_field of_members[] = {
		FORM_relation, FORM_edu, FORM_student, FORM_school, FORM_labor, FORM_work_place,
		FORM_work_months, FORM_disability_type, FORM_disability_grade, FORM_insured_resident,
		FORM_health, FORM_public_post};
	if (has_field(f, FORM_head_name) && (has_field(f, FORM_name) || has_field(f, FORM_id_no)))
		return FORM_PERSON;
	for (size_t i = 0; i < sizeof(of_members) / sizeof(of_members[0]); i++)
		if (has_field(f, of_members[i]))
			return FORM_PERSON;
	return FORM_HOUSEHOLD;
}

/* --- workbooks ---------------------------------------------------------------------------- */

static const char *letters(struct arena *a, uint32_t col)
{
	char s[8], out[9];
	size_t n = 0, k = 0;
	for (uint32_t c = col; c && n < sizeof(s); c = (c - 1) / 26)
		s[n++] = (char)('A' + (c - 1) % 26);
	while (n)
		out[k++] = s[--n];
	out[k] = '\0';
	return arena_strdup(a, out);
}

static void read_heading(struct form *f, const struct heading *h, const struct pack *pack)
{
	f->kind = FORM_TABLE;
	f->head_first = h->first;
	f->head_last = h->last;
	f->first = h->data_first;
	f->last = h->data_last;
	f->columns = ARENA_ARRAY(f->arena, h->n + 1, struct form_column);
	for (size_t i = 0; i < h->n; i++) {
		const struct heading_column *c = &h->columns[i];
		struct form_column *o = &f->columns[f->n++];
		*o = (struct form_column){.place = letters(f->arena, c->col), .header = c->header,
		                          .sample = c->sample, .year = c->year, .col = c->col,
		                          .unit = c->unit ? c->unit : h->unit ? h->unit : MONEY_YUAN};
		o->field = best_field(pack, c->meanings, c->n, c->leaf, &o->confidence);
		o->formula = c->formula;
		if (o->formula)
			o->field = -1;
	}
	f->grain = guess_grain(f);
}

static void read_labels(struct form *f, const struct heading_label *l, size_t n,
                        const struct pack *pack)
{
	f->kind = FORM_LABELS;
	f->grain = FORM_PAGE;
	f->columns = ARENA_ARRAY(f->arena, n + 1, struct form_column);
	for (size_t i = 0; i < n; i++) {
		struct form_column *o = &f->columns[f->n];
		*o = (struct form_column){.header = l[i].text, .row = l[i].row, .col = l[i].col,
		                          .unit = MONEY_YUAN};
		o->field = best_field(pack, l[i].meanings, l[i].n, l[i].text, &o->confidence);
		o->place = arena_printf(f->arena, "%s%u", letters(f->arena, o->col), (unsigned)o->row);
		f->n += o->field >= 0;
	}
}

/* Takes {{名称}} out of a cell's text; more than one is left as it is. */
static bool split_mark(struct str text, struct form_column *c, struct str *ret_name)
{
	size_t at = str_find(text, STR("{{"));
	size_t end = at == SIZE_MAX ? at : str_find(str_sub(text, at, text.n), STR("}}"));
	if (end == SIZE_MAX || end < 2)
		return false;
	c->before = str_sub(text, 0, at);
	c->behind = str_sub(text, at + end + 2, text.n);
	*ret_name = str_trim(str_sub(text, at + 2, end - 2));
	return true;
}

/* Two marks or more in a row, and nothing but marks: the row of a table. */
static uint32_t marked_row(const struct heading_mark *m, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++)
		if (m[i].row == m[i + 1].row && str_starts(m[i].text, STR("{{")) &&
		    str_starts(m[i + 1].text, STR("{{")))
			return m[i].row;
	return 0;
}

static void read_marks(struct form *f, const struct heading_mark *m, size_t n,
                       const struct pack *pack)
{
	struct heading_meaning meanings[HEADING_MEANINGS];
	uint32_t row = marked_row(m, n);
	f->kind = row ? FORM_TABLE : FORM_LABELS;
	if (!f->columns || f->first != row) {
		f->first = f->last = row;
		f->head_first = f->head_last = row ? row - 1 : 0;
	}
	f->n = 0;
	f->columns = ARENA_ARRAY(f->arena, n + 1, struct form_column);
	for (size_t i = 0; i < n; i++) {
		struct form_column *o = &f->columns[f->n];
		struct str name;
		*o = (struct form_column){.row = m[i].row == row ? 0 : m[i].row, .col = m[i].col,
		                          .unit = MONEY_YUAN};
		if (!split_mark(m[i].text, o, &name))
			continue;
		f->n++;
		size_t k = heading_name(pack, name, f->arena, meanings);
		o->header = name;
		o->sample = m[i].text;
		o->field = best_field(pack, meanings, k, name, &o->confidence);
		o->place = arena_printf(f->arena, "%s%u", letters(f->arena, o->col), (unsigned)m[i].row);
	}
	f->grain = row ? guess_grain(f) : FORM_PAGE;
}

/* The sheet with the best header; else marks, else labels, of the first one that has any. */
static enum err read_sheet(struct form *f, struct rows *rows, const struct pack *pack,
                           struct diag *diag)
{
	struct heading h;
	struct heading_mark *marks;
	struct heading_label *labels;
	size_t n;
	bool found = false;
	enum err e = heading_read(rows, f->sheet, pack, f->arena, diag, &h, &found);
	if (e == OK && found)
		read_heading(f, &h, pack);
	if (e == OK)
		e = heading_marks(rows, f->sheet, f->arena, diag, &marks, &n);
	if (e == OK && n)
		read_marks(f, marks, n, pack);
	if (e != OK || f->n)
		return e;
	e = heading_labels(rows, f->sheet, pack, f->arena, diag, &labels, &n);
	if (e == OK)
		read_labels(f, labels, n, pack);
	if (f->kind == FORM_LABELS && f->n < LABELS_LEAST)
		f->n = 0; /* a word or two that could be labels make no form */
	return e;
}

static size_t known(const struct form *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++)
		n += f->columns[i].field >= 0;
	return n;
}

static enum err read_workbook(struct form *f, const struct pack *pack, struct diag *diag)
{
	struct rows *rows;
	struct form best = {0};
	enum err e = rows_open(f->path, &(struct rows_opts){0}, diag, &rows);
	if (e)
		return e;
	if (rows_kind(rows) != FILE_XLSX)
		e = diag_set(diag, ERR_FILE_UNKNOWN, "xlsx, docx");
	for (size_t i = 0; e == OK && i < rows_sheet_count(rows); i++) {
		struct form one = {.path = f->path, .arena = f->arena, .sheet = i};
		const struct sheet_info *info = rows_sheet_info(rows, i);
		if (info->state != SHEET_VISIBLE)
			continue;
		one.sheet_name = arena_strdup(f->arena, info->name);
		e = read_sheet(&one, rows, pack, diag);
		if (known(&one) > known(&best))
			best = one;
	}
	rows_close(rows);
	if (e == OK && !known(&best))
		e = diag_set(diag, ERR_TABLE_NOT_FOUND, "%s", f->path);
	if (e == OK)
		*f = best;
	return e;
}

/* --- documents ------------------------------------------------------------------------------ */

static enum err read_document(struct form *f, const struct pack *pack, struct diag *diag)
{
	struct docx *d;
	struct heading_meaning meanings[HEADING_MEANINGS];
	size_t n;
	enum err e = docx_open(f->path, diag, &d);
	if (e)
		return e;
	const struct docx_field *fields = docx_fields(d, &n);
	bool page = false;
	f->kind = FORM_DOCUMENT;
	f->columns = ARENA_ARRAY(f->arena, n + 1, struct form_column);
	for (size_t i = 0; i < n; i++) {
		struct form_column *o = &f->columns[f->n++];
		size_t k = heading_name(pack, fields[i].name, f->arena, meanings);
		*o = (struct form_column){.header = str_copy(f->arena, fields[i].name),
		                          .sample = str_copy(f->arena, fields[i].label), .mark = i,
		                          .block = fields[i].block, .unit = MONEY_YUAN};
		o->field = best_field(pack, meanings, k, fields[i].name, &o->confidence);
		o->place = arena_printf(f->arena, "{{" STR_FMT "}}#%zu", STR_ARG(fields[i].name), i + 1);
		page |= o->block == 0 && o->field >= 0 && form_fields[o->field].level != FORM_ROW;
	}
	docx_close(d);
	if (!f->n)
		return diag_set(diag, ERR_TABLE_NOT_FOUND, "{{…}}");
	f->grain = page ? FORM_PAGE : guess_grain(f);
	return OK;
}

enum err form_open(const char *path, const struct pack *pack, struct arena *a, struct diag *diag,
                   struct form **ret)
{
	struct form *f = ARENA_NEW(a, struct form);
	f->arena = a;
	f->path = arena_strdup(a, path);
	struct diag word = {0};
	enum err e = read_document(f, pack, &word);
	if (e == ERR_FILE_UNKNOWN || (e == ERR_FILE_DAMAGED && !f->n))
		e = read_workbook(f, pack, diag);
	else if (e)
		*diag = word;
	if (e == OK)
		*ret = f;
	return e;
}

/* --- corrections --------------------------------------------------------------------------------- */

enum err form_set(struct form *f, struct str place, struct str field, struct diag *diag)
{
	int no = field.n ? form_field_find(field) : -1;
	if (field.n && no < 0)
		return diag_set(diag, ERR_INVALID, STR_FMT, STR_ARG(field));
	for (size_t i = 0; i < f->n; i++) {
		struct form_column *c = &f->columns[i];
		if (!str_is(place, c->place))
			continue;
		c->field = no;
		c->confidence = 100;
		c->corrected = true;
		c->formula = c->formula && no < 0;
		return OK;
	}
	return diag_set(diag, ERR_INVALID, STR_FMT, STR_ARG(place));
}

enum err form_set_grain(struct form *f, struct str grain, struct diag *diag)
{
	for (int g = 0; g < FORM_GRAIN_MAX; g++) {
		if (!str_is(grain, grain_names[g]))
			continue;
		/* labels and a document's pages are one each; a workbook's table has no pages */
		if ((f->kind == FORM_LABELS) != (g == FORM_PAGE) && f->kind != FORM_DOCUMENT)
			break;
		f->grain = (enum form_grain)g;
		return OK;
	}
	return diag_set(diag, ERR_INVALID, STR_FMT, STR_ARG(grain));
}

void form_mapping(const struct form *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct form_column *c = &f->columns[i];
		if (c->corrected)
			buf_addf(out, "%s\t%s\n", c->place, c->field < 0 ? "" : form_fields[c->field].id);
	}
}

enum err form_apply(struct form *f, struct str mapping, struct diag *diag)
{
	struct str line;
	enum err e = OK;
	while (e == OK && str_split(&mapping, '\n', &line)) {
		size_t tab = str_find(line, STR("\t"));
		if (tab != SIZE_MAX)
			e = form_set(f, str_sub(line, 0, tab), str_sub(line, tab + 1, line.n), diag);
	}
	return e;
}

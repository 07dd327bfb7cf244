/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * form: the table that somebody above sent, filled with what is known.
 *
 *     form_open()    understands it: which column is what, with how much confidence, which
 *                    rows wait, a row a household or a row a person, or one page each
 *     form_set()     a person corrects a column
 *     form_fill()    writes it for the households wanted, by the town on a day
 *
 * A form is a workbook with a header (columns by the names that the pack knows), a workbook
 * or document with {{名称}} in it, or a workbook of labels with empty cells beside them (a
 * form a household: for one household only).  The file comes back as it was, with values
 * (sheet_fill.h, docx.h).  A column that is not known stays empty and is named.
 *
 * Numbers are masked, phones cut, health and accounts left out, unless the report says why
 * not (report.reason).
 */
#ifndef DAOHU_FORM_FORM_H
#define DAOHU_FORM_FORM_H

#include "report/report.h"

enum form_kind { FORM_TABLE, FORM_LABELS, FORM_DOCUMENT, FORM_KIND_MAX };
enum form_grain { FORM_HOUSEHOLD, FORM_PERSON, FORM_PAGE, FORM_GRAIN_MAX };
enum form_level { FORM_ROW, FORM_HOUSE, FORM_MEMBER };

/* What a form can be filled with. */
enum form_field {
#define F(id, ...) FORM_##id,
#include "form/form_field.def"
#undef F
	FORM_FIELD_MAX
};
struct form_field_info {
	const char *id;
	enum form_level level;
	struct text label;
	const char *columns; /* of the pack */
};
extern const struct form_field_info form_fields[FORM_FIELD_MAX];
/* -1 when there is none with this id. */
int form_field_find(struct str id);

enum { FORM_CERTAIN = 90, FORM_LIKELY = 50 }; /* confidence from which it counts as such */

struct form_column {
	const char *place;   /* unique in the form: E, E5, {{名称}}, {{名称}}2 */
	struct str header, sample;
	int field;           /* enum form_field, -1 = not known or left out */
	int confidence;      /* 0..100; 100 also when a person said so */
	bool corrected;
	bool formula;        /* its cells calculate: they stay, unless a person says otherwise */
	int year;            /* said in the header, or 0 */
	int64_t unit;        /* of money: MONEY_YUAN or MONEY_WAN */
	uint32_t row, col;   /* workbook: the cell, or 0 and the column */
	struct str before, behind; /* text of the cell around a {{名称}} */
	size_t mark;         /* document: its field */
	size_t block;        /* document: block that it stands in, 0 = the page */
};

struct form {
	enum form_kind kind;
	enum form_grain grain;
	const char *path;
	size_t sheet;            /* workbook, from 0 */
	const char *sheet_name;
	uint32_t head_first, head_last, first, last; /* rows from 1; 0 = none */
	size_t n;
	struct form_column *columns;
	struct arena *arena;
};

/* ERR_TABLE_NOT_FOUND when there is nothing to fill in, and what the readers say. */
MUST_USE enum err form_open(const char *path, const struct pack *pack, struct arena *a,
                            struct diag *diag, struct form **ret);
/* field "": left empty.  INVALID when there is no such place or field. */
MUST_USE enum err form_set(struct form *f, struct str place, struct str field, struct diag *diag);
MUST_USE enum err form_set_grain(struct form *f, struct str grain, struct diag *diag);
const char *form_grain_name(enum form_grain g); /* "household" */
const char *form_kind_name(enum form_kind k);   /* "table" */

/* What a person corrected, as lines "place<TAB>field", and back. */
void form_mapping(const struct form *f, struct buf *out);
MUST_USE enum err form_apply(struct form *f, struct str mapping, struct diag *diag);

struct form_filled {
	size_t households, rows;
	const struct str *unknown; /* headers that stayed empty */
	size_t n_unknown;
};
/* The households by their place in the town, in the order wanted. */
MUST_USE enum err form_fill(const struct form *f, const struct report *r,
                            const int32_t *households, size_t n, const char *to, struct arena *a,
                            struct diag *diag, struct form_filled *ret);

#endif

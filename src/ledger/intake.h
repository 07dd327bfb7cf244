/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * intake: from a messy workbook to typed rows of a known ledger.
 *
 * Finds the tables of a file (a sheet may hold several of any kind, stacked or
 * side by side), tells which ledger of the pack each one is, which column is which,
 * classifies every row and reads every cell as its column's kind.  Knows
 * nothing of the register or the database.
 *
 *     intake_open()   looks at the first rows of every sheet
 *     intake_next()   streams the data rows of all tables in file order
 *     intake_close()
 *
 * A table whose records are no rows (a column each, or cards of label and value)
 * is read whole, up to 20,000 of them, and handed out as rows of a table.
 *
 * Tables below an ordinary one are found while streaming, so the list of tables
 * is complete only at the end; a row names its table.
 *
 * What is not loaded is counted (struct intake_counts) and what could not be
 * read is named (struct reject); neither stops the work.
 *
 * A layout with a pivot (one row an item) is handed out as rows of the layout that
 * the items are columns of, when the file is at its end.
 *
 * Filling: a cell inside a real merge takes the merge's value, but only in
 * columns of household level (or area); 同上, 〃 and the like repeat the cell
 * above within a block; an empty household-level cell of a roster takes the
 * value of the household's first row.  Filled values are marked.
 *
 * Memory: bounded; a row lives until the next intake_next.  Not thread-safe.
 */
#ifndef DAOHU_LEDGER_INTAKE_H
#define DAOHU_LEDGER_INTAKE_H

#include "io/rows.h"
#include "pack/pack.h"

struct intake; /* one file being read */
struct intake_map;

/* A village and the names it goes by; `area` is the caller's own number >= 0.
 * Suffixes (村 村委会 社区居委会 ...) and the town in front need no alias. */
struct intake_area {
	struct str name;
	int32_t area;
	bool home; /* of the town whose file it seems to be: a name that others share means this */
};

struct intake_opts {
	const struct pack *pack;
	const char *layout;           /* id of the layout (--as); NULL: recognise */
	const struct intake_map *map; /* columns as a person set them; NULL: recognise */
	const struct intake_area *areas; /* names and aliases; one entry a name */
	size_t n_areas;
	const char *file;   /* name for places, words and dates */
	bool hidden_sheets; /* also read hidden sheets */
	int sheet;          /* only this sheet, from 1; 0 = all */
	size_t max_rejects; /* rejects kept (all are counted); 0 = 10000 */
};

enum intake_class {
	INTAKE_TITLE,     /* above the header: titles, units, dates */
	INTAKE_HEADER,
	INTAKE_REPEAT,    /* what stood above the data once more (page break), a page's number, a
	                   * numbering row */
	INTAKE_DATA,
	INTAKE_SECTION,   /* heading inside the table: a village's name */
	INTAKE_SUBTOTAL,
	INTAKE_TOTAL,
	INTAKE_BLANK,
	INTAKE_SIGNATURE, /* 填表人 ... 审核人 ... */
	INTAKE_NOTE,      /* 说明, 注, remarks below */
	INTAKE_IGNORED,   /* belongs to no recognised table */
	INTAKE_CLASS_MAX
};

enum intake_state {
	INTAKE_ABSENT, /* the table has no such column */
	INTAKE_EMPTY,
	INTAKE_OK,
	INTAKE_DOUBT,  /* read, but somebody should look: also on the list of rejects */
	INTAKE_BAD,    /* could not be read as its kind; text is what is there */
	INTAKE_STATE_MAX
};

enum intake_flag {
	INTAKE_FILLED = 1,  /* from a merge, 同上, or the household's first row */
	INTAKE_LOSSY = 2,   /* the cell was a float; only the first 15 digits are true */
	INTAKE_STRUCK = 4,  /* struck through */
	INTAKE_NOTED = 8,   /* the cell has a comment */
	INTAKE_SPLIT = 16,  /* taken out of a cell that held two things */
};

struct intake_value {
	uint8_t state; /* enum intake_state */
	uint8_t flags; /* enum intake_flag */
	uint16_t col;  /* sheet column from 1; 0 = from elsewhere */
	int32_t year;  /* a year that stood with a code (2017年脱贫), or 0 */
	int64_t v;     /* by kind (pack.h); items of a list column: their number */
	struct str text; /* normalised; items of a list are joined by "、" */
	struct str raw;  /* as shown in the cell */
};

/* A column the layout does not know: kept by its header. */
struct intake_extra {
	struct str header;
	struct str text;
	uint16_t col;
};

struct intake_row {
	size_t table;    /* index for intake_table */
	uint32_t number; /* sheet row (csv: line), from 1 */
	bool hidden, struck;
	bool form;       /* from a form (一户一表), a card or a column, not a table row; of a
	                  * column, `number` is the column's */
	uint32_t block;  /* rows of one household of a roster share it, from 1; 0 = unknown */
	struct str section;   /* village's heading above, sheet's name or title's; may be empty */
	int32_t section_area; /* the caller's area for it, or -1 */
	const struct intake_value *values; /* one for each column of the table's `into` */
	size_t n_extra;
	const struct intake_extra *extra;
};

enum intake_how {
	INTAKE_BY_SYNONYM, /* header is a known name */
	INTAKE_BY_PATTERN, /* header holds the words */
	INTAKE_BY_VALUES,  /* the values look like it */
	INTAKE_BY_MAP,     /* a person said so */
	INTAKE_BY_LABEL,   /* label in a form */
	INTAKE_HOW_MAX
};

struct intake_column {
	int column;        /* of the layout, or -1: unknown, kept as extra */
	uint16_t col;      /* sheet column from 1 */
	enum intake_how how;
	struct str header; /* as shown, header rows joined by "/" */
	int64_t unit;      /* MONEY: MONEY_YUAN, MONEY_WAN by header, title line or layout */
	int scale;         /* decimal unit of other numbers, 10^scale (亩, 公里); 0 */
};

struct intake_counts {
	uint64_t rows[INTAKE_CLASS_MAX];
	uint64_t cells, filled, doubts, bad;
};

struct intake_table {
	size_t sheet; /* index for rows_sheet_info */
	const char *sheet_name;
	const struct pack_layout *layout;
	const struct pack_layout *into; /* of its rows: `layout`, or what the pack makes of it */
	int score, second_score; /* 0..1000 */
	const struct pack_layout *second; /* next best layout, or NULL */
	uint32_t header_first, header_last; /* rows; 0 = no header (a form) */
	uint32_t data_first;
	size_t n_columns;
	const struct intake_column *columns;
	size_t n_titles;
	const struct str *titles; /* texts above the header, in order */
	int32_t year;             /* period: of title, sheet or file name; 0 = none found */
	struct str section;       /* village of sheet name or title; may be empty */
	int32_t section_area;     /* or -1 */
	struct intake_counts counts;
};

/* A cell that was refused or doubted. */
struct reject {
	size_t sheet;
	uint32_t row;
	uint16_t col;         /* from 1; 0 = the whole row */
	bool doubt;           /* the value was loaded all the same */
	enum err code;        /* ERR_CELL_..., ERR_TOTAL_WRONG, ERR_ROW_NO_SUBJECT */
	struct str column;    /* header, or layout's label */
	struct str value;     /* as shown (cut at 200 bytes) */
	struct str proposal;  /* what it probably is; may be empty */
};

/* A sheet that holds nothing that was read, or a table in it, and why. */
struct intake_skipped {
	size_t sheet;
	uint32_t row; /* of the table's header; 0 = the whole sheet */
	enum err code; /* ERR_TABLE_NOT_FOUND, ERR_LEDGER_NOT_RECOGNISED, OK = hidden */
	struct str detail; /* candidates, the state, ... */
};

/*
 * Looks at the file.  ERR_LEDGER_NOT_RECOGNISED (detail names the candidates),
 * ERR_TABLE_NOT_FOUND, ERR_LEDGER_COLUMN_MISSING (detail names the columns),
 * ERR_UNKNOWN_LEDGER, and whatever the reader says.  The opts' pack, areas and
 * texts, and rows, are borrowed until intake_close.
 */
enum err intake_open(struct rows *rows, const struct intake_opts *opts, struct diag *diag,
                     struct intake **ret) MUST_USE;
void intake_close(struct intake *in); /* NULL is allowed; does not close rows */

size_t intake_table_count(const struct intake *in);
const struct intake_table *intake_table(const struct intake *in, size_t i);

/* Date up to which the file speaks (title, note, export line, sheet or file
 * name) and where it stood; 0 when there is none.  May lack the day. */
date_t intake_as_of(const struct intake *in, struct str *ret_where);

/* Next data row; *ret_more false at the end.  ERR_FILE_TOO_LARGE: more households of
 * items than are kept. */
enum err intake_next(struct intake *in, struct diag *diag, struct intake_row *ret,
                     bool *ret_more) MUST_USE;
/* Starts again at the first row; counts and rejects begin anew. */
enum err intake_rewind(struct intake *in, struct diag *diag) MUST_USE;

void intake_counts(const struct intake *in, struct intake_counts *ret); /* of all tables */
const struct reject *intake_rejects(const struct intake *in, size_t *ret_n, uint64_t *ret_total);
const struct intake_skipped *intake_skipped(const struct intake *in, size_t *ret_n);
const char *intake_class_name(enum intake_class c); /* "subtotal" */
const struct text *intake_class_text(enum intake_class c);

/* "file!sheet!G17", "file!G17" for text files, "file!sheet!17" with col 0. */
void intake_place(const struct intake *in, size_t sheet, uint32_t row, uint16_t col,
                  struct buf *out);
/* A, B ... Z, AA ...; returns the length. */
size_t intake_letters(uint32_t col, char out[8]);

/* ---- mapping files: columns as a person set them ---- */

/*
 * YAML:
 *     layout: roster
 *     columns:
 *       户编码: household_no       # header as shown : column id, or "-" to leave it out
 * ERR_MAP_FILE with file:line:column.
 */
enum err intake_map_read(const char *path, const struct pack *pack, struct diag *diag,
                         struct intake_map **ret) MUST_USE;
/* The same from a text; `name` stands for the file in places. */
enum err intake_map_parse(const char *name, struct str text, const struct pack *pack,
                          struct diag *diag, struct intake_map **ret) MUST_USE;
/* The layout it names: an id of the pack. */
const char *intake_map_layout(const struct intake_map *map);
void intake_map_free(struct intake_map *map); /* NULL is allowed */
/* What was recognised for table i, in the same form, to be corrected by hand. */
void intake_map_write(const struct intake *in, size_t i, struct buf *out);

#endif

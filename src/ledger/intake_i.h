/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * intake_i: what the files of intake share; for src/ledger/intake_*.c only.
 *
 *     intake_grid.c    the first rows of a sheet, kept
 *     intake_header.c  where the header is and what its columns are called
 *     intake_shape.c   what the values of a column look like
 *     intake_fit.c     which layout, which column
 *     intake_class.c   what kind of row a row is
 *     intake_line.c    the header again, another header, a title
 *     intake_cell.c    a cell as its column's kind
 *     intake_village.c names of villages
 *     intake_form.c    one household a sheet, by labels
 *     intake_map.c     mapping files
 *     intake_strip.c   tables side by side
 *     intake_turn.c    records that are no rows, as a table
 *     intake_block.c   ... but columns
 *     intake_card.c    ... but cards
 *     intake_sheet.c   the sections of a sheet
 *     intake_pivot.c   one row an item made one row a household
 *     intake.c         the stream
 */
#ifndef DAOHU_LEDGER_INTAKE_I_H
#define DAOHU_LEDGER_INTAKE_I_H

#include "base/map.h"
#include "base/vec.h"
#include "ledger/intake.h"

/* ---- grid ---- */

enum { GRID_ROWS = 160, GRID_COLS = 512, GRID_CELL = 400, HEADER_SCAN = 40, HEADER_DEPTH = 4 };

struct grid_cell {
	struct str text; /* trimmed, cut at GRID_CELL bytes */
	uint8_t kind;    /* enum cell_kind */
	uint8_t flags;
	bool spread;     /* filled from a merge */
};

struct grid_row {
	uint32_t number;
	size_t n;
	struct grid_cell *cells;
};

struct grid {
	struct grid_row rows[GRID_ROWS];
	size_t n;
	size_t width;
};

/* Reads the first rows of the sheet started last; merges are spread. */
enum err grid_read(struct rows *rows, struct arena *a, struct diag *diag,
                   struct grid *ret) MUST_USE;
/* The same from a row on. */
enum err grid_read_from(struct rows *rows, uint32_t from, struct arena *a, struct diag *diag,
                        struct grid *ret) MUST_USE;
/* The same of rows at hand. */
void grid_copy(struct grid *ret, const struct row *rows, size_t n, const struct merge *merges,
               size_t n_merges, struct arena *a);
static inline struct str grid_text(const struct grid *g, size_t row, size_t col)
{
	return row < g->n && col < g->rows[row].n ? g->rows[row].cells[col].text
	                                          : (struct str){NULL, 0};
}

/* ---- header ---- */

enum { HEAD_FORMS = 8 };

/* One spelling of a header, comparable; bonus prefers the more exact ones. */
struct head_form {
	struct str norm;
	int bonus;
};

struct head_col {
	size_t col;          /* from 0 */
	struct str header;   /* as shown, levels joined by "/" */
	struct str leaf;     /* lowest level as shown */
	struct str groups;   /* levels above, normal forms joined */
	size_t n_forms;
	struct head_form forms[HEAD_FORMS];
	int64_t unit;        /* MONEY_WAN, MONEY_YUAN; 0 = not said */
	bool both;           /* name and number in one column */
	int spread;          /* layouts that know some spelling of it; 0 = unknown */
};

struct head {
	size_t row_first, row_last; /* rows of the grid */
	size_t n;
	struct head_col *cols;
	size_t known; /* columns some layout knows */
};

/* What makes a text the name of a column: the pack's words, and those a person mapped. */
struct head_words {
	const struct pack *pack;
	const struct intake_map *map; /* or NULL */
};

/* The best header at or below row `from`; false when there is none. */
bool head_find(const struct head_words *w, const struct grid *g, size_t from, struct arena *a,
               struct head *ret);
/* Columns of a header that stands in rows first..last; lo..hi-1 are its sheet columns. */
void head_read(const struct head_words *w, const struct grid *g, size_t first, size_t last,
               struct arena *a, struct head *ret);
/* Does some ledger call a column so, with or without what stands in brackets? */
bool head_is_known(const struct pack *pack, struct str text);
/* 万元 or 元 said in a text (header, "单位：万元"); 0 = not said. */
int64_t head_unit(struct str text);

/* The name of a column, and short enough for a label. */
bool form_is_label(const struct pack *pack, struct str s);
/* Label, value, label, value: no header. */
bool form_is_line(const struct pack *pack, const struct grid *g, size_t row);

/* ---- shapes of values ---- */

struct shape {
	uint32_t n;     /* values looked at */
	uint32_t id, card, phone, date, year, number, integer, name, area, boolean, plate, text,
		han, long_number, seq, money;
	uint32_t serial;  /* digits of one length that begin with one area: household numbers */
	uint32_t serial_length;
	char serial_area[6];
	int8_t *codes;    /* by list of the pack: shape_codes(), -1 = not asked yet */
};

struct villages;
void shape_of(const struct grid *g, size_t from, size_t col, const struct villages *villages,
              struct shape *ret);
enum { CODES_MOST = 80 };

/* Share (0..100) of the values that are items of the list; 0 when fewer than 3, or
 * when it is less than CODES_MOST. */
int shape_codes(const struct grid *g, size_t from, size_t col, const struct pack_list *list);
/* -1: these values cannot be such a column; 1: they look like one; 0: may be. */
int shape_fits(const struct shape *s, const struct pack_column *c);

/* ---- which layout ---- */

struct fit {
	const struct pack_layout *layout;
	int score;     /* 0..1000 */
	int *column;   /* by index into head.cols: column of the layout, -1 = none */
	uint8_t *how;  /* enum intake_how */
	int missing;   /* required columns that were not found */
	bool identified;
};

struct fit_input {
	const struct pack *pack;
	const struct grid *grid;
	const struct head *head;
	const struct villages *villages;
	const struct str *words; /* titles, sheet's and file's name, in normal form */
	size_t n_words;
	const struct intake_map *map;
	struct arena *arena;
};

void fit_layout(const struct fit_input *in, const struct pack_layout *layout, struct fit *ret);
/* Best and next best of all layouts. */
void fit_best(const struct fit_input *in, struct fit *ret, struct fit *ret_second);
/* Names of the required columns that are missing. */
void fit_missing(const struct fit *f, size_t n_cols, struct buf *out);

/* What a header may mean in any layout, the most likely first; at most max. */
struct fit_meaning {
	uint16_t layout, column;
	int strength; /* about 100 is a known name */
};
size_t fit_meanings(const struct pack *pack, const struct head_col *h, struct arena *a,
                    struct fit_meaning *ret, size_t max);

/* ---- villages ---- */

struct villages {
	struct arena *arena;
	struct map index; /* full and short names -> area */
	struct str *names; /* short names, for searching in titles */
	int32_t *areas;
	size_t n, n_home; /* those of the home come first */
};

void villages_init(struct villages *v, struct arena *a, const struct intake_area *areas, size_t n);
void villages_release(struct villages *v);
/* The area a cell names, or -1. */
int32_t villages_find(const struct villages *v, struct str text);
/* The area whose name stands somewhere in a title, or -1. */
int32_t villages_search(const struct villages *v, struct str text, struct str *ret_name);

/* ---- classes of rows ---- */

/* What a row of few or telling texts is; INTAKE_DATA when nothing speaks against it. */
enum intake_class class_of(const struct row *row, size_t lo, size_t hi,
                           const struct villages *villages, struct str *ret_section);
bool class_is_total(struct str text, bool *ret_sub);
bool class_is_signature(struct str text);
bool class_is_note(struct str text);

/* ---- cells ---- */

enum { MEMO_SLOTS = 64, MEMO_TEXT = 60 };

struct memo_slot {
	uint8_t n;
	char text[MEMO_TEXT];
	struct intake_value value;
	enum err code;
};

struct memo {
	struct memo_slot slots[MEMO_SLOTS];
};

struct cell_ctx {
	const struct pack *pack;
	const struct pack_list *yes_no;
	const struct villages *villages;
	struct arena *arena; /* the row's */
};

/* Reads a cell that is not blank; ret->raw is set by the caller.  The error is
 * OK or why the value is in doubt or bad; *ret_proposal may be set. */
enum err cell_read(const struct cell_ctx *ctx, const struct pack_column *c, int64_t unit,
                   const struct cell *cell, struct memo *memo, struct intake_value *ret,
                   struct str *ret_proposal);
bool cell_is_ditto(struct str text);
/* Nothing, or a sign for nothing (-, /, N/A). */
bool cell_is_blank(struct str trimmed);
/* Name and number written into one cell: takes them apart. */
bool cell_split_name_id(struct str text, struct str *ret_name, struct str *ret_id);
/* Divides a list: 张三、李四; at most max pieces. */
size_t cell_list(struct str text, struct str *ret, size_t max);

/* ---- mapping files ---- */

/* The column id a person gave for a header, NULL = nothing said, "-" = none. */
const char *intake_map_column(const struct intake_map *map, struct str header, struct str leaf);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* intake_stream: the state of a file being read; for intake*.c only. */
#ifndef DAOHU_LEDGER_INTAKE_STREAM_H
#define DAOHU_LEDGER_INTAKE_STREAM_H

#include "ledger/intake_i.h"

enum { KEEP_TEXT = 120, AHEAD_ROWS = 48, LIST_MAX = 60, LINES_MAX = 8, STRIPS_MAX = 6,
       TOP_LINES = 24 };

/* A text kept beyond its row. */
struct kept {
	uint16_t n;
	char text[KEEP_TEXT];
};

/* Of a line's texts and where they stand; of its first text alone. */
struct line_mark {
	uint64_t whole, first;
};

/* A mapped column while rows go by. */
struct col_state {
	int column;     /* of the layout */
	size_t col;     /* sheet column from 0, of the first band */
	int64_t unit;
	struct memo *memo; /* NULL: values do not repeat */
	bool repeats;   /* 同上 may stand here */
	bool fills;     /* a merge over rows speaks for all of them */
	struct kept last;  /* value above, within the block */
	struct kept block; /* value of the household's first row */
	struct kept merge; /* value of the merge that reaches this row */
	uint32_t merge_to; /* its last row; 0 = none */
	int64_t sum_part, sum_all; /* since the last subtotal, since the header */
	struct str leaf, group;    /* of its header, to know it again */
};

/* The column that tells a row of the table from other lines, and how many digits it holds. */
struct telling {
	const struct col_state *col; /* or NULL */
	size_t least, most;
};

struct form_pair;
struct pivot;

/* A label's value above the table; it holds for every row. */
struct table_const {
	int column;
	uint16_t col;
	uint32_t row;
	struct str text;
};

struct table {
	struct intake_table pub;
	size_t width;     /* sheet columns looked at: 0..width-1 */
	size_t n_bands, band_step;
	size_t n_cols;
	struct col_state *cols;
	size_t n_extra;
	size_t *extra_col;
	struct str *extra_header;
	int *col_of;      /* column of the layout -> index into cols, -1 */
	uint64_t rows_part, rows_all, blocks_part, blocks_all;
	/* of the household a roster is in */
	uint32_t block;
	struct kept block_no, block_head;
	uint32_t merge_from, merge_to; /* rows of the household by its merged cells; 0 = none seen */
	bool heads_only;  /* the household's columns are filled in its first row only */
	bool in_block;    /* rows have come since the last heading */
	bool blank_above; /* none, but an empty line */
	struct kept section;
	int32_t section_area;
	uint64_t header_hash;
	struct telling telling;
	struct line_mark top[TOP_LINES]; /* the lines down to the header's last */
	size_t n_top;
	size_t n_consts;
	struct table_const *consts;
	struct pivot *pivot;   /* NULL: rows are handed out as they come */
	bool complete;         /* no required column is missing */
	bool form;             /* one household a sheet */
	/* the whole of it, when it has no table of members; or all records of a turned sheet */
	struct row *form_rows;
	size_t n_form_rows, n_form_cells;
	struct form_pair *form_places; /* where the values stand, n_form_cells a row */
	const struct form_pair *form_cells; /* of the row at hand */
};

enum { FORM_PAIRS = 120 };

struct form_pair {
	struct str label, value;
	uint32_t row;
	uint16_t col; /* of the value, from 1 */
};

struct form {
	size_t n, rows;
	size_t adjacent; /* labels beside labels */
	struct form_pair pairs[FORM_PAIRS];
};

/* intake_form.c */
/* The pairs of label and value in rows above `before` (0 = all). */
void form_read(const struct pack *pack, const struct grid *g, uint32_t before, struct arena *a,
               struct form *ret);
/* Is the sheet such a form and nothing else? */
bool form_is_whole(const struct form *f);
/* Do they speak of more than one (two numbers of one kind, two names of forms)?  The row
 * where the other begins, or 0. */
uint32_t form_mixed(const struct pack *pack, const struct pack_layout *l, const struct form *f,
                    const struct grid *g);
/* The pairs as a table of one row. */
void form_flatten(const struct form *f, struct arena *a, struct grid *ret);

/* Columns lo..hi-1 of a sheet, from 0. */
struct strip {
	size_t lo, hi;
};

/* A sheet, one of the tables that stand side by side in it, or what follows below another
 * section: read down from a row. */
struct sheet_place {
	size_t sheet;
	uint32_t from; /* 0 = the top */
	struct strip strip;
};

struct part {
	struct sheet_place place;
	size_t table; /* the first one */
};

struct ahead {
	struct arena arena;
	struct row rows[AHEAD_ROWS];
	size_t n, at;
};


struct intake {
	struct arena arena;     /* lives as long as the file */
	struct arena scratch;   /* a sheet's grid */
	struct arena row_arena; /* one row */
	struct arena texts;     /* rejects */
	struct rows *rows;
	struct intake_opts opts;
	const struct pack *pack;
	const struct pack_list *yes_no;
	struct villages villages;
	VEC(struct table *) tables;
	VEC(struct table *) made; /* tables with a pivot, even those not kept */
	VEC(struct reject) rejects;
	uint64_t n_rejects;
	VEC(struct intake_skipped) skipped;
	VEC(struct part) parts; /* what is read, in this order */
	size_t part_at;         /* where parts that are found are put in */
	VEC(struct cell) masked; /* the row at hand without the columns beside the strip */
	size_t n_sheets;
	size_t opened_tables, opened_skipped; /* found by intake_open */
	struct part *opened_parts;
	size_t n_opened_parts;
	/* as-of date found so far */
	date_t as_of, as_of_open;
	struct str as_of_where, as_of_where_open;
	int as_of_rank, as_of_rank_open;
	/* where the stream is */
	size_t part, sheet;
	bool sheet_open, row_open;
	size_t form_at; /* the form's row that is next */
	bool aside; /* in a table that is no ledger we know */
	struct table *table;
	size_t table_index;
	const struct merge *merges;
	size_t n_merges, merge_at;
	struct row row;
	size_t band;
	struct ahead ahead;
	unsigned failed_tries; /* rows that looked like a header and were none */
	unsigned failed_turns; /* or like a label of a column, and were none */
	bool gap;              /* no data since an empty line, a title, a total, ... */
	bool stray;            /* lines of labels and values are left out */
	unsigned sections;     /* of the sheet, below its first */
	bool part_over;        /* the row at hand is another part's */
	uint32_t last_number;  /* of the row above */
	/* lines since the last data row: titles of a table that may follow */
	struct arena lines_arena;
	struct str lines[LINES_MAX];
	size_t n_lines;
	uint32_t lines_from; /* row of the first one */
	/* the row being handed out */
	struct intake_value *values;
	size_t n_values;
	size_t explode_at, explode_n;
	size_t explode_len[2];
	int explode_col[2];
	struct str explode[2][LIST_MAX];
	struct intake_row out;
};

/* intake_open.c */
/* Makes a table of a header in the grid; NULL when it is no ledger we know. */
struct table *table_make(struct intake *in, const struct grid *g, size_t sheet, size_t from,
                         enum err *ret_why, struct str *ret_detail);
/* Columns that come again side by side (two people a line): how many in a band; 0. */
size_t table_band_step(const struct head *h);
/* 日期, 截止 …: the text speaks of a date. */
bool has_date_word(struct str s);
void note_date(struct intake *in, struct str text, struct str where, int source);
struct str file_text(const struct intake *in);

/* intake_pivot.c */
/* Readies a table whose layout has a pivot. */
void pivot_start(struct intake *in, struct table *t);
void pivot_release(struct table *t);
void pivot_rewind(struct table *t);
/* Takes in->values in: an item of a household. */
enum err pivot_add(struct intake *in, struct table *t, struct diag *diag) MUST_USE;
/* The next household of any table; false when all have been handed out. */
bool pivot_next(struct intake *in, struct intake_row *ret);

/* intake_strip.c */
/* Makes the tables that stand side by side; 0 when the sheet is not divided.  `score`:
 * of the whole sheet as one table, negative when it is none.  No table is made for strips
 * whose records are no rows. */
size_t strips_make(struct intake *in, const struct grid *g, size_t sheet, int score,
                   struct strip ret[STRIPS_MAX], bool ret_turned[STRIPS_MAX]);
/* Takes the cells outside of the strip out of the row. */
void strip_mask(struct intake *in, const struct strip *s, struct row *row);

/* intake_turn.c */
struct turn {
	bool found, made;
	uint32_t first; /* row of its first label, which is: */
	struct str label;
	uint32_t next;  /* where the rest of the sheet begins; 0 = there is none */
};
/* Makes a table of a section whose records are columns or cards, when it is the first of the
 * grid, which holds the sheet from that place on. */
MUST_USE enum err turn_make(struct intake *in, const struct grid *g, const struct sheet_place *p,
                            struct diag *diag, struct turn *ret);
/* Does one begin in the first row of the grid, and not go on what stands above? */
bool turn_begins(struct intake *in, const struct grid *g, const struct table *above);

/* Label, value, label, value in the grid's first row: by their places, most of them known. */
bool turn_is_line(const struct intake *in, const struct grid *g);
/* Does a header, or such a section, follow below the first row? */
bool turn_is_title(struct intake *in, const struct grid *g);
/* Is one the first section of the grid? */
bool turn_is(struct intake *in, const struct grid *g);
/* Takes what follows below an ordinary table out of its grid, where another section begins;
 * returns the row, or 0. */
uint32_t turn_cut(struct intake *in, struct grid *g);

/* intake_sheet.c */
/* Looks at a sheet from that place on, and makes parts of what it finds. */
MUST_USE enum err sheet_look(struct intake *in, struct sheet_place p, struct diag *diag);
/* A sheet, or a table in it from a row on, is not read. */
void sheet_skip(struct intake *in, size_t sheet, uint32_t row, enum err code, struct str detail);

/* intake_form.c */
/* What stands above a table for all of its rows. */
void form_constants(struct intake *in, struct table *t, const struct form *f);

/* intake_line.c */
/* 1 2 3 4 …, or 甲 乙 丙 1 2 …, below the header. */
bool line_is_numbering(const struct table *t, const struct row *row);
/* The header once more, at the top of another page. */
bool line_is_repeat(const struct table *t, const struct row *row);
/* May another table begin here?  Names of columns, no numbers; below a blank line, a title
 * or a total (`fresh`) fewer will do. */
bool line_may_be_header(const struct pack *pack, const struct row *row, bool fresh);
/* May a record a column, or a card, begin here?  Below a gap its label need not be known, if
 * it is no row of the table. */
bool line_may_be_turned(const struct pack *pack, const struct table *t, const struct row *row,
                        bool gap);
/* Has the row what the rows of the table have in their most telling column (a citizen's number,
 * a household's, a date)?  1 it has, -1 something else, 0 nothing can be said. */
int line_fits(const struct table *t, const struct row *row);
void line_find_telling(struct table *t);
/* A single text that is too long for a name. */
bool line_is_long_text(const struct row *row, struct str *ret);
/* Keeps a line from above the data; they may come again at the top of each page. */
void line_keep_top(struct table *t, const struct row *row);
/* One of those lines once more, or 第3页. */
bool line_is_page_break(const struct table *t, const struct row *row);
/* A single text below a blank line or a total: the title of what follows. */
bool line_is_title(const struct table *t, const struct row *row, struct str *ret);

/* intake_row.c */
/* Fills in->values from a band of the row; false when it is no record. */
bool row_read(struct intake *in, struct table *t, const struct row *row, size_t band);
void row_totals(struct intake *in, struct table *t, const struct row *row, bool sub);
void reject_add(struct intake *in, const struct reject *r);
void reject_cell(struct intake *in, struct table *t, const struct col_state *s, uint32_t row,
                 const struct intake_value *v, enum err code, struct str proposal);
/* A column about one household: not its village, which many share. */
bool is_of_household(const struct pack_column *c);
void kept_set(struct kept *k, struct str s);
static inline struct str kept_str(const struct kept *k)
{
	return (struct str){k->text, k->n};
}

#endif

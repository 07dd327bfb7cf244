/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * xlsx_impl: the parts of an Office Open XML workbook.  Private to src/io.
 *
 *   xlsx_pack.c     the zip, part names, relations
 *   xlsx_strings.c  shared strings and formatted text
 *   xlsx_styles.c   what number formats and fonts say about cells
 *   xlsx_notes.c    comments, threaded comments; what is left out
 *   xlsx_read.c     the workbook, its sheets and rows
 */
#ifndef DAOHU_IO_XLSX_IMPL_H
#define DAOHU_IO_XLSX_IMPL_H

#include <zip.h>

#include "base/map.h"
#include "io/numfmt.h"
#include "io/rows_impl.h"
#include "io/xml_scan.h"

enum { XML_TOKEN_MAX = 4 << 20 };

/* One part while it is read; its bytes are counted against the limits. */
struct xpart {
	zip_file_t *file;          /* NULL: it is held */
	struct xheld *held;
	uint64_t packed;
	uint64_t out; /* inflated up to now */
	const struct rows_limits *limits;
};

/* A small part that is inflated once and kept, since sheets are read several
 * times: for a look at their first rows, for their merges, and row by row. */
enum { XHELD_MAX = 16 << 20 }; /* bytes of all of them in a file */
struct xheld {
	int64_t index; /* entry */
	const char *p; /* in the file's arena */
	size_t n;
	bool merges_known;
	const struct merge *merges; /* of a sheet, sorted, in the file's arena */
	size_t n_merges;
};

struct xrel {
	const char *id;
	const char *type;   /* last part of the type's address: "worksheet" */
	const char *target; /* full part name without the leading slash */
	bool external;
};

struct xrels {
	struct xrel *p;
	size_t n, cap;
};

enum { XF_STRIKE = 0x80 }; /* beside an enum numfmt */

struct xlsx {
	zip_t *zip;
	struct map parts; /* lower-case name -> entry */
	VEC(struct xheld *) held;
	size_t held_bytes;
	const char *book; /* part name of the workbook */
	const char *strings_part, *styles_part;
	const char **sheet_parts; /* by sheet */
	const char *other_sheets; /* names of sheets that are no tables, "" */
	bool date1904;

	unsigned char *xf; /* by style number: enum numfmt, XF_STRIKE */
	size_t n_xf;

	struct buf text;    /* shared strings, one behind the other */
	uint32_t *string_at; /* n_strings + 1 offsets into text */
	bool *string_strike; /* NULL when none is */
	size_t n_strings, cap_strings;
	bool strings_read;

	/* the sheet being read */
	const char *sheet_part;
	struct xpart part;
	struct xml xml;
	bool in_sheet;  /* inside sheetData */
	bool rows_done; /* behind sheetData */
	bool tail_read; /* merges are complete */
	uint32_t last_row;
	uint32_t last_col;
	struct row_build row;
	struct buf value; /* of the cell being read */
	struct arena row_text;
	VEC(struct merge) merges;
	VEC(struct note) notes;
	size_t next_note; /* first whose row is not passed */
	struct arena sheet_arena;
};

/* xlsx_pack.c */
enum err xlsx_pack_open(struct rows *r, struct xlsx *x, struct diag *diag) MUST_USE;
bool xlsx_has_part(const struct xlsx *x, const char *name);
enum err xlsx_part_open(struct rows *r, struct xlsx *x, const char *name, struct diag *diag,
                        struct xpart *ret) MUST_USE;
void xlsx_part_close(struct xpart *p);
/* Inflates a part now, to be held, when it is small enough and whole; otherwise
 * nothing happens: whoever reads it finds out what is wrong with it. */
void xlsx_part_hold(struct rows *r, struct xlsx *x, const char *name);
enum err xlsx_part_read(void *part, char *dst, size_t cap, struct diag *diag, size_t *ret_n);
/* Relations of a part ("" = of the package); none when there is no such part. */
enum err xlsx_rels(struct rows *r, struct xlsx *x, const char *part, struct arena *a,
                   struct diag *diag, struct xrels *ret) MUST_USE;
const struct xrel *xlsx_rel(const struct xrels *rels, const char *type);
const char *xlsx_attr_dup(struct arena *a, struct str raw);

/* xlsx_strings.c */
enum err xlsx_strings_read(struct rows *r, struct xlsx *x, struct diag *diag) MUST_USE;
/* The text of an <is>, <si> or <text> whose start came last, added to out;
 * *ret_strike when every run that has characters is struck through. */
enum err xlsx_rich_text(struct xml *xml, struct diag *diag, struct buf *out,
                        bool *ret_strike) MUST_USE;
/* _x000D_ and the like, from `from` on in place. */
void xlsx_unescape_xstring(struct buf *b, size_t from);
enum err xlsx_text_event(const struct xml *xml, struct diag *diag, struct buf *out) MUST_USE;

/* xlsx_styles.c */
enum err xlsx_styles_read(struct rows *r, struct xlsx *x, struct diag *diag) MUST_USE;

/* xlsx_notes.c: fills x->notes and r->left_out for the sheet's part. */
enum err xlsx_side_parts(struct rows *r, struct xlsx *x, const char *part,
                         struct diag *diag) MUST_USE;

/* "BC17" to row and column from 1; either is 0 when it is not there. */
bool xlsx_ref(struct str s, uint32_t *ret_row, uint32_t *ret_col);

#endif

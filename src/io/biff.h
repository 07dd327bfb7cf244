/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * biff: records and strings of the binary workbooks of Excel 2 to 2003
 * ([MS-XLS], and the OpenOffice.org description for BIFF 2 to 5).  Private to
 * src/io; xls_read.c makes rows of it.
 */
#ifndef DAOHU_IO_BIFF_H
#define DAOHU_IO_BIFF_H

#include "base/err.h"

enum biff_type {
	BIFF_DIMENSIONS = 0x0200,
	BIFF_BLANK = 0x0201,
	BIFF_INTEGER_2 = 0x0002,
	BIFF_NUMBER_2 = 0x0003,
	BIFF_LABEL_2 = 0x0004,
	BIFF_BOOLERR_2 = 0x0005,
	BIFF_FORMULA = 0x0006, /* BIFF 2, 5, 8 */
	BIFF_STRING_2 = 0x0007,
	BIFF_ROW_2 = 0x0008,
	BIFF_EOF = 0x000A,
	BIFF_NOTE = 0x001C,
	BIFF_FORMAT_3 = 0x001E,
	BIFF_ARRAY_2 = 0x0021,
	BIFF_DATEMODE = 0x0022,
	BIFF_FILEPASS = 0x002F,
	BIFF_FONT = 0x0031,
	BIFF_CONTINUE = 0x003C,
	BIFF_CODEPAGE = 0x0042,
	BIFF_XF_2 = 0x0043,
	BIFF_OBJ = 0x005D,
	BIFF_BOUNDSHEET = 0x0085,
	BIFF_BUNDLE = 0x008F,
	BIFF_MULRK = 0x00BD,
	BIFF_RSTRING = 0x00D6,
	BIFF_XF = 0x00E0,
	BIFF_MERGEDCELLS = 0x00E5,
	BIFF_SST = 0x00FC,
	BIFF_LABELSST = 0x00FD,
	BIFF_TXO = 0x01B6,
	BIFF_NUMBER = 0x0203,
	BIFF_LABEL = 0x0204,
	BIFF_BOOLERR = 0x0205,
	BIFF_FORMULA_3 = 0x0206,
	BIFF_STRING = 0x0207,
	BIFF_ROW = 0x0208,
	BIFF_ARRAY = 0x0221,
	BIFF_FONT_3 = 0x0231,
	BIFF_TABLE = 0x0236,
	BIFF_XF_3 = 0x0243,
	BIFF_RK = 0x027E,
	BIFF_FORMULA_4 = 0x0406,
	BIFF_FORMAT = 0x041E,
	BIFF_XF_4 = 0x0443,
	BIFF_SHRFMLA = 0x04BC,
};

struct biff {
	const unsigned char *p; /* the whole stream, borrowed */
	size_t n;
	unsigned version;       /* 2, 3, 4, 5 or 8 */
	unsigned codepage;      /* 0: the file does not say */
};

struct biff_rec {
	unsigned type;
	const unsigned char *p;
	size_t n;
	size_t next; /* offset of the record behind it */
};

static inline uint32_t biff_u16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}
static inline uint32_t biff_u32(const unsigned char *p)
{
	return biff_u16(p) | biff_u16(p + 2) << 16;
}
double biff_f64(const unsigned char *p);
double biff_rk(uint32_t rk);

/* Of any version. */
static inline bool biff_is_bof(unsigned type)
{
	return type == 0x0009 || type == 0x0209 || type == 0x0409 || type == 0x0809;
}

/* The record at an offset; false at the end of the stream (or a cut record). */
static inline bool biff_at(const struct biff *b, size_t off, struct biff_rec *ret)
{
	if (off > b->n || b->n - off < 4)
		return false;
	ret->type = biff_u16(b->p + off);
	ret->n = biff_u16(b->p + off + 2);
	ret->p = b->p + off + 4;
	ret->next = off + 4 + ret->n;
	return ret->next <= b->n;
}

/* Reads a value that runs over CONTINUE records. */
struct biff_cursor {
	const struct biff *b;
	struct biff_rec rec;
	size_t at;   /* in rec */
	bool failed; /* read beyond the last CONTINUE */
};

struct biff_cursor biff_cursor(const struct biff *b, const struct biff_rec *rec, size_t at);
uint32_t biff_get(struct biff_cursor *c, int bytes); /* little-endian; 0 when failed */
/* BIFF 8: a string with a count of 1 or 2 bytes, flags, characters, and what
 * is attached to it (formatting runs, phonetics), which is passed over. */
void biff_string8(struct biff_cursor *c, int count_bytes, struct buf *out);
/* The characters alone, behind a byte of flags. */
void biff_chars8(struct biff_cursor *c, uint32_t count, unsigned flags, struct buf *out);
/* BIFF 2 to 5: bytes in the code page of the file. */
void biff_bytes(const struct biff *b, const unsigned char *p, size_t n, struct buf *out);
const char *biff_error_text(unsigned code); /* #N/A ... */

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * numfmt: what a spreadsheet's number means by its number format, and its
 * text.  Serves .xlsx, .xls and XML workbooks alike.
 *
 * Serial dates count days from 1899-12-30 (1900 system, in which 60 is the
 * 29 February 1900 that never was) or 1904-01-01.
 */
#ifndef DAOHU_IO_NUMFMT_H
#define DAOHU_IO_NUMFMT_H

#include "io/rows.h"

enum numfmt {
	NUMFMT_NUMBER,
	NUMFMT_DATE,     /* day only: 2017-09-03 */
	NUMFMT_TIME,     /* time of day: 10:22:31 (with the day when there is one) */
	NUMFMT_DATETIME, /* 2017-09-03 10:22:31 */
	NUMFMT_ELAPSED,  /* [h]:mm:ss, hours beyond 24: 37:30:00 */
	NUMFMT_MAX
};

enum { NUMBER_TEXT = 400 }; /* room that number_text needs */

/* Of the ids below 164 that files do not spell out (Chinese Excel's 27..58). */
enum numfmt numfmt_builtin(unsigned id);
/* Of a format code as files carry it: yyyy"年"m"月"d"日", [$-804]..., 0.00;[Red]-0.00 */
enum numfmt numfmt_code(struct str code);

/*
 * The text of a number and, in *ret_flags, CELL_LOSSY when it is a whole
 * number of 16 or more digits.  `written` is how the file spells it.
 * 15 significant digits as a spreadsheet shows them (0.30000000000000004 is
 * 0.3); no exponent between 1e-15 and 1e21.  False when it is no number.
 */
bool number_text(struct str written, char out[NUMBER_TEXT], size_t *ret_n, unsigned *ret_flags);
size_t number_text_double(double v, char out[NUMBER_TEXT], unsigned *ret_flags);
/* The date or time; 0 when the serial is outside the calendar (show the number). */
size_t serial_text(double serial, enum numfmt fmt, bool date1904, char out[64]);
/* 2017-09-03T10:22:31.000Z, as XML writes dates: 2017-09-03 10:22:31, without
 * the time when it is midnight; 0 when the text is no such date. */
size_t iso_text(struct str written, char out[64]);
/* Reads a decimal number whole, without regard to the locale. */
bool number_parse(struct str s, double *ret);

#endif

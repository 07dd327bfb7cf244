/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * err: why something could not be done.
 *
 * Three kinds are kept apart.  Our own mistake: assert.  The world failed:
 * the function returns an `enum err` other than OK and has set a `struct diag`
 * once, at the source, with the place and the offending value; everybody above
 * passes the code on and only the top prints it.  The data is wrong: the row
 * goes on a list (struct reject) and the work continues.
 *
 * Texts live in errors.def in both languages; `detail` holds data only
 * (names, values, addresses), so it needs no translation.
 */
#ifndef DAOHU_BASE_ERR_H
#define DAOHU_BASE_ERR_H

#include "base/lang.h"
#include "base/str.h"

enum err {
	OK = 0,
#define E(code, exit_status, http_status, zh, en) ERR_##code,
#include "base/errors.def"
#undef E
	ERR_MAX
};

#define MUST_USE __attribute__((warn_unused_result))

struct diag {
	enum err code;    /* the first error; later ones do not overwrite it */
	char place[400];  /* file, sheet, cell or line: data.xlsx!Sheet1!B7, rules.yaml:12:5 */
	char detail[600]; /* the value or the cause, data only */
};

const char *err_name(enum err e); /* "RULE_TYPE" */
const char *err_text(enum err e, enum lang lang);
int err_exit_status(enum err e);
int err_http_status(enum err e);

static inline void diag_clear(struct diag *d)
{
	d->code = OK;
	d->place[0] = d->detail[0] = '\0';
}
/* Sets the error unless one is set already; returns d->code's new value.
 * Texts that do not fit are cut at a character boundary.  d may be NULL. */
enum err diag_set(struct diag *d, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds the place unless it is known already. */
void diag_place(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "place: text: detail", for people. */
void diag_print(const struct diag *d, enum lang lang, struct buf *out);

#endif

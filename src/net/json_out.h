/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * json_out: writes JSON forwards, never building a tree.
 *
 *     json_object(o);                   {
 *       json_key(o, "rows"); json_array(o);
 *         json_object(o); json_int_member(o, "no", 7); … json_end(o);
 *       json_end(o);
 *     json_end(o);                      }
 *
 * Commas and closing brackets are its business; texts are escaped by the one escaper
 * (field.h json_string).  A mistake in the nesting is an assertion.  Amounts of money
 * are texts of yuan ("1234.50"), dates ISO with their precision, instants "2018-01-14T06:00:00Z".
 */
#ifndef DAOHU_NET_JSON_OUT_H
#define DAOHU_NET_JSON_OUT_H

#include "base/date.h"
#include "base/money.h"
#include "base/str.h"
#include "field/field.h"

enum { JSON_OUT_DEPTH = 32 };

struct json_out {
	struct buf b;
	unsigned depth;
	bool first[JSON_OUT_DEPTH]; /* nothing written yet at this depth */
	char close[JSON_OUT_DEPTH];
	bool keyed; /* a key was written, its value is due */
};

void json_out_init(struct json_out *o, size_t max);
void json_out_release(struct json_out *o);
void json_out_clear(struct json_out *o); /* begins anew, keeps the memory */
void json_object(struct json_out *o);
void json_array(struct json_out *o);
void json_end(struct json_out *o); /* closes the innermost */
void json_key(struct json_out *o, const char *name);
void json_text(struct json_out *o, struct str s); /* s.p NULL: null */
void json_int(struct json_out *o, int64_t v);
void json_bool(struct json_out *o, bool v);
void json_null(struct json_out *o);
void json_raw(struct json_out *o, struct str json); /* a whole value, written elsewhere */
void json_money(struct json_out *o, fen_t v);
void json_date(struct json_out *o, date_t d); /* 0: null */
void json_instant(struct json_out *o, int64_t ms);

/* key and value at once */
void json_text_member(struct json_out *o, const char *name, struct str s);
void json_c_member(struct json_out *o, const char *name, const char *s); /* NULL: null */
void json_int_member(struct json_out *o, const char *name, int64_t v);
void json_bool_member(struct json_out *o, const char *name, bool v);
void json_date_member(struct json_out *o, const char *name, date_t d);
void json_instant_member(struct json_out *o, const char *name, int64_t ms);

/* One field that is present, by its kind. */
void json_field_member(struct json_out *o, const struct record_desc *d, const void *rec, size_t i);
/* Members of a record: no, version, then every field present of a class up to max_class and,
 * unless `sealed`, not sealed; by kind: INT and REF numbers, BOOL true or false, the rest text as people
 * read it. */
void json_record_members(struct json_out *o, const struct record_desc *d, const void *rec,
                         unsigned max_class, bool sealed);

#endif

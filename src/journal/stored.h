/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * stored: a record as it stands in the database, and the text of it that the
 * journal commits to; internal to this folder.
 *
 * The canonical text is RFC 8785 JSON with strings only: {"field id":"value"}
 * of the fields present, members sorted.  Values: text as it is, integers
 * (also dates, amounts, yes/no) as decimal digits, bytes and sealed fields in
 * base64, bulk fields as "b2b:" and the base64 of their BLAKE2b-256.
 */
#ifndef DAOHU_JOURNAL_STORED_H
#define DAOHU_JOURNAL_STORED_H

#include "db/db.h"

enum { STORED_DIGITS = 56 };

/* Values by field index; p NULL = absent.  Blobs as raw bytes. */
struct stored {
	struct str v[RECORD_FIELDS_MAX];
	char digits[RECORD_FIELDS_MAX][STORED_DIGITS]; /* integers and bulk digests */
};

/* Field indexes in the order of the canonical text. */
struct stored_order {
	uint8_t at[RECORD_FIELDS_MAX];
};

void stored_order(const struct record_desc *d, struct stored_order *ret);
/* From a struct and its sealed fields; texts are borrowed from both. */
void stored_from_record(const struct record_desc *d, const void *rec,
			const struct db_sealed *sealed, struct stored *ret);
/* From the present row of a {table} statement; copied to the arena, or with NULL
 * borrowed until the next row. */
void stored_from_row(const struct record_desc *d, struct stmt *s, struct arena *a,
		     struct stored *ret);
bool stored_equal(const struct record_desc *d, const struct stored *x, const struct stored *y,
		  size_t i);
void stored_json(const struct record_desc *d, const struct stored_order *order,
		 const struct stored *v, struct buf *out);
/* {"id":"old"} or {"id":null} of the fields that differ; returns their number. */
size_t stored_delta(const struct record_desc *d, const struct stored_order *order,
		    const struct stored *old, const struct stored *new_values, struct buf *out);
/* Puts the old values back; false when the text is no such delta. */
bool stored_undo(const struct record_desc *d, struct str delta, struct arena *a, struct stored *v);
/* The person's no in the values; 0 = nobody's. */
int64_t stored_owner(const struct record_desc *d, int64_t no, const struct stored *v);

#endif

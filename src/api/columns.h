/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * columns: how the columns of a file that was tried were understood, for a person to correct:
 * part of the result of an import job.
 *
 * A sample is the first value below a header, as it stands in the file; long numbers are
 * masked, and of columns that the pack calls sensitive none is shown.
 */
#ifndef DAOHU_API_COLUMNS_H
#define DAOHU_API_COLUMNS_H

#include "ledger/import_read.h"
#include "net/json_out.h"

/* "map_layout" and "columns": [{place, header, field, by_hand, sample}] of the tables that make
 * group i of the file, a header once.  Looks at the file's first rows again. */
void columns_write(struct json_out *o, const struct read_file *f, size_t group, struct arena *a);

/* "preview": the first rows of the first sheets, of a file in which no ledger was found. */
void columns_preview(struct json_out *o, const struct read_file *f, struct arena *a);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* intake_dump: what intake makes of a file, as text, for golden files. */
#ifndef DAOHU_TESTS_INTAKE_DUMP_H
#define DAOHU_TESTS_INTAKE_DUMP_H

#include "ledger/intake.h"

struct dump_opts {
	const char *layout, *map;
	const char *const *villages; /* NULL-ended */
	size_t max_rows;
	bool extra;
	size_t rewind_after; /* after so many rows begins anew, once; 0 = not */
};

/* Also for files that are refused: then the reason is the text. */
void intake_dump(const char *path, const struct pack *pack, const struct dump_opts *opts,
                 struct buf *out);

#endif

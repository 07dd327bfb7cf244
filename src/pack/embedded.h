/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* embedded: the packs built into the program (written by tools/embed-packs.py). */
#ifndef DAOHU_PACK_EMBEDDED_H
#define DAOHU_PACK_EMBEDDED_H

#include <stddef.h>

struct pack_file {
	const char *pack; /* its id; NULL ends the table */
	const char *name;
	const unsigned char *bytes;
	size_t size;
};

extern const struct pack_file pack_embedded[];
extern const char *const pack_embedded_ids[]; /* NULL at the end */

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cfb: streams of an OLE2 compound file ([MS-CFB]), the container of .xls.
 *
 * The file is handed over whole.  Chains that loop, leave the file or pass a
 * stream's size end the stream there; nothing is read twice.
 */
#ifndef DAOHU_IO_CFB_H
#define DAOHU_IO_CFB_H

#include "base/err.h"

#define CFB_MAGIC "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

struct cfb {
	const unsigned char *p; /* borrowed */
	size_t n;
	unsigned shift;         /* of a sector: 9 or 12 */
	uint32_t *fat;
	size_t n_fat;
	uint32_t *mini_fat;
	size_t n_mini_fat;
	unsigned char *mini;    /* the mini stream */
	size_t n_mini;
	uint32_t mini_cutoff;
	unsigned char *dir;
	size_t n_dir;           /* entries of 128 bytes */
};

enum err cfb_open(struct cfb *c, const unsigned char *p, size_t n, struct diag *diag) MUST_USE;
void cfb_close(struct cfb *c);
/* Is there a stream of this name (ASCII, any case) in the root storage? */
bool cfb_has(const struct cfb *c, const char *name);
/* Its bytes, to be given back by base_free; as many as the chain really has. */
enum err cfb_stream(const struct cfb *c, const char *name, struct diag *diag,
                    unsigned char **ret, size_t *ret_n) MUST_USE;

#endif

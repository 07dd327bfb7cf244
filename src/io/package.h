/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * package: an office file (xlsx, docx) of which parts are read whole and replaced, while
 * all others stay byte for byte.  Private to src/io.
 *
 * Names, relations and the bounds against hostile archives are those of the readers
 * (xlsx_impl.h).  PACKAGE_PART_MAX is the most that one part may hold, for it is edited
 * in memory; what is written may be of any size, it comes from a file.
 */
#ifndef DAOHU_IO_PACKAGE_H
#define DAOHU_IO_PACKAGE_H

#include "io/xlsx_impl.h"

enum { PACKAGE_PART_MAX = 64 << 20 };

struct package {
	struct rows rows; /* path, limits and memory, for the functions of xlsx_impl.h */
	struct xlsx x;
};

/* FILE_UNKNOWN, FILE_DAMAGED, FILE_PASSWORD, IO.  Close it either way. */
MUST_USE enum err package_open(struct package *p, const char *path, struct diag *diag);
void package_close(struct package *p);
/* A part whole; its name without the leading slash. */
MUST_USE enum err package_read(struct package *p, const char *part, struct buf *out,
                               struct diag *diag);
/* What the package's first relation of a type names ("officeDocument"), or NULL. */
const char *package_main(struct package *p, struct diag *diag);
/* Is it XML that the scanner reads to its end?  (no DOCTYPE, tags that match) */
MUST_USE enum err package_check_xml(struct str xml, struct diag *diag);

struct package_change {
	const char *part;
	const char *file;  /* its new bytes lie in this file ... */
	struct str bytes;  /* ... or here; neither: the part is taken out */
};
/* Writes `from` with the changes as `to`; a part that is not there is added.  The same
 * input makes the same bytes. */
MUST_USE enum err package_save(const char *from, const char *to,
                               const struct package_change *changes, size_t n,
                               struct diag *diag);

#endif

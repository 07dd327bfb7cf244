/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An office package around the fuzzer's text, and what is made of it, in files of memory. */
#ifndef DAOHU_FUZZ_PACK_FILE_H
#define DAOHU_FUZZ_PACK_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <zip.h>

#define FUZZ_RELS(target)                                                                          \
	"<Relationships><Relationship Id=\"r\" Type=\"http://x/officeDocument\" Target=\"" target  \
	"\"/></Relationships>"

struct fuzz_part {
	const char *name;
	const void *bytes;
	size_t n;
};

/* The parts as a package at `path`. */
static inline void fuzz_package(const char *path, const struct fuzz_part *parts, size_t n)
{
	int zerr;
	zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &zerr);
	if (!z)
		abort();
	for (size_t i = 0; i < n; i++) {
		zip_source_t *s = zip_source_buffer(z, parts[i].bytes, parts[i].n, 0);
		zip_int64_t at = s ? zip_file_add(z, parts[i].name, s, 0) : -1;
		if (at < 0 || zip_set_file_compression(z, (zip_uint64_t)at, ZIP_CM_STORE, 0) != 0)
			abort();
	}
	if (zip_close(z) != 0)
		abort();
}

/* "/dev/shm/daohu-fuzz-PID-name" */
static inline const char *fuzz_path(const char *name, char out[100])
{
	(void)snprintf(out, 100, "/dev/shm/daohu-fuzz-%d-%s", (int)getpid(), name);
	return out;
}

#endif

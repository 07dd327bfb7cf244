/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files that are in memory only, for readers that want a path. */
#ifndef DAOHU_FUZZ_FILE_H
#define DAOHU_FUZZ_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct fuzz_file {
	int fd;
	char path[40];
};

static inline struct fuzz_file fuzz_file(const void *data, size_t n)
{
	struct fuzz_file f = {.fd = memfd_create("fuzz", 0)};
	if (f.fd < 0 || write(f.fd, data, n) != (ssize_t)n)
		abort();
	(void)snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	return f;
}

static inline void fuzz_file_close(struct fuzz_file *f)
{
	(void)close(f->fd);
}

#endif

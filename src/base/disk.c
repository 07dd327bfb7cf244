/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

#include "base/banned.h"

bool disk_flush_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool ok = fsync(fd) == 0 || errno == EINVAL || errno == EBADF || errno == ENOTSUP;
	int why = errno;
	(void)close(fd);
	errno = why;
	return ok;
}

bool disk_flush_folder_of(const char *path)
{
	struct buf dir;
	const char *slash = strrchr(path, '/');
	buf_init(&dir, 8192);
	if (slash)
		buf_add(&dir, path, slash == path ? 1 : (size_t)(slash - path));
	else
		buf_addc(&dir, '.');
	bool ok = !dir.full && disk_flush_folder(dir.p);
	int why = dir.full ? ENAMETOOLONG : errno;
	buf_release(&dir);
	errno = why;
	return ok;
}

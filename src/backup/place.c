/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "backup/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

enum { A_DAY = 86400 };

/* An error is that of seal.h, as *why says. */
static enum err look(const char *path, const struct seal_head *house, bool whole, struct diag *why,
		     bool *ret)
{
	struct seal_in *in = NULL;
	struct stat st;
	*ret = false;
	/* looked at before it is opened: opening a device or a pipe may do something */
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? OK
				       : diag_set(why, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return OK;
	enum err e = seal_in_open(path, why, &in);
	if (e)
		return e;
	const struct seal_head *h = seal_in_head(in);
	*ret = strcmp(h->county, house->county) == 0 &&
	       memcmp(h->public, house->public, sizeof(h->public)) == 0;
	if (*ret && whole)
		e = seal_in_whole(in, ret);
	seal_in_close(in);
	return e;
}

/* What is no backup, or of a later version, is none of the house. */
static enum err is_of(const char *path, const struct seal_head *house, bool whole,
		      struct diag *diag, bool *ret)
{
	struct diag why = {0};
	enum err e = look(path, house, whole, &why, ret);
	if (e != ERR_FILE_UNREADABLE && e != ERR_IO)
		return OK;
	*ret = false;
	/* somebody else may thin the same folder: what is gone is no error */
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return OK;
	return diag_set(diag, e, "%s", why.detail);
}

enum err place_is_whole_of(const char *path, const struct seal_head *house, struct diag *diag,
			   bool *ret)
{
	return is_of(path, house, true, diag, ret);
}

enum err place_may_take(const char *path, const struct seal_head *house, struct diag *diag)
{
	struct stat st;
	bool ours;
	if (lstat(path, &st) != 0 && errno == ENOENT)
		return OK;
	enum err e = is_of(path, house, false, diag, &ours);
	if (e)
		return e;
	return ours ? OK : diag_set(diag, ERR_BACKUP_IN_THE_WAY, "%s", path);
}

/* --- what was cut short --------------------------------------------------- */

static bool is_left_over(const char *path, int fd, const struct stat *st,
			 const struct seal_head *house, bool named)
{
	struct diag why = {0};
	bool ours;
	enum err e = look(path, house, false, &why, &ours);
	if (e != ERR_BACKUP_NONE && e != ERR_BACKUP_HEAD)
		return !e && ours;
	/* one that begins just now has no head either */
	return named && time(NULL) - st->st_mtime > A_DAY && seal_is_left_over(fd);
}

bool place_clear(const char *path, const struct seal_head *house, bool named)
{
	struct stat there, mine;
	if (lstat(path, &there) != 0 || !S_ISREG(there.st_mode))
		return false;
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	/* whoever writes it holds it until it has its name */
	bool gone = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &mine) == 0 &&
		    lstat(path, &there) == 0 && there.st_ino == mine.st_ino &&
		    there.st_dev == mine.st_dev && is_left_over(path, fd, &mine, house, named) &&
		    unlink(path) == 0;
	(void)close(fd);
	return gone;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "backup/place.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/banned.h"

static bool is_of(const char *path, const struct seal_head *house, bool whole)
{
	struct diag none = {0};
	struct seal_in *in = NULL;
	struct stat st;
	/* looked at before it is opened: opening a device or a pipe may do something */
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || seal_in_open(path, &none, &in))
		return false;
	const struct seal_head *h = seal_in_head(in);
	bool same = strcmp(h->county, house->county) == 0 &&
		    memcmp(h->public, house->public, sizeof(h->public)) == 0 &&
		    (!whole || seal_in_whole(in));
	seal_in_close(in);
	return same;
}

bool place_is_of(const char *path, const struct seal_head *house)
{
	return is_of(path, house, false);
}

bool place_is_whole_of(const char *path, const struct seal_head *house)
{
	return is_of(path, house, true);
}

enum err place_may_take(const char *path, const struct seal_head *house, struct diag *diag)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? OK
				       : diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	return place_is_of(path, house) ? OK : diag_set(diag, ERR_BACKUP_IN_THE_WAY, "%s", path);
}

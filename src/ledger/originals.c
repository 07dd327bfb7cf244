/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/originals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sodium.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/map.h"

#include "base/banned.h"

enum { HASH = 32, HEX = 2 * HASH, HALF_AGE_S = 24 * 3600, DAY_MS = 24 * 3600 * 1000 };

static void print_hex(struct str hash, char ret[HEX + 1])
{
	(void)sodium_bin2hex(ret, HEX + 1, (const unsigned char *)hash.p, HASH);
}

static enum err destroy_here(struct db *db, struct str hash)
{
	char hex[HEX + 1];
	struct buf path;
	if (hash.n != HASH)
		return OK;
	print_hex(hash, hex);
	buf_init(&path, 8192);
	buf_addf(&path, "%s/files/%s", db_dir(db), hex);
	enum err e = OK;
	if (path.full || (unlink(path.p) != 0 && errno != ENOENT))
		e = diag_set(db_diag(db), ERR_IO, "%s/files/%s: %s", db_dir(db), hex, strerror(errno));
	buf_release(&path);
	return e;
}

enum err original_destroy(struct journal *j, const struct ledger *l)
{
	struct ledger now = *l;
	enum err e = destroy_here(journal_db(j), l->file_hash);
	if (e)
		return e;
	/* so that other folders of the county let theirs go as well */
	FIELD_SET(&now, LEDGER_, keep_until, date_from_days((int32_t)(journal_now(j) / DAY_MS) - 1));
	return journal_update(j, &ledger_desc, l, &now);
}

/* By the names that the originals of ledgers have; keys in `a`. */
static enum err wanted(struct db *db, struct arena *a, struct map *ret)
{
	struct stmt *s = db_stmt(db, STMT_ledger_file_hashes);
	stmt_bind_int(s, 2, date_from_days((int32_t)(instant_now() / DAY_MS)));
	while (stmt_row(s)) {
		struct str hash = stmt_blob(s, 0);
		if (hash.n != HASH)
			continue;
		char *hex = arena_alloc(a, HEX + 1);
		print_hex(hash, hex);
		(void)map_set(ret, str_c(hex), 1);
	}
	return stmt_end(s);
}

/* A name of ours that belongs to no ledger? */
static bool is_stray(int folder, const char *name, const struct map *wanted, bool alone)
{
	struct str n = str_c(name), hex = str_sub(n, 0, HEX);
	struct stat st;
	bool half = n.n >= HEX + 4 && str_is(str_sub(n, n.n - 4, n.n), ".new"); /* while it is sealed */
	if (half)
		n.n -= 4;
	if (n.n < HEX || strspn(name, "0123456789abcdef") != HEX)
		return false;
	if (n.n == HEX && !half)
		return !map_get(wanted, hex, 0);
	if (n.n > HEX && (name[HEX] != '.' || strspn(name + HEX + 1, "0123456789") != n.n - HEX - 1))
		return false;
	return alone || (fstatat(folder, name, &st, 0) == 0 && time(NULL) - st.st_mtime > HALF_AGE_S);
}

static enum err sweep(struct db *db, DIR *d, const struct map *wanted, bool alone)
{
	enum err e = OK;
	for (const struct dirent *f; !e && (f = readdir(d)) != NULL;)
		if (is_stray(dirfd(d), f->d_name, wanted, alone) && unlinkat(dirfd(d), f->d_name, 0) != 0 &&
		    errno != ENOENT)
			e = diag_set(db_diag(db), ERR_IO, "%s/files/%s: %s", db_dir(db), f->d_name,
			             strerror(errno));
	return e;
}

enum err originals_sweep(struct db *db, bool alone)
{
	struct arena a;
	struct map names;
	arena_init(&a, 0);
	map_init(&names);
	DIR *d = opendir(arena_printf(&a, "%s/files", db_dir(db)));
	enum err e = d ? wanted(db, &a, &names) : OK; /* nothing was ever kept */
	if (d && !e)
		e = sweep(db, d, &names, alone);
	if (d)
		(void)closedir(d);
	map_release(&names);
	arena_release(&a);
	return e;
}

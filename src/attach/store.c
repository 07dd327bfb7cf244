/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The bytes: DIR/attach/<SHA-256 in hex>, sealed. */
#include "attach/attach.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/sniff.h"

#include "base/banned.h"

enum { UNUSED_AGE_S = 3600, PATH_SIZE = 4096 };

static const char *const type_names[PAPER_KIND_MAX] = {
	[PAPER_PDF] = "pdf",   [PAPER_JPEG] = "jpeg", [PAPER_PNG] = "png",
	[PAPER_DOCX] = "docx", [PAPER_XLSX] = "xlsx",
};

void attach_hex(struct str hash, char ret[ATTACH_HEX])
{
	ret[0] = '\0';
	if (hash.n == ATTACH_HASH)
		(void)sodium_bin2hex(ret, ATTACH_HEX, (const unsigned char *)hash.p, ATTACH_HASH);
}

bool attach_from_hex(struct str hex, unsigned char ret[ATTACH_HASH])
{
	size_t n = 0;
	return hex.n == 2 * ATTACH_HASH &&
	       sodium_hex2bin(ret, ATTACH_HASH, hex.p, hex.n, NULL, &n, NULL) == 0 &&
	       n == ATTACH_HASH;
}

static bool file_place(const char *dir, const char *hex, char out[PATH_SIZE])
{
	int n = snprintf(out, PATH_SIZE, "%s/attach%s%s", dir, hex ? "/" : "", hex ? hex : "");
	return n > 0 && n < PATH_SIZE;
}

/* --- looking into it ------------------------------------------------------------- */

static enum err hash_file(int fd, int64_t max, struct diag *diag, struct attach_info *ret)
{
	crypto_hash_sha256_state st;
	unsigned char b[65536];
	ssize_t n;
	(void)crypto_hash_sha256_init(&st);
	ret->size = 0;
	while ((n = read(fd, b, sizeof(b))) > 0) {
		ret->size += n;
		if (ret->size > max)
			return diag_set(diag, ERR_FILE_TOO_LARGE, "%lld MB", (long long)(max >> 20));
		(void)crypto_hash_sha256_update(&st, b, (unsigned long long)n);
	}
	if (n < 0)
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	(void)crypto_hash_sha256_final(&st, ret->hash);
	return ret->size ? OK : diag_set(diag, ERR_FILE_EMPTY, "%s", "");
}

static enum err inspect(const char *path, int64_t max, struct diag *diag, struct attach_info *ret)
{
	enum paper_kind kind = PAPER_KIND_MAX;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", strerror(errno));
	enum err e = hash_file(fd, max, diag, ret);
	if (!e)
		e = sniff_paper(fd, path, diag, &kind);
	(void)close(fd);
	if (!e)
		ret->type = type_names[kind];
	return e;
}

enum err attach_store(const struct keys *keys, const char *dir, const char *path, int64_t max,
                      struct diag *diag, struct attach_info *ret)
{
	char hex[ATTACH_HEX], folder[PATH_SIZE], to[PATH_SIZE];
	struct attach_info info = {0};
	enum err e = inspect(path, max > 0 ? max : ATTACH_SIZE_MAX, diag, &info);
	if (e)
		return e;
	attach_hex((struct str){(const char *)info.hash, ATTACH_HASH}, hex);
	if (!file_place(dir, NULL, folder) || !file_place(dir, hex, to))
		return diag_set(diag, ERR_IO, "%s", dir);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return diag_set(diag, ERR_IO, "%s: %s", folder, strerror(errno));
	if (access(to, F_OK) == 0)
		(void)utimensat(AT_FDCWD, to, NULL, 0); /* young again for the sweep */
	else
		e = keys_seal_file(keys, path, to, diag);
	if (!e)
		*ret = info;
	return e;
}

bool attach_there(const char *dir, struct str hash)
{
	char hex[ATTACH_HEX], at[PATH_SIZE];
	attach_hex(hash, hex);
	return hex[0] && file_place(dir, hex, at) && access(at, F_OK) == 0;
}

enum err attach_open(const struct keys *keys, const char *dir, struct str hash, const char *to,
                     struct diag *diag)
{
	char hex[ATTACH_HEX], from[PATH_SIZE];
	attach_hex(hash, hex);
	if (!hex[0] || !file_place(dir, hex, from))
		return diag_set(diag, ERR_INVALID, "hash");
	if (access(from, R_OK) != 0)
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", hex);
	return keys_open_file(keys, from, to, diag);
}

/* --- what belongs to nobody ------------------------------------------------------ */

static enum err is_used(struct db *db, const char *hex, bool *ret)
{
	unsigned char hash[ATTACH_HASH];
	int64_t used = 0;
	*ret = true;
	if (!attach_from_hex(str_c(hex), hash))
		return OK; /* not ours to remove */
	struct stmt *s = db_stmt(db, STMT_attach_hash_used);
	stmt_bind_blob(s, 2, (struct str){(const char *)hash, sizeof(hash)});
	enum err e = stmt_one_int(s, 0, &used);
	*ret = e || used;
	return e;
}

enum err attach_sweep(struct db *db, bool all)
{
	char folder[PATH_SIZE];
	enum err e = OK;
	if (!file_place(db_dir(db), NULL, folder))
		return diag_set(db_diag(db), ERR_IO, "%s", db_dir(db));
	DIR *d = opendir(folder);
	if (!d)
		return OK; /* nothing was ever attached */
	time_t now = time(NULL);
	const struct dirent *f;
	while (!e && (f = readdir(d)) != NULL) {
		struct stat st;
		bool used = true;
		if (strlen(f->d_name) != ATTACH_HEX - 1 || fstatat(dirfd(d), f->d_name, &st, 0) != 0)
			continue;
		if (!all && now - st.st_mtime < UNUSED_AGE_S)
			continue;
		e = is_used(db, f->d_name, &used);
		if (!used && unlinkat(dirfd(d), f->d_name, 0) != 0)
			e = diag_set(db_diag(db), ERR_IO, "%s: %s", f->d_name, strerror(errno));
	}
	(void)closedir(d);
	return e;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "backup/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "field/field.h"

#include "base/banned.h"

static const char magic[] = "daohu-backup-key 1\n";
static const char *const halves[] = {
	[PAIR_HALF_SECRET] = "secret ", [PAIR_HALF_PUBLIC] = "public "};

enum err pair_read_small(const char *path, struct diag *diag, char ret[PAIR_SMALL_MAX],
			 size_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t fill = 0;
	ssize_t n = -1;
	while (fd >= 0 && fill < PAIR_SMALL_MAX &&
	       (n = read(fd, ret + fill, PAIR_SMALL_MAX - fill)) > 0)
		fill += (size_t)n;
	int why = errno;
	if (fd >= 0)
		(void)close(fd);
	if (fd < 0 || n < 0)
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s: %s", path, strerror(why));
	if (fill == PAIR_SMALL_MAX)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "%s", path);
	*ret_n = fill;
	return OK;
}

enum err pair_readable(const char *path, struct diag *diag)
{
	struct stat st;
	bool there = stat(path, &st) == 0, folder = there && S_ISDIR(st.st_mode);
	if (there && !folder && faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
		return OK;
	return diag_set(diag, ERR_FILE_UNREADABLE, "%s: %s", path,
			strerror(folder ? EISDIR : errno));
}

static enum err write_half(const char *path, enum pair_half half, const unsigned char *bytes,
			   mode_t mode, struct diag *diag)
{
	struct buf text;
	buf_init(&text, 1000);
	buf_addf(&text, "%s%s", magic, halves[half]);
	base64_encode((struct str){(const char *)bytes, KEY_BYTES}, &text);
	buf_addc(&text, '\n');
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int why = errno;
	bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
	if (fd >= 0) {
		why = ok ? 0 : errno;
		ok = close(fd) == 0 && ok;
		if (!ok)
			(void)unlink(path);
	}
	sodium_memzero(text.p, text.n);
	buf_release(&text);
	return ok ? OK
		  : diag_set(diag, why == EEXIST ? ERR_EXISTS : ERR_IO, "%s: %s", path,
			     strerror(why));
}

enum err pair_make(const char *path, struct diag *diag)
{
	unsigned char public[KEY_BYTES], secret[KEY_BYTES];
	struct buf pub;
	if (sodium_init() < 0)
		return diag_set(diag, ERR_CRYPTO, "libsodium");
	(void)crypto_box_keypair(public, secret);
	buf_init(&pub, 8192);
	buf_addf(&pub, "%s.pub", path);
	enum err e = write_half(path, PAIR_HALF_SECRET, secret, 0600, diag);
	bool made = !e;
	if (made)
		e = pub.full ? diag_set(diag, ERR_INVALID, "%s", path)
			     : write_half(pub.p, PAIR_HALF_PUBLIC, public, 0644, diag);
	if (e && made)
		(void)unlink(path); /* the half of nothing */
	sodium_memzero(secret, sizeof(secret));
	buf_release(&pub);
	return e;
}

/* Of a text that begins with `magic`. */
static enum err take_half(struct str text, enum pair_half half, unsigned char ret[KEY_BYTES])
{
	enum pair_half other = half == PAIR_HALF_SECRET ? PAIR_HALF_PUBLIC : PAIR_HALF_SECRET;
	struct str line;
	size_t got = 0;
	if (!str_split(&text, '\n', &line))
		return ERR_PAIR_FILE;
	if (str_starts(line, str_c(halves[other])))
		return half == PAIR_HALF_SECRET ? ERR_PAIR_PUBLIC : ERR_PAIR_SECRET;
	if (!str_starts(line, str_c(halves[half])))
		return ERR_PAIR_FILE;
	line = str_sub(line, strlen(halves[half]), line.n);
	bool good = sodium_base642bin(ret, KEY_BYTES, line.p, line.n, NULL, &got, NULL,
				      sodium_base64_VARIANT_ORIGINAL) == 0 &&
		    got == KEY_BYTES;
	return good ? OK : ERR_PAIR_FILE;
}

enum err pair_read(const char *path, enum pair_half half, struct diag *diag,
		   unsigned char ret[KEY_BYTES])
{
	char text[PAIR_SMALL_MAX];
	size_t n = 0;
	enum err e = pair_read_small(path, diag, text, &n);
	if (e)
		return e;
	struct str all = {text, n};
	e = str_starts(all, str_c(magic)) ? take_half(str_sub(all, strlen(magic), all.n), half, ret)
					  : ERR_PAIR_FILE;
	sodium_memzero(text, n);
	return e ? diag_set(diag, e, "%s", path) : OK;
}

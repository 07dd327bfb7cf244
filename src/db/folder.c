/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"

#include "base/banned.h"

enum { CONFIG_BYTES_MAX = 64 * 1024 };

enum err db__make_dir(const char *dir, struct diag *diag)
{
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return OK;
	return diag_set(diag, ERR_IO, "%s: %s", dir, strerror(errno));
}

/* Who holds the lock, as it wrote itself down; "?" when that cannot be read. */
static void read_holder(int fd, char *out, size_t size)
{
	ssize_t n = pread(fd, out, size - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (!out[0])
		memcpy(out, "?", 2);
}

enum err db__lock(const char *dir, struct diag *diag, int *ret_fd)
{
	char holder[64];
	struct buf path;
	buf_init(&path, 8192);
	buf_addf(&path, "%s/lock", dir);
	int fd = path.full ? -1 : open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	buf_release(&path);
	if (fd < 0)
		return diag_set(diag, ERR_IO, "%s/lock: %s", dir, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		read_holder(fd, holder, sizeof(holder));
		close(fd);
		return diag_set(diag, ERR_LOCKED, "%s: pid %s", dir, holder);
	}
	int n = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, holder, (size_t)n, 0) != n) {
		enum err e = diag_set(diag, ERR_IO, "%s/lock: %s", dir, strerror(errno));
		close(fd);
		return e;
	}
	*ret_fd = fd;
	return OK;
}

/* --- DIR/config ----------------------------------------------------------- */

static enum err read_whole(const char *path, struct arena *a, struct str *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ERR_NO_DATA_DIR : ERR_IO;
	char *bytes = arena_alloc(a, CONFIG_BYTES_MAX + 1);
	size_t fill = 0;
	ssize_t n;
	while ((n = read(fd, bytes + fill, CONFIG_BYTES_MAX + 1 - fill)) > 0)
		fill += (size_t)n;
	close(fd);
	if (n < 0)
		return ERR_IO;
	if (fill > CONFIG_BYTES_MAX)
		return ERR_FILE_TOO_LARGE;
	*ret = (struct str){bytes, fill};
	return OK;
}

enum err db_config_read(const char *dir, struct arena *a, struct diag *diag, struct db_config *ret)
{
	struct db_config c = {0};
	struct str rest, line;
	const char *path = arena_printf(a, "%s/config", dir);
	enum err e = read_whole(path, a, &rest);
	if (e == ERR_NO_DATA_DIR && (access(arena_printf(a, "%s/keys", dir), F_OK) == 0 ||
	                             access(arena_printf(a, "%s/daohu.db", dir), F_OK) == 0))
		e = ERR_DATA_DIR_BROKEN; /* it was one: init is not what is wanted */
	if (e)
		return diag_set(diag, e, "%s", path);
	for (int number = 1; str_split(&rest, '\n', &line); number++) {
		line = str_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		const char *eq = memchr(line.p, '=', line.n);
		if (!eq || c.n == DB_CONFIG_MAX) {
			diag_place(diag, "%s:%d", path, number);
			return diag_set(diag, ERR_INVALID, STR_FMT, STR_ARG(line));
		}
		size_t at = (size_t)(eq - line.p);
		c.lines[c.n].key = str_dup(a, str_trim(str_sub(line, 0, at)));
		c.lines[c.n++].value = str_dup(a, str_trim(str_sub(line, at + 1, line.n)));
	}
	*ret = c;
	return OK;
}

const char *db_config_get(const struct db_config *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->lines[i].key, key) == 0)
			return c->lines[i].value;
	}
	return NULL;
}

enum err db_config_set(struct db_config *c, const char *key, const char *value)
{
	size_t i = 0;
	if (!key[0] || strpbrk(key, "=#\r\n") || strpbrk(value, "\r\n"))
		return ERR_INVALID;
	while (i < c->n && strcmp(c->lines[i].key, key) != 0)
		i++;
	if (i == DB_CONFIG_MAX)
		return ERR_INVALID;
	c->lines[i] = (struct db_config_line){key, value};
	if (i == c->n)
		c->n++;
	return OK;
}

static enum err write_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return fsync(fd) == 0 ? OK : ERR_IO;
}

enum err db_config_write(const char *dir, const struct db_config *c, struct diag *diag)
{
	enum err e = db__make_dir(dir, diag);
	if (e)
		return e;
	struct arena a;
	arena_init(&a, 0);
	const char *path = arena_printf(&a, "%s/config", dir);
	const char *tmp = arena_printf(&a, "%s/config.new", dir);
	struct buf text;
	buf_init(&text, CONFIG_BYTES_MAX);
	for (size_t i = 0; i < c->n; i++)
		buf_addf(&text, "%s = %s\n", c->lines[i].key, c->lines[i].value);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	e = text.full ? ERR_FILE_TOO_LARGE : fd < 0 ? ERR_IO : write_all(fd, buf_str(&text));
	if (fd >= 0 && close(fd) != 0)
		e = ERR_IO;
	if (!e && (rename(tmp, path) != 0 || !disk_flush_folder(dir)))
		e = ERR_IO;
	if (e) {
		(void)diag_set(diag, e, "%s: %s", path, strerror(errno));
		(void)unlink(tmp);
	}
	buf_release(&text);
	arena_release(&a);
	return e;
}

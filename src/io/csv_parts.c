/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/csv_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/team.h"
#include "io/rows_impl.h"
#include "io/sniff.h"
#include "io/text_in.h"

#include "base/banned.h"

enum { HEAD = 64 * 1024 + 16, BLOCK = 4096 };

/* As much as there is, up to n. */
static size_t read_at(int fd, char *to, size_t n, size_t at)
{
	size_t have = 0;
	while (have < n) {
		ssize_t k = pread(fd, to + have, n - have, (off_t)(at + have));
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		have += (size_t)k;
	}
	return have;
}

/* --- cutting --------------------------------------------------------------------------------- */

/* Behind the first end of a line in [at, to); `to` when there is none. */
static size_t line_after(int fd, size_t at, size_t to)
{
	char block[BLOCK];
	bool returned = false; /* a CR stands before `at` */
	for (size_t n; at < to && (n = read_at(fd, block, sizeof(block), at)) > 0;)
		for (size_t i = 0; i < n; i++, at++) {
			bool line = block[i] == '\n';
			if (line || returned)
				return at + line < to ? at + line : to;
			returned = block[i] == '\r';
		}
	return to;
}

static void cut(struct csv_parts *p, size_t first)
{
	size_t each = (p->bytes - first) / p->n;
	p->begin[0] = first;
	p->begin[p->n] = p->bytes;
	for (size_t k = p->n; k-- > 1;)
		p->begin[k] = line_after(p->fd, first + each * k, p->begin[k + 1]);
}

static bool look(struct csv_parts *p, size_t *ret_first)
{
	char *head = base_realloc(NULL, HEAD, 1);
	struct csv_text t = {.p = head, .n = read_at(p->fd, head, HEAD, 0)};
	bool good = text_in_may_be_utf8(head, t.n, &t.first) && t.first < t.n;
	if (good)
		csv_look(&t);
	p->delim = t.delim;
	*ret_first = t.first;
	base_free(head);
	return good;
}

static bool open_text(struct csv_parts *p, const char *path, size_t max)
{
	struct stat st;
	struct diag diag = {0};
	enum file_kind kind;
	if (p->fd < 0 || fstat(p->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > max)
		return false;
	p->bytes = (size_t)st.st_size;
	return sniff_file(p->fd, p->bytes, path, &diag, &kind) == OK && kind == FILE_CSV;
}

bool csv_parts_open(const char *path, size_t part_bytes, size_t max, struct csv_parts *ret)
{
	struct csv_parts p = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
	size_t first = 0;
	if (!open_text(&p, path, max) || !look(&p, &first)) {
		csv_parts_close(&p);
		return false;
	}
	p.n = p.bytes / part_bytes + 1;
	p.n = p.n < CSV_PARTS_MAX ? p.n : CSV_PARTS_MAX;
	cut(&p, first);
	*ret = p;
	return true;
}

void csv_parts_close(struct csv_parts *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
}

/* --- reading --------------------------------------------------------------------------------- */

static struct rows *reader(const struct csv_parts *p, size_t from, size_t to, size_t window)
{
	struct rows *r = rows_bare("", NULL);
	struct csv_part part = {.fd = p->fd,
				.from = from,
				.to = to,
				.window = window,
				.cut = to < p->bytes,
				.delim = p->delim};
	csv_part_open(r, &part);
	return r;
}

struct rows *csv_parts_single(const struct csv_parts *p)
{
	enum { WINDOW = 256 };
	return reader(p, p->bytes, p->bytes, WINDOW);
}

struct rows *csv_parts_header(struct csv_parts *p, struct row *ret)
{
	struct rows *r = reader(p, p->begin[0], p->bytes, 0);
	bool more = false;
	if (rows_next(r, NULL, ret, &more) != OK || !more) {
		rows_close(r);
		return NULL;
	}
	p->begin[0] = csv_part_at(r);
	for (size_t k = 1; k < p->n && p->begin[k] < p->begin[0]; k++)
		p->begin[k] = p->begin[0];
	return r;
}

struct reading {
	const struct csv_parts *p;
	csv_part_work work;
	void *arg;
	enum err e[CSV_PARTS_MAX];
	size_t end[CSV_PARTS_MAX]; /* where the records of a part end */
};

static void read_part(void *arg, size_t part, size_t worker)
{
	struct reading *x = arg;
	struct rows *r = reader(x->p, x->p->begin[part], x->p->begin[part + 1], 0);
	x->e[part] = x->work(x->arg, part, worker, r);
	x->end[part] = csv_part_at(r);
	rows_close(r);
}

/* The first part begins where it should, and each begins where the one before it ends. */
static bool settle(struct reading *x, struct csv_parts *p)
{
	for (size_t k = 0; k < p->n; k++) {
		if (k && x->end[k - 1] != p->begin[k]) {
			p->begin[k] = x->end[k - 1];
			read_part(x, k, 0);
		}
		if (x->e[k])
			return false;
	}
	return x->end[p->n - 1] == p->bytes;
}

bool csv_parts_read(struct csv_parts *p, struct team *team, csv_part_work work, void *arg)
{
	struct reading *x = base_calloc(1, sizeof(*x));
	x->p = p;
	x->work = work;
	x->arg = arg;
	team_run(team, p->n, read_part, x);
	bool good = settle(x, p);
	base_free(x);
	return good;
}

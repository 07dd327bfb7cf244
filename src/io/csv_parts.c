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

enum { HEAD = 64 * 1024, SEQUENCE = 4 /* bytes of a character at most */ };

/* What the thread that reads a stretch of the file finds in it. */
struct stretch {
	size_t from, to;
	size_t first; /* behind the rest of a character that began before it */
	size_t whole; /* behind its last whole character */
	bool bad;     /* not to be read, not UTF-8, or a NUL */
	bool quotes;
};

struct reading {
	int fd;
	char *text;
	struct stretch stretch[CSV_PARTS_MAX];
};

static bool read_whole(int fd, char *to, size_t from, size_t n)
{
	while (n > 0) {
		ssize_t k = pread(fd, to, n, (off_t)from);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		to += k;
		from += (size_t)k;
		n -= (size_t)k;
	}
	return true;
}

static void read_stretch(void *arg, size_t job, size_t worker)
{
	struct reading *r = arg;
	struct stretch *s = &r->stretch[job];
	const char *p = r->text;
	size_t n = s->to - s->from;
	(void)worker;
	s->bad = !read_whole(r->fd, r->text + s->from, s->from, n) || memchr(p + s->from, 0, n);
	if (s->bad)
		return;
	s->quotes = memchr(p + s->from, '"', n) != NULL;
	for (s->first = s->from; s->first < s->to && ((unsigned char)p[s->first] & 0xC0) == 0x80;)
		s->first++;
	s->whole = s->first + utf8_prefix(p + s->first, s->to - s->first);
	s->bad = s->first - s->from >= SEQUENCE || s->to - s->whole >= SEQUENCE;
}

/* Cut characters must fit together again. */
static bool seams_fit(const struct reading *r, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		size_t from = k ? r->stretch[k - 1].whole : 0, to = r->stretch[k].first;
		if (r->stretch[k].bad || utf8_prefix(r->text + from, to - from) != to - from)
			return false;
	}
	return r->stretch[n - 1].whole == r->stretch[n - 1].to;
}

static bool read_text(struct reading *r, size_t size, size_t n, struct team *team)
{
	for (size_t k = 0; k < n; k++) {
		r->stretch[k].from = size / n * k;
		r->stretch[k].to = k + 1 < n ? size / n * (k + 1) : size;
	}
	team_run(team, n, read_stretch, r);
	return seams_fit(r, n);
}

/* Where no quotes are every end of a line ends a record. */
static size_t line_after(const struct csv_text *t, size_t at)
{
	while (at < t->n && t->p[at] != '\n' && t->p[at] != '\r')
		at++;
	if (at < t->n && t->p[at] == '\r')
		at++;
	return at + (at < t->n && t->p[at] == '\n');
}

static bool cut(const struct reading *r, const struct csv_text *t, size_t n, struct csv_parts *ret)
{
	bool quotes = false, good = true;
	for (size_t k = 0; k < n; k++) {
		quotes |= r->stretch[k].quotes;
		ret->begin[k] = r->stretch[k].from > t->first ? r->stretch[k].from : t->first;
	}
	ret->begin[0] = t->first;
	ret->begin[n] = t->n;
	for (size_t k = 1; !quotes && k < n; k++)
		ret->begin[k] = line_after(t, ret->begin[k]);
	if (quotes) {
		struct rows *walker = rows_bare("", NULL);
		good = csv_starts(walker, t, n, ret->begin);
		rows_close(walker);
	}
	return good;
}

static bool open_text(int fd, const char *path, size_t max, size_t *ret_size)
{
	struct stat st;
	struct diag diag = {0};
	enum file_kind kind;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > max)
		return false;
	*ret_size = (size_t)st.st_size;
	return sniff_file(fd, *ret_size, path, &diag, &kind) == OK && kind == FILE_CSV;
}

/* The file, when it is in order, cut into ret->n parts. */
static bool read_parts(struct reading *r, struct team *team, struct csv_parts *ret)
{
	struct csv_text t = {.p = ret->text, .n = ret->bytes};
	size_t head = t.n < HEAD ? t.n : HEAD;
	r->text = ret->text;
	if (!read_text(r, t.n, ret->n, team) || !text_in_may_be_utf8(t.p, head, &t.first) ||
	    t.first == t.n) /* a mark and nothing behind it */
		return false;
	csv_look(&t);
	ret->delim = t.delim;
	return cut(r, &t, ret->n, ret);
}

bool csv_parts_open(const char *path, size_t part_bytes, size_t max, struct team *team,
		    struct arena *a, struct csv_parts *ret)
{
	struct reading *r = base_calloc(1, sizeof(*r));
	struct arena_mark m = arena_save(a);
	size_t size = 0;
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = open_text(r->fd, path, max, &size);
	if (good) {
		size_t n = size / part_bytes + 1;
		*ret = (struct csv_parts){.text = arena_alloc(a, size),
					  .bytes = size,
					  .n = n < CSV_PARTS_MAX ? n : CSV_PARTS_MAX};
		good = read_parts(r, team, ret);
		if (!good)
			arena_back(a, m);
	}
	if (r->fd >= 0)
		(void)close(r->fd);
	base_free(r);
	return good;
}

struct rows *csv_parts_rows(const struct csv_parts *p, size_t part)
{
	struct rows *r = rows_bare("", NULL);
	struct csv_text t = {.p = p->text, .n = p->bytes, .delim = p->delim};
	csv_lend(r, &t, p->begin[part], p->begin[part + 1]);
	return r;
}

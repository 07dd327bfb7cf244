/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The first byte says what the rest is: 0 a backup as it lies on the disk (head and frames;
 * a sealed one with its keys in clear opens), anything else the items inside the seal, in
 * pieces of that many bytes.  Every row goes to a sink that touches all of it.
 */
#include "backup/item.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../tests/unit/thing.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {&thing_desc};

struct pieces {
	struct str bytes;
	size_t at_once;
	unsigned sum;
	size_t n;
};

static enum err next_piece(void *arg, struct str *ret)
{
	struct pieces *p = arg;
	*ret = str_sub(p->bytes, 0, p->at_once);
	p->bytes = str_sub(p->bytes, ret->n, p->bytes.n);
	return OK;
}

static enum err see_table(void *arg, const struct backup_report *r, const char *name,
			  const struct rows_column *columns, size_t n)
{
	struct pieces *p = arg;
	(void)r;
	(void)columns;
	p->sum += (unsigned)strlen(name);
	p->n = n;
	return OK;
}

static enum err see_row(void *arg, const struct rows_value *v)
{
	struct pieces *p = arg;
	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < v[i].s.n; k++)
			p->sum += (unsigned char)v[i].s.p[k];
	}
	return OK;
}

static void read_items(struct str bytes, size_t at_once, struct backup_report *r)
{
	struct pieces p = {bytes, at_once, 0, 0};
	struct backup_source from = {&p, next_piece};
	struct backup_sink sink = {.arg = &p, .table = see_table, .row = see_row};
	struct seal_head head = {.county = "341299"};
	struct diag diag = {0};
	enum err e = backup_read_items(&from, &head, tables, 1, &sink, &diag, r);
	if (e && !diag.code)
		abort(); /* refused without a reason */
}

static void read_file(struct str bytes, struct backup_report *r)
{
	char path[64];
	struct diag diag = {0};
	int fd = memfd_create("backup", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes.p, bytes.n) != (ssize_t)bytes.n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct backup_in in = {.path = path, .tables = tables, .n_tables = 1};
	enum err e = backup_verify(&in, &diag, r);
	if (e && !diag.code)
		abort();
	(void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 65536)
		return 0;
	struct str rest = {(const char *)data + 1, size - 1};
	struct backup_report *r = base_calloc(1, sizeof(*r));
	/* Argon2id of a head that asks for it would be all that is fuzzed */
	if (data[0])
		read_items(rest, data[0], r);
	else if (str_find(rest, STR("argon2id")) == SIZE_MAX)
		read_file(rest, r);
	base_free(r);
	return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* backup_house: a house with an attachment and a folder beside it, for tests of backups. */
#ifndef DAOHU_TESTS_BACKUP_HOUSE_H
#define DAOHU_TESTS_BACKUP_HOUSE_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/attach.h"
#include "backup/backup.h"
#include "temp_house.h"

static const struct record_desc *const tables[] = {&attachment_desc};
static struct temp_house house;
static char work[64]; /* a folder for what the tests make */

static inline const char *in_work(const char *name)
{
	return arena_printf(&house.a, "%s/%s", work, name);
}

static inline void write_text(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static inline struct str read_text(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fstat(fileno(f), &st), 0);
	char *p = arena_alloc(&house.a, (size_t)st.st_size + 1);
	assert_int_equal(fread(p, 1, (size_t)st.st_size, f), st.st_size);
	assert_int_equal(fclose(f), 0);
	return (struct str){p, (size_t)st.st_size};
}

/* One more attachment, with a note that tells them apart. */
static inline void add_one(struct temp_house *h, const char *note)
{
	static const char png[] =
		"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90wS\xde"
		"\0\0\0\0IEND\xae"
		"B`\x82";
	struct attach_info info;
	struct attachment rec = {.has = 0};
	write_text(in_work("a.png"), png, sizeof(png) - 1);
	if (attach_store(h->keys, h->dir, in_work("a.png"), 0, &h->diag, &info))
		fail_msg("%s %s", h->diag.place, h->diag.detail);
	attach_describe(&rec, &info, STR("a.png"), &h->a);
	FIELD_SET(&rec, ATTACHMENT_, tbl, "task");
	FIELD_SET(&rec, ATTACHMENT_, rec, 1 + (int64_t)strlen(note));
	FIELD_SET(&rec, ATTACHMENT_, note, note);
	temp_house_begin(h);
	assert_int_equal(attach_add(h->j, &rec), OK);
	temp_house_commit(h);
}

static inline int set_up(void **state)
{
	(void)state;
	temp_house_open(&house, tables, 1);
	memcpy(work, "/tmp/daohu-work-XXXXXX", 23);
	assert_non_null(mkdtemp(work));
	add_one(&house, "one");
	return 0;
}

static inline int tear_down(void **state)
{
	char command[128];
	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", work);
	assert_int_equal((system)(command), 0);
	temp_house_close(&house);
	return 0;
}

static inline void same_text(const char *path, const char *text)
{
	struct str now = read_text(path);
	assert_int_equal(now.n, strlen(text));
	assert_memory_equal(now.p, text, now.n);
}

/* A copy with one byte of the head changed: the one `behind` this word, counted from 0. */
static inline void flip(const char *from, const char *word, size_t behind, const char *to)
{
	struct str whole = read_text(from);
	size_t at = str_find(whole, str_c(word));
	assert_int_not_equal(at, SIZE_MAX);
	char *p = arena_strndup(&house.a, whole.p, whole.n);
	memcpy(p, whole.p, whole.n);
	char *c = p + at + strlen(word) + behind;
	*c = *c == 'A' ? 'B' : *c == '1' ? '2' : 'A';
	write_text(to, p, whole.n);
}

static inline void make(const char *path, struct backup_report *r)
{
	struct backup_opts o = {.db = house.db, .program = "test"};
	diag_clear(&house.diag);
	if (backup_write(&o, path, r))
		fail_msg("%s %s", house.diag.place, house.diag.detail);
}

static inline struct backup_in reading(const char *path)
{
	return (struct backup_in){.path = path, .tables = tables, .n_tables = 1};
}

#endif

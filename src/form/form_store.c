/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "form/form_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

static const struct field form_template_fields[] = {
#define F(...) FIELD_ROW(struct form_template, __VA_ARGS__)
#include "form/form_template.def"
#undef F
};
const struct record_desc form_template_desc = {
	.name = "form_template",
	.id = 90,
	.fields = form_template_fields,
	.n = FORM_TEMPLATE_FIELD_MAX,
	.size = sizeof(struct form_template),
	.label = TEXT("报表模板", "form"),
	.naming = 1,
};

enum err form_store_file(const char *path, struct arena *a, struct diag *diag, struct str *ret)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	struct buf b;
	char block[65536];
	size_t n;
	buf_init(&b, FORM_FILE_MAX);
	while ((n = fread(block, 1, sizeof(block), f)) > 0 && !b.full)
		buf_add(&b, block, n);
	enum err e = ferror(f) ? diag_set(diag, ERR_IO, "%s", path)
	             : b.full  ? diag_set(diag, ERR_FILE_TOO_LARGE, "> %d", FORM_FILE_MAX)
	                       : OK;
	fclose(f);
	if (e == OK)
		*ret = str_copy(a, buf_str(&b));
	buf_release(&b);
	return e;
}

static int newest_first(const void *pa, const void *pb)
{
	const struct form_template *a = pa, *b = pb;
	return (a->no < b->no) - (a->no > b->no);
}

enum err form_store_all(struct db *db, struct arena *a, struct form_template **ret, size_t *ret_n)
{
	struct stmt *s = db_all(db, &form_template_desc);
	enum err e = stmt_records(s, &form_template_desc, a, ret, ret_n);
	if (e)
		return e;
	qsort(*ret, *ret_n, sizeof(**ret), newest_first);
	return OK;
}

enum err form_store_get(struct db *db, int64_t no, struct arena *a, struct form_template *ret,
                        bool *ret_found)
{
	return db_get(db, &form_template_desc, no, a, ret, ret_found);
}

enum err form_store_add(struct journal *j, struct form_template *t)
{
	struct form_template *all;
	struct arena a;
	size_t n;
	int64_t revision = 0;
	arena_init(&a, 0);
	enum err e = form_store_all(journal_db(j), &a, &all, &n);
	for (size_t i = 0; e == OK && i < n; i++) {
		if (!all[i].name || strcmp(all[i].name, t->name) != 0 || all[i].revision <= revision)
			continue;
		revision = all[i].revision;
		if (all[i].mapping && !FIELD_HAS(t, FORM_TEMPLATE_, mapping))
			FIELD_SET(t, FORM_TEMPLATE_, mapping, all[i].mapping);
	}
	if (e == OK) {
		FIELD_SET(t, FORM_TEMPLATE_, revision, revision + 1);
		FIELD_SET(t, FORM_TEMPLATE_, created, journal_now(j));
		e = journal_insert(j, &form_template_desc, t);
	}
	if (FIELD_HAS(t, FORM_TEMPLATE_, mapping) && revision)
		t->mapping = ""; /* lived in the arena that goes; read the record again for it */
	arena_release(&a);
	return e;
}

static enum err put_file(const struct form_template *t, const char *path, struct diag *diag)
{
	FILE *f = fopen(path, "wb");
	if (!f)
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	bool bad = t->file.n && fwrite(t->file.p, 1, t->file.n, f) != t->file.n;
	bad |= fclose(f) != 0;
	return bad ? diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno)) : OK;
}

enum err form_store_open(const struct form_template *t, const char *path, const struct pack *pack,
                         struct arena *a, struct diag *diag, struct form **ret)
{
	struct form *f;
	struct str rest = str_c(t->mapping), line;
	enum err e = put_file(t, path, diag);
	if (e == OK)
		e = form_open(path, pack, a, diag, &f);
	if (e != OK)
		return e;
	/* a new edition may lack places that the last one had: those are passed over */
	if (t->grain)
		e = form_set_grain(f, str_c(t->grain), NULL);
	while (str_split(&rest, '\n', &line))
		e = form_apply(f, line, NULL);
	*ret = f;
	return OK;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* temp_house: a data folder of a test's own, opened for writing, with the pack. */
#ifndef DAOHU_TESTS_TEMP_HOUSE_H
#define DAOHU_TESTS_TEMP_HOUSE_H

#include <stdio.h>
#include <stdlib.h>

#include "journal/journal.h"
#include "test_db.h"

struct temp_house {
	char dir[64];
	struct diag diag;
	struct arena a;
	struct db *db;
	struct keys *keys;
	struct journal *j;
};

static inline void temp_house_open(struct temp_house *h, const struct record_desc *const *tables,
                                   size_t n)
{
	struct db_config c = {0};
	struct db_opts o = {.mode = DB_CREATE, .county = "341299", .url = test_db_url(),
	                    .tables = tables, .n_tables = n};
	*h = (struct temp_house){.dir = "/tmp/daohu-house-XXXXXX"};
	arena_init(&h->a, 0);
	assert_non_null(mkdtemp(h->dir));
	assert_int_equal(db_config_set(&c, "format", "1"), OK);
	assert_int_equal(db_config_set(&c, "county", "341299"), OK);
	if (o.url)
		assert_int_equal(db_config_set(&c, "url", o.url), OK);
	assert_int_equal(db_config_write(h->dir, &c, &h->diag), OK);
	if (db_open(h->dir, &o, &h->diag, &h->db))
		fail_msg("%s %s", h->diag.place, h->diag.detail);
	assert_int_equal(keys_create(h->dir, NULL, &h->diag, &h->keys), OK);
	assert_int_equal(journal_open(h->db, h->keys, &h->j), OK);
}

static inline void temp_house_close(struct temp_house *h)
{
	journal_close(h->j);
	keys_close(h->keys);
	db_close(h->db);
	arena_release(&h->a);
	test_db_remove(h->dir);
}

static inline void temp_house_begin(struct temp_house *h)
{
	struct entry_info info = {.actor = "test", .command = "test", .reason = "test",
	                          .event_date = 20180114};
	diag_clear(&h->diag);
	assert_int_equal(journal_begin(h->j, &info), OK);
}

static inline void temp_house_commit(struct temp_house *h)
{
	enum err e = journal_commit(h->j, NULL);
	if (e)
		fail_msg("%s %s %s", err_name(e), h->diag.place, h->diag.detail);
}

#endif

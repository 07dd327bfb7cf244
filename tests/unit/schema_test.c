/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A schema that grew from any past version is the one that is made today. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "account/account.h"
#include "attach/attach.h"
#include "check/record.h"
#include "db/engine.h"
#include "db/sql.h"
#include "form/form_store.h"
#include "form/retype.h"
#include "ledger/index.h"
#include "ledger/map_store.h"
#include "registry/pin.h"
#include "test_db.h"
#include "work_tables.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {
	&area_desc, &account_desc, &reveal_desc, &household_desc, &household_state_desc,
	&household_year_desc, &person_desc, &membership_desc, &person_year_desc, &income_desc,
	&duty_desc, &measure_desc, &visit_desc, &contract_desc, &ledger_desc, &ledger_chunk_desc,
	&link_answer_desc, &ledger_index_desc, &ledger_map_desc, &attachment_desc, &finding_desc, &pin_desc,
	&form_template_desc, &retype_tick_desc, WORK_TABLES,
};

static int newest(void)
{
	int version = 0;
	for (const struct db_migration *m = db__migrations; m->version; m++) {
		if (m->engine == test_db_engine() && m->version > version)
			version = m->version;
	}
	return version;
}

/* What there was when `version` was the newest, with a row in it. */
static void make_past(const char *dir, const char *url, int version)
{
	struct db_config c = {0};
	int done = 0;
	struct buf sql;
	buf_init(&sql, 1 << 20);
	assert_int_equal(db_config_set(&c, "format", "1"), OK);
	assert_int_equal(db_config_set(&c, "county", "341299"), OK);
	if (url)
		assert_int_equal(db_config_set(&c, "url", url), OK);
	assert_int_equal(db_config_write(dir, &c, NULL), OK);
	for (const struct db_migration *m = db__migrations; m->version; m++) {
		if (m->engine != test_db_engine() || m->version > version)
			continue;
		buf_addf(&sql, "%s;\n", m->statement);
		if (m->version == done)
			continue;
		done = m->version;
		buf_addf(&sql, "INSERT INTO schema_version VALUES (%d, '%s', 0);\n", done, m->name);
	}
	buf_addf(&sql, "INSERT INTO counter (county, name, next) VALUES ('341299', 'thing', 77);");
	assert_int_equal(test_db_by_hand(dir, sql.p), 0);
	buf_release(&sql);
}

/*
 * All that the database itself says of its schema: columns with type and collation,
 * constraints, indexes, each with its table.  What a server puts before names (its schema) is left out.
 */
static const char *const catalog[DB_ENGINE_MAX] = {
	"SELECT type || ' ' || tbl_name || ' ' || coalesce(sql, name) FROM sqlite_schema"
	" ORDER BY type, tbl_name, name",
	"WITH t AS (SELECT oid, relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
	"  AND relnamespace = current_schema()::regnamespace)"
	" SELECT line FROM (SELECT format('column %s.%s %s %s null %s collation %s default %s %s%s', relname, attname,"
	"   attnum, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not' END,"
	"   coalesce(attcollation::regcollation::text, '-'), coalesce(pg_get_expr(adbin, adrelid), '-'),"
	"   attidentity, attgenerated) AS line"
	"  FROM t JOIN pg_attribute a ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped"
	"  LEFT JOIN pg_attrdef ON adrelid = t.oid AND adnum = attnum"
	" UNION ALL SELECT format('constraint %s %s %s', relname, conname, pg_get_constraintdef(c.oid))"
	"  FROM t JOIN pg_constraint c ON conrelid = t.oid"
	" UNION ALL SELECT 'index ' || replace(pg_get_indexdef(indexrelid), current_schema() || '.', '')"
	"   || CASE WHEN indisvalid THEN '' ELSE ' invalid' END"
	"  FROM t JOIN pg_index ON indrelid = t.oid"
	" UNION ALL SELECT format('trigger %s %s', relname, tgname) FROM t JOIN pg_trigger ON tgrelid = t.oid"
	" ) q ORDER BY line COLLATE \"C\""};
/* What is sorted otherwise than by its bytes, so that both databases, and all shards, sort alike. */
static const char *const sorted_otherwise[DB_ENGINE_MAX] = {
	"SELECT 'otherwise sorted: ' || tbl_name FROM sqlite_schema WHERE sql LIKE '%COLLATE%'",
	"SELECT format('otherwise sorted: %s.%s %s', relname, attname, attcollation::regcollation) FROM pg_attribute"
	" JOIN pg_class c ON c.oid = attrelid AND relnamespace = current_schema()::regnamespace"
	" WHERE NOT attisdropped AND attnum > 0 AND attcollation <> 0"
	" AND attcollation <> '\"C\"'::regcollation"};

static void add_rows(struct engine *e, const char *sql, struct buf *out)
{
	struct engine_stmt *s = NULL;
	struct diag diag = {0};
	enum engine_step step;
	if (engine_prepare(e, sql, &diag, &s))
		fail_msg("%s: %s", sql, diag.detail);
	while ((step = engine_step(s)) == ENGINE_ROW) {
		struct str line = engine_text(s, 0);
		buf_addf(out, STR_FMT "\n", STR_ARG(line));
	}
	assert_int_equal(step, ENGINE_DONE);
	engine_finalize(s);
}

/* The schema in words: every table's columns as the program sees them, then the catalog's. */
static char *describe(const char *dir, const char *url)
{
	static const char *const own[] = {"schema_version", "counter", "entry", "change", "node",
	                                  "checkpoint", "person_key", "search_house", "search_key",
	                                  "search_at", "session", "login_guard"};
	struct engine *e = NULL;
	struct buf out;
	char path[256];
	struct diag diag = {0};
	buf_init(&out, 1 << 20);
	(void)snprintf(path, sizeof(path), "%s/daohu.db", dir);
	assert_int_equal(url ? pg_open(url, DB_READ, false, &diag, &e)
	                     : sqlite_open(path, DB_READ, &diag, &e), OK);
	size_t n_records = sizeof(tables) / sizeof(*tables), n_own = sizeof(own) / sizeof(*own);
	for (size_t i = 0; i < n_records + n_own; i++) {
		const char *name = i < n_records ? tables[i]->name : own[i - n_records];
		struct engine_column cols[RECORD_FIELDS_MAX + 8];
		size_t n = 0;
		assert_int_equal(engine_table(e, name, &diag, cols, sizeof(cols) / sizeof(*cols), &n), OK);
		if (!n)
			fail_msg("%s: no such table", name);
		for (size_t c = 0; c < n; c++)
			buf_addf(&out, "%s.%s %d %d %d\n", name, cols[c].name, (int)cols[c].stored,
			         cols[c].not_null, cols[c].key);
	}
	add_rows(e, catalog[test_db_engine()], &out);
	add_rows(e, sorted_otherwise[test_db_engine()], &out);
	engine_close(e);
	char *text = base_calloc(out.n + 1, 1);
	memcpy(text, out.p, out.n);
	buf_release(&out);
	return text;
}

/* `edit`: SQL by hand, before it is looked at. */
static char *make_and_describe(int from, const char *edit)
{
	char dir[] = "/tmp/daohu-past-XXXXXX", url[400] = "";
	struct diag diag = {0};
	struct db *db = NULL;
	struct db_opts o = {.mode = DB_CREATE, .county = "341299", .tables = tables,
	                    .n_tables = sizeof(tables) / sizeof(*tables)};
	const char *fresh = test_db_url();
	int64_t next = 77;
	if (fresh)
		(void)snprintf(url, sizeof(url), "%s", fresh);
	o.url = fresh ? url : NULL;
	assert_non_null(mkdtemp(dir));
	if (from) {
		o.mode = DB_READ;
		make_past(dir, o.url, from);
		assert_int_equal(db_open(dir, &o, &diag, &db), ERR_DB_OLDER);
		diag_clear(&diag);
		o.mode = DB_UPGRADE;
	}
	if (db_open(dir, &o, &diag, &db))
		fail_msg("from %d: %s %s", from, diag.place, diag.detail);
	assert_int_equal(db_schema_version(db), newest());
	if (db_check_schema(db) || db_check_statements(db))
		fail_msg("from %d: %s %s", from, diag.place, diag.detail);
	if (from) { /* and nothing was lost */
		assert_int_equal(db_begin(db), OK);
		assert_int_equal(db_take_numbers(db, "thing", 1, &next), OK);
		assert_int_equal(next, 77);
		db_rollback(db);
	}
	db_close(db);
	if (edit)
		assert_int_equal(test_db_by_hand(dir, edit), 0);
	char *text = describe(dir, o.url);
	test_db_remove(dir);
	return text;
}

static void test_schema__from_every_past_version(void **state)
{
	(void)state;
	char *fresh = make_and_describe(0, NULL);
	assert_true(newest() >= 10);
	assert_null(strstr(fresh, "otherwise sorted"));
	for (int from = 1; from < newest(); from++) {
		char *grown = make_and_describe(from, NULL);
		if (strcmp(grown, fresh) != 0)
			print_error("from version %d\n", from);
		assert_string_equal(grown, fresh);
		base_free(grown);
	}
	base_free(fresh);
}

/* What a migration could get wrong is seen. */
static void test_schema__told_apart(void **state)
{
	static const char *const edits[DB_ENGINE_MAX][5] = {
		{"DROP INDEX household_village", "CREATE INDEX more ON account (county, login)",
	         "ALTER TABLE account ADD COLUMN more TEXT COLLATE NOCASE"},
		{"DROP INDEX household_village", "CREATE INDEX more ON account (county, login)",
	         "ALTER TABLE account ALTER COLUMN login TYPE text COLLATE \"POSIX\"",
	         "ALTER TABLE account ALTER COLUMN login SET DEFAULT ''",
	         "ALTER TABLE account ADD CHECK (no > 0)"},
	};
	char *fresh = make_and_describe(0, NULL);
	(void)state;
	for (size_t i = 0; i < 5 && edits[test_db_engine()][i]; i++) {
		const char *edit = edits[test_db_engine()][i];
		char *other = make_and_describe(0, edit);
		if (strcmp(other, fresh) == 0 || !strstr(edit, "COLLATE") != !strstr(other, "otherwise sorted"))
			fail_msg("not seen: %s", edit);
		base_free(other);
	}
	base_free(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_schema__from_every_past_version),
	                                   cmocka_unit_test(test_schema__told_apart)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

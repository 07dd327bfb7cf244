/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/handle.h"

#include <assert.h>

#include "db/sql.h"

#include "base/banned.h"

enum { SQL_MAX = 64 * 1024 };

/* {any $5}: what stands before it is one of the JSON list bound to $5; {any $5 numbers}. */
static enum err print_any(enum db_engine engine, struct str words, struct buf *out)
{
	struct str param;
	int64_t no = 0;
	words = str_trim(words);
	bool ok = str_split(&words, ' ', &param) && param.n && param.p[0] == '$' &&
		  str_to_int(str_sub(param, 1, param.n), &no);
	if (!ok || (words.p && !str_is(words, "numbers")))
		return ERR_DB;
	db__print_any(engine, !words.p, (int)no, out);
	return OK;
}

/* {word W LIST}: W is one of the words of LIST, which commas part. */
static enum err print_word(enum db_engine engine, struct str words, struct buf *out)
{
	struct str word, list;
	words = str_trim(words);
	if (!str_split(&words, ' ', &word) || !str_split(&words, ' ', &list) || words.p)
		return ERR_DB;
	buf_addf(out, "%s(',' || " STR_FMT " || ',', ',' || " STR_FMT " || ',') > 0",
		 engine == DB_PG ? "strpos" : "instr", STR_ARG(list), STR_ARG(word));
	return OK;
}

/* What is no table: *ret_err says whether it could be put in. */
static bool print_condition(enum db_engine engine, struct str name, struct str words,
			    enum db_scope_kind scope, struct buf *out, enum err *ret_err)
{
	if (str_is(name, "scope"))
		*ret_err = db__print_scope(engine, scope, words, out);
	else if (str_is(name, "any"))
		*ret_err = print_any(engine, words, out);
	else if (str_is(name, "word"))
		*ret_err = print_word(engine, words, out);
	else
		return false;
	return true;
}

/* {table} and {table alias} → the record's columns; {scope V N} and such → a condition. */
enum err db__expand(const struct db *db, const char *text, enum db_scope_kind scope, struct buf *out)
{
	for (;;) {
		const char *open = strchr(text, '{');
		if (!open) {
			buf_adds(out, text);
			return OK;
		}
		const char *close = strchr(open, '}');
		if (!close)
			return ERR_DB;
		buf_add(out, text, (size_t)(open - text));
		struct str alias = {open + 1, (size_t)(close - open - 1)}, table;
		if (!str_split(&alias, ' ', &table))
			return ERR_DB;
		text = close + 1;
		enum err e = OK;
		if (print_condition(db->engine->kind, table, alias, scope, out, &e)) {
			if (e)
				return e;
			continue;
		}
		size_t i = 0;
		while (i < db->n_tables && !str_is(table, db->tables[i]->name))
			i++;
		if (i == db->n_tables)
			return ERR_DB;
		db__print_columns(db->tables[i], str_trim(alias), out);
	}
}

static enum err prepare(struct stmt *s, const char *text)
{
	struct db *db = s->db;
	struct buf sql;
	buf_init(&sql, SQL_MAX);
	enum err e = db__expand(db, text, s->scope, &sql);
	if (e)
		e = diag_set(db->diag, e, "%s: what stands in {}", s->name);
	else
		e = engine_prepare(db->engine, sql.p ? sql.p : "", db->diag, &s->h);
	if (e)
		diag_place(db->diag, "%s", s->name);
	buf_release(&sql);
	return e;
}

struct stmt *db__stmt_text(struct db *db, struct stmt **slot, const char *name, const char *sql,
			   enum db_scope_kind scope)
{
	struct stmt *s = *slot;
	while (s && (s->busy || s->scope != scope))
		s = s->next;
	if (!s) {
		s = base_calloc(1, sizeof(*s));
		s->db = db;
		s->name = name;
		s->scope = scope;
		s->next = *slot;
		*slot = s;
	}
	s->busy = true;
	s->row = false;
	s->err = s->h ? OK : prepare(s, sql);
	if (!s->err && engine_has_param(s->h, 1))
		stmt_bind_text(s, 1, db->county);
	return s;
}

struct stmt *db_stmt(struct db *db, enum stmt_id id)
{
	assert((size_t)id < STMT_MAX);
	const struct db_stmt_text *t = &db__stmts[id];
	enum db_scope_kind kind = t->scoped ? db->scope.kind : DB_SCOPE_NONE;
	struct stmt *s = db__stmt_text(db, &db->stmts[id], t->name, t->text[db->engine->kind], kind);
	if (!s->err && (kind == DB_SCOPE_AREAS || kind == DB_SCOPE_HOUSEHOLDS))
		stmt_bind_str(s, DB_SCOPE_PARAM, db->scope.list);
	return s;
}

static void give_back(struct stmt *list)
{
	for (struct stmt *s = list; s; s = s->next) {
		if (s->busy && s->h)
			engine_reset(s->h);
		s->busy = s->row = false;
	}
}

void db_release_statements(struct db *db)
{
	for (size_t i = 0; i < db->n_tables; i++)
		for (size_t k = 0; k < RECORD_STMTS; k++)
			give_back(db->records[i].list[k]);
	for (size_t i = 0; i < STMT_MAX; i++)
		give_back(db->stmts[i]);
}

void db__stmt_free(struct stmt *list)
{
	while (list) {
		struct stmt *next = list->next;
		engine_finalize(list->h);
		base_free(list);
		list = next;
	}
}

/* --- binding -------------------------------------------------------------- */

static void bound(struct stmt *s, bool ok, int i)
{
	if (!ok)
		s->err = diag_set(s->db->diag, ERR_DB, "%s: parameter $%d", s->name, i);
}

void stmt_bind_int(struct stmt *s, int i, int64_t v)
{
	if (!s->err)
		bound(s, engine_bind_int(s->h, i, v), i);
}

void stmt_bind_text(struct stmt *s, int i, const char *v)
{
	if (!v)
		stmt_bind_null(s, i);
	else
		stmt_bind_str(s, i, str_c(v));
}

void stmt_bind_str(struct stmt *s, int i, struct str v)
{
	if (!s->err)
		bound(s, engine_bind_text(s->h, i, v), i);
}

void stmt_bind_blob(struct stmt *s, int i, struct str v)
{
	if (!v.p)
		stmt_bind_null(s, i);
	else if (!s->err)
		bound(s, engine_bind_blob(s->h, i, v), i);
}

void stmt_bind_null(struct stmt *s, int i)
{
	if (!s->err)
		bound(s, engine_bind_null(s->h, i), i);
}

/* --- stepping ------------------------------------------------------------- */

bool stmt_row(struct stmt *s)
{
	s->row = false;
	if (s->err)
		return false;
	enum engine_step step = engine_step(s->h);
	if (step == ENGINE_FAILED)
		s->err = engine_fault(s->db->engine, s->name, s->db->diag);
	s->row = step == ENGINE_ROW;
	return s->row;
}

bool stmt_is_null(struct stmt *s, int col)
{
	return !s->row || engine_is_null(s->h, col);
}

int64_t stmt_int(struct stmt *s, int col)
{
	return s->row ? engine_int(s->h, col) : 0;
}

struct str stmt_str(struct stmt *s, int col)
{
	return s->row ? engine_text(s->h, col) : (struct str){NULL, 0};
}

struct str stmt_blob(struct stmt *s, int col)
{
	return s->row ? engine_blob(s->h, col) : (struct str){NULL, 0};
}

const char *stmt_dup(struct stmt *s, int col, struct arena *a)
{
	return stmt_is_null(s, col) ? NULL : str_dup(a, stmt_str(s, col));
}

enum err stmt_end(struct stmt *s)
{
	if (s->h)
		engine_reset(s->h);
	s->busy = false;
	s->row = false;
	return s->err;
}

enum err stmt_run(struct stmt *s)
{
	while (stmt_row(s))
		continue;
	s->db->changes = s->err ? 0 : engine_changes(s->db->engine);
	return stmt_end(s);
}

enum err stmt_one_int(struct stmt *s, int64_t none, int64_t *ret)
{
	int64_t v = none;
	if (stmt_row(s) && !stmt_is_null(s, 0))
		v = stmt_int(s, 0);
	enum err e = stmt_end(s);
	if (!e)
		*ret = v;
	return e;
}

enum err db_check_statements(struct db *db)
{
	struct db_scope had = db->scope;
	enum err e = OK;
	for (int kind = DB_SCOPE_ALL; kind < DB_SCOPE_MAX; kind++) {
		db->scope = (struct db_scope){.kind = (enum db_scope_kind)kind, .list = STR("[]")};
		for (size_t id = 0; !e && id < STMT_MAX; id++)
			e = stmt_end(db_stmt(db, (enum stmt_id)id));
	}
	db->scope = had;
	return e;
}

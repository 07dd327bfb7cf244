/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/rows.h"

#include <assert.h>

#include "db/handle.h"

#include "base/banned.h"

enum {
	MANY_MAX = 16,           /* rows that one statement inserts */
	MANY_BYTES = 256 * 1024, /* or fewer, when they are large */
	SQL_MAX = 256 * 1024
};

enum err rows_table(struct db *db, const char *name, struct rows_table *ret)
{
	struct engine_column cols[ROWS_COLUMNS_MAX + 1];
	size_t n = 0;
	bool county = false;
	*ret = (struct rows_table){0};
	if (strlen(name) >= sizeof(ret->name))
		return diag_set(db->diag, ERR_DB, "%s", name);
	enum err e = engine_table(db->engine, name, db->diag, cols, ROWS_COLUMNS_MAX + 1, &n);
	if (e)
		return e;
	memcpy(ret->name, name, strlen(name));
	for (size_t i = 0; i < n; i++) {
		if (strcmp(cols[i].name, "county") == 0) {
			county = true;
			continue;
		}
		if (ret->n == ROWS_COLUMNS_MAX)
			return diag_set(db->diag, ERR_DB, "%s", name);
		struct rows_column *c = &ret->column[ret->n++];
		static_assert(sizeof(c->name) == sizeof(cols[i].name), "copied whole");
		memcpy(c->name, cols[i].name, sizeof(c->name));
		c->stored = cols[i].stored;
		c->not_null = cols[i].not_null;
		c->key = cols[i].key;
	}
	return county && ret->n ? OK : diag_set(db->diag, ERR_DB, "%s: no such table", name);
}

void rows_release(struct rows_table *t)
{
	db__stmt_free(t->read);
	db__stmt_free(t->one);
	db__stmt_free(t->many);
	t->read = t->one = t->many = NULL;
}

static void print_names(const struct rows_table *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++)
		buf_addf(out, i ? ", %s" : "%s", t->column[i].name);
}

/* --- reading -------------------------------------------------------------- */

/* The column at this place of the key, in numbers of the engine: county may be one. */
static const struct rows_column *key_at(const struct rows_table *t, int place)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->column[i].key == place)
			return &t->column[i];
	}
	return NULL;
}

struct stmt *rows_read(struct db *db, struct rows_table *t)
{
	struct buf sql;
	bool first = true;
	buf_init(&sql, SQL_MAX);
	buf_adds(&sql, "SELECT ");
	print_names(t, &sql);
	buf_addf(&sql, " FROM %s WHERE county = $1", t->name);
	if (strcmp(t->name, "counter") == 0) /* "(lease)" is this database's own */
		buf_adds(&sql, " AND substr(name, 1, 1) <> '('");
	for (int place = 1; place <= (int)t->n + 1; place++) {
		const struct rows_column *c = key_at(t, place);
		if (c)
			buf_addf(&sql, first ? " ORDER BY %s" : ", %s", c->name);
		first = first && !c;
	}
	struct stmt *s = db__stmt_text(db, &t->read, t->name, sql.p, DB_SCOPE_NONE);
	buf_release(&sql);
	return s;
}

void rows_value(struct stmt *s, const struct rows_table *t, size_t i, struct rows_value *ret)
{
	int col = (int)i;
	*ret = (struct rows_value){.kind = ROWS_NULL};
	if (stmt_is_null(s, col))
		return;
	switch (t->column[i].stored) {
	case FIELD_INT:
		ret->kind = ROWS_INT;
		ret->i = stmt_int(s, col);
		break;
	case FIELD_BLOB:
		ret->kind = ROWS_BLOB;
		ret->s = stmt_blob(s, col);
		break;
	default:
		ret->kind = ROWS_TEXT;
		ret->s = stmt_str(s, col);
		break;
	}
}

/* --- loading -------------------------------------------------------------- */

struct rows_load {
	struct db *db;
	struct rows_table *t;
	size_t many, n; /* rows a statement takes; rows that wait */
	size_t bytes;
	struct rows_value *values; /* many * t->n */
	struct arena a;            /* their text and bytes */
	enum err err;
};

static void print_insert(const struct rows_table *t, const char *insert, size_t rows,
			 struct buf *out)
{
	buf_addf(out, "%s %s (county, ", insert, t->name);
	print_names(t, out);
	buf_adds(out, ") VALUES ");
	for (size_t r = 0, param = 2; r < rows; r++) {
		buf_adds(out, r ? ", ($1" : "($1");
		for (size_t i = 0; i < t->n; i++)
			buf_addf(out, ", $%zu", param++);
		buf_addc(out, ')');
	}
}

static void bind_value(struct stmt *s, int at, const struct rows_value *v)
{
	switch (v->kind) {
	case ROWS_INT:
		stmt_bind_int(s, at, v->i);
		break;
	case ROWS_TEXT:
		stmt_bind_str(s, at, (struct str){v->s.p ? v->s.p : "", v->s.n});
		break;
	case ROWS_BLOB:
		stmt_bind_blob(s, at, (struct str){v->s.p ? v->s.p : "", v->s.n});
		break;
	case ROWS_NULL:
	case ROWS_KIND_MAX:
		stmt_bind_null(s, at);
		break;
	}
}

static enum err insert(struct rows_load *l, struct stmt **slot, size_t from, size_t rows)
{
	struct rows_table *t = l->t;
	const char *verb = rows > 1 && db_engine(l->db) == DB_SQLITE ? DB__INSERT_MANY_SQLITE :
								       "INSERT INTO";
	struct buf sql;
	buf_init(&sql, SQL_MAX);
	if (!*slot)
		print_insert(t, verb, rows, &sql);
	struct stmt *s = db__stmt_text(l->db, slot, t->name, sql.p ? sql.p : "", DB_SCOPE_NONE);
	buf_release(&sql);
	for (size_t i = 0; i < rows * t->n; i++)
		bind_value(s, (int)(i + 2), &l->values[from * t->n + i]);
	return stmt_run(s);
}

static void flush(struct rows_load *l)
{
	size_t i = 0;
	if (!l->err && l->n == l->many && l->many > 1) {
		l->err = insert(l, &l->t->many, 0, l->many);
		i = l->many;
	}
	for (; !l->err && i < l->n; i++)
		l->err = insert(l, &l->t->one, i, 1);
	l->n = l->bytes = 0;
	arena_clear(&l->a);
}

enum err rows_load_begin(struct db *db, struct rows_table *t, struct rows_load **ret)
{
	struct rows_load *l = base_calloc(1, sizeof(*l));
	l->db = db;
	l->t = t;
	l->many = (ENGINE_PARAMS_MAX - 1) / t->n;
	if (l->many > MANY_MAX)
		l->many = MANY_MAX;
	l->values = base_calloc(l->many * t->n, sizeof(*l->values));
	arena_init(&l->a, 0);
	*ret = l;
	return OK;
}

enum err rows_load_add(struct rows_load *l, const struct rows_value *v)
{
	struct rows_value *to = l->values + l->n * l->t->n;
	if (l->err)
		return l->err;
	for (size_t i = 0; i < l->t->n; i++) {
		to[i] = v[i];
		if (v[i].kind == ROWS_TEXT || v[i].kind == ROWS_BLOB)
			to[i].s = str_copy(&l->a, v[i].s);
		l->bytes += v[i].s.n;
	}
	if (++l->n == l->many || l->bytes > MANY_BYTES)
		flush(l);
	return l->err;
}

enum err rows_load_end(struct rows_load *l)
{
	flush(l);
	enum err e = l->err;
	arena_release(&l->a);
	base_free(l->values);
	base_free(l);
	return e;
}

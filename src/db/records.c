/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Statements made from descriptors; the only place where SQL is put together. */
#include "db/handle.h"

#include <assert.h>

#include "base/banned.h"

enum {
	FIRST_FIELD = 2, /* columns before the fields: no, version */
	MANY_MAX = 16,   /* rows that one statement inserts */
};

static bool is_blob(const struct field *f)
{
	return f->kind == FIELD_BLOB || (f->flags & F_SEALED);
}

void db__print_columns(const struct record_desc *d, struct str alias, struct buf *out)
{
	const char *dot = alias.n ? "." : "";
	buf_addf(out, STR_FMT "%sno, " STR_FMT "%sversion", STR_ARG(alias), dot, STR_ARG(alias),
		 dot);
	for (size_t i = 0; i < d->n; i++)
		buf_addf(out, ", " STR_FMT "%s%s", STR_ARG(alias), dot, d->fields[i].name);
}

/* Parameters of one inserted row, besides the county. */
static size_t row_params(const struct record_desc *d)
{
	return d->n + FIRST_FIELD;
}

/* How many rows a statement inserts at once. */
static size_t many_rows(const struct record_desc *d)
{
	size_t n = (ENGINE_PARAMS_MAX - 1) / row_params(d);
	return n < MANY_MAX ? n : MANY_MAX;
}

static void print_rows(const struct record_desc *d, const char *insert, size_t rows,
		       struct buf *out)
{
	buf_addf(out, "%s %s (county, ", insert, d->name);
	db__print_columns(d, STR(""), out);
	buf_adds(out, ") VALUES ");
	for (size_t r = 0, param = 2; r < rows; r++) {
		buf_adds(out, r ? ", ($1" : "($1");
		for (size_t i = 0; i < row_params(d); i++)
			buf_addf(out, ", $%zu", param++);
		buf_addc(out, ')');
	}
}

static void print_insert(const struct record_desc *d, struct buf *out)
{
	print_rows(d, "INSERT INTO", 1, out);
}

static void print_insert_many(const struct record_desc *d, struct buf *out)
{
	print_rows(d, "INSERT INTO", many_rows(d), out);
}

static void print_insert_many_sqlite(const struct record_desc *d, struct buf *out)
{
	print_rows(d, DB__INSERT_MANY_SQLITE, many_rows(d), out);
}

static void print_update(const struct record_desc *d, struct buf *out)
{
	buf_addf(out, "UPDATE %s SET version = $3", d->name);
	for (size_t i = 0; i < d->n; i++)
		buf_addf(out, ", %s = $%zu", d->fields[i].name, i + FIRST_FIELD + 2);
	buf_addf(out, " WHERE county = $1 AND no = $2 AND version = $%zu",
		 d->n + FIRST_FIELD + 2);
}

static void print_remove(const struct record_desc *d, struct buf *out)
{
	buf_addf(out, "DELETE FROM %s WHERE county = $1 AND no = $2 AND version = $3", d->name);
}

static void print_select(const struct record_desc *d, const char *tail, struct buf *out)
{
	buf_adds(out, "SELECT ");
	db__print_columns(d, STR(""), out);
	buf_addf(out, " FROM %s WHERE county = $1%s", d->name, tail);
}

static void print_all(const struct record_desc *d, struct buf *out)
{
	print_select(d, " ORDER BY no", out);
}

static void print_range(const struct record_desc *d, struct buf *out)
{
	print_select(d, " AND no >= $2 AND no < $3 ORDER BY no", out);
}

static void print_get(const struct record_desc *d, struct buf *out)
{
	print_select(d, " AND no = $2", out);
}

static void print_owned(const struct record_desc *d, struct buf *out)
{
	int i = record_find_id(d, d->owner);
	assert(i >= 0); /* record_check() has seen it */
	print_select(d, "", out);
	buf_addf(out, " AND %s = $2 ORDER BY no", d->fields[i].name);
}

static struct record_sql *record_sql(struct db *db, const struct record_desc *d)
{
	size_t i = db->last_table;
	if (i >= db->n_tables || db->tables[i] != d) {
		for (i = 0; i < db->n_tables && db->tables[i] != d; i++)
			continue;
		assert(i < db->n_tables); /* the caller left it out of db_opts.tables */
		db->last_table = i;
	}
	return &db->records[i];
}

/* The statement in *slot, its text made on first use only. */
static struct stmt *record_stmt(struct db *db, struct stmt **slot, const struct record_desc *d,
				void (*print)(const struct record_desc *, struct buf *))
{
	if (*slot && (*slot)->h && !(*slot)->busy)
		return db__stmt_text(db, slot, d->name, "", DB_SCOPE_NONE);
	struct buf sql;
	buf_init(&sql, 64 * 1024);
	print(d, &sql);
	struct stmt *s = db__stmt_text(db, slot, d->name, sql.p, DB_SCOPE_NONE);
	buf_release(&sql);
	return s;
}

/* --- reading -------------------------------------------------------------- */

static enum err read_sealed(struct stmt *s, const struct record_desc *d, struct arena *a, void *rec,
			    uint64_t *has)
{
	struct db *db = s->db;
	int64_t owner = record_owner(d, rec);
	for (size_t i = 0; i < d->n; i++) {
		int col = (int)i + FIRST_FIELD;
		struct str plain = {NULL, 0};
		const struct field *f = &d->fields[i];
		if (!(f->flags & F_SEALED) || engine_is_null(s->h, col))
			continue;
		enum err e = db->vault.open(db->vault.arg, owner, d, i, engine_blob(s->h, col), a,
					    &plain);
		if (e)
			return e;
		if (!plain.p)
			continue;
		if (f->kind == FIELD_TEXT)
			memcpy((char *)rec + f->offset, &plain.p, sizeof(plain.p));
		else
			memcpy((char *)rec + f->offset, &plain, sizeof(plain));
		*has |= FIELD_BIT(i);
	}
	return OK;
}

static void read_field(struct stmt *s, const struct field *f, int col, struct arena *a, char *rec)
{
	const char *text;
	struct str bytes;
	int64_t v;
	date_t day;
	bool yes;
	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_CODE:
		text = str_dup(a, engine_text(s->h, col));
		memcpy(rec + f->offset, &text, sizeof(text));
		break;
	case FIELD_BLOB:
		bytes = str_copy(a, engine_blob(s->h, col));
		memcpy(rec + f->offset, &bytes, sizeof(bytes));
		break;
	case FIELD_DATE:
		day = (date_t)engine_int(s->h, col);
		memcpy(rec + f->offset, &day, sizeof(day));
		break;
	case FIELD_BOOL:
		yes = engine_int(s->h, col) != 0;
		memcpy(rec + f->offset, &yes, sizeof(yes));
		break;
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_DECIMAL:
	case FIELD_REF:
	case FIELD_INSTANT:
		v = engine_int(s->h, col);
		memcpy(rec + f->offset, &v, sizeof(v));
		break;
	case FIELD_KIND_MAX:
		break;
	}
}

bool stmt_record(struct stmt *s, const struct record_desc *d, struct arena *a, void *rec)
{
	if (!stmt_row(s))
		return false;
	if (engine_columns(s->h) < (int)d->n + FIRST_FIELD) {
		s->err = diag_set(s->db->diag, ERR_INTERNAL, "%s: does not select {%s}", s->name,
				  d->name);
		s->row = false;
		return false;
	}
	struct record head = {0, engine_int(s->h, 0), engine_int(s->h, 1)};
	bool sealed = false;
	memset(rec, 0, d->size);
	for (size_t i = 0; i < d->n; i++) {
		int col = (int)i + FIRST_FIELD;
		const struct field *f = &d->fields[i];
		if (f->flags & F_SEALED) {
			sealed = true;
			continue;
		}
		if (engine_is_null(s->h, col))
			continue;
		read_field(s, f, col, a, rec);
		head.has |= FIELD_BIT(i);
	}
	memcpy(rec, &head, sizeof(head));
	if (sealed && s->db->vault.open && !s->db->skip_sealed) {
		s->err = read_sealed(s, d, a, rec, &head.has);
		memcpy(rec, &head, sizeof(head));
		s->row = !s->err;
	}
	return s->row;
}

enum err stmt_records(struct stmt *s, const struct record_desc *d, struct arena *a,
		      void *ret_array, size_t *ret_n)
{
	/* Rows gather outside the arena, so that growing wastes nothing there. */
	char *rows = NULL;
	size_t n = 0, cap = 0;
	for (;;) {
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			rows = base_realloc(rows, cap, d->size);
		}
		if (!stmt_record(s, d, a, rows + n * d->size))
			break;
		n++;
	}
	enum err e = stmt_end(s);
	if (!e) {
		void *array = arena_alloc(a, n * d->size);
		memcpy(array, rows, n * d->size);
		memcpy(ret_array, &array, sizeof(array));
		*ret_n = n;
	}
	base_free(rows);
	return e;
}

struct stmt *db_all(struct db *db, const struct record_desc *d)
{
	return record_stmt(db, &record_sql(db, d)->list[RECORD_ALL], d, print_all);
}

struct stmt *db_range(struct db *db, const struct record_desc *d, int64_t from, int64_t to)
{
	struct stmt *s = record_stmt(db, &record_sql(db, d)->list[RECORD_RANGE], d, print_range);
	stmt_bind_int(s, 2, from);
	stmt_bind_int(s, 3, to);
	return s;
}

struct stmt *db_one(struct db *db, const struct record_desc *d, int64_t no)
{
	struct stmt *s = record_stmt(db, &record_sql(db, d)->list[RECORD_GET], d, print_get);
	stmt_bind_int(s, 2, no);
	return s;
}

struct stmt *db_owned(struct db *db, const struct record_desc *d, int64_t person)
{
	if (d->owner == OWNER_SELF)
		return db_one(db, d, person);
	struct stmt *s = record_stmt(db, &record_sql(db, d)->list[RECORD_OWNED], d, print_owned);
	stmt_bind_int(s, 2, person);
	return s;
}

enum err db_get(struct db *db, const struct record_desc *d, int64_t no, struct arena *a, void *rec,
		bool *ret_found)
{
	struct stmt *s = db_one(db, d, no);
	bool found = stmt_record(s, d, a, rec);
	enum err e = stmt_end(s);
	if (!e)
		*ret_found = found;
	return e;
}

/* --- writing -------------------------------------------------------------- */

void db_sealed_init(struct db_sealed *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->bytes, (size_t)1 << 30);
}

void db_sealed_release(struct db_sealed *s)
{
	buf_release(&s->bytes);
}

enum err db_seal_record(const struct db_vault *vault, const struct record_desc *d,
			const void *rec, struct db_sealed *ret, struct diag *diag)
{
	size_t from[RECORD_FIELDS_MAX];
	int64_t owner = 0;
	bool any = false;
	buf_clear(&ret->bytes);
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		struct str plain;
		ret->field[i] = (struct str){NULL, 0};
		if (!(f->flags & F_SEALED) || !field_has(d, rec, i))
			continue;
		if (!vault->seal)
			return diag_set(diag, ERR_KEYS, "%s.%s", d->name, f->name);
		if (!any)
			owner = record_owner(d, rec);
		any = true;
		memcpy(&plain, (const char *)rec + f->offset,
		       f->kind == FIELD_TEXT ? sizeof(plain.p) : sizeof(plain));
		if (f->kind == FIELD_TEXT)
			plain.n = strlen(plain.p);
		from[i] = ret->bytes.n;
		enum err e = vault->seal(vault->arg, owner, d, i, plain, &ret->bytes);
		if (e)
			return e;
		ret->field[i].n = ret->bytes.n - from[i];
	}
	if (ret->bytes.full)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "%s", d->name);
	for (size_t i = 0; any && i < d->n; i++) {
		if (ret->field[i].n)
			ret->field[i].p = ret->bytes.p + from[i];
	}
	return OK;
}

static void bind_field(struct stmt *s, int at, const struct field *f, const char *rec)
{
	const char *text;
	struct str bytes;
	int64_t v;
	date_t day;
	bool yes;
	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_CODE:
		memcpy(&text, rec + f->offset, sizeof(text));
		stmt_bind_text(s, at, text);
		break;
	case FIELD_BLOB:
		memcpy(&bytes, rec + f->offset, sizeof(bytes));
		stmt_bind_blob(s, at, bytes);
		break;
	case FIELD_DATE:
		memcpy(&day, rec + f->offset, sizeof(day));
		stmt_bind_int(s, at, day);
		break;
	case FIELD_BOOL:
		memcpy(&yes, rec + f->offset, sizeof(yes));
		stmt_bind_int(s, at, yes);
		break;
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_DECIMAL:
	case FIELD_REF:
	case FIELD_INSTANT:
		memcpy(&v, rec + f->offset, sizeof(v));
		stmt_bind_int(s, at, v);
		break;
	case FIELD_KIND_MAX:
		break;
	}
}

/* From parameter `first` on: no, version, the fields. */
static void bind_record(struct stmt *s, int first, const struct record_desc *d, const void *rec,
			const struct db_sealed *sealed)
{
	struct record head;
	memcpy(&head, rec, sizeof(head));
	stmt_bind_int(s, first, head.no);
	stmt_bind_int(s, first + 1, head.version);
	for (size_t i = 0; i < d->n; i++) {
		int at = first + FIRST_FIELD + (int)i;
		if (d->fields[i].flags & F_SEALED)
			stmt_bind_blob(s, at, sealed->field[i]);
		else if (field_has(d, rec, i))
			bind_field(s, at, &d->fields[i], rec);
		else
			stmt_bind_null(s, at);
	}
}

enum err db_insert_record(struct db *db, const struct record_desc *d, const void *rec,
			  const struct db_sealed *sealed)
{
	struct stmt *s = record_stmt(db, &record_sql(db, d)->list[RECORD_INSERT], d, print_insert);
	bind_record(s, 2, d, rec, sealed);
	return stmt_run(s);
}

enum err db_insert_records(struct db *db, const struct record_desc *d,
			   const struct db_insert *rows, size_t n)
{
	size_t many = many_rows(d), i = 0;
	void (*print)(const struct record_desc *, struct buf *) =
		db_engine(db) == DB_SQLITE ? print_insert_many_sqlite : print_insert_many;
	enum err e = OK;
	for (; !e && many > 1 && i + many <= n; i += many) {
		struct stmt *s = record_stmt(db, &record_sql(db, d)->list[RECORD_INSERT_MANY], d, print);
		for (size_t r = 0; r < many; r++)
			bind_record(s, (int)(2 + r * row_params(d)), d, rows[i + r].rec,
				    rows[i + r].sealed);
		e = stmt_run(s);
	}
	for (; !e && i < n; i++)
		e = db_insert_record(db, d, rows[i].rec, rows[i].sealed);
	return e;
}

static enum err one_changed(struct db *db, enum err e, const struct record_desc *d, int64_t no)
{
	if (!e && db->changes != 1)
		e = diag_set(db->diag, ERR_CONFLICT, "%s %lld", d->name, (long long)no);
	return e;
}

enum err db_update_record(struct db *db, const struct record_desc *d, const void *rec,
			  const struct db_sealed *sealed, int64_t old_version)
{
	struct record head;
	memcpy(&head, rec, sizeof(head));
	struct stmt *s = record_stmt(db, &record_sql(db, d)->list[RECORD_UPDATE], d, print_update);
	bind_record(s, 2, d, rec, sealed);
	stmt_bind_int(s, (int)d->n + FIRST_FIELD + 2, old_version);
	return one_changed(db, stmt_run(s), d, head.no);
}

enum err db_delete_record(struct db *db, const struct record_desc *d, int64_t no,
			  int64_t old_version)
{
	struct stmt *s = record_stmt(db, &record_sql(db, d)->list[RECORD_REMOVE], d, print_remove);
	stmt_bind_int(s, 2, no);
	stmt_bind_int(s, 3, old_version);
	return one_changed(db, stmt_run(s), d, no);
}

/* --- the schema ----------------------------------------------------------- */

static enum field_kind stored_as(const struct field *f)
{
	if (is_blob(f))
		return FIELD_BLOB;
	return f->kind == FIELD_TEXT || f->kind == FIELD_CODE ? FIELD_TEXT : FIELD_INT;
}

void db_print_table(const struct record_desc *d, enum db_engine engine, struct buf *out)
{
	static const char *const types[DB_ENGINE_MAX][FIELD_KIND_MAX] = {
		[DB_SQLITE] = {[FIELD_TEXT] = "TEXT",
			       [FIELD_INT] = "INTEGER",
			       [FIELD_BLOB] = "BLOB"},
		[DB_PG] = {[FIELD_TEXT] = "text COLLATE \"C\"",
			   [FIELD_INT] = "bigint",
			   [FIELD_BLOB] = "bytea"},
	};
	const char *const *type = types[engine];
	bool bulk = false;
	buf_addf(out,
		 "CREATE TABLE %s (\n\tcounty %s NOT NULL,\n\tno %s NOT NULL,\n"
		 "\tversion %s NOT NULL,\n",
		 d->name, type[FIELD_TEXT], type[FIELD_INT], type[FIELD_INT]);
	for (size_t i = 0; i < d->n; i++) {
		buf_addf(out, "\t%s %s,\n", d->fields[i].name, type[stored_as(&d->fields[i])]);
		bulk = bulk || (d->fields[i].flags & F_BULK);
	}
	buf_adds(out, "\tPRIMARY KEY (county, no)\n)");
	if (engine == DB_SQLITE) /* large rows belong in an ordinary table */
		buf_adds(out, bulk ? " STRICT" : " WITHOUT ROWID, STRICT");
	buf_adds(out, ";\n");
}

/* Does column c stand in the table as the descriptor says?  NULL when so. */
static const char *column_fault(const struct record_desc *d, const struct engine_column *c)
{
	static const struct {
		const char *name;
		enum field_kind stored;
		int key;
	} heads[] = {{"county", FIELD_TEXT, 1}, {"no", FIELD_INT, 2}, {"version", FIELD_INT, 0}};
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		if (strcmp(heads[i].name, c->name) == 0)
			return c->stored == heads[i].stored && c->key == heads[i].key && c->not_null
				       ? NULL
				       : "type or key";
	}
	int i = record_find(d, str_c(c->name));
	if (i < 0)
		return "in the database only";
	if (c->stored != stored_as(&d->fields[i]))
		return "type";
	return c->not_null || c->key ? "NOT NULL or key" : NULL;
}

static enum err check_table(struct db *db, const struct record_desc *d)
{
	struct engine_column cols[RECORD_FIELDS_MAX + 8];
	size_t n;
	enum err e = engine_table(db->engine, d->name, db->diag, cols,
				  sizeof(cols) / sizeof(cols[0]), &n);
	for (size_t c = 0; !e && c < n; c++) {
		const char *fault = column_fault(d, &cols[c]);
		if (fault)
			e = diag_set(db->diag, ERR_DB, "%s.%s: %s", d->name, cols[c].name, fault);
	}
	for (size_t i = 0; !e && i < d->n; i++) {
		size_t c = 0;
		while (c < n && strcmp(cols[c].name, d->fields[i].name) != 0)
			c++;
		if (c == n)
			e = diag_set(db->diag, ERR_DB, "%s.%s: not in the database", d->name,
				     d->fields[i].name);
	}
	if (!e && n != d->n + 3)
		e = diag_set(db->diag, ERR_DB, "%s: county, no or version is not there", d->name);
	return e;
}

enum err db_check_schema(struct db *db)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < db->n_tables; i++)
		e = check_table(db, db->tables[i]);
	return e;
}

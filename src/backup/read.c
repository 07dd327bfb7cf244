/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Reading a backup: every item checked, counted and hashed again, whoever wrote it. */
#include "backup/backup.h"

#include <stdio.h>

#include "backup/item.h"
#include "base/utf8.h"

#include "base/banned.h"

enum { SMALL_FILE_MAX = 64 * 1024 /* config, keys */ };

struct reading {
	struct item_in in;
	const struct backup_sink *sink;
	const struct record_desc *const *tables;
	size_t n_tables;
	struct backup_report *r;
	struct journal_replay *replay;
	struct sha256 files;
	struct buf bytes; /* of the row, or a piece of a file */
	bool headed, config, keys, other_files;
	/* the table that is open */
	size_t n;
	struct rows_column column[ROWS_COLUMNS_MAX];
	struct rows_value value[ROWS_COLUMNS_MAX];
	size_t offset[ROWS_COLUMNS_MAX];
};

/* The sink's error, set by itself. */
static void told(struct reading *rd, enum err e)
{
	if (!rd->in.err)
		rd->in.err = e;
}

/* --- head ----------------------------------------------------------------- */

static bool head_line(struct reading *rd, struct str word, struct str value)
{
	int64_t v = 0;
	if (str_is(word, "format"))
		return str_is(value, "1");
	if (str_is(word, "schema")) {
		bool good = str_to_int(value, &v) && v > 0 && v < 10000;
		rd->r->schema = (int)v;
		return good;
	}
	if (str_is(word, "county"))
		return str_is(value, rd->r->county);
	if (str_is(word, "program"))
		(void)snprintf(rd->r->program, sizeof(rd->r->program), STR_FMT, STR_ARG(value));
	return utf8_valid(value); /* a word that is new says nothing to us */
}

static void read_head(struct reading *rd)
{
	struct str rest, line, word;
	if (rd->headed)
		(void)item_bad(&rd->in, "head");
	buf_clear(&rd->bytes);
	item_bytes(&rd->in, ITEM_TEXT_MAX, &rd->bytes);
	rest = buf_str(&rd->bytes);
	while (!rd->in.err && str_split(&rest, '\n', &line)) {
		if (!str_split(&line, ' ', &word) || !head_line(rd, word, line))
			(void)item_bad(&rd->in, "head");
	}
	if (!rd->r->schema)
		(void)item_bad(&rd->in, "head");
	rd->headed = true;
}

/* --- files ---------------------------------------------------------------- */

/* config and keys once each and before anything else; nothing else but attachments and
 * originals. */
static bool file_may_come(struct reading *rd, const char *name)
{
	bool *seen = strcmp(name, "config") == 0 ? &rd->config
		     : strcmp(name, "keys") == 0 ? &rd->keys
						 : NULL;
	if (!backup__is_file(str_c(name)))
		return false;
	if (!seen)
		return rd->config && rd->keys;
	bool good = !*seen && !rd->r->n_tables;
	*seen = true;
	return good;
}

static int64_t read_pieces(struct reading *rd, int64_t max, unsigned char ret_hash[BACKUP_HASH])
{
	struct sha256 hash;
	int64_t size = 0;
	char letter;
	sha256_begin(&hash);
	while ((letter = item_letter(&rd->in)) == 'D') {
		buf_clear(&rd->bytes);
		item_bytes(&rd->in, ITEM_PIECE, &rd->bytes);
		size += (int64_t)rd->bytes.n;
		if (size > max)
			(void)item_fail(&rd->in, ERR_FILE_TOO_LARGE);
		if (rd->in.err)
			break;
		sha256_add(&hash, rd->bytes.p, rd->bytes.n);
		if (rd->sink->data)
			told(rd, rd->sink->data(rd->sink->arg, buf_str(&rd->bytes)));
	}
	if (letter != 'E')
		(void)item_bad(&rd->in, "file");
	sha256_end(&hash, ret_hash);
	return size;
}

static void read_file(struct reading *rd)
{
	char name[ITEM_NAME_MAX];
	unsigned char hash[BACKUP_HASH], said[BACKUP_HASH];
	item_name(&rd->in, name, sizeof(name));
	if (!rd->in.err && !file_may_come(rd, name))
		(void)item_bad(&rd->in, "file");
	if (!rd->in.err && rd->sink->file)
		told(rd, rd->sink->file(rd->sink->arg, name));
	bool small = strchr(name, '/') == NULL;
	int64_t size = read_pieces(rd, small ? SMALL_FILE_MAX : INT64_MAX, hash);
	uint64_t length = item_number(&rd->in);
	item_exact(&rd->in, said, sizeof(said));
	if (!rd->in.err && ((uint64_t)size != length || memcmp(hash, said, sizeof(hash)) != 0))
		(void)item_bad(&rd->in, name);
	if (rd->in.err)
		return;
	backup__hash_file(&rd->files, name, size, hash);
	rd->r->files++;
	rd->r->file_bytes += size;
	if (rd->sink->file_end)
		told(rd, rd->sink->file_end(rd->sink->arg));
}

static void read_missing(struct reading *rd)
{
	char name[ITEM_NAME_MAX];
	item_name(&rd->in, name, sizeof(name));
	if (!rd->in.err && !backup__is_file(str_c(name)))
		(void)item_bad(&rd->in, "file");
	rd->r->missing++;
}

/* --- tables --------------------------------------------------------------- */

static bool is_identifier(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz_0123456789");
	return n && !s[n];
}

static void read_columns(struct reading *rd)
{
	uint64_t n = item_number(&rd->in);
	if (!rd->in.err && (n == 0 || n > ROWS_COLUMNS_MAX))
		(void)item_bad(&rd->in, "columns");
	for (rd->n = 0; !rd->in.err && rd->n < n; rd->n++) {
		struct rows_column *c = &rd->column[rd->n];
		*c = (struct rows_column){.stored = FIELD_INT};
		item_name(&rd->in, c->name, sizeof(c->name));
		char kind = item_letter(&rd->in);
		c->stored = kind == 'i' ? FIELD_INT : kind == 'b' ? FIELD_BLOB : FIELD_TEXT;
		if (!rd->in.err && (!strchr("itb", kind) || !kind || !is_identifier(c->name)))
			(void)item_bad(&rd->in, "columns");
		for (size_t i = 0; !rd->in.err && i < rd->n; i++) {
			if (strcmp(rd->column[i].name, c->name) == 0)
				(void)item_bad(&rd->in, "columns");
		}
	}
}

static bool fits(enum rows_kind kind, enum field_kind stored)
{
	return kind == ROWS_NULL || (kind == ROWS_INT && stored == FIELD_INT) ||
	       (kind == ROWS_TEXT && stored == FIELD_TEXT) ||
	       (kind == ROWS_BLOB && stored == FIELD_BLOB);
}

static bool is_text(struct str s)
{
	return !memchr(s.p ? s.p : "", '\0', s.n) && utf8_valid(s);
}

/* The letter has been read.  Texts and bytes stand in rd->bytes. */
static void read_row(struct reading *rd)
{
	buf_clear(&rd->bytes);
	for (size_t i = 0; !rd->in.err && i < rd->n; i++) {
		struct rows_value *v = &rd->value[i];
		unsigned char kind = 0;
		item_exact(&rd->in, &kind, 1);
		rd->offset[i] = rd->bytes.n;
		*v = (struct rows_value){.kind = (enum rows_kind)kind};
		if (!rd->in.err && (kind >= ROWS_KIND_MAX || !fits(v->kind, rd->column[i].stored)))
			(void)item_bad(&rd->in, rd->column[i].name);
		else if (v->kind == ROWS_INT)
			v->i = item_int(&rd->in);
		else if (v->kind != ROWS_NULL)
			item_bytes(&rd->in, ITEM_ROW_MAX, &rd->bytes);
		v->s.n = rd->bytes.n - rd->offset[i];
	}
	for (size_t i = 0; !rd->in.err && i < rd->n; i++) {
		struct rows_value *v = &rd->value[i];
		v->s.p = rd->bytes.p ? rd->bytes.p + rd->offset[i] : "";
		if (v->kind == ROWS_TEXT && !is_text(v->s))
			(void)item_bad(&rd->in, rd->column[i].name);
	}
	if (rd->in.err)
		return;
	journal_replay_row(rd->replay, rd->value);
	if (rd->sink->row)
		told(rd, rd->sink->row(rd->sink->arg, rd->value));
}

static void read_rows(struct reading *rd, struct backup_table *t)
{
	struct sha256 hash, before;
	char letter;
	sha256_begin(&hash);
	rd->in.hash = &hash;
	for (;;) {
		before = hash; /* the letter that ends the table is not part of it */
		letter = item_letter(&rd->in);
		if (letter != 'R' || rd->in.err)
			break;
		read_row(rd);
		t->rows++;
	}
	rd->in.hash = NULL;
	sha256_end(&before, t->hash);
	rd->r->rows += t->rows;
	if (letter != 'Z')
		(void)item_bad(&rd->in, t->name);
}

static bool table_may_come(const struct reading *rd, const char *name)
{
	for (size_t i = 0; i < rd->r->n_tables; i++) {
		if (strcmp(rd->r->table[i].name, name) == 0)
			return false;
	}
	return rd->config && rd->keys && rd->r->n_tables < BACKUP_TABLES_MAX &&
	       backup__knows_table(name, rd->tables, rd->n_tables);
}

static void read_table(struct reading *rd)
{
	char name[ROWS_NAME_MAX];
	unsigned char said[BACKUP_HASH];
	item_name(&rd->in, name, sizeof(name));
	if (!rd->in.err && !table_may_come(rd, name))
		(void)item_bad(&rd->in, is_identifier(name) ? name : "table");
	read_columns(rd);
	if (rd->in.err)
		return;
	struct backup_table *t = &rd->r->table[rd->r->n_tables++];
	*t = (struct backup_table){.rows = 0};
	memcpy(t->name, name, sizeof(t->name));
	journal_replay_table(rd->replay, name, rd->column, rd->n);
	if (rd->sink->table)
		told(rd, rd->sink->table(rd->sink->arg, rd->r, name, rd->column, rd->n));
	read_rows(rd, t);
	int64_t rows = (int64_t)item_number(&rd->in);
	item_exact(&rd->in, said, sizeof(said));
	if (!rd->in.err && (rows != t->rows || memcmp(said, t->hash, sizeof(said)) != 0))
		(void)item_bad(&rd->in, name);
	if (!rd->in.err && rd->sink->table_end)
		told(rd, rd->sink->table_end(rd->sink->arg));
}

/* --- all of it ------------------------------------------------------------ */

/* What was written down must be what came. */
static void read_manifest(struct reading *rd)
{
	struct buf mine;
	buf_init(&mine, ITEM_TEXT_MAX);
	buf_clear(&rd->bytes);
	item_bytes(&rd->in, ITEM_TEXT_MAX, &rd->bytes);
	sha256_end(&rd->files, rd->r->files_hash);
	journal_replay_end(rd->replay, rd->tables, rd->n_tables, &rd->r->journal);
	backup__manifest(rd->r, &mine);
	if (!rd->in.err && !str_eq(buf_str(&mine), buf_str(&rd->bytes)))
		(void)item_bad(&rd->in, "manifest");
	if (!rd->in.err && item_letter(&rd->in))
		(void)item_fail(&rd->in, ERR_BACKUP_LONGER);
	buf_release(&mine);
}

/* Every table that is always there. */
static void check_whole(struct reading *rd)
{
	for (size_t k = 0; backup__tables[k]; k++) {
		size_t i = 0;
		while (i < rd->r->n_tables && strcmp(backup__tables[k], rd->r->table[i].name) != 0)
			i++;
		if (i == rd->r->n_tables)
			(void)item_bad(&rd->in, backup__tables[k]);
	}
}

static void read_items(struct reading *rd)
{
	for (;;) {
		char letter = item_letter(&rd->in);
		if (rd->in.err)
			return;
		if (!rd->headed && letter != 'H') {
			(void)item_bad(&rd->in, "head");
			return;
		}
		switch (letter) {
		case 'H':
			read_head(rd);
			break;
		case 'F':
			read_file(rd);
			break;
		case 'T':
			read_table(rd);
			break;
		case 'X':
			read_missing(rd);
			break;
		case 'M':
			check_whole(rd);
			read_manifest(rd);
			return;
		default:
			if (letter)
				(void)item_bad(&rd->in, "item");
			else
				(void)item_fail(&rd->in, ERR_BACKUP_CUT);
			return;
		}
	}
}

enum err backup_read_items(const struct backup_source *from, const struct seal_head *head,
			   const struct record_desc *const *tables, size_t n_tables,
			   const struct backup_sink *sink, struct diag *diag,
			   struct backup_report *ret)
{
	struct reading *rd = base_calloc(1, sizeof(*rd));
	rd->in = (struct item_in){.from = from, .diag = diag};
	rd->sink = sink;
	rd->tables = tables;
	rd->n_tables = n_tables;
	rd->r = ret;
	*ret = (struct backup_report){.schema = 0};
	backup__take_head(ret, head);
	rd->replay = journal_replay_new(head->county, head->public);
	buf_init(&rd->bytes, ITEM_ROW_MAX);
	sha256_begin(&rd->files);
	read_items(rd);
	enum err e = rd->in.err;
	if (!e && ret->journal.fault)
		e = diag_set(diag, ERR_JOURNAL_BROKEN, "%s", ret->journal.fault);
	journal_replay_free(rd->replay);
	buf_release(&rd->bytes);
	base_free(rd);
	return e;
}

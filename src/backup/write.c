/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Making a backup: one snapshot, table by table, then the files. */
#include "backup/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "backup/item.h"
#include "backup/place.h"

#include "base/banned.h"

enum { PROGRESS_ROWS = 20000 };

struct writing {
	const struct backup_opts *o;
	struct db *db;
	struct diag *diag;
	struct arena arena;
	struct seal_out *out;
	struct buf item;
	struct journal_replay *replay;
	struct sha256 files;
	struct backup_report *r;
};

static void tell(struct writing *w)
{
	w->r->size = seal_out_size(w->out);
	if (w->o->progress.fn)
		w->o->progress.fn(w->o->progress.arg, w->r);
}

static void flush_item(struct writing *w)
{
	seal_out_add(w->out, w->item.p, w->item.n);
	buf_clear(&w->item);
}

/* --- tables --------------------------------------------------------------- */

static void put_table(struct writing *w, const struct rows_table *t)
{
	buf_addc(&w->item, 'T');
	item_put_bytes(&w->item, str_c(t->name));
	item_put_number(&w->item, t->n);
	for (size_t i = 0; i < t->n; i++) {
		enum field_kind k = t->column[i].stored;
		item_put_bytes(&w->item, str_c(t->column[i].name));
		buf_addc(&w->item, k == FIELD_INT ? 'i' : k == FIELD_BLOB ? 'b' : 't');
	}
	flush_item(w);
}

static enum err write_rows(struct writing *w, struct rows_table *t, struct backup_table *b)
{
	struct rows_value v[ROWS_COLUMNS_MAX];
	struct sha256 hash;
	sha256_begin(&hash);
	struct stmt *s = rows_read(w->db, t);
	while (stmt_row(s)) {
		for (size_t i = 0; i < t->n; i++)
			rows_value(s, t, i, &v[i]);
		item_put_row(&w->item, v, t->n);
		if (w->item.full)
			break;
		journal_replay_row(w->replay, v);
		sha256_add(&hash, w->item.p, w->item.n);
		flush_item(w);
		w->r->rows++;
		if (++b->rows % PROGRESS_ROWS == 0)
			tell(w);
	}
	enum err e = stmt_end(s);
	sha256_end(&hash, b->hash);
	return !e && w->item.full ? diag_set(w->diag, ERR_TOO_LARGE, "%s", t->name) : e;
}

static enum err write_table(struct writing *w, const char *name)
{
	struct rows_table t;
	struct backup_table *b = &w->r->table[w->r->n_tables];
	if (w->r->n_tables == BACKUP_TABLES_MAX)
		return diag_set(w->diag, ERR_INTERNAL, "%s", name);
	enum err e = rows_table(w->db, name, &t);
	if (e)
		return e;
	*b = (struct backup_table){.rows = 0};
	(void)snprintf(b->name, sizeof(b->name), "%s", name);
	put_table(w, &t);
	journal_replay_table(w->replay, name, t.column, t.n);
	e = write_rows(w, &t, b);
	rows_release(&t);
	w->r->n_tables++;
	buf_addc(&w->item, 'Z');
	item_put_number(&w->item, (uint64_t)b->rows);
	buf_add(&w->item, b->hash, sizeof(b->hash));
	flush_item(w);
	return e;
}

static enum err write_tables(struct writing *w)
{
	size_t n;
	const struct record_desc *const *tables = db_tables(w->db, &n);
	enum err e = OK;
	for (size_t i = 0; !e && backup__tables[i]; i++)
		e = write_table(w, backup__tables[i]);
	for (size_t i = 0; !e && i < n; i++)
		e = write_table(w, tables[i]->name);
	return e;
}

/* --- files ---------------------------------------------------------------- */

static void begin_file(struct writing *w, const char *name)
{
	buf_addc(&w->item, 'F');
	item_put_bytes(&w->item, str_c(name));
	flush_item(w);
}

static void end_file(struct writing *w, const char *name, int64_t size, struct sha256 *hash)
{
	unsigned char sum[BACKUP_HASH];
	sha256_end(hash, sum);
	buf_addc(&w->item, 'E');
	item_put_number(&w->item, (uint64_t)size);
	buf_add(&w->item, sum, sizeof(sum));
	flush_item(w);
	backup__hash_file(&w->files, name, size, sum);
	w->r->files++;
	w->r->file_bytes += size;
	tell(w);
}

static void put_data(struct writing *w, struct sha256 *hash, struct str bytes)
{
	buf_addc(&w->item, 'D');
	item_put_bytes(&w->item, bytes);
	flush_item(w);
	sha256_add(hash, bytes.p, bytes.n);
}

static void write_small(struct writing *w, const char *name, struct str bytes)
{
	struct sha256 hash;
	sha256_begin(&hash);
	begin_file(w, name);
	put_data(w, &hash, bytes);
	end_file(w, name, (int64_t)bytes.n, &hash);
}

/* *ret_gone: it is not there any more. */
static enum err write_file(struct writing *w, const char *name, bool *ret_gone)
{
	char piece[ITEM_PIECE];
	struct arena_mark mark = arena_save(&w->arena);
	const char *path = arena_printf(&w->arena, "%s/%s", db_dir(w->db), name);
	struct sha256 hash;
	int64_t size = 0;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e = OK;
	*ret_gone = fd < 0 && errno == ENOENT;
	if (fd < 0 && !*ret_gone)
		e = diag_set(w->diag, ERR_IO, "%s: %s", path, strerror(errno));
	if (fd >= 0) {
		sha256_begin(&hash);
		begin_file(w, name);
		for (; (n = read(fd, piece, sizeof(piece))) > 0; size += n)
			put_data(w, &hash, (struct str){piece, (size_t)n});
		if (n < 0)
			e = diag_set(w->diag, ERR_IO, "%s: %s", path, strerror(errno));
		end_file(w, name, size, &hash);
		(void)close(fd);
	}
	arena_back(&w->arena, mark);
	return e;
}

/* Attachments and originals never change, so what lies there is of the snapshot or newer;
 * what is newer belongs to nobody in the restored folder and goes with its first sweep. */
static enum err write_folder(struct writing *w, const char *folder)
{
	enum err e = OK;
	char name[ITEM_NAME_MAX];
	bool gone;
	DIR *d = opendir(arena_printf(&w->arena, "%s/%s", db_dir(w->db), folder));
	if (!d)
		return errno == ENOENT
			       ? OK
			       : diag_set(w->diag, ERR_IO, "%s: %s", folder, strerror(errno));
	for (const struct dirent *f; !e && (f = readdir(d)) != NULL;) {
		int n = snprintf(name, sizeof(name), "%s/%s", folder, f->d_name);
		if (n > 0 && n < (int)sizeof(name) && backup__is_file(str_c(name)))
			e = write_file(w, name, &gone);
	}
	(void)closedir(d);
	return e;
}

/* Attachments of the snapshot whose bytes are not there. */
static enum err write_missing(struct writing *w)
{
	struct rows_table t;
	size_t at = 0;
	enum err e = rows_table(w->db, "attachment", &t);
	while (!e && at < t.n && strcmp(t.column[at].name, "hash") != 0)
		at++;
	if (e || at == t.n) { /* a program without attachments */
		diag_clear(w->diag);
		return OK;
	}
	struct stmt *s = rows_read(w->db, &t);
	while (stmt_row(s)) {
		char hex[BACKUP_HASH * 2 + 1], name[ITEM_NAME_MAX];
		struct rows_value v;
		struct arena_mark mark = arena_save(&w->arena);
		rows_value(s, &t, at, &v);
		if (v.s.n != BACKUP_HASH)
			continue;
		(void)sodium_bin2hex(hex, sizeof(hex), (const unsigned char *)v.s.p, v.s.n);
		(void)snprintf(name, sizeof(name), "attach/%s", hex);
		if (access(arena_printf(&w->arena, "%s/%s", db_dir(w->db), name), F_OK) != 0) {
			buf_addc(&w->item, 'X');
			item_put_bytes(&w->item, str_c(name));
			flush_item(w);
			w->r->missing++;
		}
		arena_back(&w->arena, mark);
	}
	e = stmt_end(s);
	rows_release(&t);
	return e;
}

static enum err write_config(struct writing *w)
{
	struct db_config c;
	struct buf text;
	enum err e = db_config_read(db_dir(w->db), &w->arena, w->diag, &c);
	buf_init(&text, 64 * 1024);
	for (size_t i = 0; !e && i < c.n; i++)
		buf_addf(&text, "%s = %s\n", c.lines[i].key, c.lines[i].value);
	if (!e)
		write_small(w, "config", buf_str(&text));
	buf_release(&text);
	return e;
}

/* --- all of it ------------------------------------------------------------ */

static enum err write_all(struct writing *w, struct str keys)
{
	struct backup_report *r = w->r;
	size_t n;
	const struct record_desc *const *tables = db_tables(w->db, &n);
	struct buf text;
	buf_init(&text, ITEM_TEXT_MAX);
	buf_addf(&text, "format 1\nschema %d\ncounty %s\nprogram %s\n", r->schema, db_county(w->db),
		 r->program);
	buf_addc(&w->item, 'H');
	item_put_bytes(&w->item, buf_str(&text));
	flush_item(w);
	enum err e = write_config(w);
	if (!e)
		write_small(w, "keys", keys);
	if (!e)
		e = write_tables(w);
	if (!e)
		e = write_folder(w, "attach");
	if (!e)
		e = write_folder(w, "files");
	if (!e)
		e = write_missing(w);
	sha256_end(&w->files, r->files_hash);
	journal_replay_end(w->replay, tables, n, &r->journal);
	buf_clear(&text);
	backup__manifest(r, &text);
	buf_addc(&w->item, 'M');
	item_put_bytes(&w->item, buf_str(&text));
	flush_item(w);
	buf_release(&text);
	return e;
}

/* With the snapshot held. */
static enum err write_snapshot(struct writing *w, const char *path, const struct seal_head *head)
{
	enum err e = place_may_take(path, head, w->diag);
	if (!e)
		e = seal_out_begin(path, head, w->o->with, w->diag, &w->out);
	if (e)
		return e;
	buf_init(&w->item, ITEM_ROW_MAX);
	w->replay = journal_replay_new(head->county, head->public);
	sha256_begin(&w->files);
	e = write_all(w, head->keys);
	if (!e) /* it took a while */
		e = place_may_take(path, head, w->diag);
	enum err end = seal_out_end(w->out, !e, &w->r->size);
	journal_replay_free(w->replay);
	buf_release(&w->item);
	return e ? e : end;
}

/* The first read is what fixes it. */
static enum err hold_snapshot(struct db *db)
{
	struct rows_table t;
	enum err e = db_begin_read(db);
	if (e)
		return e;
	e = rows_table(db, "entry", &t);
	struct stmt *s = e ? NULL : rows_read(db, &t);
	if (s) {
		(void)stmt_row(s);
		e = stmt_end(s);
	}
	rows_release(&t);
	if (e)
		db_rollback(db);
	return e;
}

enum err backup_write(const struct backup_opts *o, const char *path, struct backup_report *ret)
{
	struct writing w = {.o = o, .db = o->db, .diag = db_diag(o->db), .r = ret};
	struct seal_head head = {
		.way = o->way, .county = db_county(o->db), .made_ms = instant_now()};
	*ret = (struct backup_report){.schema = db_schema_version(o->db)};
	(void)snprintf(ret->program, sizeof(ret->program), "%s", o->program);
	arena_init(&w.arena, 0);
	enum err e = keys_read_text(db_dir(o->db), &w.arena, w.diag, &head.keys);
	if (!e && !keys_text_public(head.keys, head.public))
		e = diag_set(w.diag, ERR_KEYS, "%s/keys: public", db_dir(o->db));
	if (!e)
		e = hold_snapshot(o->db);
	backup__take_head(ret, &head);
	if (!e) {
		e = write_snapshot(&w, path, &head);
		db_rollback(o->db);
	}
	if (head.keys.n) /* in clear, when the house has no passphrase */
		sodium_memzero((void *)(uintptr_t)head.keys.p, head.keys.n);
	arena_release(&w.arena);
	ret->written = !e;
	if (!e && ret->journal.fault)
		return diag_set(w.diag, ERR_JOURNAL_BROKEN, "%s", ret->journal.fault);
	if (!e && ret->missing)
		return diag_set(w.diag, ERR_FILE_UNREADABLE, "attach: %lld",
				(long long)ret->missing);
	return e;
}

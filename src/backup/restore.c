/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* From a backup to a report on it, or to a data folder. */
#include "backup/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/item.h"
#include "base/disk.h"

#include "base/banned.h"

/* --- the file as a source of items ---------------------------------------- */

struct source {
	struct seal_in *in;
	const struct backup_progress *progress;
	struct backup_report *r;
};

static enum err next_block(void *arg, struct str *ret)
{
	struct source *s = arg;
	enum err e = seal_in_next(s->in, ret);
	s->r->size = seal_in_size(s->in);
	if (!e && s->progress->fn)
		s->progress->fn(s->progress->arg, s->r);
	return e;
}

/* Is it the bytes of the backup that are at fault? */
static bool is_of_bytes(enum err e)
{
	return e == ERR_FILE_DAMAGED || e == ERR_FILE_TOO_LARGE || e == ERR_BACKUP_CUT ||
	       e == ERR_BACKUP_LONGER || e == ERR_JOURNAL_BROKEN;
}

static enum err read_backup(const struct backup_in *in, const struct backup_sink *sink,
			    struct diag *diag, struct backup_report *ret)
{
	struct seal_in *seal = NULL;
	enum err e = seal_in_open(in->path, diag, &seal);
	if (e)
		return e;
	struct source s = {seal, &in->progress, ret};
	struct backup_source from = {&s, next_block};
	e = seal_in_unlock(seal, &in->with);
	if (!e)
		e = backup_read_items(&from, seal_in_head(seal), in->tables, in->n_tables, sink,
				      diag, ret);
	else
		backup__take_head(ret, seal_in_head(seal));
	ret->size = seal_in_size(seal);
	if (is_of_bytes(e))
		diag_place(diag, "%s:%lld", in->path, (long long)ret->size);
	seal_in_close(seal);
	return e;
}

enum err backup_verify(const struct backup_in *in, struct diag *diag, struct backup_report *ret)
{
	struct backup_sink sink = {.arg = NULL};
	return read_backup(in, &sink, diag, ret);
}

/* --- restoring ------------------------------------------------------------ */

struct restoring {
	struct diag *diag;
	struct arena arena;
	const struct backup_in *in;
	const char *url;
	int64_t made_ms; /* of the backup */
	const char *dir; /* where it is put together */
	struct db *db;
	bool distributed;
	bool committed; /* for good: now on a server, or by a run that ended before the folder
	                   had its name */
	int lock; /* on dir: nobody else works on it */
	int fd;   /* of the file being written */
	const char *name;
	struct rows_table table;
	struct rows_load *load;
	size_t n;                    /* columns that come */
	size_t to[ROWS_COLUMNS_MAX]; /* where each goes */
	struct rows_value value[ROWS_COLUMNS_MAX];
};

static enum err write_bytes(struct restoring *r, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(r->fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return diag_set(r->diag, ERR_IO, "%s/%s: %s", r->dir, r->name,
					strerror(errno));
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

static enum err begin_file(void *arg, const char *name)
{
	struct restoring *r = arg;
	r->name = arena_strdup(&r->arena, name);
	const char *slash = strchr(name, '/');
	if (slash) {
		const char *folder =
			arena_printf(&r->arena, "%s/%.*s", r->dir, (int)(slash - name), name);
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			return diag_set(r->diag, ERR_IO, "%s: %s", folder, strerror(errno));
	}
	r->fd = open(arena_printf(&r->arena, "%s/%s", r->dir, name),
		     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return r->fd < 0 ? diag_set(r->diag, errno == EEXIST ? ERR_FILE_DAMAGED : ERR_IO,
				    "%s/%s: %s", r->dir, name, strerror(errno))
			 : OK;
}

static enum err add_data(void *arg, struct str bytes)
{
	return write_bytes(arg, bytes);
}

static enum err end_file(void *arg)
{
	struct restoring *r = arg;
	int fd = r->fd;
	r->fd = -1;
	bool ok = fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok ? OK : diag_set(r->diag, ERR_IO, "%s/%s: %s", r->dir, r->name, strerror(errno));
}

/* The configuration that came, but for where the database is: that is said anew. */
static enum err settle_config(struct restoring *r, const struct backup_report *report)
{
	struct db_config c, out = {0};
	enum err e = db_config_read(r->dir, &r->arena, r->diag, &c);
	const char *county = e ? NULL : db_config_get(&c, "county");
	if (!e && (!county || strcmp(county, report->county) != 0))
		e = diag_set(r->diag, ERR_FILE_DAMAGED, "config: county");
	for (size_t i = 0; !e && i < c.n; i++) {
		if (strcmp(c.lines[i].key, "url") != 0)
			e = db_config_set(&out, c.lines[i].key, c.lines[i].value);
	}
	const char *kept = NULL;
	if (!e && r->url)
		e = db_url_without_password(r->url, &r->arena, r->diag, &kept);
	if (!e && kept)
		e = db_config_set(&out, "url", kept);
	return e ? e : db_config_write(r->dir, &out, r->diag);
}

static enum err open_database(struct restoring *r, const struct backup_report *report)
{
	struct db_opts o = {.mode = DB_CREATE,
			    .url = r->url,
			    .schema = report->schema,
			    .county = report->county,
			    .tables = r->in->tables,
			    .n_tables = r->in->n_tables};
	int newest = db_newest_schema(r->url ? DB_PG : DB_SQLITE);
	if (report->schema > newest)
		return diag_set(r->diag, ERR_DB_NEWER, "%d > %d", report->schema, newest);
	enum err e = settle_config(r, report);
	if (!e)
		e = db_open(r->dir, &o, r->diag, &r->db);
	if (!e && r->in->distribute)
		e = db_distribute(r->db, &r->distributed);
	if (!e)
		e = db_bulk(r->db, true);
	return e ? e : db_begin(r->db);
}

/* Every column that came must be there, of the same kind; what must have a value must come. */
static enum err match_columns(struct restoring *r, const struct rows_column *columns, size_t n)
{
	const struct rows_table *t = &r->table;
	bool filled[ROWS_COLUMNS_MAX] = {false};
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < t->n && strcmp(t->column[k].name, columns[i].name) != 0)
			k++;
		if (k == t->n || t->column[k].stored != columns[i].stored)
			return diag_set(r->diag, ERR_FILE_DAMAGED, "%s.%s", t->name,
					columns[i].name);
		r->to[i] = k;
		filled[k] = true;
	}
	for (size_t k = 0; k < t->n; k++) {
		r->value[k] = (struct rows_value){.kind = ROWS_NULL};
		if (!filled[k] && t->column[k].not_null)
			return diag_set(r->diag, ERR_FILE_DAMAGED, "%s.%s", t->name,
					t->column[k].name);
	}
	r->n = n;
	return OK;
}

static enum err begin_table(void *arg, const struct backup_report *report, const char *name,
			    const struct rows_column *columns, size_t n)
{
	struct restoring *r = arg;
	enum err e = r->db ? OK : open_database(r, report);
	if (!e)
		e = rows_table(r->db, name, &r->table);
	if (!e)
		e = match_columns(r, columns, n);
	return e ? e : rows_load_begin(r->db, &r->table, &r->load);
}

static enum err add_row(void *arg, const struct rows_value *v)
{
	struct restoring *r = arg;
	for (size_t i = 0; i < r->n; i++)
		r->value[r->to[i]] = v[i];
	for (size_t k = 0; k < r->table.n; k++) {
		if (r->table.column[k].not_null && r->value[k].kind == ROWS_NULL)
			return diag_set(r->diag, ERR_FILE_DAMAGED, "%s.%s", r->table.name,
					r->table.column[k].name);
	}
	return rows_load_add(r->load, r->value);
}

static enum err end_table(void *arg)
{
	struct restoring *r = arg;
	enum err e = rows_load_end(r->load);
	r->load = NULL;
	rows_release(&r->table);
	return e;
}

/*
 * Between the commit, which on a server is for good, and the new name of the folder there is
 * a moment.  DIR.restoring/restored says what is being committed: which backup, and the head
 * of its journal.  Who restores the same backup again and finds that head there has only
 * the name to give.
 */
static void print_mark(const struct restoring *r, struct stmt *head, struct buf *out)
{
	buf_addf(out, "%lld\n", (long long)r->made_ms);
	if (stmt_row(head))
		buf_addstr(out, stmt_str(head, 0));
}

static enum err write_mark(struct restoring *r)
{
	struct buf mark;
	buf_init(&mark, 64 * 1024);
	struct stmt *head = db_stmt(r->db, STMT_journal_checkpoint_last);
	print_mark(r, head, &mark);
	enum err e = stmt_end(head);
	if (!e)
		e = begin_file(r, "restored");
	if (!e)
		e = write_bytes(r, buf_str(&mark));
	if (!e)
		e = end_file(r);
	buf_release(&mark);
	return e;
}

static bool was_committed(struct restoring *r)
{
	char said[64 * 1024];
	struct diag none = {0};
	struct db_opts o = {.mode = DB_READ,
			    .url = r->url,
			    .tables = r->in->tables,
			    .n_tables = r->in->n_tables};
	struct db *db = NULL;
	struct buf mark;
	FILE *f = fopen(arena_printf(&r->arena, "%s/restored", r->dir), "rb");
	size_t n = f ? fread(said, 1, sizeof(said), f) : 0;
	if (f)
		(void)fclose(f);
	if (!n || db_open(r->dir, &o, &none, &db))
		return false;
	buf_init(&mark, sizeof(said));
	struct stmt *head = db_stmt(db, STMT_journal_checkpoint_last);
	print_mark(r, head, &mark);
	bool same = !stmt_end(head) && str_eq(buf_str(&mark), (struct str){said, n});
	buf_release(&mark);
	db_close(db);
	return same;
}

static enum err finish_database(struct restoring *r)
{
	enum err e = db_migrate(r->db);
	if (!e)
		e = write_mark(r);
	if (!e && !disk_flush_folder(r->dir))
		e = diag_set(r->diag, ERR_IO, "%s: %s", r->dir, strerror(errno));
	if (!e)
		e = db_commit(r->db);
	r->committed = !e && r->url;
	if (!e)
		e = db_bulk(r->db, false);
	if (!e && r->distributed) /* the tables that came with later versions */
		e = db_distribute(r->db, &r->distributed);
	if (!e)
		e = db_check_schema(r->db);
	return e ? e : db_flush(r->db);
}

/* --- the folder ----------------------------------------------------------- */

/*
 * A run that is cut short leaves DIR.restoring, and the next one begins anew in it.  What lies
 * there is a restore's own when it has the names that a restore makes and began with
 * DIR.restoring/restoring: a data folder of that name has the same names without it.
 */
static const char *const folders[] = {"attach", "files"};
enum { FOLDERS = sizeof(folders) / sizeof(*folders) };

static bool is_ours(struct str name)
{
	static const char *const names[] = {"config", "config.new", "keys",      "lock",
					    "attach", "files",      "restoring", "restored"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (str_is(name, names[i]))
			return true;
	}
	return str_is(name, "daohu.db") || str_starts(name, STR("daohu.db-")) ||
	       (str_find(name, STR("/")) != SIZE_MAX && backup__is_file(name));
}

/* The names in r->dir, "folder/name" in one of its folders, go to `fn` until it returns false;
 * *ret_last: which that was, NULL when there was none. */
static enum err each_name(struct restoring *r, const char *folder,
			  bool (*fn)(struct restoring *r, const char *name), const char **ret_last)
{
	const char *slash = folder[0] ? "/" : "";
	DIR *d = opendir(arena_printf(&r->arena, "%s%s%s", r->dir, slash, folder));
	*ret_last = NULL;
	if (!d)
		return errno == ENOENT ? OK
				       : diag_set(r->diag, ERR_IO, "%s/%s: %s", r->dir, folder,
						  strerror(errno));
	for (const struct dirent *f; !*ret_last && (f = readdir(d)) != NULL;) {
		if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
			continue;
		const char *name = arena_printf(&r->arena, "%s%s%s", folder, slash, f->d_name);
		if (!fn(r, name))
			*ret_last = name;
	}
	(void)closedir(d);
	return OK;
}

static bool may_go(struct restoring *r, const char *name)
{
	(void)r;
	return is_ours(str_c(name));
}

static bool none_at_all(struct restoring *r, const char *name)
{
	(void)r;
	(void)name;
	return false;
}

static enum err check_folder(struct restoring *r)
{
	const char *name;
	bool begun = access(arena_printf(&r->arena, "%s/restoring", r->dir), F_OK) == 0 ||
		     access(arena_printf(&r->arena, "%s/restored", r->dir), F_OK) == 0;
	enum err e = each_name(r, "", begun ? may_go : none_at_all, &name);
	for (size_t i = 0; !e && !name && i < FOLDERS; i++)
		e = each_name(r, folders[i], may_go, &name);
	if (e || !name)
		return e;
	diag_place(r->diag, "%s", r->dir);
	return diag_set(r->diag, ERR_RESTORE_FOREIGN, "%s", name);
}

static bool take_away(struct restoring *r, const char *name)
{
	if (is_ours(str_c(name)) && strcmp(name, "restoring") != 0)
		(void)unlink(arena_printf(&r->arena, "%s/%s", r->dir, name));
	return true;
}

/* What cannot be removed shows when the restore makes it anew. */
static void clear_folder(struct restoring *r)
{
	struct diag *said = r->diag, none = {0};
	const char *name;
	enum err e;
	r->diag = &none;
	for (size_t i = 0; i < FOLDERS; i++) {
		e = each_name(r, folders[i], take_away, &name);
		(void)rmdir(arena_printf(&r->arena, "%s/%s", r->dir, folders[i]));
	}
	e = each_name(r, "", take_away, &name);
	(void)e;
	r->diag = said;
}

static void remove_folder(struct restoring *r)
{
	clear_folder(r);
	(void)unlink(arena_printf(&r->arena, "%s/restoring", r->dir)); /* last */
	(void)rmdir(r->dir);
}

/* On the disk before anything else is. */
static enum err mark_begun(struct restoring *r)
{
	const char *path = arena_printf(&r->arena, "%s/restoring", r->dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	return ok && disk_flush_folder(r->dir)
		       ? OK
		       : diag_set(r->diag, ERR_IO, "%s: %s", path, strerror(errno));
}

/* A folder of its own: what a run that was cut short left there goes. */
static enum err take_folder(struct restoring *r)
{
	if (mkdir(r->dir, 0700) != 0 && errno != EEXIST)
		return diag_set(r->diag, ERR_IO, "%s: %s", r->dir, strerror(errno));
	r->lock = open(r->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->lock < 0)
		return diag_set(r->diag, ERR_IO, "%s: %s", r->dir, strerror(errno));
	enum err e = flock(r->lock, LOCK_EX | LOCK_NB) == 0
			     ? check_folder(r)
			     : diag_set(r->diag, ERR_LOCKED, "%s", r->dir);
	if (!e) {
		r->committed = was_committed(r);
		e = r->committed ? OK : mark_begun(r);
		if (!r->committed && e)
			remove_folder(r);
		else if (!r->committed)
			clear_folder(r);
	}
	if (e)
		(void)close(r->lock);
	return e;
}

/* A name that is free, or an empty folder of that name. */
static enum err may_take(const char *dir, struct diag *diag)
{
	if (access(dir, F_OK) != 0)
		return OK;
	DIR *d = opendir(dir);
	bool empty = d != NULL;
	for (const struct dirent *f; d && (f = readdir(d)) != NULL;)
		empty = empty && (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0);
	if (d)
		(void)closedir(d);
	return empty ? OK : diag_set(diag, ERR_DATA_DIR_EXISTS, "%s", dir);
}

static enum err put_in_place(struct restoring *r, const char *dir)
{
	bool ok = disk_flush_folder(r->dir);
	for (size_t i = 0; ok && i < FOLDERS; i++) {
		const char *path = arena_printf(&r->arena, "%s/%s", r->dir, folders[i]);
		ok = access(path, F_OK) != 0 || disk_flush_folder(path);
	}
	(void)unlink(arena_printf(&r->arena, "%s/lock", r->dir));
	(void)unlink(arena_printf(&r->arena, "%s/restoring", r->dir)); /* "restored" is there */
	if (!ok || rename(r->dir, dir) != 0)
		return diag_set(r->diag, ERR_IO, "%s: %s", dir, strerror(errno));
	(void)unlink(arena_printf(&r->arena, "%s/restored", dir)); /* not before: it says how to go on */
	if (!disk_flush_folder_of(dir))
		return diag_set(r->diag, ERR_IO, "%s: %s", dir, strerror(errno));
	return OK;
}

static void close_database(struct restoring *r)
{
	if (r->load) {
		enum err e = rows_load_end(r->load); /* of what has failed already */
		(void)e;
		rows_release(&r->table);
	}
	r->load = NULL;
	db_close(r->db);
	r->db = NULL;
}

static enum err fill_folder(struct restoring *r, struct backup_report *ret)
{
	struct backup_sink sink = {.arg = r,
				   .file = begin_file,
				   .data = add_data,
				   .file_end = end_file,
				   .table = begin_table,
				   .row = add_row,
				   .table_end = end_table};
	enum err e = read_backup(r->in, &sink, r->diag, ret);
	bool broken = e == ERR_JOURNAL_BROKEN; /* as it was when the backup was made */
	if (r->fd >= 0)
		(void)close(r->fd);
	r->fd = -1;
	if (broken)
		diag_clear(r->diag);
	if (!e || broken)
		e = finish_database(r);
	close_database(r);
	if (!e && broken)
		ret->journal.fault = ret->journal.fault ? ret->journal.fault : "journal";
	return e;
}

/* Nothing but the name is missing. */
static enum err look_again(struct restoring *r, struct backup_report *ret)
{
	enum err e = backup_verify(r->in, r->diag, ret);
	if (e != ERR_JOURNAL_BROKEN)
		return e;
	diag_clear(r->diag);
	return OK;
}

static enum err restore_into(struct restoring *r, const char *place, struct backup_report *ret)
{
	enum err e = take_folder(r);
	if (e)
		return e;
	e = r->committed ? look_again(r, ret) : fill_folder(r, ret);
	if (!e)
		e = put_in_place(r, place);
	if (e && !r->committed)
		remove_folder(r);
	(void)close(r->lock);
	return e;
}

enum err backup_restore(const struct backup_in *in, const char *dir, const char *url,
			struct diag *diag, struct backup_report *ret)
{
	struct restoring r = {.diag = diag, .in = in, .url = url, .fd = -1};
	struct seal_in *seal = NULL;
	enum err e = may_take(dir, diag);
	if (!e)
		e = seal_in_open(in->path, diag, &seal);
	if (e)
		return e;
	r.made_ms = seal_in_head(seal)->made_ms;
	seal_in_close(seal);
	arena_init(&r.arena, 0);
	size_t n = strlen(dir);
	while (n > 1 && dir[n - 1] == '/')
		n--;
	const char *place = arena_strndup(&r.arena, dir, n);
	r.dir = arena_printf(&r.arena, "%s.restoring", place);
	e = restore_into(&r, place, ret);
	ret->distributed = r.distributed;
	arena_release(&r.arena);
	return e;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/import_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "ledger/covers.h"

#include "base/banned.h"

/* What read_rows() works with. */
struct reading {
	struct read_file *f;
	const struct read_opts *o;
	read_sink sink;
	void *arg;
	struct buf packed;
};

/* --- the file ------------------------------------------------------------------------ */

enum err read_hash(const char *path, struct diag *diag, unsigned char ret[32])
{
	struct sha256 st;
	unsigned char b[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	if (fd >= 0) {
		sha256_begin(&st);
		while ((n = read(fd, b, sizeof(b))) > 0)
			sha256_add(&st, b, (size_t)n);
		sha256_end(&st, ret);
	}
	int why = errno;
	if (fd >= 0)
		(void)close(fd);
	if (n < 0) {
		diag_place(diag, "%s", path);
		return diag_set(diag, ERR_FILE_UNREADABLE, "%s", strerror(why));
	}
	return OK;
}

void read_init(struct read_file *f, const char *path, size_t no)
{
	const char *slash = strrchr(path, '/');
	*f = (struct read_file){.path = path, .name = slash ? slash + 1 : path, .no = no};
	arena_init(&f->arena, 0);
}

void read_release(struct read_file *f)
{
	for (size_t i = 0; i < f->n_groups; i++) {
		buf_release(&f->groups[i].chunk);
		imap_release(&f->groups[i].events);
		index_release(&f->groups[i].index);
	}
	f->n_groups = 0;
	intake_close(f->in);
	rows_close(f->rows);
	f->in = NULL;
	f->rows = NULL;
	if (f->sealed)
		(void)unlink(f->sealed);
	f->sealed = NULL;
	arena_release(&f->arena);
}

enum err read_open(struct read_file *f, const struct read_opts *o)
{
	enum err e = read_hash(f->path, &f->diag, f->hash);
	if (!e)
		e = rows_open(f->path, &(struct rows_opts){.password = o->password}, &f->diag, &f->rows);
	if (!e && o->other)
		f->other = o->other(f->rows, &f->other_sheet);
	return e;
}

enum err read_seal(struct read_file *f, const struct read_opts *o)
{
	char hex[65];
	(void)sodium_bin2hex(hex, sizeof(hex), f->hash, 32);
	if (!o->keep)
		return OK;
	if (mkdir(o->keep, 0700) != 0 && errno != EEXIST)
		return diag_set(&f->diag, ERR_IO, "%s: %s", o->keep, strerror(errno));
	f->original = arena_printf(&f->arena, "%s/%s", o->keep, hex);
	if (access(f->original, F_OK) == 0)
		return OK;
	/* in digits: whose it is, another importer's file has another */
	const char *to = arena_printf(&f->arena, "%s.%ld%06zu", f->original, (long)getpid(), f->no);
	enum err e = keys_seal_file_unsynced(o->keys, f->path, to, &f->diag);
	f->sealed = e ? NULL : to;
	return e;
}

enum err read_sync(struct read_file *f)
{
	if (!f->sealed)
		return OK;
	int fd = open(f->sealed, O_RDONLY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;
	int why = errno;
	if (fd >= 0)
		(void)close(fd);
	return done ? OK : diag_set(&f->diag, ERR_IO, "%s: %s", f->sealed, strerror(why));
}

enum err read_keep(struct read_file *f, const struct keys *keys, struct diag *diag)
{
	/* there already when it was read, but no ledger had it: it may have been swept since */
	if (f->original && !f->sealed && access(f->original, F_OK) != 0)
		return keys_seal_file(keys, f->path, f->original, diag);
	if (!f->sealed)
		return OK;
	if (rename(f->sealed, f->original) != 0)
		return diag_set(diag, ERR_IO, "%s: %s", f->original, strerror(errno));
	f->sealed = NULL;
	return OK;
}

static enum err open_intake(struct read_file *f, const struct read_opts *o)
{
	size_t n = 0;
	const char *home = covers_home(o->areas, o->root, f->path);
	struct intake_area *areas = ARENA_ARRAY(&f->arena, o->areas->n * 8 + 1, struct intake_area);
	for (size_t i = 0; i < o->areas->n; i++) {
		const struct area *a = &o->areas->areas[i];
		if (!area_is_village(a) || !area_within(o->areas, a->code, o->root))
			continue;
		bool is_home = home && area_within(o->areas, a->code, home);
		areas[n++] = (struct intake_area){str_c(a->name), (int32_t)i, is_home};
		struct str rest = str_c(a->aliases), alias;
		for (size_t k = 0; k < 7 && a->aliases && str_split(&rest, '|', &alias); k++)
			areas[n++] = (struct intake_area){str_trim(alias), (int32_t)i, is_home};
	}
	struct intake_opts opts = {.pack = o->pack, .layout = o->layout, .map = o->map,
	                           .areas = areas, .n_areas = n, .file = f->name};
	return intake_open(f->rows, &opts, &f->diag, &f->in);
}

/* --- groups --------------------------------------------------------------------------- */

static enum err new_group(struct reading *r, const struct intake_table *t, size_t *ret)
{
	struct read_file *f = r->f;
	if (f->n_groups == READ_GROUPS_MAX)
		return diag_set(&f->diag, ERR_FILE_TOO_LARGE, "> %d", READ_GROUPS_MAX);
	*ret = f->n_groups++;
	struct read_group *g = &f->groups[*ret];
	*g = (struct read_group){.layout = t->into, .year = t->year};
	g->order = rows_order_make(t->into, &f->arena);
	g->villages = ARENA_ARRAY(&f->arena, r->o->areas->n + 1, uint64_t);
	g->title = t->n_titles ? str_dup(&f->arena, t->titles[0]) : NULL;
	buf_init(&g->chunk, ROWS_CHUNK_MAX);
	imap_init(&g->events);
	g->index.keys = r->o->keys;
	return OK;
}

static void grow_tables(struct read_file *f, size_t table)
{
	size_t n = table * 2 + 64;
	int *grown = ARENA_ARRAY(&f->arena, n, int);
	for (size_t i = 0; i < n; i++)
		grown[i] = i < f->n_tables ? f->group_of_table[i] : -1;
	f->group_of_table = grown;
	f->n_tables = n;
}

static enum err group_for(struct reading *r, size_t table, size_t *ret)
{
	struct read_file *f = r->f;
	if (table >= f->n_tables)
		grow_tables(f, table);
	if (f->group_of_table[table] >= 0) {
		*ret = (size_t)f->group_of_table[table];
		return OK;
	}
	const struct intake_table *t = intake_table(f->in, table);
	size_t i = 0;
	while (i < f->n_groups && (f->groups[i].layout != t->into ||
	                           (t->year && f->groups[i].year && t->year != f->groups[i].year)))
		i++;
	enum err e = i < f->n_groups ? OK : new_group(r, t, &i);
	if (e)
		return e;
	f->group_of_table[table] = (int)i;
	*ret = i;
	return OK;
}

/* --- rows ------------------------------------------------------------------------------ */

static void count_village(const struct reading *r, struct read_group *g,
                          const struct intake_row *row)
{
	static const enum pack_role roles[] = {PACK_ROLE_VILLAGE, PACK_ROLE_ADDRESS};
	size_t n_areas = r->o->areas->n;
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		int c = g->layout->role[roles[i]];
		if (c < 0 || g->layout->columns[c].kind != PACK_AREA)
			continue;
		const struct intake_value *v = &row->values[c];
		bool read = v->state == INTAKE_OK || v->state == INTAKE_DOUBT;
		if (read && v->v >= 0 && (size_t)v->v < n_areas) {
			g->villages[v->v]++;
			return;
		}
	}
	if (row->section_area >= 0 && (size_t)row->section_area < n_areas) {
		g->villages[row->section_area]++;
		g->by_sheet = true;
	} else {
		g->homeless++;
	}
}

static bool misfit(const struct pack_layout *l, const struct intake_row *row)
{
	for (size_t i = 0; i < l->n_columns; i++)
		if (l->columns[i].required && row->values[i].state == INTAKE_BAD &&
		    !(row->values[i].flags & INTAKE_LOSSY))
			return true;
	return false;
}

/* The group's lines into r->packed. */
static enum err pack_chunk(struct reading *r, struct read_group *g)
{
	buf_clear(&r->packed);
	rows_pack(buf_str(&g->chunk), &r->packed);
	if (g->chunk.full || r->packed.full)
		return diag_set(&r->f->diag, ERR_FILE_TOO_LARGE, "%s", r->f->name);
	buf_clear(&g->chunk);
	return OK;
}

static enum err take_row(struct reading *r, const struct intake_row *row)
{
	size_t group;
	enum err e = group_for(r, row->table, &group);
	if (e)
		return e;
	struct read_group *g = &r->f->groups[group];
	const struct intake_table *t = intake_table(r->f->in, row->table);
	size_t from = g->chunk.n;
	rows_encode(&g->order, r->o->pack, r->o->areas, t->sheet_name, row, &g->chunk);
	if (ledger_adds_up(g->layout->id)) {
		/* the line without its place: {"#":"sheet!17",… */
		struct str line = str_sub(buf_str(&g->chunk), from, g->chunk.n - from - 1);
		size_t at = str_find(line, STR("\","));
		struct str rest = str_sub(line, at == SIZE_MAX ? 0 : at, line.n);
		(void)imap_set(&g->events, (int64_t)str_hash(rest), 1);
	}
	int id = g->layout->role[PACK_ROLE_ID];
	if (g->layout->keep == PACK_KEEP_ALL && id >= 0 && row->values[id].state >= INTAKE_OK)
		index_add(&g->index, row->values[id].text, (row->values[id].flags & INTAKE_LOSSY) != 0,
		          (uint32_t)g->rows);
	g->misfits += misfit(g->layout, row);
	g->rows++;
	count_village(r, g, row);
	if (++g->in_chunk < LEDGER_CHUNK)
		return OK;
	size_t length = g->chunk.n;
	e = pack_chunk(r, g);
	if (e)
		return e;
	g->in_chunk = 0;
	return r->sink(r->arg, group, LEDGER_CHUNK, length, &r->packed);
}

enum err read_rows(struct read_file *f, const struct read_opts *o, read_sink sink, void *arg)
{
	struct reading r = {.f = f, .o = o, .sink = sink, .arg = arg};
	struct intake_row row;
	bool more = true;
	enum err e = open_intake(f, o);
	buf_init(&r.packed, ROWS_PACKED_MAX);
	while (!e && more) {
		e = intake_next(f->in, &f->diag, &row, &more);
		if (!e && more)
			e = take_row(&r, &row);
	}
	if (!e && !f->n_groups)
		e = diag_set(&f->diag, ERR_FILE_EMPTY, "%s", f->name);
	for (size_t i = 0; !e && i < f->n_groups; i++) {
		struct read_group *g = &f->groups[i];
		g->last_length = g->chunk.n;
		e = pack_chunk(&r, g);
		buf_addstr(&g->chunk, buf_str(&r.packed));
		index_sort(&g->index);
	}
	buf_release(&r.packed);
	return e;
}

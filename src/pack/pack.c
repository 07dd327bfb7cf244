/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pack/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "base/team.h"
#include "pack/embedded.h"
#include "pack/keys.h"
#include "pack/pack_load.h"

#include "base/banned.h"

enum { FILE_MAX = 4 << 20 };

/* A pack and what keeps it alive. */
struct pack_box {
	struct pack pack; /* first: struct pack * is struct pack_box * */
	struct arena arena;
	struct arena trees[PACK_FILES]; /* of the files; the pack lends texts from them */
};

struct part {
	const char *file;
	bool required;
	enum err (*load)(struct load *l, const struct pack_node *root);
};

struct head {
	const char *id, *version, *country;
	struct text title;
};

static enum err head_load(struct load *l, const struct pack_node *root)
{
	static const struct key keys[] = {
		{"id", KEY_TEXT, true, offsetof(struct head, id), 0, NULL},
		{"version", KEY_TEXT, true, offsetof(struct head, version), 0, NULL},
		{"country", KEY_TEXT, true, offsetof(struct head, country), 0, NULL},
		{"title", KEY_TITLE, true, offsetof(struct head, title), 0, NULL},
		{0},
	};
	struct head h = {0};
	enum err e = keys_read(l, root, keys, &h);
	if (e)
		return e;
	l->pack->id = h.id;
	l->pack->version = h.version;
	l->pack->country = h.country;
	l->pack->title = h.title;
	return OK;
}

/* In the order in which they refer to each other. */
static const struct part parts[PACK_FILES] = {
	{"pack.yaml", true, head_load},     {"params.yaml", true, params_load},
	{"codes.yaml", true, codes_load},   {"ledgers.yaml", true, layouts_load},
	{"rules.yaml", false, rules_load},   {"indicators.yaml", false, indicators_load},
};

static void hash_part(struct sha256 *h, const char *name, struct str text)
{
	unsigned char size[8];
	for (size_t i = 0; i < 8; i++)
		size[i] = (unsigned char)((uint64_t)text.n >> (8 * i));
	sha256_add(h, name, strlen(name) + 1);
	sha256_add(h, size, sizeof(size));
	sha256_add(h, text.p, text.n);
}

/* The files as trees, each its own job, and the hash of all. */
struct reading {
	const struct str *text;
	struct arena *trees;
	struct tree {
		struct diag diag;
		enum err err;
		const struct pack_node *root;
	} tree[PACK_FILES];
	unsigned char digest[SHA256_BYTES];
};

static struct node_file file_of(const struct reading *r, size_t i)
{
	return (struct node_file){parts[i].file, r->text[i], ERR_PACK};
}

static void read_part(void *arg, size_t job, size_t worker)
{
	struct reading *r = arg;
	if (job < PACK_FILES) {
		struct tree *t = &r->tree[job];
		struct node_file file = file_of(r, job);
		if (r->text[job].p)
			t->err = node_parse(&file, &r->trees[job], &t->diag, &t->root);
		return;
	}
	struct sha256 h;
	sha256_begin(&h);
	for (size_t i = 0; i < PACK_FILES; i++)
		if (r->text[i].p)
			hash_part(&h, parts[i].file, r->text[i]);
	sha256_end(&h, r->digest);
}

static enum err load_part(struct load *l, const struct reading *r, size_t i)
{
	const struct tree *t = &r->tree[i];
	if (!r->text[i].p)
		return parts[i].required ? diag_set(l->diag, ERR_PACK, "%s", parts[i].file) : OK;
	if (t->err) {
		(void)diag_set(l->diag, t->err, "%s", t->diag.detail);
		if (t->diag.place[0])
			diag_place(l->diag, "%s", t->diag.place);
		return t->err;
	}
	l->file = file_of(r, i);
	return parts[i].load(l, t->root);
}

static enum err load_parts(struct load *l, const struct str text[PACK_FILES], struct arena *trees)
{
	struct reading *r = ARENA_NEW(l->a, struct reading);
	struct team *team = team_new(0);
	enum err e = OK;
	r->text = text;
	r->trees = trees;
	team_run(team, PACK_FILES + 1, read_part, r);
	team_free(team);
	for (size_t i = 0; e == OK && i < PACK_FILES; i++)
		e = load_part(l, r, i);
	sodium_bin2hex(l->pack->hash, sizeof(l->pack->hash), r->digest, sizeof(r->digest));
	return e;
}

enum err pack_load(const struct str text[PACK_FILES], struct diag *diag, struct pack **ret)
{
	struct pack_box *box = base_calloc(1, sizeof(*box));
	arena_init(&box->arena, PACK_ARENA_MAX);
	pack_headers_init(&box->pack);
	struct load l = {.a = &box->arena, .diag = diag, .pack = &box->pack};
	for (size_t i = 0; i < PACK_FILES; i++)
		arena_init(&box->trees[i], PACK_ARENA_MAX);
	enum err e = load_parts(&l, text, box->trees);
	if (e) {
		pack_close(&box->pack);
		return e;
	}
	*ret = &box->pack;
	return OK;
}

void pack_close(struct pack *pack)
{
	if (!pack)
		return;
	struct pack_box *box = (struct pack_box *)(void *)pack;
	codes_release(pack);
	pack_headers_release(pack);
	for (size_t i = 0; i < PACK_FILES; i++)
		arena_release(&box->trees[i]);
	arena_release(&box->arena);
	base_free(box);
}

static enum err read_file(const char *path, struct arena *a, struct diag *diag, struct str *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT)
			return OK; /* absent: *ret stays empty */
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	}
	struct stat st;
	enum err e = OK;
	if (fstat(fd, &st) != 0)
		e = diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		e = diag_set(diag, ERR_PACK, "%s: no plain file of at most 4 MiB", path);
	if (e == OK) {
		size_t want = (size_t)st.st_size, have = 0;
		char *p = arena_alloc(a, want + 1);
		ssize_t k = 1;
		while (have < want && (k = read(fd, p + have, want - have)) > 0)
			have += (size_t)k;
		p[have] = '\0';
		if (k < 0)
			e = diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
		*ret = (struct str){p, have};
	}
	close(fd);
	return e;
}

static enum err open_folder(const char *folder, struct diag *diag, struct pack **ret)
{
	struct stat st;
	if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
		return diag_set(diag, ERR_PACK_UNKNOWN, "%s", folder);
	struct arena a;
	arena_init(&a, (size_t)PACK_FILES * (FILE_MAX + 4096));
	struct str text[PACK_FILES] = {{NULL, 0}};
	enum err e = OK;
	for (size_t i = 0; e == OK && i < PACK_FILES; i++)
		e = read_file(arena_printf(&a, "%s/%s", folder, parts[i].file), &a, diag, &text[i]);
	if (e == OK)
		e = pack_load(text, diag, ret);
	arena_release(&a);
	return e;
}

static bool open_builtin(const char *id, struct diag *diag, struct pack **ret, enum err *ret_err)
{
	struct str text[PACK_FILES] = {{NULL, 0}};
	bool found = false;
	for (const struct pack_file *f = pack_embedded; f->pack; f++) {
		if (strcmp(f->pack, id) != 0)
			continue;
		found = true;
		for (size_t i = 0; i < PACK_FILES; i++)
			if (strcmp(parts[i].file, f->name) == 0)
				text[i] = (struct str){(const char *)f->bytes, f->size};
	}
	if (found)
		*ret_err = pack_load(text, diag, ret);
	return found;
}

enum err pack_open(const char *name, struct diag *diag, struct pack **ret)
{
	enum err e = OK;
	if (!strchr(name, '/') && open_builtin(name, diag, ret, &e))
		return e;
	return open_folder(name, diag, ret);
}

const char *const *pack_builtin(void)
{
	return pack_embedded_ids;
}

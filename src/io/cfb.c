/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/cfb.h"

#include "base/banned.h"

enum {
	HEADER = 512,
	DIFAT_HEAD = 109, /* entries in the header */
	DIR_ENTRY = 128,
	MINI_SHIFT = 6,
	DEPTH_MAX = 64, /* of the tree of names: it is balanced, 64 is 2^32 names */
};

#define SECTOR_END 0xFFFFFFFEu
#define NO_ENTRY 0xFFFFFFFFu

static uint32_t u32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t u16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

/* Bytes of a sector that are in the file; *ret_n may be short for the last. */
static const unsigned char *sector(const struct cfb *c, uint32_t id, size_t *ret_n)
{
	uint64_t at = ((uint64_t)id + 1) << c->shift;
	size_t size = (size_t)1 << c->shift;
	if (at >= c->n)
		return NULL;
	*ret_n = c->n - at < size ? (size_t)(c->n - at) : size;
	return c->p + at;
}

/* Appends the ids in one sector of the allocation table. */
static void add_fat(struct cfb *c, uint32_t id)
{
	size_t n;
	const unsigned char *p = sector(c, id, &n);
	if (!p)
		return;
	for (size_t i = 0; i + 4 <= n; i += 4)
		c->fat[c->n_fat++] = u32(p + i);
}

static enum err read_fat(struct cfb *c, struct diag *diag)
{
	size_t size = (size_t)1 << c->shift, in_file = c->n >> c->shift;
	size_t left = u32(c->p + 44); /* sectors of the table, as the header says */
	if (left == 0 || left > in_file + 1)
		left = in_file + 1;
	c->fat = base_calloc(left * (size / 4), sizeof(*c->fat));
	for (size_t i = 0; i < DIFAT_HEAD && left; i++, left--) {
		uint32_t id = u32(c->p + 76 + i * 4);
		if (id >= SECTOR_END - 1)
			break;
		add_fat(c, id);
	}
	uint32_t next = u32(c->p + 68);
	for (size_t steps = 0; next < SECTOR_END - 1 && left && steps <= in_file; steps++) {
		size_t n;
		const unsigned char *p = sector(c, next, &n);
		if (!p || n < size)
			break;
		for (size_t i = 0; i + 4 < size && left; i += 4, left--) {
			uint32_t id = u32(p + i);
			if (id >= SECTOR_END - 1)
				break;
			add_fat(c, id);
		}
		next = u32(p + size - 4);
	}
	return c->n_fat ? OK : diag_set(diag, ERR_FILE_DAMAGED, "OLE2: FAT");
}

/* The bytes of a chain, at most `max` of them. */
static unsigned char *read_chain(const struct cfb *c, uint32_t id, uint64_t max, size_t *ret_n)
{
	size_t size = (size_t)1 << c->shift, sectors = 0, n, out = 0;
	uint64_t want = max < c->n ? max : c->n;
	for (uint32_t k = id; k < c->n_fat && sectors * size < want; k = c->fat[k])
		sectors++; /* a loop ends at `want` */
	unsigned char *p = base_calloc(sectors * size, 1);
	for (size_t i = 0; i < sectors; i++, id = c->fat[id]) {
		const unsigned char *s = sector(c, id, &n);
		if (!s)
			break;
		if (n > want - out)
			n = (size_t)(want - out);
		memcpy(p + out, s, n);
		out += n;
	}
	*ret_n = out;
	return p;
}

static uint32_t *read_ids(const struct cfb *c, uint32_t id, size_t *ret_n)
{
	size_t n;
	unsigned char *p = read_chain(c, id, UINT64_MAX, &n);
	uint32_t *ids = base_calloc(n / 4, sizeof(*ids));
	for (size_t i = 0; i < n / 4; i++)
		ids[i] = u32(p + i * 4);
	base_free(p);
	*ret_n = n / 4;
	return ids;
}

static const unsigned char *entry(const struct cfb *c, size_t i)
{
	return c->dir + i * DIR_ENTRY;
}

static uint64_t entry_size(const struct cfb *c, const unsigned char *e)
{
	uint64_t size = u32(e + 120);
	if (c->shift > 9)
		size |= (uint64_t)u32(e + 124) << 32;
	return size;
}

enum err cfb_open(struct cfb *c, const unsigned char *p, size_t n, struct diag *diag)
{
	*c = (struct cfb){.p = p, .n = n};
	if (n < HEADER || memcmp(p, CFB_MAGIC, 8) != 0)
		return diag_set(diag, ERR_FILE_DAMAGED, "OLE2");
	c->shift = u16(p + 30);
	if (c->shift < 7 || c->shift > 16)
		return diag_set(diag, ERR_FILE_DAMAGED, "OLE2: sector size");
	c->mini_cutoff = u32(p + 56);
	enum err e = read_fat(c, diag);
	if (e != OK)
		return e;
	size_t dir_bytes;
	c->dir = read_chain(c, u32(p + 48), UINT64_MAX, &dir_bytes);
	c->n_dir = dir_bytes / DIR_ENTRY;
	if (c->n_dir == 0)
		return diag_set(diag, ERR_FILE_DAMAGED, "OLE2: directory");
	c->mini_fat = read_ids(c, u32(p + 60), &c->n_mini_fat);
	c->mini = read_chain(c, u32(entry(c, 0) + 116), entry_size(c, entry(c, 0)), &c->n_mini);
	return OK;
}

void cfb_close(struct cfb *c)
{
	base_free(c->fat);
	base_free(c->mini_fat);
	base_free(c->mini);
	base_free(c->dir);
	*c = (struct cfb){0};
}

static bool is_named(const unsigned char *e, const char *name)
{
	size_t k = strlen(name);
	if (u16(e + 64) != (k + 1) * 2 || e[66] != 2)
		return false;
	for (size_t i = 0; i < k; i++) {
		unsigned a = u16(e + i * 2), b = (unsigned char)name[i];
		a = a >= 'A' && a <= 'Z' ? a + 32 : a;
		b = b >= 'A' && b <= 'Z' ? b + 32 : b;
		if (a != b)
			return false;
	}
	return true;
}

/* The entry among the siblings below `i`; a tree that is no tree ends at the
 * depth limit or after as many steps as there are entries. */
static const unsigned char *find_in_tree(const struct cfb *c, uint32_t root, const char *name)
{
	uint32_t stack[DEPTH_MAX];
	size_t n = 0, steps = 0;
	stack[n++] = root;
	while (n && steps++ <= c->n_dir) {
		uint32_t i = stack[--n];
		if (i >= c->n_dir)
			continue;
		const unsigned char *e = entry(c, i);
		if (is_named(e, name))
			return e;
		for (int side = 0; side < 2; side++) {
			uint32_t next = u32(e + 68 + side * 4);
			if (next != NO_ENTRY && n < DEPTH_MAX)
				stack[n++] = next;
		}
	}
	return NULL;
}

static const unsigned char *find(const struct cfb *c, const char *name)
{
	const unsigned char *e = find_in_tree(c, u32(entry(c, 0) + 76), name);
	if (e)
		return e;
	/* writers that leave the tree unsorted or unlinked */
	for (size_t i = 1; i < c->n_dir; i++)
		if (is_named(entry(c, i), name))
			return entry(c, i);
	return NULL;
}

bool cfb_has(const struct cfb *c, const char *name)
{
	return find(c, name) != NULL;
}

static unsigned char *read_mini(const struct cfb *c, uint32_t id, size_t size, size_t *ret_n)
{
	unsigned char *p = base_calloc(size, 1);
	size_t out = 0, unit = (size_t)1 << MINI_SHIFT;
	while (out < size && id < c->n_mini_fat) {
		size_t at = (size_t)id << MINI_SHIFT;
		if (at >= c->n_mini)
			break;
		size_t n = c->n_mini - at < unit ? c->n_mini - at : unit;
		if (n > size - out)
			n = size - out;
		memcpy(p + out, c->mini + at, n);
		out += n;
		id = c->mini_fat[id];
	}
	*ret_n = out;
	return p;
}

enum err cfb_stream(const struct cfb *c, const char *name, struct diag *diag,
                    unsigned char **ret, size_t *ret_n)
{
	const unsigned char *e = find(c, name);
	if (!e)
		return diag_set(diag, ERR_FILE_DAMAGED, "OLE2: %s", name);
	uint64_t size = entry_size(c, e);
	uint32_t start = u32(e + 116);
	size_t n = 0;
	unsigned char *p;
	if (size < c->mini_cutoff && c->n_mini && size <= c->n_mini)
		p = read_mini(c, start, (size_t)size, &n);
	else
		p = read_chain(c, start, size, &n);
	if (n < size) {
		base_free(p);
		return diag_set(diag, ERR_FILE_DAMAGED, "OLE2: %s %zu < %llu", name, n,
		                (unsigned long long)size);
	}
	*ret = p;
	*ret_n = n;
	return OK;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/arena.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/banned.h"

enum { BLOCK_MIN = 64 * 1024, BLOCK_SMALL = 1024, ALIGN = 16, LARGE_PAGE = 2 << 20 };

struct arena_block {
	struct arena_block *prev;
	size_t size; /* bytes of data */
	size_t fill;
	size_t pad_; /* keeps data aligned to 16 */
	unsigned char data[];
};

static _Noreturn void out_of_memory(const struct arena *a)
{
	if (a && a->on_full)
		a->on_full(a->on_full_arg);
	fputs("daohu: out of memory\n", stderr);
	exit(3);
}

void arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){.max = max};
}

void arena_init_small(struct arena *a, size_t max)
{
	*a = (struct arena){.max = max, .first = BLOCK_SMALL};
}

/* --- blocks that are kept -------------------------------------------------------- */

enum { LARGE_BLOCK = LARGE_PAGE - sizeof(struct arena_block) }; /* data of one that fills a large page */

static struct {
	pthread_mutex_t lock;
	struct arena_block *head;
	size_t n, most; /* blocks */
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

void arena_keep(size_t bytes)
{
#ifndef __SANITIZE_ADDRESS__ /* which looks for those who use what was given back */
	kept.most = bytes / LARGE_PAGE;
#endif
}

static bool keep_block(struct arena_block *b)
{
	if (b->size != LARGE_BLOCK || kept.most == 0)
		return false;
	(void)pthread_mutex_lock(&kept.lock);
	bool room = kept.n < kept.most;
	if (room) {
		b->prev = kept.head;
		kept.head = b;
		kept.n++;
	}
	(void)pthread_mutex_unlock(&kept.lock);
	return room;
}

static struct arena_block *take_kept(void)
{
	if (kept.most == 0)
		return NULL;
	(void)pthread_mutex_lock(&kept.lock);
	struct arena_block *b = kept.head;
	if (b) {
		kept.head = b->prev;
		kept.n--;
	}
	(void)pthread_mutex_unlock(&kept.lock);
	return b;
}

/* --- arenas ---------------------------------------------------------------------- */

static void free_down_to(struct arena *a, const struct arena_block *stop)
{
	while (a->head != stop) {
		struct arena_block *b = a->head;
		a->head = b->prev;
		a->used -= b->size;
		if (!keep_block(b))
			free(b);
	}
}

void arena_release(struct arena *a)
{
	free_down_to(a, NULL);
}

void arena_clear(struct arena *a)
{
	struct arena_block *keep = a->head;
	if (!keep)
		return;
	a->head = keep->prev;
	a->used -= keep->size;
	free_down_to(a, NULL);
	keep->prev = NULL;
	keep->fill = 0;
	a->head = keep;
	a->used = keep->size;
}

void arena_join(struct arena *a, struct arena *from)
{
	struct arena_block *last = from->head;
	if (!last)
		return;
	if (a->max && (a->used > a->max || from->used > a->max - a->used))
		out_of_memory(a);
	while (last->prev)
		last = last->prev;
	last->prev = a->head;
	a->head = from->head;
	a->used += from->used;
	from->head = NULL;
	from->used = 0;
}

/* Large memory comes in large pages where the system has them: it is had and
 * given back in few steps, and read with fewer misses.  Only a wish, and not for
 * a rest that would not fill one. */
static void *large_alloc(size_t bytes)
{
	void *p = NULL;
	if (bytes < LARGE_PAGE)
		return malloc(bytes);
	if (posix_memalign(&p, LARGE_PAGE, bytes) != 0)
		return NULL;
	(void)madvise(p, bytes & ~(size_t)(LARGE_PAGE - 1), MADV_HUGEPAGE);
	return p;
}

static void new_block(struct arena *a, size_t need)
{
	/* Twice as large as the last one, up to a large page, with the block's own head; small
	 * again behind one that was made for a single large thing. */
	size_t first = a->first ? a->first : BLOCK_MIN;
	size_t size = first - sizeof(struct arena_block);
	size_t last = a->head ? a->head->size + sizeof(struct arena_block) : 0;
	if (last >= first && last <= LARGE_PAGE && (last & (last - 1)) == 0)
		size = (last < LARGE_PAGE ? last * 2 : LARGE_PAGE) - sizeof(struct arena_block);
	if (size < need)
		size = need;
	if (a->max && a->used + size > a->max) {
		size = need;
		if (need > a->max || a->used > a->max - need)
			out_of_memory(a);
	}
	struct arena_block *b = size == LARGE_BLOCK ? take_kept() : NULL;
	if (!b)
		b = large_alloc(sizeof(*b) + size);
	if (!b)
		out_of_memory(a);
	b->prev = a->head;
	b->size = size;
	b->fill = 0;
	a->head = b;
	a->used += size;
}

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory(a);
	size_t n = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (n == 0)
		n = ALIGN;
	if (!a->head || a->head->size - a->head->fill < n)
		new_block(a, n);
	void *p = a->head->data + a->head->fill;
	a->head->fill += n;
	return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 4 / size)
		out_of_memory(a);
	void *p = arena_alloc(a, n * size);
	memset(p, 0, n * size);
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);
	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *p = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
	p[0] = '\0';
	if (n > 0)
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

struct arena_mark arena_save(const struct arena *a)
{
	return (struct arena_mark){a->head, a->head ? a->head->fill : 0};
}

void arena_back(struct arena *a, struct arena_mark m)
{
	if (!m.block) { /* the mark was taken on an empty arena */
		arena_clear(a);
		return;
	}
	free_down_to(a, m.block);
	a->head->fill = m.fill;
}

/*
 * What the system gives is empty already: calloc knows that and leaves it untouched.  Where it
 * comes in small pages it is touched all the same: of a table that is read before it is
 * written, each page would be had twice, the second time with all processors told.
 */
void *base_calloc(size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 4 / size)
		out_of_memory(NULL);
	size_t bytes = n * size;
	bool touch = bytes >= LARGE_PAGE / 32 && bytes < (size_t)2 * LARGE_PAGE;
	void *p = touch ? malloc(bytes) : calloc(n ? n : 1, size ? size : 1);
	if (!p)
		out_of_memory(NULL);
	if (touch)
		memset(p, 0, bytes);
	size_t before = -(uintptr_t)p & (LARGE_PAGE - 1);
	if (bytes >= (size_t)2 * LARGE_PAGE)
		(void)madvise((char *)p + before, (bytes - before) & ~(size_t)(LARGE_PAGE - 1), MADV_HUGEPAGE);
	return p;
}

void *base_table(size_t n, size_t size)
{
	char *p = base_calloc(n, size);
	size_t bytes = n * size;
	if (bytes >= (size_t)2 * LARGE_PAGE)
		for (size_t at = -(uintptr_t)p & (LARGE_PAGE - 1); at + LARGE_PAGE <= bytes; at += LARGE_PAGE)
			*(volatile char *)(p + at) = 0;
	return p;
}

void *base_realloc(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 4 / size)
		out_of_memory(NULL);
	size_t bytes = n * size;
	void *q = realloc(p, bytes > 0 ? bytes : 1);
	if (!q)
		out_of_memory(NULL);
	return q;
}

void base_free(void *p)
{
	free(p);
}

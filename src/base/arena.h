/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * arena: memory that lives and dies together.
 *
 * One arena per request, job chunk or command; row loops take a mark and go
 * back to it.  Nothing is freed singly.  An arena has a maximum: a caller
 * that would pass it (or a system out of memory) ends the operation through
 * `on_full`, so allocation never returns NULL and callers never check.
 *
 * Owns: the blocks.  Memory is aligned to 16 bytes.  Not thread-safe: one
 * thread an arena.
 */
#ifndef DAOHU_BASE_ARENA_H
#define DAOHU_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* newest block; allocation goes here */
	size_t used;              /* bytes in all blocks, for the maximum */
	size_t max;               /* bytes at the most; 0 = no bound */
	size_t first;             /* bytes of the first block; 0 = 64 KiB */
	void (*on_full)(void *arg); /* must not return; NULL: report and exit 3 */
	void *on_full_arg;
};

struct arena_mark {
	struct arena_block *block;
	size_t fill;
};

void arena_init(struct arena *a, size_t max);
/* For a few short texts that are kept for long, of which there are many. */
void arena_init_small(struct arena *a, size_t max);
void arena_release(struct arena *a); /* gives every block back; usable again */
void arena_clear(struct arena *a);   /* forgets all, keeps one block for reuse */
/* What lies in `from` becomes a's, where it is, as if it had been had there just now; `from`
 * is empty then.  So what threads made with arenas of their own lives as long as the rest. */
void arena_join(struct arena *a, struct arena *from);

/* Zeroed memory for n objects of size bytes each (overflow is `on_full`). */
void *arena_calloc(struct arena *a, size_t n, size_t size);
/* Memory with no content promised. */
void *arena_alloc(struct arena *a, size_t size);
/* Copy of n bytes with a NUL behind them. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct arena_mark arena_save(const struct arena *a);
void arena_back(struct arena *a, struct arena_mark m);

/* How many bytes of what arenas give back are kept for the next one that wants a large block:
 * memory of the system's costs more than the use of it.  0 at first; for commands that run for
 * themselves, before they have threads. */
void arena_keep(size_t bytes);

/* The few long-lived things that no arena owns: never NULL, zeroed. */
void *base_calloc(size_t n, size_t size);
/* The same for a table that is looked up before it is filled: were its memory read first, each
 * page would be had twice, the second time with all processors told. */
void *base_table(size_t n, size_t size);
void *base_realloc(void *p, size_t n, size_t size);
void base_free(void *p);

#define ARENA_NEW(a, type) ((type *)arena_calloc((a), 1, sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_calloc((a), (size_t)(n), sizeof(type)))

#endif

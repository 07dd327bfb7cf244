/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * vec: arrays that grow, typed by macro.  VEC(struct x) names an anonymous
 * struct {struct x *p; size_t n, cap;}; zero is empty.  vec_free gives the
 * memory back.  The element type must be plain data.
 *
 *     VEC(int) v = {0};
 *     *vec_push(&v) = 7;
 */
#ifndef DAOHU_BASE_VEC_H
#define DAOHU_BASE_VEC_H

#include "base/arena.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *p;                                                                           \
		size_t n, cap;                                                                     \
	}

/* A zeroed new last element; evaluates to its address. */
#define vec_push(v)                                                                                \
	((v)->p = vec__room((v)->p, (v)->n, &(v)->cap, sizeof(*(v)->p)),                           \
	 (v)->n++, &(v)->p[(v)->n - 1])
#define vec_free(v) (base_free((v)->p), (v)->p = NULL, (v)->n = (v)->cap = 0)

void *vec__room(void *p, size_t n, size_t *cap, size_t size);

#endif

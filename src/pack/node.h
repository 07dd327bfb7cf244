/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * node: YAML text to a tree of struct pack_node (pack.h).
 *
 * One document; anchors, aliases and tags are refused, so is a key given
 * twice, a depth beyond NODE_DEPTH and more than NODE_MAX nodes.  Errors are
 * set with the code given and the place "file:line:column".
 */
#ifndef DAOHU_PACK_NODE_H
#define DAOHU_PACK_NODE_H

#include "pack/pack.h"

enum { NODE_DEPTH = 24, NODE_MAX = 400000 };

struct node_file {
	const char *name; /* for places */
	struct str text;
	enum err code; /* ERR_PACK, ERR_MAP_FILE */
};

/* The tree lives in the arena.  An empty document gives an empty map. */
enum err node_parse(const struct node_file *file, struct arena *a, struct diag *diag,
                    const struct pack_node **ret) MUST_USE;
/* Sets the error at the node and returns its code. */
enum err node_fail(const struct node_file *file, const struct pack_node *node, struct diag *diag,
                   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif

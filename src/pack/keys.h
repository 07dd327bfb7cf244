/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keys: a map of a pack's file into a struct, by a table of its keys.
 *
 * A row says what a key is called, what kind of value it has and where it goes
 * (offsetof).  What is not in the table is an error, so is a required key that
 * is missing; a key that is absent leaves its member as it was.
 */
#ifndef DAOHU_PACK_KEYS_H
#define DAOHU_PACK_KEYS_H

#include "pack/node.h"

enum key_kind {
	KEY_END,
	KEY_TEXT,  /* const char * */
	KEY_TITLE, /* struct text: {zh: .., en: ..}, or one text for both */
	KEY_BOOL,  /* bool */
	KEY_INT,   /* int32_t */
	KEY_ENUM,  /* an enum: names in the order of its values */
	KEY_TEXTS, /* const char *const *, count at at_n; one text counts as a list of one */
	KEY_DATE,  /* date_t */
	KEY_NODE,  /* const struct pack_node * */
};

struct key {
	const char *name;
	enum key_kind kind;
	bool required;
	size_t at;
	size_t at_n;              /* KEY_TEXTS */
	const char *const *names; /* KEY_ENUM; NULL at the end */
};

enum { PACK_ARENA_MAX = 256 << 20 };

/* What a loader carries about. */
struct load {
	struct node_file file;
	struct arena *a;
	struct diag *diag;
	struct pack *pack;
};

enum err keys_read(struct load *l, const struct pack_node *map, const struct key *keys,
                   void *ret) MUST_USE;
/* The node must be of this kind; `what` names it in the message. */
enum err keys_kind(struct load *l, const struct pack_node *node, enum pack_node_kind kind,
                   const char *what) MUST_USE;
enum err keys_title(struct load *l, const struct pack_node *node, struct text *ret) MUST_USE;
/* An id: a-z, 0-9 and _, beginning with a letter, at most 40. */
enum err keys_id(struct load *l, const struct pack_node *at, const char *id) MUST_USE;

/* The parts of a pack, each from its file's tree into l->pack. */
enum err params_load(struct load *l, const struct pack_node *root) MUST_USE;
enum err codes_load(struct load *l, const struct pack_node *root) MUST_USE;
enum err layouts_load(struct load *l, const struct pack_node *root) MUST_USE;
enum err rules_load(struct load *l, const struct pack_node *root) MUST_USE;
enum err indicators_load(struct load *l, const struct pack_node *root) MUST_USE;
/* Memory of the indexes that no arena owns. */
void codes_release(struct pack *pack);
/* What pack_header_find() looks in. */
void pack_headers_init(struct pack *pack);
void pack_headers_release(struct pack *pack);

#endif

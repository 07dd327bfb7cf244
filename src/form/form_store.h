/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * form_store: forms kept as templates, by name and revision; the file itself is part of the
 * record.  Everything is written through the journal, inside an entry that is open.
 */
#ifndef DAOHU_FORM_FORM_STORE_H
#define DAOHU_FORM_FORM_STORE_H

#include "form/form.h"
#include "journal/journal.h"

enum { FORM_FILE_MAX = 8 << 20 }; /* bytes of a form that is kept */

struct form_template {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "form/form_template.def"
#undef F
};
enum form_template_field {
#define F(...) FIELD_INDEX(FORM_TEMPLATE_, __VA_ARGS__)
#include "form/form_template.def"
#undef F
	FORM_TEMPLATE_FIELD_MAX
};
extern const struct record_desc form_template_desc;

/* Reads the file; FILE_TOO_LARGE.  Its bytes are in `a`. */
MUST_USE enum err form_store_file(const char *path, struct arena *a, struct diag *diag,
                                  struct str *ret);
/*
 * Adds t: name, file_name, file, grain, created_by are given; revision is one more than the
 * last of that name, and the mapping of that one is taken over where its places exist still.
 */
MUST_USE enum err form_store_add(struct journal *j, struct form_template *t);
/* All, newest first, without their files. */
MUST_USE enum err form_store_all(struct db *db, struct arena *a, struct form_template **ret,
                                 size_t *ret_n);
MUST_USE enum err form_store_get(struct db *db, int64_t no, struct arena *a,
                                 struct form_template *ret, bool *ret_found);
/* Puts the file where `path` says, understands it and applies what was corrected. */
MUST_USE enum err form_store_open(const struct form_template *t, const char *path,
                                  const struct pack *pack, struct arena *a, struct diag *diag,
                                  struct form **ret);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * attach: files that people hang on a record: a photo of a notice, a scanned
 * authorisation, the proof of a task, a policy document.
 *
 * Owns the table attachment and DIR/attach, where the bytes lie under their
 * SHA-256 in hex, sealed with the house's data key.  What a file is, is read
 * from its content: pdf, jpeg, png, docx, xlsx; everything else is refused,
 * archives and workbooks with macros among them.  The same bytes are kept once,
 * however many records they hang on.
 *
 * Two steps, so that the writer never reads a file:
 *
 *     attach_store(keys, dir, path, &info, diag)      any thread, no database
 *     attach_add(j, &rec)                             inside a journal entry
 *
 * Between the two the bytes belong to nobody; attach_sweep removes what stayed so.
 */
#ifndef DAOHU_ATTACH_ATTACH_H
#define DAOHU_ATTACH_ATTACH_H

#include "journal/journal.h"

enum { ATTACH_HASH = 32, ATTACH_HEX = 65, ATTACH_SIZE_MAX = 20 << 20, ATTACH_NAME_MAX = 120 };

struct attachment {
	RECORD_HEAD
#define F FIELD_MEMBER
#include "attach/attachment.def"
#undef F
};
enum attachment_field {
#define F(...) FIELD_INDEX(ATTACHMENT_, __VA_ARGS__)
#include "attach/attachment.def"
#undef F
	ATTACHMENT_FIELD_MAX
};
extern const struct record_desc attachment_desc;

struct attach_info {
	unsigned char hash[ATTACH_HASH];
	const char *type; /* "pdf" "jpeg" "png" "docx" "xlsx": static */
	int64_t size;
};

/* Looks into the file, seals it under DIR/attach.  FILE_UNKNOWN (415),
 * FILE_EMPTY, FILE_TOO_LARGE (413) beyond max bytes (0: ATTACH_SIZE_MAX), IO. */
MUST_USE enum err attach_store(const struct keys *keys, const char *dir, const char *path,
                               int64_t max, struct diag *diag, struct attach_info *ret);

/* What a record gets: hash, type and size of info, name cleaned (last part of the
 * path, no control characters, at most ATTACH_NAME_MAX characters; copied to `a`). */
void attach_describe(struct attachment *rec, const struct attach_info *info, struct str name,
                     struct arena *a);

/* Inside an entry.  Needs tbl, rec, hash, name; sets added_at and, when the same file hangs
 * on that record already, gives the attachment there and writes nothing.  BUSY when the bytes
 * were swept away since attach_store: send the file again. */
MUST_USE enum err attach_add(struct journal *j, struct attachment *rec);
/* Takes it off its record; the bytes go with the next sweep when nobody else has them. */
MUST_USE enum err attach_remove(struct journal *j, const struct attachment *rec);

/* Of one record, newest first. */
MUST_USE enum err attach_of(struct db *db, const char *tbl, int64_t rec, struct arena *a,
                            struct attachment **ret, size_t *ret_n);
/* Of a household and all that hangs on it (its findings, visits). */
MUST_USE enum err attach_of_household(struct db *db, int64_t household, struct arena *a,
                                      struct attachment **ret, size_t *ret_n);
/* Every record that has this file: who may see one of them may see the file. */
MUST_USE enum err attach_by_hash(struct db *db, struct str hash, struct arena *a,
                                 struct attachment **ret, size_t *ret_n);
/* The bytes in clear, as a new file at `to` (mode 0600).  FILE_UNREADABLE when they are
 * not there, FILE_DAMAGED when somebody changed them. */
MUST_USE enum err attach_open(const struct keys *keys, const char *dir, struct str hash,
                              const char *to, struct diag *diag);

/* Removes the bytes that belong to no record and are older than an hour; after an erasure
 * (`all`) without regard to age. */
MUST_USE enum err attach_sweep(struct db *db, bool all);

/* Are the bytes there? */
bool attach_there(const char *dir, struct str hash);

const char *attach_mime(const char *type); /* "application/pdf"; octet-stream for others */
bool attach_shown(const char *type);       /* may be shown in the page (pdf, pictures) */
void attach_hex(struct str hash, char ret[ATTACH_HEX]);
bool attach_from_hex(struct str hex, unsigned char ret[ATTACH_HASH]);

#endif

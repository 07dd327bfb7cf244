/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "attach/attach.h"

#include "base/utf8.h"

#include "base/banned.h"

static const struct field attachment_fields[] = {
#define F(...) FIELD_ROW(struct attachment, __VA_ARGS__)
#include "attach/attachment.def"
#undef F
};
const struct record_desc attachment_desc = {
	.name = "attachment",
	.id = 61,
	.fields = attachment_fields,
	.n = ATTACHMENT_FIELD_MAX,
	.size = sizeof(struct attachment),
	.label = TEXT("附件", "attachment"),
	.owner = 9,
	.naming = 4,
};

#define SET(r, member, value) FIELD_SET(r, ATTACHMENT_, member, value)
#define HAS(r, member) FIELD_HAS(r, ATTACHMENT_, member)

/* --- names --------------------------------------------------------------------- */

/* Only the last part of what a client calls the file, and nothing that a header
 * or a file system takes for something else. */
static const char *clean_name(struct str s, struct arena *a)
{
	struct buf b;
	size_t pos = 0, n = 0;
	int32_t cp;
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == '/' || s.p[i] == '\\') {
			s = str_sub(s, i + 1, s.n);
			break;
		}
	buf_init(&b, 4 * ATTACH_NAME_MAX + 1);
	while (n < ATTACH_NAME_MAX && (cp = utf8_next(s, &pos)) >= 0) {
		bool plain = cp >= 0x20 && cp != 0x7F && cp != 0xFFFD && cp != '"' && cp != ':' &&
		             !(cp >= 0x80 && cp < 0xA0) && !(cp >= 0x200B && cp <= 0x200F) &&
		             !(cp >= 0x202A && cp <= 0x202E) && !(cp >= 0x2066 && cp <= 0x2069);
		if (!plain)
			continue;
		utf8_put(&b, cp);
		n++;
	}
	struct str t = str_trim(buf_str(&b));
	const char *ret = t.n ? str_dup(a, t) : NULL;
	buf_release(&b);
	return ret;
}

void attach_describe(struct attachment *rec, const struct attach_info *info, struct str name,
                     struct arena *a)
{
	const char *clean = clean_name(name, a);
	SET(rec, hash, str_copy(a, (struct str){(const char *)info->hash, ATTACH_HASH}));
	SET(rec, type, info->type);
	SET(rec, size, info->size);
	SET(rec, name, clean ? clean : arena_printf(a, "file.%s", info->type));
}

/* --- records ------------------------------------------------------------------- */

static struct stmt *of_record(struct db *db, const char *tbl, int64_t rec)
{
	struct stmt *s = db_stmt(db, STMT_attach_of);
	stmt_bind_text(s, 2, tbl);
	stmt_bind_int(s, 3, rec);
	return s;
}

enum err attach_of(struct db *db, const char *tbl, int64_t rec, struct arena *a,
                   struct attachment **ret, size_t *ret_n)
{
	return stmt_records(of_record(db, tbl, rec), &attachment_desc, a, ret, ret_n);
}

enum err attach_of_household(struct db *db, int64_t household, struct arena *a,
                             struct attachment **ret, size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_attach_of_household);
	stmt_bind_int(s, 2, household);
	return stmt_records(s, &attachment_desc, a, ret, ret_n);
}

enum err attach_by_hash(struct db *db, struct str hash, struct arena *a, struct attachment **ret,
                        size_t *ret_n)
{
	struct stmt *s = db_stmt(db, STMT_attach_by_hash);
	stmt_bind_blob(s, 2, hash);
	return stmt_records(s, &attachment_desc, a, ret, ret_n);
}

enum err attach_add(struct journal *j, struct attachment *rec)
{
	struct db *db = journal_db(j);
	struct attachment *there = NULL;
	size_t n = 0;
	struct arena a;
	if (!HAS(rec, tbl) || !HAS(rec, rec) || !HAS(rec, name) || rec->hash.n != ATTACH_HASH)
		return diag_set(db_diag(db), ERR_INVALID, "attachment");
	arena_init(&a, (size_t)16 << 20);
	enum err e = attach_of(db, rec->tbl, rec->rec, &a, &there, &n);
	for (size_t i = 0; !e && i < n; i++)
		if (str_eq(there[i].hash, rec->hash)) {
			rec->no = there[i].no;
			rec->version = there[i].version;
			arena_release(&a);
			return OK;
		}
	arena_release(&a);
	if (e)
		return e;
	if (!attach_there(db_dir(db), rec->hash))
		return diag_set(db_diag(db), ERR_BUSY, "%s", rec->name);
	SET(rec, added_at, journal_now(j));
	return journal_insert(j, &attachment_desc, rec);
}

enum err attach_remove(struct journal *j, const struct attachment *rec)
{
	return journal_delete(j, &attachment_desc, rec);
}

/* --- types --------------------------------------------------------------------- */

static const struct {
	const char *type, *mime;
	bool shown;
} types[] = {
	{"pdf", "application/pdf", true},
	{"jpeg", "image/jpeg", true},
	{"png", "image/png", true},
	{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
};

const char *attach_mime(const char *type)
{
	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].mime;
	return "application/octet-stream";
}

bool attach_shown(const char *type)
{
	for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].shown;
	return false;
}

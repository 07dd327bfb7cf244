/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_file: papers of a household, evidence of a finding. */
#include "api/api_work.h"

#include <fcntl.h>
#include <unistd.h>

#include "attach/attach.h"
#include "check/life.h"

#include "base/banned.h"

void api_write_attachment(struct request *rq, const struct attachment *t)
{
	struct json_out *o = &rq->out;
	char hex[ATTACH_HEX];
	attach_hex(t->hash, hex);
	json_object(o);
	json_int_member(o, "no", t->no);
	json_c_member(o, "hash", hex);
	json_c_member(o, "name", t->name);
	json_c_member(o, "type", t->type);
	json_int_member(o, "size", t->size);
	json_c_member(o, "paper", t->paper);
	json_c_member(o, "note", t->note);
	rq_login_member(rq, "added_by", t->added_by);
	json_instant_member(o, "added_at", t->added_at);
	json_end(o);
}

/* --- upload -------------------------------------------------------------------------- */

struct upload {
	struct attachment *rows;
	size_t n;
};

static enum err write_upload(struct journal *j, void *arg)
{
	struct upload *u = arg;
	enum err e = OK;
	for (size_t i = 0; !e && i < u->n; i++)
		e = attach_add(j, &u->rows[i]);
	return e;
}

enum err api_attach(struct request *rq, const struct attachment *like)
{
	const struct api *api = rq_api(rq);
	struct upload u = {.rows = ARENA_ARRAY(rq->a, rq->n_uploads + 1, struct attachment)};
	enum err e = OK;
	if (!rq->n_uploads)
		return rq_invalid(rq, "file", ERR_CELL_REQUIRED);
	for (size_t i = 0; !e && i < rq->n_uploads; i++) {
		struct attachment *t = &u.rows[u.n++];
		struct attach_info info;
		*t = *like;
		e = attach_store(api->o.keys, api->dir, rq->uploads[i].path, 0, &rq->diag, &info);
		if (e)
			return e;
		attach_describe(t, &info, str_c(rq->uploads[i].name), rq->a);
		FIELD_SET(t, ATTACHMENT_, added_by, rq_user(rq)->login);
	}
	e = api_write(rq, &(struct api_entry){.command = "attach"}, write_upload, &u);
	if (e)
		return e;
	rq->status = 201;
	api_rows_begin(rq);
	for (size_t i = 0; i < u.n; i++)
		api_write_attachment(rq, &u.rows[i]);
	api_rows_end(rq, NULL);
	return OK;
}

enum { UP_NO, UP_PAPER, UP_NOTE, UP_IN };
static const struct net_field paper_in[UP_IN] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("户", "household")},
	{.name = "paper", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 40,
	 .label = TEXT("材料种类", "which paper")},
	{.name = "note", .in = NET_BODY, .kind = FIELD_TEXT, .max = 500, .label = TEXT("说明", "note")},
};

static enum err add_paper(struct request *rq)
{
	const struct pack_list *list = pack_list(rq_api(rq)->pack, "paper");
	int64_t no = rq_int(rq, UP_NO, 0);
	struct attachment t = {0};
	enum err e = rq_sees_household(rq, no);
	if (e)
		return e;
	if (!list || pack_code_by_id(list, rq_text(rq, UP_PAPER)) < 0)
		return rq_invalid(rq, "paper", ERR_CELL_CODE);
	FIELD_SET(&t, ATTACHMENT_, tbl, "household");
	FIELD_SET(&t, ATTACHMENT_, rec, no);
	FIELD_SET(&t, ATTACHMENT_, household, no);
	FIELD_SET(&t, ATTACHMENT_, paper, rq_text(rq, UP_PAPER));
	if (rq_has(rq, UP_NOTE))
		FIELD_SET(&t, ATTACHMENT_, note, rq_text(rq, UP_NOTE));
	return api_attach(rq, &t);
}

/* --- reading and taking off ------------------------------------------------------------ */

/* Of a household: who sees it; of something else: whoever may see that kind of thing. */
static bool may_see(struct request *rq, const struct attachment *t)
{
	uint64_t may = rq_user(rq)->permissions;
	struct diag had = rq->diag;
	if (FIELD_HAS(t, ATTACHMENT_, household)) {
		bool sees = permission_has(may, PERM_see_households) &&
		            rq_sees_household(rq, t->household) == OK;
		rq->diag = had;
		return sees;
	}
	if (!t->tbl)
		return false;
	if (strcmp(t->tbl, "finding") == 0)
		return permission_has(may, PERM_see_findings) &&
		       rq_user(rq)->scope.kind == DB_SCOPE_ALL;
	if (strcmp(t->tbl, "task") == 0)
		return rq_sees_task(rq, t->rec);
	if (strcmp(t->tbl, "policy") == 0)
		return permission_has(may, PERM_see_policies);
	return strcmp(t->tbl, "meeting") == 0 && permission_has(may, PERM_see_meetings);
}

static const struct net_field hash_in[] = {
	{.name = "hash", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 64,
	 .label = TEXT("文件指纹", "SHA-256")},
};

static enum err get(struct request *rq)
{
	const struct api *api = rq_api(rq);
	unsigned char hash[ATTACH_HASH];
	struct attachment *all = NULL;
	const struct attachment *t = NULL;
	size_t n = 0;
	struct str key = {(const char *)hash, sizeof(hash)};
	if (!attach_from_hex(rq->values[0].items[0].text, hash))
		return diag_set(&rq->diag, ERR_NOT_FOUND, "%s", "file");
	enum err e = attach_by_hash(rq_db(rq), key, rq->a, &all, &n);
	for (size_t i = 0; !e && !t && i < n; i++)
		if (may_see(rq, &all[i]))
			t = &all[i];
	if (!e && !t)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%s", "file");
	if (e)
		return e;
	char *to;
	e = api_temp_file(rq, "", &to);
	if (e)
		return e;
	e = attach_open(api->o.keys, api->dir, key, to, &rq->diag);
	if (e)
		(void)unlink(to);
	else
		rq_file(rq, attach_mime(t->type), t->name, to, true);
	return e;
}

static const struct net_field no_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("附件", "attachment")},
};

static enum err write_remove(struct journal *j, void *arg)
{
	return attach_remove(j, arg);
}

static enum err take_off(struct request *rq)
{
	struct attachment t = {0};
	bool found = false;
	enum err e = db_get(rq_db(rq), &attachment_desc, rq_int(rq, 0, 0), rq->a, &t, &found);
	if (!e && (!found || !may_see(rq, &t)))
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%s", "file");
	return e ? e : api_write(rq, &(struct api_entry){.command = "attach remove"}, write_remove, &t);
}

const struct route api_file_routes[] = {
	{.id = "paper_add", .method = NET_POST, .path = API "/households/{no}/papers",
	 .permission = PERM_edit_households, .kind = ROUTE_LONG, .in = paper_in, .n_in = UP_IN,
	 .max_body = ATTACH_SIZE_MAX + 65536, .upload = true, .handler = add_paper,
	 .answer = "list attachment", .tag = "household", .summary = TEXT("上传档案材料", "add a paper")},
	{.id = "file_get", .method = NET_GET, .path = API "/files/{hash}", .permission = PERM_signed_in,
	 .kind = ROUTE_LONG, .in = hash_in, .n_in = 1, .handler = get, .answer = "file", .tag = "household",
	 .summary = TEXT("取附件", "an attached file")},
	{.id = "file_remove", .method = NET_DELETE, .path = API "/attachments/{no}",
	 .permission = PERM_edit_households, .in = no_in, .n_in = 1, .handler = take_off, .answer = "",
	 .tag = "household", .summary = TEXT("撤下附件", "take a file off its record")},
	{0},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_journal: who changed what and when, and that nothing was changed behind it. */
#include "api/subjects.h"

#include "api/job.h"

#include "base/banned.h"

enum { PAGE = 100, PAGE_MAX = 500 };

enum { IN_AFTER, IN_LIMIT, IN_TABLE, IN_RECORD, IN_ACTOR };
static const struct net_field list_in[] = {
	{.name = "after", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("早于此号", "older than this number")},
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = PAGE_MAX,
	 .label = TEXT("行数", "rows at the most")},
	{.name = "table", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 40, .label = TEXT("记录种类", "kind of record")},
	{.name = "record", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("记录编号", "number of the record")},
	{.name = "actor", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 64, .label = TEXT("操作人", "who did it")},
};

static const struct record_desc *table_named(const struct api *api, const char *name)
{
	for (size_t i = 0; i < api->o.n_tables; i++)
		if (strcmp(api->o.tables[i]->name, name) == 0)
			return api->o.tables[i];
	return NULL;
}

static void write_entry(struct request *rq, struct stmt *s)
{
	struct json_out *o = &rq->out;
	json_object(o);
	json_int_member(o, "no", stmt_int(s, 0));
	json_instant_member(o, "at", stmt_int(s, 1));
	json_text_member(o, "kind", stmt_str(s, 2));
	rq_login_member(rq, "actor", stmt_is_null(s, 3) ? NULL : stmt_dup(s, 3, rq->a));
	json_text_member(o, "os_user", stmt_str(s, 4));
	json_date_member(o, "event_date", (date_t)stmt_int(s, 5));
	json_text_member(o, "reason", stmt_str(s, 6));
	json_text_member(o, "command", stmt_str(s, 7));
	json_text_member(o, "source_file", stmt_str(s, 8));
	json_int_member(o, "changes", stmt_int(s, 9));
	json_end(o);
}

static enum err list(struct request *rq)
{
	const struct record_desc *d = NULL;
	int64_t limit = rq_int(rq, IN_LIMIT, PAGE), n = 0, last = 0;
	if (rq_has(rq, IN_TABLE) && !(d = table_named(rq_api(rq), rq_text(rq, IN_TABLE))))
		return rq_invalid(rq, "table", ERR_CELL_CODE);
	struct stmt *s = db_stmt(rq_db(rq), STMT_entry_page);
	stmt_bind_int(s, 2, rq_int(rq, IN_AFTER, 0));
	stmt_bind_text(s, 3, rq_text(rq, IN_ACTOR));
	stmt_bind_int(s, 4, d ? d->id : 0);
	stmt_bind_int(s, 5, rq_int(rq, IN_RECORD, 0));
	stmt_bind_int(s, 6, limit);
	api_rows_begin(rq);
	for (; stmt_row(s); n++) {
		last = stmt_int(s, 0);
		write_entry(rq, s);
	}
	enum err e = stmt_end(s);
	if (!e)
		api_rows_end(rq, n && n == limit ? arena_printf(rq->a, "%lld", (long long)last) : NULL);
	return e;
}

static enum err checkpoint(struct request *rq)
{
	struct buf note;
	buf_init(&note, 64 * 1024);
	enum err e = journal_checkpoint(rq_journal(rq), &note);
	if (!e)
		rq_bytes(rq, "text/plain; charset=utf-8", NULL, str_copy(rq->a, buf_str(&note)));
	buf_release(&note);
	return e;
}

/* --- verifying, as a job ------------------------------------------------------------- */

struct verifying {
	struct job *job;
	struct json_out *out;
};

static void fault(void *arg, const struct journal_report *r)
{
	struct verifying *v = arg;
	enum { SHOWN = 1000 };
	if (v->out->b.n > SHOWN * 200)
		return;
	json_object(v->out);
	json_c_member(v->out, "fault", journal_fault_text(r->fault, LANG_ZH));
	json_c_member(v->out, "fault_en", journal_fault_text(r->fault, LANG_EN));
	json_c_member(v->out, "table", r->table ? r->table->name : NULL);
	json_int_member(v->out, "no", r->no);
	json_c_member(v->out, "name", r->name);
	json_c_member(v->out, "detail", r->detail);
	json_end(v->out);
}

static enum err verify(struct job *job, void *arg)
{
	struct verifying v = {job, job_result(job)};
	struct journal_summary sum = {0};
	(void)arg;
	json_object(v.out);
	json_key(v.out, "faults");
	json_array(v.out);
	enum err e = journal_verify(job_journal(job), (struct str){NULL, 0}, fault, &v, &sum);
	json_end(v.out);
	json_bool_member(v.out, "whole", !e);
	json_int_member(v.out, "entries", sum.entries);
	json_int_member(v.out, "changes", sum.changes);
	json_int_member(v.out, "records", sum.records);
	json_int_member(v.out, "erased", sum.erased);
	json_int_member(v.out, "fault_count", sum.faults);
	json_end(v.out);
	return e;
}

static enum err start_verify(struct request *rq)
{
	static const struct text title = TEXT("验证日志", "verify the journal");
	int64_t no;
	enum err e = job_start(rq, &(struct job_spec){.kind = "verify", .title = title, .run = verify}, &no);
	if (!e)
		job_answer(rq, no);
	return e;
}

const struct route api_journal_routes[] = {
	{.id = "journal_list", .method = NET_GET, .path = API "/journal", .permission = PERM_see_journal,
	 .in = list_in, .n_in = 5, .handler = list, .answer = "list entry", .tag = "journal",
	 .summary = TEXT("日志，最新在前", "the journal, newest first")},
	{.id = "journal_checkpoint", .method = NET_GET, .path = API "/journal/checkpoint",
	 .permission = PERM_see_journal, .handler = checkpoint, .answer = "text", .tag = "journal",
	 .summary = TEXT("最近的签名检查点", "the latest signed checkpoint")},
	{.id = "journal_verify", .method = NET_POST, .path = API "/journal/verify",
	 .permission = PERM_see_journal, .handler = start_verify, .answer = "job_ref", .tag = "journal",
	 .summary = TEXT("验证日志（后台任务）", "verify the journal (a job)")},
	{0},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The policy library with read receipts, and the pack in words. */
#include "api/api_work.h"
#include "attach/attach.h"
#include "check/finding.h"
#include "work/policy.h"

#include "base/banned.h"

/* --- library ---------------------------------------------------------------------- */

static void write_policy(struct request *rq, const struct policy_row *row)
{
	struct json_out *o = &rq->out;
	rq_record(rq, &policy_desc, &row->policy);
	json_key(o, "replaced_by");
	if (row->replaced_by)
		json_int(o, row->replaced_by);
	else
		json_null(o);
	json_int_member(o, "readers_wanted", row->wanted);
	json_int_member(o, "readers_done", row->read);
	json_key(o, "read_at");
	if (row->read_at)
		json_instant(o, row->read_at);
	else
		json_null(o);
}

enum { L_AFTER, L_LIMIT };
static const struct net_field list_in[] = {IN_AFTER, IN_LIMIT};

static enum err list_policies(struct request *rq)
{
	struct policy_row *rows = NULL;
	struct work_page page;
	size_t n = 0;
	enum err e = rq_page(rq, L_AFTER, &page);
	if (!e)
		e = policy_list(rq_db(rq), rq_user(rq)->account, (date_t)page.after, page.after_no, page.limit,
		                rq->a, &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++) {
		FIELD_DROP(&rows[i].policy, POLICY_, body); /* of the page of one */
		json_object(&rq->out);
		write_policy(rq, &rows[i]);
		json_end(&rq->out);
	}
	const struct policy *last = n ? &rows[n - 1].policy : &(struct policy){0};
	rq_page_end(rq, &page, n, last->issued, last->no);
	return OK;
}

static enum err write_readers(struct request *rq, int64_t no)
{
	struct policy_reader *rows = NULL;
	size_t n = 0;
	enum err e = policy_readers(rq_db(rq), no, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "receipts");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++) {
		json_object(&rq->out);
		json_c_member(&rq->out, "login", rows[i].login);
		json_c_member(&rq->out, "name", rows[i].name);
		json_c_member(&rq->out, "role", rows[i].role);
		json_c_member(&rq->out, "unit", rows[i].unit);
		json_key(&rq->out, "at");
		if (rows[i].at)
			json_instant(&rq->out, rows[i].at);
		else
			json_null(&rq->out);
		json_end(&rq->out);
	}
	json_end(&rq->out);
	return OK;
}

static enum err answer_policy(struct request *rq, int64_t no)
{
	struct policy_row row;
	const struct api_user *u = rq_user(rq);
	enum err e = policy_get(rq_db(rq), u->account, no, rq->a, &row);
	if (e)
		return e;
	rq_version(rq, row.policy.version);
	json_object(&rq->out);
	write_policy(rq, &row);
	if (permission_has(u->permissions, PERM_edit_policies))
		e = write_readers(rq, no);
	if (!e)
		e = rq_files(rq, "policy", no);
	json_end(&rq->out);
	return e;
}

static const struct net_field no_in[] = {IN_NO};

static enum err get_policy(struct request *rq)
{
	return answer_policy(rq, rq_int(rq, 0, 0));
}

struct policy_write {
	const struct pack *pack;
	int64_t account;
	struct policy p;
};

static enum err do_add(struct journal *j, void *arg)
{
	struct policy_write *w = arg;
	return policy_add(j, w->pack, &w->p);
}

static enum err do_change(struct journal *j, void *arg)
{
	struct policy_write *w = arg;
	return policy_change(j, w->pack, &w->p);
}

static enum err do_read(struct journal *j, void *arg)
{
	struct policy_write *w = arg;
	return policy_mark_read(j, w->p.no, w->account);
}

static struct policy_write *new_write(struct request *rq)
{
	struct policy_write *w = ARENA_NEW(rq->a, struct policy_write);
	w->pack = rq_api(rq)->pack;
	w->account = rq_user(rq)->account;
	return w;
}

static enum err add_policy(struct request *rq)
{
	struct policy_write *w = new_write(rq);
	return rq_work_add(rq, &(struct work_write){.desc = &policy_desc, .command = "policy add",
	                                            .i_date = ADD_EVENT_DATE, .rec = &w->p, .fn = do_add,
	                                            .arg = w, .answer = answer_policy});
}

static enum err put_policy(struct request *rq)
{
	struct policy_write *w = new_write(rq);
	struct policy_row row;
	enum err e = policy_get(rq_db(rq), w->account, rq_int(rq, PUT_NO, 0), rq->a, &row);
	if (e)
		return e;
	w->p = row.policy;
	return rq_work_put(rq, &(struct work_write){.desc = &policy_desc, .command = "policy change",
	                                            .i_date = PUT_EVENT_DATE, .rec = &w->p,
	                                            .fn = do_change, .arg = w, .answer = answer_policy});
}

static enum err read_policy(struct request *rq)
{
	struct policy_write *w = new_write(rq);
	struct api_entry entry = {.command = "policy read", .single = true};
	w->p.no = rq_int(rq, 0, 0);
	enum err e = api_write(rq, &entry, do_read, w);
	return e ? e : answer_policy(rq, w->p.no);
}

/* --- files ------------------------------------------------------------------------ */

static enum err add_file(struct request *rq)
{
	int64_t no = rq_int(rq, FILE_NO, 0);
	struct policy_row row;
	enum err e = policy_get(rq_db(rq), rq_user(rq)->account, no, rq->a, &row);
	if (e)
		return e;
	return rq_attach(rq, "policy", no);
}

/* --- the pack --------------------------------------------------------------------- */

static void write_both(struct request *rq, const char *name, const struct text *t)
{
	json_key(&rq->out, name);
	json_object(&rq->out);
	json_c_member(&rq->out, "zh", t->in[LANG_ZH]);
	json_c_member(&rq->out, "en", t->in[LANG_EN]);
	json_end(&rq->out);
}

static void write_params(struct request *rq, const struct pack *p)
{
	json_key(&rq->out, "params");
	json_array(&rq->out);
	for (size_t i = 0; i < p->n_params; i++) {
		json_object(&rq->out);
		json_c_member(&rq->out, "id", p->params[i].id);
		write_both(rq, "title", &p->params[i].title);
		json_c_member(&rq->out, "value", p->params[i].text);
		json_c_member(&rq->out, "basis", p->params[i].basis);
		json_end(&rq->out);
	}
	json_end(&rq->out);
}

static void write_years(struct request *rq, const struct pack_table *t)
{
	json_key(&rq->out, "years");
	json_array(&rq->out);
	for (size_t i = 0; i < t->n; i++) {
		json_object(&rq->out);
		json_int_member(&rq->out, "year", t->years[i].year);
		json_key(&rq->out, "value");
		if (t->kind == PACK_PARAM_MONEY)
			json_money(&rq->out, t->years[i].value);
		else
			json_int(&rq->out, t->years[i].value);
		json_end(&rq->out);
	}
	json_end(&rq->out);
}

static void write_tables(struct request *rq, const struct pack *p)
{
	json_key(&rq->out, "tables");
	json_array(&rq->out);
	for (size_t i = 0; i < p->n_tables; i++) {
		json_object(&rq->out);
		json_c_member(&rq->out, "id", p->tables[i].id);
		write_both(rq, "title", &p->tables[i].title);
		json_c_member(&rq->out, "basis", p->tables[i].basis);
		json_int_member(&rq->out, "scale", p->tables[i].scale);
		write_years(rq, &p->tables[i]);
		json_end(&rq->out);
	}
	json_end(&rq->out);
}

static void write_rule(struct request *rq, const struct pack_rule *r)
{
	struct json_out *o = &rq->out;
	char severity = severity_letter(r->severity);
	json_object(o);
	json_c_member(o, "id", r->id);
	write_both(rq, "title", &r->title);
	write_both(rq, "question", &r->question);
	json_text_member(o, "severity", (struct str){&severity, 1});
	json_text_member(o, "fixer", (struct str){&r->fixer, 1});
	json_bool_member(o, "probable", r->certainty == PACK_PROBABLE);
	json_bool_member(o, "enabled", r->enabled);
	write_both(rq, "disabled_why", &r->disabled_why);
	json_c_member(o, "scope", r->scope);
	json_c_member(o, "when", r->when.text);
	json_c_member(o, "basis", r->basis);
	json_date_member(o, "valid_from", r->valid_from);
	json_date_member(o, "valid_to", r->valid_to);
	json_key(o, "params");
	json_array(o);
	for (size_t i = 0; i < r->n_params; i++)
		json_text(o, str_c(r->params[i]));
	json_end(o);
	json_key(o, "exempt");
	json_array(o);
	for (size_t i = 0; i < r->n_exempt; i++) {
		json_object(o);
		json_c_member(o, "zh", r->exempt[i].in[LANG_ZH]);
		json_c_member(o, "en", r->exempt[i].in[LANG_EN]);
		json_end(o);
	}
	json_end(o);
	json_end(o);
}

static enum err get_pack(struct request *rq)
{
	const struct pack *p = rq_api(rq)->pack;
	json_object(&rq->out);
	json_c_member(&rq->out, "id", p->id);
	json_c_member(&rq->out, "version", p->version);
	json_c_member(&rq->out, "hash", p->hash);
	write_both(rq, "title", &p->title);
	write_params(rq, p);
	write_tables(rq, p);
	json_key(&rq->out, "rules");
	json_array(&rq->out);
	for (size_t i = 0; i < p->n_rules; i++)
		write_rule(rq, &p->rules[i]);
	json_end(&rq->out);
	json_end(&rq->out);
	return OK;
}

#define TAG "policy"
const struct route api_policy_routes[] = {
	{.id = "policy_list", .method = NET_GET, .path = API "/policies",
	 .permission = PERM_see_policies,
	 .in = list_in, .n_in = IN_COUNT(list_in), .handler = list_policies,
	 .answer = "list policy_row", .tag = TAG,
	 .summary = TEXT("政策文件，新的在前", "policy documents, newest first")},
	{.id = "policy_add", .method = NET_POST, .path = API "/policies",
	 .permission = PERM_edit_policies,
	 .in = work_add_in, .n_in = IN_COUNT(work_add_in), .record = &policy_desc, .handler = add_policy,
	 .answer = "policy", .tag = TAG, .summary = TEXT("登记文件", "enter a document")},
	{.id = "policy_get", .method = NET_GET, .path = API "/policies/{no}",
	 .permission = PERM_see_policies,
	 .in = no_in, .n_in = IN_COUNT(no_in), .handler = get_policy,
	 .answer = "policy", .tag = TAG,
	 .summary = TEXT("一份文件；管理者可见阅读回执", "one document; its keepers see who has read it")},
	{.id = "policy_put", .method = NET_PUT, .path = API "/policies/{no}",
	 .permission = PERM_edit_policies,
	 .in = work_put_in, .n_in = IN_COUNT(work_put_in), .record = &policy_desc, .handler = put_policy,
	 .answer = "policy", .tag = TAG,
	 .summary = TEXT("修改或撤下文件", "change or withdraw a document")},
	{.id = "policy_file", .method = NET_POST, .path = API "/policies/{no}/files",
	 .permission = PERM_edit_policies, .kind = ROUTE_LONG, .in = work_file_in, .n_in = IN_COUNT(work_file_in),
	 .max_body = ATTACH_SIZE_MAX + 65536, .upload = true, .handler = add_file,
	 .answer = "list attachment", .tag = TAG, .summary = TEXT("上传文件附件", "add a file to a document")},
	{.id = "policy_read", .method = NET_POST, .path = API "/policies/{no}/read",
	 .permission = PERM_see_policies,
	 .in = no_in, .n_in = IN_COUNT(no_in), .handler = read_policy,
	 .answer = "policy", .tag = TAG, .summary = TEXT("已阅回执", "give the receipt")},
	{.id = "pack_get", .method = NET_GET, .path = API "/pack", .permission = PERM_see_policies,
	 .handler = get_pack, .answer = "pack", .tag = TAG,
	 .summary = TEXT("现行政策包：参数、标准、规则", "the pack in force: parameters, lines, rules")},
	{0},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_form: forms that were sent, understood, corrected, filled; what is to be retyped. */
#include "api/subjects.h"

#include <unistd.h>

#include "api/printing.h"
#include "form/form_store.h"
#include "form/retype.h"

#include "base/banned.h"

enum { FORM_UPLOAD_MAX = FORM_FILE_MAX + (1 << 16) };

/* --- a form as an answer ------------------------------------------------------------------ */

static void write_column(struct request *rq, const struct form_column *c)
{
	struct json_out *o = &rq->out;
	const struct form_field_info *f = c->field < 0 ? NULL : &form_fields[c->field];
	json_object(o);
	json_c_member(o, "place", c->place);
	json_text_member(o, "header", c->header);
	json_c_member(o, "field", f ? f->id : NULL);
	json_c_member(o, "label", f ? f->label.in[rq->lang] : NULL);
	json_int_member(o, "confidence", c->confidence);
	json_bool_member(o, "corrected", c->corrected);
	json_bool_member(o, "formula", c->formula);
	json_text_member(o, "sample", c->sample);
	json_end(o);
}

/* The file itself is above F_PUBLIC: it is asked for by itself. */
static void write_head(struct request *rq, const struct form_template *t)
{
	json_record_members(&rq->out, &form_template_desc, t, F_PUBLIC, false);
	if (rq_user(rq)->max_class >= F_OFFICE && FIELD_HAS(t, FORM_TEMPLATE_, created_by))
		rq_login_member(rq, "created_by", t->created_by);
}

static void write_form(struct request *rq, const struct form_template *t, const struct form *f)
{
	struct json_out *o = &rq->out;
	json_object(o);
	write_head(rq, t);
	json_c_member(o, "kind", form_kind_name(f->kind));
	json_c_member(o, "by", form_grain_name(f->grain));
	json_c_member(o, "sheet", f->sheet_name);
	json_int_member(o, "first", f->first);
	json_int_member(o, "last", f->last);
	json_key(o, "columns");
	json_array(o);
	for (size_t i = 0; i < f->n; i++)
		write_column(rq, &f->columns[i]);
	json_end(o);
	json_key(o, "fields");
	json_array(o);
	for (int i = 0; i < FORM_FIELD_MAX; i++) {
		json_object(o);
		json_c_member(o, "id", form_fields[i].id);
		json_c_member(o, "label", form_fields[i].label.in[rq->lang]);
		json_end(o);
	}
	json_end(o);
	json_end(o);
	rq_version(rq, t->version);
}

/* The kept form, understood; its file lies at *ret_path, to be unlinked. */
static enum err open_kept(struct request *rq, int64_t no, struct form_template *t, struct form **ret,
                          const char **ret_path)
{
	bool found = false;
	char *path = NULL;
	enum err e = form_store_get(rq_db(rq), no, rq->a, t, &found);
	if (!e && !found)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%lld", (long long)no);
	if (!e)
		e = api_temp_file(rq, "", &path);
	if (e)
		return e;
	e = form_store_open(t, path, rq_api(rq)->pack, rq->a, &rq->diag, ret);
	if (e)
		(void)unlink(path);
	*ret_path = path;
	return e;
}

/* --- adding, listing -------------------------------------------------------------------------- */

enum { IN_NAME };
static const struct net_field add_in[] = {
	{.name = "name", .in = NET_BODY, .kind = FIELD_TEXT, .max = 100,
	 .label = TEXT("表名（默认用文件名）", "name (default: the file's)")},
};

static enum err write_template(struct journal *j, void *arg)
{
	return form_store_add(j, arg);
}

static enum err add(struct request *rq)
{
	struct form_template t = {0};
	struct form *f;
	struct str file;
	if (rq->n_uploads != 1)
		return rq_invalid(rq, "file", ERR_INVALID);
	const struct net_upload *u = &rq->uploads[0];
	enum err e = form_open(u->path, rq_api(rq)->pack, rq->a, &rq->diag, &f);
	if (!e)
		e = form_store_file(u->path, rq->a, &rq->diag, &file);
	if (e)
		return e;
	const char *dot = strrchr(u->name, '.');
	size_t stem = dot && dot > u->name ? (size_t)(dot - u->name) : strlen(u->name);
	FIELD_SET(&t, FORM_TEMPLATE_, name,
	          rq_has(rq, IN_NAME) ? rq_text(rq, IN_NAME) : arena_strndup(rq->a, u->name, stem));
	FIELD_SET(&t, FORM_TEMPLATE_, file_name, u->name);
	FIELD_SET(&t, FORM_TEMPLATE_, file, file);
	FIELD_SET(&t, FORM_TEMPLATE_, grain, form_grain_name(f->grain));
	FIELD_SET(&t, FORM_TEMPLATE_, created_by, rq_user(rq)->login);
	e = api_write(rq, &(struct api_entry){.command = "form add"}, write_template, &t);
	const char *path = NULL;
	if (!e)
		e = open_kept(rq, t.no, &t, &f, &path);
	if (e)
		return e;
	rq->status = 201;
	write_form(rq, &t, f);
	(void)unlink(path);
	return OK;
}

static enum err list(struct request *rq)
{
	struct form_template *all;
	size_t n;
	enum err e = form_store_all(rq_db(rq), rq->a, &all, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++) {
		json_object(&rq->out);
		write_head(rq, &all[i]);
		json_end(&rq->out);
	}
	api_rows_end(rq, NULL);
	return OK;
}

static const struct net_field one_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED, .label = TEXT("表", "form")},
};

static enum err get(struct request *rq)
{
	struct form_template t;
	struct form *f;
	const char *path = NULL;
	enum err e = open_kept(rq, rq_int(rq, 0, 0), &t, &f, &path);
	if (e)
		return e;
	write_form(rq, &t, f);
	(void)unlink(path);
	return OK;
}

/* --- correcting ---------------------------------------------------------------------------------- */

enum { IN_NO, IN_COLUMNS, IN_BY, IN_RETIRED };
enum { COLUMN_PLACE, COLUMN_FIELD };
static const struct net_field column_in[] = {
	{.name = "place", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 400,
	 .label = TEXT("位置", "place")},
	{.name = "field", .in = NET_BODY, .kind = FIELD_TEXT, .max = 60,
	 .label = TEXT("字段（空：留空）", "field (empty: left empty)")},
};
static const struct net_field change_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED, .label = TEXT("表", "form")},
	{.name = "columns", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_LIST, .max = 2000,
	 .of = column_in, .n_of = 2, .label = TEXT("更正的列", "columns corrected")},
	{.name = "by", .in = NET_BODY, .kind = FIELD_CODE, .codes = "household|person|page",
	 .label = TEXT("填法", "one row for")},
	{.name = "retired", .in = NET_BODY, .kind = FIELD_BOOL, .label = TEXT("停用", "no longer used")},
};

struct change {
	struct form_template old, t;
};

static enum err write_change(struct journal *j, void *arg)
{
	struct change *c = arg;
	return journal_update(j, &form_template_desc, &c->old, &c->t);
}

static enum err correct(struct request *rq, struct form *f)
{
	const struct net_values *v = &rq->values[IN_COLUMNS];
	enum err e = OK;
	for (size_t i = 0; e == OK && i < v->n; i++) {
		const struct net_values *sub = v->items[i].sub;
		struct str field = sub[COLUMN_FIELD].n ? sub[COLUMN_FIELD].items[0].text : (struct str){NULL, 0};
		if (form_set(f, sub[COLUMN_PLACE].items[0].text, field, NULL) != OK)
			e = rq_invalid(rq, "columns", ERR_INVALID);
	}
	if (e == OK && rq_has(rq, IN_BY) && form_set_grain(f, str_c(rq_text(rq, IN_BY)), NULL) != OK)
		e = rq_invalid(rq, "by", ERR_INVALID);
	return e;
}

static enum err change(struct request *rq)
{
	struct change c = {0};
	struct form *f;
	struct buf mapping;
	const char *path;
	enum err e = open_kept(rq, rq_int(rq, IN_NO, 0), &c.old, &f, &path);
	if (e)
		return e;
	(void)unlink(path);
	e = rq_check_version(rq, &form_template_desc, &c.old);
	if (!e)
		e = correct(rq, f);
	if (e)
		return e;
	buf_init(&mapping, 1 << 20);
	form_mapping(f, &mapping);
	c.t = c.old;
	FIELD_SET(&c.t, FORM_TEMPLATE_, mapping, str_dup(rq->a, buf_str(&mapping)));
	FIELD_SET(&c.t, FORM_TEMPLATE_, grain, form_grain_name(f->grain));
	if (rq_has(rq, IN_RETIRED))
		FIELD_SET(&c.t, FORM_TEMPLATE_, retired, rq_int(rq, IN_RETIRED, 0) != 0);
	buf_release(&mapping);
	e = api_write(rq, &(struct api_entry){.command = "form change"}, write_change, &c);
	if (!e)
		write_form(rq, &c.t, f);
	return e;
}

/* --- filling ---------------------------------------------------------------------------------------- */

enum { FILL_NO, FILL_VILLAGE, FILL_STATUS, FILL_HOUSEHOLDS, FILL_REASON };
static const struct net_field fill_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED, .label = TEXT("表", "form")},
	{.name = "village", .in = NET_BODY, .kind = FIELD_TEXT, .max = 20,
	 .label = TEXT("行政村代码（默认全镇）", "village code (default: the town)")},
	{.name = "status", .in = NET_BODY, .kind = FIELD_TEXT, .max = 40,
	 .label = TEXT("只要这种脱贫状态", "only this list status")},
	{.name = "households", .in = NET_BODY, .kind = FIELD_INT, .flags = NET_LIST,
	 .label = TEXT("只要这些户（记录编号）", "only these households, by number")},
	{.name = "full_ids", .in = NET_BODY, .kind = FIELD_TEXT, .max = 200,
	 .label = TEXT("填写完整号码的事由（留痕）", "why full numbers are filled in (journalled)")},
};

static bool is_wanted(struct request *rq, int64_t no)
{
	const struct net_values *v = &rq->values[FILL_HOUSEHOLDS];
	for (size_t i = 0; i < v->n; i++)
		if (v->items[i].v == no)
			return true;
	return v->n == 0;
}

/* The households asked for, out of those that may be seen. */
static enum err choose(struct request *rq, struct printing *p, int32_t **ret, size_t *ret_n)
{
	const struct town *t = &p->s->town;
	const struct pack_list *statuses = pack_list(rq_api(rq)->pack, "status");
	int status = -1;
	size_t n, kept = 0;
	enum err e = rq_has(rq, FILL_VILLAGE) ? printing_village(rq, p, rq_text(rq, FILL_VILLAGE)) : OK;
	if (!e && rq_has(rq, FILL_STATUS)) {
		status = statuses ? pack_code_by_id(statuses, rq_text(rq, FILL_STATUS)) : -1;
		if (status < 0)
			e = rq_invalid(rq, "status", ERR_CELL_CODE);
	}
	if (e)
		return e;
	int32_t *list = printing_households(rq, p, p->r.village, &n);
	for (size_t i = 0; i < n; i++) {
		const struct town_household *h = &t->households[list[i]];
		if ((status < 0 || h->status == status) && is_wanted(rq, h->no))
			list[kept++] = list[i];
	}
	*ret = list;
	*ret_n = kept;
	return kept ? OK : diag_set(&rq->diag, ERR_NOT_FOUND, "households");
}

static enum err fill(struct request *rq)
{
	struct form_template t;
	struct form *f;
	struct form_filled done;
	struct printing p = {0};
	const char *path = NULL;
	int32_t *list = NULL;
	size_t n = 0;
	enum err e = open_kept(rq, rq_int(rq, FILL_NO, 0), &t, &f, &path);
	if (e)
		return e;
	e = printing_begin(rq, rq_text(rq, FILL_REASON), &p);
	if (!e)
		e = choose(rq, &p, &list, &n);
	if (!e)
		e = form_fill(f, &p.r, list, n, p.path, rq->a, &rq->diag, &done);
	if (!e) {
		rq_set_header(rq, "X-Rows", arena_printf(rq->a, "%zu", done.rows));
		rq_set_header(rq, "X-Columns-Empty", arena_printf(rq->a, "%zu", done.n_unknown));
		printing_send(rq, &p, f->kind == FORM_DOCUMENT ? PRINTING_DOCX : PRINTING_XLSX,
		              t.file_name ? t.file_name : "form");
	}
	if (p.s)
		printing_end(&p);
	(void)unlink(path);
	return e;
}

/* --- to be retyped -------------------------------------------------------------------------------------- */

enum { IN_SINCE, IN_STATE };
static const struct net_field retype_in[] = {
	{.name = "since", .in = NET_QUERY, .kind = FIELD_DATE,
	 .label = TEXT("自哪一天起的变更", "changes since this day")},
	{.name = "state", .in = NET_QUERY, .kind = FIELD_CODE, .codes = "open|typed|confirmed",
	 .label = TEXT("待录入、已录入、已核对", "open, typed, confirmed")},
};

static const char *state_of(const struct retype_row *r)
{
	if (!r->tick.no)
		return "open";
	return FIELD_HAS(&r->tick, RETYPE_TICK_, confirmed_on) ? "confirmed" : "typed";
}

static void write_row(struct request *rq, const struct retype_row *r)
{
	struct json_out *o = &rq->out;
	json_object(o);
	json_c_member(o, "key", r->key);
	json_c_member(o, "record", r->table->label.in[rq->lang]);
	json_c_member(o, "field", r->table->fields[r->field].label.in[rq->lang]);
	json_int_member(o, "household", r->household);
	json_c_member(o, "village", r->village);
	json_c_member(o, "hh_no", r->hh_no);
	json_c_member(o, "head_name", r->head_name);
	json_c_member(o, "person", r->person);
	json_c_member(o, "old", r->old_value);
	json_c_member(o, "new", r->new_value);
	json_bool_member(o, "added", r->added);
	json_instant_member(o, "changed_at", r->at_ms);
	json_date_member(o, "event_date", r->event_date);
	rq_login_member(rq, "actor", r->actor);
	json_c_member(o, "evidence", *r->reason ? r->reason : r->source);
	json_c_member(o, "state", state_of(r));
	json_date_member(o, "typed_on", r->tick.typed_on);
	rq_login_member(rq, "typed_by", r->tick.typed_by);
	json_date_member(o, "confirmed_on", r->tick.confirmed_on);
	json_end(o);
}

static struct retype_opts retype_opts(struct request *rq, struct journal *j, date_t since)
{
	struct retype_opts o = {.j = j, .pack = rq_api(rq)->pack, .lang = rq->lang,
	                        .scope = &rq_user(rq)->scope};
	if (since)
		o.since_ms = ((int64_t)date_to_days(date_first(since)) * 1440 - rq_api(rq)->calendar.zone) * 60000;
	return o;
}

static enum err retype(struct request *rq)
{
	struct retype_row *rows;
	size_t n;
	struct retype_opts o = retype_opts(rq, rq_journal(rq), (date_t)rq_int(rq, IN_SINCE, 0));
	enum err e = retype_list(&o, rq->a, &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		if (!rq_has(rq, IN_STATE) || strcmp(state_of(&rows[i]), rq_text(rq, IN_STATE)) == 0)
			write_row(rq, &rows[i]);
	api_rows_end(rq, NULL);
	return OK;
}

enum { IN_KEY, IN_TYPED_ON };
static const struct net_field typed_in[] = {
	{.name = "key", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 120,
	 .label = TEXT("变更", "change")},
	{.name = "typed_on", .in = NET_BODY, .kind = FIELD_DATE,
	 .label = TEXT("录入日期（默认今天）", "typed on (default today)")},
};

struct typing {
	struct retype_row *row;
	date_t day;
	const char *by;
};

static enum err write_typed(struct journal *j, void *arg)
{
	struct typing *t = arg;
	return retype_typed(j, t->row, t->day, t->by);
}

static enum err typed(struct request *rq)
{
	struct retype_row *rows;
	size_t n, i = 0;
	struct retype_opts o = retype_opts(rq, rq_journal(rq), 0);
	enum err e = retype_list(&o, rq->a, &rows, &n);
	while (!e && i < n && strcmp(rows[i].key, rq_text(rq, IN_KEY)) != 0)
		i++;
	if (!e && i == n)
		e = diag_set(&rq->diag, ERR_NOT_FOUND, "%s", rq_text(rq, IN_KEY));
	if (e)
		return e;
	struct typing t = {&rows[i], (date_t)rq_int(rq, IN_TYPED_ON, rq_today(rq)), rq_user(rq)->login};
	e = api_write(rq, &(struct api_entry){.command = "retype"}, write_typed, &t);
	if (!e)
		write_row(rq, &rows[i]);
	return e;
}

struct confirming {
	struct request *rq;
	struct retype_row *rows;
	size_t n, confirmed;
};

static enum err write_confirmed(struct journal *j, void *arg)
{
	struct confirming *c = arg;
	const struct api *api = rq_api(c->rq);
	return retype_confirm(j, api->pack, api->areas, c->rows, c->n, rq_today(c->rq), &c->confirmed);
}

static enum err confirm(struct request *rq)
{
	struct confirming c = {.rq = rq};
	struct retype_opts o = retype_opts(rq, rq_journal(rq), 0);
	enum err e = retype_list(&o, rq->a, &c.rows, &c.n);
	if (!e)
		e = api_write(rq, &(struct api_entry){.command = "retype confirm"}, write_confirmed, &c);
	if (e)
		return e;
	json_object(&rq->out);
	json_int_member(&rq->out, "confirmed", (int64_t)c.confirmed);
	json_end(&rq->out);
	return OK;
}

const struct route api_form_routes[] = {
	{.id = "form_add", .method = NET_POST, .path = API "/forms", .permission = PERM_fill_forms,
	 .kind = ROUTE_LONG, .in = add_in, .n_in = 1, .upload = true, .max_body = FORM_UPLOAD_MAX,
	 .handler = add, .answer = "form", .tag = "form",
	 .summary = TEXT("上级发来的表：看懂各列", "a form that was sent: its columns understood")},
	{.id = "form_list", .method = NET_GET, .path = API "/forms", .permission = PERM_fill_forms,
	 .handler = list, .answer = "list form_template", .tag = "form", .summary = TEXT("留存的表", "forms kept")},
	{.id = "form_get", .method = NET_GET, .path = API "/forms/{no}", .permission = PERM_fill_forms,
	 .kind = ROUTE_LONG, .in = one_in, .n_in = 1, .handler = get, .answer = "form", .tag = "form",
	 .summary = TEXT("一张表和它的列", "a form and its columns")},
	{.id = "form_change", .method = NET_PUT, .path = API "/forms/{no}", .permission = PERM_fill_forms,
	 .kind = ROUTE_LONG, .in = change_in, .n_in = 4, .handler = change, .answer = "form", .tag = "form",
	 .summary = TEXT("更正各列", "correct its columns")},
	{.id = "form_fill", .method = NET_POST, .path = API "/forms/{no}/fill",
	 .permission = PERM_fill_forms, .kind = ROUTE_LONG, .in = fill_in, .n_in = 5, .handler = fill,
	 .answer = "file", .tag = "form", .summary = TEXT("填好的表", "the form, filled")},
	{.id = "retype_list", .method = NET_GET, .path = API "/retype", .permission = PERM_fill_forms,
	 .kind = ROUTE_LONG, .in = retype_in, .n_in = 2, .handler = retype, .answer = "list retype_row",
	 .tag = "form", .summary = TEXT("要在国家系统里改的内容", "what is to be typed into the national system")},
	{.id = "retype_confirm", .method = NET_POST, .path = API "/retype/confirm",
	 .permission = PERM_fill_forms, .kind = ROUTE_LONG, .handler = confirm, .answer = "confirmed",
	 .tag = "form",
	 .summary = TEXT("按最新导出的花名册核对", "compare with the newest roster that was exported")},
	{.id = "retype_typed", .method = NET_POST, .path = API "/retype/{key}",
	 .permission = PERM_fill_forms, .kind = ROUTE_LONG, .in = typed_in, .n_in = 2, .handler = typed,
	 .answer = "retype_row", .tag = "form", .summary = TEXT("已录入国家系统", "it was typed")},
	{0},
};

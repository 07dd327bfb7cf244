/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Meetings, attendance, decisions. */
#include "api/api_work.h"
#include "attach/attach.h"
#include "work/meeting.h"

#include "base/banned.h"

/* --- reading ---------------------------------------------------------------------- */

static void write_tally(struct request *rq, const struct work_tally *t)
{
	json_key(&rq->out, "tally");
	json_object(&rq->out);
	json_int_member(&rq->out, "tasks", t->tasks);
	json_int_member(&rq->out, "proven", t->proven);
	json_int_member(&rq->out, "closed", t->closed);
	json_int_member(&rq->out, "overdue", t->overdue);
	json_end(&rq->out);
}

enum { LIST_AFTER, LIST_LIMIT };
static const struct net_field list_in[] = {IN_AFTER, IN_LIMIT};

static enum err list_meetings(struct request *rq)
{
	struct meeting_row *rows = NULL;
	struct work_page page;
	size_t n = 0;
	enum err e = rq_page(rq, LIST_AFTER, &page);
	if (!e)
		e = meeting_list(rq_db(rq), rq_today(rq), (date_t)page.after, page.after_no, page.limit, rq->a,
		                 &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++) {
		json_object(&rq->out);
		rq_record(rq, &meeting_desc, &rows[i].meeting);
		json_int_member(&rq->out, "called", rows[i].called);
		json_int_member(&rq->out, "present", rows[i].present);
		json_int_member(&rq->out, "decisions", rows[i].decisions);
		write_tally(rq, &rows[i].tally);
		json_end(&rq->out);
	}
	const struct meeting *last = n ? &rows[n - 1].meeting : &(struct meeting){0};
	rq_page_end(rq, &page, n, last->date, last->no);
	return OK;
}

static enum err write_attendance(struct request *rq, int64_t no)
{
	struct attendance *rows = NULL;
	size_t n = 0;
	enum err e = meeting_attendance(rq_db(rq), no, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "attendance");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++) {
		json_object(&rq->out);
		rq_record(rq, &attendance_desc, &rows[i]);
		json_end(&rq->out);
	}
	json_end(&rq->out);
	return OK;
}

static enum err write_tasks(struct request *rq, const struct task_filter *given)
{
	struct task_filter f = *given;
	struct work_who who = rq_who(rq);
	struct task_row *rows = NULL;
	size_t n = 0;
	f.day = rq_today(rq);
	f.limit = WORK_PAGE_MAX;
	enum err e = task_list(rq_db(rq), &who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "tasks");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		rq_task(rq, &rows[i], &who);
	json_end(&rq->out);
	return OK;
}

static enum err write_decisions(struct request *rq, int64_t no)
{
	struct decision_row *rows = NULL;
	size_t n = 0;
	enum err e = meeting_decisions(rq_db(rq), no, rq_today(rq), rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "decisions");
	json_array(&rq->out);
	for (size_t i = 0; !e && i < n; i++) {
		json_object(&rq->out);
		rq_record(rq, &decision_desc, &rows[i].decision);
		json_c_member(&rq->out, "state", rows[i].state);
		write_tally(rq, &rows[i].tally);
		e = write_tasks(rq, &(struct task_filter){.decision = rows[i].decision.no});
		json_end(&rq->out);
	}
	json_end(&rq->out);
	return e;
}

static enum err answer_meeting(struct request *rq, int64_t no)
{
	struct meeting m;
	enum err e = meeting_get(rq_db(rq), no, rq->a, &m);
	if (e)
		return e;
	rq_version(rq, m.version);
	json_object(&rq->out);
	rq_record(rq, &meeting_desc, &m);
	e = write_attendance(rq, no);
	if (!e)
		e = write_decisions(rq, no);
	if (!e)
		e = rq_files(rq, "meeting", no);
	json_end(&rq->out);
	return e;
}

static const struct net_field no_in[] = {IN_NO};

static enum err get_meeting(struct request *rq)
{
	return answer_meeting(rq, rq_int(rq, 0, 0));
}

/* --- writing ---------------------------------------------------------------------- */

struct meeting_write {
	const struct api *api;
	date_t today;
	struct meeting m;
	struct attendance *rows;
	size_t n;
	struct decision d;
	int64_t meeting, line; /* of the decision, which stay */
	struct task *tasks;
	struct work_who who;
};

static struct meeting_write *new_write(struct request *rq)
{
	struct meeting_write *w = ARENA_NEW(rq->a, struct meeting_write);
	w->api = rq_api(rq);
	w->today = rq_today(rq);
	w->who = rq_who(rq);
	return w;
}

static enum err do_add(struct journal *j, void *arg)
{
	struct meeting_write *w = arg;
	return meeting_add(j, w->api->pack, w->today, &w->m);
}

static enum err do_change(struct journal *j, void *arg)
{
	struct meeting_write *w = arg;
	return meeting_change(j, w->api->pack, &w->m);
}

static enum err add_meeting(struct request *rq)
{
	struct meeting_write *w = new_write(rq);
	return rq_work_add(rq, &(struct work_write){.desc = &meeting_desc, .command = "meeting add",
	                                            .i_date = ADD_EVENT_DATE, .rec = &w->m, .fn = do_add,
	                                            .arg = w, .answer = answer_meeting});
}

static enum err put_meeting(struct request *rq)
{
	struct meeting_write *w = new_write(rq);
	enum err e = meeting_get(rq_db(rq), rq_int(rq, PUT_NO, 0), rq->a, &w->m);
	if (e)
		return e;
	return rq_work_put(rq, &(struct work_write){.desc = &meeting_desc, .command = "meeting change",
	                                            .i_date = PUT_EVENT_DATE, .rec = &w->m,
	                                            .fn = do_change, .arg = w, .answer = answer_meeting});
}

enum { ROW_CATEGORY, ROW_UNIT, ROW_NAME, ROW_POST, ROW_PRESENCE, ROW_NOTE, ROW_MAX };
static const struct net_field row_of[] = {
	{.name = "category", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED,
	 .label = TEXT("参会类别", "called as")},
	{.name = "unit", .in = NET_BODY, .kind = FIELD_TEXT, .label = TEXT("单位", "unit")},
	{.name = "name", .in = NET_BODY, .kind = FIELD_TEXT, .label = TEXT("姓名", "name")},
	{.name = "post", .in = NET_BODY, .kind = FIELD_TEXT, .label = TEXT("职务", "post")},
	{.name = "presence", .in = NET_BODY, .kind = FIELD_CODE,
	 .codes = "present|substitute|leave|absent", .label = TEXT("到会情况", "presence")},
	{.name = "note", .in = NET_BODY, .kind = FIELD_TEXT, .label = TEXT("备注", "note")},
};
enum { ATTEND_NO, ATTEND_ROWS };
static const struct net_field attend_in[] = {
	IN_NO,
	{.name = "rows", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED | NET_LIST,
	 .max = ATTENDANCE_MAX, .of = row_of, .n_of = ROW_MAX, .label = TEXT("参会人员", "attendance")},
};

static const char *sub_text(const struct net_value *v, size_t i)
{
	return v->sub[i].n ? v->sub[i].items[0].text.p : NULL;
}

static int64_t sub_int(const struct net_value *v, size_t i, int64_t none)
{
	return v->sub[i].n ? v->sub[i].items[0].v : none;
}

static enum err do_attend(struct journal *j, void *arg)
{
	struct meeting_write *w = arg;
	return meeting_attend(j, w->api->pack, w->m.no, w->rows, w->n);
}

static enum err put_attendance(struct request *rq)
{
	struct meeting_write *w = new_write(rq);
	struct api_entry entry = {.command = "meeting attendance"};
	const struct net_values *rows = &rq->values[ATTEND_ROWS];
	w->m.no = rq_int(rq, ATTEND_NO, 0);
	w->n = rows->n;
	w->rows = ARENA_ARRAY(rq->a, w->n + 1, struct attendance);
	for (size_t i = 0; i < w->n; i++) {
		const struct net_value *v = &rows->items[i];
		struct attendance *x = &w->rows[i];
		FIELD_SET(x, ATTENDANCE_, category, sub_text(v, ROW_CATEGORY));
		FIELD_SET(x, ATTENDANCE_, unit, sub_text(v, ROW_UNIT));
		FIELD_SET(x, ATTENDANCE_, name, sub_text(v, ROW_NAME));
		FIELD_SET(x, ATTENDANCE_, post, sub_text(v, ROW_POST));
		FIELD_SET(x, ATTENDANCE_, presence, sub_text(v, ROW_PRESENCE));
		FIELD_SET(x, ATTENDANCE_, note, sub_text(v, ROW_NOTE));
	}
	enum err e = api_explain(rq, api_write(rq, &entry, do_attend, w));
	return e ? e : answer_meeting(rq, w->m.no);
}

static enum err do_decide(struct journal *j, void *arg)
{
	struct meeting_write *w = arg;
	FIELD_SET(&w->d, DECISION_, meeting, w->meeting); /* whatever the fields say */
	return decision_add(j, w->api->pack, &w->d);
}

static enum err do_decision_change(struct journal *j, void *arg)
{
	struct meeting_write *w = arg;
	FIELD_SET(&w->d, DECISION_, meeting, w->meeting);
	FIELD_SET(&w->d, DECISION_, line, w->line);
	return decision_change(j, w->api->pack, &w->d);
}

static enum err add_decision(struct request *rq)
{
	struct meeting_write *w = new_write(rq);
	w->meeting = rq_int(rq, PUT_NO, 0);
	return rq_work_add(rq, &(struct work_write){.desc = &decision_desc, .command = "decision add",
	                                            .i_date = PUT_EVENT_DATE, .rec = &w->d,
	                                            .fn = do_decide, .arg = w, .answer = answer_meeting,
	                                            .no = &w->meeting});
}

static enum err put_decision(struct request *rq)
{
	struct meeting_write *w = new_write(rq);
	enum err e = decision_get(rq_db(rq), rq_int(rq, PUT_NO, 0), rq->a, &w->d);
	if (e)
		return e;
	w->meeting = w->d.meeting;
	w->line = w->d.line;
	return rq_work_put(rq, &(struct work_write){.desc = &decision_desc, .command = "decision change",
	                                            .i_date = PUT_EVENT_DATE, .rec = &w->d,
	                                            .fn = do_decision_change, .arg = w,
	                                            .answer = answer_meeting, .no = &w->meeting});
}

enum { T_TITLE, T_BODY, T_UNIT, T_AREA, T_ACCOUNT, T_DUE, T_EVIDENCE, T_FILES, T_TARGET, T_MAX };
static const struct net_field task_of[] = {
	{.name = "title", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED,
	 .label = TEXT("任务", "task")},
	{.name = "body", .in = NET_BODY, .kind = FIELD_TEXT, .max = 4000,
	 .label = TEXT("要求", "what is asked")},
	{.name = "unit", .in = NET_BODY, .kind = FIELD_TEXT,
	 .label = TEXT("责任单位", "responsible unit")},
	{.name = "area", .in = NET_BODY, .kind = FIELD_TEXT, .max = 12,
	 .label = TEXT("责任村", "responsible village")},
	{.name = "account", .in = NET_BODY, .kind = FIELD_INT,
	 .label = TEXT("责任人", "responsible person")},
	{.name = "due", .in = NET_BODY, .kind = FIELD_DATE, .flags = NET_REQUIRED,
	 .label = TEXT("完成时限", "due")},
	{.name = "evidence", .in = NET_BODY, .kind = FIELD_TEXT, .max = 500,
	 .label = TEXT("佐证要求", "evidence wanted")},
	{.name = "files_wanted", .in = NET_BODY, .kind = FIELD_INT, .max = 20,
	 .label = TEXT("佐证文件份数", "files wanted as evidence")},
	{.name = "target", .in = NET_BODY, .kind = FIELD_INT, .label = TEXT("目标数", "target")},
};
enum { GIVE_NO, GIVE_TASKS, GIVE_MAX = 500 };
static const struct net_field give_in[] = {
	IN_NO,
	{.name = "tasks", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED | NET_LIST,
	 .max = GIVE_MAX, .of = task_of, .n_of = T_MAX, .label = TEXT("任务", "tasks")},
};

static struct task task_from(const struct net_value *v)
{
	struct task t = {0};
	FIELD_SET(&t, TASK_, title, sub_text(v, T_TITLE));
	FIELD_SET(&t, TASK_, due, (date_t)sub_int(v, T_DUE, 0));
	if (sub_text(v, T_BODY))
		FIELD_SET(&t, TASK_, body, sub_text(v, T_BODY));
	if (sub_text(v, T_UNIT))
		FIELD_SET(&t, TASK_, unit, sub_text(v, T_UNIT));
	if (sub_text(v, T_AREA))
		FIELD_SET(&t, TASK_, area, sub_text(v, T_AREA));
	if (sub_text(v, T_EVIDENCE))
		FIELD_SET(&t, TASK_, evidence, sub_text(v, T_EVIDENCE));
	if (v->sub[T_ACCOUNT].n)
		FIELD_SET(&t, TASK_, account, sub_int(v, T_ACCOUNT, 0));
	if (v->sub[T_FILES].n)
		FIELD_SET(&t, TASK_, files_wanted, sub_int(v, T_FILES, 0));
	if (v->sub[T_TARGET].n)
		FIELD_SET(&t, TASK_, target, sub_int(v, T_TARGET, 0));
	return t;
}

static enum err do_give(struct journal *j, void *arg)
{
	struct meeting_write *w = arg;
	struct task_context c = {w->api->pack, &w->who, w->today};
	enum err e = OK;
	for (size_t i = 0; !e && i < w->n; i++)
		e = task_issue(j, &c, &w->tasks[i]);
	return e;
}

static enum err give_tasks(struct request *rq)
{
	struct meeting_write *w = new_write(rq);
	struct api_entry entry = {.command = "decision tasks"};
	const struct net_values *tasks = &rq->values[GIVE_TASKS];
	enum err e = decision_get(rq_db(rq), rq_int(rq, GIVE_NO, 0), rq->a, &w->d);
	if (e)
		return e;
	w->n = tasks->n;
	w->tasks = ARENA_ARRAY(rq->a, w->n + 1, struct task);
	for (size_t i = 0; i < w->n; i++) {
		w->tasks[i] = task_from(&tasks->items[i]);
		FIELD_SET(&w->tasks[i], TASK_, decision, w->d.no);
	}
	e = api_explain(rq, api_write(rq, &entry, do_give, w));
	if (e)
		return e;
	rq->status = 201;
	return answer_meeting(rq, w->d.meeting);
}

/* --- files ------------------------------------------------------------------------ */

static enum err add_file(struct request *rq)
{
	int64_t no = rq_int(rq, FILE_NO, 0);
	struct meeting m;
	enum err e = meeting_get(rq_db(rq), no, rq->a, &m);
	if (e)
		return e;
	return rq_attach(rq, "meeting", no);
}

#define TAG "meeting"
const struct route api_meeting_routes[] = {
	{.id = "meeting_list", .method = NET_GET, .path = API "/meetings",
	 .permission = PERM_see_meetings,
	 .in = list_in, .n_in = IN_COUNT(list_in), .handler = list_meetings,
	 .answer = "list meeting_row", .tag = TAG,
	 .summary = TEXT("会议，新的在前", "meetings, newest first")},
	{.id = "meeting_add", .method = NET_POST, .path = API "/meetings",
	 .permission = PERM_edit_meetings,
	 .in = work_add_in, .n_in = IN_COUNT(work_add_in), .record = &meeting_desc, .handler = add_meeting,
	 .answer = "meeting", .tag = TAG, .summary = TEXT("登记会议", "enter a meeting")},
	{.id = "meeting_get", .method = NET_GET, .path = API "/meetings/{no}",
	 .permission = PERM_see_meetings,
	 .in = no_in, .n_in = IN_COUNT(no_in), .handler = get_meeting,
	 .answer = "meeting", .tag = TAG,
	 .summary = TEXT("一个会议：参会、议定事项、任务", "one meeting: attendance, decisions, tasks")},
	{.id = "meeting_put", .method = NET_PUT, .path = API "/meetings/{no}",
	 .permission = PERM_edit_meetings,
	 .in = work_put_in, .n_in = IN_COUNT(work_put_in), .record = &meeting_desc, .handler = put_meeting,
	 .answer = "meeting", .tag = TAG, .summary = TEXT("修改会议", "change a meeting")},
	{.id = "meeting_attend", .method = NET_PUT, .path = API "/meetings/{no}/attendance",
	 .permission = PERM_edit_meetings, .in = attend_in, .n_in = IN_COUNT(attend_in),
	 .handler = put_attendance, .answer = "meeting", .tag = TAG,
	 .summary = TEXT("参会名单（整份）", "attendance, the whole list")},
	{.id = "meeting_file", .method = NET_POST, .path = API "/meetings/{no}/files",
	 .permission = PERM_edit_meetings, .kind = ROUTE_LONG, .in = work_file_in, .n_in = IN_COUNT(work_file_in),
	 .max_body = ATTACH_SIZE_MAX + 65536, .upload = true, .handler = add_file,
	 .answer = "list attachment", .tag = TAG, .summary = TEXT("上传会议附件", "add a file to a meeting")},
	{.id = "decision_add", .method = NET_POST, .path = API "/meetings/{no}/decisions",
	 .permission = PERM_edit_meetings,
	 .in = work_put_in, .n_in = IN_COUNT(work_put_in), .record = &decision_desc,
	 .handler = add_decision, .answer = "meeting", .tag = TAG,
	 .summary = TEXT("增加议定事项", "add a decision")},
	{.id = "decision_put", .method = NET_PUT, .path = API "/decisions/{no}",
	 .permission = PERM_edit_meetings,
	 .in = work_put_in, .n_in = IN_COUNT(work_put_in), .record = &decision_desc, .handler = put_decision,
	 .answer = "meeting", .tag = TAG,
	 .summary = TEXT("修改议定事项、落实情况", "change a decision, say what became of it")},
	{.id = "decision_tasks", .method = NET_POST, .path = API "/decisions/{no}/tasks",
	 .permission = PERM_edit_tasks,
	 .in = give_in, .n_in = IN_COUNT(give_in), .handler = give_tasks,
	 .answer = "meeting", .tag = TAG,
	 .summary = TEXT("把议定事项分解为任务", "turn a decision into tasks")},
	{0},
};

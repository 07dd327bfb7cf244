/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Tasks: lists, one with its steps and parts, issuing, and every step of its life. */
#include "api/api_work.h"
#include "attach/attach.h"

#include "base/banned.h"

/* --- reading ---------------------------------------------------------------------- */

static void write_actions(struct request *rq, const struct task *t, const struct work_who *who)
{
	json_key(&rq->out, "actions");
	json_array(&rq->out);
	for (int m = 0; m < TASK_MOVE_MAX; m++)
		if (!task_may(t, who, (enum task_move)m))
			json_text(&rq->out, str_c(task_move_id((enum task_move)m)));
	if (task_may_change(t, who))
		json_text(&rq->out, STR("change"));
	json_end(&rq->out);
}

static void write_task(struct request *rq, const struct task_row *row, const struct work_who *who)
{
	const struct work_terms terms = work_terms(rq_api(rq)->pack);
	date_t today = rq_today(rq);
	int32_t days = 0;
	int level = 0;
	enum task_late late = task_late(&row->task, &terms, today, &days, &level);
	rq_record(rq, &task_desc, &row->task);
	json_c_member(&rq->out, "account_name", row->account_name);
	json_c_member(&rq->out, "issuer_name", row->issuer_name);
	json_c_member(&rq->out, "decision_text", row->decision_text);
	json_key(&rq->out, "meeting");
	if (row->meeting)
		json_int(&rq->out, row->meeting);
	else
		json_null(&rq->out);
	json_int_member(&rq->out, "children", row->children);
	json_int_member(&rq->out, "children_open", row->children_open);
	json_c_member(&rq->out, "late", task_late_id(late));
	json_int_member(&rq->out, "days", days);
	json_int_member(&rq->out, "level", level);
	json_date_member(&rq->out, "expected", task_expected(&row->task, today));
	write_actions(rq, &row->task, who);
}

void rq_task(struct request *rq, const struct task_row *row, const struct work_who *who)
{
	json_object(&rq->out);
	write_task(rq, row, who);
	json_end(&rq->out);
}

enum { L_STATE, L_MINE, L_OVERDUE, L_UNIT, L_AREA, L_MEETING, L_DECISION, L_PARENT, L_TOP, L_AFTER, L_LIMIT };
static const struct net_field list_in[] = {
	{.name = "state", .in = NET_QUERY, .kind = FIELD_CODE,
	 .codes = "open|issued|acknowledged|under_way|returned|proven|checked|closed|cancelled",
	 .label = TEXT("状态", "state")},
	{.name = "mine", .in = NET_QUERY, .kind = FIELD_BOOL, .label = TEXT("我的", "mine")},
	{.name = "overdue", .in = NET_QUERY, .kind = FIELD_BOOL, .label = TEXT("逾期", "overdue")},
	{.name = "unit", .in = NET_QUERY, .kind = FIELD_TEXT,
	 .label = TEXT("责任单位", "responsible unit")},
	{.name = "area", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 12,
	 .label = TEXT("责任村", "responsible village")},
	{.name = "meeting", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("会议", "meeting")},
	{.name = "decision", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("议定事项", "decision")},
	{.name = "parent", .in = NET_QUERY, .kind = FIELD_INT,
	 .label = TEXT("上级任务", "task it is part of")},
	{.name = "top", .in = NET_QUERY, .kind = FIELD_BOOL,
	 .label = TEXT("仅顶层任务", "only those that are no part")},
	IN_AFTER,
	IN_LIMIT,
};

static enum err list_tasks(struct request *rq)
{
	struct work_who who = rq_who(rq);
	struct task_row *rows = NULL;
	struct work_page page;
	size_t n = 0;
	enum err e = rq_page(rq, L_AFTER, &page);
	struct task_filter f = {
		.state = rq_text(rq, L_STATE),
		.unit = rq_text(rq, L_UNIT),
		.area = rq_text(rq, L_AREA),
		.meeting = rq_int(rq, L_MEETING, 0),
		.decision = rq_int(rq, L_DECISION, 0),
		.parent = rq_int(rq, L_TOP, 0) ? -1 : rq_int(rq, L_PARENT, 0),
		.mine = rq_int(rq, L_MINE, 0) != 0,
		.overdue = rq_int(rq, L_OVERDUE, 0) != 0,
		.day = rq_today(rq),
		.after_due = (date_t)page.after,
		.after_no = page.after_no,
		.limit = page.limit,
	};
	if (!e)
		e = task_list(rq_db(rq), &who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		rq_task(rq, &rows[i], &who);
	const struct task *last = n ? &rows[n - 1].task : &(struct task){0};
	rq_page_end(rq, &page, n, last->due, last->no);
	return OK;
}

static enum err write_events(struct request *rq, int64_t no)
{
	struct task_event *events = NULL;
	size_t n = 0;
	enum err e = task_events(rq_db(rq), no, rq->a, &events, &n);
	if (e)
		return e;
	json_key(&rq->out, "events");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++) {
		json_object(&rq->out);
		rq_record(rq, &task_event_desc, &events[i]);
		json_end(&rq->out);
	}
	json_end(&rq->out);
	return OK;
}

static enum err write_parts(struct request *rq, int64_t no, const struct work_who *who)
{
	struct task_filter f = {.parent = no, .day = rq_today(rq), .limit = WORK_PAGE_MAX};
	struct task_row *rows = NULL;
	size_t n = 0;
	enum err e = task_list(rq_db(rq), who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	json_key(&rq->out, "parts");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		rq_task(rq, &rows[i], who);
	json_end(&rq->out);
	return OK;
}

static enum err answer_task(struct request *rq, int64_t no)
{
	struct work_who who = rq_who(rq);
	struct task_row row;
	enum err e = task_get(rq_db(rq), &who, no, rq->a, &row);
	if (e)
		return e;
	rq_version(rq, row.task.version);
	json_object(&rq->out);
	write_task(rq, &row, &who);
	e = write_events(rq, no);
	if (!e)
		e = write_parts(rq, no, &who);
	if (!e)
		e = rq_files(rq, "task", no);
	json_end(&rq->out);
	return e;
}

static const struct net_field no_in[] = {IN_NO};

static enum err get_task(struct request *rq)
{
	return answer_task(rq, rq_int(rq, 0, 0));
}

/* --- writing ---------------------------------------------------------------------- */

struct task_write {
	struct task_context c;
	struct work_who who;
	struct task t;
	struct task_act act;
};

static struct task_write *new_write(struct request *rq)
{
	struct task_write *w = ARENA_NEW(rq->a, struct task_write);
	w->who = rq_who(rq);
	w->c = (struct task_context){rq_api(rq)->pack, &w->who, rq_today(rq)};
	return w;
}

static enum err do_issue(struct journal *j, void *arg)
{
	struct task_write *w = arg;
	return task_issue(j, &w->c, &w->t);
}

static enum err do_change(struct journal *j, void *arg)
{
	struct task_write *w = arg;
	return task_change(j, &w->c, &w->t);
}

static enum err do_step(struct journal *j, void *arg)
{
	struct task_write *w = arg;
	return task_do(j, &w->c, w->t.no, &w->act);
}

static enum err add_task(struct request *rq)
{
	struct task_write *w = new_write(rq);
	return rq_work_add(rq, &(struct work_write){.desc = &task_desc, .command = "task issue",
	                                            .i_date = ADD_EVENT_DATE, .rec = &w->t, .fn = do_issue,
	                                            .arg = w, .answer = answer_task});
}

static enum err put_task(struct request *rq)
{
	struct task_write *w = new_write(rq);
	struct task_row row;
	enum err e = task_get(rq_db(rq), &w->who, rq_int(rq, PUT_NO, 0), rq->a, &row);
	if (e)
		return e;
	w->t = row.task;
	return rq_work_put(rq, &(struct work_write){.desc = &task_desc, .command = "task change",
	                                            .i_date = PUT_EVENT_DATE, .rec = &w->t,
	                                            .fn = do_change, .arg = w, .answer = answer_task});
}

enum { S_NO, S_TEXT, S_PERCENT, S_DONE, S_DAY };
static const struct net_field step_in[] = {
	IN_NO,
	{.name = "text", .in = NET_BODY, .kind = FIELD_TEXT, .max = 4000,
	 .label = TEXT("说明", "text")},
	{.name = "percent", .in = NET_BODY, .kind = FIELD_INT, .max = 100,
	 .label = TEXT("进度（%）", "progress (%)")},
	{.name = "done", .in = NET_BODY, .kind = FIELD_INT, .label = TEXT("完成数", "done")},
	{.name = "day", .in = NET_BODY, .kind = FIELD_DATE, .label = TEXT("日期", "day")},
};

/* The last part of the path names the step. */
static enum task_move move_of(const struct request *rq)
{
	const char *word = strrchr(rq->route->path, '/') + 1;
	int m = 0;
	while (m < TASK_MOVE_MAX - 1 && strcmp(task_move_id((enum task_move)m), word) != 0)
		m++;
	return (enum task_move)m;
}

static enum err step_task(struct request *rq)
{
	struct task_write *w = new_write(rq);
	enum task_move move = move_of(rq);
	struct api_entry entry = {
		.command = arena_printf(rq->a, "task %s", task_move_id(move)),
		.event_date = (date_t)rq_int(rq, S_DAY, 0),
	};
	w->t.no = rq_int(rq, S_NO, 0);
	w->act = (struct task_act){
		.move = move,
		.version = rq->if_match,
		.day = (date_t)rq_int(rq, S_DAY, 0),
		.text = rq_text(rq, S_TEXT),
		.percent = rq_int(rq, S_PERCENT, -1),
		.done = rq_int(rq, S_DONE, -1),
	};
	enum err e = api_explain(rq, api_write(rq, &entry, do_step, w));
	return e ? e : answer_task(rq, w->t.no);
}

/* --- files ------------------------------------------------------------------------ */

/* Whoever may prove it or judge the proof hangs files on it, while it is open. */
static enum err add_file(struct request *rq)
{
	struct work_who who = rq_who(rq);
	struct task_row row;
	int64_t no = rq_int(rq, FILE_NO, 0);
	enum err e = task_get(rq_db(rq), &who, no, rq->a, &row);
	if (e)
		return e;
	if (task_may(&row.task, &who, TASK_MOVE_PROVE) && task_may(&row.task, &who, TASK_MOVE_RETURN))
		return diag_set(&rq->diag, ERR_FORBIDDEN, "%s", row.task.state);
	return rq_attach(rq, "task", no);
}

/* --- people to whom work is given ------------------------------------------------- */

static enum err list_people(struct request *rq)
{
	struct account *all = NULL;
	size_t n = 0;
	enum err e = account_all(rq_db(rq), rq->a, &all, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++) {
		if (FIELD_HAS(&all[i], ACCOUNT_, disabled) && all[i].disabled)
			continue;
		json_object(&rq->out);
		json_int_member(&rq->out, "no", all[i].no);
		json_c_member(&rq->out, "login", all[i].login);
		json_c_member(&rq->out, "name", all[i].name);
		json_c_member(&rq->out, "role", all[i].role);
		json_c_member(&rq->out, "unit", all[i].unit);
		json_end(&rq->out);
	}
	api_rows_end(rq, NULL);
	return OK;
}

#define TAG "task"
#define STEP(word, zh, en)                                                                         \
	{.id = "task_" word, .method = NET_POST, .path = API "/tasks/{no}/" word,                  \
	 .permission = PERM_see_tasks, .in = step_in, .n_in = IN_COUNT(step_in),                   \
	 .handler = step_task, .answer = "task", .tag = TAG, .summary = TEXT(zh, en)}
const struct route api_task_routes[] = {
	{.id = "task_list", .method = NET_GET, .path = API "/tasks", .permission = PERM_see_tasks,
	 .in = list_in, .n_in = IN_COUNT(list_in), .handler = list_tasks,
	 .answer = "list task_row", .tag = TAG,
	 .summary = TEXT("任务，按时限", "tasks by due day")},
	{.id = "task_add", .method = NET_POST, .path = API "/tasks", .permission = PERM_see_tasks,
	 .in = work_add_in, .n_in = IN_COUNT(work_add_in),
	 .record = &task_desc, .handler = add_task, .answer = "task",
	 .tag = TAG,
	 .summary = TEXT("下达任务，或把手上的任务分解下去", "issue a task, or a part of one that is held")},
	{.id = "task_get", .method = NET_GET, .path = API "/tasks/{no}",
	 .permission = PERM_see_tasks,
	 .in = no_in, .n_in = IN_COUNT(no_in), .handler = get_task, .answer = "task", .tag = TAG,
	 .summary = TEXT("一个任务：办理经过、下级任务", "one task: its steps and parts")},
	{.id = "task_put", .method = NET_PUT, .path = API "/tasks/{no}",
	 .permission = PERM_see_tasks,
	 .in = work_put_in, .n_in = IN_COUNT(work_put_in),
	 .record = &task_desc, .handler = put_task, .answer = "task",
	 .tag = TAG, .summary = TEXT("调整任务", "change a task")},
	STEP("acknowledge", "签收", "acknowledge"),
	STEP("progress", "报进度", "report progress"),
	STEP("prove", "举证", "prove"),
	STEP("check", "核验", "check the proof"),
	STEP("return", "退回", "return"),
	STEP("close", "销号", "close"),
	STEP("cancel", "撤销", "cancel"),
	{.id = "task_file", .method = NET_POST, .path = API "/tasks/{no}/files",
	 .permission = PERM_see_tasks, .kind = ROUTE_LONG, .in = work_file_in, .n_in = IN_COUNT(work_file_in),
	 .max_body = ATTACH_SIZE_MAX + 65536, .upload = true, .handler = add_file,
	 .answer = "list attachment", .tag = TAG, .summary = TEXT("上传佐证", "add evidence")},
	{.id = "people_list", .method = NET_GET, .path = API "/people",
	 .permission = PERM_see_tasks,
	 .handler = list_people, .answer = "list staff", .tag = TAG,
	 .summary = TEXT("可交办的人", "people to whom work can be given")},
	{0},
};

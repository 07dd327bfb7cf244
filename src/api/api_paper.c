/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_paper: the day sheet and a meeting's minutes, as pages for paper. */
#include "api/api_work.h"
#include "api/printing.h"
#include "report/day_sheet.h"
#include "report/minutes.h"
#include "work/meeting.h"

#include "base/banned.h"

/* More than a page could name; what lies beyond is not even counted. */
enum { LATE_MAX = 5000, PARAGRAPHS_MAX = 1000 };

static const char *area_name(const struct request *rq, const char *code)
{
	const struct area *area = code ? area_find(rq_api(rq)->areas, code) : NULL;
	return area ? area->name : code;
}

/* Whose a task is, in words: the person, with unit or village. */
static struct str owner_of(struct request *rq, const struct task_row *t)
{
	const char *unit = t->task.unit ? t->task.unit : area_name(rq, t->task.area);
	if (!t->account_name)
		return str_c(unit ? unit : "");
	return str_c(unit ? arena_printf(rq->a, "%s %s", unit, t->account_name) : t->account_name);
}

static int percent_of(const struct task *t)
{
	return FIELD_HAS(t, TASK_, percent) ? (int)t->percent : -1;
}

/* --- the day sheet ------------------------------------------------------------------- */

static const struct net_field sheet_in[] = {
	{.name = "date", .in = NET_QUERY, .kind = FIELD_DATE, .label = TEXT("日期", "day")},
};

static void fill_villages(struct request *rq, const struct sheet *from, struct day_sheet *to)
{
	struct day_sheet_village *v = ARENA_ARRAY(rq->a, from->n_villages + 1, struct day_sheet_village);
	for (size_t i = 0; i < from->n_villages; i++) {
		const struct sheet_line *l = &from->villages[i];
		v[i] = (struct day_sheet_village){
			.village = str_c(l->key[0] ? l->name : rq->lang == LANG_ZH ? "不分村" : "of no village"),
			.opened = l->findings.opened,
			.closed = l->findings.closed,
			.open = l->findings.open,
			.overdue = l->findings.overdue,
			.waiting = l->findings.waiting,
			.closed_in_period = l->findings.pace,
			.tasks_open = l->tasks.open,
			.tasks_overdue = l->tasks.overdue,
		};
	}
	to->villages = v;
	to->n_villages = from->n_villages;
}

/* Only tasks that the user may see are named. */
static enum err fill_late(struct request *rq, struct day_sheet *to)
{
	struct work_who who = rq_who(rq);
	struct task_filter f = {.was_overdue = true, .day = to->day, .limit = LATE_MAX};
	struct task_row *rows = NULL;
	size_t n = 0;
	enum err e = task_list(rq_db(rq), &who, &f, rq->a, &rows, &n);
	if (e)
		return e;
	struct day_sheet_task *late = ARENA_ARRAY(rq->a, n + 1, struct day_sheet_task);
	for (size_t i = 0; i < n; i++)
		late[i] = (struct day_sheet_task){
			.title = str_c(rows[i].task.title),
			.owner = owner_of(rq, &rows[i]),
			.due = rows[i].task.due,
			/* how far it was on a day gone by is not kept with it */
			.percent = to->day == rq_today(rq) ? percent_of(&rows[i].task) : -1,
		};
	to->late = late;
	to->n_late = n;
	return OK;
}

static enum err sheet_pdf(struct request *rq)
{
	const struct api *api = rq_api(rq);
	date_t today = rq_today(rq), day = (date_t)rq_int(rq, 0, today);
	struct printing p = {0};
	struct sheet s;
	if (date_prec(day) != DATE_DAY)
		return rq_invalid(rq, "date", ERR_CELL_DATE);
	if (day > today)
		return rq_invalid(rq, "date", ERR_DATE_FUTURE);
	enum err e = sheet_make(rq_db(rq), api->areas, api->root, day, rq->a, &s);
	if (e)
		return e;
	struct day_sheet d = {.lang = rq->lang, .unit = str_c(area_name(rq, api->root)), .day = day,
	                      .made_by = rq_made_by(rq), .pace_days = SHEET_DAYS};
	fill_villages(rq, &s, &d);
	e = fill_late(rq, &d);
	if (!e)
		e = printing_file(rq, &p);
	if (!e)
		e = day_sheet_pdf(&d, p.path, &rq->diag);
	if (!e)
		printing_send(rq, &p, PRINTING_PDF,
		              arena_printf(rq->a, rq->lang == LANG_ZH ? "调度单_%s.pdf" : "day-sheet_%s.pdf",
		                           date_dup(rq->a, day)));
	printing_end(&p);
	return e;
}

/* --- minutes ------------------------------------------------------------------------- */

/* Lines of a text, without those that are empty. */
static const struct str *lines_of(struct request *rq, const char *text, size_t *ret_n)
{
	struct str rest = str_c(text ? text : ""), line;
	struct str *lines = ARENA_ARRAY(rq->a, PARAGRAPHS_MAX, struct str);
	size_t n = 0;
	while (n < PARAGRAPHS_MAX - 1 && str_split(&rest, '\n', &line))
		if (str_trim(line).n)
			lines[n++] = str_trim(line);
	if (str_trim(rest).n) /* the last one, or all that is too many */
		lines[n++] = str_trim(rest);
	*ret_n = n;
	return lines;
}

static struct str item_text(const struct request *rq, const char *list, const char *id)
{
	const struct work_item *item = work_item(list, id);
	return str_c(item ? item->text.in[rq->lang] : id ? id : "");
}

static enum err fill_attendees(struct request *rq, int64_t no, struct minutes *m)
{
	struct attendance *rows = NULL;
	enum err e = meeting_attendance(rq_db(rq), no, rq->a, &rows, &m->n_attendees);
	if (e)
		return e;
	struct minutes_attendee *who = ARENA_ARRAY(rq->a, m->n_attendees + 1, struct minutes_attendee);
	for (size_t i = 0; i < m->n_attendees; i++) {
		const struct attendance *x = &rows[i];
		const char *how = x->presence ? x->presence : "present";
		bool excused = strcmp(how, "leave") == 0;
		struct str note = str_c(x->note ? x->note : "");
		if (excused || strcmp(how, "substitute") == 0) {
			struct str word = item_text(rq, "presence", how);
			note = note.n ? str_c(arena_printf(rq->a, STR_FMT " " STR_FMT, STR_ARG(word),
			                                   STR_ARG(note)))
			              : word;
		}
		who[i] = (struct minutes_attendee){.unit = str_c(x->unit ? x->unit : ""),
		                                   .name = str_c(x->name ? x->name : ""),
		                                   .post = str_c(x->post ? x->post : ""),
		                                   .absent = excused || strcmp(how, "absent") == 0,
		                                   .note = note};
	}
	m->attendees = who;
	return OK;
}

static enum err fill_tasks(struct request *rq, int64_t decision, struct minutes_decision *d)
{
	struct work_who who = rq_who(rq);
	struct task_filter f = {.decision = decision, .parent = -1, .day = rq_today(rq),
	                        .limit = WORK_PAGE_MAX};
	struct task_row *rows = NULL;
	enum err e = task_list(rq_db(rq), &who, &f, rq->a, &rows, &d->n_tasks);
	if (e)
		return e;
	struct work_terms terms = work_terms(rq_api(rq)->pack);
	struct minutes_task *tasks = ARENA_ARRAY(rq->a, d->n_tasks + 1, struct minutes_task);
	for (size_t i = 0; i < d->n_tasks; i++) {
		const struct task *t = &rows[i].task;
		tasks[i] = (struct minutes_task){
			.what = str_c(t->title),
			.owner = owner_of(rq, &rows[i]),
			.due = t->due,
			.state = item_text(rq, "task_state", t->state),
			.evidence = str_c(t->evidence ? t->evidence : ""),
			.percent = percent_of(t),
			.late = task_late(t, &terms, f.day, NULL, NULL) == TASK_OVERDUE,
		};
	}
	d->tasks = tasks;
	return OK;
}

/* A decision as it is read out: in whose charge, by when, what came of it. */
static struct str decision_text(struct request *rq, const struct decision *d)
{
	bool zh = rq->lang == LANG_ZH;
	const char *text = d->text;
	if (d->unit)
		text = arena_printf(rq->a, zh ? "%s（牵头：%s）" : "%s (in charge: %s)", text, d->unit);
	if (d->due)
		text = arena_printf(rq->a, zh ? "%s（时限：%s）" : "%s (by %s)", text, date_dup(rq->a, d->due));
	if (d->result)
		text = arena_printf(rq->a, zh ? "%s 落实情况：%s" : "%s Result: %s", text, d->result);
	return str_c(text);
}

static enum err fill_decisions(struct request *rq, int64_t no, struct minutes *m)
{
	struct decision_row *rows = NULL;
	enum err e = meeting_decisions(rq_db(rq), no, rq_today(rq), rq->a, &rows, &m->n_decisions);
	if (e)
		return e;
	struct minutes_decision *d = ARENA_ARRAY(rq->a, m->n_decisions + 1, struct minutes_decision);
	for (size_t i = 0; !e && i < m->n_decisions; i++) {
		d[i].text = decision_text(rq, &rows[i].decision);
		e = fill_tasks(rq, rows[i].decision.no, &d[i]);
	}
	m->decisions = d;
	return e;
}

/* Size and root of the last checkpoint: second and third line of the note. */
static enum err fill_checkpoint(struct request *rq, struct minutes *m)
{
	struct buf note;
	struct str rest, origin, size, root;
	buf_init(&note, 64 * 1024);
	enum err e = journal_checkpoint(rq_journal(rq), &note);
	rest = buf_str(&note);
	if (!e && str_split(&rest, '\n', &origin) && str_split(&rest, '\n', &size) &&
	    str_split(&rest, '\n', &root))
		m->checkpoint = str_c(arena_printf(rq->a, STR_FMT " " STR_FMT, STR_ARG(size), STR_ARG(root)));
	buf_release(&note);
	return e;
}

static enum err fill_minutes(struct request *rq, const struct meeting *from, struct minutes *m)
{
	bool zh = rq->lang == LANG_ZH;
	const struct { const char *from; struct str *to; } texts[] = {
		{from->title, &m->title},   {from->time, &m->time},         {from->place, &m->place},
		{from->chair, &m->chair},   {from->recorder, &m->recorder},
		{from->organiser ? from->organiser : area_name(rq, rq_api(rq)->root), &m->unit},
	};
	m->lang = rq->lang;
	m->date = from->date;
	m->made_by = rq_made_by(rq);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		*texts[i].to = str_c(texts[i].from ? texts[i].from : "");
	if (from->number)
		m->number = str_c(arena_printf(rq->a, zh ? "第%lld次" : "no. %lld", (long long)from->number));
	m->agenda = lines_of(rq, from->agenda, &m->n_agenda);
	m->paragraphs = lines_of(rq, from->minutes, &m->n_paragraphs);
	enum err e = fill_attendees(rq, from->no, m);
	if (!e)
		e = fill_decisions(rq, from->no, m);
	return e ? e : fill_checkpoint(rq, m);
}

static const struct net_field minutes_in[] = {IN_NO};

static enum err minutes_file(struct request *rq, bool pdf)
{
	struct printing p = {0};
	struct meeting meeting;
	struct minutes m = {0};
	enum err e = meeting_get(rq_db(rq), rq_int(rq, 0, 0), rq->a, &meeting);
	if (!e)
		e = fill_minutes(rq, &meeting, &m);
	if (!e)
		e = printing_file(rq, &p);
	if (!e)
		e = pdf ? minutes_pdf(&m, p.path, &rq->diag) : minutes_docx(&m, p.path, &rq->diag);
	if (!e)
		printing_send(rq, &p, pdf ? PRINTING_PDF : PRINTING_DOCX,
		              arena_printf(rq->a, rq->lang == LANG_ZH ? "会议纪要_%s_%lld%s" : "minutes_%s_%lld%s",
		                           date_dup(rq->a, meeting.date), (long long)meeting.no,
		                           pdf ? ".pdf" : ".docx"));
	printing_end(&p);
	return e;
}

static enum err minutes_as_pdf(struct request *rq)
{
	return minutes_file(rq, true);
}

static enum err minutes_as_docx(struct request *rq)
{
	return minutes_file(rq, false);
}

#define TAG "print"
const struct route api_paper_routes[] = {
	{.id = "day_sheet_pdf", .method = NET_GET, .path = API "/day-sheet.pdf",
	 .permission = PERM_see_situation, .kind = ROUTE_LONG, .in = sheet_in, .n_in = IN_COUNT(sheet_in),
	 .handler = sheet_pdf, .answer = "file", .tag = TAG,
	 .summary = TEXT("调度单，打印稿", "the day sheet, for print")},
	{.id = "minutes_pdf", .method = NET_GET, .path = API "/meetings/{no}/minutes.pdf",
	 .permission = PERM_see_meetings, .kind = ROUTE_LONG, .in = minutes_in,
	 .n_in = IN_COUNT(minutes_in), .handler = minutes_as_pdf, .answer = "file", .tag = TAG,
	 .summary = TEXT("会议纪要，打印稿", "minutes of a meeting, for print")},
	{.id = "minutes_docx", .method = NET_GET, .path = API "/meetings/{no}/minutes.docx",
	 .permission = PERM_see_meetings, .kind = ROUTE_LONG, .in = minutes_in,
	 .n_in = IN_COUNT(minutes_in), .handler = minutes_as_docx, .answer = "file", .tag = TAG,
	 .summary = TEXT("会议纪要，可编辑", "minutes of a meeting, to be edited")},
	{0},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_finding: what does not agree, who sees to it, what came of it. */
#include "api/api_finding.h"

#include "api/job.h"
#include "api/snapshot.h"
#include "attach/attach.h"
#include "base/vec.h"
#include "check/finding.h"
#include "check/life.h"
#include "check/sides.h"
#include "report/handin.h"

#include "base/banned.h"

enum { SETTLE_WAIT_MS = 60000 };

/* --- one row -------------------------------------------------------------------------- */

const char *finding_title(const struct life_row *r, enum lang lang)
{
	if (r->rule)
		return r->rule->title.in[lang];
	for (const struct life_word *w = life_sources; r->f.source && w->id; w++)
		if (strcmp(w->id, r->f.source) == 0)
			return w->title.in[lang];
	return r->f.rule;
}

struct str finding_detail(const struct life_row *r, const struct finding *f)
{
	return f ? f->detail : str_c(r->f.content);
}

static bool in_number(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

struct str finding_redacted(struct request *rq, const struct snapshot *s, struct str text,
                            struct arena *a)
{
	const struct db_scope *scope = &rq_user(rq)->scope;
	struct buf b;
	size_t i = 0;
	if (!s || scope->kind == DB_SCOPE_ALL || !text.n)
		return text;
	buf_init(&b, text.n * 4 + 64);
	while (i < text.n) {
		size_t end = i;
		while (end < text.n && in_number(text.p[end]))
			end++;
		struct str word = str_sub(text, i, end > i ? end - i : 1);
		int64_t h = end > i ? map_get(&s->hh_nos, word, -1) : -1;
		const struct town_household *other = h >= 0 ? &s->town.households[h] : NULL;
		const char *village = other && other->village >= 0
		                              ? s->town.villages[other->village].code.p : NULL;
		if (other && !db_scope_sees(scope, village, other->no))
			buf_adds(&b, "****");
		else
			buf_addstr(&b, word);
		i += word.n;
	}
	struct str ret = str_copy(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

void api_write_finding(struct request *rq, const struct life_row *r, const struct snapshot *s)
{
	struct json_out *o = &rq->out;
	const struct finding *f = snapshot_finding(s, rq->lang, r->f.no);
	char severity[2] = {r->severity, '\0'}, fixer[2] = {r->fixer, '\0'};
	bool office = rq_user(rq)->max_class >= F_OFFICE;
	json_object(o);
	json_int_member(o, "no", r->f.no);
	json_int_member(o, "version", r->f.version);
	json_c_member(o, "rule", r->f.rule);
	json_c_member(o, "title", finding_title(r, rq->lang));
	json_c_member(o, "severity", severity);
	json_c_member(o, "certainty", r->f.probable ? "probable" : "sure");
	json_c_member(o, "fixer", fixer);
	json_c_member(o, "state", r->f.state);
	json_key(o, "household");
	if (r->f.household)
		json_int(o, r->f.household);
	else
		json_null(o);
	json_c_member(o, "hh_no", r->hh_no);
	json_c_member(o, "head_name", office ? r->head_name : NULL);
	json_key(o, "person_name");
	if (office && r->person_name)
		json_text(o, str_c(r->person_name));
	else if (office && f && f->name.n)
		json_text(o, f->name); /* somebody off the register */
	else
		json_null(o);
	json_c_member(o, "village", r->f.village);
	json_key(o, "detail");
	json_text(o, office ? finding_redacted(rq, s, finding_detail(r, f), rq->a) : (struct str){NULL, 0});
	json_c_member(o, "source_kind", r->f.source ? r->f.source : "rule");
	json_key(o, "source");
	json_text(o, f ? f->source : (struct str){NULL, 0});
	json_c_member(o, "answer", r->f.answer);
	rq_login_member(rq, "assignee", r->f.assignee);
	json_c_member(o, "assignee_unit", r->f.assignee_unit);
	json_date_member(o, "due", r->f.due);
	json_date_member(o, "first_seen", r->f.first_seen);
	json_int_member(o, "reopened", r->f.reopened);
	json_int_member(o, "returned", r->f.returned);
	json_end(o);
}

/* --- the list -------------------------------------------------------------------------- */

const struct net_field finding_list_in[FINDING_LIST_IN] = {
	{.name = "state", .in = NET_QUERY, .kind = FIELD_CODE,
	 .codes = "open|done|new|assigned|checked|answered|returned|fixed|closed|reopened",
	 .label = TEXT("状态", "state")},
	{.name = "rule", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 80, .label = TEXT("规则", "rule")},
	{.name = "village", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 20, .label = TEXT("村", "village")},
	{.name = "severity", .in = NET_QUERY, .kind = FIELD_CODE, .codes = "B|E|W|I",
	 .label = TEXT("级别", "severity")},
	{.name = "fixer", .in = NET_QUERY, .kind = FIELD_CODE, .codes = "V|T|C|D|A|K",
	 .label = TEXT("由谁改正", "who corrects it")},
	{.name = "assignee", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 60,
	 .label = TEXT("承办人", "assigned to")},
	{.name = "overdue", .in = NET_QUERY, .kind = FIELD_BOOL, .label = TEXT("已逾期", "overdue")},
	{.name = "source", .in = NET_QUERY, .kind = FIELD_CODE,
	 .codes = "rule|inspection|assessor|complaint|self_check", .label = TEXT("来源", "source")},
	{.name = "q", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 60,
	 .label = TEXT("编号、姓名", "number, name")},
	{.name = "after", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("自此之后", "cursor")},
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = 500,
	 .label = TEXT("行数", "rows at the most")},
};

struct life_filter finding_filter(const struct request *rq)
{
	return (struct life_filter){
		.state = rq_text(rq, IN_STATE),
		.rule = rq_text(rq, IN_RULE),
		.area = rq_text(rq, IN_VILLAGE),
		.severity = rq_text(rq, IN_SEVERITY),
		.fixer = rq_text(rq, IN_FIXER),
		.assignee = rq_text(rq, IN_ASSIGNEE),
		.source = rq_text(rq, IN_SOURCE),
		.text = str_c(rq_text(rq, IN_Q)),
		.overdue_on = rq_int(rq, IN_OVERDUE, 0) ? rq_today(rq) : 0,
	};
}

static enum err list(struct request *rq)
{
	struct life_filter x = finding_filter(rq);
	struct life_row *rows = NULL;
	size_t n = 0;
	int64_t next = 0;
	enum err e = life_list(rq_db(rq), rq_api(rq)->pack, &x, rq_int(rq, IN_AFTER, 0),
	                       (size_t)rq_int(rq, IN_LIMIT, 0), rq->a, &rows, &n, &next);
	if (e)
		return e;
	const struct snapshot *s = snapshot_get(rq_api(rq));
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		api_write_finding(rq, &rows[i], s);
	api_rows_end(rq, next ? arena_printf(rq->a, "%lld", (long long)next) : NULL);
	snapshot_put(s);
	return OK;
}

/* By village, rule, source, state and answer; the page adds up what it shows. */
static enum err summary(struct request *rq)
{
	struct life_count *c = NULL;
	struct json_out *o = &rq->out;
	size_t n = 0;
	enum err e = life_counts(rq_db(rq), rq_today(rq), rq->a, &c, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++) {
		json_object(o);
		json_c_member(o, "village", c[i].village);
		json_c_member(o, "rule", c[i].rule);
		json_c_member(o, "source_kind", c[i].source ? c[i].source : "rule");
		json_c_member(o, "state", c[i].state);
		json_c_member(o, "answer", c[i].answer);
		json_int_member(o, "n", c[i].n);
		json_int_member(o, "overdue", c[i].overdue);
		json_end(o);
	}
	api_rows_end(rq, NULL);
	return OK;
}

/* --- one finding ------------------------------------------------------------------------- */

static const struct net_field one_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("问题", "finding")},
};

static enum err find(struct request *rq, int64_t no, struct life_row *ret)
{
	bool found = false;
	enum err e = life_get(rq_db(rq), rq_api(rq)->pack, no, rq->a, ret, &found);
	if (!e && !found)
		e = diag_set(&rq->diag, ERR_UNKNOWN_FINDING, "%lld", (long long)no);
	return e;
}

static void write_sides(struct request *rq, const struct snapshot *s, const struct finding *f)
{
	struct json_out *o = &rq->out;
	struct check_side *sides = NULL;
	size_t n = 0;
	if (f && rq_user(rq)->max_class >= F_OFFICE)
		check_sides(s->check, snapshot_result(s, rq->lang), f, rq->a, &sides, &n);
	json_key(o, "values");
	json_array(o);
	for (size_t i = 0; i < n; i++) {
		json_object(o);
		json_c_member(o, "label", sides[i].label.in[rq->lang]);
		json_c_member(o, "office", sides[i].office.in[rq->lang]);
		json_date_member(o, "date", sides[i].as_of);
		json_key(o, "cells");
		json_array(o);
		for (size_t k = 0; k < sides[i].n; k++) {
			json_object(o);
			json_text_member(o, "label", sides[i].cells[k].label);
			json_text_member(o, "value", finding_redacted(rq, s, sides[i].cells[k].value, rq->a));
			json_end(o);
		}
		json_end(o);
		json_text_member(o, "place", sides[i].place);
		json_bool_member(o, "probable", sides[i].probable);
		json_end(o);
	}
	json_end(o);
	json_key(o, "explain");
	if (f && rq_user(rq)->max_class >= F_OFFICE) {
		struct buf b;
		buf_init(&b, 1 << 18);
		check_explain(s->check, snapshot_result(s, rq->lang), f, false, &b);
		json_text(o, finding_redacted(rq, s, buf_str(&b), rq->a));
		buf_release(&b);
	} else {
		json_null(o);
	}
}

static enum err write_history(struct request *rq, int64_t no)
{
	struct journal_version *v = NULL;
	struct json_out *o = &rq->out;
	size_t n = 0;
	enum err e = journal_history(rq_journal(rq), &finding_desc, no, rq->a, &v, &n);
	if (e)
		return e;
	json_key(o, "history");
	json_array(o);
	for (size_t i = 0; i < n; i++) {
		json_object(o);
		json_int_member(o, "version", v[i].version);
		json_instant_member(o, "at", v[i].at_ms);
		rq_login_member(rq, "actor", v[i].actor);
		json_c_member(o, "command", v[i].command);
		json_c_member(o, "reason", v[i].reason);
		json_end(o);
	}
	json_end(o);
	return OK;
}

static enum err write_files(struct request *rq, int64_t no)
{
	struct attachment *files = NULL;
	size_t n = 0;
	enum err e = attach_of(rq_db(rq), "finding", no, rq->a, &files, &n);
	if (e)
		return e;
	json_key(&rq->out, "files");
	json_array(&rq->out);
	for (size_t i = 0; i < n; i++)
		api_write_attachment(rq, &files[i]);
	json_end(&rq->out);
	return OK;
}

static enum err get(struct request *rq)
{
	struct life_row r;
	struct json_out *o = &rq->out;
	enum err e = find(rq, rq_int(rq, 0, 0), &r);
	if (e)
		return e;
	const struct snapshot *s = snapshot_get(rq_api(rq));
	json_object(o);
	json_key(o, "finding");
	api_write_finding(rq, &r, s);
	json_key(o, "record");
	json_object(o);
	rq_record_members(rq, &finding_desc, &r.f, rq_user(rq)->max_class);
	json_end(o);
	json_key(o, "exempt");
	json_array(o);
	for (size_t i = 0; r.rule && i < r.rule->n_exempt; i++)
		json_text(o, str_c(r.rule->exempt[i].in[rq->lang]));
	json_end(o);
	json_c_member(o, "question", r.rule ? r.rule->question.in[rq->lang] : NULL);
	write_sides(rq, s, snapshot_finding(s, rq->lang, r.f.no));
	snapshot_put(s);
	e = write_history(rq, r.f.no);
	if (!e)
		e = write_files(rq, r.f.no);
	json_end(o);
	rq_version(rq, r.f.version);
	return e;
}

/* --- steps --------------------------------------------------------------------------------- */

struct step {
	enum { STEP_ASSIGN, STEP_CHECK, STEP_ANSWER, STEP_REVIEW, STEP_ENTER } kind;
	const struct pack *pack;
	struct life_actor by;
	int64_t *nos;
	size_t n, changed;
	struct life_assignment assignment;
	struct record_answer answer;
	struct life_entered entered;
	date_t event_date; /* 0: today */
	bool accept;
	const char *remark;
};

static enum err write_step(struct journal *j, void *arg)
{
	struct step *s = arg;
	switch (s->kind) {
	case STEP_ASSIGN:
		return life_assign(j, s->nos, s->n, &s->assignment, &s->by, &s->changed);
	case STEP_CHECK:
		return life_check(j, s->nos[0], s->answer.day, s->remark, &s->by);
	case STEP_ANSWER:
		return life_answer(j, s->pack, s->nos[0], &s->answer, &s->by);
	case STEP_REVIEW:
		return life_review(j, s->nos[0], s->accept, s->remark, &s->by);
	default:
		return life_enter(j, &s->entered, &s->by, s->nos);
	}
}

static enum err run(struct request *rq, struct step *s, const char *command, const char *reason)
{
	struct api_entry entry = {.command = command, .reason = reason, .event_date = s->event_date};
	s->pack = rq_api(rq)->pack;
	s->by = (struct life_actor){rq_user(rq)->login, rq_user(rq)->name, rq_today(rq)};
	return api_explain(rq, api_write(rq, &entry, write_step, s));
}

/* The finding as it is now. */
static enum err answer_with(struct request *rq, int64_t no)
{
	struct life_row r;
	enum err e = find(rq, no, &r);
	if (e)
		return e;
	const struct snapshot *s = snapshot_get(rq_api(rq));
	api_write_finding(rq, &r, s);
	snapshot_put(s);
	rq_version(rq, r.f.version);
	return OK;
}

static enum err step_on(struct request *rq, struct step *s, const char *command)
{
	struct life_row r;
	int64_t no = rq_int(rq, 0, 0);
	enum err e = find(rq, no, &r);
	if (!e)
		e = rq_check_version(rq, &finding_desc, &r.f);
	if (e)
		return e;
	s->nos = &no;
	s->n = 1;
	e = run(rq, s, command, s->remark);
	return e ? e : answer_with(rq, no);
}

enum { ASSIGN_FINDINGS, ASSIGN_ACCOUNT, ASSIGN_UNIT, ASSIGN_DUE, ASSIGN_NOTE, ASSIGN_DAY, ASSIGN_IN };
static const struct net_field assign_in[ASSIGN_IN] = {
	{.name = "findings", .in = NET_BODY, .kind = FIELD_INT, .flags = NET_REQUIRED | NET_LIST,
	 .label = TEXT("问题", "findings")},
	{.name = "account", .in = NET_BODY, .kind = FIELD_TEXT, .max = 60,
	 .label = TEXT("承办人（登录名或姓名）", "to whom: login or name")},
	{.name = "unit", .in = NET_BODY, .kind = FIELD_TEXT, .max = 100, .label = TEXT("承办单位", "unit")},
	{.name = "due", .in = NET_BODY, .kind = FIELD_DATE, .label = TEXT("整改期限", "due")},
	{.name = "note", .in = NET_BODY, .kind = FIELD_TEXT, .max = 500, .label = TEXT("交办说明", "note")},
	{.name = "event_date", .in = NET_BODY, .kind = FIELD_DATE,
	 .label = TEXT("交办日期（补录）", "handed out on, when written up later")},
};

static enum err assign(struct request *rq)
{
	const struct net_values *v = &rq->values[ASSIGN_FINDINGS];
	struct step s = {.kind = STEP_ASSIGN, .n = v->n, .nos = ARENA_ARRAY(rq->a, v->n + 1, int64_t)};
	struct life_row r;
	enum err e = OK;
	for (size_t i = 0; !e && i < v->n; i++) {
		s.nos[i] = v->items[i].v;
		e = find(rq, s.nos[i], &r);
	}
	if (e)
		return e;
	s.assignment = (struct life_assignment){rq_text(rq, ASSIGN_ACCOUNT), rq_text(rq, ASSIGN_UNIT),
	                                        (date_t)rq_int(rq, ASSIGN_DUE, 0),
	                                        rq_text(rq, ASSIGN_NOTE),
	                                        (date_t)rq_int(rq, ASSIGN_DAY, 0)};
	s.event_date = s.assignment.day;
	e = run(rq, &s, "finding assign", rq_text(rq, ASSIGN_NOTE));
	if (e)
		return e;
	json_object(&rq->out);
	json_int_member(&rq->out, "assigned", (int64_t)s.changed);
	json_end(&rq->out);
	return OK;
}

enum { CHECK_NO, CHECK_DAY, CHECK_REMARK, CHECK_IN };
static const struct net_field check_in[CHECK_IN] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("问题", "finding")},
	{.name = "day", .in = NET_BODY, .kind = FIELD_DATE, .flags = NET_REQUIRED,
	 .label = TEXT("入户日期", "day")},
	{.name = "remark", .in = NET_BODY, .kind = FIELD_TEXT, .max = 2000, .label = TEXT("情况", "remark")},
};

static enum err checked(struct request *rq)
{
	struct step s = {.kind = STEP_CHECK, .remark = rq_text(rq, CHECK_REMARK)};
	s.answer.day = (date_t)rq_int(rq, CHECK_DAY, 0);
	return step_on(rq, &s, "finding check");
}

enum {
	ANSWER_NO, ANSWER_STATE, ANSWER_DAY, ANSWER_REMARK, ANSWER_EVIDENCE, ANSWER_EXEMPT,
	ANSWER_BY, ANSWER_IN
};
static const struct net_field answer_in[ANSWER_IN] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("问题", "finding")},
	{.name = "state", .in = NET_BODY, .kind = FIELD_CODE, .flags = NET_REQUIRED,
	 .codes = "file_fixed|ledger_wrong|explained|policy_action|pending",
	 .label = TEXT("核实情况", "answer")},
	{.name = "day", .in = NET_BODY, .kind = FIELD_DATE, .label = TEXT("核实日期", "day; default today")},
	{.name = "remark", .in = NET_BODY, .kind = FIELD_TEXT, .max = 2000,
	 .label = TEXT("情况说明", "remark")},
	{.name = "evidence", .in = NET_BODY, .kind = FIELD_TEXT, .max = 500,
	 .label = TEXT("佐证材料", "evidence")},
	{.name = "exempt", .in = NET_BODY, .kind = FIELD_TEXT, .max = 200,
	 .label = TEXT("豁免理由", "what exempts it")},
	{.name = "by", .in = NET_BODY, .kind = FIELD_TEXT, .max = 60,
	 .label = TEXT("核实人（默认本人）", "who found out; default oneself")},
};

static enum err answer(struct request *rq)
{
	struct step s = {.kind = STEP_ANSWER, .remark = rq_text(rq, ANSWER_REMARK)};
	s.answer = (struct record_answer){.state = rq_text(rq, ANSWER_STATE),
	                                  .day = (date_t)rq_int(rq, ANSWER_DAY, rq_today(rq)),
	                                  .by = rq_text(rq, ANSWER_BY),
	                                  .remark = s.remark,
	                                  .evidence = rq_text(rq, ANSWER_EVIDENCE),
	                                  .exempt = rq_text(rq, ANSWER_EXEMPT)};
	return step_on(rq, &s, "finding answer");
}

enum { REVIEW_NO, REVIEW_ACCEPT, REVIEW_REMARK, REVIEW_IN };
static const struct net_field review_in[REVIEW_IN] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("问题", "finding")},
	{.name = "accept", .in = NET_BODY, .kind = FIELD_BOOL, .flags = NET_REQUIRED,
	 .label = TEXT("通过（否则退回）", "accept; else return")},
	{.name = "remark", .in = NET_BODY, .kind = FIELD_TEXT, .max = 2000,
	 .label = TEXT("复核意见", "remark")},
};

static enum err review(struct request *rq)
{
	struct step s = {.kind = STEP_REVIEW, .accept = rq_int(rq, REVIEW_ACCEPT, 0) != 0,
	                 .remark = rq_text(rq, REVIEW_REMARK)};
	return step_on(rq, &s, "finding review");
}

enum {
	ENTER_HOUSEHOLD, ENTER_PERSON, ENTER_VILLAGE, ENTER_SOURCE, ENTER_TEXT, ENTER_FIXER,
	ENTER_SEVERITY, ENTER_DUE, ENTER_IN
};
static const struct net_field enter_in[ENTER_IN] = {
	{.name = "household", .in = NET_BODY, .kind = FIELD_INT, .label = TEXT("户", "household")},
	{.name = "person", .in = NET_BODY, .kind = FIELD_INT, .label = TEXT("人", "person")},
	{.name = "village", .in = NET_BODY, .kind = FIELD_TEXT, .max = 20,
	 .label = TEXT("村（没有户时）", "village, when no household is meant")},
	{.name = "source_kind", .in = NET_BODY, .kind = FIELD_CODE, .flags = NET_REQUIRED,
	 .codes = "inspection|assessor|complaint|self_check", .label = TEXT("来源", "source")},
	{.name = "text", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 2000,
	 .label = TEXT("问题内容", "what was found")},
	{.name = "fixer", .in = NET_BODY, .kind = FIELD_CODE, .codes = "V|T|C|D|A|K",
	 .label = TEXT("由谁改正", "who corrects it")},
	{.name = "severity", .in = NET_BODY, .kind = FIELD_CODE, .codes = "B|E|W|I",
	 .label = TEXT("级别", "severity")},
	{.name = "due", .in = NET_BODY, .kind = FIELD_DATE, .label = TEXT("整改期限", "due")},
};

static enum err enter(struct request *rq)
{
	int64_t no = 0;
	struct step s = {.kind = STEP_ENTER, .nos = &no};
	s.entered = (struct life_entered){.source = rq_text(rq, ENTER_SOURCE),
	                                  .household = rq_int(rq, ENTER_HOUSEHOLD, 0),
	                                  .person = rq_int(rq, ENTER_PERSON, 0),
	                                  .village = rq_text(rq, ENTER_VILLAGE),
	                                  .content = rq_text(rq, ENTER_TEXT),
	                                  .fixer = rq_text(rq, ENTER_FIXER),
	                                  .severity = rq_text(rq, ENTER_SEVERITY),
	                                  .due = (date_t)rq_int(rq, ENTER_DUE, 0)};
	if (s.entered.household) {
		enum err e = rq_sees_household(rq, s.entered.household);
		if (e)
			return e;
	} else if (s.entered.village && !rq_sees_village(rq, s.entered.village)) {
		return rq_invalid(rq, "village", ERR_UNKNOWN_AREA);
	}
	enum err e = run(rq, &s, "finding enter", NULL);
	if (e)
		return e;
	rq->status = 201;
	return answer_with(rq, no);
}

static enum err add_files(struct request *rq)
{
	struct life_row r;
	struct attachment t = {0};
	enum err e = find(rq, rq_int(rq, 0, 0), &r);
	if (e)
		return e;
	FIELD_SET(&t, ATTACHMENT_, tbl, "finding");
	FIELD_SET(&t, ATTACHMENT_, rec, r.f.no);
	if (r.f.household)
		FIELD_SET(&t, ATTACHMENT_, household, r.f.household);
	return api_attach(rq, &t);
}

/* --- looking again ---------------------------------------------------------------------------- */

static enum err recheck(struct request *rq)
{
	enum err e = snapshots_settle(rq_api(rq), SETTLE_WAIT_MS);
	if (e)
		return e;
	const struct snapshot *s = snapshot_get(rq_api(rq));
	json_object(&rq->out);
	json_date_member(&rq->out, "as_of", s->as_of);
	json_instant_member(&rq->out, "at", s->at_ms);
	json_int_member(&rq->out, "entry", s->entry);
	json_c_member(&rq->out, "note", s->behind ? handin_behind_text.in[rq->lang] : NULL);
	json_end(&rq->out);
	snapshot_put(s);
	return OK;
}

const struct route api_finding_routes[] = {
	{.id = "finding_list", .method = NET_GET, .path = API "/findings", .permission = PERM_see_findings,
	 .in = finding_list_in, .n_in = FINDING_LIST_IN, .handler = list, .answer = "list finding_row",
	 .tag = "finding", .summary = TEXT("问题列表", "findings")},
	{.id = "finding_summary", .method = NET_GET, .path = API "/findings/summary",
	 .permission = PERM_see_findings, .handler = summary, .answer = "list finding_count",
	 .tag = "finding", .summary = TEXT("按村、规则、状态的问题数", "how many by village, rule, state")},
	{.id = "finding_csv", .method = NET_GET, .path = API "/findings.csv",
	 .permission = PERM_see_findings, .in = finding_list_in, .n_in = FINDING_LIST_IN, .handler = finding_csv,
	 .answer = "file", .tag = "finding", .summary = TEXT("导出 CSV", "as csv")},
	{.id = "finding_xlsx", .method = NET_GET, .path = API "/findings.xlsx",
	 .permission = PERM_see_findings, .kind = ROUTE_LONG, .in = finding_list_in,
	 .n_in = FINDING_LIST_IN, .handler = finding_xlsx, .answer = "file", .tag = "finding",
	 .summary = TEXT("导出工作簿", "as a workbook")},
	{.id = "finding_get", .method = NET_GET, .path = API "/findings/{no}",
	 .permission = PERM_see_findings, .in = one_in, .n_in = 1, .handler = get,
	 .answer = "finding_page", .tag = "finding", .summary = TEXT("一条问题", "one finding")},
	{.id = "finding_enter", .method = NET_POST, .path = API "/findings",
	 .permission = PERM_enter_findings, .in = enter_in, .n_in = ENTER_IN, .handler = enter,
	 .answer = "finding_row", .tag = "finding",
	 .summary = TEXT("登记督查、评估、信访、自查问题", "enter a finding by hand")},
	{.id = "finding_assign", .method = NET_POST, .path = API "/findings/assign",
	 .permission = PERM_assign_findings, .in = assign_in, .n_in = ASSIGN_IN, .handler = assign,
	 .answer = "assigned", .tag = "finding", .summary = TEXT("交办", "hand out")},
	{.id = "finding_check", .method = NET_POST, .path = API "/findings/{no}/check",
	 .permission = PERM_answer_findings, .in = check_in, .n_in = CHECK_IN, .handler = checked,
	 .answer = "finding_row", .tag = "finding", .summary = TEXT("已入户核实", "looked at in the field")},
	{.id = "finding_answer", .method = NET_POST, .path = API "/findings/{no}/answer",
	 .permission = PERM_answer_findings, .in = answer_in, .n_in = ANSWER_IN, .handler = answer,
	 .answer = "finding_row", .tag = "finding", .summary = TEXT("答复", "answer")},
	{.id = "finding_review", .method = NET_POST, .path = API "/findings/{no}/review",
	 .permission = PERM_review_findings, .in = review_in, .n_in = REVIEW_IN, .handler = review,
	 .answer = "finding_row", .tag = "finding",
	 .summary = TEXT("复核：销号或退回", "review: close or return")},
	{.id = "finding_files", .method = NET_POST, .path = API "/findings/{no}/files",
	 .permission = PERM_answer_findings, .kind = ROUTE_LONG, .in = one_in, .n_in = 1,
	 .max_body = ATTACH_SIZE_MAX + 65536, .upload = true, .handler = add_files,
	 .answer = "list attachment", .tag = "finding", .summary = TEXT("上传佐证", "add evidence")},
	{.id = "finding_recheck", .method = NET_POST, .path = API "/findings/recheck",
	 .permission = PERM_answer_findings, .kind = ROUTE_LONG, .handler = recheck,
	 .answer = "checked", .tag = "finding",
	 .summary = TEXT("等最近的修改核对完", "wait until what was written is checked")},
	{.id = "village_rectify", .method = NET_GET, .path = API "/villages/{code}/rectify.xlsx",
	 .permission = PERM_see_findings, .kind = ROUTE_LONG, .in = finding_village_in, .n_in = 1,
	 .handler = finding_rectify, .answer = "file", .tag = "finding",
	 .summary = TEXT("一个村的整改清单", "a village's workbook")},
	{0},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "work/sheet.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "work/policy.h"

#include "base/banned.h"

date_t sheet_finish(date_t day, int64_t open, int64_t pace)
{
	if (open <= 0)
		return day;
	if (pace <= 0)
		return 0;
	int64_t days = (open * SHEET_DAYS + pace - 1) / pace;
	return days > 36500 ? 0 : date_from_days(date_to_days(day) + (int32_t)days);
}

/* Lines by key, in the order in which they were first met. */
struct lines {
	VEC(struct sheet_line) rows;
	struct map at;
	struct arena *a;
};

static struct sheet_line *line_of(struct lines *l, struct str key)
{
	const char *own = str_dup(l->a, key);
	int64_t *at = map_slot(&l->at, str_c(own), (int64_t)l->rows.n);
	if (*at == (int64_t)l->rows.n)
		*vec_push(&l->rows) = (struct sheet_line){.key = own, .name = own};
	return &l->rows.p[*at];
}

static void add_count(struct sheet_count *to, const struct sheet_count *c)
{
	to->open += c->open;
	to->opened += c->opened;
	to->closed += c->closed;
	to->overdue += c->overdue;
	to->pace += c->pace;
	to->waiting += c->waiting;
}

/* One statement's counts go to the member at `offset` of each line, and to the total. */
static enum err take(struct stmt *s, date_t day, struct lines *l, size_t offset,
                     struct sheet_line *total)
{
	stmt_bind_int(s, 2, day);
	stmt_bind_int(s, 3, date_from_days(date_to_days(day) - SHEET_DAYS + 1));
	while (stmt_row(s)) {
		struct sheet_count c = {
			.open = stmt_int(s, 1),
			.opened = stmt_int(s, 2),
			.closed = stmt_int(s, 3),
			.overdue = stmt_int(s, 4),
			.pace = stmt_int(s, 5),
			.waiting = stmt_int(s, 6),
		};
		struct sheet_line *line = line_of(l, stmt_str(s, 0));
		add_count((struct sheet_count *)(void *)((char *)line + offset), &c);
		if (total)
			add_count((struct sheet_count *)(void *)((char *)total + offset), &c);
	}
	return stmt_end(s);
}

static struct stmt *tasks_by(struct db *db, bool unit)
{
	struct stmt *s = db_stmt(db, STMT_sheet_tasks);
	stmt_bind_int(s, 4, unit);
	return s;
}

static void finish_line(struct sheet_line *l, date_t day)
{
	struct sheet_count *counts[] = {&l->findings, &l->tasks, &l->requests};
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		counts[i]->finish = sheet_finish(day, counts[i]->open, counts[i]->pace);
}

static int by_key(const void *x, const void *y)
{
	const struct sheet_line *p = x, *q = y;
	if (!p->key[0] || !q->key[0]) /* what belongs to none comes last */
		return (q->key[0] != 0) - (p->key[0] != 0);
	return strcmp(p->key, q->key);
}

static struct sheet_line *settle(struct lines *l, date_t day, size_t *ret_n)
{
	size_t n = l->rows.n;
	struct sheet_line *ret = ARENA_ARRAY(l->a, n + 1, struct sheet_line);
	if (n) {
		memcpy(ret, l->rows.p, n * sizeof(*ret));
		qsort(ret, n, sizeof(*ret), by_key);
	}
	for (size_t i = 0; i < n; i++)
		finish_line(&ret[i], day);
	*ret_n = n;
	return ret;
}

static bool is_empty(const struct sheet_count *c)
{
	return !c->open && !c->opened && !c->closed && !c->pace;
}

static bool nothing(const struct sheet_line *l)
{
	return is_empty(&l->findings) && is_empty(&l->tasks) && is_empty(&l->requests);
}

static void list_villages(struct lines *l, const struct area_list *areas, const char *root)
{
	for (size_t i = 0; i < areas->n; i++)
		if (area_is_village(&areas->areas[i]) &&
		    area_within(areas, areas->areas[i].code, root))
			(void)line_of(l, str_c(areas->areas[i].code));
}

/* Areas other than villages (a task for the whole town) keep their own line, last ones too. */
static void name_areas(struct sheet *sheet, const struct area_list *areas)
{
	for (size_t i = 0; i < sheet->n_villages; i++) {
		const struct area *area = area_find(areas, sheet->villages[i].key);
		if (area)
			sheet->villages[i].name = area->name;
	}
	if (sheet->n_villages && !sheet->villages[sheet->n_villages - 1].key[0] &&
	    nothing(&sheet->villages[sheet->n_villages - 1]))
		sheet->n_villages--;
}

enum err sheet_make(struct db *db, const struct area_list *areas, const char *root, date_t day,
                    struct arena *a, struct sheet *ret)
{
	struct lines villages = {.a = a}, units = {.a = a};
	struct sheet sheet = {.day = day, .total = {.key = "", .name = ""}};
	map_init(&villages.at);
	map_init(&units.at);
	list_villages(&villages, areas, root);
	enum err e = take(db_stmt(db, STMT_sheet_findings), day, &villages,
	                  offsetof(struct sheet_line, findings), &sheet.total);
	if (!e)
		e = take(tasks_by(db, false), day, &villages,
		         offsetof(struct sheet_line, tasks), &sheet.total);
	if (!e)
		e = take(db_stmt(db, STMT_sheet_findings_by_unit), day, &units,
		         offsetof(struct sheet_line, findings), NULL);
	if (!e)
		e = take(tasks_by(db, true), day, &units, offsetof(struct sheet_line, tasks), NULL);
	if (!e)
		e = take(db_stmt(db, STMT_sheet_requests), day, &units, offsetof(struct sheet_line, requests),
		         &sheet.total);
	if (!e) {
		finish_line(&sheet.total, day);
		sheet.villages = settle(&villages, day, &sheet.n_villages);
		sheet.units = settle(&units, day, &sheet.n_units);
		name_areas(&sheet, areas);
		*ret = sheet;
	}
	vec_free(&villages.rows);
	vec_free(&units.rows);
	map_release(&villages.at);
	map_release(&units.at);
	return e;
}

/* --- today ------------------------------------------------------------------------ */

static enum err count_tasks(struct db *db, const struct work_who *who, date_t day, struct arena *a,
                            struct today *t)
{
	struct stmt *s = db_stmt(db, STMT_today_tasks);
	stmt_bind_int(s, 2, day);
	stmt_bind_int(s, 3, who->account);
	stmt_bind_text(s, 4, who->unit && who->unit[0] ? who->unit : NULL);
	stmt_bind_text(s, 5, work_villages(who, a));
	if (stmt_row(s)) {
		t->tasks = stmt_int(s, 0);
		t->to_acknowledge = stmt_int(s, 1);
		t->returned = stmt_int(s, 2);
		t->overdue = stmt_int(s, 3);
	}
	return stmt_end(s);
}

static enum err count_to_check(struct db *db, const struct work_who *who, date_t day,
                               struct today *t)
{
	struct stmt *s = db_stmt(db, STMT_today_to_check);
	stmt_bind_int(s, 2, who->manages);
	stmt_bind_int(s, 3, who->account);
	stmt_bind_int(s, 4, day);
	if (stmt_row(s)) {
		t->to_check = stmt_int(s, 0);
		t->to_check_overdue = stmt_int(s, 1);
	}
	return stmt_end(s);
}

static enum err count_requests(struct db *db, const struct work_who *who, date_t day,
                               struct today *t)
{
	struct stmt *s = db_stmt(db, STMT_today_requests);
	stmt_bind_int(s, 2, who->manages);
	stmt_bind_int(s, 3, who->account);
	stmt_bind_text(s, 4, who->unit && who->unit[0] ? who->unit : NULL);
	stmt_bind_int(s, 5, day);
	if (stmt_row(s)) {
		t->requests = stmt_int(s, 0);
		t->requests_overdue = stmt_int(s, 1);
	}
	return stmt_end(s);
}

static enum err count_findings(struct db *db, const struct work_who *who, bool reviews, date_t day,
                               struct today *t)
{
	struct stmt *s = db_stmt(db, STMT_today_findings);
	stmt_bind_text(s, 2, who->login);
	stmt_bind_int(s, 3, day);
	if (stmt_row(s)) {
		t->findings = stmt_int(s, 0);
		t->findings_returned = stmt_int(s, 1);
		t->findings_overdue = stmt_int(s, 2);
	}
	enum err e = stmt_end(s);
	if (e || !reviews)
		return e;
	s = db_stmt(db, STMT_today_to_review);
	stmt_bind_text(s, 2, who->login);
	return stmt_one_int(s, 0, &t->to_review);
}

enum err today_counts(struct db *db, const struct work_who *who, bool reviews, date_t day,
                      struct arena *a, struct today *ret)
{
	struct today t = {0};
	enum err e = count_tasks(db, who, day, a, &t);
	if (!e)
		e = count_to_check(db, who, day, &t);
	if (!e)
		e = count_requests(db, who, day, &t);
	if (!e)
		e = count_findings(db, who, reviews, day, &t);
	if (!e)
		e = policy_unread(db, who->account, day, &t.unread);
	if (!e)
		*ret = t;
	return e;
}

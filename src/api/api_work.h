/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_work: what the routes of meetings, tasks, duties, policies and Today share. */
#ifndef DAOHU_API_API_WORK_H
#define DAOHU_API_API_WORK_H

#include "api/subjects.h"
#include "work/sheet.h"

enum { WORK_PAGE = 100, WORK_PAGE_MAX = 500 };

/* Who asks, as src/work understands it: who sees meetings sees everybody's work, who may edit
 * tasks manages it; villages are those of a village's own people. */
struct work_who rq_who(struct request *rq);

/* Inputs that many routes have. */
#define IN_NO                                                                                      \
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,                   \
	 .label = TEXT("编号", "number")}
#define IN_LIMIT                                                                                   \
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = WORK_PAGE_MAX,                \
	 .label = TEXT("条数", "how many")}
#define IN_AFTER                                                                                   \
	{.name = "after", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 60,                          \
	 .label = TEXT("从此之后", "cursor")}
#define IN_EVENT_DATE                                                                              \
	{.name = "event_date", .in = NET_BODY, .kind = FIELD_DATE,                                 \
	 .label = TEXT("发生日期", "date of the event")}
#define IN_REASON                                                                                  \
	{.name = "reason", .in = NET_BODY, .kind = FIELD_TEXT, .max = 500,                         \
	 .label = TEXT("事由", "reason")}
#define IN_COUNT(table) (sizeof(table) / sizeof(*(table)))

int64_t rq_limit(const struct request *rq, size_t i);
/* A cursor is two numbers, "20180114.17". INVALID (input "after") when it is none. */
MUST_USE enum err rq_cursor(struct request *rq, size_t i, int64_t *ret_a, int64_t *ret_b);
const char *rq_cursor_make(struct request *rq, int64_t x, int64_t y);
/* i_date, i_reason: places of the inputs; SIZE_MAX when the route has none. */
struct api_entry rq_entry(const struct request *rq, const char *command, size_t i_date,
                          size_t i_reason);
/* Members of a record of src/work: whoever may list it sees it whole, but for phones. */
void rq_record(struct request *rq, const struct record_desc *d, const void *rec);
/* "files": what hangs on a record of this table. */
MUST_USE enum err rq_files(struct request *rq, const char *tbl, int64_t no);
/* May the user see this task? */
bool rq_sees_task(struct request *rq, int64_t no);
/* One task of a list, as an object. */
void rq_task(struct request *rq, const struct task_row *row, const struct work_who *who);

#endif

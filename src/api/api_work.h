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

/* A page of a list in the order of two numbers (a date and the record's number): behind which
 * row it begins, 0 and 0 for the first, and how many rows it may have. */
struct work_page {
	int64_t after, after_no, limit;
};
/* From the inputs IN_AFTER at place i and IN_LIMIT behind it.  INVALID (input "after") when
 * the cursor is none. */
MUST_USE enum err rq_page(struct request *rq, size_t i, struct work_page *ret);
/* Ends n rows: with the cursor of the last one, given by its two numbers, when there may be more. */
void rq_page_end(struct request *rq, const struct work_page *p, size_t n, int64_t last,
                 int64_t last_no);

/* A record that comes as {"fields": …, "event_date", "reason"}. */
extern const struct net_field work_add_in[2]; /* event_date, reason */
extern const struct net_field work_put_in[3]; /* no, event_date, reason */
/* Files that come for one. */
extern const struct net_field work_file_in[2]; /* no, note */
enum { ADD_EVENT_DATE, ADD_REASON };
enum { PUT_NO, PUT_EVENT_DATE, PUT_REASON };
enum { FILE_NO, FILE_NOTE };
struct work_write {
	const struct record_desc *desc;
	const char *command;
	size_t i_date;    /* place of the event date among the inputs; the reason is behind it */
	void *rec;        /* lies in what arg is */
	/* Of the fields as they came, before they are written; NULL: nothing. */
	enum err (*check)(struct request *rq, void *rec);
	api_write_fn fn;
	void *arg;
	enum err (*answer)(struct request *rq, int64_t no);
	const int64_t *no; /* for the answer; NULL: the record's own */
};
/* A new one: fields, check, fn in an entry, 201, answer. */
MUST_USE enum err rq_work_add(struct request *rq, const struct work_write *w);
/* One that the caller has read into rec: its version, then the same, 200.  fn looks for faults before
 * it writes (api_entry.single). */
MUST_USE enum err rq_work_put(struct request *rq, const struct work_write *w);
/* i_date, i_reason: places of the inputs; SIZE_MAX when the route has none. */
struct api_entry rq_entry(const struct request *rq, const char *command, size_t i_date,
                          size_t i_reason);
/* Members of a record of src/work: whoever may list it sees it whole, but for phones. */
void rq_record(struct request *rq, const struct record_desc *d, const void *rec);
/* "files": what hangs on a record of this table. */
MUST_USE enum err rq_files(struct request *rq, const char *tbl, int64_t no);
/* Hangs the files that came on a record of this table, by the inputs work_file_in; answers with them. */
MUST_USE enum err rq_attach(struct request *rq, const char *tbl, int64_t no);
/* May the user see this task? */
bool rq_sees_task(struct request *rq, int64_t no);
/* One task of a list, as an object. */
void rq_task(struct request *rq, const struct task_row *row, const struct work_who *who);

#endif

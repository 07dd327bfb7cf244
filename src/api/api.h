/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * api: what the browser asks: routes, one file a subject (api_finding.c …), and what
 * every handler is handed.
 *
 * A handler reads with rq_db(), which is the thread's own reading handle, already
 * narrowed to what the user may see (db_scope): a statement that touches households,
 * people or what hangs on them carries {scope …} and cannot be prepared without.
 * It writes with api_write(), which runs a function in the one writer's thread inside a
 * journal entry that names the user.  Decisions are made in the domain modules; a handler
 * maps inputs to a call and the result to JSON.
 */
#ifndef DAOHU_API_API_H
#define DAOHU_API_API_H

#include "account/account.h"
#include "account/permission.h"
#include "area/area.h"
#include "db/db.h"
#include "journal/journal.h"
#include "net/net.h"
#include "pack/pack.h"

/* One a server; opts.app of net. */
struct api {
	const char *dir;              /* data folder */
	const char *root;             /* area code it works for */
	int zone;                     /* minutes east of UTC */
	const struct pack *pack;
	const struct area_list *areas;
	struct db_writer *writer;
	struct journal *journal;      /* the writer's; only inside api_write */
	struct snapshots *snapshots;  /* snapshot.h: the town as last checked */
	struct jobs *jobs;            /* job.h */
	const char *pack_entry;       /* "cn-2018 2018.1", for entries */
	struct str pack_hash;
};

/* Who asks: set by admit. */
struct api_user {
	int64_t account;              /* number of the record */
	const char *login, *name, *role, *unit;
	uint64_t permissions;         /* bits of enum permission */
	struct db_scope scope;
	unsigned max_class;           /* highest privacy class that is shown (field.h) */
	const char *csrf;
};

static inline const struct api *rq_api(const struct request *rq)
{
	return rq->app;
}
static inline const struct api_user *rq_user(const struct request *rq)
{
	return rq->user;
}
struct db *rq_db(struct request *rq);           /* scoped; the thread's */
struct journal *rq_journal(struct request *rq); /* the thread's, for reading: history, sealed values */
date_t rq_today(const struct request *rq);
/* May the user see this village, this household?  For what is not read by a scoped statement. */
bool rq_sees_village(struct request *rq, const char *village);
MUST_USE enum err rq_sees_household(struct request *rq, int64_t no); /* else UNKNOWN_… (404), never 403 */

/* What an entry says beside who: reason and event date of the request. */
struct api_entry {
	const char *command; /* "finding assign" */
	const char *reason;
	date_t event_date;   /* 0: today */
};
typedef enum err (*api_write_fn)(struct journal *j, void *arg);
/* Runs fn in the writer's thread in a journal entry; durable when it returns OK. */
MUST_USE enum err api_write(struct request *rq, const struct api_entry *entry, api_write_fn fn,
                            void *arg);

/* The tables, ended by NULL: what net is started with. */
extern const struct route *const api_routes[];

#endif

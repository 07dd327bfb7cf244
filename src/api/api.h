/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * api: what the browser asks: routes, one file a subject (api_finding.c …), and what
 * every handler is handed.
 *
 * A handler reads with rq_db(), which is the thread's own reading handle, already
 * narrowed to what the user may see (db_scope): a statement that touches households,
 * people or what hangs on them carries {scope …} and cannot be prepared without.
 * It writes with api_write(), which has the one writer run a function inside a
 * journal entry that names the user.  Decisions are made in the domain modules; a handler
 * maps inputs to a call and the result to JSON.
 *
 * A new subject: api_x.c with its handlers and `const struct route api_x_routes[]`, one
 * line in routes.c, its answers' shapes in schemas.c.
 */
#ifndef DAOHU_API_API_H
#define DAOHU_API_API_H

#include <stdatomic.h>

#include "account/account.h"
#include "account/permission.h"
#include "area/area.h"
#include "db/db.h"
#include "journal/journal.h"
#include "net/net.h"
#include "pack/pack.h"

#define API "/api/v1"

struct users;
struct snapshots;
struct jobs;

/* What cmd_serve hands over; all of it is lent and outlives the server. */
struct api_opts {
	const char *dir;              /* data folder */
	const char *root;             /* area code it works for */
	const char *version;
	struct calendar calendar;
	const struct pack *pack;
	const struct area_list *areas;
	const struct keys *keys;
	struct db *db;                /* the writer's handle: nobody else's while it runs */
	struct journal *journal;      /* on it */
	const struct record_desc *const *tables;
	size_t n_tables;
	bool https;                   /* cookies are Secure */
	void (*log)(const char *line); /* one JSON object a line */
};

/* One a server; opts.app of net. */
struct api {
	struct api_opts o;
	const char *dir, *root;       /* as in o */
	struct calendar calendar;
	const struct pack *pack;
	const struct area_list *areas;
	struct db_writer *writer;
	struct db_host *host;         /* commands that write beside us */
	struct db_warm *warm;         /* reads the file once; may be NULL */
	atomic_uint guests;           /* how many turns they had */
	struct users *users;          /* user.c: who is signed in */
	struct snapshots *snapshots;  /* snapshot.h: the town as last checked */
	struct jobs *jobs;            /* job.h */
	const char *pack_entry;       /* "cn-2018 2018.1", for entries */
	struct str pack_hash;
	int64_t started_ms;
	struct arena a;
};

MUST_USE enum err api_begin(const struct api_opts *o, struct diag *diag, struct api **ret);
void api_end(struct api *api); /* after net_stop; NULL is fine */
/* The hooks net is started with. */
extern const struct net_hooks api_hooks;
/* The tables, ended by NULL: what net is started with. */
extern const struct route *const api_routes[];
size_t api_routes_n(void);

/* Who asks: set by admit. */
struct api_user {
	int64_t account;              /* number of the record */
	const char *login, *name, *role, *unit, *helper;
	uint64_t permissions;         /* permission_has() */
	struct db_scope scope;
	unsigned max_class;           /* highest privacy class that is shown (field.h) */
	bool must_change;             /* may only change the password */
	const char *csrf;
	const unsigned char *session; /* hash of the token */
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
date_t rq_today(const struct request *rq); /* by the calendar */
/* May the user see this village, this household?  For what is not read by a scoped statement. */
bool rq_sees_village(const struct request *rq, const char *village);
MUST_USE enum err rq_sees_household(struct request *rq, int64_t no); /* NOT_FOUND, never FORBIDDEN */
/* CONFLICT when If-Match was sent and is another version; call it before writing. */
MUST_USE enum err rq_check_version(struct request *rq, const struct record_desc *d, const void *rec);

/* --- people -------------------------------------------------------------------------- */

/* How whoever the login belongs to is called; NULL when it is nobody's, as names are that came
 * from paper.  Who may read the one may read the other. */
const char *rq_name_of(struct request *rq, const char *login, struct arena *a);
/* A login, and as `<name>_name` that name. */
void rq_login_member(struct request *rq, const char *name, const char *login);
/* Who asks, as it stands on what he prints: 王志远（bangong）; of a practice folder that it is one. */
const char *rq_made_by(struct request *rq);
/* A record's members up to the user's class or `max_class`, names of logins (F_LOGIN) beside them. */
void rq_record_members(struct request *rq, const struct record_desc *d, const void *rec,
                       unsigned max_class);

/* What an entry says beside who: reason and event date of the request. */
struct api_entry {
	const char *command; /* "finding assign" */
	const char *reason;
	date_t event_date;   /* 0: today */
	const char *source_file; /* what was handed in, and its SHA-256; or none */
	struct str source_hash;
	bool single;         /* fn looks for faults before it writes: db_writer_single() */
};
typedef enum err (*api_write_fn)(struct journal *j, void *arg);
/* The writer runs fn in a journal entry, its handle narrowed as the user's;
 * durable when it returns OK.  Memory from the request's arena is fine in fn. */
MUST_USE enum err api_write(struct request *rq, const struct api_entry *entry, api_write_fn fn,
                            void *arg);
/* Seeing full values is an act that stays on record, before they are shown: which, and why. */
MUST_USE enum err api_note_reveal(struct request *rq, const char *what, const char *reason);

/* --- lists ------------------------------------------------------------------------ */

/* {"rows":[ … ],"next":…}: begin, one json_object a row, end with the cursor of the last
 * row when there may be more (NULL: that was all). */
void api_rows_begin(struct request *rq);
void api_rows_end(struct request *rq, const char *next);

/* --- files for one answer ----------------------------------------------------------- */

/* A new empty file under the server's temporary folder; its name ends with `end`.  The
 * caller unlinks it, or leaves that to rq_file. */
MUST_USE enum err api_temp_file(struct request *rq, const char *end, char **ret);

/* --- the server's inside, for cmd_serve and the other files here -------------------- */

/* A reading handle of one thread. */
struct api_thread {
	struct api *api;
	struct diag diag;
	struct db *db;
	struct journal *j;
	unsigned guests;              /* api->guests when it last looked */
};
/* NULL when it cannot be opened. */
struct api_thread *api_thread_begin(struct api *api);
/* Before it reads: persons' keys it has are forgotten when a command wrote beside us. */
void api_thread_look(struct api_thread *t);
void api_thread_end(struct api_thread *t);

/* The search index, in pieces of DB_PIECE_MS; after whatever changes much. */
MUST_USE enum err api_search_catch_up(const struct api *api, struct diag *diag);

/* Something was written: who may see what, and the town, are looked at anew. */
void api_changed(const struct api *api);

/* In the writer, as `user` or (NULL) as the server itself. */
struct api_writing {
	const struct api *api;
	const struct api_user *user;
	const struct api_entry *entry;
	struct arena *a; /* whose overflow ends fn; NULL: none */
	api_write_fn fn;
	void *arg;
};
MUST_USE enum err api_write_as(const struct api_writing *w, struct diag *diag);

/* user.c */
MUST_USE enum err users_begin(struct api *api, struct diag *diag);
void users_end(struct api *api);
enum err users_admit(struct request *rq);
void users_release(const struct api_user *user); /* NULL is fine */
void users_forget(const struct api *api);        /* everybody is looked up anew */
MUST_USE enum err users_flush(const struct api *api, struct diag *diag); /* last_seen to the database */

/* openapi.c */
void openapi_json(const char *version, struct buf *out);
void routes_md(enum lang lang, struct buf *out);
void routes_json(struct buf *out);
/* Every answer a route names is known, every permission too. */
MUST_USE enum err openapi_check(struct diag *diag);

#endif

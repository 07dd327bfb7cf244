/* SPDX-License-Identifier: AGPL-3.0-or-later */
#define LATE_DEFINE
#include "db/pg.h"

#include <stdio.h>

#include "base/date.h"

#include "base/banned.h"

enum {
	OPEN_PATIENCE_MS = 4000, /* to reach a server that may be starting, or not be there */
	PROMPT_MS = 1500,
	LOCK_POLL_MS = 100,
	LOCK_GRACE_MS = 1000 /* who was killed has it until the server notices */
};

static struct pg *own(struct engine *e)
{
	return (struct pg *)e;
}

/* --- what went wrong ------------------------------------------------------ */

static enum err err_of(const char *state)
{
	static const struct {
		const char *state; /* or the class it begins with */
		enum err err;
	} known[] = {
		{"23", ERR_CONFLICT},     {"40", ERR_LOCKED}, /* serialization, deadlock */
		{"55P03", ERR_LOCKED},    {"53100", ERR_DISK_FULL},
		{"53200", ERR_NO_MEMORY}, {"53", ERR_RESOURCE}, {"57014", ERR_INTERRUPTED},
		{"57P", ERR_DB_LOST}, /* it shuts down, or was told to end us */
		{"58", ERR_IO},           {"25006", ERR_IO}, /* read only */
		{"22021", ERR_INVALID},                      /* not UTF-8, or a NUL */
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(state, known[i].state, strlen(known[i].state)) == 0)
			return known[i].err;
	}
	return ERR_DB;
}

void pg_one_line(char *text)
{
	size_t n = 0;
	for (const char *p = text; *p; p++) {
		bool space = *p == '\n' || *p == '\t' || *p == ' ';
		if (!space)
			text[n++] = *p;
		else if (n && text[n - 1] != ' ')
			text[n++] = ' ';
	}
	while (n && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
}

void pg_note(struct pg *e, const PGresult *r)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *text = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *more = r ? PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME) : NULL;
	bool lost = PQstatus(e->c) == CONNECTION_BAD;
	if (!text)
		text = PQerrorMessage(e->c);
	if (e->failed) /* the first is the cause */
		return;
	e->failed = true;
	e->fault = lost ? ERR_DB_LOST : state ? err_of(state) : ERR_DB;
	if (e->gone)
		text = "no answer from the server";
	(void)snprintf(e->fault_text, sizeof(e->fault_text), "%.400s%s%.60s", text, more ? " " : "",
		       more ? more : "");
	pg_one_line(e->fault_text);
}

static enum err fault(struct engine *base, const char *what, struct diag *diag)
{
	struct pg *e = own(base);
	enum err err = e->fault ? e->fault : ERR_DB;
	if (err == ERR_DB_LOST || err == ERR_DB_AWAY) /* what was being done says nothing of it */
		return diag_set(diag, err, "%s", e->fault_text);
	return diag_set(diag, err, "%s: %s", what, e->fault_text);
}

/* --- open and close -------------------------------------------------------- */

static char *copy_of(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = base_calloc(n, 1);
	memcpy(p, s, n);
	return p;
}

enum err pg_open(const char *url, enum db_mode mode, bool prompt, struct diag *diag, struct engine **ret)
{
	enum err e = late_load(&pg_calls_library, diag);
	if (!e)
		e = pg_url_check(url, diag);
	if (e)
		return e;
	struct pg *pg = base_calloc(1, sizeof(*pg));
	pg->base = (struct engine){&pg_ops, DB_PG};
	pg->url = copy_of(url);
	pg->mode = mode;
	pg->prompt = prompt;
	pg->patience_ms = prompt ? PROMPT_MS : PG_PATIENCE_MS;
	pg->watch = pg_watch_get(url);
	pg->opening = monotonic_ms();
	if (!pg_connect(pg, mode == DB_CREATE ? 0 : prompt ? PROMPT_MS : OPEN_PATIENCE_MS)) {
		e = fault(&pg->base, "postgresql", diag);
		engine_close(&pg->base);
		return e;
	}
	pg->opening = 0;
	if (mode == DB_SERVE) /* that it is there when it is needed */
		pg_watch_ask(pg->watch);
	*ret = &pg->base;
	return OK;
}

static void close_connection(struct engine *base)
{
	struct pg *e = own(base);
	if (e->county && PQstatus(e->c) == CONNECTION_OK) /* at once, for who comes next */
		(void)pg_run(e, "SELECT pg_advisory_unlock_all()", NULL, NULL, 0);
	PQfinish(e->c);
	pg_watch_put(e->watch);
	base_free(e->county);
	base_free(e->host_of);
	base_free(e->url);
	base_free(e);
}

/* --- short statements of our own ------------------------------------------ */

bool pg_run(struct pg *e, const char *sql, const char *param, char *ret, size_t size)
{
	const char *values[] = {param};
	if (!pg_settle(e))
		return false;
	PGresult *r = pg_last(e, param ? PQsendQueryParams(e->c, sql, 1, NULL, values, NULL, NULL, 0)
				       : PQsendQuery(e->c, sql));
	ExecStatusType status = PQresultStatus(r);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	if (!ok)
		pg_note(e, r);
	if (ret) {
		bool there = ok && PQntuples(r) > 0 && !PQgetisnull(r, 0, 0);
		(void)snprintf(ret, size, "%s", there ? PQgetvalue(r, 0, 0) : "");
	}
	PQclear(r);
	return ok;
}

static enum err exec(struct engine *base, const char *sql, struct diag *diag)
{
	struct pg *e = own(base);
	/* what undoes a failure is run in spite of it */
	bool undoes = strncmp(sql, "ROLLBACK", 8) == 0, whole = strcmp(sql, "ROLLBACK") == 0;
	if (whole && !pg_in_transaction(e)) { /* it went with the connection */
		e->undone = false;
		return OK;
	}
	if (!undoes && pg_stuck(e))
		return fault(base, "postgresql", diag);
	(void)pg_settle(e);
	if (undoes || !pg_in_transaction(e))
		e->failed = false;
	bool ok = pg_ready(e) && pg_run(e, sql, NULL, NULL, 0);
	if (whole)
		e->in_transaction = false;
	return ok ? OK : fault(base, "postgresql", diag);
}

/* --- the county's lease ---------------------------------------------------- */

#define LOCK_KEY "hashtextextended('daohu ' || current_schema() || ' ' || $1, 0)"

static bool try_lock(struct pg *e, const char *county, bool *ret_mine)
{
	char yes[8];
	bool ok = pg_run(e, "SELECT pg_try_advisory_lock(" LOCK_KEY ")", county, yes, sizeof(yes));
	*ret_mine = ok && yes[0] == 't';
	return ok;
}

#define HOST "daohu server" /* as who serves names itself */

#define LOCK_HOLDERS \
	" FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid" \
	" WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1" \
	" AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())" \
	" AND (l.classid::bigint << 32 | l.objid::bigint) = " LOCK_KEY

/* Who has it, as it named itself. */
static bool lock_holder(struct pg *e, const char *county, char *out, size_t size)
{
	return pg_run(e, "SELECT coalesce(max(a.application_name), '')" LOCK_HOLDERS, county, out, size);
}

/* A guest of whoever had the lease before may be in its turn still: each of its transactions holds a
 * lock of its own. */
enum { TURN_KEY = 80 };

static void turn_key(const char *county, char ret[TURN_KEY])
{
	(void)snprintf(ret, TURN_KEY, "%.60s turn", county);
}

static enum err wait_for_turn(struct pg *e, const char *county, struct diag *diag)
{
	char key[TURN_KEY];
	bool free = false;
	turn_key(county, key);
	for (int waited = 0; waited <= PG_PATIENCE_MS; waited += LOCK_POLL_MS) {
		if (!try_lock(e, key, &free))
			return fault(&e->base, "lock", diag);
		if (free)
			return pg_run(e, "SELECT pg_advisory_unlock(" LOCK_KEY ")", key, NULL, 0)
				       ? OK
				       : fault(&e->base, "lock", diag);
		pg_sleep_ms(LOCK_POLL_MS);
	}
	return diag_set(diag, ERR_LOCKED, "%s: ?", county);
}

static enum err wait_for_lock(struct pg *e, const char *county, int wait_s,
			      const struct pg_waiting *waiting, struct diag *diag)
{
	char holder[100];
	bool mine = false, told = !waiting || !waiting->fn || !wait_s;
	for (int waited = 0;; waited += LOCK_POLL_MS) {
		if (!try_lock(e, county, &mine) ||
		    (!mine && !lock_holder(e, county, holder, sizeof(holder))))
			return fault(&e->base, "lock", diag);
		if (mine)
			return OK;
		bool late = waited >= LOCK_GRACE_MS;
		bool serves = strncmp(holder, HOST, strlen(HOST)) == 0;
		if (late && (serves || waited >= wait_s * 1000))
			return diag_set(diag, ERR_LOCKED, "%s: %s", county,
					holder[0] ? holder : "?");
		if (late && !told)
			waiting->fn(waiting->arg, holder);
		told = told || late;
		pg_sleep_ms(LOCK_POLL_MS);
	}
}

enum err pg_lock_county(struct engine *base, const char *county, int wait_s,
			const struct pg_waiting *waiting, struct diag *diag)
{
	struct pg *e = own(base);
	char epoch[32];
	int64_t number = 0;
	enum err err = wait_for_lock(e, county, wait_s, waiting, diag);
	if (!err)
		err = wait_for_turn(e, county, diag);
	if (err)
		return err;
	/* A number of its own for each who had it: after a lost connection it tells
	 * whether somebody has written in between. */
	if (!pg_run(e,
		    "INSERT INTO counter (county, name, next) VALUES ($1, '(lease)', 1)"
		    " ON CONFLICT (county, name) DO UPDATE SET next = counter.next + 1"
		    " RETURNING next",
		    county, epoch, sizeof(epoch)))
		return fault(base, "lock", diag);
	if (!str_to_int(str_c(epoch), &number))
		return diag_set(diag, ERR_DB, "lock: %s", epoch);
	e->county = copy_of(county);
	e->epoch = number;
	e->leased_by = PQbackendPID(e->c);
	return OK;
}

/* A server that nobody told of the loss keeps our old connection, and with it the lease, for as long
 * as its own system waits: it is told. */
static bool end_former(struct pg *e)
{
	char sql[800];
	(void)snprintf(sql, sizeof(sql),
		       "SELECT max(pg_terminate_backend(a.pid)::int)" LOCK_HOLDERS
		       " AND a.pid = %d AND a.application_name ="
		       " (SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid())",
		       e->leased_by);
	return pg_run(e, sql, e->county, NULL, 0);
}

/* The lease again, after the connection was lost. */
static bool lock_again(struct pg *e)
{
	char epoch[32];
	int64_t now = 0, until = monotonic_ms() + PG_PATIENCE_MS;
	bool mine = false, ok;
	if (!e->county)
		return true;
	while ((ok = try_lock(e, e->county, &mine)) && !mine && monotonic_ms() < until) {
		if (!end_former(e))
			return false;
		pg_sleep_ms(LOCK_POLL_MS);
	}
	if (!ok)
		return false;
	e->leased_by = PQbackendPID(e->c);
	if (mine && !pg_run(e, "SELECT next FROM counter WHERE county = $1 AND name = '(lease)'",
			    e->county, epoch, sizeof(epoch)))
		return false;
	if (mine && str_to_int(str_c(epoch), &now) && now == e->epoch)
		return true;
	pg_note(e, NULL);
	e->fault = ERR_LOCKED;
	(void)snprintf(e->fault_text, sizeof(e->fault_text),
		       "%s: the connection was lost, and another process writes", e->county);
	PQfinish(e->c); /* and so at every attempt from now on */
	e->c = NULL;
	atomic_store(&e->lost, true);
	return false;
}

void pg_be_guest(struct engine *base, const char *county)
{
	own(base)->host_of = copy_of(county);
}

/* Within a guest's transaction: nobody takes the county from its host until it has ended, and it is
 * the host's still. */
static bool take_turn(struct pg *e)
{
	char key[TURN_KEY], holder[100];
	turn_key(e->host_of, key);
	if (!pg_run(e, "SELECT pg_advisory_xact_lock(" LOCK_KEY ")", key, NULL, 0) ||
	    !lock_holder(e, e->host_of, holder, sizeof(holder)))
		return false;
	if (strncmp(holder, HOST, strlen(HOST)) == 0)
		return true;
	e->failed = true;
	e->fault = ERR_LOCKED;
	(void)snprintf(e->fault_text, sizeof(e->fault_text), "%s: %s", e->host_of, holder[0] ? holder : "?");
	return false;
}

bool pg_lost(const struct engine *base)
{
	return atomic_load(&((const struct pg *)base)->lost);
}

enum err pg_lock_schema(struct engine *base, struct diag *diag)
{
	bool ok = pg_run(own(base), "SELECT pg_advisory_xact_lock(" LOCK_KEY ")", "(schema)", NULL,
			 0);
	return ok ? OK : fault(base, "lock", diag);
}

bool pg_in_transaction(struct pg *e)
{
	if (PQstatus(e->c) != CONNECTION_OK) { /* the server undoes it */
		e->undone = e->undone || e->in_transaction;
		e->in_transaction = false;
	}
	return e->in_transaction;
}

bool pg_stuck(struct pg *e)
{
	return (pg_in_transaction(e) && e->failed) || e->undone;
}

bool pg_ready(struct pg *e)
{
	/* Of a connection that has seen an outage only one side may be left. */
	bool stale = e->outages != pg_watch_outages(e->watch) && !e->reading && !e->syncs;
	if (pg_in_transaction(e) || (PQstatus(e->c) == CONNECTION_OK && !stale))
		return true;
	if (e->undone)
		return false;
	e->failed = false;
	return pg_connect(e, e->patience_ms) && lock_again(e);
}

/* --- transactions --------------------------------------------------------- */

static enum err begin(struct engine *base, bool write, struct diag *diag)
{
	struct pg *e = own(base);
	const char *sql = write ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
	bool ok = false;
	if (write && e->mode == DB_READ)
		return diag_set(diag, ERR_IO, "the database was opened for reading");
	(void)pg_settle(e);
	(void)pg_in_transaction(e);
	e->undone = false;
	/* A connection that broke while nobody used it tells only now. */
	for (int attempt = 0; !ok && attempt < 2; attempt++) {
		e->failed = false;
		if (!pg_ready(e))
			break;
		ok = pg_run(e, sql, NULL, NULL, 0);
		if (!ok && PQstatus(e->c) == CONNECTION_OK)
			break;
	}
	e->in_transaction = ok;
	if (ok && write && e->host_of && !take_turn(e)) {
		e->failed = false;
		(void)pg_run(e, "ROLLBACK", NULL, NULL, 0);
		e->failed = true;
		e->in_transaction = ok = false;
	}
	return ok ? OK : fault(base, "begin", diag);
}

static enum err not_known(const struct pg *e, const char *what, struct diag *diag)
{
	return diag_set(diag, ERR_DB, "commit: %s, and it is not known whether it was written: %s", what,
			e->fault_text);
}

/* The connection broke at the commit: was it made?  The server knows. */
static enum err ask_commit(struct pg *e, const char *xid, struct diag *diag)
{
	char state[32] = "";
	int64_t until = monotonic_ms() + PG_PATIENCE_MS;
	e->in_transaction = e->undone = false; /* how it ended is what is asked */
	do {
		e->failed = false;
		if (!pg_ready(e) ||
		    !pg_run(e, "SELECT pg_xact_status($1::text::xid8)", xid, state, sizeof(state)))
			break;
		if (strcmp(state, "in progress") != 0)
			break;
		pg_sleep_ms(LOCK_POLL_MS);
	} while (monotonic_ms() < until);
	if (strcmp(state, "committed") == 0)
		return OK;
	if (strcmp(state, "aborted") == 0)
		return diag_set(diag, ERR_DB_LOST, "commit");
	return not_known(e, "the connection was lost", diag);
}

static enum err commit(struct engine *base, struct diag *diag)
{
	struct pg *e = own(base);
	char xid[32];
	if (!e->in_transaction || !pg_settle(e) ||
	    !pg_run(e, "SELECT pg_current_xact_id_if_assigned()", NULL, xid, sizeof(xid)))
		return fault(base, "commit", diag);
	PGresult *r = pg_last(e, PQsendQuery(e->c, "COMMIT"));
	bool answered = PQresultStatus(r) == PGRES_COMMAND_OK;
	bool ok = answered && strcmp(PQcmdStatus(r), "COMMIT") == 0; /* or ROLLBACK */
	if (!ok)
		pg_note(e, r);
	PQclear(r);
	if (ok)
		e->in_transaction = false;
	else if (!answered && e->distributed) /* a worker may have committed before the coordinator failed */
		return not_known(e, "the cluster did not confirm it", diag);
	else if (PQstatus(e->c) != CONNECTION_OK && xid[0])
		return ask_commit(e, xid, diag);
	return ok ? OK : fault(base, "commit", diag);
}

static bool in_transaction(struct engine *e)
{
	return pg_in_transaction(own(e));
}

static int64_t changes(struct engine *e)
{
	return own(e)->changes;
}

/* --- the rest ------------------------------------------------------------- */

static bool has_table(struct engine *base, const char *table)
{
	char yes[8] = "";
	struct pg *e = own(base);
	return pg_ready(e) &&
	       pg_run(e, "SELECT to_regclass(quote_ident($1)) IS NOT NULL", table, yes,
		      sizeof(yes)) &&
	       yes[0] == 't';
}

static enum err bulk(struct engine *base, bool on, struct diag *diag)
{
	struct pg *e = own(base);
	e->bulk = on;
	if (on || e->in_transaction || e->distributed) /* there autovacuum does it: it would be all counties' shards */
		return OK;
	/* What was loaded has changed what the planner must know; where another load does
	 * the same, that does. */
	(void)pg_settle(e);
	e->failed = false;
	char sql[8192];
	bool ok = pg_ready(e) &&
		  pg_run(e,
			 "SELECT 'ANALYZE (SKIP_LOCKED) ' || string_agg(quote_ident(relname), ', ')"
			 " FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
			 " AND relkind IN ('r', 'p') AND pg_has_role(relowner, 'USAGE')",
			 NULL, sql, sizeof(sql)) &&
		  pg_run(e, sql, NULL, NULL, 0);
	return ok ? OK : fault(base, "analyze", diag);
}

/* The server answers a commit when it is on its disk. */
static enum err sync_log(struct engine *base, struct diag *diag)
{
	(void)base;
	(void)diag;
	return OK;
}

static void leave_log(struct engine *base, bool on)
{
	(void)base;
	(void)on;
}

static bool log_grown(struct engine *base)
{
	(void)base;
	return false;
}

static void fold_rest(struct engine *base)
{
	(void)base;
}

/* A server keeps its own log; what was overwritten goes with VACUUM and its log. */
static enum err flush(struct engine *base, struct diag *diag)
{
	(void)base;
	(void)diag;
	return OK;
}

static enum err copy(struct engine *base, const char *path, struct diag *diag)
{
	(void)base;
	return diag_set(diag, ERR_UNSUPPORTED, "%s", path);
}

static enum err table_columns(struct engine *base, const char *table, struct diag *diag,
			      struct engine_column *ret, size_t max, size_t *ret_n)
{
	static const char sql[] =
		"SELECT a.attname, a.atttypid::bigint, a.attnotnull,"
		" coalesce(array_position(i.indkey::int2[], a.attnum), -1)"
		" FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid"
		" AND i.indisprimary WHERE a.attrelid = to_regclass(quote_ident($1))"
		" AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
	struct engine_stmt *s;
	enum err err = pg_prepare(base, sql, diag, &s);
	if (err)
		return err;
	size_t n = 0;
	enum engine_step code = ENGINE_DONE;
	(void)pg_bind_text(s, 1, str_c(table));
	while (n < max && (code = pg_step(s)) == ENGINE_ROW) {
		struct str name = pg_get_text(s, 0);
		int64_t type = pg_get_int(s, 1);
		struct engine_column *c = &ret[n++];
		*c = (struct engine_column){
			.stored = type == PG_INT8    ? FIELD_INT
				  : type == PG_BYTEA ? FIELD_BLOB
						     : FIELD_TEXT,
			.not_null = pg_get_int(s, 2) != 0,
			.key = (int)pg_get_int(s, 3) + 1, /* int2vector counts from 0 */
		};
		memcpy(c->name, name.p, name.n < sizeof(c->name) ? name.n : sizeof(c->name) - 1);
	}
	if (code == ENGINE_FAILED)
		err = fault(base, table, diag);
	pg_finalize(s);
	if (!err)
		*ret_n = n;
	return err;
}

static enum err size(struct engine *base, struct diag *diag, int64_t *ret_data, int64_t *ret_log)
{
	static const char here[] = "SELECT pg_database_size(current_database())";
	static const char everywhere[] =
		"SELECT coalesce(sum(citus_total_relation_size(p.logicalrelid)), 0)::bigint"
		" + pg_database_size(current_database()) FROM pg_dist_partition p";
	struct pg *e = own(base);
	char text[32];
	e->failed = e->failed && e->in_transaction;
	if (!pg_ready(e) ||
	    !pg_run(e, e->distributed ? everywhere : here, NULL, text, sizeof(text)))
		return fault(base, "size", diag);
	*ret_log = 0; /* the server's, not one database's */
	return str_to_int(str_c(text), ret_data) ? OK : diag_set(diag, ERR_DB, "%s", text);
}

const struct engine_ops pg_ops = {
	.close = close_connection,
	.exec = exec,
	.begin = begin,
	.commit = commit,
	.prepare = pg_prepare,
	.finalize = pg_finalize,
	.has_param = pg_has_param,
	.bind_null = pg_bind_null,
	.bind_int = pg_bind_int,
	.bind_text = pg_bind_text,
	.bind_blob = pg_bind_blob,
	.step = pg_step,
	.reset = pg_reset,
	.fault = fault,
	.is_null = pg_is_null,
	.get_int = pg_get_int,
	.get_text = pg_get_text,
	.get_blob = pg_get_text,
	.columns = pg_columns,
	.changes = changes,
	.in_transaction = in_transaction,
	.has_table = has_table,
	.bulk = bulk,
	.sync = sync_log,
	.leave_log = leave_log,
	.log_grown = log_grown,
	.fold_rest = fold_rest,
	.flush = flush,
	.copy = copy,
	.table = table_columns,
	.size = size,
};

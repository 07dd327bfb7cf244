/* SPDX-License-Identifier: AGPL-3.0-or-later */
#define LATE_DEFINE
#include "db/pg.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

enum {
	PATIENCE_MS = 15000,     /* to reach a server again */
	OPEN_PATIENCE_MS = 4000, /* to reach one that may be starting, or not be there */
	BACK_OFF_MS = 50,        /* the first wait; each is twice the one before */
	BACK_OFF_MAX_MS = 2000,
	LOCK_POLL_MS = 100,
	LOCK_GRACE_MS = 1000 /* who was killed has it until the server notices */
};

/* Those of the server's own that every connection starts with. */
static const char *const settings[] = {"SET client_min_messages = warning",
				       "SET standard_conforming_strings = on",
				       "SET jit = off", /* our statements are short */
				       "SET idle_in_transaction_session_timeout = 0", NULL};

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
		{"55P03", ERR_LOCKED},    {"53100", ERR_IO},  /* disk full */
		{"53200", ERR_NO_MEMORY}, {"53", ERR_RESOURCE}, {"57014", ERR_INTERRUPTED},
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
	e->fault = state && !lost ? err_of(state) : ERR_DB;
	(void)snprintf(e->fault_text, sizeof(e->fault_text), "%.400s%s%.60s", text, more ? " " : "",
		       more ? more : "");
	pg_one_line(e->fault_text);
}

static enum err fault(struct engine *base, const char *what, struct diag *diag)
{
	struct pg *e = own(base);
	enum err err = e->fault ? e->fault : ERR_DB;
	return diag_set(diag, err, "%s: %s", what, e->fault_text);
}

/* --- connecting ----------------------------------------------------------- */

static void sleep_ms(int ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
	(void)nanosleep(&t, NULL);
}

/* A failed attempt: may the next one fare better? */
static bool worth_again(const struct pg *e, const char *const *keys, const char *const *values)
{
	if (PQconnectionNeedsPassword(e->c) || PQconnectionUsedPassword(e->c))
		return false;
	PGPing ping = PQpingParams(keys, values, 1);
	return ping == PQPING_REJECT || ping == PQPING_NO_RESPONSE;
}

static bool greet(struct pg *e)
{
	const char *encoding = PQparameterStatus(e->c, "server_encoding");
	e->failed = false;
	if (!encoding || strcmp(encoding, "UTF8") != 0) {
		pg_note(e, NULL);
		(void)snprintf(e->fault_text, sizeof(e->fault_text),
			       "the database is not in UTF8 but in %s", encoding ? encoding : "?");
		return false;
	}
	for (size_t i = 0; settings[i]; i++) {
		if (!pg_run(e, settings[i], NULL, NULL, 0))
			return false;
	}
	return pg_citus_meet(e) &&
	       (e->mode != DB_READ ||
		pg_run(e, "SET default_transaction_read_only = on", NULL, NULL, 0));
}

/* Waits longer each time until the server answers, or what it says is final. */
static bool connect(struct pg *e, int patience_ms)
{
	char name[64], host[32];
	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	(void)snprintf(name, sizeof(name), "daohu%s pid %ld %s", e->mode == DB_SERVE ? " server" : "",
		       (long)getpid(), host);
	const char *const keys[] = {"dbname", "client_encoding", "application_name",
				    "connect_timeout", NULL};
	const char *const values[] = {e->url, "UTF8", name, "10", NULL};
	int wait = BACK_OFF_MS;
	for (int waited = 0;; waited += wait, wait = wait < BACK_OFF_MAX_MS ? wait * 2 : wait) {
		PQfinish(e->c);
		e->c = PQconnectdbParams(keys, values, 1);
		if (PQstatus(e->c) == CONNECTION_OK)
			break;
		if (waited >= patience_ms || !worth_again(e, keys, values)) {
			e->failed = false;
			pg_note(e, NULL);
			return false;
		}
		sleep_ms(wait);
	}
	e->generation++;
	e->reading = NULL;
	e->in_transaction = false;
	e->queued = e->syncs = 0;
	return greet(e);
}

enum err pg_open(const char *url, enum db_mode mode, struct diag *diag, struct engine **ret)
{
	enum err loaded = late_load(&pg_calls_library, diag);
	if (loaded)
		return loaded;
	struct pg *e = base_calloc(1, sizeof(*e));
	size_t n = strlen(url) + 1;
	e->base = (struct engine){&pg_ops, DB_PG};
	e->url = base_calloc(n, 1);
	memcpy(e->url, url, n);
	e->mode = mode;
	if (!connect(e, mode == DB_CREATE ? 0 : OPEN_PATIENCE_MS)) {
		enum err err = fault(&e->base, "postgresql", diag);
		engine_close(&e->base);
		return err;
	}
	*ret = &e->base;
	return OK;
}

static void close_connection(struct engine *base)
{
	struct pg *e = own(base);
	if (e->county && PQstatus(e->c) == CONNECTION_OK) /* at once, for who comes next */
		(void)pg_run(e, "SELECT pg_advisory_unlock_all()", NULL, NULL, 0);
	PQfinish(e->c);
	base_free(e->county);
	base_free(e->turn);
	base_free(e->url);
	base_free(e);
}

/* --- short statements of our own ------------------------------------------ */

bool pg_run(struct pg *e, const char *sql, const char *param, char *ret, size_t size)
{
	const char *values[] = {param};
	if (!pg_settle(e))
		return false;
	PGresult *r =
		param ? PQexecParams(e->c, sql, 1, NULL, values, NULL, NULL, 0) : PQexec(e->c, sql);
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
	if (!undoes && e->failed && pg_in_transaction(e))
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

/* Who has it, as it named itself. */
static bool lock_holder(struct pg *e, const char *county, char *out, size_t size)
{
	return pg_run(e,
		      "SELECT coalesce(max(a.application_name), '') FROM pg_locks l"
		      " JOIN pg_stat_activity a ON a.pid = l.pid"
		      " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
		      " AND l.database = (SELECT oid FROM pg_database"
		      " WHERE datname = current_database())"
		      " AND (l.classid::bigint << 32 | l.objid::bigint) = " LOCK_KEY,
		      county, out, size);
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
	for (int waited = 0; waited <= PATIENCE_MS; waited += LOCK_POLL_MS) {
		if (!try_lock(e, key, &free))
			return fault(&e->base, "lock", diag);
		if (free)
			return pg_run(e, "SELECT pg_advisory_unlock(" LOCK_KEY ")", key, NULL, 0)
				       ? OK
				       : fault(&e->base, "lock", diag);
		sleep_ms(LOCK_POLL_MS);
	}
	return diag_set(diag, ERR_LOCKED, "%s: ?", county);
}

static enum err wait_for_lock(struct pg *e, const char *county, int wait_s,
			      void (*waiting)(const char *holder), struct diag *diag)
{
	char holder[100];
	bool mine = false, told = !waiting || !wait_s;
	for (int waited = 0;; waited += LOCK_POLL_MS) {
		if (!try_lock(e, county, &mine) ||
		    (!mine && !lock_holder(e, county, holder, sizeof(holder))))
			return fault(&e->base, "lock", diag);
		if (mine)
			return OK;
		bool late = waited >= LOCK_GRACE_MS;
		bool serves = strncmp(holder, "daohu server", 12) == 0;
		if (late && (serves || waited >= wait_s * 1000))
			return diag_set(diag, ERR_LOCKED, "%s: %s", county,
					holder[0] ? holder : "?");
		if (late && !told)
			waiting(holder);
		told = told || late;
		sleep_ms(LOCK_POLL_MS);
	}
}

enum err pg_lock_county(struct engine *base, const char *county, int wait_s,
			void (*waiting)(const char *holder), struct diag *diag)
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
	size_t n = strlen(county) + 1;
	e->county = base_calloc(n, 1);
	memcpy(e->county, county, n);
	e->epoch = number;
	return OK;
}

/* The lease again, after the connection was lost. */
static bool lock_again(struct pg *e)
{
	char epoch[32];
	int64_t now = 0;
	bool mine = false;
	if (!e->county)
		return true;
	for (int waited = 0; waited <= PATIENCE_MS && !mine; waited += LOCK_POLL_MS) {
		if (waited) /* the server may not know yet that the old connection is gone */
			sleep_ms(LOCK_POLL_MS);
		if (!try_lock(e, e->county, &mine))
			return false;
	}
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
	return false;
}

void pg_be_guest(struct engine *base, const char *county)
{
	struct pg *e = own(base);
	char key[TURN_KEY];
	turn_key(county, key);
	size_t n = strlen(key) + 1;
	e->turn = base_calloc(n, 1);
	memcpy(e->turn, key, n);
}

enum err pg_lock_schema(struct engine *base, struct diag *diag)
{
	bool ok = pg_run(own(base), "SELECT pg_advisory_xact_lock(" LOCK_KEY ")", "(schema)", NULL,
			 0);
	return ok ? OK : fault(base, "lock", diag);
}

bool pg_in_transaction(struct pg *e)
{
	if (PQstatus(e->c) != CONNECTION_OK)
		e->in_transaction = false; /* the server undoes it */
	return e->in_transaction;
}

bool pg_ready(struct pg *e)
{
	if (pg_in_transaction(e) || PQstatus(e->c) == CONNECTION_OK)
		return true;
	e->failed = false;
	return connect(e, PATIENCE_MS) && lock_again(e);
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
	if (ok && write && e->turn &&
	    !pg_run(e, "SELECT pg_advisory_xact_lock(" LOCK_KEY ")", e->turn, NULL, 0)) {
		(void)pg_run(e, "ROLLBACK", NULL, NULL, 0);
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
	for (int waited = 0; waited <= PATIENCE_MS; waited += LOCK_POLL_MS) {
		e->failed = false;
		if (!pg_ready(e) ||
		    !pg_run(e, "SELECT pg_xact_status($1::text::xid8)", xid, state, sizeof(state)))
			break;
		if (strcmp(state, "in progress") != 0)
			break;
		sleep_ms(LOCK_POLL_MS);
	}
	if (strcmp(state, "committed") == 0)
		return OK;
	if (strcmp(state, "aborted") == 0)
		return diag_set(diag, ERR_DB,
				"commit: the connection was lost, nothing was written");
	return not_known(e, "the connection was lost", diag);
}

static enum err commit(struct engine *base, struct diag *diag)
{
	struct pg *e = own(base);
	char xid[32];
	if (!e->in_transaction || !pg_settle(e) ||
	    !pg_run(e, "SELECT pg_current_xact_id_if_assigned()", NULL, xid, sizeof(xid)))
		return fault(base, "commit", diag);
	PGresult *r = PQexec(e->c, "COMMIT");
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

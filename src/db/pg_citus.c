/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Distribution by county, where the extension citus is in the database.  What may stand in
 * schema and statements so that it works is checked by tools/check-citus.
 */
#include "db/pg.h"

#include <stdio.h>

#include "base/banned.h"

enum { TABLES_BYTES = 16 * 1024 };

/* Before 11.2 a transaction's isolation does not reach the workers: a backup, a check or journal verify
 * would read what moves meanwhile. */
static const char what_version[] =
	"SELECT (string_to_array(split_part(extversion, '-', 1), '.')::int[] >= '{11,2}')::text"
	" || ' ' || extversion FROM pg_extension WHERE extname = 'citus'";

/* The group of the server that we speak to, 0 for the one that coordinates; is ours distributed? */
static const char what_server[] =
	"SELECT g.groupid || ' ' || (SELECT count(*) FROM pg_dist_partition p"
	" WHERE p.logicalrelid = to_regclass('counter')) FROM pg_dist_local_group g";

/* Those with a county that are not distributed yet, one a line, `counter` first. */
static const char find_tables[] =
	"SELECT string_agg(c.relname, E'\\n' ORDER BY c.relname <> 'counter', c.relname) FROM pg_class c"
	" WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
	" AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid"
	" AND a.attname = 'county' AND a.attnum = 1)"
	" AND NOT EXISTS (SELECT 1 FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)";

static const char count_groups[] =
	"SELECT count(DISTINCT p.colocationid) FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid"
	" WHERE c.relnamespace = current_schema()::regnamespace";

static bool refuse(struct pg *e, const char *why, const char *more)
{
	e->failed = true;
	e->fault = ERR_UNSUPPORTED;
	(void)snprintf(e->fault_text, sizeof(e->fault_text), "%s%s", why, more);
	return false;
}

/* *ret_there: the extension is in this database, and new enough. */
static bool meet_extension(struct pg *e, bool *ret_there)
{
	char said[64];
	bool ok = pg_run(e, what_version, NULL, said, sizeof(said));
	struct str rest, fits;
	rest = str_c(said);
	*ret_there = ok && said[0] && str_split(&rest, ' ', &fits);
	if (*ret_there && !str_is(fits, "true"))
		return refuse(e, "citus has to be 11.2 or newer, and is ", rest.p);
	return ok;
}

bool pg_citus_meet(struct pg *e)
{
	char said[64];
	struct str rest, group;
	int64_t n = 0;
	bool there;
	e->distributed = false;
	if (!meet_extension(e, &there))
		return false;
	if (!there)
		return true;
	if (!pg_run(e, what_server, NULL, said, sizeof(said)))
		return false;
	rest = str_c(said);
	if (said[0] && str_split(&rest, ' ', &group) && !str_is(group, "0"))
		return refuse(e, "this server is a worker of the cluster: name the coordinator in the URL", "");
	e->distributed = str_to_int(rest, &n) && n > 0;
	return true;
}

enum err pg_distributed_wholly(struct engine *base, struct diag *diag)
{
	struct pg *e = (struct pg *)base;
	char names[TABLES_BYTES] = "";
	if (e->distributed && !pg_run(e, find_tables, NULL, names, sizeof(names)))
		return base->ops->fault(base, "citus", diag);
	pg_one_line(names);
	return names[0] ? diag_set(diag, ERR_DB_OLDER, "citus: not distributed: %.400s", names) : OK;
}

/* All in one group, so that a county's rows lie together; and the copy that the table left on the
 * coordinator goes: it would keep what is erased. */
static bool distribute_one(struct pg *e, struct str table)
{
	char sql[300];
	int n = snprintf(sql, sizeof(sql),
			 "SELECT create_distributed_table('" STR_FMT "', 'county', colocate_with => '%s')",
			 STR_ARG(table), str_is(table, "counter") ? "none" : "counter");
	if (n <= 0 || (size_t)n >= sizeof(sql) || !pg_run(e, sql, NULL, NULL, 0))
		return false;
	(void)snprintf(sql, sizeof(sql), "SELECT truncate_local_data_after_distributing_table('" STR_FMT "')",
		       STR_ARG(table));
	return pg_run(e, sql, NULL, NULL, 0);
}

static bool distribute_rest(struct pg *e)
{
	char names[TABLES_BYTES], groups[16];
	struct str rest, table;
	bool ok = pg_run(e, find_tables, NULL, names, sizeof(names));
	rest = str_c(names);
	while (ok && names[0] && str_split(&rest, '\n', &table))
		ok = distribute_one(e, table);
	e->distributed = ok;
	ok = ok && pg_run(e, count_groups, NULL, groups, sizeof(groups));
	if (ok && strcmp(groups, "1") != 0)
		return refuse(e, "the tables are not colocated (update_distributed_table_colocation)", "");
	return ok;
}

enum err pg_distribute(struct engine *base, bool begin, struct diag *diag, bool *ret_done)
{
	struct pg *e = (struct pg *)base;
	bool ok = pg_ready(e) && meet_extension(e, ret_done);
	*ret_done = ok && *ret_done && (begin || e->distributed);
	if (*ret_done)
		ok = distribute_rest(e);
	return ok ? OK : base->ops->fault(base, "citus", diag);
}

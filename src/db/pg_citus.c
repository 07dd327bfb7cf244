/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Distribution by county, where the extension citus is in the database.  What may stand in
 * schema and statements so that it works is checked by tools/check-citus.
 */
#include "db/pg.h"

#include <stdio.h>

#include "base/banned.h"

enum { TABLES_BYTES = 16 * 1024 };

/* Those with a county that are not distributed yet, one a line. */
static const char find_tables[] =
	"SELECT string_agg(c.relname, E'\\n' ORDER BY c.relname) FROM pg_class c"
	" WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
	" AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid"
	" AND a.attname = 'county' AND a.attnum = 1)"
	" AND NOT EXISTS (SELECT 1 FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)";

static bool distribute_one(struct pg *e, struct str table)
{
	char sql[300];
	/* all with one type and collation of the key: they are colocated by themselves */
	int n = snprintf(sql, sizeof(sql),
			 "SELECT create_distributed_table('" STR_FMT "', 'county')",
			 STR_ARG(table));
	return n > 0 && (size_t)n < sizeof(sql) && pg_run(e, sql, NULL, NULL, 0);
}

enum err pg_distribute(struct engine *base, bool begin, struct diag *diag, bool *ret_done)
{
	struct pg *e = (struct pg *)base;
	static const char has_citus[] = "SELECT count(*) FROM pg_extension WHERE extname = 'citus'";
	static const char has_begun[] = "SELECT count(*) FROM pg_dist_partition p"
					" WHERE p.logicalrelid = to_regclass('counter')";
	char yes[16] = "", names[TABLES_BYTES];
	struct str rest, table;
	bool ok = pg_ready(e) && pg_run(e, has_citus, NULL, yes, sizeof(yes));
	*ret_done = ok && strcmp(yes, "1") == 0;
	if (ok && *ret_done && !begin) {
		ok = pg_run(e, has_begun, NULL, yes, sizeof(yes));
		*ret_done = ok && strcmp(yes, "1") == 0;
	}
	if (!ok || !*ret_done)
		return ok ? OK : base->ops->fault(base, "citus", diag);
	ok = pg_run(e, find_tables, NULL, names, sizeof(names));
	rest = str_c(names);
	while (ok && names[0] && str_split(&rest, '\n', &table))
		ok = distribute_one(e, table);
	return ok ? OK : base->ops->fault(base, "citus", diag);
}

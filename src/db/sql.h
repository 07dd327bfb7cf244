/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql: the texts that tools/gen_sql.py embeds; internal to this folder. */
#ifndef DAOHU_DB_SQL_H
#define DAOHU_DB_SQL_H

#include "db/db.h"

struct db_stmt_text {
	const char *name;
	const char *text[DB_ENGINE_MAX];
	bool scoped; /* holds {scope …} */
};

struct db_migration {
	int version; /* 0 ends the list */
	const char *name;
	enum db_engine engine;
	const char *statement; /* one of the file's */
};

extern const struct db_stmt_text db__stmts[];
extern const struct db_migration db__migrations[];

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * house: a data folder opened for a command: database, keys, journal, pack
 * and areas, by what DIR/config says.
 */
#ifndef DAOHU_APP_HOUSE_H
#define DAOHU_APP_HOUSE_H

#include "app/app.h"
#include "area/area.h"
#include "journal/journal.h"
#include "pack/pack.h"

enum { ZONE_SHANGHAI = 480 }; /* minutes east of UTC */

struct house {
	struct app *app;
	struct db *db;
	struct keys *keys;
	struct journal *j;
	struct pack *pack;
	struct area_list areas;
	const char *dir;
	const char *root; /* area code it works for */
	struct calendar calendar;
};

/* How it waits for others who write the same county on a server (db_opts). */
enum house_turn {
	HOUSE_NOW,   /* it does not: LOCKED */
	HOUSE_WAITS  /* until they are through, and says so */
};

/* Every record the program keeps. */
extern const struct record_desc *const house_tables[];
size_t house_table_count(void);

/* Opens; on failure app->diag is set and nothing is left open. */
MUST_USE enum err house_open(struct app *app, const char *dir, enum db_mode mode,
                             struct house *ret);
MUST_USE enum err house_open_in_turn(struct app *app, const char *dir, enum db_mode mode,
                                     enum house_turn turn, struct house *ret);
void house_close(struct house *h);
/* Takes away what an import left that was cut short, where nobody else writes: not as a guest. */
MUST_USE enum err house_sweep(struct house *h);
/* Today where the house stands; in a practice folder its day. */
date_t house_today(const struct house *h);
/* A date option, or `none` when it was not given; false after a message. */
bool house_date(struct app *app, const char *option, const char *text, date_t none, date_t *ret);
/* entry_info with command, pack and reason filled in. */
struct entry_info house_entry(const struct house *h, const char *command, const char *reason);
/* Of the commands that make or upgrade a database. */
#define HOUSE_DISTRIBUTE_OPT \
	{"distribute", OPT_FLAG, NULL, TEXT("按县分布（需 PostgreSQL）", "distribute by county (PostgreSQL)")}
/* Says that --distribute did nothing: without the extension the database works as it is. */
void house_not_distributed(const struct app *app);

#endif

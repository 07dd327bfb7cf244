/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <signal.h>
#include <unistd.h>
#include <sodium.h>
#include <stdio.h>

#include "account/account.h"
#include "attach/attach.h"
#include "check/record.h"
#include "form/form_store.h"
#include "form/retype.h"
#include "ledger/import.h"
#include "ledger/index.h"
#include "ledger/map_store.h"
#include "ledger/originals.h"
#include "registry/pin.h"
#include "work/duty.h"
#include "work/meeting.h"
#include "work/policy.h"
#include "work/request.h"
#include "work/task.h"

#include "base/banned.h"

enum { WAIT_S = 3600 }; /* for another import of the same county */

const struct record_desc *const house_tables[] = {
	&area_desc,        &account_desc,   &reveal_desc,          &household_desc,
	&household_state_desc, &household_year_desc,
	&person_desc,      &membership_desc, &person_year_desc,    &income_desc,
	&duty_desc,        &measure_desc,   &visit_desc,           &contract_desc,
	&ledger_desc,      &ledger_chunk_desc, &link_answer_desc,  &ledger_index_desc,  &ledger_map_desc,
	&finding_desc,
	&attachment_desc,  &pin_desc,
	&form_template_desc, &retype_tick_desc,
	&meeting_desc, &attendance_desc, &decision_desc, &task_desc, &task_event_desc, &policy_desc,
	&policy_read_desc, &ledger_request_desc, &village_duty_desc,
};

size_t house_table_count(void)
{
	return sizeof(house_tables) / sizeof(*house_tables);
}

static void waiting(void *arg, const char *holder)
{
	const struct app *app = arg;
	fprintf(stderr, app->lang == LANG_ZH
	                        ? "daohu: 另一个程序正在写本县的数据（%s），等它结束，最多等一小时\n"
	                        : "daohu: waiting for another program that writes this county (%s), at most an hour\n",
	        holder);
}

/* `zone`, and `practice_day` of a practice folder. */
static enum err read_calendar(struct app *app, const struct db_config *config, struct calendar *ret)
{
	const char *zone = db_config_get(config, "zone"), *day = db_config_get(config, "practice_day");
	int64_t minutes;
	ret->zone = zone && str_to_int(str_c(zone), &minutes) && minutes > -1440 && minutes < 1440
	                    ? (int)minutes : ZONE_SHANGHAI;
	ret->practice = day ? date_parse(str_c(day)) : 0;
	if (day && date_prec(ret->practice) != DATE_DAY)
		return diag_set(&app->diag, ERR_INVALID, "config: practice_day = %s", day);
	return OK;
}

static enum err open_parts(struct house *h, enum db_mode mode, enum house_turn turn)
{
	struct app *app = h->app;
	struct db_config config;
	struct db_opts opts = {.mode = mode, .tables = house_tables, .n_tables = house_table_count(),
	                       .wait_s = turn == HOUSE_WAITS ? WAIT_S : 0,
	                       .waiting = waiting, .waiting_arg = app};
	enum err e = db_config_read(h->dir, &app->arena, &app->diag, &config);
	if (e)
		return e;
	const char *pack = db_config_get(&config, "pack");
	h->root = db_config_get(&config, "area");
	e = read_calendar(app, &config, &h->calendar);
	if (e)
		return e;
	if (!pack || !h->root)
		return diag_set(&app->diag, ERR_NO_DATA_DIR, "%s", h->dir);
	e = db_open(h->dir, &opts, &app->diag, &h->db);
	if (!e)
		e = keys_open(h->dir, NULL, &app->diag, &h->keys);
	if (!e)
		e = journal_open(h->db, h->keys, &h->j);
	if (!e)
		e = pack_open(pack, &app->diag, &h->pack);
	if (!e)
		e = area_load(h->db, &app->arena, &h->areas);
	return e;
}

enum err house_open(struct app *app, const char *dir, enum db_mode mode, struct house *ret)
{
	return house_open_in_turn(app, dir, mode, HOUSE_NOW, ret);
}

enum err house_open_in_turn(struct app *app, const char *dir, enum db_mode mode,
                            enum house_turn turn, struct house *ret)
{
	struct house h = {.app = app, .dir = dir};
	enum err e = open_parts(&h, mode, turn);
	if (e) {
		house_close(&h);
		return e;
	}
	if (mode != DB_READ) /* of an init that was killed at its very end */
		(void)unlink(arena_printf(&app->arena, "%s/unfinished", dir));
	if (db_is_guest(h.db)) /* Ctrl-Z in a turn would have everybody wait */
		(void)signal(SIGTSTP, SIG_IGN);
	*ret = h;
	return OK;
}

void house_close(struct house *h)
{
	if (h->j)
		journal_close(h->j);
	if (h->keys)
		keys_close(h->keys);
	pack_close(h->pack);
	db_close(h->db);
	*h = (struct house){0};
}

date_t house_today(const struct house *h)
{
	return calendar_today(&h->calendar);
}

bool house_date(struct app *app, const char *option, const char *text, date_t none, date_t *ret)
{
	if (!text) {
		*ret = none;
		return true;
	}
	date_t d = date_parse(str_c(text));
	if (!d) {
		(void)app_usage(app, "--%s %s", option, text);
		return false;
	}
	*ret = date_last(d);
	return true;
}

enum err house_sweep(struct house *h)
{
	struct entry_info info = house_entry(h, "import", "withdrawn");
	struct arena a;
	int64_t *list = NULL;
	size_t n = 0;
	if (db_is_guest(h->db))
		return OK;
	arena_init(&a, 0);
	enum err e = originals_sweep(h->db, true);
	if (!e)
		e = ledger_stray(h->db, &a, &list, &n);
	if (!e && n) {
		e = journal_begin(h->j, &info);
		if (!e)
			e = import_sweep(h->j, &a, &n);
		if (!e)
			e = journal_commit(h->j, NULL);
		if (e)
			journal_rollback(h->j);
	}
	arena_release(&a);
	return e;
}

struct entry_info house_entry(const struct house *h, const char *command, const char *reason)
{
	unsigned char *hash = arena_alloc(&h->app->arena, 32);
	size_t n = 0;
	(void)sodium_hex2bin(hash, 32, h->pack->hash, 64, NULL, &n, NULL);
	return (struct entry_info){
		.command = command,
		.reason = reason,
		.pack_version = arena_printf(&h->app->arena, "%s %s", h->pack->id, h->pack->version),
		.pack_hash = {(const char *)hash, n},
	};
}

void house_not_distributed(const struct app *app)
{
	fprintf(stderr, "daohu: %s\n", app->lang == LANG_ZH
	        ? "这个数据库里没有 citus 扩展：没有按县分布，其余照常"
	        : "this database has no citus extension: nothing is distributed, all else is as usual");
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/findings_out.h"

#include <pwd.h>
#include <unistd.h>

#include "account/account.h"
#include "app/progress.h"
#include "check/finding.h"
#include "check/record.h"
#include "check/town_load.h"
#include "io/xlsx_write.h"
#include "report/handin.h"
#include "report/report.h"

#include "base/banned.h"

/* Seeing full numbers is an act that stays on record. */
static enum err note_full_ids(struct run_check *r, const struct run_check_opts *o)
{
	struct entry_info info = house_entry(&r->house, o->command, o->full_ids);
	struct reveal note = {0};
	enum err e = journal_begin(r->house.j, &info);
	FIELD_SET(&note, REVEAL_, command, o->command);
	FIELD_SET(&note, REVEAL_, reason, o->full_ids);
	FIELD_SET(&note, REVEAL_, at, journal_now(r->house.j));
	if (!e)
		e = journal_insert(r->house.j, &reveal_desc, &note);
	if (!e)
		e = journal_commit(r->house.j, NULL);
	if (e)
		journal_rollback(r->house.j);
	return e;
}

static enum err find_village(struct run_check *r, const char *area, const char **ret_root,
                             int32_t *ret_village)
{
	const struct area *at = NULL;
	for (size_t i = 0; area && !at && i < r->house.areas.n; i++)
		if (strcmp(r->house.areas.areas[i].code, area) == 0 ||
		    strcmp(r->house.areas.areas[i].name, area) == 0)
			at = &r->house.areas.areas[i];
	if (area && (!at || !area_within(&r->house.areas, at->code, r->house.root)))
		return diag_set(&r->house.app->diag, ERR_UNKNOWN_AREA, "%s", area);
	*ret_village = TOWN_NONE;
	*ret_root = r->house.root;
	if (at && !area_is_village(at))
		*ret_root = at->code;
	for (size_t i = 0; at && i < r->town.n_villages; i++)
		if (str_is(r->town.villages[i].code, at->code))
			*ret_village = (int32_t)i;
	return OK;
}

static void print_banner(const struct run_check *r)
{
	bool zh = r->house.app->lang == LANG_ZH;
	size_t n = 0;
	if (r->behind)
		fprintf(stderr, zh ? "daohu: 注意：%s\n" : "daohu: note: %s\n",
		        app_text(r->house.app, handin_behind_text));
	for (size_t i = 0; i < r->town.n_ledgers; i++)
		n += !r->town.ledgers[i].authorised && !r->town.ledgers[i].replaced;
	if (!n)
		return;
	fprintf(stderr, zh ? "daohu: 注意：%zu 份台账未登记核对授权（import --authorisation），结果只供内部核对\n"
	                   : "daohu: note: %zu ledgers have no authorisation on record (import "
	                     "--authorisation); the result is for internal checking only\n", n);
}

static void show_rows(int64_t rows, int64_t all)
{
	progress_show(rows, all ? (double)rows / (double)all : -1);
}

static enum err load_and_run(struct run_check *r, const struct run_check_opts *o)
{
	struct app *app = r->house.app;
	int32_t village;
	const char *root;
	enum err e = find_village(r, o->area, &root, &village);
	if (e)
		return e;
	e = check_new(r->house.pack, &app->diag, &r->check);
	if (e)
		return e;
	struct town_opts t = {.j = r->house.j, .pack = r->house.pack, .areas = &r->house.areas,
	                      .root = root, .as_of = r->as_of};
	if (o->only_read)
		t.columns = check_reads_columns(r->check, &app->arena);
	t.progress = show_rows;
	progress_begin(app, (struct text)TEXT("正在读取台账", "reading the ledgers"));
	e = db_begin_read(r->house.db); /* all as of one moment: a server may write meanwhile */
	if (!e)
		e = town_load(&t, &app->arena, &r->town);
	if (!e)
		e = find_village(r, o->area, &root, &village);
	if (!e)
		e = record_answers(r->house.j, &app->arena, &r->town);
	if (!e)
		e = handin_behind(r->house.db, &app->arena, &r->behind);
	db_rollback(r->house.db);
	if (e) {
		progress_end();
		return e;
	}
	r->village = village;
	struct check_opts c = {.lang = app->lang, .full_ids = o->full_ids != NULL, .village = village,
	                       .with_answered = o->with_answered};
	progress_begin(app, (struct text)TEXT("正在核对", "checking"));
	check_run(r->check, &r->town, &c, &app->arena, &r->result);
	progress_end();
	return OK;
}

enum err run_check(struct app *app, const char *dir, const struct run_check_opts *o,
                   struct run_check *r)
{
	enum db_mode mode = o->record || o->full_ids ? DB_WRITE : DB_READ;
	enum err e = house_open(app, dir, mode, &r->house);
	if (e)
		return e;
	r->as_of = o->as_of ? o->as_of : house_today(&r->house);
	r->full_ids = o->full_ids;
	e = load_and_run(r, o);
	if (!e && mode == DB_WRITE) /* one wait for the disk, before anything is shown */
		e = db_bulk(r->house.db, true);
	if (!e && o->full_ids)
		e = note_full_ids(r, o);
	if (!e && o->record) {
		struct entry_info info = house_entry(&r->house, "check --record", NULL);

		e = record_findings(r->house.j, &info, r->check, &r->result);
	}
	if (!e && mode == DB_WRITE)
		e = db_bulk(r->house.db, false);
	if (!e)
		print_banner(r);
	return e;
}

void run_check_done(struct run_check *r)
{
	check_free(r->check);
	r->check = NULL;
	house_close(&r->house);
}

const char *run_made_by(const struct run_check *r)
{
	struct app *app = r->house.app;
	const struct passwd *who = getpwuid(geteuid());
	return report_made_by(&r->house.calendar, who ? arena_strdup(&app->arena, who->pw_name) : NULL,
	                      app->lang, &app->arena);
}

/* --- the workbook ------------------------------------------------------------------ */

static const double widths[FINDING_COLUMN_MAX] = {22, 8, 10, 20, 22, 10, 14, 18, 50, 40};

static void put_row(struct xlsx_out *x, int row, int style, const struct finding *f, enum lang lang)
{
	for (int c = 0; c < FINDING_COLUMN_MAX; c++) {
		struct str v = finding_value(f, (enum finding_column)c);
		if (c == FINDING_RULE)
			v = str_c(f->rule->title.in[lang]);
		if (c == FINDING_SEVERITY)
			v = str_c(severity_text(f->rule->severity)->in[lang]);
		if (c == FINDING_CERTAINTY)
			v = str_c(certainty_text(f->probable)->in[lang]);
		xlsx_text(x, row, c, style, v);
	}
}

enum err findings_xlsx(const struct run_check *r, const char *file)
{
	struct app *app = r->house.app;
	struct xlsx_out *x = NULL;
	static const struct text title = TEXT("问题清单", "Findings");
	enum err e = xlsx_out_open(file, &(struct xlsx_out_opts){.streaming = true,
	                                                         .title = app_text(app, title)},
	                           &app->diag, &x);
	if (e)
		return e;
	int head = xlsx_style(x, &(struct xlsx_style){.kind = XLSX_TEXT, .font = XLSX_HEI, .bold = true,
	                                              .align = XLSX_CENTRE, .fill = XLSX_HEADER,
	                                              .border = true, .wrap = true});
	int body = xlsx_style(x, &(struct xlsx_style){.kind = XLSX_TEXT, .border = true, .wrap = true,
	                                              .top = true, .size = 10});
	xlsx_sheet(x, app_text(app, title), 0);
	for (int c = 0; c < FINDING_COLUMN_MAX; c++) {
		xlsx_column(x, c, c, widths[c], -1, false);
		xlsx_text(x, 0, c, head, str_c(finding_column_label((enum finding_column)c)->in[app->lang]));
	}
	for (size_t i = 0; i < r->result.n; i++)
		put_row(x, (int)i + 1, body, &r->result.findings[i], app->lang);
	xlsx_freeze(x, 1, 0);
	xlsx_filter(x, 0, 0, (int)r->result.n, FINDING_COLUMN_MAX - 1);
	const char *who = run_made_by(r);
	if (!who)
		who = "";
	const char *stamp = r->full_ids
		? arena_printf(&app->arena, app->lang == LANG_ZH ? "含完整号码，事由：%s · %s" : "full numbers, reason: %s · %s",
		               r->full_ids, who)
		: who;
	char day[16];
	date_format(r->as_of, day);
	xlsx_page(x, &(struct xlsx_page){.paper = XLSX_A4, .landscape = true, .repeat_first = 0,
	                                 .repeat_last = 0, .left = arena_strdup(&app->arena, day),
	                                 .right = stamp});
	return xlsx_out_close(x);
}

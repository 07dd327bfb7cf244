/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <stdlib.h>

#include "app/progress.h"
#include "ledger/originals.h"
#include "registry/search.h"
#include "report/handin.h"
#include "report/rejects_book.h"
#include "work/request.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"as", OPT_VALUE, "LEDGER", TEXT("指明台账种类（见 describe ledgers）", "which ledger it is (see describe ledgers)")},
	{"map", OPT_VALUE, "FILE", TEXT("列对照文件", "mapping of columns")},
	{"as-of", OPT_VALUE, "DATE", TEXT("台账的截止日期", "date up to which the ledger speaks")},
	{"covers", OPT_LIST, "AREA,…", TEXT("覆盖的村", "areas that it covers")},
	{"partial", OPT_FLAG, NULL, TEXT("不完整：缺项不算证据", "partial: absence is no evidence")},
	{"authorisation", OPT_VALUE, "TEXT", TEXT("核对授权的依据", "what authorises the comparison")},
	{"password-stdin", OPT_FLAG, NULL,
	 TEXT("从标准输入读取文件的打开密码", "read the files' password from standard input")},
	{"dry-run", OPT_FLAG, NULL, TEXT("只试读，不保存", "only try; nothing is kept")},
	{"errors", OPT_VALUE, "FILE.xlsx", TEXT("把存疑和未读出的单元格写成工作簿", "write doubts and refusals to a workbook")},
	{0},
};

enum { SHOWN = 8, TOLD_MAX = 64, TELL_MS = 1000 };

/* What is to be said of the files, held back until they are on the disk: up to then they are in
 * one transaction, a savepoint each. */
struct report {
	FILE *out, *err; /* into the memory below */
	char *out_text, *err_text;
	size_t out_n, err_n;
	struct told {
		size_t out_end, err_end;
	} told[TOLD_MAX]; /* a file each, so that the two stay in order on a terminal */
	size_t n;
	int64_t since; /* when the first of them was told */
};

struct run {
	struct app *app;
	struct house house;
	struct import im;
	const char *const *paths; /* as they were given */
	size_t n_paths;
	char password[PASSWORD_LINE]; /* im's */
	struct ahead *ahead; /* the files, being read */
	bool together; /* a transaction is open; what it has is in the report */
	bool lost;     /* one was given up: files that were through are not here */
	struct rejects_book *book; /* --errors, or NULL */
	bool register_touched;
	bool partly_refused;
	size_t done, already, failed;
	struct report report;
};

static bool zh(const struct run *r)
{
	return r->app->lang == LANG_ZH;
}

/* --- the report --------------------------------------------------------------------- */

static enum err report_open(struct run *r)
{
	struct report *p = &r->report;
	p->out = open_memstream(&p->out_text, &p->out_n);
	p->err = open_memstream(&p->err_text, &p->err_n);
	return p->out && p->err ? OK : diag_set(&r->app->diag, ERR_NO_MEMORY, "report");
}

/* What follows is of another file. */
static void report_cut(struct report *p)
{
	(void)fflush(p->out);
	(void)fflush(p->err);
	p->told[p->n++] = (struct told){p->out_n, p->err_n};
}

static void report_empty(struct report *p)
{
	rewind(p->out);
	rewind(p->err);
	p->n = 0;
}

/* Says what is held back: it is on the disk. */
static void report_print(struct run *r)
{
	struct report *p = &r->report;
	struct told at = {0};
	report_cut(p);
	progress_clear();
	for (size_t i = 0; i < p->n; i++) {
		(void)fwrite(p->out_text + at.out_end, 1, p->told[i].out_end - at.out_end, stdout);
		if (p->told[i].err_end > at.err_end)
			(void)fflush(stdout);
		(void)fwrite(p->err_text + at.err_end, 1, p->told[i].err_end - at.err_end, stderr);
		at = p->told[i];
	}
	(void)fflush(stdout);
	report_empty(p);
}

/* None of the files of the transaction is here: nothing is to be said of them. */
static void report_drop(struct run *r)
{
	r->lost |= r->together;
	r->together = false;
	report_empty(&r->report);
}

static enum err commit_together(struct run *r)
{
	enum err e = r->together ? db_commit(r->house.db) : OK;
	if (e)
		report_drop(r);
	r->together = false;
	return e;
}

static enum err report_sync(struct run *r)
{
	enum err e = commit_together(r);
	if (!e && !r->im.dry_run)
		e = db_sync(r->house.db);
	if (!e)
		report_print(r);
	return e;
}

/* A file is through.  Committing and waiting for the disk cost time: it is done once a second. */
static enum err report_file(struct run *r)
{
	struct report *p = &r->report;
	if (!p->n)
		p->since = instant_now();
	report_cut(p);
	if (p->n + 1 < TOLD_MAX && instant_now() - p->since < TELL_MS)
		return OK;
	return report_sync(r);
}

static void report_close(struct run *r)
{
	if (r->report.out)
		(void)fclose(r->report.out);
	if (r->report.err)
		(void)fclose(r->report.err);
	free(r->report.out_text);
	free(r->report.err_text);
}

/* --- names of files ----------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Without its folder, unless another file that was given has the same name. */
static const char *shown_name(const struct run *r, const char *path)
{
	const char *name = base_name(path);
	for (size_t i = 0; i < r->n_paths; i++)
		if (strcmp(base_name(r->paths[i]), name) == 0 && strcmp(r->paths[i], path) != 0)
			return path;
	return name;
}

/* Places begin with the name of the file. */
static void place_in(struct run *r, const char *path)
{
	struct diag *d = &r->app->diag;
	const char *name = base_name(path), *shown = shown_name(r, path);
	struct str rest = str_c(d->place);
	if (shown == name || !str_starts(rest, str_c(name)))
		return;
	char *behind = arena_strdup(&r->app->arena, d->place + strlen(name));
	d->place[0] = '\0';
	diag_place(d, "%s%s", shown, behind);
}

/* --- what was read, for people -------------------------------------------------------- */

/* Codes of villages have twelve digits, those of towns nine. */
static void print_covers(const struct run *r, const char *covers)
{
	enum { VILLAGE_DIGITS = 12 };
	size_t villages = 0, others = 0;
	struct str rest = str_c(covers), code;
	if (strcmp(covers, "*") == 0) {
		fputs(zh(r) ? "，覆盖全镇" : ", covers the whole area", r->report.out);
		return;
	}
	while (str_split(&rest, ',', &code))
		*(code.n == VILLAGE_DIGITS ? &villages : &others) += 1;
	fputs(zh(r) ? "，覆盖" : ", covers", r->report.out);
	if (others)
		fprintf(r->report.out, zh(r) ? " %zu 个乡镇" : others == 1 ? " %zu town" : " %zu towns", others);
	if (villages)
		fprintf(r->report.out, zh(r) ? " %zu 个村" : villages == 1 ? " %zu village" : " %zu villages", villages);
}

static void print_ledger(const struct run *r, const struct import_ledger *l)
{
	const struct pack_layout *layout = pack_layout(r->house.pack, l->record.layout);
	char day[16];
	date_format(l->record.as_of, day);
	fprintf(r->report.out, zh(r) ? "  → %s：%lld 行" : "  → %s: %lld rows", app_text(r->app, layout->title),
	       (long long)l->record.row_count);
	if (l->record.year)
		fprintf(r->report.out, zh(r) ? "，%lld 年度" : ", year %lld", (long long)l->record.year);
	if (l->record.as_of)
		fprintf(r->report.out, zh(r) ? "，截至 %s" : ", as of %s", day);
	else
		fputs(zh(r) ? "，未写截止日期（任何日期都按有效使用；可用 --as-of 指明）"
		            : ", no as-of date found (counts on every day; give --as-of)", r->report.out);
	print_covers(r, l->record.covers);
	if (l->unplaced)
		fputs(zh(r) ? "，看不出是哪个乡镇的，按不完整使用（可用 --covers 指明）"
		            : ", of which town it is not said: taken as partial (give --covers)", r->report.out);
	else if (l->record.partial)
		fputs(zh(r) ? "，不完整" : ", partial", r->report.out);
	if (l->corrects)
		fputs(zh(r) ? "，更正先前的同种台账" : ", corrects an earlier file", r->report.out);
	fputc('\n', r->report.out);
}

static void print_counts(const struct run *r, const struct intake_counts *c)
{
	bool first = true;
	for (int k = 0; k < INTAKE_CLASS_MAX; k++) {
		if (!c->rows[k] || k == INTAKE_DATA)
			continue;
		fprintf(r->report.out, "%s%s %llu",
		        first ? (zh(r) ? "    另有：" : "    besides: ") : zh(r) ? "，" : ", ",
		       app_text(r->app, *intake_class_text((enum intake_class)k)),
		       (unsigned long long)c->rows[k]);
		first = false;
	}
	if (!first)
		fputc('\n', r->report.out);
}

static void print_rejects(const struct run *r, const struct import_result *res)
{
	if (!res->total_rejects)
		return;
	fprintf(r->report.err,
	        zh(r) ? "    存疑或未读出的单元格 %llu 个：\n" : "    cells in doubt or refused: %llu\n",
	       (unsigned long long)res->total_rejects);
	struct buf place;
	buf_init(&place, 4096);
	for (size_t i = 0; i < res->n_rejects && i < SHOWN; i++) {
		const struct reject *x = &res->rejects[i];
		buf_clear(&place);
		intake_place(res->in, x->sheet, x->row, x->col, &place);
		fprintf(r->report.err, "      %s [" STR_FMT "] %s", place.p, STR_ARG(x->column),
		       err_text(x->code, r->app->lang));
		if (x->value.n)
			fprintf(r->report.err, zh(r) ? "：" STR_FMT : ": " STR_FMT, STR_ARG(x->value));
		if (x->proposal.n)
			fprintf(r->report.err, zh(r) ? "（可能是 " STR_FMT "）" : " (perhaps " STR_FMT ")",
			        STR_ARG(x->proposal));
		fputc('\n', r->report.err);
	}
	if (res->total_rejects > SHOWN)
		fprintf(r->report.err, "%s\n",
		        zh(r) ? "      …… 全部见 --errors 工作簿" : "      … all of them with --errors");
	buf_release(&place);
}

static void print_skipped(const struct run *r, const struct import_result *res)
{
	for (size_t i = 0; i < res->n_skipped; i++) {
		const struct sheet_info *s = rows_sheet_info(res->rows, res->skipped[i].sheet);
		if (res->skipped[i].row)
			fprintf(r->report.out, zh(r) ? "    未读表格（工作表“%s”第 %u 行起）："
			             : "    table not read (sheet \"%s\", from row %u): ",
			       s->name, (unsigned)res->skipped[i].row);
		else
			fprintf(r->report.out, zh(r) ? "    未读工作表“%s”：" : "    sheet not read \"%s\": ", s->name);
		if (res->skipped[i].code == OK)
			fputs(zh(r) ? "隐藏" : "hidden", r->report.out);
		else
			fputs(err_text(res->skipped[i].code, r->app->lang), r->report.out);
		if (res->skipped[i].code != OK && res->skipped[i].detail.n)
			fprintf(r->report.out, zh(r) ? "：" STR_FMT : ": " STR_FMT, STR_ARG(res->skipped[i].detail));
		fputc('\n', r->report.out);
	}
	const char *left = res->left_out.in[r->app->lang];
	if (left && left[0])
		fprintf(r->report.out, zh(r) ? "    未读内容：%s\n" : "    left out: %s\n", left);
}

static void print_result(struct run *r, const char *path, const struct import_result *res)
{
	fprintf(r->report.out, "%s", shown_name(r, path));
	if (r->im.dry_run)
		fputs(zh(r) ? "（试读）" : " (dry run)", r->report.out);
	if (res->already) {
		r->already++;
		fprintf(r->report.out, "%s\n",
		        zh(r) ? "：已经导入过，未作改动" : ": imported already, nothing to do");
		return;
	}
	if (res->encoding && res->encoding[0])
		fprintf(r->report.out, " (%s)", res->encoding);
	fputc('\n', r->report.out);
	for (size_t i = 0; i < res->n_ledgers; i++)
		print_ledger(r, &res->ledgers[i]);
	print_counts(r, &res->counts);
	print_skipped(r, res);
	print_rejects(r, res);
}

/* --- the work --------------------------------------------------------------------------- */

static void print_project(const struct run *r, const struct project_counts *n)
{
	struct project_counts c = *n;
	fprintf(r->report.out, zh(r) ? "名册：%lld 户 %lld 人；新增记录 %lld，更新 %lld，终止 %lld"
	             : "register: %lld households, %lld people; records added %lld, updated %lld, ended %lld",
	       (long long)c.households, (long long)c.persons, (long long)c.inserted,
	       (long long)c.updated, (long long)c.ended);
	if (c.homeless)
		fprintf(r->report.out, zh(r) ? "；%lld 行对不上任何户（名册更新后会再对）"
		             : "; %lld rows fit no household (tried again when the register changes)",
		       (long long)c.homeless);
	fputc('\n', r->report.out);
}

static enum err project_piece(struct run *r, struct projection *x, enum projection_state *state)
{
	struct entry_info info = house_entry(&r->house, "import", PROJECT_REGISTER);
	enum err e = OK;
	if (*state == PROJECTION_PREPARE)
		e = projection_prepare(x, r->house.j);
	if (!e)
		e = journal_begin(r->house.j, &info);
	if (!e)
		e = projection_write(x, r->house.j, db_is_guest(r->house.db) ? DB_PIECE_MS : 0, state);
	if (!e)
		e = journal_commit(r->house.j, NULL);
	if (e)
		journal_rollback(r->house.j);
	return e;
}

/* What the ledgers now say of the register, in entries of its own; each is folded in while
 * the next one is made (beside a server by that: two who fold are in each other's way, and the log
 * grows). */
static enum err project(struct run *r)
{
	enum projection_state state = PROJECTION_PREPARE;
	struct projection *x;
	enum err e = OK;
	progress_begin(r->app, (struct text)TEXT("正在更新名册", "bringing the register up to date"));
	projection_open(r->house.pack, &r->house.areas, &x);
	while (!e && state != PROJECTION_DONE && !progress_stopped()) {
		if (!db_is_guest(r->house.db))
			db_fold_beside(r->house.db);
		e = project_piece(r, x, &state);
	}
	if (!e && state == PROJECTION_DONE)
		print_project(r, projection_counts(x));
	projection_close(x);
	return e;
}

/* Beside a server: whoever searches there finds what came. */
static enum err search_pieces(struct run *r)
{
	struct search_pass *p = search_pass_begin();
	bool done = false;
	enum err e = OK;
	while (!e && !done) {
		e = db_begin(r->house.db);
		if (!e)
			e = search_pass_step(p, r->house.db, DB_PIECE_MS, &done);
		if (!e)
			e = db_commit(r->house.db);
		if (e)
			db_rollback(r->house.db);
	}
	search_pass_end(p);
	return e;
}

/* Units that were asked for these ledgers have returned them. */
static enum err settle(struct run *r)
{
	struct entry_info info = house_entry(&r->house, "import", "returned");
	size_t n = 0;
	enum err e = journal_begin(r->house.j, &info);
	if (!e)
		e = request_settle(r->house.j, &r->house.calendar, &n);
	if (!e)
		e = journal_commit(r->house.j, NULL);
	if (e)
		journal_rollback(r->house.j);
	else if (n)
		fprintf(r->report.out, zh(r) ? "报送要求办结 %zu 条\n" : "%zu ledgers that were asked for have come\n", n);
	return e;
}

static void print_review(const struct run *r, const char *path, const struct review_result *v)
{
	fprintf(r->report.out, zh(r) ? "%s：整改清单，采纳答复 %zu 条，与先前相同 %zu 条，未填 %zu 条\n"
	             : "%s: answers taken %zu, same as before %zu, not filled in %zu\n",
	       shown_name(r, path), v->answered, v->unchanged, v->empty);
	for (size_t i = 0; i < v->n_rejects; i++)
		fprintf(r->report.out, zh(r) ? "    第 %u 行未采纳：%s：%s\n" : "    row %u not taken: %s: %s\n",
		       v->rejects[i].row, err_text(v->rejects[i].code, r->app->lang), v->rejects[i].value);
}

/* After a dry run: what the register would be, and everything taken back. */
static enum err take_back(struct run *r, const struct handin_result *res)
{
	struct project_counts c;
	enum err e = OK;
	if (res->touches_register && !res->ledger.already) {
		e = project_run(r->house.j, r->house.pack, &r->house.areas, &c);
		if (!e)
			print_project(r, &c);
	}
	journal_rollback(r->house.j);
	return e;
}

/* It is through, and the entry open. */
static enum err end_file(struct run *r, const char *path, const struct handin_result *res)
{
	bool keep = !res->ledger.already && !r->im.dry_run;
	enum err e = keep ? journal_commit(r->house.j, NULL) : OK;
	if (e)
		return e;
	if (res->review)
		print_review(r, path, &res->answers);
	else
		print_result(r, path, &res->ledger);
	if (!res->ledger.already) {
		r->partly_refused |= res->partly_refused;
		if (r->book && !res->review)
			rejects_book_add(r->book, &res->ledger);
	}
	if (!keep)
		e = take_back(r, res);
	else
		r->register_touched |= res->touches_register;
	return e;
}

/* The next piece of it: all, where nobody else writes. */
static enum err file_piece(struct run *r, struct handin *h, const struct entry_info *info,
                           struct handin_result *res)
{
	enum err e = journal_begin(r->house.j, info);
	if (!e)
		e = handin_write(h, &r->im, house_today(&r->house), res);
	if (!e)
		e = h->done ? end_file(r, h->file->path, res) : journal_commit(r->house.j, NULL);
	if (e)
		journal_rollback(r->house.j);
	return e;
}

/* Should that fail too, import_sweep() does it later. */
static void withdraw(struct run *r, const struct handin *h, const struct entry_info *info)
{
	struct diag why = r->app->diag;
	enum err e = journal_begin(r->house.j, info);
	if (!e)
		e = handin_withdraw(h, r->house.j);
	if (!e)
		e = journal_commit(r->house.j, NULL);
	if (e)
		journal_rollback(r->house.j);
	r->app->diag = why;
}

static enum err file_entry(struct run *r, struct read_file *f)
{
	struct entry_info info = house_entry(&r->house, "import", NULL);
	struct handin_result res = {0};
	struct arena a;
	struct handin h = {.ahead = r->ahead, .file = f, .a = &a};
	enum err e = OK;
	info.source_file = f->path;
	info.source_hash = (struct str){(const char *)f->hash, sizeof(f->hash)};
	arena_init(&a, 0);
	while (!e && !h.done)
		e = file_piece(r, &h, &info, &res);
	if (handin_is_left(&h, e, &res))
		withdraw(r, &h, &info);
	arena_release(&a);
	return e;
}

/* With the files before it, whose transaction is open or begins. */
static enum err file_together(struct run *r, struct read_file *f)
{
	struct db *db = r->house.db;
	enum err e = r->together ? OK : db_begin(db);
	r->together = !e;
	if (!e)
		e = db_savepoint(db);
	if (!e)
		e = file_entry(r, f);
	if (!e)
		e = db_release_savepoint(db);
	if (e)
		db_rollback_savepoint(db);
	if (!db_in_transaction(db)) { /* the engine gave all of it up */
		db_rollback(db);
		report_drop(r);
	}
	return e;
}

/* One file in an entry of its own; its failure does not touch the others.  Beside a server each is
 * a turn of its own, and a trial is taken back. */
static enum err one_file(struct run *r)
{
	struct read_file *f;
	bool guest = db_is_guest(r->house.db);
	enum err e = ahead_take(r->ahead, &r->app->diag, &f);
	if (!e && guest)
		ahead_settle(r->ahead);
	if (!e)
		e = guest || r->im.dry_run ? file_entry(r, f) : file_together(r, f);
	if (!e)
		e = report_file(r);
	ahead_done(r->ahead);
	return e;
}

static int finish(struct run *r, int status)
{
	if (r->failed || r->partly_refused)
		status = status ? status : 1;
	if (zh(r))
		fprintf(r->report.out, "共 %zu 个文件：导入 %zu，先前已有 %zu，拒收 %zu\n", r->done + r->failed,
		       r->done - r->already, r->already, r->failed);
	else
		fprintf(r->report.out, "%zu files: %zu imported, %zu here already, %zu refused\n", r->done + r->failed,
		       r->done - r->already, r->already, r->failed);
	return status;
}

/* What failed, behind what is to be said of the files before it; unless those are lost, which is
 * worse. */
static int complain(struct run *r)
{
	struct diag why = r->app->diag;
	progress_clear();
	diag_clear(&r->app->diag);
	if (report_sync(r) == OK)
		r->app->diag = why;
	return app_fail(r->app);
}

/* All of them; 3 when what failed would fail for the others too. */
static int import_files(struct run *r, const struct args *a)
{
	int status = 0;
	if (import_start(&r->im, a->rest, a->rest_n, &r->app->arena, &r->ahead))
		return app_fail(r->app);
	progress_begin(r->app, (struct text)TEXT("正在导入", "importing"));
	for (size_t i = 0; i < a->rest_n && status != 3 && !r->lost && !progress_stopped(); i++) {
		enum err e = one_file(r);
		if (e == ERR_INTERRUPTED && progress_stopped())
			continue;
		if (!e) {
			r->done++;
			continue;
		}
		r->failed++;
		place_in(r, a->rest[i]);
		status = complain(r);
	}
	ahead_stop(r->ahead);
	if (commit_together(r))
		(void)complain(r);
	return status == 3 || r->lost ? 3 : 0;
}

/* What is in stays, and the same command goes on from there. */
static void say_left(const struct run *r, const struct args *a, struct text why)
{
	fprintf(stderr, zh(r) ? "daohu: %s：" : "daohu: %s: ", app_text(r->app, why));
	if (r->lost) /* of those that were done, too */
		fputs(zh(r) ? "有的文件没有导入" : "some files are not imported", stderr);
	else
		fprintf(stderr, zh(r) ? "还有 %zu 个文件没有导入" : "%zu files are not imported yet", a->rest_n - r->done);
	fputs(zh(r) ? "；再运行一次同样的命令就接着做，已导入的不会重复\n"
	            : "; the same command goes on from here, what is in is not read again\n", stderr);
}

static int say_stopped(struct run *r, const struct args *a)
{
	diag_clear(&r->app->diag);
	if (report_sync(r))
		return app_fail(r->app);
	say_left(r, a, (struct text)TEXT("已按要求停下", "stopped as asked"));
	return 3;
}

/* What was taken back has no ledger. */
static void sweep_originals(struct run *r)
{
	struct diag why = r->app->diag;
	struct db *db = r->house.db;
	if (r->im.dry_run || (!r->failed && !r->lost) || db_begin(db))
		return;
	enum err e = originals_sweep(db, false); /* if it fails, the next import or server does it */
	(void)e;
	db_rollback(db);
	r->app->diag = why;
}

static int import_all(struct run *r, const struct args *a)
{
	int status = import_files(r, a);
	sweep_originals(r);
	if (progress_stopped())
		return say_stopped(r, a);
	if (status)
		say_left(r, a, (struct text)TEXT("没有做完", "not finished"));
	if (status)
		return status;
	bool behind = r->register_touched;
	enum err e = r->im.dry_run || behind ? OK : handin_behind(r->house.db, &r->app->arena, &behind);
	if (!e && behind)
		e = project(r);
	if (!e && behind && db_is_guest(r->house.db))
		e = search_pieces(r);
	if (!e && progress_stopped())
		return say_stopped(r, a);
	if (!e && !r->im.dry_run)
		e = settle(r);
	return e ? complain(r) : 0;
}

static bool show_progress(struct ahead_at at)
{
	progress_show(at.rows, at.share);
	return !progress_stopped();
}

static bool read_options(struct run *r, const struct args *a, int *ret_status)
{
	struct import *im = &r->im;
	im->layout = args_value(a, "as");
	im->partial = args_flag(a, "partial");
	im->dry_run = args_flag(a, "dry-run");
	im->password = args_password(a, r->password);
	im->authorisation = args_value(a, "authorisation");
	im->covers = args_list(a, "covers", &im->n_covers);
	im->map_path = args_value(a, "map");
	r->paths = a->rest;
	r->n_paths = a->rest_n;
	*ret_status = 2;
	if (!house_date(r->app, "as-of", args_value(a, "as-of"), 0, &im->as_of))
		return false;
	if (!a->rest_n) {
		*ret_status = app_usage(r->app, "FILE…");
		return false;
	}
	return true;
}

int cmd_import(struct app *app, int argc, char **argv)
{
	struct args a;
	struct run r = {.app = app};
	struct intake_map *map = NULL;
	int status;
	if (!args_parse(app, "import", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	if (!dir)
		return 2;
	if (!read_options(&r, &a, &status))
		return status;
	if (house_open_in_turn(app, dir, DB_WRITE, HOUSE_WAITS, &r.house))
		return app_fail(app);
	progress_take_signals();
	enum err e = r.im.dry_run ? OK : house_sweep(&r.house);
	if (!e && r.im.layout && !pack_layout(r.house.pack, r.im.layout))
		e = diag_set(&app->diag, ERR_UNKNOWN_LEDGER, "%s", r.im.layout);
	if (!e && r.im.map_path)
		e = intake_map_read(r.im.map_path, r.house.pack, &app->diag, &map);
	r.im.j = r.house.j;
	r.im.pack = r.house.pack;
	r.im.areas = &r.house.areas;
	r.im.root = r.house.root;
	r.im.in_turn = db_is_guest(r.house.db);
	r.im.map = map;
	r.im.progress = show_progress;
	r.im.other = review_recognise;
	if (!e && args_value(&a, "errors"))
		e = rejects_book_open(args_value(&a, "errors"), app->lang, &app->arena, &app->diag,
		                      &r.book);
	if (!e)
		e = report_open(&r);
	if (!e)
		e = db_bulk(r.house.db, true);
	status = e ? app_fail(app) : import_all(&r, &a);
	if (!e && db_bulk(r.house.db, false) && status != 3) { /* else it was said already */
		status = app_fail(app);
	} else if (!e) {
		status = status == 3 ? 3 : finish(&r, status);
		report_print(&r);
	}
	progress_end();
	report_close(&r);
	if (r.book && rejects_book_close(r.book) && status == 0)
		status = app_fail(app);
	intake_map_free(map);
	house_close(&r.house);
	return status;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_ledger: ledgers handed in, and what came of them. */
#include "api/subjects.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/columns.h"
#include "api/job.h"
#include "ledger/originals.h"
#include "report/handin.h"
#include "report/rejects_book.h"
#include "report/template.h"
#include "work/request.h"

#include "base/banned.h"

enum { UPLOAD_MAX = 512 << 20, SHOWN = 200 };
#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

/* --- what was handed in ---------------------------------------------------------------- */

static bool covers_theirs(const struct api_user *u, const struct ledger *l)
{
	if (u->scope.kind == DB_SCOPE_ALL)
		return true;
	for (size_t i = 0; u->scope.kind == DB_SCOPE_AREAS && i < u->scope.n_areas; i++)
		if (l->covers && ledger_covers(l, u->scope.areas[i]))
			return true;
	return false;
}

/* How its columns were understood, from the text kept with it: header=field;header=field */
static void write_mapping(struct json_out *o, const struct pack_layout *p, const char *columns,
                          enum lang lang)
{
	json_key(o, "mapping");
	json_array(o);
	for (const char *c = columns, *end; c && *c; c = *end ? end + 1 : end) {
		end = c + strcspn(c, ";");
		const char *sign = end;
		while (sign > c && *sign != '=')
			sign--;
		if (*sign != '=')
			continue;
		struct str field = {sign + 1, (size_t)(end - sign - 1)};
		json_object(o);
		json_text_member(o, "header", (struct str){c, (size_t)(sign - c)});
		json_text_member(o, "field", field);
		json_key(o, "label");
		const char *label = NULL;
		for (size_t i = 0; p && !label && i < p->n_columns; i++)
			if (str_is(field, p->columns[i].id))
				label = p->columns[i].label.in[lang];
		if (label)
			json_text(o, str_c(label));
		else
			json_null(o);
		json_end(o);
	}
	json_end(o);
}

static void write_ledger(struct request *rq, const struct ledger *l, bool in_force)
{
	struct json_out *o = &rq->out;
	const struct pack_layout *p = pack_layout(rq_api(rq)->pack, l->layout);
	json_object(o);
	rq_record_members(rq, &ledger_desc, l, rq_user(rq)->max_class);
	json_c_member(o, "layout_title", p ? p->title.in[rq->lang] : l->layout);
	json_c_member(o, "office", p ? p->office.in[rq->lang] : NULL);
	json_bool_member(o, "in_force", in_force);
	write_mapping(o, p, l->columns, rq->lang);
	json_end(o);
}

enum { PAGE = 100, PAGE_MAX = 500 };
enum { IN_AFTER, IN_LIMIT, IN_LAYOUT, IN_IN_FORCE, LIST_IN };
static const struct net_field list_in[LIST_IN] = {
	{.name = "after", .in = NET_QUERY, .kind = FIELD_INT, .label = TEXT("早于此号", "older than this number")},
	{.name = "limit", .in = NET_QUERY, .kind = FIELD_INT, .max = PAGE_MAX,
	 .label = TEXT("行数", "rows at the most")},
	{.name = "layout", .in = NET_QUERY, .kind = FIELD_TEXT, .max = 40, .label = TEXT("台账", "ledger")},
	{.name = "in_force", .in = NET_QUERY, .kind = FIELD_BOOL, .label = TEXT("只看有效的", "only those in force")},
};

static bool is_listed(const struct request *rq, const struct ledger *l, bool in_force)
{
	return covers_theirs(rq_user(rq), l) &&
	       (!rq_has(rq, IN_LAYOUT) || strcmp(l->layout, rq_text(rq, IN_LAYOUT)) == 0) &&
	       (!rq_int(rq, IN_IN_FORCE, 0) || in_force);
}

/* The newest first.  Which are in force takes all of them; only a page is written. */
static enum err list(struct request *rq)
{
	struct ledger *all = NULL;
	size_t n = 0, rows = 0, limit = (size_t)rq_int(rq, IN_LIMIT, 0);
	int64_t after = rq_int(rq, IN_AFTER, INT64_MAX), last = 0;
	const char *next = NULL;
	enum err e = ledger_all(rq_db(rq), rq->a, &all, &n);
	if (e)
		return e;
	bool *in = ARENA_ARRAY(rq->a, n + 1, bool);
	ledger_in_force(all, n, 0, in);
	limit = limit ? limit : PAGE;
	api_rows_begin(rq);
	for (size_t i = n; !next && i-- > 0;) {
		if (all[i].no >= after || !is_listed(rq, &all[i], in[i]))
			continue;
		if (rows++ == limit) {
			next = arena_printf(rq->a, "%lld", (long long)last);
		} else {
			write_ledger(rq, &all[i], in[i]);
			last = all[i].no;
		}
	}
	api_rows_end(rq, next);
	return OK;
}

static const struct net_field one_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("台账", "ledger")},
};

static enum err get(struct request *rq)
{
	struct ledger *all = NULL;
	size_t n = 0, i = 0;
	enum err e = ledger_all(rq_db(rq), rq->a, &all, &n);
	if (e)
		return e;
	while (i < n && all[i].no != rq_int(rq, 0, 0))
		i++;
	if (i == n || !covers_theirs(rq_user(rq), &all[i]))
		return diag_set(&rq->diag, ERR_NOT_FOUND, "%lld", (long long)rq_int(rq, 0, 0));
	bool *in = ARENA_ARRAY(rq->a, n + 1, bool);
	ledger_in_force(all, n, 0, in);
	write_ledger(rq, &all[i], in[i]);
	return OK;
}

/* --- taking files in --------------------------------------------------------------------- */

struct files {
	struct import im;     /* without journal */
	struct intake_map *map;
	char *password;       /* im's, as long as files are read; or NULL */
	const char *folder;   /* the job's own; removed with it */
	const char *const *paths;
	size_t n;
	enum lang lang;
	date_t today;
	struct rejects_book *book;
	enum err unwritten; /* what kept that from being written */
	bool touched;
	struct projection *projection; /* while it is written; or NULL */
	enum projection_state projected;
	struct arena a;       /* until the job has run */
};

/* What was sent does not outlive the reading of it. */
static void drop_uploads(const struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		(void)unlink(f->paths[i]);
	if (f->im.map_path)
		(void)unlink(f->im.map_path);
}

static void drop_password(struct files *f)
{
	if (f->password)
		sodium_memzero(f->password, strlen(f->password));
	f->im.password = f->password = NULL;
}

static void files_free(void *arg)
{
	struct files *f = arg;
	drop_uploads(f);
	drop_password(f);
	(void)rmdir(f->folder);
	intake_map_free(f->map);
	struct arena a = f->a; /* f lies in it */
	arena_release(&a);
}

struct one_file {
	struct job *job;
	struct files *f;
	struct handin handin;
	struct handin_result result;
	struct arena a;
};

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void write_rejects(struct json_out *o, const struct import_result *r, enum lang lang)
{
	struct buf place;
	buf_init(&place, 4096);
	json_key(o, "rejects");
	json_array(o);
	for (size_t i = 0; i < r->n_rejects && i < SHOWN; i++) {
		const struct reject *x = &r->rejects[i];
		buf_clear(&place);
		intake_place(r->in, x->sheet, x->row, x->col, &place);
		json_object(o);
		json_text_member(o, "place", buf_str(&place));
		json_text_member(o, "column", x->column);
		json_c_member(o, "code", err_name(x->code));
		json_c_member(o, "text", err_text(x->code, lang));
		json_text_member(o, "proposal", x->proposal);
		json_bool_member(o, "doubt", x->doubt);
		json_end(o);
	}
	json_end(o);
	buf_release(&place);
}

static void write_ledgers(struct json_out *o, struct one_file *x, const struct import_result *r)
{
	const struct files *f = x->f;
	json_key(o, "ledgers");
	json_array(o);
	for (size_t i = 0; i < r->n_ledgers; i++) {
		const struct import_ledger *l = &r->ledgers[i];
		const struct pack_layout *p = pack_layout(f->im.pack, l->record.layout);
		json_object(o);
		json_c_member(o, "layout", l->record.layout);
		json_c_member(o, "title", p ? p->title.in[f->lang] : NULL);
		json_int_member(o, "rows", l->record.row_count);
		json_date_member(o, "as_of", l->record.as_of);
		json_int_member(o, "year", l->record.year);
		json_c_member(o, "covers", l->record.covers);
		json_bool_member(o, "partial", l->record.partial);
		json_bool_member(o, "corrects", l->corrects);
		write_mapping(o, p, l->record.columns, f->lang);
		json_int_member(o, "villages", (int64_t)l->villages);
		json_int_member(o, "without_place", (int64_t)l->without_place);
		if (f->im.dry_run)
			columns_write(o, x->handin.file, i, &x->a);
		json_end(o);
	}
	json_end(o);
}

static void write_skipped(struct json_out *o, const struct import_result *r, enum lang lang)
{
	json_key(o, "counts");
	json_object(o);
	for (int k = 0; k < INTAKE_CLASS_MAX; k++)
		if (r->counts.rows[k])
			json_int_member(o, intake_class_text((enum intake_class)k)->in[lang],
			                (int64_t)r->counts.rows[k]);
	json_end(o);
	json_int_member(o, "rejects_total", (int64_t)r->total_rejects);
	json_key(o, "skipped");
	json_array(o);
	for (size_t i = 0; i < r->n_skipped; i++) {
		json_object(o);
		json_c_member(o, "sheet", rows_sheet_info(r->rows, r->skipped[i].sheet)->name);
		if (r->skipped[i].row)
			json_int_member(o, "row", r->skipped[i].row);
		json_c_member(o, "code", r->skipped[i].code ? err_name(r->skipped[i].code) : "HIDDEN");
		json_text_member(o, "detail", r->skipped[i].detail);
		json_end(o);
	}
	json_end(o);
}

static void write_taken(struct one_file *x, const struct handin_result *r)
{
	struct json_out *o = job_result(x->job);
	json_object(o);
	json_c_member(o, "name", name_of(x->handin.file->path));
	json_c_member(o, "status", r->review ? "answers" : r->ledger.already ? "already" : "taken");
	if (r->review) {
		json_int_member(o, "answered", (int64_t)r->answers.answered);
		json_int_member(o, "unchanged", (int64_t)r->answers.unchanged);
		json_int_member(o, "empty", (int64_t)r->answers.empty);
		json_int_member(o, "refused", (int64_t)r->answers.n_rejects);
	} else if (!r->ledger.already) {
		write_ledgers(o, x, &r->ledger);
		write_skipped(o, &r->ledger, x->f->lang);
		write_rejects(o, &r->ledger, x->f->lang);
	}
	json_end(o);
}

static void write_failed(struct one_file *x, enum err e, const struct diag *diag)
{
	struct json_out *o = job_result(x->job);
	json_object(o);
	json_c_member(o, "name", name_of(x->handin.file->path));
	json_c_member(o, "status", "refused");
	json_c_member(o, "code", err_name(e));
	json_c_member(o, "text", err_text(e, x->f->lang));
	json_c_member(o, "detail", diag->detail);
	if (e == ERR_LEDGER_NOT_RECOGNISED || e == ERR_LEDGER_COLUMN_MISSING || e == ERR_TABLE_NOT_FOUND)
		columns_preview(o, x->handin.file, &x->a);
	json_end(o);
}

static enum err take_one(struct journal *j, void *arg)
{
	struct one_file *x = arg;
	struct handin_result *r = &x->result;
	struct import im = x->f->im;
	im.j = j;
	enum err e = handin_write(&x->handin, &im, x->f->today, r);
	if (e || !x->handin.done)
		return e;
	x->f->touched |= r->touches_register && !im.dry_run;
	if (!r->review && !r->ledger.already && r->ledger.n_rejects)
		rejects_book_add(x->f->book, &r->ledger);
	write_taken(x, r);
	return im.dry_run ? ERR_INTERRUPTED : OK; /* a dry run is rolled back */
}

static enum err withdraw(struct journal *j, void *arg)
{
	struct one_file *x = arg;
	return handin_withdraw(&x->handin, j);
}

/* In as many entries as it takes; what failed leaves nothing, nor what is given up: INTERRUPTED. */
static enum err take_pieces(struct job *job, struct one_file *x, const struct api_entry *entry)
{
	enum err e = job_write(job, entry, take_one, x);
	while (!e && !x->handin.done)
		e = job_cancelled(job) ? ERR_INTERRUPTED : job_write(job, entry, take_one, x);
	if (handin_is_left(&x->handin, e, &x->result)) {
		struct diag why = *job_diag(job);
		enum err left = job_write(job, entry, withdraw, x);
		(void)left; /* if it fails too, import_sweep() does it later */
		*job_diag(job) = why;
	}
	return e;
}

/* The next file: threads have read it, or are about to. */
static enum err take_file(struct job *job, struct files *f, struct ahead *ahead)
{
	struct one_file x = {.job = job, .f = f, .handin = {.ahead = ahead, .a = &x.a}};
	struct api_entry entry = {.command = "import"};
	struct diag *diag = job_diag(job);
	enum err e = ahead_take(ahead, diag, &x.handin.file);
	entry.source_file = name_of(x.handin.file->path);
	entry.source_hash = (struct str){(const char *)x.handin.file->hash, sizeof(x.handin.file->hash)};
	arena_init(&x.a, 0);
	if (!e)
		ahead_settle(ahead);
	if (!e)
		e = take_pieces(job, &x, &entry);
	if (e == ERR_INTERRUPTED && (f->im.dry_run || job_cancelled(job)))
		e = OK;
	if (e && err_exit_status(e) != 3) { /* the file's own fault: the others go on */
		write_failed(&x, e, diag);
		e = OK;
	}
	arena_release(&x.a);
	ahead_done(ahead);
	diag_clear(diag);
	return e;
}

static enum err project_piece(struct journal *j, void *arg)
{
	struct files *f = arg;
	return projection_write(f->projection, j, DB_PIECE_MS, &f->projected);
}

/* What the ledgers say of the register: worked out here, written in pieces. */
static enum err project(struct job *job, struct files *f)
{
	const struct api_entry entry = {.command = "import", .reason = PROJECT_REGISTER};
	enum err e = OK;
	projection_open(f->im.pack, f->im.areas, &f->projection);
	f->projected = PROJECTION_PREPARE;
	while (!e && f->projected != PROJECTION_DONE) {
		if (f->projected == PROJECTION_PREPARE)
			e = projection_prepare(f->projection, job_journal(job));
		if (!e)
			e = job_write(job, &entry, project_piece, f);
	}
	projection_close(f->projection);
	f->projection = NULL;
	return e ? e : api_search_catch_up(job_api(job), job_diag(job));
}

/* Units that were asked for these ledgers have returned them; files that were refused go. */
static enum err settle(struct journal *j, void *arg)
{
	size_t n = 0;
	const struct api *api = arg;
	enum err e = request_settle(j, &api->calendar, &n);
	return e ? e : originals_sweep(journal_db(j), false);
}

/* Every file, one after the other; what was refused in them goes into the error workbook. */
static enum err take_all(struct job *job, struct files *f, struct arena *a)
{
	struct json_out *o = job_result(job);
	const char *errors = arena_printf(a, "%s.xlsx", f->folder); /* beside it: it stays with the job */
	struct ahead *ahead = NULL;
	enum err e = rejects_book_open(errors, f->lang, a, job_diag(job), &f->book);
	if (e)
		return e;
	f->im.j = job_journal(job); /* to read what is here already; each file is written by the writer's */
	e = import_start(&f->im, f->paths, f->n, a, &ahead);
	json_object(o);
	json_bool_member(o, "dry_run", f->im.dry_run);
	json_key(o, "files");
	json_array(o);
	for (size_t i = 0; !e && i < f->n && !job_cancelled(job); i++) {
		job_progress(job, (int64_t)i, (int64_t)f->n + 1);
		e = take_file(job, f, ahead);
	}
	ahead_stop(ahead);
	drop_uploads(f);
	drop_password(f);
	json_end(o);
	json_end(o);
	f->unwritten = rejects_book_close(f->book);
	if (f->unwritten)
		(void)unlink(errors);
	else
		job_file(job, errors, XLSX_TYPE, "errors.xlsx");
	return e;
}

static enum err take_files(struct job *job, void *arg)
{
	struct files *f = arg;
	struct arena a; /* as long as it runs: two hundred jobs that have ended are kept */
	arena_init(&a, 0);
	enum err e = take_all(job, f, &a);
	bool behind = f->touched; /* or an earlier import was cut short */
	if (!e && !behind && !f->im.dry_run)
		e = handin_behind(journal_db(f->im.j), &a, &behind);
	if (!e && behind) /* also after a cancel: what is in counts */
		e = project(job, f);
	if (!e && !f->im.dry_run)
		e = job_write(job, &(struct api_entry){.command = "import", .reason = "returned"}, settle,
		              (void *)(uintptr_t)job_api(job));
	job_progress(job, (int64_t)f->n + 1, (int64_t)f->n + 1);
	arena_release(&a);
	return e ? e : job_cancelled(job) ? ERR_INTERRUPTED : f->unwritten;
}

enum { IN_AS, IN_AS_OF, IN_COVERS, IN_PARTIAL, IN_AUTHORISATION, IN_DRY_RUN, IN_MAPPING, IN_PASSWORD,
       HAND_IN };
static const struct net_field hand_in[HAND_IN] = {
	{.name = "as", .in = NET_BODY, .kind = FIELD_TEXT, .max = 40,
	 .label = TEXT("台账种类（不填则自动识别）", "which ledger it is; recognised when not given")},
	{.name = "as_of", .in = NET_BODY, .kind = FIELD_DATE, .label = TEXT("截止日期", "as of")},
	{.name = "covers", .in = NET_BODY, .kind = FIELD_TEXT, .max = 2000,
	 .label = TEXT("覆盖的村（逗号分隔）", "areas covered, separated by commas")},
	{.name = "partial", .in = NET_BODY, .kind = FIELD_BOOL, .label = TEXT("不完整", "partial")},
	{.name = "authorisation", .in = NET_BODY, .kind = FIELD_TEXT, .max = 300,
	 .label = TEXT("核对授权的依据", "what authorises the comparison")},
	{.name = "dry_run", .in = NET_BODY, .kind = FIELD_BOOL, .label = TEXT("只试读", "only try")},
	{.name = "mapping", .in = NET_BODY, .kind = FIELD_TEXT, .max = API_MAPPING_MAX,
	 .label = TEXT("列对照（同列对照文件；只交一个文件时）", "mapping of columns, as in a mapping file; with one file")},
	{.name = "password", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_EXACT, .max = 256,
	 .label = TEXT("文件的打开密码（只用来打开，不保存）", "what opens the files, when they are locked; it is not kept")},
};

/* The uploads go to a folder of the job's, under the names they came with. */
static enum err keep_uploads(struct request *rq, struct files *f)
{
	const char **paths = ARENA_ARRAY(&f->a, rq->n_uploads + 1, const char *);
	char *folder = arena_printf(&f->a, "%s/tmp/handin-XXXXXX", rq_api(rq)->dir);
	if (!mkdtemp(folder))
		return diag_set(&rq->diag, ERR_IO, "%s", strerror(errno));
	f->folder = folder;
	f->paths = paths;
	for (size_t i = 0; i < rq->n_uploads; i++) {
		const struct net_upload *u = &rq->uploads[i];
		const char *name = u->name && u->name[0] && u->name[0] != '.' ? u->name : "file";
		char *to = arena_printf(&f->a, "%s/%s", folder, name);
		if (access(to, F_OK) == 0)
			to = arena_printf(&f->a, "%s/%zu-%s", folder, i, name);
		if (rename(u->path, to) != 0)
			return diag_set(&rq->diag, ERR_IO, "%s", strerror(errno));
		paths[f->n++] = to;
	}
	return OK;
}

static enum err read_covers(struct request *rq, struct files *f)
{
	struct str rest = str_c(rq_text(rq, IN_COVERS)), piece;
	const char **list = ARENA_ARRAY(&f->a, rest.n + 1, const char *);
	size_t n = 0;
	while (rest.n && str_split(&rest, ',', &piece)) {
		const char *name = str_dup(&f->a, str_trim(piece));
		if (!import_area(&f->im, name))
			return rq_invalid(rq, "covers", ERR_UNKNOWN_AREA);
		list[n++] = name;
	}
	f->im.covers = n ? list : NULL;
	f->im.n_covers = n;
	return OK;
}

/* The mapping goes to a file beside the uploads, as one given at the command line. */
static enum err read_mapping(struct request *rq, struct files *f)
{
	const char *text = rq_text(rq, IN_MAPPING), *layout = NULL;
	if (!text)
		return OK;
	if (f->n != 1)
		return rq_invalid(rq, "mapping", ERR_INVALID);
	enum err e = api_check_mapping(rq, text, &layout);
	if (e)
		return e;
	f->im.map_path = arena_printf(&f->a, "%s/%s.map", f->folder, name_of(f->paths[0]));
	FILE *to = fopen(f->im.map_path, "wbx");
	bool bad = !to || fputs(text, to) < 0;
	bad |= to && fclose(to) != 0;
	if (bad)
		return diag_set(&rq->diag, ERR_IO, "%s", strerror(errno));
	e = intake_map_read(f->im.map_path, rq_api(rq)->pack, &rq->diag, &f->map);
	f->im.map = f->map;
	return e;
}

static char *kept_text(const struct request *rq, size_t i, struct arena *a)
{
	return rq_has(rq, i) ? arena_strdup(a, rq_text(rq, i)) : NULL;
}

static enum err upload(struct request *rq)
{
	const struct api *api = rq_api(rq);
	struct arena a;
	int64_t no = 0;
	if (!rq->n_uploads)
		return rq_invalid(rq, "file", ERR_CELL_REQUIRED);
	arena_init(&a, (size_t)64 << 20);
	struct files *f = ARENA_NEW(&a, struct files);
	f->a = a;
	f->lang = rq->lang;
	f->today = rq_today(rq);
	f->folder = "";
	f->im = (struct import){.pack = api->pack, .areas = api->areas, .root = api->root,
	                        .layout = kept_text(rq, IN_AS, &f->a),
	                        .as_of = (date_t)rq_int(rq, IN_AS_OF, 0),
	                        .partial = rq_int(rq, IN_PARTIAL, 0) != 0,
	                        .authorisation = kept_text(rq, IN_AUTHORISATION, &f->a),
	                        .dry_run = rq_int(rq, IN_DRY_RUN, 0) != 0, .in_turn = true,
	                        .other = review_recognise};
	f->im.password = f->password = kept_text(rq, IN_PASSWORD, &f->a);
	enum err e = f->im.layout && !pack_layout(api->pack, f->im.layout)
	                     ? rq_invalid(rq, "as", ERR_UNKNOWN_LEDGER) : OK;
	if (!e)
		e = read_covers(rq, f);
	if (!e)
		e = keep_uploads(rq, f);
	if (!e)
		e = read_mapping(rq, f);
	struct job_spec spec = {.kind = "import", .title = TEXT("导入台账", "taking ledgers in"),
	                        .run = take_files, .arg = f, .free = files_free};
	if (!e)
		e = job_start(rq, &spec, &no);
	if (e) {
		files_free(f);
		return e;
	}
	job_answer(rq, no);
	return OK;
}

/* --- templates ------------------------------------------------------------------------------ */

static const struct net_field layout_in[] = {
	{.name = "layout", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 60,
	 .label = TEXT("台账种类", "kind of ledger")},
};

static enum err template(struct request *rq)
{
	const struct pack *pack = rq_api(rq)->pack;
	struct str name = rq->values[0].items[0].text;
	if (str_ends(name, STR(".xlsx")))
		name.n -= 5;
	const struct pack_layout *l = pack_layout(pack, str_dup(rq->a, name));
	char *to;
	if (!l)
		return diag_set(&rq->diag, ERR_UNKNOWN_LEDGER, STR_FMT, STR_ARG(name));
	enum err e = api_temp_file(rq, ".xlsx", &to);
	if (e)
		return e;
	e = template_write(pack, l, rq->lang, to, &rq->diag);
	if (e)
		(void)unlink(to);
	else
		rq_file(rq, XLSX_TYPE, arena_printf(rq->a, "%s.xlsx", l->title.in[rq->lang]), to, true);
	return e;
}

const struct route api_ledger_routes[] = {
	{.id = "ledger_list", .method = NET_GET, .path = API "/ledgers", .permission = PERM_see_ledgers,
	 .in = list_in, .n_in = LIST_IN, .handler = list, .answer = "list ledger_row", .tag = "ledger",
	 .summary = TEXT("台账上交记录", "ledgers handed in")},
	{.id = "ledger_get", .method = NET_GET, .path = API "/ledgers/{no}", .permission = PERM_see_ledgers,
	 .in = one_in, .n_in = 1, .handler = get, .answer = "ledger_row", .tag = "ledger",
	 .summary = TEXT("一份台账", "a ledger")},
	{.id = "ledger_hand_in", .method = NET_POST, .path = API "/ledgers",
	 .permission = PERM_hand_in_ledgers, .kind = ROUTE_LONG, .in = hand_in, .n_in = HAND_IN,
	 .max_body = UPLOAD_MAX, .upload = true, .handler = upload, .answer = "job_ref", .tag = "ledger",
	 .summary = TEXT("上交台账（后台任务）；村整改清单也由此交回", "hand in ledgers, or a village's workbook")},
	{.id = "ledger_template", .method = NET_GET, .path = API "/ledger-templates/{layout}",
	 .permission = PERM_signed_in, .kind = ROUTE_LONG, .in = layout_in, .n_in = 1, .handler = template,
	 .answer = "file", .tag = "ledger", .summary = TEXT("台账模板", "the blank workbook of a ledger")},
	{0},
};

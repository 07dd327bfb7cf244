/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include <sodium.h>

#include "attach/attach.h"
#include "ledger/index.h"
#include "ledger/originals.h"
#include "ledger/project.h"
#include "registry/registry.h"
#include "registry/search.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"person", OPT_VALUE, "ID", TEXT("要清除的人的身份证号", "identity number of the person to erase")},
	{"reason", OPT_VALUE, "TEXT", TEXT("依据", "on what ground")},
	{"list", OPT_FLAG, NULL,
	 TEXT("列出清除过的人（只有编号，没有个人信息），与备份一起保存",
	      "list who was erased (numbers only, nothing personal), to be kept beside the backups")},
	{"again", OPT_VALUE, "FILE",
	 TEXT("恢复旧备份之后：把该清单里的人再清除一次",
	      "after an old backup was restored: erase those on the list again")},
	{0},
};

/* The households whose head this is say so by name. */
static enum err named_by(struct house *h, const struct person *p, struct erase_also **ret,
                         size_t *ret_n)
{
	struct arena *a = &h->app->arena;
	struct membership *m = NULL;
	size_t n = 0, k = 0;
	enum err e = stmt_records(db_owned(h->db, &membership_desc, p->no), &membership_desc, a, &m, &n);
	struct erase_also *also = ARENA_ARRAY(a, n + 1, struct erase_also);
	for (size_t i = 0; !e && i < n; i++) {
		struct household hh;
		bool found = false, known = false;
		for (size_t x = 0; x < k; x++)
			known |= also[x].no == m[i].household;
		e = db_get(h->db, &household_desc, m[i].household, a, &hh, &found);
		if (!e && found && !known && hh.head_name && p->name &&
		    strcmp(hh.head_name, p->name) == 0)
			also[k++] = (struct erase_also){&household_desc, hh.no,
			                                FIELD_BIT(HOUSEHOLD_head_name)};
	}
	*ret = also;
	*ret_n = k;
	return e;
}

/* The rows of the offices' ledgers that name the number, in an entry of its own. */
static enum err erase_rows(struct house *h, const struct idno *no, const char *reason,
                           size_t *ret_rows)
{
	struct entry_info info = house_entry(h, "erase", reason);
	struct project_counts counts;
	enum err e = journal_begin(h->j, &info);
	if (!e)
		e = ledger_erase_number(h->j, no, &h->app->arena, ret_rows);
	if (!e && *ret_rows) /* the register follows its ledgers */
		e = project_run(h->j, h->pack, &h->areas, &counts);
	if (!e)
		return journal_commit(h->j, NULL);
	journal_rollback(h->j);
	return e;
}

/* Papers that were theirs alone, and files that no ledger came of.  In a transaction, so that nobody
 * hangs one of them on a record meanwhile. */
static enum err sweep(struct house *h)
{
	enum err e = db_begin(h->db);
	if (e)
		return e;
	e = attach_sweep(h->db, true);
	if (!e)
		e = originals_sweep(h->db, !db_is_guest(h->db));
	db_rollback(h->db);
	return e;
}

/* Everybody recorded under the number: one human may stand in two households. */
static enum err erase(struct house *h, const char *id, const char *reason, size_t *ret_n,
                      size_t *ret_rows)
{
	struct idno no = idno_parse(str_c(id), false);
	unsigned char key[KEY_INDEX_BYTES];
	struct person *p = NULL;
	size_t n = 0, erased = 0;
	enum err e = OK;
	if (!idno_full(&no))
		return diag_set(&h->app->diag, ERR_INVALID, "--person %s", id);
	keys_index(h->keys, "id", str_c(no.id18), key);
	struct stmt *s = db_stmt(h->db, STMT_person_by_id);
	stmt_bind_blob(s, 2, (struct str){(const char *)key, sizeof(key)});
	e = stmt_records(s, &person_desc, &h->app->arena, &p, &n);
	for (size_t i = 0; !e && i < n; i++) {
		struct entry_info info = house_entry(h, "erase", reason);
		struct erase_also *also;
		size_t n_also;
		bool gone = false;
		e = journal_is_erased(h->j, p[i].no, &gone);
		if (e || gone)
			continue;
		e = named_by(h, &p[i], &also, &n_also);
		if (!e)
			e = journal_erase_person(h->j, p[i].no, also, n_also, &info);
		erased++;
	}
	*ret_n = erased;
	if (!e)
		e = erase_rows(h, &no, reason, ret_rows);
	if (!e)
		e = search_catch_up(h->db); /* nobody is found by a name that is gone */
	if (!e)
		e = sweep(h);
	return e;
}

/* --- again, in a backup that was made before --------------------------------------- */

static enum err print_list(struct house *h)
{
	puts("person,entry,at,key");
	struct stmt *s = db_stmt(h->db, STMT_people_erased);
	while (stmt_row(s)) {
		char at[32], hex[KEY_INDEX_BYTES * 2 + 1] = "";
		struct str key = stmt_blob(s, 3);
		(void)instant_format(stmt_int(s, 2), at);
		if (key.n == KEY_INDEX_BYTES)
			(void)sodium_bin2hex(hex, sizeof(hex), (const unsigned char *)key.p, key.n);
		printf("%lld,%lld,%s,%s\n", (long long)stmt_int(s, 0), (long long)stmt_int(s, 1), at, hex);
	}
	return stmt_end(s);
}

/* The people here whom a line of the list means: those with the number, or the record. */
static enum err find_listed(struct house *h, struct str line, struct person **ret, size_t *ret_n)
{
	struct str cell[4] = {{NULL, 0}};
	unsigned char key[KEY_INDEX_BYTES];
	size_t n = 0, got = 0;
	int64_t no;
	struct stmt *s;
	line = str_trim(line);
	while (n < 4 && str_split(&line, ',', &cell[n]))
		n++;
	if (n < 3 || !str_to_int(cell[0], &no))
		return diag_set(&h->app->diag, ERR_INVALID, STR_FMT, STR_ARG(cell[0]));
	if (sodium_hex2bin(key, sizeof(key), cell[3].p ? cell[3].p : "", cell[3].n, NULL, &got, NULL) == 0 &&
	    got == sizeof(key)) {
		s = db_stmt(h->db, STMT_person_by_id);
		stmt_bind_blob(s, 2, (struct str){(const char *)key, sizeof(key)});
	} else {
		s = db_one(h->db, &person_desc, no);
	}
	return stmt_records(s, &person_desc, &h->app->arena, ret, ret_n);
}

/* By the number where there is one, so that the ledgers' rows go as well. */
static enum err erase_listed(struct house *h, struct person *p, const char *reason, size_t *ret_n,
                             size_t *ret_rows)
{
	size_t n = 0, rows = 0, n_also = 0;
	struct erase_also *also;
	struct idno no = idno_parse(str_c(p->id_text ? p->id_text : ""), false);
	enum err e;
	if (idno_full(&no)) {
		e = erase(h, p->id_text, reason, &n, &rows);
	} else {
		struct entry_info info = house_entry(h, "erase", reason);
		e = named_by(h, p, &also, &n_also);
		if (!e)
			e = journal_erase_person(h->j, p->no, also, n_also, &info);
		n = 1;
	}
	*ret_n += n;
	*ret_rows += rows;
	return e;
}

static enum err erase_again(struct house *h, const char *path, const char *reason, size_t *ret_n,
                            size_t *ret_rows)
{
	char line[256];
	FILE *f = fopen(path, "r");
	if (!f)
		return diag_set(&h->app->diag, ERR_FILE_UNREADABLE, "%s", path);
	enum err e = OK;
	for (int number = 1; !e && fgets(line, sizeof(line), f); number++) {
		struct person *p = NULL;
		size_t n = 0;
		bool erased = true;
		if (number == 1 || line[0] == '\n')
			continue; /* names of the columns */
		e = find_listed(h, str_c(line), &p, &n);
		for (size_t i = 0; !e && i < n; i++) {
			e = journal_is_erased(h->j, p[i].no, &erased);
			if (!e && !erased)
				e = erase_listed(h, &p[i], reason, ret_n, ret_rows);
		}
		if (e)
			diag_place(&h->app->diag, "%s:%d", path, number);
	}
	(void)fclose(f);
	return e;
}

static int said(struct app *app, enum err e, size_t n, size_t rows, size_t copies)
{
	if (e)
		return app_fail(app);
	printf(app->lang == LANG_ZH ? "已清除：人员记录 %zu 条，台账行 %zu 行及其原件\n"
	                            : "erased: %zu person records, %zu rows of ledgers with their originals\n",
	       n, rows);
	if (copies)
		printf(app->lang == LANG_ZH ? "升级时留下的旧数据库 %zu 个已删除\n"
		                            : "%zu copies that upgrades had kept were deleted\n", copies);
	return 0;
}

struct wish {
	const char *dir, *person, *again, *reason;
	bool list;
};

/* What is wanted: a person, those on a list, or the list; false after a message. */
static bool read_wish(struct app *app, const struct args *a, struct wish *w)
{
	*w = (struct wish){.dir = args_need(app, a, "data"),
	                   .again = args_value(a, "again"),
	                   .list = args_flag(a, "list")};
	if (!w->dir)
		return false;
	if (w->list)
		return true;
	if (!w->again)
		w->person = args_need(app, a, "person");
	if (w->again || w->person)
		w->reason = args_need(app, a, "reason");
	return w->reason != NULL;
}

static enum err erase_wished(struct house *h, const struct wish *w, size_t *n, size_t *rows,
                             size_t *copies)
{
	enum err e = w->again ? erase_again(h, w->again, w->reason, n, rows)
	                      : erase(h, w->person, w->reason, n, rows);
	if (!e && (*n || *rows)) /* what upgrades kept still holds the person */
		e = db_drop_copies(h->db, copies);
	return e;
}

int cmd_erase(struct app *app, int argc, char **argv)
{
	struct args a;
	struct house h;
	struct wish w;
	size_t n = 0, rows = 0, copies = 0;
	int status;
	if (!args_parse(app, "erase", opts, argc, argv, &a, &status))
		return status;
	if (!read_wish(app, &a, &w))
		return 2;
	if (house_open(app, w.dir, w.list ? DB_READ : DB_WRITE, &h))
		return app_fail(app);
	enum err e = w.list ? print_list(&h) : erase_wished(&h, &w, &n, &rows, &copies);
	house_close(&h);
	if (w.list)
		return e ? app_fail(app) : 0;
	status = said(app, e, n, rows, copies);
	return status || w.again || n || rows ? status : 1;
}

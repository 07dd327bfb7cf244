/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/house.h"

#include "attach/attach.h"
#include "ledger/index.h"
#include "ledger/project.h"
#include "registry/registry.h"
#include "registry/search.h"

#include "base/banned.h"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"person", OPT_VALUE, "ID", TEXT("要清除的人的身份证号", "identity number of the person to erase")},
	{"reason", OPT_VALUE, "TEXT", TEXT("依据", "on what ground")},
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

/* Everybody recorded under the number: one human may stand in two households. */
static enum err erase(struct house *h, const char *id, const char *reason, size_t *ret_n,
                      size_t *ret_rows)
{
	struct idno no = idno_parse(str_c(id), false);
	unsigned char key[KEY_INDEX_BYTES];
	struct person *p = NULL;
	size_t n = 0;
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
		e = named_by(h, &p[i], &also, &n_also);
		if (!e)
			e = journal_erase_person(h->j, p[i].no, also, n_also, &info);
	}
	*ret_n = n;
	if (!e)
		e = erase_rows(h, &no, reason, ret_rows);
	if (!e)
		e = search_catch_up(h->db); /* nobody is found by a name that is gone */
	if (!e)
		e = attach_sweep(h->db, true); /* papers that were theirs alone */
	return e;
}

int cmd_erase(struct app *app, int argc, char **argv)
{
	struct args a;
	struct house h;
	size_t n = 0, rows = 0, copies = 0;
	int status;
	if (!args_parse(app, "erase", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data");
	const char *id = dir ? args_need(app, &a, "person") : NULL;
	const char *reason = id ? args_need(app, &a, "reason") : NULL;
	if (!reason)
		return 2;
	if (house_open(app, dir, DB_WRITE, &h))
		return app_fail(app);
	enum err e = erase(&h, id, reason, &n, &rows);
	if (!e && (n || rows)) /* what upgrades kept still holds the person */
		e = db_drop_copies(h.db, &copies);
	house_close(&h);
	if (e)
		return app_fail(app);
	printf(app->lang == LANG_ZH ? "已清除：人员记录 %zu 条，台账行 %zu 行及其原件\n"
	                            : "erased: %zu person records, %zu rows of ledgers with their originals\n",
	       n, rows);
	if (copies)
		printf(app->lang == LANG_ZH ? "升级时留下的旧数据库 %zu 个已删除\n"
		                            : "%zu copies that upgrades had kept were deleted\n", copies);
	return n || rows ? 0 : 1;
}

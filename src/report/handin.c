/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/handin.h"

#include "base/banned.h"

static enum err take_review(const struct import *im, struct rows *rows, size_t sheet, date_t today,
                            struct arena *a, struct handin_result *r)
{
	enum err e = review_read(im->j, im->pack, rows, sheet, today, a, &r->answers);
	rows_close(rows);
	r->review = true;
	r->partly_refused = !e && r->answers.n_rejects > 0;
	return e;
}

static enum err take_ledger(const struct import *im, const char *path, const unsigned char hash[32],
                            struct rows *rows, struct arena *a, struct handin_result *r)
{
	enum err e = import_file(im, path, hash, rows, a, &r->ledger);
	if (e)
		return e;
	for (size_t i = 0; !r->ledger.already && i < r->ledger.n_ledgers; i++)
		r->touches_register |= project_concerns(r->ledger.ledgers[i].record.layout);
	r->partly_refused = !r->ledger.already && r->ledger.counts.bad > 0;
	return OK;
}

enum err handin_file(const struct import *im, const char *path, const unsigned char hash[32],
                     date_t today, struct arena *a, struct handin_result *ret)
{
	struct handin_result r = {0};
	struct rows *rows = NULL;
	size_t sheet;
	enum err e = rows_open(path, NULL, db_diag(journal_db(im->j)), &rows);
	if (e)
		return e;
	e = review_recognise(rows, &sheet) ? take_review(im, rows, sheet, today, a, &r)
	                                   : take_ledger(im, path, hash, rows, a, &r);
	if (!e)
		*ret = r;
	return e;
}

void handin_done(struct handin_result *r)
{
	if (!r->review)
		import_done(&r->ledger);
}

enum err handin_behind(struct db *db, struct arena *a, bool *ret)
{
	struct stmt *s = db_stmt(db, STMT_ledger_behind);
	stmt_bind_int(s, 2, ledger_desc.id);
	*ret = false;
	while (stmt_row(s)) {
		const char *layout = stmt_dup(s, 0, a);
		*ret = *ret || (layout && project_concerns(layout));
	}
	return stmt_end(s);
}

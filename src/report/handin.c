/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/handin.h"

#include "base/banned.h"

static enum err take_ledger(const struct import *im, struct ahead *ahead, struct read_file *f,
                            struct arena *a, struct handin_result *r)
{
	enum err e = import_file(im, ahead, f, a, &r->ledger);
	if (e)
		return e;
	for (size_t i = 0; !r->ledger.already && i < r->ledger.n_ledgers; i++)
		r->touches_register |= project_concerns(r->ledger.ledgers[i].record.layout);
	r->partly_refused = !r->ledger.already && r->ledger.counts.bad > 0;
	return OK;
}

enum err handin_file(const struct import *im, struct ahead *ahead, struct read_file *f, date_t today,
                     struct arena *a, struct handin_result *ret)
{
	struct handin_result r = {.review = f->other};
	enum err e;
	if (f->other) {
		e = review_read(im->j, im->pack, f->rows, f->other_sheet, today, a, &r.answers);
		r.partly_refused = !e && r.answers.n_rejects > 0;
	} else {
		e = take_ledger(im, ahead, f, a, &r);
	}
	if (!e)
		*ret = r;
	return e;
}

const struct text handin_behind_text =
	TEXT("名册落后于台账：导入还在进行，或上次导入中途被打断，现在核对的是先前的数据。"
	     "没有导入在进行时，请再导入任意一个文件（已导入过的也可以），名册随即补齐",
	     "the register is behind its ledgers: an import goes on, or one was cut short; what is "
	     "checked is what was there before. When none goes on, import any file again (one that "
	     "is here already will do), and the register is brought up to date");

enum err handin_behind(struct db *db, struct arena *a, bool *ret)
{
	struct stmt *s = db_stmt(db, STMT_ledger_behind);
	stmt_bind_int(s, 2, ledger_desc.id);
	stmt_bind_text(s, 3, PROJECT_DONE);
	*ret = false;
	while (stmt_row(s)) {
		const char *layout = stmt_dup(s, 0, a);
		*ret = *ret || (layout && project_concerns(layout));
	}
	return stmt_end(s);
}

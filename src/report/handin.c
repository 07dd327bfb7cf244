/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/handin.h"

#include "base/banned.h"

static enum err take_ledger(struct handin *h, const struct import *im, struct handin_result *r)
{
	int ms = im->in_turn && !im->dry_run ? DB_PIECE_MS : 0;
	if (!h->work)
		import_open(h->ahead, h->file, h->a, &h->work);
	enum err e = import_write(h->work, im, ms, &h->done, &r->ledger);
	if (e || !h->done)
		return e;
	for (size_t i = 0; !r->ledger.already && i < r->ledger.n_ledgers; i++)
		r->touches_register |= project_concerns(r->ledger.ledgers[i].record.layout);
	r->partly_refused = !r->ledger.already && r->ledger.counts.bad > 0;
	return OK;
}

enum err handin_write(struct handin *h, const struct import *im, date_t today,
                      struct handin_result *ret)
{
	const struct read_file *f = h->file;
	*ret = (struct handin_result){.review = f->other};
	if (!f->other)
		return take_ledger(h, im, ret);
	enum err e = review_read(im->j, im->pack, f->rows, f->other_sheet, today, h->a, &ret->answers);
	ret->partly_refused = !e && ret->answers.n_rejects > 0;
	h->done = true;
	return e;
}

bool handin_is_left(const struct handin *h, enum err e, const struct handin_result *r)
{
	return h->work && import_in_pieces(h->work) && (e || r->ledger.already);
}

enum err handin_withdraw(const struct handin *h, struct journal *j)
{
	return import_withdraw(h->work, j);
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

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/review.h"

#include "base/vec.h"
#include "check/record.h"
#include "report/rectify.h"

#include "base/banned.h"

enum { HEAD_ROWS = 12 }; /* the header stands within these */

struct review {
	struct journal *j;
	const struct pack *pack;
	struct diag *diag;
	struct arena *a;
	date_t today;
	int col[RECTIFY_COLUMN_MAX]; /* of the sheet, or -1 */
	VEC(struct review_reject) rejects;
	struct review_result result;
};

bool review_recognise(struct rows *rows, size_t *ret_sheet)
{
	for (size_t i = 0; i < rows_sheet_count(rows); i++)
		if (strcmp(rows_sheet_info(rows, i)->name, RECTIFY_SHEET) == 0) {
			*ret_sheet = i;
			return true;
		}
	return false;
}

static bool take_header(struct review *v, const struct row *row)
{
	for (int c = 0; c < RECTIFY_COLUMN_MAX; c++) {
		v->col[c] = -1;
		for (size_t i = 0; i < row->n; i++)
			if (str_is(str_trim(row->cells[i].text), rectify_heads[c]))
				v->col[c] = (int)i;
	}
	return v->col[RECTIFY_KEY] >= 0 && v->col[RECTIFY_ANSWER] >= 0;
}

static struct str cell(const struct review *v, const struct row *row, enum rectify_column c)
{
	int i = v->col[c];
	if (i < 0 || (size_t)i >= row->n)
		return STR("");
	return str_trim(row->cells[i].text);
}

static enum err reject(struct review *v, const struct row *row, enum err code, struct str value)
{
	*vec_push(&v->rejects) = (struct review_reject){row->number, code, str_dup(v->a, value)};
	return OK;
}

/* The finding that the row's key names and proves; 0 when it does not. */
static enum err finding_of(struct review *v, struct str key, int64_t *ret)
{
	struct finding_record f;
	bool found = false;
	char expected[RECTIFY_KEY_SIZE];
	int64_t no = rectify_key_no(key);
	*ret = 0;
	if (!no)
		return OK;
	enum err e = record_get(v->j, no, v->a, &f, &found);
	if (e || !found)
		return e;
	rectify_key(journal_keys(v->j), db_county(journal_db(v->j)), no, f.rule, expected);
	if (str_is(key, expected))
		*ret = no;
	return OK;
}

/* Words that people write when they type instead of choosing. */
static const struct {
	struct str word;
	const char *state;
} words[] = {
	{STR("待更正"), "pending"},        {STR("待整改"), "pending"},
	{STR("未核实"), ""},               {STR("台账有误"), "ledger_wrong"},
	{STR("台账错误"), "ledger_wrong"}, {STR("正当理由"), "explained"},
	{STR("豁免"), "explained"},        {STR("上级"), "policy_action"},
	{STR("已更正"), "file_fixed"},     {STR("已整改"), "file_fixed"},
	{STR("已修改"), "file_fixed"},     {STR("已改正"), "file_fixed"},
};

static const char *state_of(struct str answer)
{
	for (const struct rectify_answer *x = rectify_answers; x->text; x++)
		if (str_is(answer, x->text))
			return x->state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_find(answer, words[i].word) != SIZE_MAX)
			return words[i].state;
	return NULL;
}

static const char *text_or_null(const struct review *v, struct str s)
{
	return s.n ? str_dup(v->a, s) : NULL;
}

static enum err take_row(struct review *v, const struct row *row)
{
	struct str key = cell(v, row, RECTIFY_KEY), answer = cell(v, row, RECTIFY_ANSWER);
	struct str day = cell(v, row, RECTIFY_DATE);
	int64_t no = 0;
	bool changed = false;
	if (!key.n && !answer.n)
		return OK;
	const char *state = state_of(answer);
	if (!answer.n || (state && !state[0])) {
		v->result.empty++;
		return OK;
	}
	enum err e = finding_of(v, key, &no);
	if (e)
		return e;
	if (!no)
		return reject(v, row, ERR_REVIEW_KEY, key);
	if (!state)
		return reject(v, row, ERR_REVIEW_ANSWER, answer);
	if (day.n && date_prec(date_parse(day)) != DATE_DAY)
		return reject(v, row, ERR_CELL_DATE, day);
	struct record_answer a = {
		.state = state,
		.day = day.n ? date_parse(day) : v->today,
		.by = text_or_null(v, cell(v, row, RECTIFY_BY)),
		.remark = text_or_null(v, cell(v, row, RECTIFY_REMARK)),
		.evidence = text_or_null(v, cell(v, row, RECTIFY_EVIDENCE)),
	};
	e = record_answer(v->j, v->pack, no, &a, &changed);
	if (!e && changed)
		v->result.answered++;
	else if (!e)
		v->result.unchanged++;
	return e;
}

enum err review_read(struct journal *j, const struct pack *pack, struct rows *rows, size_t sheet,
                     date_t today, struct arena *a, struct review_result *ret)
{
	struct review v = {.j = j, .pack = pack, .diag = db_diag(journal_db(j)), .a = a, .today = today};
	struct row row;
	bool more = true, head = false;
	size_t seen = 0;
	enum err e = rows_sheet(rows, sheet, v.diag);
	while (!e && more) {
		e = rows_next(rows, v.diag, &row, &more);
		if (e || !more)
			break;
		if (head)
			e = take_row(&v, &row);
		else if (take_header(&v, &row))
			head = true;
		else if (++seen > HEAD_ROWS)
			break;
	}
	if (!e && !head)
		e = diag_set(v.diag, ERR_TABLE_NOT_FOUND, "%s", RECTIFY_SHEET);
	v.result.n_rejects = v.rejects.n;
	v.result.rejects = ARENA_ARRAY(a, v.rejects.n + 1, struct review_reject);
	if (v.rejects.n)
		memcpy(v.result.rejects, v.rejects.p, v.rejects.n * sizeof(*v.rejects.p));
	vec_free(&v.rejects);
	if (!e)
		*ret = v.result;
	return e;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "work/who.h"

#include "base/banned.h"

const char *work_villages(const struct work_who *who, struct arena *a)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_addc(&b, '[');
	for (size_t i = 0; i < who->n_villages; i++) {
		if (i)
			buf_addc(&b, ',');
		json_string(str_c(who->villages[i]), &b);
	}
	buf_addc(&b, ']');
	const char *ret = str_dup(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

bool work_has_village(const struct work_who *who, const char *code)
{
	for (size_t i = 0; code && i < who->n_villages; i++)
		if (strcmp(who->villages[i], code) == 0)
			return true;
	return false;
}

static const struct work_item meeting_states[] = {
	{"planned", TEXT("待召开", "planned")},
	{"held", TEXT("已召开", "held")},
	{"cancelled", TEXT("已取消", "cancelled")},
};
static const struct work_item presences[] = {
	{"present", TEXT("到会", "present")},
	{"substitute", TEXT("委派他人", "sent somebody")},
	{"leave", TEXT("请假", "excused")},
	{"absent", TEXT("缺席", "absent")},
};
static const struct work_item task_states[] = {
	{"issued", TEXT("待签收", "issued")},
	{"acknowledged", TEXT("已签收", "acknowledged")},
	{"under_way", TEXT("办理中", "under way")},
	{"returned", TEXT("退回重办", "returned")},
	{"proven", TEXT("已举证", "proven")},
	{"checked", TEXT("已核验", "checked")},
	{"closed", TEXT("已销号", "closed")},
	{"cancelled", TEXT("已撤销", "cancelled")},
};
static const struct work_item task_moves[] = {
	{"issue", TEXT("下达", "issued")},
	{"change", TEXT("调整", "changed")},
	{"acknowledge", TEXT("签收", "acknowledged")},
	{"progress", TEXT("报进度", "progress")},
	{"prove", TEXT("举证", "proven")},
	{"check", TEXT("核验", "checked")},
	{"return", TEXT("退回", "returned")},
	{"close", TEXT("销号", "closed")},
	{"cancel", TEXT("撤销", "cancelled")},
};
static const struct work_item task_lates[] = {
	{"fine", TEXT("正常", "in time")},
	{"soon", TEXT("临期", "due soon")},
	{"unacknowledged", TEXT("逾期未签收", "not acknowledged in time")},
	{"overdue", TEXT("逾期", "overdue")},
};
static const struct work_item decision_states[] = {
	{"open", TEXT("未分解", "without tasks")},
	{"under_way", TEXT("落实中", "under way")},
	{"overdue", TEXT("逾期", "overdue")},
	{"done", TEXT("已落实", "done")},
};
static const struct work_item request_states[] = {
	{"open", TEXT("待报送", "owed")},
	{"returned", TEXT("已报送", "returned")},
	{"cancelled", TEXT("已取消", "cancelled")},
};

#define LIST(id, items) {id, items, sizeof(items) / sizeof(*(items))}
const struct work_list work_lists[] = {
	LIST("meeting_state", meeting_states), LIST("presence", presences),
	LIST("task_state", task_states),       LIST("task_move", task_moves),
	LIST("task_late", task_lates),         LIST("decision_state", decision_states),
	LIST("request_state", request_states), {0},
};

const struct work_item *work_item(const char *list, const char *id)
{
	for (const struct work_list *l = work_lists; id && l->id; l++)
		for (size_t i = 0; strcmp(l->id, list) == 0 && i < l->n; i++)
			if (strcmp(l->items[i].id, id) == 0)
				return &l->items[i];
	return NULL;
}

static int32_t days(const struct pack *pack, const char *id, int32_t none)
{
	int64_t v = pack_param_int(pack, id, none);
	return v >= 0 && v <= 3650 ? (int32_t)v : none;
}

struct work_terms work_terms(const struct pack *pack)
{
	return (struct work_terms){
		.soon = days(pack, "task_soon_days", 3),
		.ack = days(pack, "task_ack_days", 2),
		.escalate = days(pack, "task_escalate_days", 3),
	};
}

enum err work_wrong(struct diag *diag, const char *field, enum err e, const char *detail)
{
	e = diag_set(diag, e, "%s", detail ? detail : "");
	diag_place(diag, "%s", field);
	return e;
}

static const char *text_of(const struct record_desc *d, const void *rec, size_t i)
{
	const char *v;
	memcpy(&v, (const char *)rec + d->fields[i].offset, sizeof(v));
	return v;
}

enum err work_valid(const struct pack *pack, const struct record_desc *d, const void *rec,
                    struct diag *diag)
{
	uint64_t missing = record_missing(d, rec);
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		if (missing & FIELD_BIT(i))
			return work_wrong(diag, f->name, ERR_CELL_REQUIRED, NULL);
		if ((f->kind != FIELD_TEXT && f->kind != FIELD_CODE) || !field_has(d, rec, i))
			continue;
		const char *v = text_of(d, rec, i);
		if (strlen(v) > WORK_TEXT_MAX)
			return work_wrong(diag, f->name, ERR_CELL_TOO_LONG, NULL);
		const struct pack_list *l = f->kind == FIELD_CODE ? pack_list(pack, f->list) : NULL;
		if (f->kind == FIELD_CODE && (!l || pack_code_by_id(l, v) < 0))
			return work_wrong(diag, f->name, ERR_CELL_CODE, v);
	}
	return OK;
}

enum err work_day(struct diag *diag, const char *field, date_t day, date_t not_before, date_t today)
{
	char text[16];
	(void)date_format(day, text);
	if (date_prec(day) != DATE_DAY)
		return work_wrong(diag, field, ERR_CELL_DATE, text);
	if (day > today)
		return work_wrong(diag, field, ERR_DATE_FUTURE, text);
	if (not_before && day < not_before)
		return work_wrong(diag, field, ERR_DATE_ORDER, text);
	return OK;
}

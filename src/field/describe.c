/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "field/field.h"

#include "base/banned.h"

static const struct {
	const char *name;
	struct text label;
} classes[] = {
	[F_PUBLIC] = {"public", TEXT("公开", "public")},
	[F_OFFICE] = {"office", TEXT("内部", "office")},
	[F_SENSITIVE] = {"sensitive", TEXT("敏感", "sensitive")},
	[F_COMPUTED] = {"computed", TEXT("随其他项而定", "computed")},
};

static const struct {
	unsigned flag;
	const char *name;
	struct text label;
} marks[] = {
	{F_SEALED, "sealed", TEXT("加密", "sealed")},
	{F_KEY, "key", TEXT("关键", "key")},
	{F_REQUIRED, "required", TEXT("必填", "required")},
	{F_SEARCH, "search", TEXT("可查", "searched")},
	{F_BULK, "bulk", TEXT("大块", "bulk")},
	{F_LOGIN, "login", TEXT("登录名", "login")},
};

enum { MARKS = sizeof(marks) / sizeof(marks[0]) };

static void describe_one_md(const struct record_desc *d, enum lang lang, struct buf *out)
{
	static const struct text head = TEXT("| 编号 | 列名 | 名称 | 类型 | 取值 | 密级 | 标记 |",
					     "| id | column | label | kind | list | privacy | marks |");
	buf_addf(out, "## %s (`%s`, %u)\n\n%s\n|---|---|---|---|---|---|---|\n", d->label.in[lang],
		 d->name, d->id, head.in[lang]);
	for (size_t i = 0; i < d->n; i++) {
		const struct field *f = &d->fields[i];
		buf_addf(out, "| %u | `%s` | %s | %s | %s | %s |", f->id, f->name,
			 f->label.in[lang], field_kind_name(f->kind), f->list ? f->list : "",
			 classes[f->flags & F_CLASS_MASK].label.in[lang]);
		for (size_t m = 0; m < MARKS; m++) {
			if (f->flags & marks[m].flag)
				buf_addf(out, " %s", marks[m].label.in[lang]);
		}
		buf_adds(out, " |\n");
	}
	buf_addc(out, '\n');
}

void record_describe_md(const struct record_desc *const *descs, size_t n, enum lang lang,
			struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		describe_one_md(descs[i], lang, out);
}

static void add_member(const char *name, const char *value, struct buf *out)
{
	json_string(str_c(name), out);
	buf_addc(out, ':');
	json_string(str_c(value), out);
	buf_addc(out, ',');
}

static void describe_field_json(const struct field *f, struct buf *out)
{
	buf_addf(out, "{\"id\":%u,", f->id);
	add_member("name", f->name, out);
	add_member("kind", field_kind_name(f->kind), out);
	if (f->list)
		add_member("list", f->list, out);
	add_member("privacy", classes[f->flags & F_CLASS_MASK].name, out);
	add_member("zh", f->label.in[LANG_ZH], out);
	add_member("en", f->label.in[LANG_EN], out);
	buf_adds(out, "\"marks\":[");
	bool first = true;
	for (size_t m = 0; m < MARKS; m++) {
		if (!(f->flags & marks[m].flag))
			continue;
		buf_addf(out, "%s\"%s\"", first ? "" : ",", marks[m].name);
		first = false;
	}
	buf_adds(out, "]}");
}

void record_describe_json(const struct record_desc *const *descs, size_t n, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t r = 0; r < n; r++) {
		const struct record_desc *d = descs[r];
		buf_addf(out, "%s\n{\"id\":%u,", r ? "," : "", d->id);
		add_member("name", d->name, out);
		add_member("zh", d->label.in[LANG_ZH], out);
		add_member("en", d->label.in[LANG_EN], out);
		buf_adds(out, "\"fields\":[");
		for (size_t i = 0; i < d->n; i++) {
			buf_adds(out, i ? ",\n  " : "\n  ");
			describe_field_json(&d->fields[i], out);
		}
		buf_adds(out, "]}");
	}
	buf_adds(out, "]\n");
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/schema.h"

#include "link/hanname.h"

#include "base/banned.h"

/* The same name, written with the same characters: blanks, the dots of minority
 * names, what stands in brackets, traditional and variant forms do not count. */
static void same_name(const struct rule_value *args, struct arena *a, struct rule_value *ret)
{
	struct hanname x = hanname_parse(args[0].s), y = hanname_parse(args[1].s);
	enum hanname_class c = hanname_compare(&x, &y);

	(void)a;
	if (c == HANNAME_MISSING)
		return;
	ret->state = RULE_KNOWN;
	ret->i = c == HANNAME_SAME || c == HANNAME_VARIANT || c == HANNAME_HOLES;
}

static const struct rule_func funcs[] = {
	{"same_name", {RULE_BOOL, 0, NULL}, 2, {{RULE_TEXT, 0, NULL}, {RULE_TEXT, 0, NULL}},
	 same_name, TEXT("姓名相同", "same name")},
};

const struct rule_func *schema_funcs(int *ret_n)
{
	*ret_n = (int)(sizeof(funcs) / sizeof(funcs[0]));
	return funcs;
}

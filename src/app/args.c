/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/app.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"

#include "base/banned.h"

int app_fail(struct app *app)
{
	struct buf b;
	buf_init(&b, 8192);
	diag_print(&app->diag, app->lang, &b);
	fprintf(stderr, "daohu: %s\n", b.n ? b.p : "");
	buf_release(&b);
	int status = err_exit_status(app->diag.code);
	diag_clear(&app->diag);
	return status;
}

int app_usage(struct app *app, const char *fmt, ...)
{
	char text[400];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)diag_set(&app->diag, ERR_USAGE, "%s", text);
	return app_fail(app);
}

static void pad(FILE *f, const char *s, size_t width)
{
	size_t w = utf8_str_width(str_c(s));
	fprintf(f, "%s%*s", s, w < width ? (int)(width - w) : 1, "");
}

static void print_help(const struct app *app, const char *command, const struct opt *opts)
{
	const struct command *c = app_commands;
	while (c->name && strcmp(c->name, command) != 0)
		c++;
	assert(c->name);
	printf(app->lang == LANG_ZH ? "用法：daohu %s %s\n\n%s\n" : "usage: daohu %s %s\n\n%s\n", command,
	       app_text(app, c->usage), app_text(app, c->summary));
	if (opts->name)
		fputs(app->lang == LANG_ZH ? "\n选项：\n" : "\noptions:\n", stdout);
	for (const struct opt *o = opts; o->name; o++) {
		char left[80];
		(void)snprintf(left, sizeof(left), "  --%s%s%s", o->name, o->arg ? " " : "",
		               o->arg ? o->arg : "");
		pad(stdout, left, 28);
		puts(app_text(app, o->help));
	}
}

static size_t opt_index(const struct opt *opts, struct str name)
{
	size_t i = 0;
	while (opts[i].name && !str_is(name, opts[i].name))
		i++;
	assert(i < ARGS_MAX);
	return i;
}

static void list_add(struct app *app, const char ***list, size_t *n, const char *v)
{
	if (*n % 16 == 0) {
		const char **grown = ARENA_ARRAY(&app->arena, *n + 16, const char *);
		for (size_t i = 0; i < *n; i++)
			grown[i] = (*list)[i];
		*list = grown;
	}
	(*list)[(*n)++] = v;
}

/* One option at argv[*i]; advances over its value.  False on an error. */
static bool take_option(struct app *app, char **argv, int argc, int *i, struct args *a)
{
	struct str word = str_c(argv[*i] + 2), name = word;
	const char *eq = memchr(word.p, '=', word.n);
	if (eq)
		name.n = (size_t)(eq - word.p);
	size_t k = opt_index(a->opts, name);
	const struct opt *o = &a->opts[k];
	if (!o->name) {
		(void)diag_set(&app->diag, ERR_USAGE, "--" STR_FMT, STR_ARG(name));
		return false;
	}
	if (o->kind == OPT_FLAG) {
		a->value[k] = "";
		return eq == NULL;
	}
	const char *v = eq ? eq + 1 : *i + 1 < argc ? argv[++*i] : NULL;
	if (!v) {
		(void)diag_set(&app->diag, ERR_USAGE, "--%s %s", o->name, o->arg ? o->arg : "");
		return false;
	}
	a->value[k] = v;
	if (o->kind == OPT_LIST)
		list_add(app, &a->list[k], &a->list_n[k], v);
	return true;
}

bool args_parse(struct app *app, const char *command, const struct opt *opts, int argc,
                char **argv, struct args *ret, int *ret_status)
{
	*ret = (struct args){.opts = opts};
	bool ended = false;
	for (int i = 0; i < argc; i++) {
		if (!ended && strcmp(argv[i], "--") == 0) {
			ended = true;
		} else if (!ended && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
			print_help(app, command, opts);
			*ret_status = 0;
			return false;
		} else if (!ended && strncmp(argv[i], "--", 2) == 0) {
			if (!take_option(app, argv, argc, &i, ret)) {
				(void)diag_set(&app->diag, ERR_USAGE, "%s", argv[i]);
				*ret_status = app_fail(app);
				return false;
			}
		} else {
			list_add(app, &ret->rest, &ret->rest_n, argv[i]);
		}
	}
	return true;
}

static size_t must_have(const struct args *a, const char *name)
{
	size_t i = opt_index(a->opts, str_c(name));
	assert(a->opts[i].name);
	return i;
}

const char *args_value(const struct args *a, const char *name)
{
	return a->value[must_have(a, name)];
}

bool args_flag(const struct args *a, const char *name)
{
	return args_value(a, name) != NULL;
}

const char *args_password(const struct args *a, char to[PASSWORD_LINE])
{
	if (!args_flag(a, "password-stdin"))
		return NULL;
	if (!fgets(to, PASSWORD_LINE, stdin))
		to[0] = '\0';
	to[strcspn(to, "\r\n")] = '\0';
	return to;
}

const char *const *args_list(const struct args *a, const char *name, size_t *ret_n)
{
	size_t i = must_have(a, name);
	*ret_n = a->list_n[i];
	return a->list[i];
}

const char *args_need(struct app *app, const struct args *a, const char *name)
{
	size_t i = must_have(a, name);
	if (!a->value[i])
		(void)app_usage(app, "--%s %s", name, a->opts[i].arg ? a->opts[i].arg : "");
	return a->value[i];
}

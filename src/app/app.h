/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * app: what every command is handed, and the table of commands.
 *
 * A command is one file cmd_x.c: a table of its options and a function.  It
 * parses with args_parse, works, prints for people on stdout, prints problems
 * on stderr, and returns the exit status: 0 done, 1 something in the data was
 * refused or does not hold, 2 wrong arguments, 3 disk, database, network.
 */
#ifndef DAOHU_APP_APP_H
#define DAOHU_APP_APP_H

#include <stdio.h>

#include "base/err.h"

struct app {
	enum lang lang;
	struct arena arena; /* lives as long as the command */
	struct diag diag;   /* the error that ends the command */
};

struct command {
	const char *name;
	int (*run)(struct app *app, int argc, char **argv);
	struct text usage;   /* behind the name: "--data DIR FILE…" */
	struct text summary; /* one line */
};

/* All commands, ended by a row without name (modules.c is the one list). */
extern const struct command app_commands[];

enum opt_kind { OPT_FLAG, OPT_VALUE, OPT_LIST };

struct opt {
	const char *name; /* without the dashes; NULL ends the table */
	enum opt_kind kind;
	const char *arg; /* what stands behind it in the help: DIR */
	struct text help;
};

enum { ARGS_MAX = 64 };

struct args {
	const struct opt *opts;
	const char *value[ARGS_MAX];       /* last value of option i, "" for a flag; NULL = absent */
	const char **list[ARGS_MAX];       /* all values of a list option */
	size_t list_n[ARGS_MAX];
	const char **rest;                 /* what is no option, in order */
	size_t rest_n;
};

/*
 * Reads argv (after the command's name).  "--x V", "--x=V" and "--" work;
 * --help prints the command's page.  Returns true to go on; otherwise the
 * command returns *ret_status at once (0 after --help, 2 after an error).
 */
bool args_parse(struct app *app, const char *command, const struct opt *opts, int argc,
                char **argv, struct args *ret, int *ret_status);
/* The option's value or NULL; asserts that the option exists. */
const char *args_value(const struct args *a, const char *name);
bool args_flag(const struct args *a, const char *name);
/* With --password-stdin the first line of standard input, read into `to`; else NULL. */
enum { PASSWORD_LINE = 1024 };
const char *args_password(const struct args *a, char to[PASSWORD_LINE]);
/* All values of a list option. */
const char *const *args_list(const struct args *a, const char *name, size_t *ret_n);
/* The value, or a message on stderr and NULL. */
const char *args_need(struct app *app, const struct args *a, const char *name);

/* Text in the language of the run. */
static inline const char *app_text(const struct app *app, struct text t)
{
	return t.in[app->lang];
}
/* Prints app->diag on stderr, clears it and returns its exit status. */
int app_fail(struct app *app);
/* A wrong argument: prints and returns 2. */
int app_usage(struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int cmd_backup(struct app *app, int argc, char **argv);
int cmd_check(struct app *app, int argc, char **argv);
int cmd_describe(struct app *app, int argc, char **argv);
int cmd_draw(struct app *app, int argc, char **argv);
int cmd_erase(struct app *app, int argc, char **argv);
int cmd_estimate(struct app *app, int argc, char **argv);
int cmd_explain(struct app *app, int argc, char **argv);
int cmd_fill(struct app *app, int argc, char **argv);
int cmd_import(struct app *app, int argc, char **argv);
int cmd_init(struct app *app, int argc, char **argv);
int cmd_journal(struct app *app, int argc, char **argv);
int cmd_keys(struct app *app, int argc, char **argv);
int cmd_link(struct app *app, int argc, char **argv);
int cmd_report(struct app *app, int argc, char **argv);
int cmd_restore(struct app *app, int argc, char **argv);
int cmd_serve(struct app *app, int argc, char **argv);
int cmd_status(struct app *app, int argc, char **argv);
int cmd_synth(struct app *app, int argc, char **argv);
int cmd_table(struct app *app, int argc, char **argv);
int cmd_template(struct app *app, int argc, char **argv);
int cmd_upgrade(struct app *app, int argc, char **argv);
int cmd_user(struct app *app, int argc, char **argv);
int cmd_verify(struct app *app, int argc, char **argv);

#endif

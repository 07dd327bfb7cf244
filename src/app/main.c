/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main: finds the language and the command, and runs it.
 */
#include "app/app.h"

#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpus.h"
#include "base/utf8.h"

#include "base/banned.h"

/* Chinese unless the locale is plainly another: the offices' machines often
 * run with no locale at all. */
static enum lang lang_from_locale(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *v = getenv(names[i]);
		if (v && v[0])
			return strncmp(v, "en", 2) == 0 ? LANG_EN : LANG_ZH;
	}
	return LANG_ZH;
}

/* Takes --lang out of argv, wherever it stands before "--". */
static bool take_lang(int *argc, char **argv, enum lang *ret)
{
	int out = 0;
	bool ok = true, ended = false;
	for (int i = 0; i < *argc; i++) {
		const char *v = NULL;
		ended |= strcmp(argv[i], "--") == 0;
		if (!ended && strncmp(argv[i], "--lang=", 7) == 0)
			v = argv[i] + 7;
		else if (!ended && strcmp(argv[i], "--lang") == 0)
			v = i + 1 < *argc ? argv[++i] : "";
		else
			argv[out++] = argv[i];
		if (!v)
			continue;
		if (strcmp(v, "zh") == 0)
			*ret = LANG_ZH;
		else if (strcmp(v, "en") == 0)
			*ret = LANG_EN;
		else
			ok = false;
	}
	argv[out] = NULL;
	*argc = out;
	return ok;
}

static void print_commands(const struct app *app, FILE *f)
{
	static const struct text head = TEXT("到户 daohu：乡镇扶贫工作系统\n\n用法：daohu 命令 [选项]\n\n",
	                                     "Daohu: the work system of a poverty-alleviation drive\n\n"
	                                     "usage: daohu COMMAND [OPTIONS]\n\n");
	static const struct text tail =
		TEXT("\n每个命令都有 --help；--lang zh|en 选择语言。\n",
	             "\nEvery command has --help; --lang zh|en chooses the language.\n");
	fputs(app_text(app, head), f);
	for (const struct command *c = app_commands; c->name; c++)
		fprintf(f, "  %-10s %s\n", c->name, app_text(app, c->summary));
	fputs(app_text(app, tail), f);
}

/* Without TZ, glibc reads the zone's file again in every mktime, which libzip
 * calls for each entry of an archive.  Set before there are threads. */
static void settle_zone(void)
{
	(void)setenv("TZ", ":/etc/localtime", 0);
	tzset();
}

/* Large memory comes from the system and goes back to it at once.  By itself the allocator
 * keeps up to 32 MB pieces, between which a county leaves some hundred MB of holes.  Small memory
 * stays: what a request has freed is the next one's, without faults over the same pages.  And
 * threads that mostly sleep share heaps, one a processor, so that few have holes: by itself the
 * allocator makes up to eight. */
static void settle_memory(void)
{
	enum { FROM_SYSTEM = 1 << 20, STAYS = 4 << 20 };
	(void)mallopt(M_MMAP_THRESHOLD, FROM_SYSTEM);
	(void)mallopt(M_TRIM_THRESHOLD, STAYS);
	(void)mallopt(M_ARENA_MAX, (int)cpus_usable());
}

enum { ARENAS_KEEP = 256 << 20 };

int main(int argc, char **argv)
{
	struct app app = {.lang = lang_from_locale()};
	settle_memory();
	settle_zone();
	arena_init(&app.arena, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	if (!take_lang(&argc, argv, &app.lang))
		return app_usage(&app, "--lang zh|en");
	if (argc < 2) {
		print_commands(&app, stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_commands(&app, stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("daohu " DAOHU_VERSION);
		return 0;
	}
	if (strcmp(argv[1], "serve") != 0) /* which is there all day: what it does not use goes back */
		arena_keep(ARENAS_KEEP);
	int status = -1;
	for (const struct command *c = app_commands; c->name && status < 0; c++)
		if (strcmp(c->name, argv[1]) == 0)
			status = c->run(&app, argc - 2, argv + 2);
	if (status < 0) {
		(void)diag_set(&app.diag, ERR_UNKNOWN_COMMAND, "%s", argv[1]);
		status = app_fail(&app);
	}
	arena_release(&app.arena);
	if (fflush(stdout) != 0 && status == 0)
		status = 3;
	return status;
}

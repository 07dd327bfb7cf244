/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "app/progress.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/date.h"

#include "app/house.h"

#include "base/banned.h"

enum { FIRST_MS = 1000, EVERY_MS = 250, DAY_S = 24 * 3600 };

static struct {
	pthread_mutex_t lock;
	const struct app *app; /* NULL: nothing is shown */
	struct text what;
	int64_t begun, shown; /* by the monotonic clock */
	bool visible, seen; /* now; ever */
} line = {.lock = PTHREAD_MUTEX_INITIALIZER};

static volatile sig_atomic_t stopped;

static void clear(void)
{
	if (line.visible)
		fputs("\r\033[K", stderr);
	line.visible = false;
}

void progress_begin(const struct app *app, struct text what)
{
	(void)pthread_mutex_lock(&line.lock);
	clear();
	line.app = isatty(STDERR_FILENO) ? app : NULL;
	line.what = what;
	line.begun = line.shown = monotonic_ms();
	if (line.app && line.seen) { /* a long command: what it does now is said at once */
		fprintf(stderr, app->lang == LANG_ZH ? "%s……" : "%s ...", app_text(app, what));
		line.visible = true;
	}
	(void)pthread_mutex_unlock(&line.lock);
}

/* What is left at the rate so far, and when that will be by the clock on the wall. */
static void print_end(int64_t passed, double share, bool zh)
{
	int64_t left = (int64_t)((double)passed * (1 - share) / share) / 1000;
	int64_t end = (instant_now() / 1000 + left + (int64_t)ZONE_SHANGHAI * 60) % DAY_S;
	fprintf(stderr, zh ? "，%d%%，约剩 %lld 秒（%02d:%02d:%02d 完）" : ", %d%%, %lld s left (ends %02d:%02d:%02d)",
	        (int)(share * 100), (long long)left, (int)(end / 3600), (int)(end / 60 % 60), (int)(end % 60));
}

static void print_line(int64_t passed, int64_t rows, double share)
{
	bool zh = line.app->lang == LANG_ZH;
	fprintf(stderr, zh ? "\r%s：%lld 行，每秒 %lld 行" : "\r%s: %lld rows, %lld a second",
	        app_text(line.app, line.what), (long long)rows, (long long)(rows * 1000 / (passed ? passed : 1)));
	if (share > 0.01 && share <= 1)
		print_end(passed, share, zh);
	fputs("\033[K", stderr);
}

void progress_show(int64_t rows, double share)
{
	(void)pthread_mutex_lock(&line.lock);
	int64_t now = line.app ? monotonic_ms() : 0;
	bool due = line.app && now - line.begun >= FIRST_MS && now - line.shown >= EVERY_MS;
	if (due) {
		print_line(now - line.begun, rows, share);
		line.visible = line.seen = true;
		line.shown = now;
	}
	(void)pthread_mutex_unlock(&line.lock);
}

void progress_clear(void)
{
	(void)pthread_mutex_lock(&line.lock);
	clear();
	(void)pthread_mutex_unlock(&line.lock);
}

void progress_end(void)
{
	(void)pthread_mutex_lock(&line.lock);
	clear();
	line.app = NULL;
	(void)pthread_mutex_unlock(&line.lock);
}

/* --- asked to stop ----------------------------------------------------------------- */

static void take_signal(int number)
{
	stopped = 1;
	(void)signal(number, SIG_DFL);
}

void progress_take_signals(void)
{
	static const int list[] = {SIGINT, SIGTERM};
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (signal(list[i], take_signal) == SIG_IGN) /* as nohup and a shell's & want it */
			(void)signal(list[i], SIG_IGN);
}

bool progress_stopped(void)
{
	return stopped != 0;
}

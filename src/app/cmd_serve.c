/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * serve: the town office in the browser.  Holds the data folder until it is told to
 * stop (SIGTERM, SIGINT), then answers what it has begun and goes.
 */
#include "app/house.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"

#include "app/web_assets.h"
#include "io/pdf.h"

#include "base/banned.h"

#define LISTEN "127.0.0.1:8080"

static const struct opt opts[] = {
	{"data", OPT_VALUE, "DIR", TEXT("数据目录", "data folder")},
	{"listen", OPT_VALUE, "ADDR:PORT", TEXT("监听地址（默认 " LISTEN "）", "address (default " LISTEN ")")},
	{"tls-cert", OPT_VALUE, "FILE", TEXT("TLS 证书（PEM）", "TLS certificate (PEM)")},
	{"tls-key", OPT_VALUE, "FILE", TEXT("TLS 私钥（PEM）", "TLS private key (PEM)")},
	{"behind-proxy", OPT_FLAG, NULL,
	 TEXT("在反向代理之后：相信 X-Forwarded-For 和 X-Forwarded-Proto",
	      "behind a reverse proxy: believe X-Forwarded-For and X-Forwarded-Proto")},
	{"threads", OPT_VALUE, "N", TEXT("应答线程数（默认每核一个）", "answering threads (default one a core)")},
	{"idle", OPT_VALUE, "SECONDS", TEXT("多久没有动静就断开（默认 30）", "cut off after this silence (default 30)")},
	{0},
};

/* One write a line, so that lines of several threads stay whole. */
static void log_line(const char *line)
{
	const struct iovec parts[] = {{(void *)(uintptr_t)line, strlen(line)}, {(void *)(uintptr_t) "\n", 1}};
	ssize_t n = writev(STDERR_FILENO, parts, 2);
	(void)n; /* there is nowhere else to complain */
}

/* What a server that was killed has left: a file, or a folder of files. */
static void remove_left(int in, const char *name)
{
	if (unlinkat(in, name, 0) == 0)
		return;
	int fd = openat(in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	for (struct dirent *e; d && (e = readdir(d));)
		(void)unlinkat(fd, e->d_name, 0);
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	(void)unlinkat(in, name, AT_REMOVEDIR);
}

/* For what comes and goes; what is in it already is of no use to anybody. */
static enum err make_temp(struct app *app, const char *dir, const char **ret)
{
	const char *temp = arena_printf(&app->arena, "%s/tmp", dir);
	if (mkdir(temp, 0700) != 0 && errno != EEXIST)
		return diag_set(&app->diag, ERR_IO, "%s: %s", temp, strerror(errno));
	DIR *d = opendir(temp);
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.')
			remove_left(dirfd(d), e->d_name);
	if (d)
		closedir(d);
	*ret = temp;
	return OK;
}

static void print_ready(const struct app *app, const struct net_opts *o, const struct net *net)
{
	const char *colon = strrchr(o->listen, ':');
	printf(app->lang == LANG_ZH ? "到户已启动：%s://%.*s:%d/\n" : "daohu serves %s://%.*s:%d/\n",
	       o->cert ? "https" : "http", (int)(colon - o->listen), o->listen, net_port(net));
	fflush(stdout);
}

/* Meanwhile, once a minute, what nobody uses goes back to the system: what a busy hour leaves is
 * full of holes, in each thread's memory.  After each request would be too often: the next one would
 * take the same pages anew.  LOCKED when the county is lost: who starts us again finds out by whom. */
static enum err wait_for_signal(const sigset_t *signals, struct house *h)
{
	enum { LOOK_S = 5, LOOKS_A_MINUTE = 60 / LOOK_S };
	const struct timespec look = {LOOK_S, 0};
	for (unsigned n = 1; sigtimedwait(signals, NULL, &look) < 0; n++) {
		if (n % LOOKS_A_MINUTE == 0)
			(void)malloc_trim(0);
		if (db_lost(h->db))
			return diag_set(&h->app->diag, ERR_LOCKED, "%s", db_county(h->db));
	}
	return OK;
}

static enum err run(struct house *h, struct net_opts *o, const sigset_t *signals)
{
	struct app *app = h->app;
	struct net *net = NULL;
	struct api *api = NULL;
	struct api_opts a = {.dir = h->dir,
	                     .root = h->root,
	                     .version = DAOHU_VERSION,
	                     .calendar = h->calendar,
	                     .pack = h->pack,
	                     .areas = &h->areas,
	                     .keys = h->keys,
	                     .db = h->db,
	                     .journal = h->j,
	                     .tables = house_tables,
	                     .n_tables = house_table_count(),
	                     .https = o->cert != NULL,
	                     .log = log_line};
	pdf_apart(true);
	enum err e = make_temp(app, h->dir, &o->temp_dir);
	if (!e)
		e = api_begin(&a, &app->diag, &api);
	if (e)
		return e;
	o->routes = api_routes;
	o->n_tables = api_routes_n();
	o->hooks = api_hooks;
	o->app = api;
	o->assets = web_assets;
	o->n_assets = web_assets_n;
	o->home = "/office/";
	e = net_start(o, &app->diag, &net);
	if (!e) {
		print_ready(app, o, net);
		e = wait_for_signal(signals, h);
		net_stop(net);
	}
	api_end(api);
	return e;
}

int cmd_serve(struct app *app, int argc, char **argv)
{
	struct args a;
	struct house h;
	int status;
	int64_t threads = 0, idle = 0;
	sigset_t signals;
	if (!args_parse(app, "serve", opts, argc, argv, &a, &status))
		return status;
	const char *dir = args_need(app, &a, "data"), *n = args_value(&a, "threads");
	const char *s = args_value(&a, "idle");
	if (!dir)
		return 2;
	if (n && (!str_to_int(str_c(n), &threads) || threads < 1 || threads > 64))
		return app_usage(app, "--threads %s", n);
	if (s && (!str_to_int(str_c(s), &idle) || idle < 1 || idle > 3600))
		return app_usage(app, "--idle %s", s);
	struct net_opts o = {.listen = args_value(&a, "listen") ? args_value(&a, "listen") : LISTEN,
	                     .cert = args_value(&a, "tls-cert"),
	                     .key = args_value(&a, "tls-key"),
	                     .threads = (unsigned)threads,
	                     .jobs = 8,
	                     .idle_s = (int)idle,
	                     .behind_proxy = args_flag(&a, "behind-proxy")};
	if (!o.cert != !o.key)
		return app_usage(app, "--tls-cert FILE --tls-key FILE");
	/* every thread started from here on leaves them to sigwait */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (house_open(app, dir, DB_SERVE, &h))
		return app_fail(app);
	enum err e = house_sweep(&h);
	if (!e)
		e = run(&h, &o, &signals);
	house_close(&h);
	return e ? app_fail(app) : 0;
}

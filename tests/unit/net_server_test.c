/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* net as a server, over sockets, with routes of its own: threads, jobs, streams, uploads. */
#include "net/net.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/banned.h"

enum { THREADS = 2, REPLY_MAX = 4 << 20 };

static atomic_int threads_begun, threads_ended, streams_done, answers_done;
static char folder[64];
static struct net *server;

/* --- routes ---------------------------------------------------------------------------- */

static enum err echo(struct request *rq)
{
	json_object(&rq->out);
	json_c_member(&rq->out, "q", rq_text(rq, 0));
	json_bool_member(&rq->out, "thread", rq_thread(rq) != NULL);
	json_c_member(&rq->out, "address", rq_address(rq));
	json_end(&rq->out);
	return OK;
}

static enum err slow(struct request *rq)
{
	struct timespec t = {0, 100 * 1000000L};
	nanosleep(&t, NULL);
	return echo(rq);
}

/* More than a request may hold; the statement of a domain module would be left open. */
static enum err greedy(struct request *rq)
{
	for (;;)
		memset(arena_alloc(rq->a, 1 << 20), 'x', 1 << 20);
	return OK;
}

static enum err failing(struct request *rq)
{
	return diag_set(&rq->diag, ERR_DB, "secret of the inside");
}

static enum err conflicting(struct request *rq)
{
	struct json_out *o = rq_current(rq);
	json_object(o);
	json_int_member(o, "version", 7);
	json_end(o);
	return diag_set(&rq->diag, ERR_CONFLICT, "v7");
}

static enum err file(struct request *rq)
{
	char *path = arena_printf(rq->a, "%s/made", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, "bytes", 5) != 5)
		return diag_set(&rq->diag, ERR_IO, "%s", path);
	close(fd);
	rq_file(rq, "text/plain", "整改 \"1\".txt", path, true);
	return OK;
}

struct counter {
	int n, last;
};

static bool count_piece(void *arg, struct buf *out, struct diag *diag)
{
	struct counter *c = arg;
	(void)diag;
	buf_addf(out, "%d\n", c->n);
	return ++c->n < c->last;
}

static bool count_event(void *arg, struct buf *out, struct diag *diag)
{
	struct counter *c = arg;
	(void)diag;
	buf_addf(out, "data: %d\n\n", c->n);
	return ++c->n < c->last;
}

static void count_done(void *arg)
{
	(void)arg;
	atomic_fetch_add(&streams_done, 1);
}

static enum err stream(struct request *rq)
{
	struct counter *c = ARENA_NEW(rq->a, struct counter);
	c->last = 100000;
	rq_stream(rq, "text/plain", "n.txt", count_piece, c, count_done);
	return OK;
}

static enum err events(struct request *rq)
{
	struct counter *c = ARENA_NEW(rq->a, struct counter);
	c->last = (int)rq_int(rq, 0, 3);
	rq_events(rq, count_event, c, count_done, 60);
	return OK;
}

static enum err upload(struct request *rq)
{
	json_object(&rq->out);
	json_c_member(&rq->out, "note", rq_text(rq, 0));
	json_key(&rq->out, "files");
	json_array(&rq->out);
	for (size_t i = 0; i < rq->n_uploads; i++) {
		char first[16] = "";
		int fd = open(rq->uploads[i].path, O_RDONLY);
		ssize_t n = read(fd, first, sizeof(first) - 1);
		close(fd);
		json_object(&rq->out);
		json_c_member(&rq->out, "name", rq->uploads[i].name);
		json_int_member(&rq->out, "size", rq->uploads[i].size);
		json_text_member(&rq->out, "first", (struct str){first, n > 0 ? (size_t)n : 0});
		json_end(&rq->out);
	}
	json_end(&rq->out);
	json_end(&rq->out);
	return OK;
}

static const struct net_field q_in[] = {{.name = "q", .in = NET_QUERY, .kind = FIELD_TEXT}};
static const struct net_field n_in[] = {{.name = "n", .in = NET_QUERY, .kind = FIELD_INT}};
static const struct net_field note_in[] = {{.name = "note", .in = NET_BODY, .kind = FIELD_TEXT}};

#define ROUTE(id_, method_, handler_, ...)                                                         \
	{.id = #id_, .method = method_, .path = "/" #id_, .handler = handler_, .answer = "", .tag = "t", \
	 .summary = TEXT("摘要", "summary"), __VA_ARGS__}

static const struct route routes[] = {
	ROUTE(echo, NET_GET, echo, .in = q_in, .n_in = 1),
	ROUTE(slow, NET_GET, slow, .in = q_in, .n_in = 1, .kind = ROUTE_LONG),
	ROUTE(greedy, NET_GET, greedy, .n_in = 0),
	ROUTE(greedy_long, NET_GET, greedy, .kind = ROUTE_LONG),
	ROUTE(failing, NET_GET, failing, .n_in = 0),
	ROUTE(conflicting, NET_POST, conflicting, .n_in = 0),
	ROUTE(file, NET_GET, file, .n_in = 0),
	ROUTE(stream, NET_GET, stream, .n_in = 0),
	ROUTE(events, NET_GET, events, .in = n_in, .n_in = 1),
	ROUTE(upload, NET_POST, upload, .in = note_in, .n_in = 1, .upload = true, .max_body = 3 << 20,
	      .kind = ROUTE_LONG),
	{0},
};
static const struct route *const tables[] = {routes};

/* --- hooks -------------------------------------------------------------------------------- */

static void *thread_begin(void *app, struct diag *diag)
{
	(void)app;
	(void)diag;
	atomic_fetch_add(&threads_begun, 1);
	return base_calloc(1, 1);
}

static void thread_end(void *app, void *of_thread)
{
	(void)app;
	atomic_fetch_add(&threads_ended, 1);
	base_free(of_thread);
}

static void done(const struct request *rq, int status, int64_t micros)
{
	(void)rq;
	(void)status;
	(void)micros;
	atomic_fetch_add(&answers_done, 1);
}

static int start(void **state)
{
	(void)state;
	struct diag diag = {0};
	memcpy(folder, "/tmp/daohu-net-XXXXXX", 22);
	if (!mkdtemp(folder))
		return -1;
	struct net_opts o = {.listen = "127.0.0.1:0", .threads = THREADS, .jobs = 2, .temp_dir = folder,
	                     .routes = tables, .n_tables = 1, .grace_ms = 5000,
	                     .hooks = {.thread_begin = thread_begin, .thread_end = thread_end, .done = done}};
	return net_start(&o, &diag, &server) ? -1 : 0;
}

static int stop(void **state)
{
	(void)state;
	net_stop(server);
	server = NULL;
	return rmdir(folder); /* nothing is left lying about */
}

/* --- client --------------------------------------------------------------------------------- */

static int connect_to(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)net_port(server)),
	                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval limit = {20, 0};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
		if (k <= 0)
			return;
		p += k;
		n -= (size_t)k;
	}
}

/* Everything until the other side closes. */
static void talk(const char *request, size_t n, struct buf *reply)
{
	char piece[65536];
	ssize_t k;
	int fd = connect_to();
	send_all(fd, request, n);
	buf_clear(reply);
	while ((k = recv(fd, piece, sizeof(piece), 0)) > 0)
		buf_add(reply, piece, (size_t)k);
	close(fd);
}

static void get(const char *path, struct buf *reply)
{
	struct buf b;
	buf_init(&b, 8192);
	buf_addf(&b, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
	talk(b.p, b.n, reply);
	buf_release(&b);
}

static bool holds(const struct buf *reply, const char *text)
{
	return reply->p && str_find(buf_str(reply), str_c(text)) != SIZE_MAX;
}

/* --- tests ------------------------------------------------------------------------------------- */

static void test_server__answers(void **state)
{
	struct buf r;
	(void)state;
	buf_init(&r, REPLY_MAX);
	get("/echo?q=%E5%88%B0", &r);
	assert_true(holds(&r, "HTTP/1.1 200 "));
	assert_true(holds(&r, "{\"q\":\"到\",\"thread\":true,\"address\":\"127.0.0.1\"}"));
	get("/slow?q=x", &r);
	assert_true(holds(&r, "{\"q\":\"x\",\"thread\":true"));
	get("/failing", &r);
	assert_true(holds(&r, "HTTP/1.1 500 "));
	assert_false(holds(&r, "secret"));
	get("/file", &r);
	assert_true(holds(&r, "filename=\"__________1_.txt\"; filename*=UTF-8''%E6%95%B4%E6%94%B9%20%221%22.txt") ||
	            holds(&r, "filename*=UTF-8''%E6%95%B4%E6%94%B9%20%221%22.txt"));
	assert_true(holds(&r, "\r\n\r\nbytes"));
	buf_release(&r);
}

static void test_server__overflow_ends_the_request_only(void **state)
{
	struct buf r;
	(void)state;
	buf_init(&r, REPLY_MAX);
	for (int i = 0; i < 2 * THREADS; i++) {
		get(i % 2 ? "/greedy" : "/greedy_long", &r);
		assert_true(holds(&r, "HTTP/1.1 413 "));
	}
	get("/echo?q=after", &r);
	assert_true(holds(&r, "\"q\":\"after\""));
	buf_release(&r);
}

static void test_server__conflict_shows_what_is_there(void **state)
{
	static const char request[] = "POST /conflicting HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
				      "Connection: close\r\n\r\n";
	struct buf r;
	(void)state;
	buf_init(&r, REPLY_MAX);
	talk(request, sizeof(request) - 1, &r);
	assert_true(holds(&r, "HTTP/1.1 409 "));
	assert_true(holds(&r, "\"current\":{\"version\":7}}"));
	buf_release(&r);
}

static void test_server__streams(void **state)
{
	struct buf r;
	int before = atomic_load(&streams_done);
	(void)state;
	buf_init(&r, REPLY_MAX);
	get("/stream", &r);
	assert_true(holds(&r, "99999\n"));
	get("/events?n=4", &r);
	assert_true(holds(&r, "data: 0\n\n"));
	assert_true(holds(&r, "data: 3\n\n"));
	/* one that goes away in the middle */
	int fd = connect_to();
	static const char ask[] = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";
	send_all(fd, ask, sizeof(ask) - 1);
	char some[100];
	assert_true(recv(fd, some, sizeof(some), 0) > 0);
	close(fd);
	for (int i = 0; i < 500 && atomic_load(&streams_done) < before + 3; i++)
		usleep(10000);
	assert_int_equal(atomic_load(&streams_done), before + 3);
	buf_release(&r);
}

static void add_part(struct buf *b, const char *head, size_t n)
{
	buf_addf(b, "--B\r\nContent-Disposition: form-data; %s\r\n\r\n", head);
	for (size_t i = 0; i < n; i++)
		buf_addc(b, (char)('a' + i % 26));
	buf_adds(b, "\r\n");
}

static void post_upload(const struct buf *body, struct buf *reply)
{
	struct buf b;
	buf_init(&b, 64 << 20);
	buf_addf(&b, "POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	             "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n\r\n", body->n);
	buf_addstr(&b, buf_str(body));
	talk(b.p, b.n, reply);
	buf_release(&b);
}

static int files_in_folder(void)
{
	int n = 0;
	DIR *dir = opendir(folder);
	for (struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void test_server__uploads(void **state)
{
	struct buf body, r;
	(void)state;
	buf_init(&body, 64 << 20);
	buf_init(&r, REPLY_MAX);
	add_part(&body, "name=note", 5);
	add_part(&body, "name=f; filename=\"../../etc/台账.xlsx\"", 2 << 20);
	add_part(&body, "name=f; filename=\"b.csv\"", 0);
	buf_adds(&body, "--B--\r\n");
	post_upload(&body, &r);
	assert_true(holds(&r, "HTTP/1.1 200 "));
	assert_true(holds(&r, "{\"note\":\"abcde\",\"files\":[{\"name\":\"台账.xlsx\",\"size\":2097152,"
	                      "\"first\":\"abcdefghijklmno\"},{\"name\":\"b.csv\",\"size\":0,\"first\":\"\"}]}"));
	/* too large, broken, an unknown field: refused, and nothing stays */
	add_part(&body, "name=f; filename=\"c.csv\"", 2 << 20);
	post_upload(&body, &r);
	assert_true(holds(&r, "HTTP/1.1 413 "));
	buf_clear(&body);
	add_part(&body, "name=f; filename=\"c.csv\"", 100000);
	post_upload(&body, &r);
	assert_true(holds(&r, "HTTP/1.1 400 "));
	buf_clear(&body);
	add_part(&body, "name=other", 5);
	buf_adds(&body, "--B--\r\n");
	post_upload(&body, &r);
	assert_true(holds(&r, "HTTP/1.1 422 "));
	/* one that goes away in the middle */
	int fd = connect_to();
	static const char half[] =
		"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\n"
		"Content-Length: 100000\r\n\r\n--B\r\nContent-Disposition: form-data; name=f; "
		"filename=x\r\n\r\nabc";
	send_all(fd, half, sizeof(half) - 1);
	for (int i = 0; i < 300 && files_in_folder() == 0; i++)
		usleep(10000);
	close(fd);
	for (int i = 0; i < 300 && files_in_folder() > 0; i++)
		usleep(10000);
	assert_int_equal(files_in_folder(), 0);
	buf_release(&body);
	buf_release(&r);
}

static void *hammer(void *arg)
{
	struct buf r;
	static const char *const paths[] = {"/echo?q=1", "/slow?q=2", "/events?n=2", "/nothing", "/file",
	                                    "/echo?x=1"};
	buf_init(&r, REPLY_MAX);
	for (int i = 0; i < 60; i++)
		get(paths[i % 6], &r);
	buf_release(&r);
	return arg;
}

static void test_server__many_at_once(void **state)
{
	pthread_t t[6];
	(void)state;
	int before = atomic_load(&answers_done);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(pthread_create(&t[i], NULL, hammer, NULL), 0);
	for (size_t i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 300 && atomic_load(&answers_done) < before + 360; i++)
		usleep(10000);
	assert_int_equal(atomic_load(&answers_done), before + 360);
}

static void *get_slow(void *arg)
{
	get("/slow?q=kept", arg);
	return NULL;
}

/* What is under way is answered, event streams end, every thread's things are given back. */
static void test_server__stops(void **state)
{
	struct buf r, events_seen;
	pthread_t t;
	int none = 0;
	void *nothing = &none;
	(void)state;
	assert_int_equal(start(&nothing), 0);
	int begun = atomic_load(&threads_begun), ended = atomic_load(&threads_ended);
	buf_init(&r, REPLY_MAX);
	buf_init(&events_seen, REPLY_MAX);
	get("/echo?q=1", &r);
	int fd = connect_to();
	static const char ask[] = "GET /events?n=1000000 HTTP/1.1\r\nHost: x\r\n\r\n";
	send_all(fd, ask, sizeof(ask) - 1);
	assert_int_equal(pthread_create(&t, NULL, get_slow, &r), 0);
	usleep(40000);
	net_stop(server);
	pthread_join(t, NULL);
	assert_true(holds(&r, "\"q\":\"kept\""));
	char piece[4096];
	for (ssize_t k; (k = recv(fd, piece, sizeof(piece), 0)) > 0;)
		buf_add(&events_seen, piece, (size_t)k);
	assert_true(holds(&events_seen, "data: 0\n\n"));
	close(fd);
	begun = atomic_load(&threads_begun) - begun;
	assert_int_equal(begun, atomic_load(&threads_ended) - ended);
	assert_in_range(begun, 2, THREADS + 2); /* the slow one is a job's */
	assert_int_equal(rmdir(folder), 0);
	server = NULL;
	buf_release(&r);
	buf_release(&events_seen);
}

static void test_server__start_refused(void **state)
{
	struct diag diag = {0};
	struct net *n = NULL;
	char taken[64];
	(void)state;
	snprintf(taken, sizeof(taken), "127.0.0.1:%d", net_port(server));
	struct net_opts o = {.listen = taken, .routes = tables, .n_tables = 1};
	assert_int_equal(net_start(&o, &diag, &n), ERR_ADDRESS_IN_USE);
	static const char *const bad[] = {"nowhere", "127.0.0.1", "127.0.0.1:", ":80", "example.org:80",
	                                  "127.0.0.1:99999999"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		diag_clear(&diag);
		o.listen = bad[i];
		assert_int_equal(net_start(&o, &diag, &n), ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest running[] = {
		cmocka_unit_test(test_server__answers),
		cmocka_unit_test(test_server__overflow_ends_the_request_only),
		cmocka_unit_test(test_server__conflict_shows_what_is_there),
		cmocka_unit_test(test_server__streams),
		cmocka_unit_test(test_server__uploads),
		cmocka_unit_test(test_server__many_at_once),
		cmocka_unit_test(test_server__start_refused),
	};
	const struct CMUnitTest alone[] = {cmocka_unit_test(test_server__stops)};
	int failed = cmocka_run_group_tests(running, start, stop);
	return failed + cmocka_run_group_tests(alone, NULL, NULL);
}

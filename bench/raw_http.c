/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The peer of bench http: two epoll loops around one prepared SQLite statement, with no
 * real parser, no sign-in, no checks: about the least that could answer.
 *
 *     raw_http DAOHU.DB VILLAGE       prints its port
 *
 * GET …/N answers the household N of the village as JSON.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS = 2, EVENTS = 64, HEAD = 8192, BODY = 4096 };

static const char *db_path, *village;
static int port;

static const char sql[] =
	"SELECT h.no, h.version, h.hh_no, h.ident, h.village, h.group_name, h.address, h.head_name, h.ledger, "
	"h.uuid FROM household h WHERE h.county = ?1 AND h.no = ?2 "
	"AND h.village IN (SELECT value FROM json_each(?3))";
static const char *const names[] = {"no",         "version", "hh_no",     "ident",  "village",
                                    "group_name", "address", "head_name", "ledger", "uuid"};

static int listen_here(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, n) || listen(fd, 511) || getsockname(fd, (struct sockaddr *)&a, &n))
		exit(3);
	port = ntohs(a.sin_port);
	return fd;
}

static size_t body_of(sqlite3_stmt *s, char *out)
{
	size_t n = (size_t)snprintf(out, BODY, "{\"household\":{");
	if (sqlite3_step(s) == SQLITE_ROW)
		for (int c = 0; c < 10; c++) {
			const char *sep = c ? "," : "";
			if (sqlite3_column_type(s, c) == SQLITE_NULL)
				continue;
			if (sqlite3_column_type(s, c) == SQLITE_INTEGER)
				n += (size_t)snprintf(out + n, BODY - n, "%s\"%s\":%lld", sep, names[c],
				                      (long long)sqlite3_column_int64(s, c));
			else
				n += (size_t)snprintf(out + n, BODY - n, "%s\"%s\":\"%s\"", sep, names[c],
				                      (const char *)sqlite3_column_text(s, c));
		}
	sqlite3_reset(s);
	return n + (size_t)snprintf(out + n, BODY - n, "}}");
}

static void answer(int fd, sqlite3_stmt *s)
{
	char in[HEAD + 1], body[BODY], out[BODY + 512];
	ssize_t k = recv(fd, in, HEAD, 0);
	if (k <= 0) {
		close(fd);
		return;
	}
	in[k] = '\0';
	const char *end = strchr(in, ' '), *at = end ? strchr(end + 1, ' ') : NULL;
	while (at && at > in && at[-1] >= '0' && at[-1] <= '9')
		at--;
	sqlite3_bind_int64(s, 2, at ? strtoll(at, NULL, 10) : 0);
	size_t n = body_of(s, body);
	int m = snprintf(out, sizeof(out),
	                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", n, body);
	if (send(fd, out, (size_t)m, MSG_NOSIGNAL) < 0)
		close(fd);
}

static void *loop(void *arg)
{
	int listener = *(int *)arg, ep = epoll_create1(0), one = 1;
	struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, got[EVENTS];
	sqlite3 *db;
	sqlite3_stmt *s;
	char list[64];
	snprintf(list, sizeof(list), "[\"%s\"]", village);
	if (sqlite3_open_v2(db_path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ||
	    sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL))
		exit(3);
	sqlite3_bind_text(s, 1, "341226", -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, list, -1, SQLITE_STATIC);
	epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
	for (;;) {
		int n = epoll_wait(ep, got, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (got[i].data.fd != listener) {
				answer(got[i].data.fd, s);
				continue;
			}
			int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
			if (fd < 0)
				continue;
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			e.data.fd = fd;
			epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t[THREADS];
	int fd[THREADS];
	if (argc != 3)
		return 2;
	db_path = argv[1];
	village = argv[2];
	for (int i = 0; i < THREADS; i++) {
		fd[i] = listen_here();
		pthread_create(&t[i], NULL, loop, &fd[i]);
	}
	printf("%d\n", port);
	fflush(stdout);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	return 0;
}

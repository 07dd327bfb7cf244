/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The peer of bench http: two epoll loops around prepared SQLite statements, with no real
 * parser, no sign-in, no checks, no sealed values: about the least that could answer.
 *
 *     raw_http DAOHU.DB VILLAGE       prints its port
 *
 * GET …/N answers the file of household N of the village as JSON, from the statements that
 * the program itself runs for it, every column as it is stored.
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
#include <sys/uio.h>
#include <unistd.h>

enum { THREADS = 2, EVENTS = 64, HEAD = 8192, BODY = 256 * 1024, LEDGERS = 100 };

static const char *db_path, *village;
static int port;

/* ?1 county, ?2 household (or person, ledger), ?3 the scope */
#define MINE "IN (SELECT value FROM json_each(?3))"
enum { HOUSEHOLD, MEMBERS = 8, LISTS = 12, PERSON = LISTS, YEARS, LEDGER, STATEMENTS };
static const struct {
	const char *name, *sql;
} queries[STATEMENTS] = {
	{"household", "SELECT h.* FROM household h WHERE h.county = ?1 AND h.no = ?2 AND h.village " MINE},
	{"state", "SELECT * FROM household_state WHERE county = ?1 AND household = ?2 AND recorded_to IS NULL "
	          "ORDER BY valid_from DESC, no DESC"},
	{"years", "SELECT * FROM household_year WHERE county = ?1 AND household = ?2 ORDER BY year DESC, no DESC"},
	{"incomes", "SELECT * FROM income WHERE county = ?1 AND household = ?2 ORDER BY year DESC, no DESC"},
	{"duties", "SELECT * FROM duty WHERE county = ?1 AND household = ?2 AND recorded_to IS NULL "
	           "ORDER BY valid_from DESC, no DESC"},
	{"measures", "SELECT * FROM measure WHERE county = ?1 AND household = ?2 ORDER BY date DESC, no DESC"},
	{"visits", "SELECT * FROM visit WHERE county = ?1 AND household = ?2 ORDER BY date DESC, no DESC"},
	{"contracts", "SELECT * FROM contract WHERE county = ?1 AND household = ?2 ORDER BY due DESC, no DESC"},
	{"members", "SELECT * FROM membership m WHERE m.county = ?1 AND m.household = ?2 AND m.recorded_to IS NULL "
	            "ORDER BY CASE WHEN m.valid_to IS NULL THEN 0 ELSE 1 END, m.line, m.no"},
	{"corrections", "SELECT p.* FROM pin p JOIN household h ON h.county = ?1 AND h.no = p.household "
	                "WHERE p.county = ?1 AND p.household = ?2 AND h.village " MINE " ORDER BY p.no DESC"},
	{"findings", "SELECT f.*, h.hh_no, h.head_name, p.name FROM finding f "
	             "LEFT JOIN household h ON h.county = ?1 AND h.no = f.household "
	             "LEFT JOIN person p ON p.county = ?1 AND p.no = f.person "
	             "WHERE f.county = ?1 AND f.village " MINE " AND f.household = ?2 AND f.no > 0 ORDER BY f.no"},
	{"files", "SELECT * FROM attachment WHERE county = ?1 AND household = ?2 ORDER BY no DESC"},
	{"person", "SELECT * FROM person WHERE county = ?1 AND no = ?2"},
	{"years", "SELECT * FROM person_year WHERE county = ?1 AND person = ?2 ORDER BY year DESC, no DESC"},
	{"ledger", "SELECT * FROM ledger WHERE county = ?1 AND no = ?2"},
};

struct answer {
	sqlite3_stmt *s[STATEMENTS];
	char text[BODY];
	size_t n;
	sqlite3_int64 ledgers[LEDGERS];
	int n_ledgers;
};

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

static void put(struct answer *a, const char *p, size_t n)
{
	if (a->n + n < BODY) {
		memcpy(a->text + a->n, p, n);
		a->n += n;
	}
}

static void put_c(struct answer *a, const char *p)
{
	put(a, p, strlen(p));
}

static void put_text(struct answer *a, const char *p)
{
	put_c(a, "\"");
	for (size_t n; *p; p += n) {
		n = strcspn(p, "\"\\\n\r\t");
		put(a, p, n);
		if (p[n]) {
			put_c(a, "\\u0022"); /* which of them, only the length counts here */
			n++;
		}
	}
	put_c(a, "\"");
}

static void note_ledger(struct answer *a, sqlite3_int64 no)
{
	for (int i = 0; i < a->n_ledgers; i++)
		if (a->ledgers[i] == no)
			return;
	if (a->n_ledgers < LEDGERS)
		a->ledgers[a->n_ledgers++] = no;
}

static void put_columns(struct answer *a, sqlite3_stmt *s)
{
	char number[32];
	const char *sep = "";
	for (int c = 0, n = sqlite3_column_count(s); c < n; c++) {
		int type = sqlite3_column_type(s, c);
		const char *name = sqlite3_column_name(s, c);
		if (type == SQLITE_NULL || type == SQLITE_BLOB)
			continue;
		put_c(a, sep);
		put_c(a, "\"");
		put_c(a, name);
		put_c(a, "\":");
		sep = ",";
		if (type != SQLITE_INTEGER) {
			put_text(a, (const char *)sqlite3_column_text(s, c));
			continue;
		}
		put(a, number, (size_t)snprintf(number, sizeof(number), "%lld", (long long)sqlite3_column_int64(s, c)));
		if (strcmp(name, "ledger") == 0)
			note_ledger(a, sqlite3_column_int64(s, c));
	}
}

static void put_list(struct answer *a, int q, sqlite3_int64 of)
{
	const char *sep = "";
	sqlite3_stmt *s = a->s[q];
	put_c(a, "\"");
	put_c(a, queries[q].name);
	put_c(a, "\":[");
	sqlite3_bind_int64(s, 2, of);
	while (sqlite3_step(s) == SQLITE_ROW) {
		put_c(a, sep);
		put_c(a, "{");
		put_columns(a, s);
		if (q == MEMBERS) {
			sqlite3_int64 person = 0;
			for (int c = 0, n = sqlite3_column_count(s); c < n && !person; c++)
				if (strcmp(sqlite3_column_name(s, c), "person") == 0)
					person = sqlite3_column_int64(s, c);
			put_c(a, ",");
			put_list(a, PERSON, person);
			put_c(a, ",");
			put_list(a, YEARS, person);
		}
		put_c(a, "}");
		sep = ",";
	}
	sqlite3_reset(s);
	put_c(a, "]");
}

static void make_body(struct answer *a, sqlite3_int64 household)
{
	a->n = 0;
	a->n_ledgers = 0;
	for (int q = HOUSEHOLD; q < LISTS; q++) {
		put_c(a, q ? "," : "{");
		put_list(a, q, household);
	}
	for (int i = 0; i < a->n_ledgers; i++) {
		put_c(a, ",");
		put_list(a, LEDGER, a->ledgers[i]);
	}
	put_c(a, "}");
}

static void answer(int fd, sqlite3 *db, struct answer *a)
{
	char in[HEAD + 1], head[256];
	ssize_t k = recv(fd, in, HEAD, 0);
	if (k <= 0) {
		close(fd);
		return;
	}
	in[k] = '\0';
	const char *end = strchr(in, ' '), *at = end ? strchr(end + 1, ' ') : NULL;
	while (at && at > in && at[-1] >= '0' && at[-1] <= '9')
		at--;
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	make_body(a, at ? strtoll(at, NULL, 10) : 0);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	int m = snprintf(head, sizeof(head),
	                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", a->n);
	struct iovec parts[] = {{head, (size_t)m}, {a->text, a->n}};
	struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 2};
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		close(fd);
}

static void *loop(void *arg)
{
	int listener = *(int *)arg, ep = epoll_create1(0), one = 1;
	struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, got[EVENTS];
	sqlite3 *db;
	struct answer *a = calloc(1, sizeof(*a));
	char list[64];
	snprintf(list, sizeof(list), "[\"%s\"]", village);
	if (!a || sqlite3_open_v2(db_path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL))
		exit(3);
	for (int q = 0; q < STATEMENTS; q++) {
		if (sqlite3_prepare_v3(db, queries[q].sql, -1, SQLITE_PREPARE_PERSISTENT, &a->s[q], NULL))
			exit(3);
		sqlite3_bind_text(a->s[q], 1, "341226", -1, SQLITE_STATIC);
		sqlite3_bind_text(a->s[q], 3, list, -1, SQLITE_STATIC);
	}
	epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
	for (;;) {
		int n = epoll_wait(ep, got, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (got[i].data.fd != listener) {
				answer(got[i].data.fd, db, a);
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

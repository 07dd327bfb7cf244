/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "test_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 64, TICK_MS = 20 };

struct test_proxy {
	int listener;
	struct sockaddr_in server;
	pthread_t thread;
	atomic_bool stop, frozen;
	struct pair {
		int fd[2]; /* -1: gone */
		bool dead;
	} pairs[PAIRS];
	size_t n;
};

static void take(struct test_proxy *p)
{
	int fd = accept(p->listener, NULL, NULL), to = -1;
	bool dead = atomic_load(&p->frozen);
	if (fd < 0 || p->n == PAIRS)
		abort();
	if (!dead) {
		to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(to, (struct sockaddr *)&p->server, sizeof(p->server)) != 0)
			abort();
	}
	p->pairs[p->n++] = (struct pair){{fd, to}, dead};
}

static void forward(struct pair *c, int from)
{
	char bytes[16384];
	ssize_t n = recv(c->fd[from], bytes, sizeof(bytes), 0);
	if (n > 0 && send(c->fd[!from], bytes, (size_t)n, MSG_NOSIGNAL) == n)
		return;
	for (int i = 0; i < 2; i++) {
		close(c->fd[i]);
		c->fd[i] = -1;
	}
}

static void *proxy_main(void *arg)
{
	struct test_proxy *p = arg;
	struct pollfd all[1 + 2 * PAIRS];
	while (!atomic_load(&p->stop)) {
		all[0] = (struct pollfd){p->listener, POLLIN, 0};
		size_t n = p->n;
		for (size_t i = 0; i < n; i++) {
			struct pair *c = &p->pairs[i];
			c->dead |= atomic_load(&p->frozen);
			for (int k = 0; k < 2; k++)
				all[1 + 2 * i + (size_t)k] = (struct pollfd){c->dead ? -1 : c->fd[k], POLLIN, 0};
		}
		if (poll(all, 1 + 2 * n, TICK_MS) <= 0)
			continue;
		for (size_t i = 0; i < 2 * n; i++)
			if (all[1 + i].revents && p->pairs[i / 2].fd[i % 2] >= 0 && !atomic_load(&p->frozen))
				forward(&p->pairs[i / 2], (int)(i % 2));
		if (all[0].revents)
			take(p);
	}
	return NULL;
}

struct test_proxy *test_proxy_start(char *url, size_t size)
{
	struct test_proxy *p = calloc(1, sizeof(*p));
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(own);
	char rest[500];
	char *at = strstr(url, "127.0.0.1:");
	if (!p || !at)
		abort();
	p->server = own;
	char *port = at + strlen("127.0.0.1:"), *slash;
	p->server.sin_port = htons((unsigned short)strtol(port, &slash, 10));
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(p->listener, (struct sockaddr *)&own, n) != 0 || listen(p->listener, 16) != 0 ||
	    getsockname(p->listener, (struct sockaddr *)&own, &n) != 0)
		abort();
	(void)snprintf(rest, sizeof(rest), "%s", slash);
	(void)snprintf(port, size - (size_t)(port - url), "%d%s", ntohs(own.sin_port), rest);
	if (pthread_create(&p->thread, NULL, proxy_main, p) != 0)
		abort();
	return p;
}

void test_proxy_freeze(struct test_proxy *p)
{
	atomic_store(&p->frozen, true);
	(void)usleep(3 * TICK_MS * 1000); /* all that are open have seen it */
}

void test_proxy_thaw(struct test_proxy *p)
{
	atomic_store(&p->frozen, false);
}

void test_proxy_stop(struct test_proxy *p)
{
	atomic_store(&p->stop, true);
	pthread_join(p->thread, NULL);
	for (size_t i = 0; i < p->n; i++)
		for (int k = 0; k < 2; k++)
			if (p->pairs[i].fd[k] >= 0)
				close(p->pairs[i].fd[k]);
	close(p->listener);
	free(p);
}

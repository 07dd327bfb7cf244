/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* host: lets other processes write in turn with our writer; db.h says how. */
#include "db/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/banned.h"

enum {
	PACKET = 16,
	HELLO_MS = 5000,
	LOOK_MS = 1000,     /* how often a turn is looked at */
	STOPPED_MS = 10000, /* a guest may sleep so long in its turn */
	GRACE_MS = 30000    /* and go on so long when the host stops */
};

struct guest {
	struct db_host *host;
	pthread_t thread;
	int fd;
	int process; /* pidfd */
	long pid;
	bool used;      /* under the host's lock */
	bool over;      /* the thread has ended and wants to be joined; under the lock */
};

struct db_host {
	struct db *db;
	struct db_writer *writer;
	struct db_host_hooks hooks;
	int dir_fd, listener;
	int wake; /* readable once the host stops */
	atomic_bool stop;
	pthread_t thread;
	bool runs;
	pthread_mutex_t lock;
	struct guest guests[DB_GUESTS_MAX];
};

static bool say(const struct guest *g, const char *word)
{
	return send(g->fd, word, strlen(word), MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)strlen(word);
}

/* Is this the packet that is there?  No also when the guest has gone. */
static bool heard(const struct guest *g, const char *word)
{
	char got[PACKET];
	ssize_t n = recv(g->fd, got, sizeof(got), MSG_DONTWAIT | MSG_TRUNC);
	return n > 0 && (size_t)n < sizeof(got) && str_is((struct str){got, (size_t)n}, word);
}

/* --- a turn, in the writer's thread --------------------------------------------------- */

static bool is_stopped(long pid)
{
	char path[64], line[256];
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (fd >= 0)
		close(fd);
	line[n > 0 ? n : 0] = '\0';
	const char *end = strrchr(line, ')'); /* the name before may hold anything */
	return end && end[1] == ' ' && (end[2] == 'T' || end[2] == 't');
}

/* Until the guest says "end" or goes.  False when it was ended, or is left behind. */
static bool wait_end(struct guest *g)
{
	struct db_host *h = g->host;
	int64_t stopped_ms = 0, stop_at = 0;
	for (;;) {
		struct pollfd p = {.fd = g->fd, .events = POLLIN};
		int n = poll(&p, 1, LOOK_MS);
		if (n > 0)
			return heard(g, "end");
		if (n < 0 && errno != EINTR)
			return false;
		stopped_ms = is_stopped(g->pid) ? stopped_ms + LOOK_MS : 0;
		if (stopped_ms > STOPPED_MS && g->process >= 0) {
			(void)syscall(SYS_pidfd_send_signal, g->process, SIGKILL, NULL, 0);
			if (h->hooks.ended)
				h->hooks.ended(h->hooks.arg, g->pid);
			return false;
		}
		if (!stop_at && atomic_load(&h->stop))
			stop_at = monotonic_ms() + GRACE_MS;
		if (stop_at && monotonic_ms() > stop_at)
			return false;
	}
}

static enum err give_turn(struct db *db, void *arg, struct diag *diag)
{
	struct guest *g = arg;
	struct db_host *h = g->host;
	(void)diag;
	/* Where a server keeps the database the lease may be lost: it is taken again first. */
	enum err e = db->engine->kind == DB_PG ? db_begin(db) : OK;
	if (e)
		return e;
	db_rollback(db);
	if (atomic_load(&h->stop) || !say(g, "go"))
		return ERR_INTERRUPTED;
	bool ended = wait_end(g);
	if (h->hooks.after)
		h->hooks.after(h->hooks.arg, db);
	return ended && say(g, "ok") ? OK : ERR_INTERRUPTED;
}

/* --- a guest's thread ---------------------------------------------------------------- */

/* Waits for a packet: false when there is none in time or the host stops. */
static bool wait_packet(const struct guest *g, int ms)
{
	struct pollfd p[2] = {{.fd = g->fd, .events = POLLIN}, {.fd = g->host->wake, .events = POLLIN}};
	int n;
	while ((n = poll(p, 2, ms)) < 0 && errno == EINTR)
		continue;
	return n > 0 && !p[1].revents;
}

static bool lend_lock(const struct guest *g)
{
	static const char word[] = "lock";
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)word, strlen(word)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	/* on a server the lease is in the database, and any descriptor will do */
	const int *lent = g->host->db->lock_fd >= 0 ? &g->host->db->lock_fd : &g->host->dir_fd;
	memcpy(CMSG_DATA(c), lent, sizeof(int));
	return sendmsg(g->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)strlen(word);
}

static void *guest_main(void *arg)
{
	struct guest *g = arg;
	struct db_host *h = g->host;
	bool on = wait_packet(g, HELLO_MS) && heard(g, "daohu 1") && lend_lock(g);
	while (on && wait_packet(g, -1) && heard(g, "turn")) {
		struct diag diag = {0};
		on = db_writer_aside(h->writer, give_turn, g, &diag) == OK;
	}
	if (atomic_load(&h->stop))
		(void)say(g, "stop");
	(void)shutdown(g->fd, SHUT_RDWR);
	pthread_mutex_lock(&h->lock);
	g->over = true;
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

static void forget(struct guest *g)
{
	(void)pthread_join(g->thread, NULL);
	close(g->fd);
	if (g->process >= 0)
		close(g->process);
	g->used = g->over = false;
}

/* --- who knocks ------------------------------------------------------------------------ */

static struct guest *free_seat(struct db_host *h)
{
	struct guest *found = NULL;
	for (size_t i = 0; i < DB_GUESTS_MAX; i++) {
		struct guest *g = &h->guests[i];
		pthread_mutex_lock(&h->lock);
		bool over = g->used && g->over;
		pthread_mutex_unlock(&h->lock);
		if (over)
			forget(g);
		if (!g->used)
			found = g;
	}
	return found;
}

static void let_in(struct db_host *h, int fd)
{
	long pid;
	if (!db__same_user(fd, &pid)) {
		close(fd);
		return;
	}
	struct guest *g = free_seat(h);
	if (g) {
		*g = (struct guest){.host = h, .fd = fd, .pid = pid, .used = true,
				    .process = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0)};
		if (pthread_create(&g->thread, NULL, guest_main, g) == 0)
			return;
		if (g->process >= 0)
			close(g->process);
		g->used = false;
	}
	(void)send(fd, "full", 4, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void *host_main(void *arg)
{
	struct db_host *h = arg;
	while (!atomic_load(&h->stop)) {
		struct pollfd p[2] = {{.fd = h->listener, .events = POLLIN},
				      {.fd = h->wake, .events = POLLIN}};
		if (poll(p, 2, -1) <= 0 || !(p[0].revents & POLLIN))
			continue;
		int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0) {
			let_in(h, fd);
		} else if (errno == EMFILE || errno == ENFILE) { /* it stays in the queue */
			struct timespec t = {0, 100 * 1000000L};
			(void)nanosleep(&t, NULL);
		}
	}
	return NULL;
}

/* --- begin and end ----------------------------------------------------------------------- */

static enum err open_listener(struct db_host *h, struct diag *diag)
{
	struct sockaddr_un at;
	const char *dir = h->db->dir;
	h->dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	h->wake = eventfd(0, EFD_CLOEXEC);
	h->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->dir_fd < 0 || h->wake < 0 || h->listener < 0 || !db__sock_address(h->dir_fd, &at))
		return diag_set(diag, ERR_RESOURCE, "%s/daohu.sock: %s", dir, strerror(errno));
	(void)unlinkat(h->dir_fd, "daohu.sock", 0); /* of one that was killed: we have the lock */
	/* the file gets the mode that the socket has */
	if (fchmod(h->listener, 0600) != 0 ||
	    bind(h->listener, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(h->listener, DB_GUESTS_MAX) != 0)
		return diag_set(diag, ERR_IO, "%s/daohu.sock: %s", dir, strerror(errno));
	return OK;
}

enum err db_host_start(struct db *db, struct db_writer *w, const struct db_host_hooks *hooks,
		       struct diag *diag, struct db_host **ret)
{
	struct db_host *h = base_calloc(1, sizeof(*h));
	h->db = db;
	h->writer = w;
	h->hooks = *hooks;
	pthread_mutex_init(&h->lock, NULL);
	enum err e = open_listener(h, diag);
	if (!e && pthread_create(&h->thread, NULL, host_main, h) != 0)
		e = diag_set(diag, ERR_RESOURCE, "thread");
	h->runs = !e;
	if (e) {
		db_host_stop(h);
		return e;
	}
	*ret = h;
	return OK;
}

void db_host_stop(struct db_host *h)
{
	if (!h)
		return;
	atomic_store(&h->stop, true);
	if (h->wake >= 0)
		(void)eventfd_write(h->wake, 1);
	if (h->runs) {
		(void)pthread_join(h->thread, NULL);
		(void)unlinkat(h->dir_fd, "daohu.sock", 0);
	}
	for (size_t i = 0; i < DB_GUESTS_MAX; i++)
		if (h->guests[i].used)
			forget(&h->guests[i]);
	const int fds[] = {h->listener, h->wake, h->dir_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	pthread_mutex_destroy(&h->lock);
	base_free(h);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* guest: a handle that writes beside the process that holds the folder; db.h says how. */
#include "db/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/banned.h"

enum { HELLO_S = 10, PACKET = 16 };

bool db__sock_address(int dir_fd, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	int n = snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/daohu.sock", dir_fd);
	return n > 0 && (size_t)n < sizeof(ret->sun_path);
}

bool db__same_user(int fd, long *ret_pid)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0 || who.uid != geteuid())
		return false;
	*ret_pid = who.pid;
	return true;
}

static int dial(const char *dir)
{
	struct sockaddr_un at;
	struct timeval wait = {.tv_sec = HELLO_S};
	long pid;
	int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool ok = dir_fd >= 0 && fd >= 0 && db__sock_address(dir_fd, &at) &&
		  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
		  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
		  connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 && db__same_user(fd, &pid);
	if (dir_fd >= 0)
		close(dir_fd);
	if (!ok && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* "lock" and the descriptor with it, or -1. */
static int receive_lock(int fd)
{
	char word[PACKET];
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {word, sizeof(word)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	int lock = -1;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&lock, CMSG_DATA(c), sizeof(lock));
	if (str_is((struct str){word, (size_t)n}, "lock"))
		return lock;
	close(lock);
	return -1;
}

enum err db__guest_open(const char *dir, int *ret_fd, int *ret_lock_fd)
{
	static const char hello[] = "daohu 1";
	static const struct timeval forever = {0};
	int fd = dial(dir), lock = -1;
	if (fd >= 0 && send(fd, hello, strlen(hello), MSG_NOSIGNAL) == (ssize_t)strlen(hello))
		lock = receive_lock(fd);
	if (lock < 0) {
		if (fd >= 0)
			close(fd);
		return ERR_LOCKED;
	}
	/* a turn comes when it comes: an import may be before us */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	*ret_fd = fd;
	*ret_lock_fd = lock;
	return OK;
}

static bool ask(int fd, const char *word, const char *want)
{
	char got[PACKET];
	ssize_t n;
	if (send(fd, word, strlen(word), MSG_NOSIGNAL) != (ssize_t)strlen(word))
		return false;
	while ((n = recv(fd, got, sizeof(got), 0)) < 0 && errno == EINTR)
		continue;
	return n > 0 && str_is((struct str){got, (size_t)n}, want);
}

enum err db__turn_begin(struct db *db)
{
	if (db->guest_fd < 0)
		return OK;
	(void)fflush(stdout); /* nobody waits behind a pipe that is not read */
	if (!ask(db->guest_fd, "turn", "go"))
		return diag_set(db->diag, ERR_INTERRUPTED, "%s: serve", db->dir);
	db->turn = true;
	return OK;
}

void db__turn_end(struct db *db)
{
	if (!db->turn)
		return;
	db->turn = false;
	/* what is committed is; that the server has gone meanwhile changes nothing */
	(void)ask(db->guest_fd, "end", "ok");
}

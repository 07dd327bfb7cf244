/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The file behind a document, and the document's last step, in which cairo puts the fonts into it.
 *
 * In that step cairo (1.16) reads a Chinese font whole, 20 MB of it, and forgets some memory for
 * each font, which a server that prints all day would never see again.  There a child does it: a
 * copy of the process as it is at that moment, which writes the rest of the file and ends.  Only the
 * thread that forks is in the copy, and what others hold locked stays locked there: so that is done
 * only while no other document is open, and a child that does not come back is ended after a while.
 * Where there is no child, or it fails, the step is done here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/pdf_impl.h"

#include "base/banned.h"

enum { CHILD_MS = 60 * 1000 };

static struct {
	pthread_mutex_t lock;
	size_t open;
	atomic_bool apart;
} documents = {.lock = PTHREAD_MUTEX_INITIALIZER};

void pdf_apart(bool on)
{
	atomic_store(&documents.apart, on);
}

void pdf_documents(int more)
{
	(void)pthread_mutex_lock(&documents.lock);
	documents.open += (size_t)more;
	(void)pthread_mutex_unlock(&documents.lock);
}

/* --- the file ------------------------------------------------------------------------------ */

bool pdf_sink_open(struct pdf_sink *s, const char *path)
{
	s->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return s->fd >= 0;
}

static bool flush(struct pdf_sink *s)
{
	for (size_t at = 0; at < s->n && !s->err;) {
		ssize_t n = write(s->fd, s->bytes + at, s->n - at);
		if (n > 0)
			at += (size_t)n;
		else if (n == 0 || errno != EINTR)
			s->err = n == 0 ? EIO : errno;
	}
	s->n = 0;
	return !s->err;
}

cairo_status_t pdf_sink_take(void *arg, const unsigned char *data, unsigned length)
{
	struct pdf_sink *s = arg;
	while (length && !s->shut && !s->err) {
		size_t room = sizeof(s->bytes) - s->n, n = length < room ? length : room;
		memcpy(s->bytes + s->n, data, n);
		s->n += n;
		data += n;
		length -= (unsigned)n;
		if (s->n == sizeof(s->bytes))
			(void)flush(s);
	}
	return s->shut || s->err ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

bool pdf_sink_close(struct pdf_sink *s)
{
	if (s->fd >= 0 && close(s->fd) != 0 && !s->err)
		s->err = errno;
	s->fd = -1;
	return !s->err;
}

/* --- the last step ------------------------------------------------------------------------- */

static cairo_status_t finish_here(struct pdf *p)
{
	cairo_surface_finish(p->file);
	cairo_status_t s = cairo_surface_status(p->file);
	return s == CAIRO_STATUS_SUCCESS && !flush(&p->sink) ? CAIRO_STATUS_WRITE_ERROR : s;
}

static _Noreturn void child(struct pdf *p, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(getppid() == parent && finish_here(p) == CAIRO_STATUS_SUCCESS ? 0 : 1);
}

static pid_t fork_alone(struct pdf *p)
{
	pid_t parent = getpid(), pid = -1;
	(void)pthread_mutex_lock(&documents.lock);
	if (documents.open == 1)
		pid = fork();
	if (pid == 0)
		child(p, parent);
	(void)pthread_mutex_unlock(&documents.lock);
	return pid;
}

/* Did it do what it was for? */
static bool comes_back(pid_t pid)
{
	struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	int n, status = 0;
	do
		n = end.fd < 0 ? 1 : poll(&end, 1, CHILD_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		(void)kill(pid, SIGKILL);
	if (end.fd >= 0)
		(void)close(end.fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool finish_apart(struct pdf *p)
{
	struct pdf_sink *s = &p->sink;
	if (!atomic_load(&documents.apart) || !flush(s))
		return false;
	off_t at = lseek(s->fd, 0, SEEK_CUR);
	pid_t pid = at < 0 ? -1 : fork_alone(p);
	if (pid < 0)
		return false;
	if (!comes_back(pid)) {
		if (ftruncate(s->fd, at) != 0 || lseek(s->fd, at, SEEK_SET) != at)
			s->err = errno;
		return false;
	}
	/* Here nothing is left to do: a page that cannot be written makes the document a failed one,
	 * to which cairo adds no fonts. */
	s->shut = true;
	cairo_show_page(p->out);
	return true;
}

void pdf_finish(struct pdf *p)
{
	if (p->failed || finish_apart(p))
		return;
	cairo_status_t s = finish_here(p);
	if (p->sink.err)
		pdf_fail(p, ERR_IO, strerror(p->sink.err));
	else if (s != CAIRO_STATUS_SUCCESS)
		pdf_fail(p, s == CAIRO_STATUS_NO_MEMORY ? ERR_NO_MEMORY : ERR_IO, cairo_status_to_string(s));
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fault: what can go wrong below a program, on demand.  Preloaded (LD_PRELOAD) by
 * tests/crash/run; the program knows nothing of it.  Told by the environment:
 *
 *     FAULT_UNDER=PATH   calls on files under PATH count (write, pwrite, fsync, fdatasync,
 *                        ftruncate, rename, link, unlink, open that creates)
 *     FAULT_SOCKETS=1    what is sent over sockets counts as well (a database server's clients)
 *     FAULT_AT=N         the Nth of them goes wrong, as FAULT_DO says:
 *         kill           SIGKILL before it
 *         half           a write puts half of its bytes, then SIGKILL
 *         power          as if the power went: what no fsync has reached is taken back,
 *                        then SIGKILL
 *         eio, enospc    it fails
 *         full           it fails with ENOSPC, and so does every write after it
 *     FAULT_ALLOC_AT=N   the Nth malloc, calloc or realloc after main() began gives NULL
 *     FAULT_TOTAL=FILE   at the end: "calls allocations" are written there
 *     FAULT_CLOCK=S      the clock of the day stands S seconds off
 *
 * What power takes back: the bytes of writes and truncations of files, not names (renames,
 * new files), which the file systems we know keep in order.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum what { DO_NOTHING, DO_KILL, DO_HALF, DO_POWER, DO_EIO, DO_ENOSPC, DO_FULL };

/* Bytes that lie on the disk only in the kernel's mind yet. */
struct undo {
	struct undo *older;
	dev_t dev;
	ino_t ino;
	int fd; /* of our own */
	off_t at, size;
	size_t n;
	char old[];
};

static struct {
	const char *under, *total;
	size_t under_n;
	long at, alloc_at, clock;
	enum what what;
	bool ready, sockets;
} set;
static atomic_long calls, allocs;
static atomic_bool disk_full;
static pthread_mutex_t undo_lock = PTHREAD_MUTEX_INITIALIZER;
static struct undo *undos;
static struct own {
	dev_t dev;
	ino_t ino;
	int fd; /* kept open to the end */
} own_fds[256];
static size_t n_own_fds;

#define REAL(name)                                                                                 \
	static __typeof__(&name) real;                                                             \
	if (!real)                                                                                 \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void)
{
	static const char *const words[] = {"", "kill", "half", "power", "eio", "enospc", "full"};
	const char *v = getenv("FAULT_DO");
	for (int i = 1; v && i <= DO_FULL; i++) {
		if (strcmp(v, words[i]) == 0)
			set.what = (enum what)i;
	}
	set.under = getenv("FAULT_UNDER");
	set.under_n = set.under ? strlen(set.under) : 0;
	set.sockets = getenv("FAULT_SOCKETS") != NULL;
	set.total = getenv("FAULT_TOTAL");
	set.at = (v = getenv("FAULT_AT")) ? strtol(v, NULL, 10) : 0;
	set.alloc_at = (v = getenv("FAULT_ALLOC_AT")) ? strtol(v, NULL, 10) : 0;
	set.clock = (v = getenv("FAULT_CLOCK")) ? strtol(v, NULL, 10) : 0;
	/* the program's own children (a reader of old files) have nothing to do with it */
	unsetenv("LD_PRELOAD");
	set.ready = true;
}

__attribute__((destructor)) static void end(void)
{
	char text[64];
	if (!set.total)
		return;
	int fd = (int)syscall(SYS_openat, AT_FDCWD, set.total, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int n = snprintf(text, sizeof(text), "%ld %ld\n", (long)calls, (long)allocs);
	if (fd >= 0 && syscall(SYS_write, fd, text, n) == n)
		syscall(SYS_close, fd);
}

static void die(void)
{
	(void)kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static bool is_under(const char *path)
{
	return set.under && strncmp(path, set.under, set.under_n) == 0;
}

static bool fd_is_under(int fd)
{
	char link[32], path[4096];
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = set.under ? readlink(link, path, sizeof(path) - 1) : -1;
	path[n > 0 ? n : 0] = '\0';
	return n > 0 && is_under(path);
}

/* --- the power ------------------------------------------------------------ */

/* A descriptor of our own on the file, which the program cannot close. */
static int own_fd(int fd, const struct stat *st)
{
	char link[32];
	for (size_t i = 0; i < n_own_fds; i++) {
		if (own_fds[i].dev == st->st_dev && own_fds[i].ino == st->st_ino)
			return own_fds[i].fd;
	}
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int mine = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC, 0);
	if (mine < 0 || n_own_fds == sizeof(own_fds) / sizeof(own_fds[0]))
		die();
	own_fds[n_own_fds++] = (struct own){st->st_dev, st->st_ino, mine};
	return mine;
}

/* What stands where a write is going to go. */
static void remember(int fd, off_t at, size_t n)
{
	struct stat st;
	if (set.what != DO_POWER || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	size_t old = at >= st.st_size ? 0 : (size_t)(st.st_size - at);
	if (old > n)
		old = n;
	struct undo *u = malloc(sizeof(*u) + old);
	if (!u)
		die();
	*u = (struct undo){
		.dev = st.st_dev, .ino = st.st_ino, .at = at, .size = st.st_size, .n = old};
	pthread_mutex_lock(&undo_lock);
	u->fd = own_fd(fd, &st);
	if (syscall(SYS_pread64, u->fd, u->old, old, at) != (long)old)
		die();
	u->older = undos;
	undos = u;
	pthread_mutex_unlock(&undo_lock);
}

/* The file is on the disk. */
static void forget(int fd)
{
	struct stat st;
	if (set.what != DO_POWER || fstat(fd, &st) != 0)
		return;
	pthread_mutex_lock(&undo_lock);
	for (struct undo **p = &undos; *p;) {
		struct undo *u = *p;
		if (u->dev == st.st_dev && u->ino == st.st_ino) {
			*p = u->older;
			free(u);
		} else {
			p = &u->older;
		}
	}
	pthread_mutex_unlock(&undo_lock);
}

static void stand_still(int signal_no)
{
	(void)signal_no;
	for (;;)
		pause();
}

/* The other threads do nothing more: a file that is taken back under their hands, or of which
 * less is there than they have mapped, is none of the things that happen when the power goes. */
static void stop_others(void)
{
	enum { THREADS = 256 };
	pid_t other[THREADS];
	size_t n = 0;
	DIR *d = opendir("/proc/self/task");
	for (const struct dirent *e; d && n < THREADS && (e = readdir(d)) != NULL;) {
		other[n] = (pid_t)strtol(e->d_name, NULL, 10);
		n += other[n] > 0 && other[n] != gettid();
	}
	(void)signal(SIGBUS, stand_still);
	(void)signal(SIGUSR2, stand_still);
	for (size_t i = 0; i < n; i++)
		(void)syscall(SYS_tgkill, getpid(), other[i], SIGUSR2);
}

static void take_back(void)
{
	pthread_mutex_lock(&undo_lock); /* and nobody writes any more */
	stop_others();
	for (const struct undo *u = undos; u; u = u->older) {
		if (syscall(SYS_pwrite64, u->fd, u->old, u->n, u->at) != (long)u->n ||
		    syscall(SYS_ftruncate, u->fd, u->size) != 0)
			break;
	}
	die();
}

/* --- counting ------------------------------------------------------------- */

/* 0 to go on, else the errno; *ret_half: of a write that ends in the middle. */
static int step(bool writes, bool *ret_half)
{
	*ret_half = false;
	long n = atomic_fetch_add(&calls, 1) + 1;
	if (disk_full && writes)
		return ENOSPC;
	if (n != set.at)
		return 0;
	switch (set.what) {
	case DO_KILL:
		die();
		break;
	case DO_HALF:
		*ret_half = true;
		break;
	case DO_POWER:
		take_back();
		break;
	case DO_EIO:
		return EIO;
	case DO_FULL:
		disk_full = true;
		return ENOSPC;
	case DO_ENOSPC:
		return ENOSPC;
	case DO_NOTHING:
		break;
	}
	return 0;
}

static bool fails(int fd, bool writes, bool *ret_half)
{
	*ret_half = false;
	if (!set.ready || !fd_is_under(fd))
		return false;
	int e = step(writes, ret_half);
	errno = e ? e : errno;
	return e != 0;
}

ssize_t write(int fd, const void *p, size_t n)
{
	bool half;
	REAL(write);
	if (fails(fd, true, &half))
		return -1;
	if (half) {
		(void)!real(fd, p, n / 2);
		die();
	}
	if (set.what == DO_POWER && fd_is_under(fd))
		remember(fd, lseek(fd, 0, SEEK_CUR), n);
	return real(fd, p, n);
}

static ssize_t write_at(int fd, const void *p, size_t n, off_t at)
{
	bool half;
	if (fails(fd, true, &half))
		return -1;
	if (half) {
		syscall(SYS_pwrite64, fd, p, n / 2, at);
		die();
	}
	if (set.what == DO_POWER && fd_is_under(fd))
		remember(fd, at, n);
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return write_at(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return write_at(fd, p, n, at);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
	bool half = false;
	int e = set.ready && set.sockets ? step(false, &half) : 0;
	if (e) { /* a line that breaks */
		(void)shutdown(fd, SHUT_RDWR);
		errno = ECONNRESET;
		return -1;
	}
	ssize_t done = syscall(SYS_sendto, fd, p, half ? n / 2 : n, flags, NULL, 0);
	if (half)
		die();
	return done;
}

static int sync_it(int fd, long call)
{
	bool half;
	if (fails(fd, true, &half))
		return -1;
	if (half)
		die();
	int r = (int)syscall(call, fd);
	if (r == 0 && fd_is_under(fd))
		forget(fd);
	return r;
}

int fsync(int fd)
{
	return sync_it(fd, SYS_fsync);
}

int fdatasync(int fd)
{
	return sync_it(fd, SYS_fdatasync);
}

static int truncate_it(int fd, off_t size)
{
	bool half;
	struct stat st;
	if (fails(fd, true, &half))
		return -1;
	if (half)
		die();
	if (set.what == DO_POWER && fd_is_under(fd) && fstat(fd, &st) == 0)
		remember(fd, size, st.st_size > size ? (size_t)(st.st_size - size) : 0);
	return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate(int fd, off_t size)
{
	return truncate_it(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return truncate_it(fd, size);
}

/* A call on names: relative ones are asked of nobody. */
static bool name_fails(const char *path, bool writes)
{
	bool half;
	if (!set.ready || !path || !is_under(path))
		return false;
	int e = step(writes, &half);
	if (half)
		die();
	errno = e ? e : errno;
	return e != 0;
}

int rename(const char *from, const char *to)
{
	REAL(rename);
	return name_fails(to, true) ? -1 : real(from, to);
}

int unlink(const char *path)
{
	REAL(unlink);
	return name_fails(path, false) ? -1 : real(path);
}

static int open_it(const char *path, int flags, mode_t mode)
{
	if ((flags & O_CREAT) && name_fails(path, true))
		return -1;
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	mode_t mode = (flags & O_CREAT) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_it(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list ap;
	va_start(ap, flags);
	mode_t mode = (flags & O_CREAT) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_it(path, flags, mode);
}

/* --- memory --------------------------------------------------------------- */

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static bool alloc_fails(void)
{
	if (!set.ready)
		return false;
	return atomic_fetch_add(&allocs, 1) + 1 == set.alloc_at;
}

void *malloc(size_t n)
{
	if (alloc_fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	if (alloc_fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	if (alloc_fails()) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(p, n);
}

/* --- the clock ------------------------------------------------------------ */

int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);
	if (r == 0 && id == CLOCK_REALTIME)
		t->tv_sec += set.clock;
	return r;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;
	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	*t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *t)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (t)
		*t = now.tv_sec;
	return now.tv_sec;
}

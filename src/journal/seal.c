/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealing of blobs and of whole files under keys of the house. */
#include "journal/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "journal/secret.h"

#include "base/banned.h"

enum {
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	CHUNK = 64 * 1024,
	SEALED_CHUNK = CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES,
	HEADER = crypto_secretstream_xchacha20poly1305_HEADERBYTES
};

static const char magic[4] = {'D', 'H', 'F', '1'};

/* --- blobs ---------------------------------------------------------------- */

void keys_seal_blob(const struct keys *k, struct str label, struct str plain, struct buf *out)
{
	size_t n = NONCE + plain.n + TAG;
	unsigned char *bytes = base_calloc(n, 1);
	randombytes_buf(bytes, NONCE);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		bytes + NONCE, NULL, (const unsigned char *)plain.p, plain.n,
		(const unsigned char *)label.p, label.n, NULL, bytes, k->data);
	buf_add(out, bytes, n);
	base_free(bytes);
}

enum err keys_open_in_place(const struct keys *k, struct str label, char *sealed, size_t n,
			    struct str *ret_plain)
{
	unsigned char *p = (unsigned char *)sealed;
	if (n < NONCE + TAG ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(p + NONCE, NULL, NULL, p + NONCE, n - NONCE,
							(const unsigned char *)label.p, label.n, p,
							k->data))
		return ERR_FILE_DAMAGED;
	*ret_plain = (struct str){sealed + NONCE, n - NONCE - TAG};
	return OK;
}

enum err keys_open_blob(const struct keys *k, struct str label, struct str sealed,
			struct diag *diag, struct buf *out)
{
	char *bytes = base_calloc(sealed.n, 1);
	struct str plain;
	memcpy(bytes, sealed.p, sealed.n);
	enum err e = keys_open_in_place(k, label, bytes, sealed.n, &plain);
	if (e)
		(void)diag_set(diag, e, STR_FMT, STR_ARG(label));
	else
		buf_add(out, plain.p, plain.n);
	sodium_memzero(bytes, sealed.n);
	base_free(bytes);
	return e;
}

/* --- files ---------------------------------------------------------------- */

struct stream {
	int in, out;
	unsigned char plain[CHUNK];
	unsigned char sealed[SEALED_CHUNK];
	crypto_secretstream_xchacha20poly1305_state state;
};

/* Fills as much as there is; -1 on an error. */
static ssize_t read_full(int fd, void *out, size_t max)
{
	size_t fill = 0;
	while (fill < max) {
		ssize_t n = read(fd, (char *)out + fill, max - fill);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		fill += (size_t)n;
	}
	return (ssize_t)fill;
}

static bool write_full(int fd, const void *from, size_t n)
{
	const char *p = from;
	while (n) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static enum err seal_stream(struct stream *s, const struct keys *k)
{
	unsigned char header[HEADER];
	(void)crypto_secretstream_xchacha20poly1305_init_push(&s->state, header, k->file);
	if (!write_full(s->out, magic, sizeof(magic)) || !write_full(s->out, header, HEADER))
		return ERR_IO;
	for (;;) {
		unsigned long long n;
		ssize_t got = read_full(s->in, s->plain, CHUNK);
		if (got < 0)
			return ERR_IO;
		unsigned char tag = got < CHUNK ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
						: 0;
		(void)crypto_secretstream_xchacha20poly1305_push(&s->state, s->sealed, &n,
								 s->plain, (size_t)got, NULL, 0,
								 tag);
		if (!write_full(s->out, s->sealed, (size_t)n))
			return ERR_IO;
		if (tag)
			return OK;
	}
}

static enum err open_stream(struct stream *s, const struct keys *k)
{
	unsigned char head[sizeof(magic) + HEADER];
	if (read_full(s->in, head, sizeof(head)) != (ssize_t)sizeof(head) ||
	    memcmp(head, magic, sizeof(magic)) != 0 ||
	    crypto_secretstream_xchacha20poly1305_init_pull(&s->state, head + sizeof(magic),
							     k->file))
		return ERR_FILE_DAMAGED;
	for (;;) {
		unsigned long long n;
		unsigned char tag;
		ssize_t got = read_full(s->in, s->sealed, SEALED_CHUNK);
		if (got < 0)
			return ERR_IO;
		if (crypto_secretstream_xchacha20poly1305_pull(&s->state, s->plain, &n, &tag,
							       s->sealed, (size_t)got, NULL, 0))
			return ERR_FILE_DAMAGED;
		if (!write_full(s->out, s->plain, (size_t)n))
			return ERR_IO;
		if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL)
			return read(s->in, s->sealed, 1) == 0 ? OK : ERR_FILE_DAMAGED;
	}
}

/* Runs `work` from one file into a new one, which appears only when whole. */
static enum err through(const struct keys *k, const char *from, const char *to, bool sync,
			struct diag *diag, enum err (*work)(struct stream *, const struct keys *))
{
	struct buf tmp;
	struct stream *s = base_calloc(1, sizeof(*s));
	buf_init(&tmp, 8192);
	buf_addf(&tmp, "%s.new", to);
	enum err e = OK;
	errno = 0;
	s->in = open(from, O_RDONLY | O_CLOEXEC);
	s->out = s->in < 0 ? -1 : open(tmp.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (s->in < 0 || s->out < 0)
		e = ERR_IO;
	if (!e)
		e = work(s, k);
	if (!e && sync && fsync(s->out) != 0)
		e = ERR_IO;
	if (!e && !sync) /* only begun: who syncs it later waits less */
		(void)sync_file_range(s->out, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (s->out >= 0 && close(s->out) != 0 && !e)
		e = ERR_IO;
	if (s->in >= 0)
		close(s->in);
	if (!e && rename(tmp.p, to) != 0)
		e = ERR_IO;
	if (e) {
		(void)diag_set(diag, e, "%s: %s", from, errno ? strerror(errno) : "");
		if (s->out >= 0)
			(void)unlink(tmp.p);
	}
	sodium_memzero(s, sizeof(*s));
	base_free(s);
	buf_release(&tmp);
	return e;
}

enum err keys_seal_file(const struct keys *k, const char *from, const char *to, struct diag *diag)
{
	return through(k, from, to, true, diag, seal_stream);
}

enum err keys_seal_file_unsynced(const struct keys *k, const char *from, const char *to,
				 struct diag *diag)
{
	return through(k, from, to, false, diag, seal_stream);
}

enum err keys_open_file(const struct keys *k, const char *from, const char *to, struct diag *diag)
{
	return through(k, from, to, true, diag, open_stream);
}

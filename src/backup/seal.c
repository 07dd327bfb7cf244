/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "backup/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <lz4.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/pair.h"
#include "base/disk.h"
#include "field/field.h"

#include "base/banned.h"

enum {
	FRAME_HEAD = 5,        /* in clear: method, length unpacked */
	FRAME_PLAIN_MAX = FRAME_HEAD + SEAL_BLOCK + SEAL_BLOCK / 255 + 16,
	ABYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
	FRAME_MAX = FRAME_PLAIN_MAX + ABYTES,
	STREAM_HEAD = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	NONCE = crypto_secretbox_NONCEBYTES,
	BOX_MAX = NONCE + KEY_BYTES + crypto_box_SEALBYTES
};

static const char magic[] = "daohu-backup 1\n";

static void put_u32(unsigned char out[4], size_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(v >> (24 - 8 * i) & 0xFF);
}

static size_t get_u32(const unsigned char in[4])
{
	return (size_t)in[0] << 24 | (size_t)in[1] << 16 | (size_t)in[2] << 8 | in[3];
}

/* Of a frame, sealed: in a row of zeros, as a damaged disk gives, there is none. */
static bool may_be_frame(size_t n)
{
	return n >= ABYTES + FRAME_HEAD && n <= FRAME_MAX;
}

/* The one value in base64 of n bytes. */
static bool bytes_of(struct str text, unsigned char *out, size_t n)
{
	size_t got = 0;
	return sodium_base642bin(out, n, text.p, text.n, NULL, &got, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       got == n;
}

/* --- the stream's key, closed --------------------------------------------- */

static enum err close_by_passphrase(const char *file, struct str secret, struct diag *diag,
				    struct buf *head)
{
	struct keys_wrap w;
	unsigned char key[KEY_BYTES], sealed[NONCE + KEY_BYTES + crypto_secretbox_MACBYTES];
	keys_wrap_new(&w);
	enum err e = pair_readable(file, diag);
	if (!e)
		e = keys_pass_key(file, &w, diag, key);
	if (e)
		return e;
	buf_adds(head, "seal passphrase ");
	keys_wrap_print(&w, head);
	randombytes_buf(sealed, NONCE);
	(void)crypto_secretbox_easy(sealed + NONCE, (const unsigned char *)secret.p, secret.n,
				    sealed, key);
	buf_adds(head, "\nsecret ");
	base64_encode((struct str){(const char *)sealed, sizeof(sealed)}, head);
	sodium_memzero(key, sizeof(key));
	return OK;
}

static enum err close_by_key(const char *file, struct str secret, struct diag *diag,
			     struct buf *head)
{
	unsigned char public[KEY_BYTES], box[KEY_BYTES + crypto_box_SEALBYTES];
	enum err e = pair_read(file, PAIR_HALF_PUBLIC, diag, public);
	if (e)
		return e;
	if (crypto_box_seal(box, (const unsigned char *)secret.p, secret.n, public) != 0)
		return diag_set(diag, ERR_PAIR_FILE, "%s", file);
	buf_adds(head, "seal key ");
	base64_encode((struct str){(const char *)public, sizeof(public)}, head);
	buf_adds(head, "\nsecret ");
	base64_encode((struct str){(const char *)box, sizeof(box)}, head);
	return OK;
}

static enum err close_by_house(const struct seal_head *h, struct str secret, struct diag *diag,
			       struct buf *head)
{
	struct buf box;
	buf_init(&box, 1000);
	enum err e = keys_box_to(h->public, secret, diag, &box);
	buf_adds(head, "seal house\nsecret ");
	base64_encode(buf_str(&box), head);
	buf_adds(head, "\nkeys ");
	base64_encode(h->keys, head);
	buf_release(&box);
	return e;
}

static enum err print_head(const struct seal_head *h, const char *with, struct str secret,
			   struct diag *diag, struct buf *out)
{
	buf_addf(out, "%scounty %s\nmade %lld\npublic ", magic, h->county,
		 (long long)h->made_ms);
	base64_encode((struct str){(const char *)h->public, KEY_PUBLIC_BYTES}, out);
	buf_addc(out, '\n');
	enum err e = h->way == SEAL_PASSPHRASE ? close_by_passphrase(with, secret, diag, out)
		     : h->way == SEAL_KEY      ? close_by_key(with, secret, diag, out)
					       : close_by_house(h, secret, diag, out);
	buf_adds(out, "\n\n");
	return e ? e : out->full ? diag_set(diag, ERR_TOO_LARGE, "head") : OK;
}

/* --- out ------------------------------------------------------------------ */

struct seal_out {
	int fd;
	enum err err;
	struct diag *diag;
	struct buf path, tmp;
	struct buf head; /* bound to the first frame; empty afterwards */
	int64_t size;
	size_t fill;
	char block[SEAL_BLOCK];
	unsigned char plain[FRAME_PLAIN_MAX], frame[4 + FRAME_MAX];
	crypto_secretstream_xchacha20poly1305_state state;
};

static void failed(struct seal_out *o)
{
	if (!o->err)
		o->err = diag_set(o->diag, ERR_IO, "%s: %s", o->tmp.p, strerror(errno));
}

static void write_out(struct seal_out *o, const void *from, size_t n)
{
	const char *p = from;
	while (!o->err && n) {
		ssize_t done = write(o->fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			failed(o);
			return;
		}
		o->size += done;
		p += done;
		n -= (size_t)done;
	}
}

static void push_block(struct seal_out *o, bool last)
{
	unsigned long long n = 0;
	size_t room = sizeof(o->plain) - FRAME_HEAD;
	int packed = LZ4_compress_default(o->block, (char *)o->plain + FRAME_HEAD, (int)o->fill,
					  (int)room);
	bool worth = packed > 0 && (size_t)packed < o->fill;
	size_t body = worth ? (size_t)packed : o->fill;
	if (!worth)
		memcpy(o->plain + FRAME_HEAD, o->block, o->fill);
	o->plain[0] = worth;
	put_u32(o->plain + 1, o->fill);
	(void)crypto_secretstream_xchacha20poly1305_push(
		&o->state, o->frame + 4, &n, o->plain, FRAME_HEAD + body,
		(const unsigned char *)o->head.p, o->head.n,
		last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
	buf_clear(&o->head);
	put_u32(o->frame, (size_t)n);
	write_out(o, o->frame, 4 + (size_t)n);
	o->fill = 0;
}

void seal_out_add(struct seal_out *o, const void *p, size_t n)
{
	const char *from = p;
	while (!o->err && n) {
		size_t take = SEAL_BLOCK - o->fill < n ? SEAL_BLOCK - o->fill : n;
		memcpy(o->block + o->fill, from, take);
		o->fill += take;
		from += take;
		n -= take;
		if (o->fill == SEAL_BLOCK)
			push_block(o, false);
	}
}

int64_t seal_out_size(const struct seal_out *o)
{
	return o->size;
}

/* As after a power cut, where a file system knows a file's length and not what was in it.  Images
 * of disks begin with zeros, too, but not with so many. */
static bool begins_with_zeros(int fd)
{
	enum { ZEROS = 128 * 1024 };
	unsigned char piece[4096];
	ssize_t n = 1;
	for (off_t at = 0; n > 0 && at < ZEROS; at += n) {
		n = pread(fd, piece, sizeof(piece), at);
		if (n < 0 || !sodium_is_zero(piece, (size_t)n))
			return false;
	}
	return true;
}

bool seal_is_left_over(int fd)
{
	char text[sizeof(magic) - 1];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	return n >= 0 && (memcmp(text, magic, (size_t)n) == 0 || begins_with_zeros(fd));
}

/* path.new, locked until it has its name, so that two backups at once do not mix; anything else
 * of that name stays as it is. */
static void open_tmp(struct seal_out *o)
{
	struct stat there, mine;
	if (lstat(o->tmp.p, &there) == 0 && !S_ISREG(there.st_mode)) {
		o->err = diag_set(o->diag, ERR_BACKUP_IN_THE_WAY, "%s", o->tmp.p);
		return;
	}
	int fd = open(o->tmp.p, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		failed(o);
		return;
	}
	bool held = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	bool same = fstat(fd, &mine) == 0 && lstat(o->tmp.p, &there) == 0 &&
		    there.st_ino == mine.st_ino && there.st_dev == mine.st_dev;
	if (held || !same)
		o->err = diag_set(o->diag, ERR_BACKUP_BUSY, "%s", o->path.p);
	else if (!seal_is_left_over(fd))
		o->err = diag_set(o->diag, ERR_BACKUP_IN_THE_WAY, "%s", o->tmp.p);
	if (o->err) {
		(void)close(fd);
		return;
	}
	o->fd = fd;
	if (ftruncate(fd, 0) != 0)
		failed(o);
}

enum err seal_out_begin(const char *path, const struct seal_head *head, const char *with,
			struct diag *diag, struct seal_out **ret)
{
	unsigned char key[KEY_BYTES], stream[STREAM_HEAD];
	if (sodium_init() < 0)
		return diag_set(diag, ERR_CRYPTO, "libsodium");
	struct seal_out *o = base_calloc(1, sizeof(*o));
	o->diag = diag;
	o->fd = -1;
	buf_init(&o->path, 8192);
	buf_init(&o->tmp, 8192);
	buf_init(&o->head, SEAL_HEAD_MAX);
	buf_adds(&o->path, path);
	buf_addf(&o->tmp, "%s.new", path);
	crypto_secretstream_xchacha20poly1305_keygen(key);
	o->err = o->tmp.full ? diag_set(diag, ERR_INVALID, "%s", path)
			     : print_head(head, with, (struct str){(const char *)key, KEY_BYTES},
					  diag, &o->head);
	if (!o->err)
		open_tmp(o);
	(void)crypto_secretstream_xchacha20poly1305_init_push(&o->state, stream, key);
	sodium_memzero(key, sizeof(key));
	write_out(o, o->head.p, o->head.n);
	write_out(o, stream, sizeof(stream));
	/* now: whatever becomes of the rest, the next run knows it for a backup of ours */
	if (!o->err && fsync(o->fd) != 0)
		failed(o);
	if (o->err)
		return seal_out_end(o, false, &o->size);
	*ret = o;
	return OK;
}

/* The last block, and the name. */
static void put_in_place(struct seal_out *o, bool *ret_placed)
{
	push_block(o, true);
	if (!o->err && fsync(o->fd) != 0)
		failed(o);
	*ret_placed = !o->err && rename(o->tmp.p, o->path.p) == 0;
	if (!o->err && (!*ret_placed || !disk_flush_folder_of(o->path.p)))
		failed(o);
}

enum err seal_out_end(struct seal_out *o, bool keep, int64_t *ret_size)
{
	bool placed = false;
	if (!o->err && keep)
		put_in_place(o, &placed);
	if (o->fd >= 0 && !placed)
		(void)unlink(o->tmp.p);
	if (o->fd >= 0 && close(o->fd) != 0) /* not before: it is what holds the name */
		failed(o);
	enum err e = o->err;
	*ret_size = o->size;
	buf_release(&o->path);
	buf_release(&o->tmp);
	buf_release(&o->head);
	sodium_memzero(o, sizeof(*o));
	base_free(o);
	return e;
}

/* --- in ------------------------------------------------------------------- */

struct seal_in {
	int fd;
	struct diag *diag;
	const char *path;
	struct arena arena;
	struct str text; /* the head as it stands there */
	struct seal_head head;
	struct str wrap, secret, keys; /* of the head, as they stand in `text` */
	int64_t size, frame_at;
	bool first, done;
	unsigned char frame[FRAME_MAX], plain[FRAME_PLAIN_MAX];
	char block[SEAL_BLOCK];
	crypto_secretstream_xchacha20poly1305_state state;
};

/* Between these bytes of the file. */
static enum err damaged(struct seal_in *in, enum err code, int64_t from, int64_t to)
{
	diag_clear(in->diag);
	diag_place(in->diag, "%s:%lld", in->path, (long long)from);
	return diag_set(in->diag, code, "%lld-%lld", (long long)from,
			(long long)(to > from ? to - 1 : from));
}

static enum err cut_short(struct seal_in *in)
{
	diag_clear(in->diag);
	diag_place(in->diag, "%s:%lld", in->path, (long long)in->size);
	return diag_set(in->diag, ERR_BACKUP_CUT, "%s", "");
}

/* In the frame that was read last.  The head is bound to the first one, so it may be there. */
static enum err altered(struct seal_in *in)
{
	return damaged(in, ERR_BACKUP_ALTERED, in->first ? 0 : in->frame_at, in->size);
}

/* In a part of the head; one without bytes is all of it. */
static enum err head_bad(struct seal_in *in, struct str part)
{
	ptrdiff_t from = part.p ? part.p - in->text.p : 0;
	return damaged(in, ERR_BACKUP_HEAD, from, from + (int64_t)(part.p ? part.n : in->text.n));
}

/* What was handed in does not open it: only whoever knows that it is right can tell which. */
static enum err head_or_key(struct seal_in *in, enum err code, const char *file)
{
	diag_place(in->diag, "%s", in->path);
	return diag_set(in->diag, code, "%s; 0-%zu", file, in->text.n - 1);
}

/* As many as there are, at most n; -1 on an error. */
static ssize_t read_up_to(struct seal_in *in, void *out, size_t n)
{
	size_t fill = 0;
	while (fill < n) {
		ssize_t got = read(in->fd, (char *)out + fill, n - fill);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		fill += (size_t)got;
	}
	in->size += (int64_t)fill;
	return (ssize_t)fill;
}

static enum err read_exact(struct seal_in *in, void *out, size_t n)
{
	ssize_t got = read_up_to(in, out, n);
	if (got < 0)
		return diag_set(in->diag, ERR_IO, "%s: %s", in->path, strerror(errno));
	return (size_t)got == n ? OK : cut_short(in);
}

/* The head, up to and with its blank line. */
static enum err read_head(struct seal_in *in)
{
	char *text = arena_alloc(&in->arena, SEAL_HEAD_MAX);
	ssize_t got = read_up_to(in, text, SEAL_HEAD_MAX);
	if (got < 0)
		return diag_set(in->diag, ERR_FILE_UNREADABLE, "%s: %s", in->path, strerror(errno));
	struct str all = {text, (size_t)got};
	if (!str_starts(all, STR("daohu-backup "))) {
		diag_place(in->diag, "%s", in->path);
		return diag_set(in->diag, ERR_BACKUP_NONE, "%s", "");
	}
	if (!str_starts(all, str_c(magic))) {
		diag_place(in->diag, "%s", in->path);
		return diag_set(in->diag, ERR_UNSUPPORTED, STR_FMT, STR_ARG(str_sub(all, 0, 14)));
	}
	size_t end = str_find(all, STR("\n\n"));
	in->text = str_sub(all, 0, end == SIZE_MAX ? all.n : end + 2);
	if (end == SIZE_MAX)
		return head_bad(in, (struct str){NULL, 0});
	in->size = (int64_t)in->text.n;
	return lseek(in->fd, (off_t)in->text.n, SEEK_SET) < 0
		       ? diag_set(in->diag, ERR_IO, "%s: %s", in->path, strerror(errno))
		       : OK;
}

static bool take_word(struct str line, const char *word, struct str *ret)
{
	size_t n = strlen(word);
	if (line.n <= n || !str_starts(line, str_c(word)) || line.p[n] != ' ')
		return false;
	*ret = str_sub(line, n + 1, line.n);
	return true;
}

static bool parse_seal(struct seal_in *in, struct str v)
{
	if (str_is(v, "house"))
		in->head.way = SEAL_HOUSE;
	else if (take_word(v, "key", &in->wrap))
		in->head.way = SEAL_KEY;
	else if (take_word(v, "passphrase", &in->wrap))
		in->head.way = SEAL_PASSPHRASE;
	else
		return false;
	return true;
}

static enum err parse_head(struct seal_in *in)
{
	static const char *const words[] = {"county", "made", "public", "seal", "secret", "keys"};
	enum { N = sizeof(words) / sizeof(words[0]) };
	struct str rest = in->text, line, v[N] = {{NULL, 0}};
	for (int i = -1; str_split(&rest, '\n', &line) && line.n; i++) {
		if (i >= 0 && (i >= N || !take_word(line, words[i], &v[i])))
			return head_bad(in, line);
	}
	if (!v[4].p || v[0].n > 32)
		return head_bad(in, (struct str){NULL, 0});
	if (!str_to_int(v[1], &in->head.made_ms))
		return head_bad(in, v[1]);
	if (!bytes_of(v[2], in->head.public, KEY_PUBLIC_BYTES))
		return head_bad(in, v[2]);
	if (!parse_seal(in, v[3]) || (in->head.way == SEAL_HOUSE) != (v[5].p != NULL))
		return head_bad(in, v[3]);
	if (v[5].p && !base64_decode(v[5], &in->arena, &in->head.keys))
		return head_bad(in, v[5]);
	in->head.county = str_dup(&in->arena, v[0]);
	in->secret = v[4];
	in->keys = v[5];
	return OK;
}

enum err seal_in_open(const char *path, struct diag *diag, struct seal_in **ret)
{
	if (sodium_init() < 0)
		return diag_set(diag, ERR_CRYPTO, "libsodium");
	struct seal_in *in = base_calloc(1, sizeof(*in));
	arena_init(&in->arena, 0);
	in->diag = diag;
	in->path = arena_strdup(&in->arena, path);
	in->first = true;
	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err e = in->fd < 0
			     ? diag_set(diag, ERR_FILE_UNREADABLE, "%s: %s", path, strerror(errno))
			     : read_head(in);
	if (!e)
		e = parse_head(in);
	if (e)
		seal_in_close(in);
	else
		*ret = in;
	return e;
}

const struct seal_head *seal_in_head(const struct seal_in *in)
{
	return &in->head;
}

enum err seal_in_whole(const struct seal_in *in, bool *ret)
{
	unsigned char length[4] = {0};
	struct stat st;
	off_t at = (off_t)in->text.n + STREAM_HEAD;
	bool good = false; /* the frame before `at` */
	ssize_t n = fstat(in->fd, &st) == 0 ? (ssize_t)sizeof(length) : -1;
	for (bool more = n >= 0; more && at < st.st_size; more = good) {
		n = pread(in->fd, length, sizeof(length), at);
		good = n == (ssize_t)sizeof(length) && may_be_frame(get_u32(length));
		at += (off_t)sizeof(length) + (off_t)get_u32(length);
	}
	*ret = good && at == st.st_size;
	return n < 0 ? diag_set(in->diag, ERR_IO, "%s: %s", in->path, strerror(errno)) : OK;
}

int64_t seal_in_size(const struct seal_in *in)
{
	return in->size;
}

void seal_in_close(struct seal_in *in)
{
	if (!in)
		return;
	if (in->fd >= 0)
		(void)close(in->fd);
	arena_release(&in->arena);
	sodium_memzero(in, sizeof(*in));
	base_free(in);
}

/* --- opening -------------------------------------------------------------- */

static const char *passphrase_of(const struct seal_with *with)
{
	const char *file =
		with->passphrase_file ? with->passphrase_file : getenv("DAOHU_PASSPHRASE_FILE");
	return file && file[0] ? file : NULL;
}

static enum err open_by_passphrase(struct seal_in *in, const struct seal_with *with,
				   unsigned char key[KEY_BYTES])
{
	unsigned char pass[KEY_BYTES], sealed[NONCE + KEY_BYTES + crypto_secretbox_MACBYTES];
	struct keys_wrap w;
	const char *file = passphrase_of(with);
	if (!keys_wrap_parse(in->wrap, &w))
		return head_bad(in, in->wrap);
	if (!bytes_of(in->secret, sealed, sizeof(sealed)))
		return head_bad(in, in->secret);
	if (!file)
		return diag_set(in->diag, ERR_BACKUP_NEEDS_PASSPHRASE, "%s", "");
	enum err e = pair_readable(file, in->diag);
	if (!e)
		e = keys_pass_key(file, &w, in->diag, pass);
	if (!e &&
	    crypto_secretbox_open_easy(key, sealed + NONCE, sizeof(sealed) - NONCE, sealed, pass))
		e = head_or_key(in, ERR_BACKUP_PASSPHRASE, file);
	sodium_memzero(pass, sizeof(pass));
	return e;
}

/* `secret`: what with->key_file holds. */
static enum err open_by_key(struct seal_in *in, const struct seal_with *with,
			    const unsigned char secret[KEY_BYTES], unsigned char key[KEY_BYTES])
{
	unsigned char public[KEY_BYTES], box[KEY_BYTES + crypto_box_SEALBYTES], to[KEY_BYTES];
	if (!bytes_of(in->wrap, to, sizeof(to)))
		return head_bad(in, in->wrap);
	if (!bytes_of(in->secret, box, sizeof(box)))
		return head_bad(in, in->secret);
	if (!with->key_file)
		return diag_set(in->diag, ERR_BACKUP_NEEDS_KEY, "%s", "");
	(void)crypto_scalarmult_base(public, secret);
	if (crypto_box_seal_open(key, box, sizeof(box), public, secret) == 0)
		return OK;
	return memcmp(public, to, sizeof(to)) == 0
		       ? head_bad(in, in->secret)
		       : head_or_key(in, ERR_BACKUP_KEY, with->key_file);
}

/* How DIR/keys is wrapped; false: not in a way there is. */
static bool wrapped_how(struct str keys, bool *ret_clear)
{
	struct keys_wrap w;
	struct str line, wrap = {NULL, 0};
	for (int i = 0; i < 2; i++) {
		if (!str_split(&keys, '\n', &line))
			return false;
	}
	*ret_clear = take_word(line, "wrap", &wrap) && str_is(wrap, "none");
	return *ret_clear || (wrap.n && keys_wrap_parse(wrap, &w));
}

static enum err keys_of_head(struct seal_in *in, const struct seal_with *with, struct keys **ret)
{
	struct diag why = {0};
	const char *file = passphrase_of(with);
	bool clear = false;
	if (!wrapped_how(in->head.keys, &clear))
		return head_bad(in, in->keys);
	if (!clear && !file)
		return diag_set(in->diag, ERR_BACKUP_NEEDS_HOUSE, "%s", "");
	enum err e = clear ? OK : pair_readable(file, in->diag);
	if (e)
		return e;
	e = keys_open_text(in->head.keys, file, &why, ret);
	if (e == ERR_RECOVERY)
		return head_or_key(in, ERR_BACKUP_PASSPHRASE, file);
	if (e == ERR_KEYS)
		return head_bad(in, in->keys);
	return e ? diag_set(in->diag, e, "%s", why.detail) : OK;
}

static enum err keys_of_sheet(struct seal_in *in, const char *file, struct keys **ret)
{
	char sheet[PAIR_SMALL_MAX], theirs[KEYS_FINGERPRINT], ours[KEYS_FINGERPRINT];
	unsigned char public[KEY_PUBLIC_BYTES];
	struct keys *k = NULL;
	size_t n = 0;
	enum err e = pair_read_small(file, in->diag, sheet, &n);
	if (e)
		return e;
	diag_place(in->diag, "%s", file);
	e = keys_from_sheet((struct str){sheet, n}, in->diag, &k);
	sodium_memzero(sheet, n);
	if (e)
		return e;
	keys_public(k, public);
	if (memcmp(public, in->head.public, sizeof(public)) != 0) {
		keys_fingerprint(public, theirs);
		keys_fingerprint(in->head.public, ours);
		keys_close(k);
		return diag_set(in->diag, ERR_RECOVERY_OTHER, "%s, %s: %s", theirs, in->path, ours);
	}
	diag_clear(in->diag);
	*ret = k;
	return OK;
}

/* The house's public key stands in the head twice: what differs there was altered, whoever
 * opens it. */
static enum err open_by_house(struct seal_in *in, const struct seal_with *with,
			      unsigned char key[KEY_BYTES])
{
	unsigned char public[KEY_PUBLIC_BYTES];
	struct diag none = {0};
	struct keys *k = NULL;
	struct str box;
	if (!base64_decode(in->secret, &in->arena, &box))
		return head_bad(in, in->secret);
	if (!keys_text_public(in->head.keys, public) ||
	    memcmp(public, in->head.public, sizeof(public)) != 0)
		return head_bad(in, (struct str){NULL, 0});
	enum err e = with->sheet_file ? keys_of_sheet(in, with->sheet_file, &k)
				      : keys_of_head(in, with, &k);
	if (!e && keys_open_box(k, box, &none, key))
		e = head_bad(in, in->secret);
	keys_close(k);
	return e;
}

/* What was named has to be there and what it is named for, needed or not: whoever names it
 * counts on it.  Each is opened once, since it may be a pipe: what the key file holds is handed
 * back. */
static enum err check_named(const struct seal_with *with, struct diag *diag,
			    unsigned char secret[KEY_BYTES])
{
	enum err e = with->passphrase_file ? pair_readable(with->passphrase_file, diag) : OK;
	if (!e && with->sheet_file)
		e = pair_readable(with->sheet_file, diag);
	if (!e && with->key_file)
		e = pair_read(with->key_file, PAIR_HALF_SECRET, diag, secret);
	return e;
}

enum err seal_in_unlock(struct seal_in *in, const struct seal_with *with)
{
	unsigned char key[KEY_BYTES] = {0}, secret[KEY_BYTES] = {0}, stream[STREAM_HEAD];
	enum err e = check_named(with, in->diag, secret);
	if (e)
		return e;
	e = in->head.way == SEAL_PASSPHRASE ? open_by_passphrase(in, with, key)
	    : in->head.way == SEAL_KEY      ? open_by_key(in, with, secret, key)
					    : open_by_house(in, with, key);
	sodium_memzero(secret, sizeof(secret));
	if (e && e != ERR_FILE_UNREADABLE)
		diag_place(in->diag, "%s", in->path);
	if (!e)
		e = read_exact(in, stream, sizeof(stream));
	if (!e && crypto_secretstream_xchacha20poly1305_init_pull(&in->state, stream, key) != 0)
		e = altered(in);
	sodium_memzero(key, sizeof(key));
	return e;
}

/* A frame in clear, into in->block. */
static enum err unpack(struct seal_in *in, size_t n, struct str *ret)
{
	if (n < FRAME_HEAD || in->plain[0] > 1)
		return altered(in);
	size_t length = get_u32(in->plain + 1), body = n - FRAME_HEAD;
	const char *from = (const char *)in->plain + FRAME_HEAD;
	if (length > SEAL_BLOCK)
		return altered(in);
	if (in->plain[0] == 0 && body == length)
		memcpy(in->block, from, length);
	else if (in->plain[0] == 0 ||
		 LZ4_decompress_safe(from, in->block, (int)body, (int)length) != (int)length)
		return altered(in);
	*ret = (struct str){in->block, length};
	return OK;
}

/* Where fewer bytes follow than a length says, it may be the length that is wrong. */
static enum err read_frame(struct seal_in *in, size_t n)
{
	ssize_t got = read_up_to(in, in->frame, n);
	if (got < 0)
		return diag_set(in->diag, ERR_IO, "%s: %s", in->path, strerror(errno));
	return (size_t)got == n ? OK
				: damaged(in, ERR_BACKUP_CUT_OR_ALTERED, in->frame_at, in->size);
}

enum err seal_in_next(struct seal_in *in, struct str *ret)
{
	unsigned char length[4], tag = 0, more;
	unsigned long long plain = 0;
	*ret = (struct str){NULL, 0};
	if (in->done)
		return OK;
	in->frame_at = in->size;
	enum err e = read_exact(in, length, sizeof(length));
	size_t n = get_u32(length);
	if (!e && !may_be_frame(n))
		e = altered(in);
	if (!e)
		e = read_frame(in, n);
	if (e)
		return e;
	if (crypto_secretstream_xchacha20poly1305_pull(
		    &in->state, in->plain, &plain, &tag, in->frame, n,
		    in->first ? (const unsigned char *)in->text.p : NULL,
		    in->first ? in->text.n : 0))
		return altered(in);
	e = unpack(in, (size_t)plain, ret);
	if (e)
		return e;
	in->first = false;
	in->done = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	int64_t end = in->size;
	if (in->done && read_up_to(in, &more, 1) != 0) {
		diag_place(in->diag, "%s:%lld", in->path, (long long)end);
		return diag_set(in->diag, ERR_BACKUP_LONGER, "%s", "");
	}
	if (!in->done && !ret->n)
		return altered(in);
	return OK;
}

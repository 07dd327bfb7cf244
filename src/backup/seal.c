/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "backup/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <lz4.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "field/field.h"

#include "base/banned.h"

enum {
	SMALL_MAX = 16 * 1024, /* of a key file or a recovery sheet */
	FRAME_HEAD = 5,        /* in clear: method, length unpacked */
	FRAME_PLAIN_MAX = FRAME_HEAD + SEAL_BLOCK + SEAL_BLOCK / 255 + 16,
	ABYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
	FRAME_MAX = FRAME_PLAIN_MAX + ABYTES,
	STREAM_HEAD = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	NONCE = crypto_secretbox_NONCEBYTES,
	BOX_MAX = NONCE + KEY_BYTES + crypto_box_SEALBYTES
};

static const char pair_magic[] = "daohu-backup-key 1\n";

static void put_u32(unsigned char out[4], size_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(v >> (24 - 8 * i) & 0xFF);
}

static size_t get_u32(const unsigned char in[4])
{
	return (size_t)in[0] << 24 | (size_t)in[1] << 16 | (size_t)in[2] << 8 | in[3];
}

/* The one value in base64 of n bytes. */
static bool bytes_of(struct str text, unsigned char *out, size_t n)
{
	size_t got = 0;
	return sodium_base642bin(out, n, text.p, text.n, NULL, &got, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       got == n;
}

static enum err read_small(const char *path, struct diag *diag, char out[SMALL_MAX], size_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t fill = 0;
	ssize_t n = -1;
	while (fd >= 0 && fill < SMALL_MAX && (n = read(fd, out + fill, SMALL_MAX - fill)) > 0)
		fill += (size_t)n;
	int why = errno;
	if (fd >= 0)
		(void)close(fd);
	if (fd < 0 || n < 0)
		return diag_set(diag, ERR_KEYS, "%s: %s", path, strerror(why));
	if (fill == SMALL_MAX)
		return diag_set(diag, ERR_KEYS, "%s", path);
	*ret_n = fill;
	return OK;
}

/* --- pairs ---------------------------------------------------------------- */

static enum err write_half(const char *path, const char *word, const unsigned char *bytes,
			   mode_t mode, struct diag *diag)
{
	struct buf text;
	buf_init(&text, 1000);
	buf_addf(&text, "%s%s ", pair_magic, word);
	base64_encode((struct str){(const char *)bytes, KEY_BYTES}, &text);
	buf_addc(&text, '\n');
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int why = errno;
	bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
	if (fd >= 0) {
		why = ok ? 0 : errno;
		ok = close(fd) == 0 && ok;
		if (!ok)
			(void)unlink(path);
	}
	sodium_memzero(text.p, text.n);
	buf_release(&text);
	return ok ? OK
		  : diag_set(diag, why == EEXIST ? ERR_EXISTS : ERR_IO, "%s: %s", path,
			     strerror(why));
}

enum err seal_make_pair(const char *path, struct diag *diag)
{
	unsigned char public[KEY_BYTES], secret[KEY_BYTES];
	struct buf pub;
	if (sodium_init() < 0)
		return diag_set(diag, ERR_CRYPTO, "libsodium");
	(void)crypto_box_keypair(public, secret);
	buf_init(&pub, 8192);
	buf_addf(&pub, "%s.pub", path);
	enum err e = write_half(path, "secret", secret, 0600, diag);
	if (!e)
		e = pub.full ? diag_set(diag, ERR_INVALID, "%s", path)
			     : write_half(pub.p, "public", public, 0644, diag);
	sodium_memzero(secret, sizeof(secret));
	buf_release(&pub);
	return e;
}

static enum err read_half(const char *path, const char *word, struct diag *diag,
			  unsigned char ret[KEY_BYTES])
{
	char text[SMALL_MAX];
	size_t n = 0;
	enum err e = read_small(path, diag, text, &n);
	struct str rest = {text, n}, line = {NULL, 0};
	if (e)
		return e;
	bool good = str_starts(rest, str_c(pair_magic));
	rest = str_sub(rest, strlen(pair_magic), rest.n);
	good = good && str_split(&rest, '\n', &line) && str_starts(line, str_c(word)) &&
	       bytes_of(str_sub(line, strlen(word) + 1, line.n), ret, KEY_BYTES);
	sodium_memzero(text, n);
	return good ? OK : diag_set(diag, ERR_KEYS, "%s: %s", path, word);
}

/* --- the stream's key, closed --------------------------------------------- */

static enum err close_by_passphrase(const char *file, struct str secret, struct diag *diag,
				    struct buf *head)
{
	struct keys_wrap w;
	unsigned char key[KEY_BYTES], sealed[NONCE + KEY_BYTES + crypto_secretbox_MACBYTES];
	keys_wrap_new(&w);
	enum err e = keys_pass_key(file, &w, diag, key);
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
	enum err e = read_half(file, "public", diag, public);
	if (e)
		return e;
	if (crypto_box_seal(box, (const unsigned char *)secret.p, secret.n, public) != 0)
		return diag_set(diag, ERR_KEYS, "%s", file);
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
	buf_addf(out, "daohu-backup 1\ncounty %s\nmade %lld\npublic ", h->county,
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
	if (!o->err) {
		o->fd = open(o->tmp.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (o->fd < 0)
			failed(o);
	}
	(void)crypto_secretstream_xchacha20poly1305_init_push(&o->state, stream, key);
	sodium_memzero(key, sizeof(key));
	write_out(o, o->head.p, o->head.n);
	write_out(o, stream, sizeof(stream));
	if (o->err)
		return seal_out_end(o, false, &o->size);
	*ret = o;
	return OK;
}

/* The folder, so that the new name survives a power cut. */
static bool sync_folder(const char *path)
{
	struct buf dir;
	const char *slash = strrchr(path, '/');
	buf_init(&dir, 8192);
	if (slash)
		buf_add(&dir, path, slash == path ? 1 : (size_t)(slash - path));
	else
		buf_addc(&dir, '.');
	int fd = open(dir.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	buf_release(&dir);
	return ok;
}

enum err seal_out_end(struct seal_out *o, bool keep, int64_t *ret_size)
{
	if (!o->err && keep)
		push_block(o, true);
	if (!o->err && keep && fsync(o->fd) != 0)
		failed(o);
	if (o->fd >= 0 && close(o->fd) != 0)
		failed(o);
	if (!o->err && keep && (rename(o->tmp.p, o->path.p) != 0 || !sync_folder(o->path.p)))
		failed(o);
	enum err e = o->err;
	*ret_size = o->size;
	if (o->fd >= 0 && (e || !keep))
		(void)unlink(o->tmp.p);
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
	struct str wrap, secret; /* of the head */
	int64_t size;
	bool first, done;
	unsigned char frame[FRAME_MAX], plain[FRAME_PLAIN_MAX];
	char block[SEAL_BLOCK];
	crypto_secretstream_xchacha20poly1305_state state;
};

static enum err damaged(struct seal_in *in, const char *why)
{
	diag_clear(in->diag);
	diag_place(in->diag, "%s:%lld", in->path, (long long)in->size);
	return diag_set(in->diag, ERR_FILE_DAMAGED, "%s", why);
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
	return (size_t)got == n ? OK : damaged(in, "cut short");
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
		return diag_set(in->diag, ERR_FILE_UNKNOWN, "%s", "not a backup");
	}
	if (!str_starts(all, STR("daohu-backup 1\n"))) {
		diag_place(in->diag, "%s", in->path);
		return diag_set(in->diag, ERR_UNSUPPORTED, STR_FMT, STR_ARG(str_sub(all, 0, 14)));
	}
	size_t end = str_find(all, STR("\n\n"));
	in->size = 0;
	if (end == SIZE_MAX)
		return damaged(in, "head");
	in->text = str_sub(all, 0, end + 2);
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
			return damaged(in, "head");
	}
	if (!v[4].p || v[0].n > 32 || !str_to_int(v[1], &in->head.made_ms) ||
	    !bytes_of(v[2], in->head.public, KEY_PUBLIC_BYTES) || !parse_seal(in, v[3]) ||
	    (in->head.way == SEAL_HOUSE) != (v[5].p != NULL) ||
	    (v[5].p && !base64_decode(v[5], &in->arena, &in->head.keys)))
		return damaged(in, "head");
	in->head.county = str_dup(&in->arena, v[0]);
	in->secret = v[4];
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
	if (!file)
		return diag_set(in->diag, ERR_KEYS, "--passphrase-file");
	if (!keys_wrap_parse(in->wrap, &w) || !bytes_of(in->secret, sealed, sizeof(sealed)))
		return damaged(in, "head");
	enum err e = keys_pass_key(file, &w, in->diag, pass);
	if (!e &&
	    crypto_secretbox_open_easy(key, sealed + NONCE, sizeof(sealed) - NONCE, sealed, pass))
		e = diag_set(in->diag, ERR_RECOVERY, "%s", file);
	sodium_memzero(pass, sizeof(pass));
	return e;
}

static enum err open_by_key(struct seal_in *in, const struct seal_with *with,
			    unsigned char key[KEY_BYTES])
{
	unsigned char secret[KEY_BYTES], public[KEY_BYTES], box[KEY_BYTES + crypto_box_SEALBYTES];
	if (!with->key_file)
		return diag_set(in->diag, ERR_KEYS, "--key");
	if (!bytes_of(in->secret, box, sizeof(box)))
		return damaged(in, "head");
	enum err e = read_half(with->key_file, "secret", in->diag, secret);
	if (e)
		return e;
	(void)crypto_scalarmult_base(public, secret);
	if (crypto_box_seal_open(key, box, sizeof(box), public, secret) != 0)
		e = diag_set(in->diag, ERR_RECOVERY, "%s", with->key_file);
	sodium_memzero(secret, sizeof(secret));
	return e;
}

static enum err open_by_house(struct seal_in *in, const struct seal_with *with,
			      unsigned char key[KEY_BYTES])
{
	char sheet[SMALL_MAX];
	size_t n = 0;
	struct keys *k = NULL;
	struct str box;
	enum err e = OK;
	if (!base64_decode(in->secret, &in->arena, &box))
		return damaged(in, "head");
	if (with->sheet_file) {
		e = read_small(with->sheet_file, in->diag, sheet, &n);
		if (!e)
			e = keys_from_sheet((struct str){sheet, n}, in->diag, &k);
		sodium_memzero(sheet, n);
	} else {
		e = keys_open_text(in->head.keys, passphrase_of(with), in->diag, &k);
	}
	if (!e)
		e = keys_open_box(k, box, in->diag, key);
	keys_close(k);
	return e;
}

enum err seal_in_unlock(struct seal_in *in, const struct seal_with *with)
{
	unsigned char key[KEY_BYTES] = {0}, stream[STREAM_HEAD];
	enum err e = in->head.way == SEAL_PASSPHRASE ? open_by_passphrase(in, with, key)
		     : in->head.way == SEAL_KEY      ? open_by_key(in, with, key)
						     : open_by_house(in, with, key);
	if (e)
		diag_place(in->diag, "%s", in->path);
	else
		e = read_exact(in, stream, sizeof(stream));
	if (!e && crypto_secretstream_xchacha20poly1305_init_pull(&in->state, stream, key) != 0)
		e = damaged(in, "stream");
	sodium_memzero(key, sizeof(key));
	return e;
}

/* A frame in clear, into in->block. */
static enum err unpack(struct seal_in *in, size_t n, struct str *ret)
{
	if (n < FRAME_HEAD || in->plain[0] > 1)
		return damaged(in, "frame");
	size_t length = get_u32(in->plain + 1), body = n - FRAME_HEAD;
	const char *from = (const char *)in->plain + FRAME_HEAD;
	if (length > SEAL_BLOCK)
		return damaged(in, "frame");
	if (in->plain[0] == 0 && body == length)
		memcpy(in->block, from, length);
	else if (in->plain[0] == 0 ||
		 LZ4_decompress_safe(from, in->block, (int)body, (int)length) != (int)length)
		return damaged(in, "frame");
	*ret = (struct str){in->block, length};
	return OK;
}

enum err seal_in_next(struct seal_in *in, struct str *ret)
{
	unsigned char length[4], tag = 0, more;
	unsigned long long plain = 0;
	*ret = (struct str){NULL, 0};
	if (in->done)
		return OK;
	enum err e = read_exact(in, length, sizeof(length));
	size_t n = get_u32(length);
	if (!e && (n < ABYTES + FRAME_HEAD || n > FRAME_MAX))
		e = damaged(in, "frame");
	if (!e)
		e = read_exact(in, in->frame, n);
	if (e)
		return e;
	if (crypto_secretstream_xchacha20poly1305_pull(
		    &in->state, in->plain, &plain, &tag, in->frame, n,
		    in->first ? (const unsigned char *)in->text.p : NULL,
		    in->first ? in->text.n : 0))
		return damaged(in, "altered");
	in->first = false;
	e = unpack(in, (size_t)plain, ret);
	if (e)
		return e;
	in->done = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	if (in->done && read_up_to(in, &more, 1) != 0)
		return damaged(in, "more behind the end");
	if (!in->done && !ret->n)
		return damaged(in, "frame");
	return OK;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "journal/keys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk.h"
#include "field/field.h"
#include "journal/secret.h"

#include "base/banned.h"

enum {
	FILE_MAX = 4096,
	PASS_MAX = 1024,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	SALT = crypto_pwhash_SALTBYTES,
	WRAPPED = NONCE + KEY_BYTES + TAG,
	MEM_MAX = 1 << 30, /* of a keys file: what it may ask for */
	OPS_MAX = 16
};

static const char kdf_context[] = "daohu-k1";

/* Everything follows from the root secret. */
static void derive(struct keys *k)
{
	unsigned char seed[crypto_sign_SEEDBYTES];
	unsigned char *const out[] = {k->data, k->index, k->salt, k->file, seed};
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
		(void)crypto_kdf_derive_from_key(out[i], KEY_BYTES, i + 1, kdf_context, k->root);
	(void)crypto_sign_seed_keypair(k->public, k->sign, seed);
	sodium_memzero(seed, sizeof(seed));
}

static enum err new_keys(struct diag *diag, struct keys **ret)
{
	if (sodium_init() < 0)
		return diag_set(diag, ERR_CRYPTO, "libsodium");
	struct keys *k = sodium_malloc(sizeof(*k));
	if (!k)
		return diag_set(diag, ERR_NO_MEMORY, "locked memory");
	sodium_memzero(k, sizeof(*k));
	*ret = k;
	return OK;
}

void keys_close(struct keys *k)
{
	sodium_free(k); /* wipes; NULL is fine */
}

bool keys_wrapped(const struct keys *k)
{
	return k->wrapped;
}

void keys_public(const struct keys *k, unsigned char ret[KEY_PUBLIC_BYTES])
{
	memcpy(ret, k->public, KEY_PUBLIC_BYTES);
}

/* --- files ---------------------------------------------------------------- */

static enum err read_small(const char *path, char *out, size_t max, size_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t fill = 0;
	ssize_t n = -1;
	if (fd < 0)
		return ERR_KEYS;
	while (fill < max && (n = read(fd, out + fill, max - fill)) > 0)
		fill += (size_t)n;
	close(fd);
	if (n < 0 || fill == max)
		return n < 0 ? ERR_KEYS : ERR_FILE_TOO_LARGE;
	*ret_n = fill;
	return OK;
}

/* The first line of the file, without its end. */
static enum err read_passphrase(const char *path, char out[PASS_MAX], size_t *ret_n,
				struct diag *diag)
{
	size_t n;
	enum err e = read_small(path, out, PASS_MAX, &n);
	if (e)
		return diag_set(diag, e, e == ERR_KEYS ? "%s: %s" : "%s", path, strerror(errno));
	const char *end = memchr(out, '\n', n);
	if (end)
		n = (size_t)(end - out);
	if (n && out[n - 1] == '\r')
		n--;
	if (!n)
		return diag_set(diag, ERR_PASSPHRASE_EMPTY, "%s", path);
	*ret_n = n;
	return OK;
}

static enum err write_new(const char *path, const struct buf *text, struct diag *diag)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return diag_set(diag, errno == EEXIST ? ERR_EXISTS : ERR_IO, "%s: %s", path,
				strerror(errno));
	bool ok = !text->full && write(fd, text->p, text->n) == (ssize_t)text->n &&
		  fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok) {
		(void)unlink(path);
		return diag_set(diag, ERR_IO, "%s: %s", path, strerror(errno));
	}
	return OK;
}

/* --- wrapping ------------------------------------------------------------- */

static_assert((int)KEYS_SALT == (int)SALT, "as keys.h says");

void keys_wrap_new(struct keys_wrap *ret)
{
	*ret = (struct keys_wrap){crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE,
				  {0}};
	randombytes_buf(ret->salt, SALT);
}

void keys_wrap_print(const struct keys_wrap *w, struct buf *out)
{
	buf_addf(out, "argon2id %llu %zu ", w->ops, w->mem);
	base64_encode((struct str){(const char *)w->salt, SALT}, out);
}

enum err keys_pass_key(const char *passphrase_file, const struct keys_wrap *w, struct diag *diag,
		       unsigned char key[KEY_BYTES])
{
	char pass[PASS_MAX];
	size_t n = 0;
	enum err e = read_passphrase(passphrase_file, pass, &n, diag);
	if (!e && crypto_pwhash(key, KEY_BYTES, pass, n, w->salt, w->ops, w->mem,
				crypto_pwhash_ALG_ARGON2ID13) != 0)
		e = diag_set(diag, ERR_NO_MEMORY, "Argon2id");
	sodium_memzero(pass, sizeof(pass));
	return e;
}

static enum err print_keys(const struct keys *k, const char *passphrase_file, struct diag *diag,
			   struct buf *out)
{
	unsigned char sealed[WRAPPED], key[KEY_BYTES];
	buf_adds(out, "daohu-keys 1\nwrap ");
	if (!passphrase_file) {
		buf_adds(out, "none\nsecret ");
		base64_encode((struct str){(const char *)k->root, KEY_BYTES}, out);
	} else {
		struct keys_wrap w;
		keys_wrap_new(&w);
		enum err e = keys_pass_key(passphrase_file, &w, diag, key);
		if (e)
			return e;
		randombytes_buf(sealed, NONCE);
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, NULL, k->root,
								  KEY_BYTES, NULL, 0, NULL, sealed,
								  key);
		sodium_memzero(key, sizeof(key));
		keys_wrap_print(&w, out);
		buf_adds(out, "\nsecret ");
		base64_encode((struct str){(const char *)sealed, WRAPPED}, out);
	}
	buf_adds(out, "\npublic ");
	base64_encode((struct str){(const char *)k->public, KEY_PUBLIC_BYTES}, out);
	buf_addc(out, '\n');
	return OK;
}

static enum err store(struct keys *k, const char *dir, const char *passphrase_file,
		      struct diag *diag)
{
	struct buf text, path;
	buf_init(&text, FILE_MAX);
	buf_init(&path, 8192);
	buf_addf(&path, "%s/keys", dir);
	enum err e = access(path.p, F_OK) == 0 ? diag_set(diag, ERR_EXISTS, "%s", path.p)
					       : print_keys(k, passphrase_file, diag, &text);
	if (!e)
		e = write_new(path.p, &text, diag);
	if (!e && !disk_flush_folder(dir)) {
		e = diag_set(diag, ERR_IO, "%s: %s", dir, strerror(errno));
		(void)unlink(path.p);
	}
	if (text.p)
		sodium_memzero(text.p, text.n);
	buf_release(&text);
	buf_release(&path);
	k->wrapped = passphrase_file != NULL;
	return e;
}

enum err keys_rewrap(const char *dir, struct keys *k, const char *passphrase_file,
		     struct diag *diag)
{
	struct buf text, path, tmp;
	buf_init(&text, FILE_MAX);
	buf_init(&path, 8192);
	buf_init(&tmp, 8192);
	buf_addf(&path, "%s/keys", dir);
	buf_addf(&tmp, "%s/keys.new", dir);
	(void)unlink(tmp.p); /* left by a run that was cut short */
	enum err e = print_keys(k, passphrase_file, diag, &text);
	if (!e)
		e = write_new(tmp.p, &text, diag);
	if (!e && rename(tmp.p, path.p) != 0)
		e = diag_set(diag, ERR_IO, "%s: %s", path.p, strerror(errno));
	if (!e)
		k->wrapped = passphrase_file != NULL;
	if (!e && !disk_flush_folder(dir))
		e = diag_set(diag, ERR_IO, "%s: %s", dir, strerror(errno));
	if (text.p)
		sodium_memzero(text.p, text.n);
	buf_release(&text);
	buf_release(&path);
	buf_release(&tmp);
	return e;
}

enum err keys_create(const char *dir, const char *passphrase_file, struct diag *diag,
		     struct keys **ret)
{
	struct keys *k = NULL;
	enum err e = new_keys(diag, &k);
	if (e)
		return e;
	randombytes_buf(k->root, KEY_BYTES);
	derive(k);
	e = store(k, dir, passphrase_file, diag);
	if (e)
		keys_close(k);
	else
		*ret = k;
	return e;
}

/* --- opening -------------------------------------------------------------- */

static bool bytes_of(struct str text, unsigned char *out, size_t n)
{
	size_t got = 0;
	return sodium_base642bin(out, n, text.p, text.n, NULL, &got, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       got == n;
}

bool keys_wrap_parse(struct str line, struct keys_wrap *w)
{
	struct str part[4];
	int64_t ops, mem;
	for (int i = 0; i < 4; i++) {
		if (!str_split(&line, ' ', &part[i]))
			return false;
	}
	if (!str_is(part[0], "argon2id") || !str_to_int(part[1], &ops) ||
	    !str_to_int(part[2], &mem) || ops < 1 || ops > OPS_MAX || mem < 8192 || mem > MEM_MAX)
		return false;
	w->ops = (unsigned long long)ops;
	w->mem = (size_t)mem;
	return bytes_of(part[3], w->salt, SALT);
}

static enum err open_wrapped(struct keys *k, const struct keys_wrap *w, struct str secret,
			     const char *passphrase_file, struct diag *diag)
{
	unsigned char sealed[WRAPPED], key[KEY_BYTES];
	if (!passphrase_file)
		passphrase_file = getenv("DAOHU_PASSPHRASE_FILE");
	if (!passphrase_file || !passphrase_file[0])
		return diag_set(diag, ERR_KEYS_PASSPHRASE, "%s", "");
	if (!bytes_of(secret, sealed, WRAPPED))
		return diag_set(diag, ERR_KEYS, "secret");
	enum err e = keys_pass_key(passphrase_file, w, diag, key);
	if (e)
		return e;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(k->root, NULL, NULL, sealed + NONCE,
							KEY_BYTES + TAG, NULL, 0, sealed, key))
		e = diag_set(diag, ERR_RECOVERY, "%s", passphrase_file);
	sodium_memzero(key, sizeof(key));
	k->wrapped = true;
	return e;
}

static enum err parse_keys(struct keys *k, struct str text, const char *passphrase_file,
			   struct diag *diag)
{
	static const char *const heads[] = {"daohu-keys ", "wrap ", "secret ", "public "};
	struct str value[4];
	struct keys_wrap w;
	unsigned char public[KEY_PUBLIC_BYTES];
	for (int i = 0; i < 4; i++) {
		struct str line;
		if (!str_split(&text, '\n', &line) || !str_starts(line, str_c(heads[i])))
			return diag_set(diag, ERR_KEYS, "line %d", i + 1);
		value[i] = str_sub(line, strlen(heads[i]), line.n);
	}
	if (!str_is(value[0], "1"))
		return diag_set(diag, ERR_KEYS, STR_FMT, STR_ARG(value[0]));
	enum err e = OK;
	if (str_is(value[1], "none"))
		e = bytes_of(value[2], k->root, KEY_BYTES) ? OK : ERR_KEYS;
	else if (keys_wrap_parse(value[1], &w))
		e = open_wrapped(k, &w, value[2], passphrase_file, diag);
	else
		e = ERR_KEYS;
	if (e)
		return diag_set(diag, e, "secret");
	derive(k);
	if (!bytes_of(value[3], public, sizeof(public)) ||
	    sodium_memcmp(public, k->public, sizeof(public)) != 0)
		return diag_set(diag, ERR_KEYS, "public");
	return OK;
}

enum err keys_open_text(struct str text, const char *passphrase_file, struct diag *diag,
			struct keys **ret)
{
	struct keys *k = NULL;
	enum err e = new_keys(diag, &k);
	if (!e)
		e = parse_keys(k, text, passphrase_file, diag);
	if (e)
		keys_close(k);
	else
		*ret = k;
	return e;
}

bool keys_text_public(struct str text, unsigned char ret[KEY_PUBLIC_BYTES])
{
	struct str line;
	while (str_split(&text, '\n', &line)) {
		if (str_starts(line, STR("public ")))
			return bytes_of(str_sub(line, 7, line.n), ret, KEY_PUBLIC_BYTES);
	}
	return false;
}

enum err keys_read_text(const char *dir, struct arena *a, struct diag *diag, struct str *ret)
{
	char *text = arena_alloc(a, FILE_MAX);
	size_t n = 0;
	const char *path = arena_printf(a, "%s/keys", dir);
	enum err e = read_small(path, text, FILE_MAX, &n);
	if (e)
		return diag_set(diag, e, "%s", path);
	*ret = (struct str){text, n};
	return OK;
}

enum err keys_open(const char *dir, const char *passphrase_file, struct diag *diag,
		   struct keys **ret)
{
	struct arena a;
	struct str text;
	arena_init(&a, 0);
	enum err e = keys_read_text(dir, &a, diag, &text);
	if (!e) {
		e = keys_open_text(text, passphrase_file, diag, ret);
		sodium_memzero((void *)(uintptr_t)text.p, text.n);
	}
	if (e)
		diag_place(diag, "%s/keys", dir);
	arena_release(&a);
	return e;
}

/* --- the recovery sheet --------------------------------------------------- */

/* No I, L, O, U: what is misread most cannot be printed. */
static const char sheet_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { SHEET_CHECK = 4, SHEET_BYTES = 1 + KEY_BYTES + SHEET_CHECK, SHEET_DIGITS = 60 };

static void sheet_check(const unsigned char *bytes, unsigned char check[SHEET_CHECK])
{
	unsigned char hash[32];
	(void)crypto_generichash(hash, sizeof(hash), bytes, 1 + KEY_BYTES,
				 (const unsigned char *)"daohu recovery 1", 16);
	memcpy(check, hash, SHEET_CHECK);
}

static void print_groups(const struct keys *k, struct buf *out)
{
	unsigned char bytes[SHEET_BYTES] = {1};
	unsigned acc = 0;
	int bits = 0, printed = 0;
	memcpy(bytes + 1, k->root, KEY_BYTES);
	sheet_check(bytes, bytes + 1 + KEY_BYTES);
	for (size_t i = 0; printed < SHEET_DIGITS; i++) {
		acc = acc << 8 | (i < SHEET_BYTES ? bytes[i] : 0);
		for (bits += 8; bits >= 5 && printed < SHEET_DIGITS; bits -= 5) {
			buf_addc(out, sheet_digits[acc >> (bits - 5) & 31]);
			if (++printed % 4 == 0)
				buf_addc(out, printed % 20 ? ' ' : '\n');
		}
		acc &= 0xFF;
	}
	sodium_memzero(bytes, sizeof(bytes));
}

void keys_recovery_sheet(const struct keys *k, enum lang lang, struct buf *out)
{
	static const struct text head =
		TEXT("到户 · 密钥恢复单\n请打印两份，分别封存；任何人持有它即可打开全部数据。\n\n",
		     "Daohu · recovery sheet\nPrint two copies and lock them away separately: "
		     "whoever holds one can open everything.\n\n");
	static const struct text foot = TEXT("\n公钥指纹：", "\nfingerprint of the public key: ");
	char hex[KEYS_FINGERPRINT];
	buf_adds(out, head.in[lang]);
	print_groups(k, out);
	keys_fingerprint(k->public, hex);
	buf_adds(out, foot.in[lang]);
	buf_adds(out, hex);
	buf_addc(out, '\n');
}

static int sheet_value(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *at = c ? strchr(sheet_digits, c) : NULL;
	return at ? (int)(at - sheet_digits) : -1;
}

/* Groups only: letters, digits, spaces and dashes. */
static bool is_group_line(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z') || (c && strchr(" -\r\t", c));
		if (!plain)
			return false;
	}
	return true;
}

/* The digits of the sheet, five bits each. */
static enum err read_digits(struct str typed, struct diag *diag, unsigned char digits[SHEET_DIGITS])
{
	struct str line;
	size_t n = 0;
	for (size_t row = 1; str_split(&typed, '\n', &line); row++) {
		if (!is_group_line(line))
			continue;
		for (size_t i = 0; i < line.n; i++) {
			if (strchr(" -\t\r", line.p[i]))
				continue;
			int v = sheet_value(line.p[i]);
			if (v < 0) /* the place only: the groups are a secret */
				return diag_set(diag, ERR_RECOVERY_CHARACTER, "%zu:%zu", row,
						i + 1);
			if (n < SHEET_DIGITS)
				digits[n] = (unsigned char)v;
			n++;
		}
	}
	return n == SHEET_DIGITS ? OK : diag_set(diag, ERR_RECOVERY_LENGTH, "%zu", n);
}

static enum err read_groups(struct str typed, struct diag *diag, unsigned char bytes[SHEET_BYTES])
{
	unsigned char digits[SHEET_DIGITS] = {0}, check[SHEET_CHECK];
	unsigned acc = 0;
	int bits = 0;
	size_t fill = 0;
	enum err e = read_digits(typed, diag, digits);
	if (e)
		return e;
	for (size_t i = 0; i < SHEET_DIGITS; i++) {
		acc = (acc << 5 | digits[i]) & 0xFFF;
		bits += 5;
		if (bits >= 8 && fill < SHEET_BYTES) {
			bits -= 8;
			bytes[fill++] = (unsigned char)(acc >> bits & 0xFF);
		}
	}
	sodium_memzero(digits, sizeof(digits));
	sheet_check(bytes, check);
	bool fits = bytes[0] == 1 && sodium_memcmp(check, bytes + 1 + KEY_BYTES, SHEET_CHECK) == 0;
	return fits ? OK : diag_set(diag, ERR_RECOVERY_SUM, "%s", "");
}

enum err keys_from_sheet(struct str typed, struct diag *diag, struct keys **ret)
{
	unsigned char bytes[SHEET_BYTES] = {0};
	struct keys *k = NULL;
	enum err e = new_keys(diag, &k);
	if (e)
		return e;
	e = read_groups(typed, diag, bytes);
	if (!e) {
		memcpy(k->root, bytes + 1, KEY_BYTES);
		derive(k);
	}
	sodium_memzero(bytes, sizeof(bytes));
	if (e)
		keys_close(k);
	else
		*ret = k;
	return e;
}

enum err keys_from_recovery(const char *dir, struct str typed, const char *passphrase_file,
			    struct diag *diag, struct keys **ret)
{
	struct keys *k = NULL;
	enum err e = keys_from_sheet(typed, diag, &k);
	if (!e)
		e = store(k, dir, passphrase_file, diag);
	if (e)
		keys_close(k);
	else
		*ret = k;
	return e;
}

/* --- boxes ---------------------------------------------------------------- */

enum err keys_box_to(const unsigned char public[KEY_PUBLIC_BYTES], struct str plain,
		     struct diag *diag, struct buf *out)
{
	unsigned char to[crypto_box_PUBLICKEYBYTES];
	if (sodium_init() < 0 || crypto_sign_ed25519_pk_to_curve25519(to, public) != 0)
		return diag_set(diag, ERR_KEYS, "public");
	char *room = buf_room(out, plain.n + crypto_box_SEALBYTES);
	if (!room || crypto_box_seal((unsigned char *)room, (const unsigned char *)plain.p, plain.n,
				     to) != 0)
		return diag_set(diag, ERR_CRYPTO, "box");
	buf_grow(out, plain.n + crypto_box_SEALBYTES);
	return OK;
}

enum err keys_open_box(const struct keys *k, struct str sealed, struct diag *diag,
		       unsigned char ret[KEY_BYTES])
{
	unsigned char public[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
	bool good = sealed.n == KEY_BYTES + crypto_box_SEALBYTES &&
		    crypto_sign_ed25519_pk_to_curve25519(public, k->public) == 0 &&
		    crypto_sign_ed25519_sk_to_curve25519(secret, k->sign) == 0 &&
		    crypto_box_seal_open(ret, (const unsigned char *)sealed.p, sealed.n, public,
					 secret) == 0;
	sodium_memzero(secret, sizeof(secret));
	return good ? OK : diag_set(diag, ERR_KEYS, "box");
}

void keys_fingerprint(const unsigned char public[KEY_PUBLIC_BYTES], char ret[KEYS_FINGERPRINT])
{
	unsigned char hash[16]; /* the least that BLAKE2b gives; half of it is printed */
	(void)crypto_generichash(hash, sizeof(hash), public, KEY_PUBLIC_BYTES, NULL, 0);
	(void)sodium_bin2hex(ret, KEYS_FINGERPRINT, hash, KEYS_FINGERPRINT / 2);
}

/* --- index ---------------------------------------------------------------- */

void keys_index(const struct keys *k, const char *purpose, struct str value,
		unsigned char ret[KEY_INDEX_BYTES])
{
	crypto_generichash_state s;
	(void)crypto_generichash_init(&s, k->index, KEY_BYTES, KEY_INDEX_BYTES);
	(void)crypto_generichash_update(&s, (const unsigned char *)purpose, strlen(purpose) + 1);
	(void)crypto_generichash_update(&s, (const unsigned char *)value.p, value.n);
	(void)crypto_generichash_final(&s, ret, KEY_INDEX_BYTES);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/crypt.h"

#include <nettle/aes.h>
#include <nettle/arcfour.h>
#include <nettle/base64.h>
#include <nettle/cbc.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/nettle-meta.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#include "base/utf8.h"
#include "io/xml_scan.h"

#include "base/banned.h"

enum {
	HASH_MAX = 64,
	CTX_MAX = 512, /* of any nettle hash */
	PASSWORD_MAX = 255 * 2,
	SPIN_MAX = 2000000, /* files have 100,000; the format would allow 10 million */
	SALT_MAX = 64,
	SEGMENT = 4096,
	RC4_BLOCK = 1024,
};

struct password {
	unsigned char p[PASSWORD_MAX]; /* UTF-16LE */
	size_t n;
};

static enum err refused(struct diag *diag, const char *what)
{
	return diag_set(diag, ERR_FILE_PASSWORD, "%s", what);
}

static struct password wide_password(const char *s)
{
	struct password w = {.n = 0};
	struct str utf8 = str_c(s ? s : CRYPT_DEFAULT_PASSWORD);
	int32_t cp;
	for (size_t pos = 0; (cp = utf8_next(utf8, &pos)) >= 0 && w.n + 4 <= PASSWORD_MAX;) {
		uint32_t units[2] = {(uint32_t)cp, 0};
		size_t n = 1;
		if (cp >= 0x10000) {
			units[0] = 0xD800 + ((uint32_t)(cp - 0x10000) >> 10);
			units[1] = 0xDC00 + ((uint32_t)(cp - 0x10000) & 0x3FF);
			n = 2;
		}
		for (size_t i = 0; i < n; i++) {
			w.p[w.n++] = (unsigned char)(units[i] & 0xFF);
			w.p[w.n++] = (unsigned char)(units[i] >> 8);
		}
	}
	return w;
}

/* hash(a, b) */
static void digest(const struct nettle_hash *h, const void *a, size_t a_n, const void *b,
                   size_t b_n, unsigned char *out)
{
	_Alignas(16) unsigned char ctx[CTX_MAX];
	h->init(ctx);
	h->update(ctx, a_n, a);
	h->update(ctx, b_n, b);
	h->digest(ctx, h->digest_size, out);
}

static void put_u32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i) & 0xFF);
}

/* H(i, H(i - 1, ... H(salt, password))) */
static void spin(const struct nettle_hash *h, const unsigned char *salt, size_t salt_n,
                 const struct password *pw, uint32_t times, unsigned char out[HASH_MAX])
{
	unsigned char count[4];
	digest(h, salt, salt_n, pw->p, pw->n, out);
	for (uint32_t i = 0; i < times; i++) {
		put_u32(count, i);
		digest(h, count, sizeof(count), out, h->digest_size, out);
	}
}

static bool aes_cbc(const unsigned char *key, size_t key_n, const unsigned char iv[16],
                    unsigned char *data, size_t n)
{
	unsigned char chain[16];
	memcpy(chain, iv, sizeof(chain));
	if (key_n == 16) {
		struct aes128_ctx c;
		aes128_set_decrypt_key(&c, key);
		cbc_decrypt(&c, (nettle_cipher_func *)aes128_decrypt, 16, chain, n, data, data);
	} else if (key_n == 24) {
		struct aes192_ctx c;
		aes192_set_decrypt_key(&c, key);
		cbc_decrypt(&c, (nettle_cipher_func *)aes192_decrypt, 16, chain, n, data, data);
	} else if (key_n == 32) {
		struct aes256_ctx c;
		aes256_set_decrypt_key(&c, key);
		cbc_decrypt(&c, (nettle_cipher_func *)aes256_decrypt, 16, chain, n, data, data);
	} else {
		return false;
	}
	return true;
}

/* ---- agile ---- */

struct agile_part { /* <keyData> or <encryptedKey> */
	const struct nettle_hash *hash;
	size_t key_n, salt_n;
	uint32_t spins;
	unsigned char salt[SALT_MAX];
	unsigned char input[HASH_MAX], value[HASH_MAX], key[HASH_MAX]; /* encrypted */
	size_t input_n, value_n, key_value_n;
};

static size_t from_base64(struct str s, unsigned char *out, size_t max)
{
	struct base64_decode_ctx c;
	unsigned char all[BASE64_DECODE_LENGTH(512)];
	size_t n = sizeof(all);
	base64_decode_init(&c);
	if (s.n > 512 || !base64_decode_update(&c, &n, all, s.n, s.p) || n > max)
		return 0;
	memcpy(out, all, n);
	return n;
}

static const struct nettle_hash *hash_named(struct str s)
{
	if (str_is(s, "SHA512"))
		return &nettle_sha512;
	if (str_is(s, "SHA384"))
		return &nettle_sha384;
	if (str_is(s, "SHA256"))
		return &nettle_sha256;
	if (str_is(s, "SHA1") || str_is(s, "SHA-1"))
		return &nettle_sha1;
	return NULL;
}

static bool read_part(struct str attrs, struct agile_part *p)
{
	struct str v;
	*p = (struct agile_part){0};
	if (!xml_attr(attrs, "hashAlgorithm", &v))
		return false;
	p->hash = hash_named(v);
	if (!xml_attr(attrs, "cipherAlgorithm", &v) || !str_is(v, "AES") ||
	    !xml_attr(attrs, "cipherChaining", &v) || !str_is(v, "ChainingModeCBC"))
		return false;
	int64_t bits = xml_attr_int(attrs, "keyBits", 0);
	int64_t spins = xml_attr_int(attrs, "spinCount", 0);
	if (xml_attr(attrs, "saltValue", &v))
		p->salt_n = from_base64(v, p->salt, sizeof(p->salt));
	if (xml_attr(attrs, "encryptedVerifierHashInput", &v))
		p->input_n = from_base64(v, p->input, sizeof(p->input));
	if (xml_attr(attrs, "encryptedVerifierHashValue", &v))
		p->value_n = from_base64(v, p->value, sizeof(p->value));
	if (xml_attr(attrs, "encryptedKeyValue", &v))
		p->key_value_n = from_base64(v, p->key, sizeof(p->key));
	p->key_n = (size_t)(bits / 8);
	p->spins = (uint32_t)spins;
	return p->hash && (bits == 128 || bits == 192 || bits == 256) && spins >= 0 &&
	       spins <= SPIN_MAX && p->salt_n;
}

struct bytes {
	struct str rest;
};

static enum err read_bytes(void *arg, char *dst, size_t cap, struct diag *diag, size_t *ret_n)
{
	struct bytes *b = arg;
	size_t n = b->rest.n < cap ? b->rest.n : cap;
	(void)diag;
	memcpy(dst, b->rest.p, n);
	b->rest = str_sub(b->rest, n, b->rest.n);
	*ret_n = n;
	return OK;
}

static bool read_agile(struct str text, struct agile_part *data, struct agile_part *key)
{
	struct bytes b = {text};
	struct diag diag = {0};
	struct xml x;
	enum xml_kind k;
	bool has_data = false, has_key = false;
	xml_init(&x, read_bytes, &b, 64 * 1024);
	while ((k = xml_next(&x, &diag)) != XML_FAILED && k != XML_EOF) {
		if (k == XML_START && xml_is(&x, "keyData"))
			has_data = read_part(x.attrs, data);
		else if (k == XML_START && xml_is(&x, "encryptedKey") && !has_key)
			has_key = read_part(x.attrs, key);
	}
	xml_release(&x);
	return has_data && has_key;
}

/* Decrypts one of the values of the key with the key that `block` names. */
static bool open_value(const struct agile_part *k, const unsigned char *spun,
                       const unsigned char block[8], unsigned char *value, size_t n)
{
	unsigned char hash[HASH_MAX + HASH_MAX], iv[16];
	memset(hash, 0x36, sizeof(hash));
	digest(k->hash, spun, k->hash->digest_size, block, 8, hash);
	memset(iv, 0x36, sizeof(iv));
	memcpy(iv, k->salt, k->salt_n < 16 ? k->salt_n : 16);
	return n && n % 16 == 0 && aes_cbc(hash, k->key_n, iv, value, n);
}

static bool agile_key(struct agile_part *k, const struct password *pw)
{
	static const unsigned char input[8] = {0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79};
	static const unsigned char value[8] = {0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e};
	static const unsigned char key[8] = {0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6};
	unsigned char spun[HASH_MAX], check[HASH_MAX];
	size_t hash_n = k->hash->digest_size, input_n = k->salt_n;
	spin(k->hash, k->salt, k->salt_n, pw, k->spins, spun);
	if (!open_value(k, spun, input, k->input, k->input_n) ||
	    !open_value(k, spun, value, k->value, k->value_n) ||
	    !open_value(k, spun, key, k->key, k->key_value_n))
		return false;
	if (input_n > k->input_n)
		input_n = k->input_n;
	digest(k->hash, k->input, input_n, "", 0, check);
	return k->value_n >= hash_n && memeql_sec(check, k->value, hash_n) &&
	       k->key_value_n >= k->key_n;
}

static enum err open_agile(struct str info, const struct password *pw, unsigned char *p, size_t n,
                           struct diag *diag)
{
	struct agile_part data, key;
	if (!read_agile(info, &data, &key))
		return refused(diag, "agile");
	if (!agile_key(&key, pw))
		return refused(diag, "xlsx");
	for (size_t at = 0, i = 0; at < n; at += SEGMENT, i++) {
		unsigned char count[4], iv[HASH_MAX];
		put_u32(count, (uint32_t)i);
		digest(data.hash, data.salt, data.salt_n, count, sizeof(count), iv);
		size_t k = n - at < SEGMENT ? (n - at) & ~(size_t)15 : SEGMENT;
		if (!aes_cbc(key.key, key.key_n, iv, p + at, k))
			return refused(diag, "agile");
	}
	return OK;
}

/* ---- standard ---- */

enum { ALG_RC4 = 0x6801, ALG_AES128 = 0x660E, ALG_AES256 = 0x6610 };

struct standard {
	uint32_t alg, bits;
	unsigned char salt[16], verifier[16], hash[32];
	size_t hash_n; /* stored: 20 for RC4, 32 for AES */
};

/* EncryptionHeader and EncryptionVerifier at p (behind version and flags). */
static bool read_standard(const unsigned char *p, size_t n, struct standard *ret)
{
	if (n < 4)
		return false;
	size_t head = biff_u32(p);
	if (head < 32 || head > n - 4 || n - 4 - head < 16 + 4 + 16 + 4 + 20)
		return false;
	const unsigned char *h = p + 4, *v = h + head;
	size_t left = n - 4 - head - 40;
	ret->alg = biff_u32(h + 8);
	ret->bits = biff_u32(h + 16);
	if (ret->bits == 0)
		ret->bits = 40;
	memcpy(ret->salt, v + 4, 16);
	memcpy(ret->verifier, v + 20, 16);
	ret->hash_n = left < 32 ? left : 32;
	memcpy(ret->hash, v + 40, ret->hash_n);
	return biff_u32(v) == 16;
}

static bool aes_ecb(const unsigned char *key, size_t key_n, unsigned char *data, size_t n)
{
	static const unsigned char zero[16];
	/* no chaining: every block by itself */
	for (size_t i = 0; i + 16 <= n; i += 16)
		if (!aes_cbc(key, key_n, zero, data + i, 16))
			return false;
	return true;
}

static enum err open_standard(const unsigned char *info, size_t info_n, const struct password *pw,
                              unsigned char *p, size_t n, struct diag *diag)
{
	struct standard s;
	unsigned char spun[HASH_MAX], zero[4] = {0}, final[SHA1_DIGEST_SIZE], pad[64];
	unsigned char key[2 * SHA1_DIGEST_SIZE], check[SHA1_DIGEST_SIZE];
	if (!read_standard(info, info_n, &s) || s.alg < ALG_AES128 || s.alg > ALG_AES256 ||
	    (s.bits != 128 && s.bits != 192 && s.bits != 256) || s.hash_n < 32)
		return refused(diag, "standard");
	spin(&nettle_sha1, s.salt, 16, pw, 50000, spun);
	digest(&nettle_sha1, spun, SHA1_DIGEST_SIZE, zero, 4, final);
	for (int half = 0; half < 2; half++) {
		memset(pad, half ? 0x5C : 0x36, sizeof(pad));
		for (size_t i = 0; i < SHA1_DIGEST_SIZE; i++)
			pad[i] ^= final[i];
		digest(&nettle_sha1, pad, sizeof(pad), "", 0, key + half * SHA1_DIGEST_SIZE);
	}
	if (!aes_ecb(key, s.bits / 8, s.verifier, 16) || !aes_ecb(key, s.bits / 8, s.hash, 32))
		return refused(diag, "standard");
	digest(&nettle_sha1, s.verifier, 16, "", 0, check);
	if (!memeql_sec(check, s.hash, SHA1_DIGEST_SIZE))
		return refused(diag, "xlsx");
	return aes_ecb(key, s.bits / 8, p, n) ? OK : refused(diag, "standard");
}

enum err crypt_package(const struct cfb *c, const char *password, struct diag *diag,
                       unsigned char **ret, size_t *ret_n)
{
	struct password pw = wide_password(password);
	unsigned char *info = NULL, *p = NULL;
	size_t info_n = 0, n = 0;
	enum err e = cfb_stream(c, "EncryptionInfo", diag, &info, &info_n);
	if (e == OK)
		e = cfb_stream(c, "EncryptedPackage", diag, &p, &n);
	if (e == OK && (info_n < 8 || n < 8))
		e = refused(diag, "xlsx");
	if (e == OK) {
		uint64_t size = (uint64_t)biff_u32(p) | (uint64_t)biff_u32(p + 4) << 32;
		struct str text = {(const char *)info + 8, info_n - 8};
		n -= 8;
		memmove(p, p + 8, n);
		if (biff_u16(info) == 4 && biff_u16(info + 2) == 4)
			e = open_agile(text, &pw, p, n, diag);
		else if (biff_u16(info + 2) == 2)
			e = open_standard(info + 8, info_n - 8, &pw, p, n, diag);
		else
			e = refused(diag, "extensible");
		if (e == OK && size > n)
			e = diag_set(diag, ERR_FILE_DAMAGED, "OLE2: EncryptedPackage");
		else if (e == OK)
			n = (size_t)size;
	}
	base_free(info);
	if (e != OK) {
		base_free(p);
		return e;
	}
	*ret = p;
	*ret_n = n;
	return OK;
}

/* ---- RC4 of binary workbooks ---- */

struct rc4 {
	const struct nettle_hash *hash; /* MD5: basic; SHA-1: CryptoAPI */
	unsigned char base[HASH_MAX];   /* what the block's number is added to */
	size_t base_n, key_n;
	struct arcfour_ctx ctx;
	uint32_t block;
};

static void rc4_block(struct rc4 *k, uint32_t block)
{
	unsigned char count[4], key[HASH_MAX] = {0};
	put_u32(count, block);
	digest(k->hash, k->base, k->base_n, count, 4, key);
	k->block = block;
	if (k->hash == &nettle_sha1 && k->key_n == 5) {
		memset(key + 5, 0, 11); /* 40 bits are filled up with zeros */
		arcfour_set_key(&k->ctx, 16, key);
		return;
	}
	arcfour_set_key(&k->ctx, k->key_n, key);
}

static void basic_key(struct rc4 *k, const unsigned char salt[16], const struct password *pw)
{
	unsigned char first[MD5_DIGEST_SIZE], mix[16 * 21];
	k->hash = &nettle_md5;
	digest(k->hash, pw->p, pw->n, "", 0, first);
	for (size_t i = 0; i < 16; i++) {
		memcpy(mix + i * 21, first, 5);
		memcpy(mix + i * 21 + 5, salt, 16);
	}
	digest(k->hash, mix, sizeof(mix), "", 0, k->base);
	k->base_n = 5;
	k->key_n = 16;
}

/* FILEPASS to a key that has opened the verifier. */
static bool rc4_open(struct rc4 *k, const unsigned char *p, size_t n, const struct password *pw)
{
	unsigned char verifier[16], hash[SHA1_DIGEST_SIZE], check[HASH_MAX];
	unsigned major = n >= 6 ? biff_u16(p + 2) : 0, minor = n >= 6 ? biff_u16(p + 4) : 0;
	struct standard s;
	size_t hash_n;
	if (n < 6 || biff_u16(p) != 1)
		return false;
	if (major == 1 && minor == 1 && n >= 54) {
		basic_key(k, p + 6, pw);
		memcpy(verifier, p + 22, 16);
		memcpy(hash, p + 38, 16);
		hash_n = MD5_DIGEST_SIZE;
	} else if (minor == 2 && n >= 10 && read_standard(p + 10, n - 10, &s) &&
	           s.alg == ALG_RC4 && s.bits >= 40 && s.bits <= 128) {
		k->hash = &nettle_sha1;
		digest(k->hash, s.salt, 16, pw->p, pw->n, k->base);
		k->base_n = SHA1_DIGEST_SIZE;
		k->key_n = s.bits / 8;
		memcpy(verifier, s.verifier, 16);
		memcpy(hash, s.hash, SHA1_DIGEST_SIZE);
		hash_n = SHA1_DIGEST_SIZE;
	} else {
		return false;
	}
	rc4_block(k, 0);
	arcfour_crypt(&k->ctx, 16, verifier, verifier);
	arcfour_crypt(&k->ctx, hash_n, hash, hash);
	digest(k->hash, verifier, 16, "", 0, check);
	return memeql_sec(check, hash, hash_n);
}

/* Takes n bytes of key stream, onto data unless it is NULL. */
static void rc4_run(struct rc4 *k, size_t at, unsigned char *data, size_t n)
{
	unsigned char none[RC4_BLOCK];
	while (n) {
		if (at / RC4_BLOCK != k->block)
			rc4_block(k, (uint32_t)(at / RC4_BLOCK));
		size_t step = RC4_BLOCK - at % RC4_BLOCK;
		if (step > n)
			step = n;
		memset(none, 0, step);
		arcfour_crypt(&k->ctx, step, data ? data : none, data ? data : none);
		data = data ? data + step : NULL;
		at += step;
		n -= step;
	}
}

/* Records that are written in the clear. */
static bool in_clear(unsigned type)
{
	return biff_is_bof(type) || type == BIFF_FILEPASS || type == 0x0194 || type == 0x0195 ||
	       type == 0x00E1 || type == 0x0196 || type == 0x0138;
}

/* Bytes at the front of a record's body that are never encrypted. */
static size_t clear_part(const struct biff_rec *rec)
{
	size_t clear = in_clear(rec->type) ? rec->n : rec->type == BIFF_BOUNDSHEET ? 4 : 0;
	return clear < rec->n ? clear : rec->n;
}

static enum err open_rc4(const struct biff *b, unsigned char *stream, const struct biff_rec *pass,
                         const struct password *pw, struct diag *diag)
{
	struct biff_rec rec;
	struct rc4 k = {0};
	if (!rc4_open(&k, pass->p, pass->n, pw))
		return refused(diag, "xls");
	rc4_block(&k, 0);
	for (size_t off = 0; biff_at(b, off, &rec); off = rec.next) {
		unsigned char *body = stream + off + 4;
		size_t clear = clear_part(&rec);
		rc4_run(&k, off, NULL, 4 + clear);
		rc4_run(&k, off + 4 + clear, body + clear, rec.n - clear);
	}
	return OK;
}

/* ---- XOR obfuscation, of Excel 2 to 95 and of some of 97 to 2003 ---- */

enum { XOR_PASSWORD = 15, XOR_KEYS = 16 };

static unsigned crc_step(unsigned v)
{
	return (v << 1 ^ (v & 0x8000 ? 0x1021u : 0)) & 0xFFFF;
}

/* XorKey of the password.  The specification's tables of codes are the steps of a CRC. */
static unsigned xor_key(const unsigned char *pw, size_t n)
{
	unsigned key = 0, bit = 0x8000, end = 0xFFFF;
	for (size_t i = n; i-- > 0;)
		for (int k = 0; k < 8; k++) {
			bit = crc_step(bit);
			end = crc_step(end);
			if (k < 7 && pw[i] >> k & 1) /* the eighth does not count */
				key ^= bit;
		}
	return key ^ end;
}

static unsigned xor_verifier(const unsigned char *pw, size_t n)
{
	unsigned v = 0;
	for (size_t i = n + 1; i-- > 0;) {
		v = (v << 1 & 0x7FFF) | (v >> 14 & 1);
		v ^= i ? pw[i - 1] : (unsigned)n;
	}
	return v ^ 0xCE4B;
}

/* Single bytes, 15 at most: of a wide character the low byte, of one without, the high one. */
static size_t narrow_password(const struct password *pw, unsigned char out[XOR_PASSWORD])
{
	size_t n = 0;
	for (size_t i = 0; i + 1 < pw->n && n < XOR_PASSWORD; i += 2)
		out[n++] = pw->p[i] ? pw->p[i] : pw->p[i + 1];
	return n;
}

static void xor_keys(const unsigned char *pw, size_t n, unsigned char keys[XOR_KEYS])
{
	static const unsigned char pad[XOR_PASSWORD] = {
		0xBB, 0xFF, 0xFF, 0xBA, 0xFF, 0xFF, 0xB9, 0x80,
		0x00, 0xBE, 0x0F, 0x00, 0xBF, 0x0F, 0x00,
	};
	unsigned key = xor_key(pw, n);
	for (size_t i = 0; i < XOR_KEYS; i++) {
		unsigned v = (i < n ? pw[i] : pad[i - n]) ^ (i % 2 ? key >> 8 : key & 0xFF);
		keys[i] = (unsigned char)(v >> 1 | (v & 1) << 7);
	}
}

static enum err open_xor(const struct biff *b, unsigned char *stream, const struct biff_rec *pass,
                         const struct password *wide, struct diag *diag)
{
	unsigned char pw[XOR_PASSWORD], keys[XOR_KEYS];
	size_t n = narrow_password(wide, pw), head = b->version == 8 ? 2 : 0;
	struct biff_rec rec;
	if (n == 0 || pass->n < head + 4 || biff_u16(pass->p + head) != xor_key(pw, n) ||
	    biff_u16(pass->p + head + 2) != xor_verifier(pw, n))
		return refused(diag, "xls");
	xor_keys(pw, n, keys);
	for (size_t off = pass->next; biff_at(b, off, &rec); off = rec.next) {
		unsigned char *body = stream + off + 4;
		for (size_t i = clear_part(&rec); i < rec.n; i++) {
			unsigned v = body[i] ^ keys[(off + 4 + rec.n + i) % XOR_KEYS];
			body[i] = (unsigned char)(v >> 5 | v << 3);
		}
	}
	return OK;
}

enum err crypt_biff(const struct biff *b, unsigned char *stream, const struct biff_rec *filepass,
                    const char *password, struct diag *diag)
{
	struct password pw = wide_password(password);
	bool xored = b->version < 8 || (filepass->n >= 2 && biff_u16(filepass->p) == 0);
	return xored ? open_xor(b, stream, filepass, &pw, diag)
	             : open_rc4(b, stream, filepass, &pw, diag);
}

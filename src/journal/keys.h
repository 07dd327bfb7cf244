/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keys: the keys of the house, and sealing with them.
 *
 * One random root secret of 32 bytes lies in DIR/keys (mode 0600): in clear,
 * or wrapped by a passphrase (Argon2id, then XChaCha20-Poly1305).  From it are
 * derived (BLAKE2b, crypto_kdf): the data key that wraps the persons' keys and
 * seals blobs, the index key for look-ups by equality, the salt key of the
 * journal's commitments and the seed of the Ed25519 signing key.
 *
 * The recovery sheet is the root secret in base32 groups with a checksum;
 * whoever holds it holds everything.
 *
 * Owns: the unwrapped keys, in locked memory that is wiped on close.
 */
#ifndef DAOHU_JOURNAL_KEYS_H
#define DAOHU_JOURNAL_KEYS_H

#include "base/err.h"

enum {
	KEY_BYTES = 32,
	KEY_INDEX_BYTES = 16,
	KEY_PUBLIC_BYTES = 32,
	KEY_SIGN_BYTES = 64,
	KEYS_SALT = 16,
	KEYS_FINGERPRINT = 17 /* as text, with its NUL */
};

struct keys;

/* Makes DIR/keys; EXISTS when it is there.  passphrase_file may be NULL (keys in
 * clear); its first line is the passphrase. */
MUST_USE enum err keys_create(const char *dir, const char *passphrase_file, struct diag *diag,
			      struct keys **ret);
/* passphrase_file NULL: from $DAOHU_PASSPHRASE_FILE.  KEYS_PASSPHRASE when it is missing,
 * RECOVERY when it is wrong. */
MUST_USE enum err keys_open(const char *dir, const char *passphrase_file, struct diag *diag,
			    struct keys **ret);
void keys_close(struct keys *k);
bool keys_wrapped(const struct keys *k); /* DIR/keys needs a passphrase */

/* Writes DIR/keys again, wrapped by another passphrase, or with NULL in clear. */
MUST_USE enum err keys_rewrap(const char *dir, struct keys *k, const char *passphrase_file,
			      struct diag *diag);

/* The sheet to print and lock away. */
void keys_recovery_sheet(const struct keys *k, enum lang lang, struct buf *out);
/* Makes DIR/keys again from the groups typed in (case, spaces, dashes and the
 * look-alikes 0/O and 1/I/L are forgiven, lines with anything else passed over,
 * so that the whole sheet may be given); RECOVERY_LENGTH, RECOVERY_CHARACTER, RECOVERY_SUM when
 * it was mistyped. */
MUST_USE enum err keys_from_recovery(const char *dir, struct str typed,
				     const char *passphrase_file, struct diag *diag,
				     struct keys **ret);

/* Equality of a number, phone or account without storing it: BLAKE2b-128 keyed
 * by purpose ("id", "phone"); the caller normalises the value first. */
void keys_index(const struct keys *k, const char *purpose, struct str value,
		unsigned char ret[KEY_INDEX_BYTES]);

/* Bytes that belong to no single person, under the data key.  `label` (table, no)
 * is bound to them: opening under another label fails.  FILE_DAMAGED then. */
void keys_seal_blob(const struct keys *k, struct str label, struct str plain, struct buf *out);
MUST_USE enum err keys_open_blob(const struct keys *k, struct str label, struct str sealed,
				 struct diag *diag, struct buf *out);
/* The same in place: the text is put where the sealed bytes were (and lent in
 * *ret_plain); on failure they are lost.  Any thread; says nothing. */
MUST_USE enum err keys_open_in_place(const struct keys *k, struct str label, char *sealed, size_t n,
				     struct str *ret_plain);

/* Whole files, streamed in chunks of 64 KiB; the target appears only when it is
 * whole.  FILE_DAMAGED when a sealed file was cut or altered. */
MUST_USE enum err keys_seal_file(const struct keys *k, const char *from, const char *to,
				 struct diag *diag);
/* The same, not yet on the disk: whoever relies on the file calls fsync before. */
MUST_USE enum err keys_seal_file_unsynced(const struct keys *k, const char *from, const char *to,
					  struct diag *diag);
MUST_USE enum err keys_open_file(const struct keys *k, const char *from, const char *to,
				 struct diag *diag);

/* --- what a backup needs -------------------------------------------------- */

/* DIR/keys as it lies there, KEYS when it cannot be read; its public key, false when the
 * text is no keys file; and opened from the text, as keys_open() does from the folder. */
MUST_USE enum err keys_read_text(const char *dir, struct arena *a, struct diag *diag,
				 struct str *ret);
bool keys_text_public(struct str text, unsigned char ret[KEY_PUBLIC_BYTES]);
MUST_USE enum err keys_open_text(struct str text, const char *passphrase_file, struct diag *diag,
				 struct keys **ret);
/* From a recovery sheet, without making DIR/keys. */
MUST_USE enum err keys_from_sheet(struct str typed, struct diag *diag, struct keys **ret);

/* A few bytes for the holder of a house's keys alone: whoever has its public key can
 * close such a box (X25519 sealed box), which takes no passphrase.  Opened are boxes of
 * KEY_BYTES; KEYS when it is another house's, or damaged. */
MUST_USE enum err keys_box_to(const unsigned char public[KEY_PUBLIC_BYTES], struct str plain,
			      struct diag *diag, struct buf *out);
MUST_USE enum err keys_open_box(const struct keys *k, struct str sealed, struct diag *diag,
				unsigned char ret[KEY_BYTES]);

/* A key from a passphrase (first line of the file) by Argon2id.  The parameters as text:
 * "argon2id OPS MEM SALT"; parse refuses those that would take more than 1 GiB. */
struct keys_wrap {
	unsigned long long ops;
	size_t mem;
	unsigned char salt[KEYS_SALT];
};
void keys_wrap_new(struct keys_wrap *ret);
void keys_wrap_print(const struct keys_wrap *w, struct buf *out);
bool keys_wrap_parse(struct str line, struct keys_wrap *w);
MUST_USE enum err keys_pass_key(const char *passphrase_file, const struct keys_wrap *w,
				struct diag *diag, unsigned char key[KEY_BYTES]);

/* What people compare: 16 digits of a hash of the public key, as the recovery sheet prints. */
void keys_fingerprint(const unsigned char public[KEY_PUBLIC_BYTES], char ret[KEYS_FINGERPRINT]);

void keys_public(const struct keys *k, unsigned char ret[KEY_PUBLIC_BYTES]);

#endif

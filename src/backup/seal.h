/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * seal: the outer shape of a backup, a sealed stream of bytes.
 *
 *     daohu-backup 1
 *     county 341226
 *     made 1515922200000         UTC ms
 *     public BASE64              the house's public key
 *     seal house | key BASE64 | passphrase argon2id OPS MEM SALT
 *     secret BASE64              the stream's key, closed as `seal` says
 *     keys BASE64                DIR/keys as it lay there, of `seal house` alone
 *                                (a blank line ends the head)
 *     24 bytes                   the head of a libsodium secretstream (XChaCha20-Poly1305)
 *     frames                     length of 4 bytes, big-endian, then that many sealed bytes
 *
 * A frame in clear is a byte (0: as it is, 1: LZ4), the length unpacked, and at most
 * SEAL_BLOCK bytes.  The head is bound to the first frame, the last frame is tagged as the
 * last, and nothing may stand behind it: a file that was cut, altered or put together
 * from two is refused at the frame where that shows.
 *
 * Three ways to seal: for the house itself (whoever can open DIR/keys, which lies in the
 * head wrapped by its passphrase, or has the recovery sheet), for the holder of a key
 * pair, or by a passphrase.  The first two need nothing secret while the backup is made.
 */
#ifndef DAOHU_BACKUP_SEAL_H
#define DAOHU_BACKUP_SEAL_H

#include "journal/keys.h"

enum { SEAL_BLOCK = 256 * 1024, SEAL_HEAD_MAX = 16 * 1024 };

enum seal_way { SEAL_HOUSE, SEAL_KEY, SEAL_PASSPHRASE, SEAL_WAY_MAX };

struct seal_head {
	enum seal_way way;
	const char *county;
	int64_t made_ms;
	unsigned char public[KEY_PUBLIC_BYTES];
	struct str keys; /* DIR/keys; of SEAL_HOUSE */
};

/* --- out ------------------------------------------------------------------ */

struct seal_out;

/* Into path.new, which becomes `path` when all is in it.  `with`: the file with the public
 * key of SEAL_KEY, with the passphrase of SEAL_PASSPHRASE. */
MUST_USE enum err seal_out_begin(const char *path, const struct seal_head *head, const char *with,
				 struct diag *diag, struct seal_out **ret);
/* Is this what a backup that was cut short may have left: nothing, zeros, or a head that begins
 * as ours? */
bool seal_is_left_over(int fd);
/* Errors stick until the end. */
void seal_out_add(struct seal_out *o, const void *p, size_t n);
/* Bytes of the file so far. */
int64_t seal_out_size(const struct seal_out *o);
/* `keep` false, or any error before: nothing stays on the disk.  The file is on the disk
 * itself when this is OK; *ret_size: its bytes.  Frees. */
MUST_USE enum err seal_out_end(struct seal_out *o, bool keep, int64_t *ret_size);

/* --- in ------------------------------------------------------------------- */

struct seal_in;

/* What opens a backup: each NULL when not at hand. */
struct seal_with {
	const char *passphrase_file; /* of `passphrase`, or of the house's keys; NULL: from
	                                $DAOHU_PASSPHRASE_FILE */
	const char *key_file;        /* the secret half of the pair */
	const char *sheet_file;      /* the recovery sheet, as printed or typed */
};

/* Reads the head.  FILE_UNREADABLE, BACKUP_NONE, BACKUP_HEAD, UNSUPPORTED. */
MUST_USE enum err seal_in_open(const char *path, struct diag *diag, struct seal_in **ret);
const struct seal_head *seal_in_head(const struct seal_in *in);
/*
 * BACKUP_NEEDS_... when what it needs was not given; FILE_UNREADABLE, PAIR_... or RECOVERY_... when
 * what was given is not what it should be.  The head is authenticated only with the first
 * frame, which takes the key: BACKUP_HEAD where it contradicts itself or what opened it,
 * BACKUP_PASSPHRASE and BACKUP_KEY where it may be either.
 */
MUST_USE enum err seal_in_unlock(struct seal_in *in, const struct seal_with *with);
/* The next block, lent until the next call; empty at the end.  BACKUP_CUT,
 * BACKUP_CUT_OR_ALTERED, BACKUP_ALTERED, BACKUP_LONGER, their place the file and the byte. */
MUST_USE enum err seal_in_next(struct seal_in *in, struct str *ret);
/* As far as can be seen without a key, before anything else is read: whole frames up to the
 * end of the file.  IO. */
MUST_USE enum err seal_in_whole(const struct seal_in *in, bool *ret);
int64_t seal_in_size(const struct seal_in *in); /* bytes of the file read so far */
void seal_in_close(struct seal_in *in);

#endif

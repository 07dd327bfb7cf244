/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text_in: the bytes of a text file as UTF-8, whatever it was written in.
 *
 * The encoding is found from the whole file: a byte order mark; else UTF-16
 * when NULs stand in one parity only and what comes out is plausible text;
 * else UTF-8 when it is well-formed; else GB18030 when that is.  A file with a
 * few broken sequences (systems that cut a field in the middle of a character)
 * is read as the encoding with fewer of them, and each becomes U+FFFD; more
 * than one in a hundred characters is refused.  NUL bytes are refused.
 */
#ifndef DAOHU_IO_TEXT_IN_H
#define DAOHU_IO_TEXT_IN_H

#include "base/err.h"

enum text_enc { TEXT_UTF8, TEXT_GB18030, TEXT_UTF16LE, TEXT_UTF16BE, TEXT_ENC_MAX };

struct text_in {
	int fd;          /* borrowed */
	uint64_t size;   /* of the file */
	uint64_t off;    /* next byte to read */
	uint64_t start;  /* behind the byte order mark */
	enum text_enc enc;
	bool repair;     /* UTF-8 with broken sequences */
	void *cd;        /* iconv_t; NULL for UTF-8 */
	char *raw;       /* bytes not yet converted; NULL for plain UTF-8 */
	size_t raw_beg, raw_end;
};

/* Finds the encoding. */
enum err text_in_open(struct text_in *t, int fd, uint64_t size, struct diag *diag) MUST_USE;
void text_in_close(struct text_in *t);
void text_in_rewind(struct text_in *t);
/* At least one byte into dst (cap >= 16) unless the end is reached (0). */
enum err text_in_read(struct text_in *t, char *dst, size_t cap, struct diag *diag,
                      size_t *ret_n) MUST_USE;
const char *text_enc_name(enum text_enc enc);

/* Does nothing in the beginning of a file (all of it, or at least 64 KiB) say that it is
 * something else?  *ret_start is behind the mark. */
bool text_in_may_be_utf8(const char *text, size_t n, size_t *ret_start);
/* Bytes up to the first ill-formed sequence; n when there is none.  A sequence
 * cut by the end counts as ill-formed. */
size_t utf8_prefix(const char *p, size_t n);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text_out: a file of text in an encoding that offices use.
 */
#ifndef DAOHU_IO_TEXT_OUT_H
#define DAOHU_IO_TEXT_OUT_H

#include "base/err.h"

enum text_encoding { TEXT_UTF8, TEXT_UTF8_MARK, TEXT_GB18030, TEXT_UTF16_MARK, TEXT_ENCODING_MAX };

/* Writes UTF-8 text; *_MARK with a byte order mark (UTF-16 is little-endian).
 * IO, FILE_TOO_LARGE beyond 1 GiB, FILE_ENCODING for text that is not UTF-8. */
MUST_USE enum err text_out(const char *path, struct str text, enum text_encoding encoding,
                           struct diag *diag);

#endif

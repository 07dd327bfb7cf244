/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypt: opens workbooks that a password protects ([MS-OFFCRYPTO]).
 *
 * Office Open XML: agile (SHA-1..SHA-512, AES-CBC) and standard (SHA-1,
 * AES-ECB) encryption of the package inside a compound file.  BIFF 8: RC4 with
 * MD5 or SHA-1 keys.  BIFF 2 to 8: XOR obfuscation (method 1).
 * Without a password the one that spreadsheets themselves
 * try is tried ("VelvetSweatshop": files that are marked read-only).
 * ERR_FILE_PASSWORD when it is the wrong one or the method is another.
 */
#ifndef DAOHU_IO_CRYPT_H
#define DAOHU_IO_CRYPT_H

#include "io/biff.h"
#include "io/cfb.h"

#define CRYPT_DEFAULT_PASSWORD "VelvetSweatshop"

/* The package in the clear, to be given back by base_free. */
enum err crypt_package(const struct cfb *c, const char *password, struct diag *diag,
                       unsigned char **ret, size_t *ret_n) MUST_USE;

/* Decrypts a BIFF stream (b->p, as bytes to change) in place; `filepass` is its FILEPASS
 * record.  Record headers and the few records that are never encrypted stay as they are. */
enum err crypt_biff(const struct biff *b, unsigned char *stream, const struct biff_rec *filepass,
                    const char *password, struct diag *diag) MUST_USE;

#endif

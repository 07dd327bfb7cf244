/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sniff: what a file is, from its content.  Names are not looked at.
 *
 * Files that are no table are refused here: ERR_FILE_UNKNOWN with what they
 * are as the detail (PDF, docx, ods ...), ERR_NESTED_ARCHIVE for archives
 * that hold archives or workbooks, ERR_FILE_PASSWORD for encrypted packages.
 */
#ifndef DAOHU_IO_SNIFF_H
#define DAOHU_IO_SNIFF_H

#include "io/rows.h"

enum err sniff_file(int fd, uint64_t size, const char *path, struct diag *diag,
                    enum file_kind *ret) MUST_USE;
/* Papers that people attach: scans, photos, documents.  Everything else is
 * FILE_UNKNOWN with what it is (archives, programs, workbooks with macros). */
enum paper_kind { PAPER_PDF, PAPER_JPEG, PAPER_PNG, PAPER_DOCX, PAPER_XLSX, PAPER_KIND_MAX };
enum err sniff_paper(int fd, const char *path, struct diag *diag, enum paper_kind *ret) MUST_USE;

/* A zip that cannot be opened, by libzip's code. */
enum err zip_refused(int code, struct diag *diag);

#endif

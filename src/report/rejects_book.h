/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rejects_book: cells in doubt or refused, as a workbook to send back to the office. */
#ifndef DAOHU_REPORT_REJECTS_BOOK_H
#define DAOHU_REPORT_REJECTS_BOOK_H

#include "ledger/import.h"

struct rejects_book;

/* The book itself lies in `a`; what is written, in the file. */
MUST_USE enum err rejects_book_open(const char *file, enum lang lang, struct arena *a,
                                    struct diag *diag, struct rejects_book **ret);
void rejects_book_add(struct rejects_book *b, const struct import_result *r);
MUST_USE enum err rejects_book_close(struct rejects_book *b);

#endif

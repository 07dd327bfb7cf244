/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * template: the blank workbook with which an office is asked for its ledger.
 *
 * First sheet, named as the ledger: title, who fills it in and as of which
 * day, the headers (a star: must be filled), TEMPLATE_ROWS prepared rows with
 * drop-downs, numbers as text.  Second sheet: what each column wants.  What is
 * filled in is read back by `import` without a mapping.
 */
#ifndef DAOHU_REPORT_TEMPLATE_H
#define DAOHU_REPORT_TEMPLATE_H

#include "pack/pack.h"

enum { TEMPLATE_ROWS = 200 };

/* IO.  Headers and notes are in `lang`. */
MUST_USE enum err template_write(const struct pack *pack, const struct pack_layout *layout,
                                 enum lang lang, const char *path, struct diag *diag);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * progress: one line on a terminal that says how far a long command is, how fast it goes and when it
 * will be done; and whether the person at it has asked it to stop.
 *
 * Nothing is shown where standard error is no terminal, nor before a second has passed.  Whoever prints
 * something else clears the line first.  Any thread may show; one command at a time.
 */
#ifndef DAOHU_APP_PROGRESS_H
#define DAOHU_APP_PROGRESS_H

#include "app/app.h"

/* From now on it is this that is done: the rate and the end are reckoned from here. */
void progress_begin(const struct app *app, struct text what);
/* So many rows so far; `share` of the whole, from 0 to 1, negative when that is not known. */
void progress_show(int64_t rows, double share);
void progress_clear(void);
void progress_end(void); /* of it all: the line is cleared, nothing is shown any more */

/* From now on ctrl-C (SIGINT, SIGTERM) is no longer the end: progress_stopped() says that it came.  The
 * second time it is. */
void progress_take_signals(void);
bool progress_stopped(void);

#endif

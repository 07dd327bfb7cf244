/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* subjects: the tables of routes, one a file, and what the files here share. */
#ifndef DAOHU_API_SUBJECTS_H
#define DAOHU_API_SUBJECTS_H

#include "api/api.h"

extern const struct route api_form_routes[];
extern const struct route api_household_routes[];
extern const struct route api_job_routes[];
extern const struct route api_journal_routes[];
extern const struct route api_meta_routes[];
extern const struct route api_print_routes[];
extern const struct route api_session_routes[];
extern const struct route api_system_routes[];
extern const struct route api_user_routes[];

/* user.c: who is signed in with this token, for the answer to a sign-in; given back with
 * the request when it is made rq->user. */
MUST_USE enum err users_of_session(struct request *rq, const unsigned char *hash,
                                   const struct api_user **ret);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* subjects: the tables of routes, one a file, and what the files here share. */
#ifndef DAOHU_API_SUBJECTS_H
#define DAOHU_API_SUBJECTS_H

#include "api/api.h"

extern const struct route api_correction_routes[];
extern const struct route api_duty_routes[];
extern const struct route api_edit_routes[];
extern const struct route api_file_routes[];
extern const struct route api_finding_routes[];
extern const struct route api_form_routes[];
extern const struct route api_household_routes[];
extern const struct route api_job_routes[];
extern const struct route api_journal_routes[];
extern const struct route api_layout_routes[];
extern const struct route api_ledger_routes[];
extern const struct route api_link_routes[];
extern const struct route api_meeting_routes[];
extern const struct route api_meta_routes[];
extern const struct route api_paper_routes[];
extern const struct route api_print_routes[];
extern const struct route api_policy_routes[];
extern const struct route api_request_routes[];
extern const struct route api_session_routes[];
extern const struct route api_situation_routes[];
extern const struct route api_system_routes[];
extern const struct route api_task_routes[];
extern const struct route api_today_routes[];
extern const struct route api_user_routes[];

struct attachment;
struct household;
struct life_row;
struct pin;
struct snapshot;

/* api_edit.c: an error of a domain module whose place is a field's name becomes that input's. */
enum err api_explain(struct request *rq, enum err e);
/* api_correction.c: a table by its name; a pin, with whose it is when `h` is given. */
const struct record_desc *api_table(const struct api *api, const char *name);
void api_write_pin(struct request *rq, const struct pin *p, const struct household *h);
/* api_finding.c: a row; `s` may be NULL (no details). */
void api_write_finding(struct request *rq, const struct life_row *r, const struct snapshot *s);
/* api_file.c */
void api_write_attachment(struct request *rq, const struct attachment *t);
/* Hangs what was uploaded on a record: `like` says whose; answers with what is there then. */
MUST_USE enum err api_attach(struct request *rq, const struct attachment *like);

/* api_layout.c: INVALID when the text of input "mapping" is no mapping file; whose it is. */
enum { API_MAPPING_MAX = 60000 };
MUST_USE enum err api_check_mapping(struct request *rq, const char *text, const char **ret_layout);

/* user.c: who is signed in with this token, for the answer to a sign-in; given back with
 * the request when it is made rq->user. */
MUST_USE enum err users_of_session(struct request *rq, const unsigned char *hash,
                                   const struct api_user **ret);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* work_tables: the records of src/work, for a test's list of tables. */
#ifndef DAOHU_TESTS_WORK_TABLES_H
#define DAOHU_TESTS_WORK_TABLES_H

#include "work/duty.h"
#include "work/meeting.h"
#include "work/policy.h"
#include "work/request.h"
#include "work/task.h"

#define WORK_TABLES                                                                                \
	&meeting_desc, &attendance_desc, &decision_desc, &task_desc, &task_event_desc,             \
		&policy_desc, &policy_read_desc, &ledger_request_desc, &village_duty_desc

#endif

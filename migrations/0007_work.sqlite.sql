-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Meetings, their decisions and tasks; policies; ledgers asked for; duties for villages.
CREATE TABLE meeting (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	level TEXT,
	kind TEXT,
	number INTEGER,
	title TEXT,
	date INTEGER,
	time TEXT,
	place TEXT,
	chair TEXT,
	recorder TEXT,
	organiser TEXT,
	area TEXT,
	conveys INTEGER,
	agenda TEXT,
	minutes TEXT,
	state TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE attendance (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	meeting INTEGER,
	line INTEGER,
	category TEXT,
	unit TEXT,
	name TEXT,
	post TEXT,
	presence TEXT,
	note TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE decision (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	meeting INTEGER,
	line INTEGER,
	text TEXT,
	unit TEXT,
	due INTEGER,
	result TEXT,
	done INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE task (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	title TEXT,
	body TEXT,
	decision INTEGER,
	parent INTEGER,
	unit TEXT,
	area TEXT,
	account INTEGER,
	issued INTEGER,
	issued_by INTEGER,
	due INTEGER,
	evidence TEXT,
	files_wanted INTEGER,
	state TEXT,
	percent INTEGER,
	target INTEGER,
	done INTEGER,
	acknowledged INTEGER,
	proven INTEGER,
	proven_by INTEGER,
	checked INTEGER,
	checked_by INTEGER,
	closed INTEGER,
	closed_by INTEGER,
	returned INTEGER,
	cancelled INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE task_event (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	task INTEGER,
	move TEXT,
	day INTEGER,
	at INTEGER,
	account INTEGER,
	name TEXT,
	percent INTEGER,
	done INTEGER,
	text TEXT,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE policy (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	title TEXT,
	doc_no TEXT,
	office TEXT,
	level TEXT,
	subject TEXT,
	issued INTEGER,
	valid_from INTEGER,
	valid_to INTEGER,
	body TEXT,
	replaces INTEGER,
	readers TEXT,
	read_by INTEGER,
	withdrawn INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE policy_read (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	policy INTEGER,
	account INTEGER,
	at INTEGER,
	edition INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE ledger_request (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	layout TEXT,
	unit TEXT,
	area TEXT,
	account INTEGER,
	requested INTEGER,
	requested_by INTEGER,
	due INTEGER,
	as_of INTEGER,
	note TEXT,
	state TEXT,
	returned INTEGER,
	ledger INTEGER,
	remark TEXT,
	reminders INTEGER,
	reminded INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE TABLE village_duty (
	county TEXT NOT NULL,
	no INTEGER NOT NULL,
	version INTEGER NOT NULL,
	village TEXT,
	role TEXT,
	name TEXT,
	unit TEXT,
	post TEXT,
	phone BLOB,
	valid_from INTEGER,
	valid_to INTEGER,
	recorded_from INTEGER,
	recorded_to INTEGER,
	PRIMARY KEY (county, no)
) WITHOUT ROWID, STRICT;

CREATE INDEX meeting_date ON meeting (county, date, no);

CREATE INDEX attendance_meeting ON attendance (county, meeting);

CREATE INDEX decision_meeting ON decision (county, meeting);

CREATE INDEX task_due ON task (county, due, no);

CREATE INDEX task_decision ON task (county, decision);

CREATE INDEX task_parent ON task (county, parent);

CREATE INDEX task_event_task ON task_event (county, task, no);

CREATE INDEX policy_issued ON policy (county, issued, no);

CREATE INDEX policy_replaces ON policy (county, replaces);

CREATE INDEX ledger_request_due ON ledger_request (county, due, no);

CREATE INDEX village_duty_village ON village_duty (county, village);

CREATE UNIQUE INDEX policy_read_once ON policy_read (county, policy, account);

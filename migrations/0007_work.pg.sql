-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Meetings, their decisions and tasks; policies; ledgers asked for; duties for villages.
CREATE TABLE meeting (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	level text COLLATE "C",
	kind text COLLATE "C",
	number bigint,
	title text COLLATE "C",
	date bigint,
	time text COLLATE "C",
	place text COLLATE "C",
	chair text COLLATE "C",
	recorder text COLLATE "C",
	organiser text COLLATE "C",
	area text COLLATE "C",
	conveys bigint,
	agenda text COLLATE "C",
	minutes text COLLATE "C",
	state text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE attendance (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	meeting bigint,
	line bigint,
	category text COLLATE "C",
	unit text COLLATE "C",
	name text COLLATE "C",
	post text COLLATE "C",
	presence text COLLATE "C",
	note text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE decision (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	meeting bigint,
	line bigint,
	text text COLLATE "C",
	unit text COLLATE "C",
	due bigint,
	result text COLLATE "C",
	done bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE task (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	title text COLLATE "C",
	body text COLLATE "C",
	decision bigint,
	parent bigint,
	unit text COLLATE "C",
	area text COLLATE "C",
	account bigint,
	issued bigint,
	issued_by bigint,
	due bigint,
	evidence text COLLATE "C",
	files_wanted bigint,
	state text COLLATE "C",
	percent bigint,
	target bigint,
	done bigint,
	acknowledged bigint,
	proven bigint,
	proven_by bigint,
	checked bigint,
	checked_by bigint,
	closed bigint,
	closed_by bigint,
	returned bigint,
	cancelled bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE task_event (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	task bigint,
	move text COLLATE "C",
	day bigint,
	at bigint,
	account bigint,
	name text COLLATE "C",
	percent bigint,
	done bigint,
	text text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE policy (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	title text COLLATE "C",
	doc_no text COLLATE "C",
	office text COLLATE "C",
	level text COLLATE "C",
	subject text COLLATE "C",
	issued bigint,
	valid_from bigint,
	valid_to bigint,
	body text COLLATE "C",
	replaces bigint,
	readers text COLLATE "C",
	read_by bigint,
	withdrawn bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE policy_read (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	policy bigint,
	account bigint,
	at bigint,
	edition bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE ledger_request (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	layout text COLLATE "C",
	unit text COLLATE "C",
	area text COLLATE "C",
	account bigint,
	requested bigint,
	requested_by bigint,
	due bigint,
	as_of bigint,
	note text COLLATE "C",
	state text COLLATE "C",
	returned bigint,
	ledger bigint,
	remark text COLLATE "C",
	reminders bigint,
	reminded bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE village_duty (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	village text COLLATE "C",
	role text COLLATE "C",
	name text COLLATE "C",
	unit text COLLATE "C",
	post text COLLATE "C",
	phone bytea,
	valid_from bigint,
	valid_to bigint,
	recorded_from bigint,
	recorded_to bigint,
	PRIMARY KEY (county, no)
);

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

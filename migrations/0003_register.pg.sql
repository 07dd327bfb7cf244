-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Areas, accounts, the register, and the ledgers that were handed in.
CREATE TABLE area (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	code text COLLATE "C",
	name text COLLATE "C",
	parent text COLLATE "C",
	valid_from bigint,
	valid_to bigint,
	successor text COLLATE "C",
	aliases text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE account (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	login text COLLATE "C",
	name text COLLATE "C",
	role text COLLATE "C",
	areas text COLLATE "C",
	unit text COLLATE "C",
	password text COLLATE "C",
	disabled bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE reveal (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	command text COLLATE "C",
	reason text COLLATE "C",
	at bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE household (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	hh_no text COLLATE "C",
	ident text COLLATE "C",
	village text COLLATE "C",
	group_name text COLLATE "C",
	address text COLLATE "C",
	head_name text COLLATE "C",
	ledger bigint,
	uuid text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE household_state (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	household bigint,
	kind text COLLATE "C",
	code text COLLATE "C",
	year bigint,
	valid_from bigint,
	valid_to bigint,
	recorded_from bigint,
	recorded_to bigint,
	ledger bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE household_year (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	household bigint,
	year bigint,
	entry_year bigint,
	plan_exit_year bigint,
	cause_main text COLLATE "C",
	cause_others text COLLATE "C",
	declared_members bigint,
	stated_per_capita bigint,
	unsafe_house bigint,
	house_grade text COLLATE "C",
	water_safe bigint,
	relocated bigint,
	house_area bigint,
	arable bigint,
	ledger bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE person (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	name text COLLATE "C",
	sex text COLLATE "C",
	birth bigint,
	id_text bytea,
	id_key bytea,
	id_lossy bigint,
	phone bytea,
	bank text COLLATE "C",
	account bytea,
	ethnic text COLLATE "C",
	uuid text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE membership (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	person bigint,
	household bigint,
	relation text COLLATE "C",
	line bigint,
	valid_from bigint,
	valid_to bigint,
	recorded_from bigint,
	recorded_to bigint,
	ledger bigint,
	place text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE person_year (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	person bigint,
	year bigint,
	edu text COLLATE "C",
	student text COLLATE "C",
	school text COLLATE "C",
	health text COLLATE "C",
	labor text COLLATE "C",
	work_place text COLLATE "C",
	work_months bigint,
	public_post text COLLATE "C",
	disability_type text COLLATE "C",
	disability_grade text COLLATE "C",
	disability_card bytea,
	insured_resident bigint,
	insured_employee bigint,
	insured_major bigint,
	dibao bigint,
	soldier bigint,
	dropout_reason text COLLATE "C",
	remark text COLLATE "C",
	ledger bigint,
	PRIMARY KEY (county, no)
);

CREATE TABLE income (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	household bigint,
	year bigint,
	members bigint,
	wage bigint,
	business bigint,
	business_cost bigint,
	property bigint,
	transfer bigint,
	t_family bigint,
	t_dibao bigint,
	t_tekun bigint,
	t_pension bigint,
	t_eco bigint,
	t_other bigint,
	stated_net bigint,
	stated_per_capita bigint,
	ledger bigint,
	place text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE duty (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	household bigint,
	helper text COLLATE "C",
	unit text COLLATE "C",
	phone bytea,
	valid_from bigint,
	valid_to bigint,
	recorded_from bigint,
	recorded_to bigint,
	ledger bigint,
	place text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE measure (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	household bigint,
	person bigint,
	category text COLLATE "C",
	category_text text COLLATE "C",
	content text COLLATE "C",
	date bigint,
	amount bigint,
	plan_amount bigint,
	status text COLLATE "C",
	ledger bigint,
	place text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE visit (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	household bigint,
	date bigint,
	content text COLLATE "C",
	visitor text COLLATE "C",
	ledger bigint,
	place text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE contract (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	household bigint,
	company text COLLATE "C",
	coop text COLLATE "C",
	industry text COLLATE "C",
	mode text COLLATE "C",
	amount bigint,
	due bigint,
	paid bigint,
	paid_date bigint,
	ledger bigint,
	place text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE ledger (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	layout text COLLATE "C",
	title text COLLATE "C",
	file text COLLATE "C",
	file_hash bytea,
	opts_hash bytea,
	as_of bigint,
	as_of_from text COLLATE "C",
	year bigint,
	covers text COLLATE "C",
	partial bigint,
	authorisation text COLLATE "C",
	pack text COLLATE "C",
	row_count bigint,
	doubts bigint,
	refused bigint,
	received bigint,
	keep_until bigint,
	replaces bigint,
	columns text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE TABLE ledger_chunk (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	ledger bigint,
	seq bigint,
	row_count bigint,
	body bytea,
	PRIMARY KEY (county, no)
);

CREATE TABLE link_answer (
	county text COLLATE "C" NOT NULL,
	no bigint NOT NULL,
	version bigint NOT NULL,
	layout text COLLATE "C",
	row_key bytea,
	person bigint,
	household bigint,
	reason text COLLATE "C",
	PRIMARY KEY (county, no)
);

CREATE UNIQUE INDEX account_login ON account (county, login);

CREATE INDEX household_hh_no ON household (county, hh_no);

CREATE INDEX person_id_key ON person (county, id_key);

CREATE UNIQUE INDEX ledger_chunk_seq ON ledger_chunk (county, ledger, seq);

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * minutes: a meeting on paper (会议纪要): who was there, what was said and decided, and what
 * became of each decision; as .docx to be edited, as .pdf to be signed.
 *
 * Whoever has the meeting fills the struct; texts are lent and plain.  What is empty is
 * left out, heading and all.
 */
#ifndef DAOHU_REPORT_MINUTES_H
#define DAOHU_REPORT_MINUTES_H

#include "base/date.h"
#include "base/err.h"
#include "base/lang.h"

struct minutes_attendee {
	struct str unit, name, post;
	bool absent;
	struct str note; /* on leave, represented by … */
};

struct minutes_task {
	struct str what, owner; /* owner: unit or person */
	date_t due;
	struct str state;    /* in the reader's words: 办理中, 已办结 … */
	struct str evidence; /* what was asked for or handed in */
	int percent;         /* -1 = not said */
	bool late;
};

struct minutes_decision {
	struct str text;
	const struct minutes_task *tasks;
	size_t n_tasks;
};

struct minutes {
	enum lang lang;
	struct str title;   /* of the meeting */
	struct str unit;    /* that held it */
	struct str number;  /* 〔2018〕3号; may be empty */
	date_t date;
	struct str time, place, chair, recorder;
	const struct minutes_attendee *attendees;
	size_t n_attendees;
	const struct str *agenda;
	size_t n_agenda;
	const struct str *paragraphs; /* what was said */
	size_t n_paragraphs;
	const struct minutes_decision *decisions;
	size_t n_decisions;
	const char *made_by; /* account; may be NULL */
	/* Line at the end that ties the paper to the journal: its last checkpoint; or empty. */
	struct str checkpoint;
};

MUST_USE enum err minutes_docx(const struct minutes *m, const char *path, struct diag *diag);
MUST_USE enum err minutes_pdf(const struct minutes *m, const char *path, struct diag *diag);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lang: the two languages of the interface. */
#ifndef DAOHU_BASE_LANG_H
#define DAOHU_BASE_LANG_H

enum lang { LANG_ZH, LANG_EN, LANG_MAX };

/* A text in both; rows of tables carry one of these. */
struct text {
	const char *in[LANG_MAX];
};

#define TEXT(zh, en) {{(zh), (en)}}

#endif

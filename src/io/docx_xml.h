/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * docx_xml: tags of XML that lies whole in memory, by their place in it, so that what is
 * between them can be copied byte for byte.  For text that package_check_xml() has
 * accepted.  Private to src/io.
 */
#ifndef DAOHU_IO_DOCX_XML_H
#define DAOHU_IO_DOCX_XML_H

#include "base/str.h"

enum docx_tag_kind { DOCX_START, DOCX_END, DOCX_EMPTY };

struct docx_tag {
	enum docx_tag_kind kind;
	size_t at, end;   /* of "<" and behind ">" */
	struct str name;  /* local */
	struct str attrs; /* raw */
};

/* The next tag at or behind *at (moved behind it); comments, CDATA sections and
 * instructions are passed over. */
bool docx_next_tag(struct str xml, size_t *at, struct docx_tag *ret);

static inline bool docx_tag_is(const struct docx_tag *t, const char *name)
{
	return str_is(t->name, name);
}

/* Text for between tags: & < > escaped, what XML cannot hold left out, newlines as
 * `newline` says (NULL: as they are). */
void docx_escape(struct str s, const char *newline, struct buf *out);

#endif

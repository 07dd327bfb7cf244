/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * xml_edit: tags of XML that lies whole in memory, by their place in it, so that what is
 * between them can be copied byte for byte.  For text that package_check_xml() has
 * accepted.  Private to src/io.
 */
#ifndef DAOHU_IO_XML_EDIT_H
#define DAOHU_IO_XML_EDIT_H

#include "base/str.h"

enum xml_tag_kind { XML_TAG_START, XML_TAG_END, XML_TAG_EMPTY };

struct xml_tag {
	enum xml_tag_kind kind;
	size_t at, end;   /* of "<" and behind ">" */
	struct str name;  /* local */
	struct str attrs; /* raw */
};

/* The next tag at or behind *at (moved behind it); comments, CDATA sections and
 * instructions are passed over. */
bool xml_tag_next(struct str xml, size_t *at, struct xml_tag *ret);

static inline bool xml_tag_is(const struct xml_tag *t, const char *name)
{
	return str_is(t->name, name);
}

/* Text for between tags: & < > escaped, what XML cannot hold left out, newlines as
 * `newline` says (NULL: as they are). */
void xml_escape(struct str s, const char *newline, struct buf *out);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * xml_scan: a small streaming XML reader for office files.
 *
 * Pulls start tags, end tags and text out of a stream of UTF-8 (or UTF-16
 * with a mark).  Comments and processing instructions are passed over.  There
 * are no entities but the five of XML and character references: a DOCTYPE is
 * ERR_FILE_DOCTYPE.  Names are matched by their local part, so prefixes and
 * strict or transitional namespaces do not matter.  What expat accepts this
 * reads alike (a test runs both); it does not claim to refuse everything that
 * expat refuses.
 *
 * Slices (name, attrs, text) live until the next xml_next.  Memory is one
 * window: a tag, comment or CDATA section larger than `max` is
 * ERR_FILE_TOO_LARGE; longer text comes in several events.
 */
#ifndef DAOHU_IO_XML_SCAN_H
#define DAOHU_IO_XML_SCAN_H

#include "base/err.h"

enum { XML_DEPTH_MAX = 256 };

enum xml_kind {
	XML_FAILED, /* diag is set */
	XML_START,
	XML_END, /* also after the start of an empty element */
	XML_TEXT,
	XML_EOF,
};

/* Up to cap bytes; 0 at the end. */
typedef enum err xml_read(void *arg, char *dst, size_t cap, struct diag *diag, size_t *ret_n);

struct xml {
	xml_read *read;
	void *arg;
	char *buf;
	size_t beg, end, cap, max;
	bool eof;
	bool started;     /* a root element has been seen */
	bool loose;       /* begun in the middle: nesting is not checked */
	bool pending_end; /* of an empty element */
	bool cdata;       /* text is a CDATA section: XML_LITERAL */
	int utf16;        /* 0 none, 1 little, 2 big endian */
	unsigned char half[2]; /* odd byte of UTF-16 input */
	size_t half_n;
	uint32_t high;    /* high surrogate that waits */
	struct str name;  /* local name of the tag */
	struct str attrs; /* raw, of a start tag */
	struct str text;  /* raw: xml_unescape gives the characters */
	uint32_t depth;   /* elements open; the start tag's own is counted */
	uint32_t stack[XML_DEPTH_MAX];
};

void xml_init(struct xml *x, xml_read *read, void *arg, size_t max);
void xml_release(struct xml *x);
enum xml_kind xml_next(struct xml *x, struct diag *diag);
/* Passes over everything up to the end of the element whose start came last. */
enum err xml_skip(struct xml *x, struct diag *diag) MUST_USE;
/* Throws the input away up to and including the first closing tag of a name
 * ("sheetData"), by a plain search; after it the scanner is loose. */
enum err xml_seek_past(struct xml *x, const char *name, struct diag *diag) MUST_USE;

static inline bool xml_is(const struct xml *x, const char *name)
{
	size_t n = strlen(name); /* a constant where this is inlined */
	return x->name.n == n && memcmp(x->name.p, name, n) == 0;
}

/* Takes the next attribute off *attrs; false at the end (or at what is none). */
bool xml_attr_next(struct str *attrs, struct str *ret_name, struct str *ret_value);
/* Raw value of the attribute with this full name ("r") or, when name begins
 * with ':', with this local name and any prefix (":id" finds r:id). */
bool xml_attr(struct str attrs, const char *name, struct str *ret);
bool xml_attr_bool(struct str attrs, const char *name, bool absent);
int64_t xml_attr_int(struct str attrs, const char *name, int64_t absent);

enum xml_mode {
	XML_CONTENT, /* text between tags */
	XML_LITERAL, /* a CDATA section: '&' is a character */
	XML_VALUE,   /* an attribute: white space counts as blanks */
};

/* Adds the characters that raw text stands for; false when it is malformed
 * (unknown entity, ill-formed UTF-8, control characters). */
bool xml_unescape(struct str raw, enum xml_mode mode, struct buf *out);

#endif

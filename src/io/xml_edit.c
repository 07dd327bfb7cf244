/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/xml_edit.h"

#include "base/utf8.h"

#include "base/banned.h"

/* Behind the end of what begins at `at` and ends in `mark`. */
static size_t behind(struct str xml, size_t at, const char *mark)
{
	struct str m = str_c(mark);
	size_t n = str_find(str_sub(xml, at, xml.n), m);
	return n == SIZE_MAX ? xml.n : at + n + m.n;
}

/* Behind the ">" of a tag; one inside quotes is none. */
static size_t end_of_tag(struct str xml, size_t at)
{
	char quote = '\0';
	for (; at < xml.n; at++) {
		char c = xml.p[at];
		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return at + 1;
	}
	return xml.n;
}

bool xml_tag_next(struct str xml, size_t *at, struct xml_tag *ret)
{
	while (*at < xml.n) {
		const char *open = memchr(xml.p + *at, '<', xml.n - *at);
		if (!open)
			break;
		size_t from = (size_t)(open - xml.p);
		struct str rest = str_sub(xml, from, xml.n);
		if (str_starts(rest, STR("<!--"))) {
			*at = behind(xml, from, "-->");
			continue;
		}
		if (str_starts(rest, STR("<![CDATA["))) {
			*at = behind(xml, from, "]]>");
			continue;
		}
		if (rest.n > 1 && (rest.p[1] == '?' || rest.p[1] == '!')) {
			*at = behind(xml, from, ">");
			continue;
		}
		size_t end = end_of_tag(xml, from), i = from + 1;
		bool close = i < end && xml.p[i] == '/';
		i += close;
		size_t name = i;
		while (i < end && !strchr(" \t\r\n/>", xml.p[i])) {
			if (xml.p[i] == ':')
				name = i + 1;
			i++;
		}
		size_t last = end > from + 1 ? end - 1 : end; /* of ">" */
		bool empty = !close && last > from && xml.p[last - 1] == '/';
		*ret = (struct xml_tag){
			.kind = close ? XML_TAG_END : empty ? XML_TAG_EMPTY : XML_TAG_START,
			.at = from, .end = end, .name = str_sub(xml, name, i - name),
			.attrs = str_sub(xml, i, last > i + empty ? last - i - empty : 0)};
		*at = end;
		return true;
	}
	*at = xml.n;
	return false;
}

void xml_escape(struct str s, const char *newline, struct buf *out)
{
	size_t pos = 0;
	int32_t cp;
	while ((cp = utf8_next(s, &pos)) >= 0) {
		if (cp == '&')
			buf_adds(out, "&amp;");
		else if (cp == '<')
			buf_adds(out, "&lt;");
		else if (cp == '>')
			buf_adds(out, "&gt;");
		else if (cp == '"')
			buf_adds(out, "&quot;");
		else if (cp == '\n' && newline)
			buf_adds(out, newline);
		else if ((cp >= 0x20 || cp == '\t' || cp == '\n') && cp != 0xFFFE && cp != 0xFFFF)
			utf8_put(out, cp);
	}
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The scanner against expat: whatever expat reads without a DOCTYPE, the
 * scanner reads alike, in chunks of any size.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <expat.h>

#include "io/xml_scan.h"

enum { TRACE_MAX = 1 << 20 };

struct input {
	struct str rest;
	size_t step; /* bytes a read gives at most */
};

static enum err read_input(void *arg, char *dst, size_t cap, struct diag *diag, size_t *ret_n)
{
	struct input *in = arg;
	size_t n = in->rest.n < in->step ? in->rest.n : in->step;
	(void)diag;
	if (n > cap)
		n = cap;
	memcpy(dst, in->rest.p, n);
	in->rest = str_sub(in->rest, n, in->rest.n);
	*ret_n = n;
	return OK;
}

static struct str local(const char *name)
{
	const char *colon = strchr(name, ':');
	return str_c(colon ? colon + 1 : name);
}

/* Our events as text; false when the document is refused. */
static bool scan(struct str doc, size_t step, struct buf *out)
{
	struct input in = {doc, step};
	struct diag diag = {0};
	struct xml x;
	enum xml_kind k;
	bool good = true;
	xml_init(&x, read_input, &in, 1 << 20);
	while (good && (k = xml_next(&x, &diag)) != XML_EOF) {
		struct str attrs = x.attrs, name, value;
		switch (k) {
		case XML_START:
			buf_addf(out, "<" STR_FMT, STR_ARG(x.name));
			while (xml_attr_next(&attrs, &name, &value)) {
				buf_addf(out, " " STR_FMT "=", STR_ARG(name));
				good &= xml_unescape(value, XML_VALUE, out);
			}
			buf_addc(out, '>');
			break;
		case XML_END:
			buf_addf(out, "</" STR_FMT ">", STR_ARG(x.name));
			break;
		case XML_TEXT:
			good &= xml_unescape(x.text, x.cdata ? XML_LITERAL : XML_CONTENT, out);
			break;
		default:
			good = false;
			break;
		}
	}
	xml_release(&x);
	return good;
}

struct expat_trace {
	struct buf *out;
	bool doctype;
};

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attrs)
{
	struct expat_trace *t = arg;
	buf_addf(t->out, "<" STR_FMT, STR_ARG(local(name)));
	for (; *attrs; attrs += 2)
		buf_addf(t->out, " %s=%s", attrs[0], attrs[1]);
	buf_addc(t->out, '>');
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
	struct expat_trace *t = arg;
	buf_addf(t->out, "</" STR_FMT ">", STR_ARG(local(name)));
}

static void XMLCALL on_text(void *arg, const XML_Char *s, int n)
{
	struct expat_trace *t = arg;
	buf_add(t->out, s, (size_t)n);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *sys,
                               const XML_Char *pub, int internal)
{
	struct expat_trace *t = arg;
	t->doctype = true;
	(void)name;
	(void)sys;
	(void)pub;
	(void)internal;
}

static bool expat(struct str doc, struct buf *out)
{
	struct expat_trace t = {out, false};
	XML_Parser p = XML_ParserCreate(NULL);
	XML_SetUserData(p, &t);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	XML_SetStartDoctypeDeclHandler(p, on_doctype);
	bool good = XML_Parse(p, doc.p, (int)doc.n, 1) == XML_STATUS_OK;
	XML_ParserFree(p);
	return good && !t.doctype;
}

/* Returns true when expat accepts. */
static bool compare(struct str doc, size_t step)
{
	struct buf a, b;
	buf_init(&a, TRACE_MAX);
	buf_init(&b, TRACE_MAX);
	bool accepted = expat(doc, &a);
	bool mine = scan(doc, step, &b);
	if (accepted && (!mine || !str_eq(buf_str(&a), buf_str(&b))))
		fail_msg("%.*s\nexpat: %s\nscan(%zu, %s): %s", (int)doc.n, doc.p, a.p ? a.p : "",
		         step, mine ? "read" : "refused", b.p ? b.p : "");
	buf_release(&a);
	buf_release(&b);
	return accepted;
}

static const char *const docs[] = {
	"<a/>",
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<a x='1' y=\"2&lt;\" />\n",
	"<a><b c='>'>t&amp;u</b><!-- <x> --><b/><?pi a>b?>\xE4\xB8\xAD&#20013;&#x4e2d;</a>",
	"<x:a xmlns:x='u'><x:b x:c='d'> s </x:b><![CDATA[<&]]]]>x</x:a>",
	"\xEF\xBB\xBF<a>one\r\ntwo\rthree</a>",
	"<a\n b = 'c'\td=\"e'\"><f ></f ></a >",
	"<a><![CDATA[]]></a><!-- behind --> ",
	"<r><c r='A1' t='s'><v>0</v></c><c r='B1'><v>1.5</v></c></r>",
};

static void test_xml_scan__documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		for (size_t step = 1; step < 20; step++)
			assert_true(compare(str_c(docs[i]), step));
		assert_true(compare(str_c(docs[i]), 1 << 20));
	}
}

/* Bytes of documents exchanged for others that matter, by a fixed sequence. */
static void test_xml_scan__mutations(void **state)
{
	(void)state;
	static const char pieces[] = "<>/&;'\"= \n\r!?-[]ax:#1\xE4\xB8\xAD";
	uint64_t seed = 12345;
	size_t accepted = 0;
	for (int round = 0; round < 60000; round++) {
		const char *doc = docs[(size_t)round % (sizeof(docs) / sizeof(docs[0]))];
		char copy[512];
		size_t n = strlen(doc);
		memcpy(copy, doc, n);
		for (int k = 0; k < 1 + round % 3; k++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			copy[(seed >> 33) % n] = pieces[(seed >> 20) % (sizeof(pieces) - 1)];
		}
		accepted += compare((struct str){copy, n}, (size_t)(seed >> 50) % 40 + 1);
	}
	assert_true(accepted > 1000);
}

static void test_xml_scan__utf16(void **state)
{
	(void)state;
	static const char doc[] = "<a b='c'>x\xE4\xB8\xAD\xF0\xA0\x85\xA4</a>";
	unsigned char wide[2][128];
	size_t n = 0;
	static const uint16_t units[] = {0xFEFF, '<', 'a', ' ', 'b', '=', '\'', 'c', '\'', '>',
	                                 'x', 0x4E2D, 0xD840, 0xDD64, '<', '/', 'a', '>'};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++, n += 2) {
		wide[0][n] = wide[1][n + 1] = (unsigned char)(units[i] & 0xFF);
		wide[0][n + 1] = wide[1][n] = (unsigned char)(units[i] >> 8);
	}
	for (int order = 0; order < 2; order++) {
		for (size_t step = 1; step < 40; step++) {
			struct buf a, b;
			buf_init(&a, TRACE_MAX);
			buf_init(&b, TRACE_MAX);
			assert_true(scan(STR(doc), 100, &a));
			assert_true(scan((struct str){(char *)wide[order], n}, step, &b));
			assert_string_equal(a.p, b.p);
			buf_release(&a);
			buf_release(&b);
		}
	}
}

static void test_xml_scan__refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", " ", "x", "<a>", "<a></b>", "<a/><b/>", "<a/>x", "<a>&b;</a>", "<a>&#0;</a>",
		"<!DOCTYPE a><a/>", "<a", "<a b='", "<a><!-- x</a>", "<a><![CDATA[x</a>", "<a>\x01</a>",
		"<a>\xFF</a>", "</a>",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf b;
		buf_init(&b, TRACE_MAX);
		if (scan(str_c(bad[i]), 3, &b))
			fail_msg("accepted: %s", bad[i]);
		buf_release(&b);
	}
	/* no deeper than the limit */
	struct buf deep, out;
	buf_init(&deep, TRACE_MAX);
	buf_init(&out, TRACE_MAX);
	for (int i = 0; i < XML_DEPTH_MAX + 1; i++)
		buf_adds(&deep, "<a>");
	assert_false(scan(buf_str(&deep), 1000, &out));
	buf_release(&deep);
	buf_release(&out);
}

static void test_xml_scan__seek(void **state)
{
	(void)state;
	static const char doc[] = "<x:w><x:sheetData a='sheetData'><x:row/>sheetData</x:sheetData>"
	                          "<x:m/></x:w>";
	static const char none[] = "<w><sheetData/><m/></w>";
	const char *const both[] = {doc, none};
	for (int i = 0; i < 2; i++) {
		for (size_t step = 1; step < 100; step += 7) {
			struct input in = {str_c(both[i]), step};
			struct diag diag = {0};
			struct xml x;
			xml_init(&x, read_input, &in, 1 << 20);
			assert_int_equal(xml_seek_past(&x, "sheetData", &diag), OK);
			assert_int_equal(xml_next(&x, &diag), XML_START);
			assert_true(xml_is(&x, "m"));
			xml_release(&x);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xml_scan__documents), cmocka_unit_test(test_xml_scan__mutations),
		cmocka_unit_test(test_xml_scan__utf16),     cmocka_unit_test(test_xml_scan__refused),
		cmocka_unit_test(test_xml_scan__seek),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

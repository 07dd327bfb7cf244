/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A new Word document: one text part, the few that a document needs around it. */
#include "io/docx.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <zip.h>

#include "io/xml_edit.h"

#include "base/banned.h"

enum { TEXT_MAX = 32 << 20, COLUMNS_MAX = 40, ZIP_DAY = ((2018 - 1980) << 9) | (1 << 5) | 14 };

struct docx_out {
	struct arena arena;
	struct buf xml;
	struct diag *diag;
	const char *path, *part;
	struct docx_opts opts;
	double widths[COLUMNS_MAX]; /* of the open table, in twentieths of a point */
	size_t n_widths, heads;
	double size; /* letters in it */
	bool in_table;
};

/* As they are called in the documents that offices exchange. */
static const char *const fonts[DOCX_FONT_MAX] = {"仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"};
static const char *const aligns[] = {"left", "center", "right"};

static const char types[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
	"<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
	"<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
	"<Override PartName=\"/word/document.xml\" ContentType=\"application/"
	"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>"
	"<Override PartName=\"/word/footer1.xml\" ContentType=\"application/"
	"vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>"
	"<Override PartName=\"/docProps/core.xml\" ContentType=\"application/"
	"vnd.openxmlformats-package.core-properties+xml\"/></Types>";
static const char rels[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
	"<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
	"relationships/officeDocument\" Target=\"word/document.xml\"/>"
	"<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/"
	"relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>";
static const char document_rels[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
	"<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
	"relationships/footer\" Target=\"footer1.xml\"/></Relationships>";
#define W_SPACE "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" " \
	"xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define W_FIELD(code) \
	"<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> " code \
	" </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>1</w:t></w:r>" \
	"<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
static const char footer[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	"<w:ftr " W_SPACE "><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr>" W_FIELD("PAGE")
	"<w:r><w:t xml:space=\"preserve\"> / </w:t></w:r>" W_FIELD("NUMPAGES") "</w:p></w:ftr>";

enum err docx_out_open(const char *path, const struct docx_opts *opts, struct diag *diag,
                       struct docx_out **ret)
{
	struct docx_out *o = base_calloc(1, sizeof(*o));
	arena_init(&o->arena, 0);
	buf_init(&o->xml, TEXT_MAX);
	o->diag = diag;
	o->opts = *opts;
	o->path = arena_strdup(&o->arena, path);
	o->part = arena_printf(&o->arena, "%s.part", path);
	buf_adds(&o->xml, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
	                  "<w:document " W_SPACE "><w:body>");
	*ret = o;
	return OK;
}

static void run(struct docx_out *o, enum docx_font font, double size, bool bold, struct str s)
{
	int half = (int)(size * 2 + 0.5);
	buf_addf(&o->xml, "<w:r><w:rPr><w:rFonts w:ascii=\"%s\" w:hAnsi=\"%s\" w:eastAsia=\"%s\"/>%s"
	                  "<w:sz w:val=\"%d\"/><w:szCs w:val=\"%d\"/></w:rPr><w:t xml:space=\"preserve\">",
	         fonts[font], fonts[font], fonts[font], bold ? "<w:b/>" : "", half, half);
	xml_escape(s, "</w:t><w:br/><w:t xml:space=\"preserve\">", &o->xml);
	buf_adds(&o->xml, "</w:t></w:r>");
}

void docx_out_text(struct docx_out *o, const struct docx_style *style, struct str s)
{
	docx_out_table_end(o);
	double size = style->size > 0 ? style->size : 16;
	buf_addf(&o->xml, "<w:p><w:pPr>%s", style->leads ? "<w:keepNext/>" : "");
	if (style->indent) /* in characters, and for who does not count in them in points */
		buf_addf(&o->xml, "<w:ind w:firstLineChars=\"%d\" w:firstLine=\"%d\"/>", style->indent * 100,
		         (int)(style->indent * size * 20));
	buf_addf(&o->xml, "<w:jc w:val=\"%s\"/></w:pPr>", aligns[style->align]);
	run(o, style->font, size, style->bold, s);
	buf_adds(&o->xml, "</w:p>");
}

void docx_out_table(struct docx_out *o, const double *widths, size_t n, size_t heads, double size)
{
	static const char *const sides[] = {"top", "left", "bottom", "right", "insideH", "insideV"};
	double all = 0, width = o->opts.landscape ? 13900 : 8800;
	docx_out_table_end(o);
	o->n_widths = n < COLUMNS_MAX ? n : COLUMNS_MAX;
	o->heads = heads;
	o->size = size > 0 ? size : 10.5;
	o->in_table = true;
	for (size_t i = 0; i < o->n_widths; i++)
		all += widths[i];
	buf_addf(&o->xml, "<w:tbl><w:tblPr><w:tblW w:w=\"%d\" w:type=\"dxa\"/><w:tblBorders>", (int)width);
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		buf_addf(&o->xml, "<w:%s w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>", sides[i]);
	buf_adds(&o->xml, "</w:tblBorders><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
	for (size_t i = 0; i < o->n_widths; i++) {
		o->widths[i] = width * widths[i] / all;
		buf_addf(&o->xml, "<w:gridCol w:w=\"%d\"/>", (int)o->widths[i]);
	}
	buf_adds(&o->xml, "</w:tblGrid>");
}

void docx_out_row(struct docx_out *o, const struct str *cells, size_t n)
{
	bool head = o->heads > 0;
	if (!o->in_table)
		return;
	buf_addf(&o->xml, "<w:tr><w:trPr><w:cantSplit/>%s</w:trPr>", head ? "<w:tblHeader/>" : "");
	for (size_t i = 0; i < o->n_widths; i++) {
		buf_addf(&o->xml, "<w:tc><w:tcPr><w:tcW w:w=\"%d\" w:type=\"dxa\"/><w:vAlign w:val=\"center\"/>"
		                  "</w:tcPr><w:p><w:pPr><w:jc w:val=\"%s\"/></w:pPr>",
		         (int)o->widths[i], head ? "center" : "left");
		run(o, head ? DOCX_HEI : DOCX_FANGSONG, o->size, false, i < n ? cells[i] : (struct str){0});
		buf_adds(&o->xml, "</w:p></w:tc>");
	}
	buf_adds(&o->xml, "</w:tr>");
	o->heads -= head;
}

void docx_out_table_end(struct docx_out *o)
{
	if (o->in_table)
		buf_adds(&o->xml, "</w:tbl>");
	o->in_table = false;
}

/* --- the package --------------------------------------------------------------- */

static bool add(zip_t *zip, const char *name, struct str bytes)
{
	zip_source_t *s = zip_source_buffer(zip, bytes.p, bytes.n, 0);
	zip_int64_t i = s ? zip_file_add(zip, name, s, ZIP_FL_ENC_UTF_8) : -1;
	if (i < 0 && s)
		zip_source_free(s);
	return i >= 0 && zip_file_set_dostime(zip, (zip_uint64_t)i, 0, ZIP_DAY, 0) == 0;
}

static struct str core_of(struct docx_out *o)
{
	struct buf b;
	char day[16];
	buf_init(&b, 1 << 16);
	(void)date_format(o->opts.created ? o->opts.created : 20180114, day);
	buf_adds(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<cp:coreProperties "
	             "xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
	             "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" "
	             "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>");
	xml_escape(str_c(o->opts.title), NULL, &b);
	buf_adds(&b, "</dc:title><dc:creator>");
	xml_escape(str_c(o->opts.author), NULL, &b);
	buf_addf(&b, "</dc:creator><dcterms:created xsi:type=\"dcterms:W3CDTF\">%sT00:00:00Z"
	             "</dcterms:created></cp:coreProperties>", day);
	struct str s = str_copy(&o->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static enum err save(struct docx_out *o)
{
	int zerr = 0;
	zip_t *zip = zip_open(o->part, ZIP_CREATE | ZIP_TRUNCATE, &zerr);
	if (!zip)
		return diag_set(o->diag, ERR_IO, "%s", strerror(errno));
	bool done = add(zip, "[Content_Types].xml", str_c(types)) && add(zip, "_rels/.rels", str_c(rels)) &&
	            add(zip, "word/document.xml", buf_str(&o->xml)) &&
	            add(zip, "word/_rels/document.xml.rels", str_c(document_rels)) &&
	            add(zip, "word/footer1.xml", str_c(footer)) &&
	            add(zip, "docProps/core.xml", core_of(o));
	if (!done || zip_close(zip) != 0) {
		enum err e = diag_set(o->diag, ERR_IO, "%s", zip_strerror(zip));
		zip_discard(zip);
		return e;
	}
	if (rename(o->part, o->path) != 0)
		return diag_set(o->diag, ERR_IO, "%s", strerror(errno));
	return OK;
}

enum err docx_out_close(struct docx_out *o)
{
	docx_out_table_end(o);
	buf_addf(&o->xml, "<w:sectPr><w:footerReference w:type=\"default\" r:id=\"rId1\"/>"
	                  "<w:pgSz w:w=\"%d\" w:h=\"%d\"%s/><w:pgMar w:top=\"2098\" w:right=\"1474\" "
	                  "w:bottom=\"1984\" w:left=\"1587\" w:header=\"851\" w:footer=\"992\" w:gutter=\"0\"/>"
	                  "</w:sectPr></w:body></w:document>",
	         o->opts.landscape ? 16838 : 11906, o->opts.landscape ? 11906 : 16838,
	         o->opts.landscape ? " w:orient=\"landscape\"" : "");
	enum err e = o->xml.full ? diag_set(o->diag, ERR_FILE_TOO_LARGE, "> %d", TEXT_MAX) : save(o);
	if (e) {
		diag_place(o->diag, "%s", o->path);
		(void)unlink(o->part);
	}
	buf_release(&o->xml);
	arena_release(&o->arena);
	base_free(o);
	return e;
}

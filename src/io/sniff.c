/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "io/sniff.h"

#include <errno.h>
#include <unistd.h>
#include <zip.h>

#include "io/cfb.h"

#include "base/banned.h"

enum { HEAD = 4096, ENTRIES_MAX = 100000 };

struct magic {
	const char *bytes;
	size_t n;
	const char *what;
};

#define MAGIC(bytes, what) {(bytes), sizeof(bytes) - 1, (what)}
static const struct magic others[] = {
	MAGIC("%PDF", "PDF"),
	MAGIC("\x89PNG", "PNG"),
	MAGIC("\xFF\xD8\xFF", "JPEG"),
	MAGIC("GIF8", "GIF"),
	MAGIC("II*\0", "TIFF"),
	MAGIC("MM\0*", "TIFF"),
	MAGIC("RIFF", "RIFF"),
	MAGIC("Rar!", "RAR"),
	MAGIC("7z\xBC\xAF\x27\x1C", "7z"),
	MAGIC("\x1F\x8B", "gzip"),
	MAGIC("BZh", "bzip2"),
	MAGIC("\xFD" "7zXZ", "xz"),
	MAGIC("{\\rtf", "RTF"),
	MAGIC("SQLite format 3", "SQLite"),
	MAGIC("\x7F" "ELF", "ELF"),
	MAGIC("!<arch>", "ar"),
	MAGIC("\0\0\0\x18" "ftyp", "MP4"),
	MAGIC("\0\0\0\x20" "ftyp", "MP4"),
	MAGIC("ID;P", "SYLK"),
};

static bool is_biff_bof(const unsigned char *p, size_t n)
{
	/* a bare stream: BOF of BIFF 2 to 8, with a record length that fits and a kind of
	 * stream that there is: two tabs in UTF-16 begin alike */
	static const unsigned kinds[] = {0x05, 0x06, 0x10, 0x20, 0x40, 0x100};
	bool known = false;
	if (n < 8 || p[0] != 0x09 || p[3] != 0 || p[2] < 4 || p[2] > 16)
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		known |= kinds[i] == ((unsigned)p[6] | (unsigned)p[7] << 8);
	if (!known)
		return false;
	return p[1] == 0 || p[1] == 2 || p[1] == 4 || p[1] == 8;
}

enum err zip_refused(int code, struct diag *diag)
{
	zip_error_t why;
	zip_error_init_with_code(&why, code);
	enum err e = diag_set(diag, ERR_FILE_DAMAGED, "ZIP: %s", zip_error_strerror(&why));
	zip_error_fini(&why);
	return e;
}

static struct str zip_name(zip_t *z, zip_uint64_t i)
{
	const char *s = zip_get_name(z, i, ZIP_FL_ENC_RAW);
	return str_c(s ? s : "");
}

static bool holds_table(struct str name)
{
	static const char *const ends[] = {".xlsx", ".xls", ".xlsm", ".zip", ".rar", ".7z",
	                                   ".gz",   ".csv", ".et",   ".tar", ".XLS", ".XLSX"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_ends(name, str_c(ends[i])))
			return true;
	return false;
}

/* What an entry's name says about the package that it is in. */
static const char *package_of(struct str name)
{
	static const struct {
		const char *part;
		const char *what;
	} rows[] = {
		{"xl/workbook.bin", "xlsb"},    {"word/", "docx"},
		{"ppt/", "pptx"},               {"META-INF/manifest.xml", "OpenDocument"},
		{"visio/", "vsdx"},             {"AndroidManifest.xml", "APK"},
		{"META-INF/MANIFEST.MF", "JAR"}, {"Index/Document.iwa", "Numbers"},
		{"Document.xml", "OFD"},        {"OFD.xml", "OFD"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(name, str_c(rows[i].part)))
			return rows[i].what;
	return NULL;
}

/* What a zip archive holds, by the names in it. */
struct zip_parts {
	bool types;        /* [Content_Types].xml: an office package */
	bool workbook, document, macros;
	const char *what;  /* a package that is no workbook, or NULL */
	char inner[200];   /* a table or an archive in it, or "" */
};

static void note_part(struct zip_parts *p, struct str name)
{
	p->types |= str_is(name, "[Content_Types].xml");
	p->workbook |= str_find(name, STR("orkbook")) != SIZE_MAX && str_ends(name, STR(".xml"));
	p->document |= str_is(name, "word/document.xml");
	p->macros |= str_ends(name, STR("vbaProject.bin"));
	if (!p->what)
		p->what = package_of(name);
	if (!p->inner[0] && holds_table(name) && str_find(name, STR("embeddings")) == SIZE_MAX)
		(void)snprintf(p->inner, sizeof(p->inner), STR_FMT, STR_ARG(name));
}

static enum err list_parts(const char *path, struct diag *diag, struct zip_parts *ret)
{
	int zerr = 0;
	zip_t *z = zip_open(path, ZIP_RDONLY, &zerr);
	*ret = (struct zip_parts){0};
	if (!z)
		return zip_refused(zerr, diag);
	zip_int64_t n = zip_get_num_entries(z, 0);
	for (zip_int64_t i = 0; i < n && i < ENTRIES_MAX; i++)
		note_part(ret, zip_name(z, (zip_uint64_t)i));
	zip_discard(z);
	return OK;
}

static enum err sniff_zip(const char *path, struct diag *diag, enum file_kind *ret)
{
	struct zip_parts p;
	enum err e = list_parts(path, diag, &p);
	if (e)
		return e;
	if (p.types && (p.workbook || !p.what)) {
		*ret = FILE_XLSX;
		return OK;
	}
	if (p.what)
		return diag_set(diag, ERR_FILE_UNKNOWN, "%s", p.what);
	if (p.inner[0])
		return diag_set(diag, ERR_NESTED_ARCHIVE, "%s", p.inner);
	if (p.workbook) {
		*ret = FILE_XLSX;
		return OK;
	}
	return diag_set(diag, ERR_FILE_UNKNOWN, "ZIP");
}

/* Removes the zeros of UTF-16 so that markup can be looked for in it. */
static struct str plain_head(const unsigned char *p, size_t n, char out[HEAD])
{
	size_t k = 0;
	for (size_t i = 0; i < n; i++)
		if (p[i] && !(i < 3 && p[i] >= 0xBB))
			out[k++] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 32) : (char)p[i];
	return (struct str){out, k};
}

static bool has(struct str s, const char *needle)
{
	return str_find(s, str_c(needle)) != SIZE_MAX;
}

static enum err sniff_text(const unsigned char *p, size_t n, struct diag *diag,
                           enum file_kind *ret)
{
	char lower[HEAD];
	struct str s = str_trim(plain_head(p, n, lower));
	static const char *const html[] = {"<html", "<table", "<!doctype html", "<meta", "<style",
	                                   "<head", "<body", "<div", "<script", "<center",
	                                   "<font", "<span", "<p>", "<br", "<tr", "<title"};
	*ret = FILE_CSV;
	if (s.n == 0 || s.p[0] != '<') {
		if (str_starts(s, STR("mime-version:")) && has(s, "multipart"))
			return diag_set(diag, ERR_FILE_UNKNOWN, "MHTML");
		return OK;
	}
	if (str_starts(s, STR("<!--")))
		*ret = FILE_HTML;
	for (size_t i = 0; i < sizeof(html) / sizeof(html[0]); i++)
		if (str_starts(s, str_c(html[i])))
			*ret = FILE_HTML;
	if (*ret == FILE_HTML || !(str_starts(s, STR("<?")) || has(s, "xmlns")))
		return OK;
	if (has(s, "urn:schemas-microsoft-com:office:spreadsheet") && has(s, "workbook")) {
		*ret = FILE_XML;
		return OK;
	}
	if (has(s, "<html") || has(s, "<table")) {
		*ret = FILE_HTML;
		return OK;
	}
	if (has(s, "<!doctype"))
		return diag_set(diag, ERR_FILE_DOCTYPE, "XML");
	return diag_set(diag, ERR_FILE_UNKNOWN, "XML");
}

static bool is_zip(const unsigned char *p, size_t n)
{
	return n >= 4 && (memcmp(p, "PK\3\4", 4) == 0 || memcmp(p, "PK\5\6", 4) == 0);
}

static const char *magic_of(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (n >= others[i].n && memcmp(p, others[i].bytes, others[i].n) == 0)
			return others[i].what;
	return NULL;
}

enum err sniff_paper(int fd, const char *path, struct diag *diag, enum paper_kind *ret)
{
	static const struct {
		const char *what;
		enum paper_kind kind;
	} known[] = {{"PDF", PAPER_PDF}, {"JPEG", PAPER_JPEG}, {"PNG", PAPER_PNG}};
	unsigned char head[HEAD];
	struct zip_parts p;
	ssize_t got = pread(fd, head, sizeof(head), 0);
	if (got < 0)
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	const char *what = magic_of(head, (size_t)got);
	for (size_t i = 0; what && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].what, what) == 0) {
			*ret = known[i].kind;
			return OK;
		}
	if (!is_zip(head, (size_t)got))
		return diag_set(diag, ERR_FILE_UNKNOWN, "%s", what ? what : "");
	enum err e = list_parts(path, diag, &p);
	if (e)
		return e;
	if (p.macros)
		return diag_set(diag, ERR_FILE_UNKNOWN, "VBA");
	if (!p.types || p.document == p.workbook)
		return diag_set(diag, ERR_FILE_UNKNOWN, "%s", p.what ? p.what : "ZIP");
	*ret = p.document ? PAPER_DOCX : PAPER_XLSX;
	return OK;
}

enum err sniff_file(int fd, uint64_t size, const char *path, struct diag *diag,
                    enum file_kind *ret)
{
	unsigned char head[HEAD];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	(void)size;
	if (got < 0)
		return diag_set(diag, ERR_IO, "%s", strerror(errno));
	size_t n = (size_t)got;
	if (is_zip(head, n))
		return sniff_zip(path, diag, ret);
	if (n >= 8 && memcmp(head, CFB_MAGIC, 8) == 0) {
		*ret = FILE_XLS;
		return OK;
	}
	if (is_biff_bof(head, n)) {
		*ret = FILE_XLS;
		return OK;
	}
	const char *what = magic_of(head, n);
	if (what)
		return diag_set(diag, ERR_FILE_UNKNOWN, "%s", what);
	return sniff_text(head, n, diag, ret);
}

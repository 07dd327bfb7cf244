/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Compound files hold the stream of a binary workbook, or a package that a
 * password protects; bare BIFF streams are taken as they are.
 */
#include <errno.h>
#include <unistd.h>

#include "io/cfb.h"
#include "io/crypt.h"
#include "io/rows_impl.h"

#include "base/banned.h"

static enum err read_whole(struct rows *r, struct diag *diag, unsigned char **ret)
{
	if (r->size > r->limits.file_bytes)
		return diag_set(diag, ERR_FILE_TOO_LARGE, "> %llu",
		                (unsigned long long)r->limits.file_bytes);
	size_t size = (size_t)r->size, n = 0;
	unsigned char *p = base_calloc(size, 1);
	while (n < size) {
		ssize_t k = pread(r->fd, p + n, size - n, (off_t)n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0) {
			base_free(p);
			return diag_set(diag, ERR_IO, "%s", k ? strerror(errno) : "file shrank");
		}
		n += (size_t)k;
	}
	*ret = p;
	return OK;
}

/* Why a compound file without a workbook is none of ours. */
static enum err name_other(const struct cfb *c, struct diag *diag)
{
	static const struct {
		const char *stream;
		const char *what;
	} others[] = {
		{"WordDocument", "doc"},
		{"PowerPoint Document", "ppt"},
		{"VisioDocument", "vsd"},
		{"__properties_version1.0", "msg"},
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (cfb_has(c, others[i].stream))
			return diag_set(diag, ERR_FILE_UNKNOWN, "%s", others[i].what);
	return diag_set(diag, ERR_FILE_UNKNOWN, "OLE2");
}

/* A compound file: leaves the workbook's stream (or the package) in r->whole. */
static enum err open_compound(struct rows *r, struct diag *diag)
{
	static const char encrypted[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
	struct cfb c;
	struct diag broken = {0};
	unsigned char *out = NULL;
	size_t n = 0;
	enum err e = cfb_open(&c, r->whole, r->whole_n, &broken);
	if (e != OK && memmem(r->whole, r->whole_n, encrypted, sizeof(encrypted)))
		e = diag_set(diag, ERR_FILE_PASSWORD, "xlsx");
	else if (e != OK)
		(void)diag_set(diag, e, "%s", broken.detail);
	else if (cfb_has(&c, "Workbook"))
		e = cfb_stream(&c, "Workbook", diag, &out, &n);
	else if (cfb_has(&c, "Book"))
		e = cfb_stream(&c, "Book", diag, &out, &n);
	else if (cfb_has(&c, "EncryptedPackage")) {
		e = crypt_package(&c, r->password, diag, &out, &n);
		r->kind = FILE_XLSX;
	} else {
		e = name_other(&c, diag);
	}
	cfb_close(&c);
	if (e != OK)
		return e;
	base_free(r->whole);
	r->whole = out;
	r->whole_n = n;
	return OK;
}

enum err ole_open(struct rows *r, struct diag *diag)
{
	enum err e = read_whole(r, diag, &r->whole);
	if (e != OK)
		return e;
	r->whole_n = (size_t)r->size;
	if (r->whole_n >= 8 && memcmp(r->whole, CFB_MAGIC, 8) == 0)
		e = open_compound(r, diag);
	if (e != OK)
		return e;
	return r->kind == FILE_XLSX ? xlsx_open(r, diag) : xls_open(r, diag);
}

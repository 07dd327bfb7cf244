/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "backup/item.h"

#include <sodium.h>
#include <stdio.h>

#include "base/banned.h"

const char *const backup__tables[] = {"counter",    "entry",      "change", "node",
				      "checkpoint", "person_key", NULL};

bool backup__knows_table(const char *name, const struct record_desc *const *tables, size_t n)
{
	for (size_t i = 0; backup__tables[i]; i++) {
		if (strcmp(backup__tables[i], name) == 0)
			return true;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(tables[i]->name, name) == 0)
			return true;
	}
	return false;
}

bool backup__is_file(struct str name)
{
	if (str_is(name, "config") || str_is(name, "keys"))
		return true;
	size_t head = str_starts(name, STR("attach/"))  ? 7
		      : str_starts(name, STR("files/")) ? 6
							: 0;
	for (size_t i = head; head && i < name.n; i++) {
		if (str_hex_digit(name.p[i]) < 0)
			return false;
	}
	return head && name.n == head + (size_t)BACKUP_HASH * 2;
}

void backup__take_head(struct backup_report *r, const struct seal_head *head)
{
	r->way = head->way;
	(void)snprintf(r->county, sizeof(r->county), "%s", head->county);
	r->made_ms = head->made_ms;
	memcpy(r->public, head->public, sizeof(r->public));
}

static void add_hex(const unsigned char hash[BACKUP_HASH], struct buf *out)
{
	char hex[BACKUP_HASH * 2 + 1];
	buf_adds(out, sodium_bin2hex(hex, sizeof(hex), hash, BACKUP_HASH));
}

void backup__manifest(const struct backup_report *r, struct buf *out)
{
	buf_adds(out, "daohu-backup-manifest 1\n");
	for (size_t i = 0; i < r->n_tables; i++) {
		buf_addf(out, "table %s %lld ", r->table[i].name, (long long)r->table[i].rows);
		add_hex(r->table[i].hash, out);
		buf_addc(out, '\n');
	}
	buf_addf(out, "files %lld %lld ", (long long)r->files, (long long)r->file_bytes);
	add_hex(r->files_hash, out);
	buf_addf(out, "\nmissing %lld\njournal %lld %lld %lld ", (long long)r->missing,
		 (long long)r->journal.entries, (long long)r->journal.changes,
		 (long long)r->journal.erased);
	add_hex(r->journal.root, out);
	buf_addf(out, " %s\n", r->journal.fault ? r->journal.fault : "holds");
}

void backup__hash_file(struct sha256 *all, const char *name, int64_t size,
		       const unsigned char hash[BACKUP_HASH])
{
	struct buf b;
	buf_init(&b, 1000);
	item_put_bytes(&b, str_c(name));
	item_put_number(&b, (uint64_t)size);
	buf_add(&b, hash, BACKUP_HASH);
	sha256_add(all, b.p, b.n);
	buf_release(&b);
}

/* --- out ------------------------------------------------------------------ */

void item_put_number(struct buf *out, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_addc(out, (char)(v | 0x80));
	buf_addc(out, (char)v);
}

void item_put_int(struct buf *out, int64_t v)
{
	uint64_t u = (uint64_t)v << 1;
	item_put_number(out, v < 0 ? ~u : u);
}

void item_put_bytes(struct buf *out, struct str s)
{
	item_put_number(out, s.n);
	buf_add(out, s.p, s.n);
}

void item_put_row(struct buf *out, const struct rows_value *v, size_t n)
{
	buf_addc(out, 'R');
	for (size_t i = 0; i < n; i++) {
		buf_addc(out, (char)v[i].kind);
		if (v[i].kind == ROWS_INT)
			item_put_int(out, v[i].i);
		else if (v[i].kind != ROWS_NULL)
			item_put_bytes(out, v[i].s);
	}
}

/* --- in ------------------------------------------------------------------- */

enum err item_bad(struct item_in *in, const char *part)
{
	if (!in->err)
		in->err = diag_set(in->diag, ERR_FILE_DAMAGED, "%s", part);
	return in->err;
}

enum err item_fail(struct item_in *in, enum err code)
{
	if (!in->err)
		in->err = diag_set(in->diag, code, "%s", "");
	return in->err;
}

/* Is there another byte? */
static bool more(struct item_in *in)
{
	if (in->err)
		return false;
	if (!in->block.n && !in->ended) {
		in->err = in->from->next(in->from->arg, &in->block);
		in->ended = !in->block.n;
	}
	return !in->err && in->block.n;
}

static struct str take(struct item_in *in, size_t n)
{
	struct str s = str_sub(in->block, 0, n);
	in->block = str_sub(in->block, s.n, in->block.n);
	if (in->hash)
		sha256_add(in->hash, s.p, s.n);
	return s;
}

char item_letter(struct item_in *in)
{
	return more(in) ? take(in, 1).p[0] : '\0';
}

static unsigned char one(struct item_in *in)
{
	if (more(in))
		return (unsigned char)take(in, 1).p[0];
	(void)item_fail(in, ERR_BACKUP_CUT);
	return 0;
}

uint64_t item_number(struct item_in *in)
{
	uint64_t v = 0;
	for (unsigned shift = 0; !in->err; shift += 7) {
		unsigned char c = one(in);
		if (shift == 63 && c > 1)
			(void)item_bad(in, "number");
		v |= (uint64_t)(c & 0x7F) << shift;
		if (!(c & 0x80))
			return v;
		if (shift == 63)
			(void)item_bad(in, "number");
	}
	return 0;
}

int64_t item_int(struct item_in *in)
{
	uint64_t u = item_number(in);
	return (int64_t)(u & 1 ? ~(u >> 1) : u >> 1);
}

void item_bytes(struct item_in *in, size_t max, struct buf *out)
{
	uint64_t n = item_number(in);
	if (!in->err && n > max)
		(void)item_fail(in, ERR_FILE_TOO_LARGE);
	/* Memory follows what has come, not what was announced. */
	while (!in->err && n) {
		if (!more(in)) {
			(void)item_fail(in, ERR_BACKUP_CUT);
			break;
		}
		struct str s = take(in, n < in->block.n ? (size_t)n : in->block.n);
		buf_addstr(out, s);
		n -= s.n;
	}
	if (out->full)
		(void)item_fail(in, ERR_FILE_TOO_LARGE);
}

void item_exact(struct item_in *in, void *out, size_t n)
{
	char *to = out;
	memset(out, 0, n);
	while (!in->err && n) {
		if (!more(in)) {
			(void)item_fail(in, ERR_BACKUP_CUT);
			break;
		}
		struct str s = take(in, n);
		memcpy(to, s.p, s.n);
		to += s.n;
		n -= s.n;
	}
}

void item_name(struct item_in *in, char *out, size_t size)
{
	uint64_t n = item_number(in);
	out[0] = '\0';
	if (!in->err && (n == 0 || n >= size)) {
		(void)item_bad(in, "name");
		return;
	}
	if (in->err)
		return;
	item_exact(in, out, (size_t)n);
	out[n] = '\0';
	if (strlen(out) != n)
		(void)item_bad(in, "name");
}

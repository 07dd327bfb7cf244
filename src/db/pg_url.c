/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/pg.h"

#include "base/banned.h"

/* What follows "postgresql://" or "postgres://"; NULL when neither is there. */
static const char *after_scheme(const char *url)
{
	static const char *const schemes[] = {"postgresql://", "postgres://"};
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return url + strlen(schemes[i]);
	}
	return NULL;
}

static bool is_secret(struct str name)
{
	return str_is(name, "password") || str_is(name, "sslpassword");
}

/* The parameters but for the secret ones. */
static void print_query(struct str query, struct buf *out)
{
	struct str one;
	char before = '?';
	while (str_split(&query, '&', &one)) {
		struct str rest = one, name;
		if (!one.n || (str_split(&rest, '=', &name) && is_secret(name)))
			continue;
		buf_addc(out, before);
		buf_addstr(out, one);
		before = '&';
	}
}

/* libpq's own reading of it: is there still a password?  What it says of a fault quotes the URL, so it is
 * only told where nothing in that is secret. */
static bool holds_password(const char *url, bool tell, struct diag *diag, enum err *ret)
{
	char *why = NULL;
	bool holds = false;
	PQconninfoOption *all = PQconninfoParse(url, &why);
	if (why)
		pg_one_line(why);
	*ret = all ? OK : diag_set(diag, ERR_DB_URL, "%s", why && tell ? why : "");
	for (PQconninfoOption *o = all; o && o->keyword; o++)
		holds = holds || (o->val && is_secret(str_c(o->keyword)));
	PQconninfoFree(all);
	PQfreemem(why);
	return holds;
}

/* Behind user:password@, if they are there. */
static const char *after_user(const char *rest)
{
	const char *at = rest + strcspn(rest, "/@");
	return *at == '@' ? at + 1 : rest;
}

/* host:port,… : with an '@' in it, or something else for a port, it is part of a password. */
static bool is_hosts(struct str all)
{
	struct str one;
	while (str_split(&all, ',', &one)) {
		size_t i = 0;
		if (one.n && one.p[0] == '[')
			while (i < one.n && one.p[i] != ']')
				i++;
		while (i < one.n && one.p[i] != ':')
			if (one.p[i++] == '@')
				return false;
		while (++i < one.n)
			if (one.p[i] < '0' || one.p[i] > '9')
				return false;
	}
	return true;
}

/* An '@' is at home before the host, and in values behind '?'. */
static bool is_plain(const char *hosts)
{
	size_t n = strcspn(hosts, "/?");
	const char *query = strchr(hosts, '?');
	struct str one, rest = str_c(query ? query + 1 : "");
	struct str path = {hosts + n, (query ? (size_t)(query - hosts) : strlen(hosts)) - n};
	bool ok = is_hosts((struct str){hosts, n}) && str_find(path, STR("@")) == SIZE_MAX;
	while (ok && str_split(&rest, '&', &one)) {
		size_t at = str_find(one, STR("@")), is = str_find(one, STR("="));
		ok = at == SIZE_MAX || is < at;
	}
	return ok;
}

enum err pg_url_check(const char *url, struct diag *diag)
{
	const char *rest = after_scheme(url);
	if (!rest)
		return diag_set(diag, ERR_DB_URL, "%s", "");
	const char *hosts = after_user(rest);
	struct buf bare;
	enum err e = is_plain(hosts) ? OK : diag_set(diag, ERR_DB_URL, "%s", "");
	if (!e)
		e = late_load(&pg_calls_library, diag);
	if (e)
		return e;
	const char *query = strchr(hosts, '?');
	buf_init(&bare, 8192);
	buf_adds(&bare, "postgresql://");
	buf_add(&bare, hosts, query ? (size_t)(query - hosts) : strlen(hosts));
	if (query)
		print_query(str_c(query + 1), &bare);
	if (bare.full)
		e = diag_set(diag, ERR_DB_URL, "%s", "");
	else
		(void)holds_password(bare.p, !strchr(hosts, '@'), diag, &e);
	if (!e)
		(void)holds_password(url, false, diag, &e);
	buf_release(&bare);
	return e;
}

enum err pg_url_without_password(const char *url, struct diag *diag, struct buf *out)
{
	enum err e = pg_url_check(url, diag);
	if (e)
		return e;
	const char *rest = after_scheme(url), *hosts = after_user(rest);
	buf_add(out, url, (size_t)(rest - url));
	if (hosts > rest) { /* user[:password]@ */
		buf_add(out, rest, strcspn(rest, ":@"));
		buf_addc(out, '@');
	}
	const char *query = strchr(hosts, '?');
	buf_add(out, hosts, query ? (size_t)(query - hosts) : strlen(hosts));
	if (query)
		print_query(str_c(query + 1), out);
	if (out->full || strpbrk(out->p, "\r\n") || holds_password(out->p, false, diag, &e) || e)
		return diag_set(diag, ERR_DB_URL, "the password cannot be taken out of the URL");
	return OK;
}

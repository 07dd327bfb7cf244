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

/* libpq's own reading of it: is there still a password? */
static bool holds_password(const char *url, struct diag *diag, enum err *ret)
{
	char *why = NULL;
	bool holds = false;
	PQconninfoOption *all = PQconninfoParse(url, &why);
	if (why)
		pg_one_line(why);
	*ret = all ? OK : diag_set(diag, ERR_INVALID, "%s", why ? why : "url");
	for (PQconninfoOption *o = all; o && o->keyword; o++)
		holds = holds || (o->val && is_secret(str_c(o->keyword)));
	PQconninfoFree(all);
	PQfreemem(why);
	return holds;
}

enum err pg_url_without_password(const char *url, struct diag *diag, struct buf *out)
{
	enum err e;
	const char *rest = after_scheme(url);
	if (!rest)
		return diag_set(diag, ERR_INVALID, "postgresql://…");
	e = late_load(&pg_calls_library, diag);
	if (!e)
		(void)holds_password(url, diag, &e);
	if (e)
		return e;
	size_t authority = strcspn(rest, "/?#"), at = authority;
	while (at && rest[at - 1] != '@')
		at--;
	buf_add(out, url, (size_t)(rest - url));
	if (at) { /* user[:password]@ */
		buf_add(out, rest, strcspn(rest, ":@"));
		buf_addc(out, '@');
	}
	const char *query = strchr(rest + authority, '?');
	size_t to = query ? (size_t)(query - rest) : strlen(rest);
	buf_add(out, rest + at, to - at);
	if (query)
		print_query(str_c(query + 1), out);
	if (out->full || strpbrk(out->p, "\r\n") || holds_password(out->p, diag, &e) || e)
		return diag_set(diag, ERR_INVALID, "the password cannot be taken out of the URL");
	return OK;
}

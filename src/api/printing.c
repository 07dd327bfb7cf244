/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/printing.h"

#include <unistd.h>

#include "report/print.h"

#include "base/banned.h"

enum { WAIT_MS = 20000 };

static enum err note_reason(struct request *rq, const char *reason)
{
	if (!permission_has(rq_user(rq)->permissions, PERM_reveal))
		return diag_set(&rq->diag, ERR_FORBIDDEN, "full_ids");
	return api_note_reveal(rq, rq->route->id, reason);
}

/* The first look at the town takes a moment after the start. */
static const struct snapshot *town_of(struct request *rq)
{
	const struct snapshot *s = snapshot_get(rq_api(rq));
	if (s || snapshots_settle(rq_api(rq), WAIT_MS) != OK)
		return s;
	return snapshot_get(rq_api(rq));
}

enum err printing_file(struct request *rq, struct printing *ret)
{
	char *path = NULL;
	enum err e = api_temp_file(rq, "", &path);
	if (!e)
		*ret = (struct printing){.path = path};
	return e;
}

enum err printing_begin(struct request *rq, const char *reason, struct printing *ret)
{
	struct printing p = {0};
	enum err e = reason ? note_reason(rq, reason) : OK;
	if (!e)
		e = printing_file(rq, &p);
	if (e)
		return e;
	p.s = town_of(rq);
	if (!p.s) {
		(void)unlink(p.path);
		return diag_set(&rq->diag, ERR_BUSY, "town");
	}
	p.r = (struct report){.lang = rq->lang, .check = p.s->check, .result = snapshot_result(p.s, rq->lang),
	                      .village = TOWN_NONE, .reason = reason, .user = rq_made_by(rq)};
	*ret = p;
	return OK;
}

void printing_end(struct printing *p)
{
	snapshot_put(p->s);
	if (p->path && !p->sent)
		(void)unlink(p->path);
	*p = (struct printing){0};
}

enum err printing_village(struct request *rq, struct printing *p, const char *code)
{
	const struct town *t = &p->s->town;
	for (size_t i = 0; i < t->n_villages; i++) {
		if (!str_is(t->villages[i].code, code))
			continue;
		p->r.village = (int32_t)i;
		return OK;
	}
	return diag_set(&rq->diag, ERR_NOT_FOUND, "%s", code);
}

int32_t *printing_households(struct request *rq, const struct printing *p, int32_t village,
                             size_t *ret_n)
{
	const struct town *t = &p->s->town;
	const struct db_scope *scope = &rq_user(rq)->scope;
	size_t n = 0, all;
	int32_t *list = print_order(t, village, rq->a, &all);
	for (size_t i = 0; i < all; i++) {
		const struct town_household *h = &t->households[list[i]];
		const char *code = h->village >= 0 ? str_dup(rq->a, t->villages[h->village].code) : NULL;
		if (db_scope_sees(scope, code, h->no))
			list[n++] = list[i];
	}
	*ret_n = n;
	return list;
}

int32_t printing_household(const struct printing *p, int64_t no)
{
	const struct town *t = &p->s->town;
	for (size_t i = 0; i < t->n_households; i++)
		if (t->households[i].no == no)
			return (int32_t)i;
	return TOWN_NONE;
}

void printing_send(struct request *rq, struct printing *p, const char *type, const char *name)
{
	rq_file(rq, type, name, p->path, true);
	p->sent = true;
}

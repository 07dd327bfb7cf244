/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "check/record.h"

#include "base/map.h"
#include "base/vec.h"
#include "check/check_own.h"

#include "base/banned.h"

static const struct field finding_fields[] = {
#define F(...) FIELD_ROW(struct finding_record, __VA_ARGS__)
#include "check/finding.def"
#undef F
};
const struct record_desc finding_desc = {
	.name = "finding",
	.id = 60,
	.fields = finding_fields,
	.n = FINDING_RECORD_FIELD_MAX,
	.size = sizeof(struct finding_record),
	.label = TEXT("问题", "finding"),
	.owner = 3,
	.naming = 1,
	.span = false,
};

#define SET(r, member, value) FIELD_SET(r, FINDING_RECORD_, member, value)
#define HAS(r, member) FIELD_HAS(r, FINDING_RECORD_, member)
#define DROP(r, member) FIELD_DROP(r, FINDING_RECORD_, member)

struct store {
	struct finding_record *rows;
	size_t n;
	struct map index; /* identity -> row */
};

static bool state_is(const struct finding_record *r, const char *state)
{
	return HAS(r, state) && strcmp(r->state, state) == 0;
}

/* Does an answer keep it off the list? */
static bool rests_on_answer(const struct finding_record *r)
{
	if (state_is(r, "answered"))
		return true;
	bool accepted = HAS(r, review) && strcmp(r->review, "accepted") == 0;
	return state_is(r, "closed") && HAS(r, answer) && (accepted || !HAS(r, closed));
}

/* ---- identity ---- */

static void add_hex(struct str bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.n; i++)
		buf_addf(out, "%02x", (unsigned char)bytes.p[i]);
}

static struct str identity(const char *rule, int64_t household, int64_t person, struct str subject,
                           struct str who, struct arena *a)
{
	struct buf b;
	struct str ret;

	buf_init(&b, 1 << 20);
	buf_addf(&b, "%s\x1f%lld\x1f%lld\x1f", rule, (long long)household, (long long)person);
	buf_addstr(&b, subject);
	buf_addc(&b, '\x1f');
	add_hex(who, &b);
	ret = str_copy(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

/* Somebody off the register: never the number itself. */
static struct str who_key(const struct keys *k, const struct town *t, int32_t outsider,
                          struct arena *a)
{
	const struct town_outsider *o = &t->outsiders[outsider];
	unsigned char *mac = arena_alloc(a, KEY_INDEX_BYTES);
	struct str village = o->village >= 0 ? t->villages[o->village].code : (struct str){0};

	if (o->id18.n)
		keys_index(k, "id", o->id18, mac);
	else
		keys_index(k, "name",
		           str_c(arena_printf(a, STR_FMT "|" STR_FMT, STR_ARG(o->name),
		                              STR_ARG(village))),
		           mac);
	return (struct str){(const char *)mac, KEY_INDEX_BYTES};
}

static struct str finding_who(const struct keys *k, const struct town *t, const struct finding *f,
                              struct arena *a)
{
	return f->entity == ENT_OUTSIDER ? who_key(k, t, f->row, a) : (struct str){0};
}

static struct str finding_identity(const struct keys *k, const struct town *t,
                                   const struct finding *f, struct arena *a)
{
	int64_t household = f->household >= 0 ? t->households[f->household].no : 0;
	int64_t person = f->person >= 0 ? t->persons[f->person].no : 0;

	return identity(f->rule->id, household, person, f->subject, finding_who(k, t, f, a), a);
}

static struct str record_identity(const struct finding_record *r, struct arena *a)
{
	if (HAS(r, source)) /* entered by people: like no finding of a rule */
		return str_c(arena_printf(a, "\x1e%lld", (long long)r->no));
	return identity(r->rule, HAS(r, household) ? r->household : 0,
	                HAS(r, person) ? r->person : 0, HAS(r, subject) ? str_c(r->subject) : (struct str){0},
	                HAS(r, who) ? r->who : (struct str){0}, a);
}

static enum err load(struct journal *j, struct arena *a, struct store *ret)
{
	struct stmt *s = db_all(journal_db(j), &finding_desc);
	enum err e;

	map_init(&ret->index);
	e = stmt_records(s, &finding_desc, a, &ret->rows, &ret->n);
	for (size_t i = 0; e == OK && i < ret->n; i++)
		map_set(&ret->index, record_identity(&ret->rows[i], a), (int64_t)i);
	return e;
}

/* ---- answers ---- */

enum err record_answers(struct journal *j, struct arena *a, struct town *t)
{
	struct town_answer *answers;
	struct map outsiders;
	struct store s;
	size_t n = 0;
	enum err e = load(j, a, &s);

	map_release(&s.index);
	if (e)
		return e;
	map_init(&outsiders);
	answers = ARENA_ARRAY(a, s.n + 1, struct town_answer);
	for (size_t i = 0; s.n && i < t->n_outsiders; i++)
		map_set(&outsiders, who_key(journal_keys(j), t, (int32_t)i, a), (int64_t)i);
	for (size_t i = 0; i < s.n; i++) {
		const struct finding_record *r = &s.rows[i];

		if (HAS(r, source) || !rests_on_answer(r))
			continue;
		answers[n++] = (struct town_answer){
			.rule = str_c(r->rule),
			.household = HAS(r, household) ? r->household : 0,
			.person = HAS(r, person) ? r->person : 0,
			.outsider = HAS(r, who) ? (int32_t)map_get(&outsiders, r->who, TOWN_NONE)
			                        : TOWN_NONE,
			.off_register = HAS(r, who),
			.subject = HAS(r, subject) ? str_c(r->subject) : (struct str){0},
			.state = HAS(r, answer) ? str_c(r->answer) : (struct str){0},
			.given = HAS(r, answered) ? r->answered : 0,
			.until = HAS(r, until) ? r->until : 0,
			.recorded = HAS(r, answered_at) ? r->answered_at : 0,
		};
	}
	map_release(&outsiders);
	t->answers = answers;
	t->n_answers = n;
	return OK;
}

static bool known_answer(const char *state)
{
	static const char *const states[] = {"file_fixed", "ledger_wrong", "explained",
	                                     "policy_action", "pending"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (state && strcmp(states[i], state) == 0)
			return true;
	}
	return false;
}

enum err record_get(struct journal *j, int64_t no, struct arena *a, struct finding_record *ret,
                    bool *ret_found)
{
	return db_get(journal_db(j), &finding_desc, no, a, ret, ret_found);
}

static void set_text(struct finding_record *r, const char **member, int bit, const char *value)
{
	*member = value;
	if (value && value[0])
		r->has |= FIELD_BIT(bit);
	else
		r->has &= ~FIELD_BIT(bit);
}

static bool text_is(const char *x, const char *y)
{
	return strcmp(x ? x : "", y ? y : "") == 0;
}

/* Somebody looked at this very answer already: a workbook that comes in twice undoes nothing. */
static bool reviewed_already(const struct finding_record *r, const struct record_answer *x)
{
	bool same = text_is(r->answer, x->state) && HAS(r, answered) && r->answered == x->day;

	if (x->login) /* said at the screen: meant */
		return false;
	if (state_is(r, "closed"))
		return same;
	return state_is(r, "returned") && same && text_is(r->answered_by, x->by) &&
	       text_is(r->remark, x->remark) && text_is(r->evidence, x->evidence);
}

static date_t answer_term(const struct pack *pack, const struct record_answer *x)
{
	int64_t days = pack_param_int(pack, "answer_days", 365);

	if (days < 1 || days > 36500)
		days = 365;
	return date_from_days(date_to_days(date_last(x->day)) + (int32_t)days);
}

static void take_answer(struct finding_record *r, const struct pack *pack,
                        const struct record_answer *x, int64_t now_ms)
{
	bool same = text_is(r->answer, x->state) && HAS(r, answered) && r->answered == x->day;

	if (!same || !state_is(r, "answered"))
		SET(r, answered_at, now_ms);
	if (!same || x->login)
		set_text(r, &r->answered_login, FINDING_RECORD_answered_login, x->login);
	if (!same || x->exempt)
		set_text(r, &r->exempt, FINDING_RECORD_exempt, x->exempt);
	SET(r, state, "answered");
	SET(r, answer, x->state);
	SET(r, answered, x->day);
	DROP(r, until);
	if (strcmp(x->state, "explained") == 0)
		SET(r, until, answer_term(pack, x));
	set_text(r, &r->answered_by, FINDING_RECORD_answered_by, x->by);
	set_text(r, &r->remark, FINDING_RECORD_remark, x->remark);
	set_text(r, &r->evidence, FINDING_RECORD_evidence, x->evidence);
}

enum err record_answer(struct journal *j, const struct pack *pack, int64_t no,
                       const struct record_answer *answer, bool *ret_changed)
{
	struct finding_record old = {0}, now;
	struct diag *diag = db_diag(journal_db(j));
	struct arena a;
	bool found = false;
	enum err e;

	if (!known_answer(answer->state) || answer->day == 0)
		return diag_set(diag, ERR_INVALID, "%s", answer->state ? answer->state : "");
	arena_init(&a, (size_t)1 << 24);
	e = record_get(j, no, &a, &old, &found);
	if (e == OK && !found)
		e = diag_set(diag, ERR_UNKNOWN_FINDING, "%lld", (long long)no);
	if (e == OK) {
		now = old;
		if (!reviewed_already(&old, answer))
			take_answer(&now, pack, answer, journal_now(j));
		if (ret_changed)
			*ret_changed = record_diff(&finding_desc, &old, &now) != 0;
		e = journal_update(j, &finding_desc, &old, &now);
	}
	arena_release(&a);
	return e;
}

/* ---- moving the states ---- */

/* One move: from what is on record to what it becomes. */
struct move {
	const struct finding_record *old; /* NULL: it is new */
	struct finding_record now;
};

struct mover {
	struct journal *j; /* that is read with */
	const struct check *c;
	const struct check_result *r;
	struct store s;
	bool *seen; /* one a record */
	struct imap households, persons; /* number -> index in the town */
	struct arena *a;
	VEC(struct move) moves;
};

static void add_record(struct mover *m, const struct finding *f)
{
	const struct town *t = m->r->town;
	struct finding_record r = {0};
	struct str who = finding_who(journal_keys(m->j), t, f, m->a);

	SET(&r, rule, f->rule->id);
	if (f->household >= 0)
		SET(&r, household, t->households[f->household].no);
	if (f->person >= 0)
		SET(&r, person, t->persons[f->person].no);
	if (f->subject.n)
		SET(&r, subject, str_dup(m->a, f->subject));
	if (who.n)
		SET(&r, who, who);
	if (f->village >= 0)
		SET(&r, village, str_dup(m->a, t->villages[f->village].code));
	SET(&r, state, "new");
	SET(&r, probable, f->probable);
	SET(&r, first_seen, t->as_of);
	*vec_push(&m->moves) = (struct move){NULL, r};
}

static void move(struct mover *m, const struct finding_record *old, const struct finding_record *now)
{
	if (record_diff(&finding_desc, old, now) != 0)
		*vec_push(&m->moves) = (struct move){old, *now};
}

/* Seen and not answered: is it back? */
static void seen_again(struct mover *m, const struct finding *f, size_t row)
{
	const struct finding_record *old = &m->s.rows[row];
	struct finding_record now = *old;

	m->seen[row] = true;
	if (f->answer)
		return;
	if (state_is(old, "fixed") || state_is(old, "answered") || state_is(old, "closed")) {
		SET(&now, state, "reopened");
		DROP(&now, review);
		SET(&now, reopened, (HAS(old, reopened) ? old->reopened : 0) + 1);
		DROP(&now, closed);
	}
	SET(&now, probable, f->probable);
	move(m, old, &now);
}

static int rule_of(const struct check_result *r, const char *id)
{
	for (size_t i = 0; i < r->pack->n_rules; i++) {
		if (strcmp(r->pack->rules[i].id, id) == 0)
			return (int)i;
	}
	return -1;
}

/* The row of the town that a record is about, or TOWN_NONE. */
static int32_t row_of(const struct mover *m, int entity, const struct finding_record *f)
{
	if (entity == ENT_HOUSEHOLD && HAS(f, household))
		return (int32_t)imap_get(&m->households, f->household, TOWN_NONE);
	if (entity == ENT_PERSON && HAS(f, person))
		return (int32_t)imap_get(&m->persons, f->person, TOWN_NONE);
	return TOWN_NONE;
}

/* Does the rule say no, rather than nothing, of this row? */
static bool says_no(const struct mover *m, int rule, int32_t row)
{
	const struct rule_rows one = {&row, 1};
	struct rule_value v;

	rule_values(m->c->rules[rule].when, &m->r->data, one, m->a, &v, NULL);
	return v.state != RULE_MISSING;
}

/* Could the rule have seen it this time? */
static bool looked_at(const struct mover *m, const struct finding_record *f)
{
	const struct check_result *r = m->r;
	int rule = rule_of(r, f->rule);
	int32_t row = rule >= 0 ? row_of(m, m->c->rules[rule].entity, f) : TOWN_NONE;
	struct str village = HAS(f, village) ? str_c(f->village) : (struct str){0};

	if (rule < 0 || r->tally[rule].outcome != CHECK_RAN)
		return false;
	if (row >= 0 && !says_no(m, rule, row))
		return false;
	if (r->village >= 0)
		return str_eq(village, r->town->villages[r->village].code);
	if (village.n == 0)
		return true;
	for (size_t i = 0; i < r->town->n_villages; i++) {
		if (str_eq(village, r->town->villages[i].code))
			return true;
	}
	return false;
}

static void close_unseen(struct mover *m)
{
	for (size_t i = 0; i < m->s.n; i++) {
		const struct finding_record *old = &m->s.rows[i];
		struct finding_record now = *old;

		if (m->seen[i] || HAS(old, source) || state_is(old, "fixed") ||
		    state_is(old, "closed") || !looked_at(m, old))
			continue;
		SET(&now, state, "fixed");
		SET(&now, closed, m->r->town->as_of);
		move(m, old, &now);
	}
}

static void move_all(struct mover *m)
{
	const struct finding *lists[] = {m->r->findings, m->r->answered};
	const size_t n[] = {m->r->n, m->r->n_answered};

	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < n[k]; i++) {
			const struct finding *f = &lists[k][i];
			struct str id = finding_identity(journal_keys(m->j), m->r->town, f, m->a);
			int64_t row = map_get(&m->s.index, id, -1);

			if (row >= 0)
				seen_again(m, f, (size_t)row);
			else
				add_record(m, f);
		}
	}
	close_unseen(m);
}

/* ---- writing the moves ---- */

struct record_moves {
	struct mover m;
	struct arena a;
	int64_t seen; /* entry that was read, or the last that was written */
	size_t at;    /* how many are written */
};

enum err record_moves_plan(struct journal *j, const struct check *c, const struct check_result *r,
                           struct record_moves **ret)
{
	struct record_moves *p = base_calloc(1, sizeof(*p));
	struct mover *m = &p->m;
	struct db *db = journal_db(j);
	bool own = !db_in_transaction(db);
	enum err e = own ? db_begin_read(db) : OK;

	arena_init(&p->a, 0);
	*m = (struct mover){.j = j, .c = c, .r = r, .a = &p->a};
	imap_init(&m->households);
	imap_init(&m->persons);
	*ret = p;
	if (e == OK)
		e = journal_last_entry(journal_db(j), &p->seen);
	if (e == OK)
		e = load(j, &p->a, &m->s);
	if (own)
		db_rollback(db);
	if (e)
		return e;
	for (size_t i = 0; i < r->town->n_households; i++)
		(void)imap_set(&m->households, r->town->households[i].no, (int64_t)i);
	for (size_t i = 0; i < r->town->n_persons; i++)
		(void)imap_set(&m->persons, r->town->persons[i].no, (int64_t)i);
	m->seen = ARENA_ARRAY(&p->a, m->s.n + 1, bool);
	move_all(m);
	return OK;
}

void record_moves_free(struct record_moves *p)
{
	if (!p)
		return;
	imap_release(&p->m.households);
	imap_release(&p->m.persons);
	map_release(&p->m.s.index);
	vec_free(&p->m.moves);
	arena_release(&p->a);
	base_free(p);
}

size_t record_moves_left(const struct record_moves *p)
{
	return p->m.moves.n - p->at;
}

/* Of a record that somebody changed meanwhile the next check sees to it. */
static enum err write_move(struct journal *j, struct move *m)
{
	struct finding_record now;
	struct arena a;
	bool found = false;
	if (!m->old)
		return journal_insert(j, &finding_desc, &m->now);
	arena_init(&a, 0);
	enum err e = record_get(j, m->old->no, &a, &now, &found);
	if (!e && found && now.version == m->old->version)
		e = journal_update(j, &finding_desc, m->old, &m->now);
	arena_release(&a);
	return e;
}

enum err record_moves_write(struct record_moves *p, struct journal *j, size_t most, bool *ret_anew)
{
	int64_t others = 0;
	struct stmt *s = db_stmt(journal_db(j), STMT_record_added);
	stmt_bind_int(s, 2, p->seen);
	stmt_bind_int(s, 3, finding_desc.id);
	enum err e = stmt_one_int(s, 0, &others);
	*ret_anew = others > 0;
	if (others)
		return e;
	for (size_t i = 0; !e && i < most && record_moves_left(p); i++)
		e = write_move(j, &p->m.moves.p[p->at++]);
	if (!journal_is_empty(j))
		p->seen = journal_entry(j);
	return e;
}

enum err record_findings(struct journal *j, const struct entry_info *info, const struct check *c,
                         const struct check_result *r)
{
	struct record_moves *p = NULL;
	enum err e = OK;

	for (bool anew = true; !e && anew;) {
		record_moves_free(p);
		e = record_moves_plan(j, c, r, &p);
		if (e == OK)
			e = journal_begin(j, info);
		if (e == OK)
			e = record_moves_write(p, j, SIZE_MAX, &anew);
		if (e == OK)
			e = journal_commit(j, NULL);
	}
	if (e)
		journal_rollback(j);
	record_moves_free(p);
	return e;
}

enum err record_numbers(struct journal *j, const struct check_result *r, struct arena *a,
                        int64_t **ret_no)
{
	struct store s;
	enum err e = load(j, a, &s);
	int64_t *no = ARENA_ARRAY(a, r->n + 1, int64_t);

	for (size_t i = 0; e == OK && i < r->n; i++) {
		struct str id = finding_identity(journal_keys(j), r->town, &r->findings[i], a);
		int64_t row = map_get(&s.index, id, -1);

		no[i] = row >= 0 ? s.rows[row].no : 0;
	}
	map_release(&s.index);
	if (e == OK)
		*ret_no = no;
	return e;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/judge.h"

#include "base/banned.h"

enum {
	MARGIN = 250,       /* by which the best must lead */
	CLEAR_MARGIN = 500, /* by which he leads beyond doubt */
	LEAST = 900,        /* a weight below this is chance */
};

static bool name_may_be(enum hanname_class c)
{
	return c == HANNAME_MISSING || c >= HANNAME_MARRIED;
}

/* The whole number agrees. */
static enum match_band judge_id(const struct cand *c)
{
	if (name_may_be(c->name))
		return MATCH_SURE;
	if (c->sex == MATCH_DIFFERS || (c->written_birth && c->birth == PERSON_BIRTH_DIFFERS))
		return MATCH_UNCLEAR;
	if (c->written_birth && cand_born_alike(c))
		return MATCH_PROBABLE;
	if (c->name == HANNAME_SURNAME && (c->village == MATCH_AGREES || c->household >= MATCH_NEAR))
		return MATCH_PROBABLE;
	return MATCH_UNCLEAR;
}

/* The number nearly agrees; only with an agreeing name. */
static enum match_band judge_near_id(const struct cand *c)
{
	bool placed = c->village == MATCH_AGREES || c->household >= MATCH_NEAR;

	if (c->name == HANNAME_MISSING)
		return c->id == IDNO_SAME_15 || placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	if (!hanname_agrees(c->name))
		return c->name >= HANNAME_MARRIED && placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	if (c->id == IDNO_TWO_DIGITS)
		return placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	if (c->name >= HANNAME_VARIANT || placed)
		return c->id == IDNO_SAME_MASKED && !placed ? MATCH_PROBABLE : MATCH_SURE;
	return MATCH_PROBABLE;
}

/* Two whole numbers that have nothing to do with each other: one of them was
 * copied from another line or re-issued, or these are two people.  Two people
 * of one name, birth date and village are a thousand times rarer. */
static enum match_band judge_conflict(const struct cand *c)
{
	bool placed = c->village == MATCH_AGREES || c->phone == MATCH_AGREES;

	if (!hanname_agrees(c->name))
		return MATCH_NOT_OURS;
	if (c->household == MATCH_AGREES)
		return MATCH_PROBABLE;
	if (cand_born_then(c) && c->name >= HANNAME_VARIANT && c->village != MATCH_DIFFERS)
		return placed ? MATCH_PROBABLE : MATCH_UNCLEAR;
	return c->birth >= PERSON_BIRTH_NEAR && placed ? MATCH_UNCLEAR : MATCH_NOT_OURS;
}

static enum match_band judge_name_birth(const struct query *q, const struct cand *c,
                                        enum match_method *ret_method)
{
	bool known = q->knows_neighbours;

	if (c->village != MATCH_AGREES) {
		*ret_method = MATCH_BY_NAME_BIRTH;
		return cand_born_then(c) && (known || c->phone == MATCH_AGREES) ? MATCH_PROBABLE
		                                                             : MATCH_UNCLEAR;
	}
	*ret_method = MATCH_BY_NAME_BIRTH_VILLAGE;
	return known && c->name >= HANNAME_VARIANT && cand_born_then(c) ? MATCH_SURE : MATCH_PROBABLE;
}

static enum match_band judge_name_village(const struct query *q, const struct cand *c)
{
	bool known = q->knows_neighbours;
	bool spelled = c->name >= HANNAME_VARIANT;

	if (c->phone == MATCH_AGREES)
		return known && spelled ? MATCH_SURE : MATCH_PROBABLE;
	return known && (spelled || c->birth == PERSON_BIRTH_NEAR) ? MATCH_PROBABLE : MATCH_UNCLEAR;
}

/* No number to go by. */
static enum match_band judge_name(const struct query *q, const struct cand *c,
                                  enum match_method *ret_method)
{
	*ret_method = MATCH_BY_SCORE;
	if (!hanname_agrees(c->name)) {
		if (c->household != MATCH_AGREES)
			return MATCH_UNCLEAR;
		return cand_born_then(c) || c->name >= HANNAME_MARRIED ? MATCH_PROBABLE : MATCH_NOT_OURS;
	}
	if (c->household >= MATCH_NEAR) {
		*ret_method = MATCH_BY_NAME_HOUSEHOLD;
		return c->household == MATCH_AGREES && c->name >= HANNAME_LOOKALIKE ? MATCH_SURE
		                                                                   : MATCH_PROBABLE;
	}
	if (cand_born_alike(c))
		return judge_name_birth(q, c, ret_method);
	if (c->village == MATCH_AGREES && c->birth != PERSON_BIRTH_DIFFERS) {
		*ret_method = MATCH_BY_NAME_VILLAGE;
		return judge_name_village(q, c);
	}
	return c->phone == MATCH_AGREES ? MATCH_PROBABLE : MATCH_UNCLEAR;
}

static enum match_method id_method(const struct query *q, enum idno_relation r)
{
	static const uint8_t methods[IDNO_RELATION_MAX] = {
		[IDNO_SAME] = MATCH_BY_ID,           [IDNO_SAME_15] = MATCH_BY_ID_LOSSY,
		[IDNO_SAME_MASKED] = MATCH_BY_SCORE, [IDNO_ONE_DIGIT] = MATCH_BY_ID_ONE_DIGIT,
		[IDNO_SWAP] = MATCH_BY_ID_SWAP,      [IDNO_ONE_LENGTH] = MATCH_BY_ID_LENGTH,
		[IDNO_TWO_DIGITS] = MATCH_BY_SCORE,
	};

	if (r == IDNO_SAME && (q->id.flags & IDNO_FROM_15))
		return MATCH_BY_ID_15;
	if (r == IDNO_SAME && (q->id.flags & IDNO_FROM_CARD))
		return MATCH_BY_ID_CARD;
	return (enum match_method)methods[r];
}

/* The member of the owner's household whose name the row has goes first: a
 * family's numbers are mixed up more often than its names. */
static void prefer_family(struct verdict *v)
{
	if (!v->has_family)
		return;
	size_t at = 0;
	while (at < v->n && v->best[at].human != v->family.human)
		at++;
	if (at == v->n) {
		at = v->n < CANDS_MAX ? v->n : CANDS_MAX - 1;
		v->n = at + 1;
	}
	memmove(&v->best[1], &v->best[0], at * sizeof(v->best[0]));
	v->best[0] = v->family;
}

static void judge_best(const struct query *q, struct verdict *v)
{
	const struct cand *c = &v->best[0];

	v->method = MATCH_BY_SCORE;
	if (c->id == IDNO_SAME) {
		v->band = judge_id(c);
		v->method = id_method(q, IDNO_SAME);
	} else if (c->id != IDNO_NO_RELATION) {
		v->band = judge_near_id(c);
		v->method = id_method(q, c->id);
	} else if (c->id_conflict) {
		v->band = judge_conflict(c);
	} else {
		v->band = judge_name(q, c, &v->method);
	}
	v->strong = v->band == MATCH_SURE && (c->id != IDNO_NO_RELATION || c->household == MATCH_AGREES);
	if (v->id_owner >= 0 && c->id != IDNO_SAME) {
		/* The number is exactly somebody else's. */
		if (v->has_family && v->family.human == c->human) {
			v->method = MATCH_BY_ID_FAMILY;
			v->band = MATCH_UNCLEAR;
		} else if (v->band > MATCH_UNCLEAR) {
			v->band = q->bridge_only && cand_born_then(c) ? MATCH_PROBABLE : MATCH_UNCLEAR;
		}
		v->strong = false;
	}
	if (c->weight < LEAST && c->id == IDNO_NO_RELATION && c->household != MATCH_AGREES &&
	    v->method != MATCH_BY_ID_FAMILY)
		v->band = MATCH_NOT_OURS;
}

void judge_verdict(const struct query *q, struct verdict *v)
{
	v->band = MATCH_NOT_OURS;
	v->method = MATCH_BY_NOTHING;
	v->strong = false;
	v->rivals = 0;
	prefer_family(v);
	if (v->n == 0)
		return;
	judge_best(q, v);
	if (v->band == MATCH_NOT_OURS || v->method == MATCH_BY_ID_FAMILY)
		return;
	for (size_t i = 1; i < v->n; i++) {
		int32_t lead = v->best[0].weight - v->best[i].weight;
		v->rivals += lead < MARGIN;
		if (lead < CLEAR_MARGIN && v->band == MATCH_SURE && v->best[0].id != IDNO_SAME)
			v->band = MATCH_PROBABLE;
	}
	if (v->rivals > 0 && (v->best[0].id != IDNO_SAME || v->best[1].id == IDNO_SAME)) {
		v->band = MATCH_UNCLEAR;
		v->strong = false;
	}
}

void judge_no_link(struct match_link *ret)
{
	*ret = (struct match_link){.person = MATCH_NONE, .household = MATCH_NONE, .bridge = MATCH_NONE,
	                           .also = MATCH_NONE};
}

/* Do all who come into question live in one household? */
static bool one_household(const struct match *m, const struct verdict *v, int32_t household)
{
	size_t n = v->rivals + 1 < v->n ? v->rivals + 1 : v->n;

	for (size_t i = 0; i < n; i++)
		if (people_household(m, v->best[i].human) != household)
			return false;
	return household >= 0;
}

/* The first of the best and his rivals who is on the register, or n. */
static size_t first_on_register(const struct match *m, const struct verdict *v)
{
	for (size_t i = 0; i < v->n && i <= v->rivals; i++)
		if (m->humans[v->best[i].human].person >= 0)
			return i;
	return v->n;
}

static void describe(const struct cand *c, struct match_link *ret)
{
	ret->score = c->weight;
	ret->name = c->name;
	ret->id = c->id;
	ret->birth = cand_born_alike(c) ? MATCH_AGREES : c->birth;
	ret->village = c->village;
	ret->sex = c->sex;
}

void judge_link(const struct match *m, const struct query *q, const struct verdict *v,
                struct match_link *ret)
{
	judge_no_link(ret);
	ret->household = q->household;
	ret->household_band = q->household >= 0 ? MATCH_SURE : MATCH_NOT_OURS;
	if (v->n == 0 || v->band == MATCH_NOT_OURS) {
		if (q->household >= 0) {
			ret->band = MATCH_UNCLEAR;
			ret->method = MATCH_BY_HH_NO;
		}
		return;
	}
	size_t guess = first_on_register(m, v);
	bool ours = guess < v->n;
	if (!ours)
		guess = 0;
	const struct human *best = &m->humans[v->best[guess].human];
	ret->bridge = best->bridge;
	ret->bridge_band = v->band;
	ret->method = v->method;
	ret->rivals = (uint16_t)v->rivals;
	describe(&v->best[guess], ret);
	if (!ours) {
		ret->band = MATCH_NOT_OURS;
		return;
	}
	ret->band = v->band;
	ret->person = best->person;
	ret->also = best->also;
	int32_t household = people_household(m, v->best[guess].human);
	if (household >= 0) {
		bool sure = v->method == MATCH_BY_ID_FAMILY ||
		            (v->rivals > 0 && one_household(m, v, household));
		ret->household = household;
		ret->household_band = v->band;
		if (sure)
			ret->household_band = MATCH_SURE;
	}
}

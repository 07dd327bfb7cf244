/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/row_match.h"

#include "link/place.h"

#include "base/banned.h"

enum { ALIASES_MAX = 8 };

static struct str text_of(const struct ledger_table *t, const struct ledger_row *r,
                          enum pack_role role)
{
	const struct ledger_cell *c = ledger_role(t, r, role);
	return c ? c->text : STR("");
}

static bool is_read(enum pack_role role)
{
	switch (role) {
	case PACK_ROLE_ID: case PACK_ROLE_CARD: case PACK_ROLE_NAME: case PACK_ROLE_SEX:
	case PACK_ROLE_BIRTH: case PACK_ROLE_HH_NO: case PACK_ROLE_HEAD_NAME: case PACK_ROLE_HEAD_ID:
	case PACK_ROLE_VILLAGE: case PACK_ROLE_ADDRESS: case PACK_ROLE_PHONE:
		return true;
	default:
		return false;
	}
}

const bool *row_match_columns(const struct pack_layout *layout, struct arena *a)
{
	bool *want = ARENA_ARRAY(a, layout->n_columns + 1, bool);
	for (int role = PACK_ROLE_NONE + 1; role < PACK_ROLE_MAX; role++)
		if (is_read((enum pack_role)role) && layout->role[role] >= 0)
			want[layout->role[role]] = true;
	int state = pack_column(layout, "state");
	if (state >= 0 && ledger_is_population(layout->id))
		want[state] = true;
	return want;
}

int64_t row_area(const struct ledger_table *t, const struct ledger_row *r)
{
	static const enum pack_role roles[] = {PACK_ROLE_VILLAGE, PACK_ROLE_ADDRESS};
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		const struct ledger_cell *c = ledger_role(t, r, roles[i]);
		if (c && t->layout->columns[t->layout->role[roles[i]]].kind == PACK_AREA && c->v >= 0)
			return c->v;
	}
	return r->section_area;
}

static enum sex sex_of(const struct pack *pack, const struct ledger_table *t,
                       const struct ledger_row *r)
{
	const struct ledger_cell *c = ledger_role(t, r, PACK_ROLE_SEX);
	if (!c)
		return SEX_UNKNOWN;
	const struct pack_column *col = &t->layout->columns[t->layout->role[PACK_ROLE_SEX]];
	if (c->state == LEDGER_OK && col->kind == PACK_CODE)
		return sex_parse(str_c(pack->lists[col->list_index].codes[c->v].label.in[LANG_ZH]));
	return sex_parse(c->text);
}

static date_t birth_of(const struct ledger_table *t, const struct ledger_row *r)
{
	const struct ledger_cell *c = ledger_role(t, r, PACK_ROLE_BIRTH);
	return c && c->state == LEDGER_OK ? (date_t)c->v : 0;
}

struct match_row row_for_match(const struct pack *pack, const struct area_list *areas,
                               const struct ledger_table *t, const struct ledger_row *r)
{
	const struct ledger_cell *id = ledger_role(t, r, PACK_ROLE_ID);
	int64_t area = row_area(t, r);
	return (struct match_row){
		.key = {(const char *)&r->hash, sizeof(r->hash)},
		.name = text_of(t, r, PACK_ROLE_NAME),
		.id_text = id ? id->text : STR(""),
		.id_lossy = id && id->lossy,
		.card_text = text_of(t, r, PACK_ROLE_CARD),
		.sex = sex_of(pack, t, r),
		.birth = birth_of(t, r),
		.village = area >= 0 ? str_c(areas->areas[area].name) : text_of(t, r, PACK_ROLE_VILLAGE),
		.address = text_of(t, r, PACK_ROLE_ADDRESS),
		.hh_no = text_of(t, r, PACK_ROLE_HH_NO),
		.head_name = text_of(t, r, PACK_ROLE_HEAD_NAME),
		.head_id = text_of(t, r, PACK_ROLE_HEAD_ID),
		.phone = text_of(t, r, PACK_ROLE_PHONE),
	};
}

const bool *row_brief_columns(const struct pack_layout *layout, struct arena *a)
{
	static const enum pack_role roles[] = {PACK_ROLE_ID, PACK_ROLE_CARD, PACK_ROLE_NAME,
					       PACK_ROLE_HH_NO};
	bool *want = ARENA_ARRAY(a, layout->n_columns + 1, bool);
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (layout->role[roles[i]] >= 0)
			want[layout->role[roles[i]]] = true;
	return want;
}

struct match_row row_brief(const struct ledger_table *t, const struct ledger_row *r)
{
	const struct ledger_cell *id = ledger_role(t, r, PACK_ROLE_ID);
	return (struct match_row){
		.name = text_of(t, r, PACK_ROLE_NAME),
		.id_text = id ? id->text : STR(""),
		.id_lossy = id && id->lossy,
		.card_text = text_of(t, r, PACK_ROLE_CARD),
		.hh_no = text_of(t, r, PACK_ROLE_HH_NO),
	};
}

bool ledger_is_population(const char *layout)
{
	return strcmp(layout, "population") == 0;
}

/* Has the person died or moved away? */
static bool is_cancelled(const struct ledger_row *r, int state_column)
{
	const struct ledger_cell *s = state_column >= 0 ? ledger_cell_at(r, state_column) : NULL;
	return s && s->state == LEDGER_OK && !str_is(s->text, "normal");
}

struct match_bridge row_for_bridge(const struct pack *pack, const struct ledger_table *t,
                                   int state_column, const struct ledger_row *r)
{
	const struct ledger_cell *id = ledger_role(t, r, PACK_ROLE_ID);
	struct str address = text_of(t, r, PACK_ROLE_ADDRESS);
	return (struct match_bridge){
		.name = text_of(t, r, PACK_ROLE_NAME),
		.id = idno_parse(id ? id->text : STR(""), id && id->lossy),
		.sex = sex_of(pack, t, r),
		.birth = birth_of(t, r),
		.village = (int32_t)row_area(t, r),
		.group = (uint16_t)place_group(address),
		.address = address,
		.cancelled = is_cancelled(r, state_column),
	};
}

const struct match_area *areas_for_match(const struct area_list *areas, struct arena *a)
{
	struct match_area *out = ARENA_ARRAY(a, areas->n + 1, struct match_area);
	for (size_t i = 0; i < areas->n; i++) {
		struct str *aliases = ARENA_ARRAY(a, ALIASES_MAX, struct str);
		struct str rest = str_c(areas->areas[i].aliases), piece;
		size_t n = 0;
		while (n < ALIASES_MAX && areas->areas[i].aliases && str_split(&rest, '|', &piece))
			aliases[n++] = str_trim(piece);
		out[i] = (struct match_area){str_c(areas->areas[i].name), aliases, n};
	}
	return out;
}

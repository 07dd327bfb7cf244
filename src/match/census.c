/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "match/people.h"

#include "base/banned.h"

/* n zeroed records, at the edge of a cache line in *ret_room.  So many are not had from the system
 * before they are written. */
static struct record *new_records(size_t n, void **ret_room)
{
	const uintptr_t edge = PEOPLE_CACHE_LINE;

	*ret_room = base_calloc(n + 2, sizeof(struct record));
	return (struct record *)(((uintptr_t)*ret_room + edge - 1) & ~(edge - 1));
}

static void make_room(struct match_census *c, size_t lead)
{
	c->lead = lead;
	c->records = new_records(lead + c->n, &c->records_room) + lead;
	c->keys_room = base_calloc(lead + c->n + 1, sizeof(*c->keys_room));
	c->keys = c->keys_room + lead;
}

struct match_census *match_census_new(size_t n)
{
	struct match_census *c = base_calloc(1, sizeof(*c));

	c->n = n;
	make_room(c, n); /* most often the register is a part of the file */
	c->text = base_calloc(n + 1, sizeof(*c->text));
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_init(&c->arena[i], 0);
	return c;
}

void match_census_free(struct match_census *c)
{
	if (!c)
		return;
	base_free(c->records_room);
	base_free(c->keys_room);
	base_free(c->text);
	for (size_t i = 0; i < TEAM_MAX; i++)
		arena_release(&c->arena[i]);
	base_free(c);
}

void census_admit(struct match_census *c, size_t n)
{
	struct match_census was = *c;

	if (n <= c->lead)
		return;
	make_room(c, n);
	memcpy(c->records, was.records, c->n * sizeof(c->records[0]));
	memcpy(c->keys, was.keys, c->n * sizeof(c->keys[0]));
	base_free(was.records_room);
	base_free(was.keys_room);
}

void census_drop_keys(struct match_census *c)
{
	base_free(c->keys_room);
	c->keys_room = c->keys = NULL;
}

void record_fill(struct record *r, struct record_keys *k, struct str name, const struct idno *id,
                 date_t birth, enum sex sex)
{
	struct hanname n = hanname_parse(name);

	*k = (struct record_keys){hanname_key(&n), hanname_sound_key(&n)};
	(void)hanname_shorten(&n, r->name);
	r->id = *id;
	r->birth = birth ? birth : id->birth;
	r->sex = (uint8_t)(sex ? sex : id->sex);
}

void match_census_put(struct match_census *c, size_t worker, size_t i, const struct match_bridge *b)
{
	struct record *r = &c->records[i];
	/* a tie only comes about between those without a whole number */
	bool addressed = b->address.n && (b->village < 0 || !idno_full(&b->id));
	struct str address = addressed ? b->address : STR("");
	size_t name = b->name.n ? strnlen(b->name.p, b->name.n) : 0;
	char room[HANNAME_SHORT_BYTES];

	record_fill(r, &c->keys[i], b->name, &b->id, b->birth, b->sex);
	r->village = b->village;
	r->placed = b->village >= 0;
	r->group = b->group;
	r->cancelled = b->cancelled;
	r->addressed = addressed;
	if (!addressed && str_eq(hanname_short_text(r->name, room), (struct str){b->name.p, name}))
		return;
	char *text = arena_alloc(&c->arena[worker], name + address.n + 2);
	c->text[i] = text;
	if (name)
		memcpy(text, b->name.p, name);
	text[name] = '\0';
	if (addressed)
		memcpy(text + name + 1, address.p, address.n);
	text[name + 1 + address.n] = '\0';
}

struct str census_name(const struct match_census *c, size_t i, char room[HANNAME_SHORT_BYTES])
{
	return c->text[i] ? str_c(c->text[i]) : hanname_short_text(c->records[i].name, room);
}

struct str census_address(const struct match_census *c, size_t i)
{
	return c->records[i].addressed ? str_c(c->text[i] + strlen(c->text[i]) + 1) : STR("");
}

struct match_bridge match_bridge_row(const struct match *m, int32_t bridge,
                                     char name[HANNAME_SHORT_BYTES])
{
	size_t i = (size_t)bridge;
	const struct record *r = &m->census->records[i];

	return (struct match_bridge){
		.name = census_name(m->census, i, name), .address = census_address(m->census, i), .id = r->id,
		.birth = r->birth, .village = r->placed ? r->village : MATCH_NONE, .group = r->group,
		.sex = (enum sex)r->sex, .cancelled = r->cancelled};
}

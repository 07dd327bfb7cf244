/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_layout: what columns a ledger has, and mappings of columns that people corrected and kept. */
#include "api/subjects.h"

#include "ledger/map_store.h"

#include "base/banned.h"

static const struct net_field layout_in[] = {
	{.name = "layout", .in = NET_PATH, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 60,
	 .label = TEXT("台账种类", "kind of ledger")},
};

static enum err get_layout(struct request *rq)
{
	const struct pack_layout *l = pack_layout(rq_api(rq)->pack, rq_text(rq, 0));
	struct json_out *o = &rq->out;
	if (!l)
		return diag_set(&rq->diag, ERR_UNKNOWN_LEDGER, "%s", rq_text(rq, 0));
	json_object(o);
	json_c_member(o, "id", l->id);
	json_c_member(o, "title", l->title.in[rq->lang]);
	json_c_member(o, "office", l->office.in[rq->lang]);
	json_key(o, "columns");
	json_array(o);
	for (size_t i = 0; i < l->n_columns; i++) {
		json_object(o);
		json_c_member(o, "id", l->columns[i].id);
		json_c_member(o, "label", l->columns[i].label.in[rq->lang]);
		json_bool_member(o, "required", l->columns[i].required);
		json_end(o);
	}
	json_end(o);
	json_end(o);
	return OK;
}

/* --- kept mappings ---------------------------------------------------------------------- */

static void write_map(struct request *rq, const struct ledger_map *m)
{
	json_object(&rq->out);
	rq_record_members(rq, &ledger_map_desc, m, F_OFFICE);
	json_end(&rq->out);
}

static enum err list(struct request *rq)
{
	struct ledger_map *all = NULL;
	size_t n = 0;
	enum err e = map_store_all(rq_db(rq), rq->a, &all, &n);
	if (e)
		return e;
	api_rows_begin(rq);
	for (size_t i = 0; i < n; i++)
		write_map(rq, &all[i]);
	api_rows_end(rq, NULL);
	return OK;
}

enum { IN_NAME, IN_MAPPING, SAVE_IN };
static const struct net_field save_in[SAVE_IN] = {
	{.name = "name", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED, .max = 100,
	 .label = TEXT("名称", "name")},
	{.name = "mapping", .in = NET_BODY, .kind = FIELD_TEXT, .flags = NET_REQUIRED,
	 .max = API_MAPPING_MAX, .label = TEXT("列对照（同列对照文件）", "mapping of columns, as in a mapping file")},
};

enum err api_check_mapping(struct request *rq, const char *text, const char **ret_layout)
{
	struct intake_map *map = NULL;
	enum err e = intake_map_parse("mapping", str_c(text), rq_api(rq)->pack, &rq->diag, &map);
	if (e)
		return rq_invalid(rq, "mapping", e);
	*ret_layout = arena_strdup(rq->a, intake_map_layout(map));
	intake_map_free(map);
	return OK;
}

static enum err do_save(struct journal *j, void *arg)
{
	return map_store_save(j, arg);
}

static enum err save(struct request *rq)
{
	struct api_entry entry = {.command = "ledger map"};
	struct ledger_map m = {0};
	const char *layout = NULL;
	enum err e = api_check_mapping(rq, rq_text(rq, IN_MAPPING), &layout);
	if (e)
		return e;
	FIELD_SET(&m, LEDGER_MAP_, layout, layout);
	FIELD_SET(&m, LEDGER_MAP_, name, rq_text(rq, IN_NAME));
	FIELD_SET(&m, LEDGER_MAP_, mapping, rq_text(rq, IN_MAPPING));
	FIELD_SET(&m, LEDGER_MAP_, saved_by, rq_user(rq)->login);
	e = api_write(rq, &entry, do_save, &m);
	if (e)
		return e;
	rq->status = 201;
	write_map(rq, &m);
	return OK;
}

static const struct net_field no_in[] = {
	{.name = "no", .in = NET_PATH, .kind = FIELD_INT, .flags = NET_REQUIRED,
	 .label = TEXT("列对照", "mapping of columns")},
};

static enum err do_drop(struct journal *j, void *arg)
{
	const int64_t *no = arg;
	return map_store_drop(j, *no);
}

static enum err drop(struct request *rq)
{
	struct api_entry entry = {.command = "ledger map drop"};
	int64_t no = rq_int(rq, 0, 0);
	return api_write(rq, &entry, do_drop, &no);
}

const struct route api_layout_routes[] = {
	{.id = "ledger_layout", .method = NET_GET, .path = API "/ledger-layouts/{layout}",
	 .permission = PERM_hand_in_ledgers, .in = layout_in, .n_in = 1, .handler = get_layout,
	 .answer = "ledger_layout", .tag = "ledger",
	 .summary = TEXT("一种台账有哪些列", "the columns of a kind of ledger")},
	{.id = "ledger_map_list", .method = NET_GET, .path = API "/ledger-maps",
	 .permission = PERM_hand_in_ledgers, .handler = list, .answer = "list ledger_map",
	 .tag = "ledger", .summary = TEXT("保存的列对照", "mappings of columns that were kept")},
	{.id = "ledger_map_save", .method = NET_POST, .path = API "/ledger-maps",
	 .permission = PERM_hand_in_ledgers, .in = save_in, .n_in = SAVE_IN, .handler = save,
	 .answer = "ledger_map", .tag = "ledger",
	 .summary = TEXT("保存列对照（同名的被替换）", "keep a mapping of columns; one of that name is replaced")},
	{.id = "ledger_map_drop", .method = NET_DELETE, .path = API "/ledger-maps/{no}",
	 .permission = PERM_hand_in_ledgers, .in = no_in, .n_in = 1, .handler = drop, .answer = "",
	 .tag = "ledger", .summary = TEXT("删除保存的列对照", "forget a mapping of columns")},
	{0},
};

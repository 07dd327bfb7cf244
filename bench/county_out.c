/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * county_out: what a data folder holds, opened, as CSV files for another database.
 *
 *   county_out DIR DAY TO      TO/household.csv … TO/contract.csv: the register's records;
 *                              TO/l_LAYOUT.csv: the rows of the ledgers in force on DAY;
 *                              TO/ledger.csv: which ledgers these are
 *
 * A row of a ledger has the ledger's number, and a column's value as it is kept: normalised,
 * codes by their id, areas by their code, what could not be read empty.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "area/area.h"
#include "io/csv_write.h"
#include "journal/journal.h"
#include "ledger/ledger.h"
#include "ledger/project.h"
#include "ledger/row_match.h"
#include "registry/registry.h"

#include "base/banned.h"

static const struct record_desc *const tables[] = {
	&household_desc, &household_state_desc, &household_year_desc, &person_desc,
	&membership_desc, &person_year_desc, &income_desc, &duty_desc,
	&measure_desc, &visit_desc, &contract_desc,
	&ledger_desc, &ledger_chunk_desc, &area_desc,
};
enum { REGISTER = 11, TABLES = sizeof(tables) / sizeof(*tables) };

struct out {
	struct db *db;
	struct keys *keys;
	struct journal *j;
	struct pack *pack;
	struct area_list areas;
	struct arena a;
	const char *to;
	struct diag diag;
};

static void must(enum err e, const struct diag *diag)
{
	if (!e)
		return;
	fprintf(stderr, "county_out: %s %s %s\n", err_name(e), diag->place, diag->detail);
	exit(3);
}

static FILE *file(struct out *o, const char *prefix, const char *name, struct csv_out *csv)
{
	FILE *f = fopen(arena_printf(&o->a, "%s/%s%s.csv", o->to, prefix, name), "wb");
	if (!f) {
		perror(o->to);
		exit(3);
	}
	csv_out_init(csv, f);
	return f;
}

static void done(struct out *o, struct csv_out *csv, FILE *f)
{
	must(csv_out_close(csv, &o->diag), &o->diag);
	if (fclose(f) != 0)
		exit(3);
}

static void put_records(struct out *o, const struct record_desc *d)
{
	struct csv_out csv;
	struct arena a;
	struct buf b;
	char *all = NULL;
	size_t n = 0;
	FILE *f = file(o, "", d->name, &csv);
	arena_init(&a, 0);
	buf_init(&b, 1 << 20);
	csv_out_cell(&csv, STR("no"));
	for (size_t i = 0; i < d->n; i++)
		csv_out_cell(&csv, str_c(d->fields[i].name));
	csv_out_end(&csv);
	must(stmt_records(db_all(o->db, d), d, &a, &all, &n), &o->diag);
	for (size_t k = 0; k < n; k++) {
		const void *rec = all + k * d->size;
		csv_out_int(&csv, ((const struct record *)rec)->no);
		for (size_t i = 0; i < d->n; i++) {
			buf_clear(&b);
			if (d->fields[i].kind != FIELD_BLOB)
				field_print_plain(d, rec, i, &b);
			csv_out_cell(&csv, buf_str(&b));
		}
		csv_out_end(&csv);
	}
	buf_release(&b);
	arena_release(&a);
	done(o, &csv, f);
}

static void put_row(struct out *o, const struct ledger_table *t, const struct ledger_row *row,
                    struct csv_out *csv)
{
	int64_t area = row_area(t, row);
	csv_out_int(csv, t->ledger->no);
	csv_out_cell(csv, area >= 0 ? str_c(o->areas.areas[area].code) : STR(""));
	for (size_t c = 0; c < t->layout->n_columns; c++) {
		const struct ledger_cell *v = ledger_cell_at(row, (int)c);
		bool known = v->state == LEDGER_OK || t->layout->columns[c].kind == PACK_TEXT;
		csv_out_cell(csv, known && !v->lossy ? v->text : STR(""));
	}
	csv_out_end(csv);
}

static void put_layout(struct out *o, const struct pack_layout *layout, const struct ledger *all,
                       size_t n, const bool *in)
{
	struct csv_out csv;
	FILE *f = file(o, "l_", layout->id, &csv);
	csv_out_cell(&csv, STR("ledger_no"));
	csv_out_cell(&csv, STR("area_code"));
	for (size_t c = 0; c < layout->n_columns; c++)
		csv_out_cell(&csv, str_c(layout->columns[c].id));
	csv_out_end(&csv);
	for (size_t i = 0; i < n; i++) {
		struct ledger_table t;
		struct arena a;
		if (!in[i] || strcmp(all[i].layout, layout->id) != 0)
			continue;
		arena_init(&a, 0);
		must(ledger_read(o->j, o->pack, &o->areas, &all[i], &a, &t), &o->diag);
		for (size_t k = 0; k < t.n; k++)
			put_row(o, &t, &t.rows[k], &csv);
		arena_release(&a);
	}
	done(o, &csv, f);
}

static void put_ledgers(struct out *o, date_t day)
{
	struct csv_out csv;
	struct ledger *all = NULL;
	size_t n = 0;
	must(ledger_all(o->db, &o->a, &all, &n), &o->diag);
	bool *in = ARENA_ARRAY(&o->a, n + 1, bool);
	ledger_in_force(all, n, day, in);
	FILE *f = file(o, "", "ledger", &csv);
	csv_out_cell(&csv, STR("no"));
	csv_out_cell(&csv, STR("layout"));
	csv_out_cell(&csv, STR("partial"));
	csv_out_cell(&csv, STR("covers"));
	csv_out_end(&csv);
	for (size_t i = 0; i < n; i++) {
		if (!in[i])
			continue;
		csv_out_int(&csv, all[i].no);
		csv_out_cell(&csv, str_c(all[i].layout));
		csv_out_int(&csv, all[i].partial);
		csv_out_cell(&csv, str_c(all[i].covers));
		csv_out_end(&csv);
	}
	done(o, &csv, f);
	for (size_t i = 0; i < o->pack->n_layouts; i++) {
		const struct pack_layout *l = &o->pack->layouts[i];
		if (!project_concerns(l->id) || ledger_is_population(l->id))
			put_layout(o, l, all, n, in);
	}
}

int main(int argc, char **argv)
{
	struct out o = {0};
	struct db_opts opts = {.mode = DB_READ, .tables = tables, .n_tables = TABLES};
	if (argc != 4) {
		fputs("county_out DIR DAY TO\n", stderr);
		return 2;
	}
	o.to = argv[3];
	arena_init(&o.a, 0);
	must(db_open(argv[1], &opts, &o.diag, &o.db), &o.diag);
	must(keys_open(argv[1], NULL, &o.diag, &o.keys), &o.diag);
	must(journal_open(o.db, o.keys, &o.j), &o.diag);
	must(pack_open("cn-2018", &o.diag, &o.pack), &o.diag);
	must(area_load(o.db, &o.a, &o.areas), &o.diag);
	for (size_t i = 0; i < REGISTER; i++)
		put_records(&o, tables[i]);
	put_ledgers(&o, date_parse(str_c(argv[2])));
	journal_close(o.j);
	keys_close(o.keys);
	pack_close(o.pack);
	db_close(o.db);
	arena_release(&o.a);
	return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "synth/synth.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/csv_write.h"
#include "synth/out.h"

#include "base/banned.h"

enum {
	TOWN_HOUSEHOLDS = 12000,
	COUNTY_HOUSEHOLDS = 400000,
	COUNTY_CODE = 6, /* digits */
};

const struct layout *const synth_layouts[] = {
	&layout_balihe, &layout_system, &layout_paper, &layout_villages,
	&layout_names,  &layout_codes,  &layout_export, &layout_county,
	&layout_mixed,  NULL,
};
enum { LAYOUTS = sizeof(synth_layouts) / sizeof(synth_layouts[0]) - 1 };

const char *synth_layout_name(size_t i)
{
	return i < LAYOUTS ? synth_layouts[i]->name : NULL;
}

struct text synth_layout_title(size_t i)
{
	return i < LAYOUTS ? synth_layouts[i]->title : (struct text)TEXT("", "");
}

static const struct layout *find_layout(const char *name)
{
	for (size_t i = 0; i < LAYOUTS; i++)
		if (strcmp(synth_layouts[i]->name, name) == 0)
			return synth_layouts[i];
	return NULL;
}

/* --- lists beside the ledgers ------------------------------------------------------ */

static int by_kind(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;
	int c = strcmp(x->kind, y->kind);
	if (c == 0)
		c = strcmp(x->household_no, y->household_no);
	return c ? c : strcmp(x->person_id, y->person_id);
}

static enum err write_list(const char *path, struct csv_out *csv, struct diag *diag)
{
	enum err e = csv_out_close(csv, diag);
	if (e == OK)
		e = out_file(path, buf_str(csv->to), SHEET_CSV_UTF8, diag);
	buf_release(csv->to);
	return e;
}

static void cells(struct csv_out *csv, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_out_cell(csv, str_c(texts[i]));
	csv_out_end(csv);
}

static enum err write_answers(struct town *t, const char *folder, struct diag *diag)
{
	struct buf b;
	struct csv_out csv;
	buf_init(&b, 64 << 20);
	csv_out_init_buf(&csv, &b);
	if (t->answers.n)
		qsort(t->answers.p, t->answers.n, sizeof(*t->answers.p), by_kind);
	cells(&csv, (const char *const[]){"kind", "household_no", "name", "person_id", "fuzzy", "note"},
	      6);
	for (size_t i = 0; i < t->answers.n; i++) {
		const struct answer *a = &t->answers.p[i];
		cells(&csv,
		      (const char *const[]){a->kind, a->household_no, a->name, a->person_id,
		                            a->fuzzy ? "1" : "0", a->note},
		      6);
	}
	return write_list(arena_printf(t->arena, "%s/answers.csv", folder), &csv, diag);
}

static enum err write_oddities(struct town *t, const char *folder, struct diag *diag)
{
	struct buf b;
	struct csv_out csv;
	buf_init(&b, 64 << 20);
	csv_out_init_buf(&csv, &b);
	cells(&csv, (const char *const[]){"kind", "household_no", "person_id", "note"}, 4);
	for (size_t i = 0; i < t->oddities.n; i++) {
		const struct oddity *o = &t->oddities.p[i];
		cells(&csv, (const char *const[]){o->kind, o->household_no, o->person_id, o->note}, 4);
	}
	return write_list(arena_printf(t->arena, "%s/oddities.csv", folder), &csv, diag);
}

static enum err write_readme(struct town *t, const struct layout *layout, size_t files,
                             const char *folder, struct diag *diag)
{
	const char *s = arena_printf(
		t->arena,
		"合成数据，人名号码均为虚构（号码前六位 341299 未分配）。%s%s：%zu户%zu人，建档立卡%u户；"
		"基准日 2018-01-14，贫困线 %d 元（2017年）；版式 %s（%s）；台账 %zu 个文件；"
		"answers.csv 是埋入的问题，oddities.csv 是看似有误其实无误的情形，均不交给程序。\n",
		t->county, t->name, t->houses.n, t->people.n, t->register_n, SYNTH_LINE, layout->name,
		layout->title.in[LANG_ZH], files);
	return out_file(arena_printf(t->arena, "%s/README.txt", folder), str_c(s), SHEET_CSV_UTF8,
	                diag);
}

/* --- towns --------------------------------------------------------------------------- */

static enum err make_folder(const char *path, struct diag *diag)
{
	if (mkdir(path, 0777) == 0 || errno == EEXIST)
		return OK;
	diag_place(diag, "%s", path);
	return diag_set(diag, ERR_IO, "%s", strerror(errno));
}

static void make_town(struct town *t, uint32_t households)
{
	town_people(t, households);
	town_odd_people(t);
	town_money(t);
	town_offices(t);
	town_duties(t);
	town_plant(t);
	town_odd(t);
}

static void add_totals(const struct town *t, const struct layout *layout, size_t files,
                       struct synth_totals *ret)
{
	ret->towns++;
	ret->villages += t->villages.n;
	ret->households += t->houses.n;
	ret->people += t->people.n;
	ret->on_register += t->register_n;
	ret->files += files;
	ret->planted += t->answers.n;
	ret->oddities += t->oddities.n;
	ret->layout = layout->name;
}

static enum err one_town(const struct synth_opts *opts, const struct area_list *areas,
                         const char *code, uint32_t households, struct diag *diag,
                         struct synth_totals *ret)
{
	struct arena arena;
	struct town t = {.arena = &arena};
	size_t files = 0;
	arena_init(&arena, (size_t)2 << 30);
	enum err e = areas_town(areas, code, &t, diag);
	if (e == OK) {
		t.rng = rng_fork(opts->seed, str_hash(str_c(code)));
		const struct layout *layout = opts->layout ? find_layout(opts->layout) : NULL;
		if (!layout)
			layout = synth_layouts[(opts->seed + (rng_next(&t.rng) & 0xFFFF)) % LAYOUTS];
		if (layout == &layout_mixed)
			layout = layout_mix(&t, synth_layouts, LAYOUTS - 1);
		const char *folder = opts->out;
		if (strlen(opts->code) == COUNTY_CODE)
			folder = arena_printf(&arena, "%s/%s%s", opts->out, t.code, t.name);
		e = make_folder(folder, diag);
		if (e == OK)
			make_town(&t, households);
		if (e == OK)
			e = town_write(&t, layout, folder, diag, &files);
		if (e == OK)
			e = write_answers(&t, folder, diag);
		if (e == OK)
			e = write_oddities(&t, folder, diag);
		if (e == OK)
			e = write_readme(&t, layout, files, folder, diag);
		if (e == OK)
			add_totals(&t, layout, files, ret);
	}
	town_release(&t);
	arena_release(&arena);
	return e;
}

static enum err whole_county(const struct synth_opts *opts, const struct area_list *areas,
                             struct arena *a, struct diag *diag, struct synth_totals *ret)
{
	const char **towns;
	size_t n = areas_children(areas, opts->code, &towns, a), villages = 0;
	enum err e = OK;
	for (size_t i = 0; i < n; i++)
		villages += areas_count(areas, towns[i]);
	if (villages == 0)
		return diag_set(diag, ERR_UNKNOWN_AREA, "%s", opts->code);
	for (size_t i = 0; i < n && e == OK; i++) {
		uint64_t share = areas_count(areas, towns[i]) * (uint64_t)opts->scale *
		                 COUNTY_HOUSEHOLDS / SYNTH_SCALE_ONE / villages;
		if (share)
			e = one_town(opts, areas, towns[i], (uint32_t)share, diag, ret);
	}
	return e;
}

enum err synth_run(const struct synth_opts *opts, struct diag *diag, struct synth_totals *ret)
{
	struct arena arena;
	struct area_list *areas = NULL;
	struct synth_totals totals = {0};
	if (opts->layout && !find_layout(opts->layout))
		return diag_set(diag, ERR_USAGE, "--layout %s", opts->layout);
	if (opts->scale < 1 || opts->scale > SYNTH_SCALE_MAX)
		return diag_set(diag, ERR_USAGE, "--scale");
	arena_init(&arena, (size_t)1 << 30);
	enum err e = areas_load(opts->areas, &arena, diag, &areas);
	if (e == OK)
		e = make_folder(opts->out, diag);
	if (e == OK && strlen(opts->code) == COUNTY_CODE)
		e = whole_county(opts, areas, &arena, diag, &totals);
	else if (e == OK)
		e = one_town(opts, areas, opts->code,
		             (uint32_t)(TOWN_HOUSEHOLDS * opts->scale / SYNTH_SCALE_ONE), diag,
		             &totals);
	if (areas)
		areas_free(areas);
	arena_release(&arena);
	if (e == OK)
		*ret = totals;
	return e;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bit 0 of the first byte: the rest is a configuration in YAML for two small tables, else a table
 * that is linked with itself by what is suggested. */
#include "pairs/pairs.h"

#include <stdlib.h>

#include "fuzz_file.h"

static const char left[] = "id,name,birth,id_no\n1,张三,1980-02-03,341299198002030013\n2,李四,1990-01-01,\n";
static const char right[] = "id,name,birth,no\n7,张山,19800203,341299198002030013\n8,王五,,\n";

static void link_tables(const char *a_path, const char *b_path, const char *config)
{
	struct fuzz_file out = fuzz_file("", 0);
	struct arena arena;
	struct diag d = {0};
	struct pairs_table a = {0}, b = {0};
	struct pairs_config c;
	struct pairs_result r, sifted;
	arena_init(&arena, 0);
	enum err e = pairs_table_read(a_path, NULL, &d, &a);
	if (!e && b_path)
		e = pairs_table_read(b_path, NULL, &d, &b);
	if (!e)
		e = config ? pairs_config_read(config, &arena, &d, &c)
		           : pairs_suggest(&a, b_path ? &b : NULL, &arena, &d, &c);
	if (!e)
		e = pairs_run(&a, b_path ? &b : NULL, &c, out.path, NULL, NULL, NULL, &d, &r);
	if (!e && b_path) /* the same when it is sifted while it is read */
		e = pairs_run_list(&a, b_path, &c, out.path, NULL, NULL, NULL, &d, &sifted);
	if ((e && !d.code) || (!e && b_path && memcmp(&sifted, &r, sizeof(r)) != 0))
		abort();
	pairs_table_release(&a);
	pairs_table_release(&b);
	arena_release(&arena);
	fuzz_file_close(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct fuzz_file given = fuzz_file(data + 1, size - 1);
	if (data[0] & 1) {
		struct fuzz_file a = fuzz_file(left, sizeof(left) - 1), b = fuzz_file(right, sizeof(right) - 1);
		link_tables(a.path, b.path, given.path);
		fuzz_file_close(&a);
		fuzz_file_close(&b);
	} else {
		link_tables(given.path, NULL, NULL);
	}
	fuzz_file_close(&given);
	return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A spec of estimates in JSON, answered on a small table whatever data it names. */
#include "estimate/run.h"

#include <stdlib.h>

#include "fuzz_file.h"

static const char table[] =
	"id,g,h,c,w,y,z,n,rw1,rw2,rw3\n"
	"1,a,1,1,2,10,0,9,2,0,3\n2,b,1,1,2,12.5,1,9,2,0,3\n3,a,1,2,1,,0,9,0,2,1\n"
	"4,b,2,3,1,7,1,8,1,1,1\n5,,2,4,3,9,0,8,3,3,3\n6,a,2,4,0,1e3,1,8,1,0,1\n";

static void answer_all(const struct setup *s, struct arena *a)
{
	struct buf out;
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < s->spec->n_queries && i < 16; i++) {
		struct answer x;
		struct diag d = {0};
		enum err e = run_query(s, &s->spec->queries[i], a, &d, &x);
		if (e && !d.code)
			abort();
		if (e)
			continue;
		answer_json(&x, true, &out);
		answer_table(&x, LANG_ZH, true, &out);
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_file json = fuzz_file(data, size), csv = fuzz_file(table, sizeof(table) - 1);
	struct arena a;
	struct diag d = {0};
	struct spec spec = {0};
	struct setup s;
	arena_init(&a, 0);
	if (spec_read(json.path, &a, &d, &spec) == OK) {
		spec.data = csv.path;
		if (setup_make(&spec, &a, &d, &s) == OK)
			answer_all(&s, &a);
		else if (!d.code)
			abort();
	}
	arena_release(&a);
	fuzz_file_close(&json);
	fuzz_file_close(&csv);
	return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A design in YAML, drawn from a small frame. */
#include "draw/draw.h"

#include <stdlib.h>

#include "fuzz_file.h"

static const char frame[] =
	"id,village,status,pop,must,sd\n"
	"1,A,x,3,0,1\n2,A,y,1,1,2\n3,A,x,9,0,1\n4,B,x,3,,1\n5,B,y,0,0,2\n6,B,y,2,0,2\n7,C,x,4,0,1\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_file yaml = fuzz_file(data, size), csv = fuzz_file(frame, sizeof(frame) - 1);
	struct fuzz_file out = fuzz_file("", 0);
	struct arena a;
	struct diag d = {0};
	struct draw_design design;
	struct draw_summary sum;
	arena_init(&a, 0);
	if (draw_design_read(yaml.path, &a, &d, &design) == OK &&
	    draw_sample(csv.path, &design, "00ff", out.path, &a, &d, &sum) == OK &&
	    sum.sample > sum.frame)
		abort();
	arena_release(&a);
	fuzz_file_close(&yaml);
	fuzz_file_close(&csv);
	fuzz_file_close(&out);
	return 0;
}

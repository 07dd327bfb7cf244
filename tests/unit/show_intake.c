/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* show_intake FILE [ROWS [LAYOUT [AREAS.csv [TOWN]]]]: prints what intake makes of a file. */
#include <stdio.h>
#include <stdlib.h>

#include "intake_dump.h"

#include "base/banned.h"

static char lines[64][128];
static const char *names[65];

static void read_areas(const char *path, const char *town)
{
	FILE *f = fopen(path, "r");
	char line[256];
	size_t n = 0;
	while (f && n < 64 && fgets(line, sizeof(line), f)) {
		struct str rest = str_c(line), code, name, parent;
		if (!str_split(&rest, ',', &code) || !str_split(&rest, ',', &name) ||
		    !str_split(&rest, ',', &parent) || !str_is(str_trim(parent), town))
			continue;
		snprintf(lines[n], sizeof(lines[n]), STR_FMT, STR_ARG(name));
		names[n] = lines[n];
		n++;
	}
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	struct pack *pack = NULL;
	struct diag diag = {0};
	if (argc < 2 || pack_open("cn-2018", &diag, &pack) != OK) {
		fprintf(stderr, "%s: %s\n", diag.place, diag.detail);
		return 2;
	}
	struct dump_opts o = {.max_rows = 3, .extra = true};
	if (argc > 2)
		o.max_rows = (size_t)strtoul(argv[2], NULL, 10);
	if (argc > 3 && argv[3][0])
		o.layout = argv[3];
	if (argc > 5)
		read_areas(argv[4], argv[5]);
	o.villages = names;
	struct buf out;
	buf_init(&out, 256 << 20);
	intake_dump(argv[1], pack, &o, &out);
	fwrite(out.p, 1, out.n, stdout);
	buf_release(&out);
	pack_close(pack);
	return 0;
}

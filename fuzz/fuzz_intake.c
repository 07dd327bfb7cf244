/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Any bytes as a table file, read to the end as whatever ledger it seems to be. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/intake.h"

static struct pack *pack;

static void read_rows(struct rows *rows, const char *layout)
{
	static const struct intake_area areas[] = {{STR("东湖村委会"), 0, false}, {STR("西湖社区"), 1, false}};
	struct intake_opts opts = {.pack = pack, .layout = layout, .areas = areas, .n_areas = 2,
	                           .file = "花名册2017年12月.csv", .hidden_sheets = true,
	                           .max_rejects = 50};
	struct diag diag = {0};
	struct intake *in = NULL;
	if (intake_open(rows, &opts, &diag, &in) != OK)
		return;
	for (int pass = 0; pass < 2; pass++) {
		bool more = true;
		for (int n = 0; more && n < 2000; n++) {
			struct intake_row row;
			if (intake_next(in, &diag, &row, &more) != OK)
				break;
		}
		if (intake_rewind(in, &diag) != OK)
			break;
	}
	struct buf out;
	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < intake_table_count(in); i++)
		intake_map_write(in, i, &out);
	buf_release(&out);
	intake_close(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag diag = {0};
	if (!pack && pack_open("cn-2018", &diag, &pack) != OK)
		abort();
	char path[64];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct rows *rows = NULL;
	struct rows_opts ro = {.limits = {.inflated_bytes = 1 << 22}};
	if (rows_open(path, &ro, &diag, &rows) == OK) {
		read_rows(rows, NULL);
		read_rows(rows, size % 3 == 0 ? "roster" : size % 3 == 1 ? "duty" : "income");
	}
	rows_close(rows);
	close(fd);
	return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Stands in for libFuzzer: hands every file named, and every file of every
 * folder named, to the target once.  Any compiler, any sanitizer; an input
 * that once crashed stays a test.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	if (!f || fstat(fileno(f), &st) != 0) {
		perror(path);
		exit(1);
	}
	/* of its exact size, so that a read behind the end is seen */
	size_t n = (size_t)st.st_size;
	uint8_t *data = malloc(n ? n : 1);
	if (!data || fread(data, 1, n, f) != n) {
		perror(path);
		exit(1);
	}
	(void)LLVMFuzzerTestOneInput(data, n);
	free(data);
	fclose(f);
	return 1;
}

static int replay_folder(const char *path)
{
	int n = 0;
	DIR *dir = opendir(path);
	if (!dir) {
		perror(path);
		exit(1);
	}
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		char file[4096];
		if (snprintf(file, sizeof(file), "%s/%s", path, e->d_name) < (int)sizeof(file))
			n += replay_file(file);
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	int n = 0;
	for (int i = 1; i < argc; i++) {
		struct stat st;
		bool folder = stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode);
		n += folder ? replay_folder(argv[i]) : replay_file(argv[i]);
	}
	/* as a unit test program counts, for tools/count-tests */
	printf("[  PASSED  ] %d test(s).\n", n);
	return n > 0 ? 0 : 1;
}

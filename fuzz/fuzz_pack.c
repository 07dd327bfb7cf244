/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Packs from hostile YAML.  The first byte says which of the six files the
 * rest is; the others are small and right.
 */
#include <stddef.h>
#include <stdint.h>

#include "pack/pack_load.h"

static const char *const good[PACK_FILES] = {
	"id: t\nversion: \"1\"\ncountry: CN\ntitle: T\n",
	"params:\n  - {id: n, kind: int, value: 3, title: T}\n",
	"lists:\n  - id: c\n    title: C\n    items:\n      - {id: a, zh: 甲, en: A}\n",
	"columns:\n  - {id: n, kind: name, role: name, zh: 姓名, en: N}\nlayouts: []\n",
	"rules: []\n",
	"indicators: []\n",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text[PACK_FILES];
	struct pack *pack = NULL;
	struct diag diag = {0};
	if (size == 0)
		return 0;
	for (size_t i = 0; i < PACK_FILES; i++)
		text[i] = str_c(good[i]);
	text[data[0] % PACK_FILES] = (struct str){(const char *)data + 1, size - 1};
	if (pack_load(text, &diag, &pack) != OK)
		return 0;
	for (size_t i = 0; i < pack->n_lists; i++) {
		struct str unknown;
		(void)pack_code_find(&pack->lists[i], text[0], NULL);
		(void)pack_codes_find(&pack->lists[i], text[2], &unknown);
		(void)pack_code_guess(&pack->lists[i], text[3]);
	}
	pack_close(pack);
	return 0;
}

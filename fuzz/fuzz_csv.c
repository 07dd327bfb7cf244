/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "fuzz_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_rows(data, size);
	return 0;
}

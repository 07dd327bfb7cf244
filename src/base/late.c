/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/late.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/banned.h"

static enum err load(const struct late_library *lib, struct diag *diag)
{
	void *h = dlopen(lib->name, RTLD_NOW | RTLD_LOCAL);
	if (!h)
		return diag_set(diag, ERR_IO, "%s", dlerror());
	/* Last first: the first is there when all are. */
	for (size_t i = lib->n; i-- > 0;) {
		void *f = dlsym(h, lib->names[i]);
		if (!f)
			return diag_set(diag, ERR_IO, "%s", dlerror());
		memcpy((char *)lib->calls + i * sizeof(f), &f, sizeof(f));
	}
	return OK;
}

enum err late_load(const struct late_library *lib, struct diag *diag)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	void *first;
	enum err e = OK;
	(void)pthread_mutex_lock(&lock);
	memcpy(&first, lib->calls, sizeof(first));
	if (!first)
		e = load(lib, diag);
	(void)pthread_mutex_unlock(&lock);
	return e;
}

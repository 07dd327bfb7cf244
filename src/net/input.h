/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * input: from path, query and JSON body to the values a route's table asks for.
 * Everything that is wrong is named, not only the first.  Internal to this folder;
 * knows nothing of sockets, so it is tested and fuzzed alone.
 */
#ifndef DAOHU_NET_INPUT_H
#define DAOHU_NET_INPUT_H

#include "net/json_in.h"
#include "net/route.h"

enum { INPUT_FAULTS_MAX = 50, INPUT_ITEMS_MAX = 10000, INPUT_TEXT_MAX = 200 };

struct input_fault {
	const char *field;
	enum err code;
};

struct input_faults {
	struct input_fault items[INPUT_FAULTS_MAX];
	size_t n;
};

struct input_src {
	const struct target *target;
	const struct routed *routed;
	const struct str *params; /* of the path, as router_find gave them */
	struct str body;          /* JSON or empty */
	const struct head_field *form; /* of an upload: the parts that are no files */
	size_t n_form;
};

/* Sets rq->values.  BAD_REQUEST when the body is no JSON object, INVALID when faults were
 * noted.  *ret_json lies in the arena, NULL without a body. */
MUST_USE enum err input_read(struct request *rq, const struct input_src *src,
                             struct input_faults *faults, const struct json_value **ret_json);
void input_fault(struct input_faults *f, const char *field, enum err code);

/* The object of a record's fields onto the record; *ret_set: bits of the members sent. */
MUST_USE enum err input_record(const struct json_value *object, const struct record_desc *d,
                               void *rec, struct arena *a, struct input_faults *faults, uint64_t *ret_set);

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * route: from path and method to the row of the table; internal to this folder.
 *
 * A literal segment wins over "{x}", which may carry an ending: "{layout}.xlsx".
 */
#ifndef DAOHU_NET_ROUTE_H
#define DAOHU_NET_ROUTE_H

#include "net/head.h"

struct router_node;

struct routed {
	const struct route *route;
	size_t index;                /* among all routes, in the order of the tables */
	int8_t input[NET_PATH_PARTS_MAX]; /* of the k-th {}: which input of the route */
	size_t n_inputs;
};

struct router {
	struct routed *routes;
	size_t n;
	struct router_node *root;
	struct arena a;
};

/* INVALID naming the route when the tables contradict themselves. */
MUST_USE enum err router_build(struct router *r, const struct route *const *tables, size_t n,
                               struct diag *diag);
void router_release(struct router *r);

/* OK, NOT_FOUND, METHOD (*ret_allow: bits by enum net_method).  params: the texts of the {}. */
MUST_USE enum err router_find(const struct router *r, const struct target *t, int method,
                              const struct routed **ret, struct str *params, unsigned *ret_allow);

#endif

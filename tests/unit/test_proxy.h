/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * test_proxy: between us and a server, a line that can be cut without anybody being told.  What
 * is sent into it is taken, as by a machine behind which the cable is out.
 */
#ifndef DAOHU_TESTS_TEST_PROXY_H
#define DAOHU_TESTS_TEST_PROXY_H

#include <stdbool.h>
#include <stddef.h>

struct test_proxy;

/* To the server of this URL (host:port before a '/'); *url becomes the way through the proxy. */
struct test_proxy *test_proxy_start(char *url, size_t size);
/* Nothing is forwarded any more; new connections are taken and led nowhere. */
void test_proxy_freeze(struct test_proxy *p);
/* New connections work; those that were frozen stay so. */
void test_proxy_thaw(struct test_proxy *p);
void test_proxy_stop(struct test_proxy *p);

#endif

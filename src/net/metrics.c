/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "net/own.h"

#include "base/banned.h"

static const int64_t bounds_us[METRIC_BUCKETS] = {500,    1000,   2000,   5000,    10000,   20000,
                                                  50000,  100000, 500000, 1000000, 5000000, 30000000};

void net__count(struct net_request *q, int64_t micros)
{
	struct net *n = q->net;
	struct net_counter *c = &n->counters[q->routed ? q->routed->index : n->router.n];
	int status = q->status / 100 - 1;
	size_t b = 0;
	while (b < METRIC_BUCKETS && micros > bounds_us[b])
		b++;
	if (status >= 0 && status < METRIC_STATUS)
		atomic_fetch_add_explicit(&c->status[status], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->bucket[b], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->micros, (uint64_t)micros, memory_order_relaxed);
}

static uint64_t load(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

static void print_histogram(const char *route, const struct net_counter *c, struct buf *out)
{
	uint64_t n = 0;
	for (size_t b = 0; b <= METRIC_BUCKETS; b++)
		n += load(&c->bucket[b]);
	if (!n)
		return;
	n = 0;
	for (size_t b = 0; b < METRIC_BUCKETS; b++) {
		n += load(&c->bucket[b]);
		buf_addf(out, "daohu_request_seconds_bucket{route=\"%s\",le=\"%g\"} %llu\n", route,
		         (double)bounds_us[b] / 1e6, (unsigned long long)n);
	}
	n += load(&c->bucket[METRIC_BUCKETS]);
	buf_addf(out, "daohu_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %llu\n", route,
	         (unsigned long long)n);
	buf_addf(out, "daohu_request_seconds_sum{route=\"%s\"} %.6f\n", route,
	         (double)load(&c->micros) / 1e6);
	buf_addf(out, "daohu_request_seconds_count{route=\"%s\"} %llu\n", route, (unsigned long long)n);
}

void rq_metrics(const struct request *rq, struct buf *out)
{
	const struct net *n = rq_own(rq)->net;
	buf_adds(out, "# HELP daohu_requests_total Requests by route and class of status.\n"
	              "# TYPE daohu_requests_total counter\n");
	for (size_t i = 0; i <= n->router.n; i++)
		for (int s = 0; s < METRIC_STATUS; s++)
			if (load(&n->counters[i].status[s]))
				buf_addf(out, "daohu_requests_total{route=\"%s\",status=\"%dxx\"} %llu\n",
				         i < n->router.n ? n->router.routes[i].route->id : "-", s + 1,
				         (unsigned long long)load(&n->counters[i].status[s]));
	buf_adds(out, "# HELP daohu_request_seconds From the head to the last byte.\n"
	              "# TYPE daohu_request_seconds histogram\n");
	for (size_t i = 0; i <= n->router.n; i++)
		print_histogram(i < n->router.n ? n->router.routes[i].route->id : "-", &n->counters[i], out);
	/* counted here: the library reads its workers' counts without a lock */
	buf_addf(out, "# TYPE daohu_connections gauge\ndaohu_connections %ld\n",
	         atomic_load(&n->connections));
	buf_addf(out, "# TYPE daohu_requests_active gauge\ndaohu_requests_active %ld\n",
	         atomic_load(&n->active));
}

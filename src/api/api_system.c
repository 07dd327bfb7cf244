/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* api_system: is it alive, how does it fare; the description of the interface itself. */
#include "api/subjects.h"

#include "api/job.h"
#include "api/snapshot.h"

#include "base/banned.h"

/* Reads the database, so that a server whose disk is gone says so. */
static enum err healthz(struct request *rq)
{
	int64_t last;
	enum err e = journal_last_entry(rq_db(rq), &last);
	if (e)
		return e;
	rq_bytes(rq, "text/plain; charset=utf-8", NULL, STR("ok\n"));
	return OK;
}

static enum err metrics(struct request *rq)
{
	const struct api *api = rq_api(rq);
	int64_t size, log;
	struct buf b;
	enum err e = db_size(rq_db(rq), &size, &log);
	if (e)
		return e;
	buf_init(&b, 4 << 20);
	rq_metrics(rq, &b);
	buf_addf(&b, "# TYPE daohu_writer_queue gauge\ndaohu_writer_queue %zu\n",
	         db_writer_waiting(api->writer));
	buf_addf(&b, "# TYPE daohu_database_bytes gauge\ndaohu_database_bytes %lld\n",
	         (long long)size);
	buf_addf(&b, "# TYPE daohu_wal_bytes gauge\ndaohu_wal_bytes %lld\n",
	         (long long)log);
	buf_addf(&b, "# TYPE daohu_jobs_active gauge\ndaohu_jobs_active %zu\n", jobs_active(api));
	buf_addf(&b, "# TYPE daohu_uptime_seconds counter\ndaohu_uptime_seconds %lld\n",
	         (long long)(instant_now() - api->started_ms) / 1000);
	rq_bytes(rq, "text/plain; version=0.0.4; charset=utf-8", NULL, str_copy(rq->a, buf_str(&b)));
	buf_release(&b);
	return OK;
}

static enum err openapi(struct request *rq)
{
	openapi_json(rq_api(rq)->o.version, &rq->out.b);
	return OK;
}

static enum err get(struct request *rq)
{
	const struct api *api = rq_api(rq);
	struct json_out *o = &rq->out;
	int64_t size, log;
	enum err e = db_size(rq_db(rq), &size, &log);
	if (e)
		return e;
	const struct snapshot *s = snapshot_get(api);
	json_object(o);
	json_c_member(o, "version", api->o.version);
	json_int_member(o, "uptime_s", (instant_now() - api->started_ms) / 1000);
	json_key(o, "db");
	json_object(o);
	json_int_member(o, "size", size);
	json_int_member(o, "wal", log);
	json_int_member(o, "schema", db_schema_version(rq_db(rq)));
	json_end(o);
	json_int_member(o, "jobs", (int64_t)jobs_active(api));
	json_int_member(o, "writer_queue", (int64_t)db_writer_waiting(api->writer));
	json_key(o, "last_check");
	if (s) {
		json_object(o);
		json_instant_member(o, "at", s->at_ms);
		json_date_member(o, "as_of", s->as_of);
		json_int_member(o, "entry", s->entry);
		json_int_member(o, "findings", (int64_t)snapshot_result(s, LANG_ZH)->n);
		json_end(o);
	} else {
		json_null(o);
	}
	json_end(o);
	snapshot_put(s);
	return OK;
}

const struct route api_system_routes[] = {
	{.id = "healthz", .method = NET_GET, .path = "/healthz", .permission = PERM_anybody,
	 .handler = healthz, .answer = "text", .tag = "system", .summary = TEXT("是否正常", "is it alive")},
	{.id = "metrics", .method = NET_GET, .path = "/metrics", .permission = PERM_anybody,
	 .handler = metrics, .answer = "text", .tag = "system",
	 .summary = TEXT("运行指标（Prometheus 文本，不含个人信息）", "figures (Prometheus text, nothing personal)")},
	{.id = "openapi", .method = NET_GET, .path = "/openapi.json", .permission = PERM_anybody,
	 .handler = openapi, .answer = "any", .tag = "system",
	 .summary = TEXT("接口说明（OpenAPI 3.1）", "this interface (OpenAPI 3.1)")},
	{.id = "system_get", .method = NET_GET, .path = API "/system", .permission = PERM_see_system,
	 .handler = get, .answer = "system", .tag = "system", .summary = TEXT("系统状况", "how the system fares")},
	{0},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * answer: what goes back: status, headers, body; errors in their one shape.
 */
#include "net/own.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/banned.h"

#define RETRY_S "5"

enum { PIECE = 64 * 1024, BEAT_MS = 15000 };

/* Scripts and styles from this house only; ECharts and Element Plus set style attributes. */
static const char csp_page[] =
	"default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
	"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
static const char csp_data[] = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/* the browser's own viewer is a page with a style and an object */
static const char csp_pdf[] = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
			      "img-src 'self'; frame-ancestors 'self'";

static void header(struct MHD_Response *r, const char *name, const char *value)
{
	/* fails only for names and values that our own code would have to get wrong */
	(void)MHD_add_response_header(r, name, value);
}

static void safe_headers(struct MHD_Response *r, const char *type, const char *csp)
{
	header(r, "Content-Type", type);
	header(r, "X-Content-Type-Options", "nosniff");
	header(r, "Content-Security-Policy", csp);
	header(r, "Referrer-Policy", "no-referrer");
	header(r, "Cross-Origin-Resource-Policy", "same-origin");
}

static enum MHD_Result queue(struct net_request *q, unsigned status, struct MHD_Response *r, bool close)
{
	if (!r)
		return MHD_NO;
	if (close)
		header(r, "Connection", "close");
	q->status = (int)status;
	q->phase = PHASE_DONE;
	enum MHD_Result ok = MHD_queue_response(q->conn, status, r);
	MHD_destroy_response(r);
	return ok;
}

/* --- errors ---------------------------------------------------------------------------- */

static void write_faults(struct net_request *q, struct json_out *o)
{
	json_key(o, "fields");
	json_array(o);
	for (size_t i = 0; i < q->faults.n; i++) {
		json_object(o);
		json_c_member(o, "field", q->faults.items[i].field);
		json_c_member(o, "code", err_name(q->faults.items[i].code));
		json_c_member(o, "text", err_text(q->faults.items[i].code, q->rq.lang));
		json_end(o);
	}
	json_end(o);
}

static void write_error(struct net_request *q, enum err e, int status)
{
	struct json_out *o = &q->rq.out;
	const struct diag *d = &q->rq.diag;
	json_out_clear(o);
	json_object(o);
	json_key(o, "error");
	json_object(o);
	json_c_member(o, "code", err_name(e));
	json_c_member(o, "text", err_text(e, q->rq.lang));
	/* what failed inside is for the log, not for the one who asks */
	if (d->code == e && status < 500) {
		if (d->place[0])
			json_c_member(o, "place", d->place);
		if (d->detail[0])
			json_c_member(o, "detail", d->detail);
	}
	if (q->faults.n)
		write_faults(q, o);
	json_end(o);
	if (e == ERR_CONFLICT && q->current.b.n) {
		json_key(o, "current");
		json_raw(o, buf_str(&q->current.b));
	}
	json_end(o);
}

static void allow_header(struct net_request *q)
{
	static const char *const names[NET_METHOD_MAX] = {"GET, HEAD", "POST", "PUT", "DELETE"};
	struct buf b;
	buf_init(&b, 100);
	for (int m = 0; m < NET_METHOD_MAX; m++)
		if (q->allow & 1u << m)
			buf_addf(&b, "%s%s", b.n ? ", " : "", names[m]);
	rq_set_header(&q->rq, "Allow", b.p ? b.p : "");
	buf_release(&b);
}

static int error_status(struct net_request *q, enum err e)
{
	int status = err_http_status(e);
	if (e == ERR_METHOD)
		allow_header(q);
	if (status == 503)
		rq_set_header(&q->rq, "Retry-After", RETRY_S);
	if (status >= 500 && q->net->opts.hooks.failed)
		q->net->opts.hooks.failed(&q->rq, e);
	return status;
}

/* --- bodies ----------------------------------------------------------------------------- */

static void disposition(struct net_request *q, struct MHD_Response *r)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *name = q->answer.name;
	struct buf b;
	buf_init(&b, 4096);
	buf_adds(&b, name ? "attachment; filename=\"" : "inline");
	for (const char *p = name; p && *p; p++)
		buf_addc(&b, (unsigned char)*p < 0x20 || (unsigned char)*p > 0x7E || strchr("\"\\%;/", *p)
		                     ? '_' : *p);
	if (name)
		buf_adds(&b, "\"; filename*=UTF-8''");
	for (const char *p = name; p && *p; p++) {
		unsigned char c = (unsigned char)*p;
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		             c == '.' || c == '-' || c == '_';
		if (plain)
			buf_addc(&b, (char)c);
		else
			buf_addf(&b, "%%%c%c", hex[c >> 4], hex[c & 15]);
	}
	header(r, "Content-Disposition", b.p ? b.p : "attachment");
	buf_release(&b);
}

static struct MHD_Response *file_response(struct net_request *q)
{
	struct stat st;
	int fd = open(q->answer.path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (q->answer.remove)
		(void)unlink(q->answer.path);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return NULL;
	}
	struct MHD_Response *r = MHD_create_response_from_fd64((uint64_t)st.st_size, fd);
	if (!r)
		close(fd);
	return r;
}

/* Asks for the next piece; the arena may end it. */
static bool ask_piece(struct net_request *q)
{
	buf_clear(&q->piece);
	q->piece_at = 0;
	if (setjmp(q->full)) {
		q->piece.full = true;
		return false;
	}
	return q->answer.piece(q->answer.arg, &q->piece, &q->rq.diag);
}

static ssize_t give_piece(struct net_request *q, char *to, size_t max)
{
	size_t n = q->piece.n - q->piece_at;
	if (n > max)
		n = max;
	memcpy(to, q->piece.p + q->piece_at, n);
	q->piece_at += n;
	return (ssize_t)n;
}

static ssize_t read_stream(void *cls, uint64_t pos, char *to, size_t max)
{
	struct net_request *q = cls;
	(void)pos;
	while (q->piece_at == q->piece.n) {
		if (q->piece_last)
			return MHD_CONTENT_READER_END_OF_STREAM;
		q->piece_last = !ask_piece(q);
		if (q->piece.full || q->rq.diag.code) { /* cut off, so that nobody takes it for whole */
			if (q->net->opts.hooks.failed)
				q->net->opts.hooks.failed(&q->rq, q->rq.diag.code ? q->rq.diag.code
				                                                  : ERR_TOO_LARGE);
			return MHD_CONTENT_READER_END_WITH_ERROR;
		}
	}
	return give_piece(q, to, max);
}

static ssize_t read_events(void *cls, uint64_t pos, char *to, size_t max)
{
	struct net_request *q = cls;
	(void)pos;
	if (q->piece_at < q->piece.n)
		return give_piece(q, to, max);
	int64_t now = monotonic_ms();
	if (q->piece_last || atomic_load(&q->net->stopping))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (now < q->due_ms) {
		net__event_sleep(q);
		return 0;
	}
	q->due_ms = now + q->answer.every_ms;
	q->piece_last = !ask_piece(q);
	if (q->piece.full)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (!q->piece.n && now >= q->beat_ms)
		buf_adds(&q->piece, ":\n\n"); /* shows whether anybody is still there */
	if (q->piece.n) {
		q->beat_ms = now + BEAT_MS;
		return give_piece(q, to, max);
	}
	if (q->piece_last)
		return MHD_CONTENT_READER_END_OF_STREAM;
	net__event_sleep(q);
	return 0;
}

static struct MHD_Response *body_response(struct net_request *q)
{
	struct answer *w = &q->answer;
	struct str json = buf_str(&q->rq.out.b);
	switch (w->kind) {
	case ANSWER_BYTES:
		return MHD_create_response_from_buffer(w->bytes.n, (void *)(uintptr_t)w->bytes.p,
		                                       MHD_RESPMEM_PERSISTENT);
	case ANSWER_FILE:
		return file_response(q);
	case ANSWER_STREAM:
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, read_stream, q, NULL);
	case ANSWER_EVENTS:
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, read_events, q, NULL);
	case ANSWER_JSON:
		break;
	}
	/* lives until the request is given back, which is after the last byte */
	return MHD_create_response_from_buffer(json.n, (void *)(uintptr_t)json.p, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result net__answer(struct net_request *q, bool close)
{
	enum err e = q->result;
	int status = e ? error_status(q, e) : q->rq.status;
	struct MHD_Response *r = NULL;
	if (!e) {
		r = body_response(q);
		if (!r) {
			e = diag_set(&q->rq.diag, ERR_IO, "%s", q->answer.path ? q->answer.path : "");
			status = error_status(q, e);
		}
	}
	bool json = e || q->answer.kind == ANSWER_JSON;
	if (e) {
		if (q->answer.done)
			q->answer.done(q->answer.arg);
		q->answer.kind = ANSWER_JSON;
		q->answer.done = NULL;
		write_error(q, e, status);
		r = body_response(q);
	}
	if (!r)
		return MHD_NO;
	const char *type = json ? "application/json; charset=utf-8" : q->answer.type;
	bool pdf = strncmp(type, "application/pdf", 15) == 0;
	bool bare = json && !q->rq.out.b.n; /* 204 */
	safe_headers(r, type, pdf ? csp_pdf : csp_data);
	header(r, "Cache-Control", "no-store");
	if (rq_secure(&q->rq))
		header(r, "Strict-Transport-Security", "max-age=31536000");
	if (!json && q->answer.kind != ANSWER_EVENTS)
		disposition(q, r);
	for (size_t i = 0; i < q->answer.n_headers; i++)
		header(r, q->answer.headers[i].name, q->answer.headers[i].value);
	return queue(q, (unsigned)(bare && status == 200 ? 204 : status), r, close);
}

enum MHD_Result net__answer_redirect(struct net_request *q, const char *where)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (!r)
		return MHD_NO;
	safe_headers(r, "text/plain; charset=utf-8", csp_data);
	header(r, "Location", where);
	header(r, "Cache-Control", "no-store");
	return queue(q, 302, r, false);
}

/* --- the web folder ------------------------------------------------------------------------ */

/* What one who does not take gzip gets: unpacked once, into the server's arena. */
static const unsigned char *unpacked(struct net *n, const struct net_asset *as)
{
	unsigned char *ret = arena_alloc(&n->a, as->n + 1);
	z_stream z = {.next_in = (unsigned char *)(uintptr_t)as->gzip, .avail_in = (unsigned)as->gzip_n,
	              .next_out = ret, .avail_out = (unsigned)as->n + 1};
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return NULL;
	bool whole = inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == as->n;
	(void)inflateEnd(&z);
	return whole ? ret : NULL;
}

static struct MHD_Response *asset_response(const struct net_asset *as, const unsigned char *bytes,
                                           size_t n, const char *encoding)
{
	/* the library does not write to a PERSISTENT buffer */
	struct MHD_Response *r =
		MHD_create_response_from_buffer(n, (void *)(uintptr_t)bytes, MHD_RESPMEM_PERSISTENT);
	if (!r)
		return NULL;
	safe_headers(r, as->type, csp_page);
	header(r, "ETag", as->etag);
	header(r, "Vary", "Accept-Encoding");
	header(r, "Cache-Control", as->hashed ? "public, max-age=31536000, immutable" : "no-cache");
	if (encoding)
		header(r, "Content-Encoding", encoding);
	return r;
}

enum err net__assets_begin(struct net *n, struct diag *diag)
{
	map_init(&n->assets);
	n->asset_responses = ARENA_ARRAY(&n->a, n->opts.n_assets, struct net_asset_response);
	for (size_t i = 0; i < n->opts.n_assets; i++) {
		const struct net_asset *as = &n->opts.assets[i];
		struct net_asset_response *r = &n->asset_responses[i];
		const unsigned char *plain = unpacked(n, as);
		r->packed = asset_response(as, as->gzip, as->gzip_n, "gzip");
		r->plain = plain ? asset_response(as, plain, as->n, NULL) : NULL;
		r->same = asset_response(as, NULL, 0, NULL);
		if (!r->packed || !r->plain || !r->same)
			return diag_set(diag, ERR_RESOURCE, "%s", as->path);
		map_set(&n->assets, str_c(as->path), (int64_t)i);
	}
	return OK;
}

void net__assets_end(struct net *n)
{
	for (size_t i = 0; n->asset_responses && i < n->opts.n_assets; i++) {
		struct MHD_Response *all[] = {n->asset_responses[i].packed, n->asset_responses[i].plain,
		                              n->asset_responses[i].same};
		for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
			if (all[k])
				MHD_destroy_response(all[k]);
	}
	map_release(&n->assets);
}

int net__asset_find(const struct net *n, const struct net_request *q)
{
	struct buf path;
	buf_init(&path, 4096);
	for (size_t i = 0; i < q->target.n; i++)
		buf_addf(&path, "/" STR_FMT, STR_ARG(q->target.parts[i]));
	int64_t found = path.n ? map_get(&n->assets, buf_str(&path), -1) : -1;
	if (found < 0) {
		const char *mark = memchr(q->uri.p, '?', q->uri.n);
		size_t end = mark ? (size_t)(mark - q->uri.p) : q->uri.n;
		buf_adds(&path, "/index.html");
		found = map_get(&n->assets, buf_str(&path), -1);
		if (found >= 0 && q->uri.p[end - 1] != '/')
			found = -2; /* pages name their parts relative to the folder */
	}
	buf_release(&path);
	return (int)found;
}

static bool is_word(struct str s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

/* Accept-Encoding names gzip, or anything, and not with a weight of nothing. */
static bool takes_gzip(struct str accept)
{
	struct str one, name;
	bool any = false;
	while (str_split(&accept, ',', &one)) {
		(void)str_split(&one, ';', &name);
		size_t eq = str_find(one, STR("="));
		bool some = eq == SIZE_MAX;
		for (size_t i = some ? one.n : eq; i < one.n; i++)
			some |= one.p[i] >= '1' && one.p[i] <= '9';
		if (is_word(str_trim(name), "gzip"))
			return some;
		any |= some && str_is(str_trim(name), "*");
	}
	return any;
}

enum MHD_Result net__answer_asset(struct net_request *q, size_t asset)
{
	struct str have = rq_header(&q->rq, "If-None-Match");
	const struct net_asset *as = &q->net->opts.assets[asset];
	const struct net_asset_response *r = &q->net->asset_responses[asset];
	bool same = have.n && str_find(have, str_c(as->etag)) != SIZE_MAX;
	q->status = same ? 304 : 200;
	q->phase = PHASE_DONE;
	return MHD_queue_response(q->conn, (unsigned)q->status,
	                          same ? r->same
	                          : takes_gzip(rq_header(&q->rq, "Accept-Encoding")) ? r->packed
	                                                                           : r->plain);
}

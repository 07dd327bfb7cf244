/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * upload: a multipart body as it comes in: files to the temporary folder, fields to text.
 */
#include "net/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/banned.h"

static enum err begin_part(void *arg, struct str name, struct str file)
{
	struct net_request *q = arg;
	if (!file.p) {
		if (q->n_form_fields == HEAD_QUERY_MAX)
			return ERR_TOO_LARGE;
		q->form_name = str_copy(&q->arena, name);
		buf_clear(&q->form_text);
		return OK;
	}
	if (q->rq.n_uploads == UPLOADS_MAX)
		return ERR_TOO_LARGE;
	char *path = arena_printf(&q->arena, "%s/upload-XXXXXX", q->net->opts.temp_dir);
	q->form_fd = mkostemp(path, O_CLOEXEC);
	if (q->form_fd < 0)
		return diag_set(&q->rq.diag, ERR_IO, "%s: %s", path, strerror(errno));
	if (!q->rq.uploads)
		q->rq.uploads = ARENA_ARRAY(&q->arena, UPLOADS_MAX, struct net_upload);
	q->rq.uploads[q->rq.n_uploads++] =
		(struct net_upload){.field = str_dup(&q->arena, name),
	                            .name = multipart_clean_name(file, &q->arena), .path = path};
	return OK;
}

static enum err add_data(void *arg, struct str bytes)
{
	struct net_request *q = arg;
	if (q->form_fd < 0) {
		buf_addstr(&q->form_text, bytes);
		return q->form_text.full ? ERR_TOO_LARGE : OK;
	}
	q->rq.uploads[q->rq.n_uploads - 1].size += (int64_t)bytes.n;
	while (bytes.n) {
		ssize_t n = write(q->form_fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return diag_set(&q->rq.diag, ERR_IO, "%s: %s", q->net->opts.temp_dir,
			                strerror(errno));
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

static enum err end_part(void *arg)
{
	struct net_request *q = arg;
	if (q->form_fd < 0) {
		q->form_fields[q->n_form_fields++] =
			(struct head_field){q->form_name, str_copy(&q->arena, buf_str(&q->form_text))};
		return OK;
	}
	int fd = q->form_fd;
	q->form_fd = -1;
	if (close(fd) != 0)
		return diag_set(&q->rq.diag, ERR_IO, "%s: %s", q->net->opts.temp_dir, strerror(errno));
	/* a browser sends an empty part for a box that was left alone */
	struct net_upload *u = &q->rq.uploads[q->rq.n_uploads - 1];
	if (!u->size && strcmp(u->name, "file") == 0) {
		(void)unlink(u->path);
		q->rq.n_uploads--;
	}
	return OK;
}

enum err net__upload_begin(struct net_request *q, struct str content_type)
{
	struct multipart_hooks hooks = {q, begin_part, add_data, end_part};
	q->form = ARENA_NEW(&q->arena, struct multipart);
	return multipart_init(q->form, content_type, &hooks);
}

void net__upload_end(struct net_request *q)
{
	if (q->form_fd >= 0)
		close(q->form_fd);
	q->form_fd = -1;
	for (size_t i = 0; i < q->rq.n_uploads; i++)
		(void)unlink(q->rq.uploads[i].path);
	q->rq.n_uploads = 0;
}

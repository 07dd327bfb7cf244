/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "report/rejects_book.h"

#include "io/xlsx_write.h"

#include "base/banned.h"

enum { COLUMNS = 6 };

struct rejects_book {
	enum lang lang;
	struct xlsx_out *x;
	int row;
	int body;
};

static const struct {
	struct text title;
	double width;
} columns[COLUMNS] = {
	{TEXT("位置（文件!工作表!单元格）", "place (file!sheet!cell)"), 44},
	{TEXT("列", "column"), 18},
	{TEXT("原值", "value"), 30},
	{TEXT("问题", "what is wrong"), 40},
	{TEXT("建议值", "proposal"), 20},
	{TEXT("是否已按原值导入", "loaded all the same"), 16},
};

enum err rejects_book_open(const char *file, enum lang lang, struct arena *a, struct diag *diag,
                           struct rejects_book **ret)
{
	static const struct text title = TEXT("存疑和未读出的单元格", "Cells in doubt or refused");
	struct rejects_book *b = ARENA_NEW(a, struct rejects_book);
	enum err e = xlsx_out_open(file, &(struct xlsx_out_opts){.streaming = true,
	                                                         .title = title.in[lang]},
	                           diag, &b->x);
	if (e)
		return e;
	b->lang = lang;
	int head = xlsx_style(b->x, &(struct xlsx_style){.font = XLSX_HEI, .bold = true, .border = true,
	                                                 .fill = XLSX_HEADER, .align = XLSX_CENTRE,
	                                                 .wrap = true});
	b->body = xlsx_style(b->x, &(struct xlsx_style){.kind = XLSX_TEXT, .border = true, .wrap = true,
	                                                .top = true});
	xlsx_sheet(b->x, title.in[lang], 0);
	for (int c = 0; c < COLUMNS; c++) {
		xlsx_column(b->x, c, c, columns[c].width, -1, false);
		xlsx_text(b->x, 0, c, head, str_c(columns[c].title.in[lang]));
	}
	xlsx_freeze(b->x, 1, 0);
	xlsx_page(b->x, &(struct xlsx_page){.paper = XLSX_A4, .landscape = true, .repeat_first = 0,
	                                    .repeat_last = 0});
	b->row = 1;
	*ret = b;
	return OK;
}

void rejects_book_add(struct rejects_book *b, const struct import_result *r)
{
	static const struct text yes = TEXT("是", "yes"), no = TEXT("否", "no");
	struct buf place;
	buf_init(&place, 4096);
	for (size_t i = 0; i < r->n_rejects; i++) {
		const struct reject *x = &r->rejects[i];
		buf_clear(&place);
		intake_place(r->in, x->sheet, x->row, x->col, &place);
		const struct str cells[COLUMNS] = {
			buf_str(&place), x->column, x->value, str_c(err_text(x->code, b->lang)), x->proposal,
			str_c((x->doubt ? yes : no).in[b->lang]),
		};
		for (int c = 0; c < COLUMNS; c++)
			xlsx_text(b->x, b->row, c, b->body, cells[c]);
		b->row++;
	}
	buf_release(&place);
}

enum err rejects_book_close(struct rejects_book *b)
{
	return xlsx_out_close(b->x);
}

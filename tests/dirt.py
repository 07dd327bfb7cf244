# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ways in which offices write a ledger down badly, for tests/rewrite-town.

Each kind is a habit of a whole file: what a person reads off it stays the same, and so must
the findings.  Nothing in here is known to the program that reads the files.
"""
import re

KINDS = ["above", "alias", "blanks", "cards", "dashes", "dates", "files", "helpers", "html", "ids", "money",
         "names", "notes", "page", "text", "three", "total_first", "transposed", "units", "wide"]

NAMES = {"姓名", "户主", "户主姓名", "机动车所有人", "权利人", "学生姓名", "帮扶责任人", "走访人"}
MONEY = {"人均纯收入（元）", "人均纯收入", "工资性收入", "生产经营性收入", "生产经营性支出", "财产性收入", "家庭纯收入",
         "资金（元）", "合同金额（元）", "已付金额（元）", "月保障金额（元/人）", "资助金额", "购置价格"}
WIDE = str.maketrans("0123456789.-X", "０１２３４５６７８９．－Ｘ")
HAN = "〇一二三四五六七八九"


def is_id(value):
    return re.fullmatch(r"\d{17}[\dXx]|\d{15}", value) is not None


# ---- cells --------------------------------------------------------------------------------


def dirty_id(rng, v):
    return rng.choice([v + " ", "'" + v, "\t" + v, v.translate(WIDE), v[:6] + " " + v[6:14] + " " + v[14:],
                       v + "\u00a0", '="%s"' % v, v + "\n", "‘" + v, v[:6] + "-" + v[6:14] + "-" + v[14:],
                       "\u202d" + v + "\u202c", "\ufeff" + v, v.lower()])


def dirty_name(rng, v):
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", v):
        return v
    ways = [v + " ", "　" + v, v + "\u00a0", v + "\u200b", v + "\n", v]
    if len(v) == 2:
        ways += [v[0] + "  " + v[1], v[0] + "　" + v[1], v[0] + "\u00a0" + v[1], v[0] + "\u3000\u3000" + v[1]]
    else:
        ways += [" ".join(v)]
    return rng.choice(ways)


def han_number(n):
    if n <= 10:
        return "十" if n == 10 else HAN[n]
    return ("" if n < 20 else HAN[n // 10]) + "十" + (HAN[n % 10] if n % 10 else "")


def serial(y, m, d):
    import datetime
    return (datetime.date(y, m, d) - datetime.date(1899, 12, 30)).days


def dirty_date(how, v):
    m = re.match(r"(\d{4})\D?(\d\d)\D?(\d\d)$", v.strip())
    if not m:
        return v
    y, mo, d = map(int, m.groups())
    return ["%d.%d.%d" % (y, mo, d), "%d年%d月%d日" % (y, mo, d), str(serial(y, mo, d)),
            "%d/%02d/%02d 00:00:00" % (y, mo, d), ("%d.%02d.%02d" % (y, mo, d)).translate(WIDE),
            "".join(HAN[int(c)] for c in str(y)) + "年" + han_number(mo) + "月" + han_number(d) + "日",
            "%d 年 %d 月 %d 日" % (y, mo, d), "%d-%d-%d 0:00" % (y, mo, d), "%d、%d、%d" % (y, mo, d),
            "%d。%d。%d" % (y, mo, d), "'%d-%02d-%02d" % (y, mo, d), "%d%02d%02d.0" % (y, mo, d),
            "公元%d年%d月%d日" % (y, mo, d), "%d年%02d月%02d号" % (y, mo, d)][how]


def dirty_money(rng, v):
    if not re.fullmatch(r"\d+(\.\d+)?", v):
        return v
    n = float(v)
    ways = ["%s元" % v, "￥%s" % v, "¥{:,.2f}".format(n), "{:,.2f}元".format(n), "%s 元" % v, "%s元整" % v,
            v.translate(WIDE), "人民币%s元" % v, " %s" % v, "%s圆" % v, "'" + v, "{:,}".format(n)]
    if n >= 1000 and n * 100 % 1000 == 0:
        ways.append("%s万元" % ("%.6f" % (n / 10000)).rstrip("0").rstrip("."))
    return rng.choice(ways)


def alias(rng, v):
    m = re.fullmatch(r"(.*?)(村民委员会|村村委会|村委会|村|社区居委会|社区居民委员会|社区)", v)
    if not m:
        return v
    stem, end = m.groups()
    if end.startswith("社区"):
        ways = [stem + "社区", "八里河镇" + stem + "社区", stem + "社区居委会", stem + " 社区", "安徽省颍上县八里河镇" + stem + "社区"]
    else:
        ways = [stem + "村", "八里河镇" + stem + "村", "颍上县八里河镇" + stem + "村委会", stem + "村委", stem + "行政村",
                stem + " 村", " " + stem + "村　", "八里河镇 " + stem + "村", stem + "村民委员会", "阜阳市颍上县八里河镇" + stem + "村",
                "八里河镇－" + stem + "村", "安徽省阜阳市颍上县八里河镇" + stem + "村民委员会", stem + "村（居）", stem + "村村民委员会"]
    return rng.choice(ways)


def cell(f, name, value):
    """A cell of the ledger's column `name`, as this file has it."""
    rng, kinds = f.dirt_rng, f.dirt
    if "ids" in kinds and is_id(value) and rng.random() < 0.4:
        return dirty_id(rng, value)
    if "names" in kinds and name in NAMES and rng.random() < 0.4:
        return dirty_name(rng, value)
    if "dates" in kinds and name in f.d.get("date", []):
        return dirty_date(f.dirt_date if rng.random() < 0.7 else rng.randrange(14), value)
    if "money" in kinds and name in MONEY and not f.money_how and rng.random() < 0.5:
        return dirty_money(rng, value)
    if "alias" in kinds and name in (f.d.get("village"), "@"):
        return alias(rng, value)
    if "wide" in kinds and re.fullmatch(r"[\d.]+", value) and not is_id(value):
        return value.translate(WIDE)
    if "dashes" in kinds and value == "" and name not in ("@",):
        return f.dirt_dash if rng.random() < 0.8 else ""
    return value


# ---- columns ------------------------------------------------------------------------------

NOTES = ["", "", "", "已核实", "该户2016年脱贫，2017年回头看", "户主外出务工，电话核实", "身份证号码已更正", "同上户", "2017.10.12入户",
         "长期在外，年底回来", "与邻村同名", "合计3人", "（见附件2）", "已报镇民政办", "共同生活3人", "2,000元已打卡"]


def columns(f, cols):
    """Further columns, that say nothing a rule asks for."""
    rng = f.dirt_rng
    if "notes" in f.dirt:
        for word in rng.sample(["核实备注", "排查意见", "村干部意见", "本次核查情况说明", "镇级复核意见", "包村干部备注"], 2):
            cols.insert(rng.randrange(1, len(cols) + 1), ("!" + word, word))
    if "helpers" in f.dirt:
        for word in rng.sample(["", "辅助列", "VLOOKUP", "匹配结果", "重复项", "列1"], 2):
            cols.insert(rng.randrange(1, len(cols) + 1), ("~" + word, word))
    return cols


def extra(f, name):
    if name[0] == "!":
        return f.dirt_rng.choice(NOTES)
    return f.dirt_rng.choice(["#N/A", "0", "1", "TRUE", "#N/A", ""])


# ---- tables -------------------------------------------------------------------------------


class Grid(list):
    hidden = ()


def shifted(merges, at, n):
    return [(a + n if a >= at else a, b, c + n if c >= at else c, e) for a, b, c, e in merges]


def above(f, grid, merges):
    """Lines above the title's table: 附件, who fills it in, the day it is about."""
    rng = f.dirt_rng
    lines = rng.choice([[["附件3："]], [["附件2-1"], ["（此表由村级填报，镇扶贫办审核）"]], [["颍上县扶贫开发领导小组办公室制"]]])
    grid[0:0] = lines
    merges = shifted(merges, 0, len(lines))
    under = rng.choice([["截止日期：2018年1月9日"], ["填报单位（盖章）：八里河镇人民政府", "", "", "填报时间：2018年1月9日"],
                        ["数据截至2017年12月31日"], ["单位：户、人、元"], ["填报人：张三", "", "联系电话：10012345678", "", "2018年1月9日"]])
    at = len(lines) + 1
    grid.insert(at, under)
    return grid, shifted(merges, at, 1), len(lines) + 1


def unit_of(word, name):
    if name in MONEY:
        return "万元" if "万元" in word else "元"
    if "人口" in name or "人数" in name:
        return "人"
    return {"务工时间（月）": "月", "务工月数": "月", "面积": "平方米"}.get(name, "")


def units_row(cols, head_depth):
    """Under the header what each column is counted in."""
    row = [unit_of(w, n) for n, w in cols]
    return ["（%s）" % u if u else "" for u in row] if any(row) else None


def three_rows(f, cols, head, merges):
    """The header over three lines: a heading over runs of columns, the unit, the name."""
    if len(head) != 1 or len(cols) < 5:
        return head, merges
    k = max(2, len(cols) // 2)
    top = ["基本情况"] + [""] * (k - 1) + ["有关情况"] + [""] * (len(cols) - k - 1)
    unit = ["%s" % unit_of(w, n) for n, w in cols]
    return [top, unit, head[0]], [(0, 0, 0, k - 1), (0, k, 0, len(cols) - 1)]


def page_breaks(f, grid, merges, title_rows, at, depth):
    """Title, lines below it and header again at the top of each page, a page number below."""
    out, shift, n, page = [], [], 0, 1
    top = [list(r) for r in grid[:at + depth]]
    for i, row in enumerate(grid):
        if i >= at + depth:
            n += 1
            if n > 37 and (f.d["style"] != "roster" or row[0]) and sum(1 for c in row if c) > 3:
                out.append(["第%d页" % page])
                out += [list(r) for r in top]
                n, page = 1, page + 1
        shift.append(len(out))
        out.append(row)
    return out, [(shift[a], b, shift[c], e) for a, b, c, e in merges if shift[c] - shift[a] == c - a]


def blanks(f, grid, merges, first):
    """An empty line here and there, as between households."""
    out, shift = [], []
    for i, row in enumerate(grid):
        start = f.d["style"] != "roster" or row[0]
        if i > first and start and f.dirt_rng.random() < 0.06:
            out.append([])
        shift.append(len(out))
        out.append(row)
    return out, [(shift[a], b, shift[c], e) for a, b, c, e in merges if shift[c] - shift[a] == c - a]


def cards(grid, at, depth):
    """A card a record: label and value in two pairs a line, an empty line between."""
    head, out = grid[at + depth - 1], [list(r) for r in grid[:at]]
    for row in grid[at + depth:]:
        if sum(1 for c in row if c) < 3:
            continue
        pairs = [(h, row[i] if i < len(row) else "") for i, h in enumerate(head) if h]
        for i in range(0, len(pairs), 2):
            out.append([x for p in pairs[i:i + 2] for x in p])
        out.append([])
    return out


def transpose(grid, at, depth):
    """Names of the columns down the first column, a record a column."""
    body = [r for r in grid[at:]]
    width = max(len(r) for r in body)
    body = [r + [""] * (width - len(r)) for r in body]
    return [list(r) for r in grid[:at]] + [list(c) for c in zip(*body)]


# ---- files --------------------------------------------------------------------------------


def write_text(f, path, grid):
    """Texts as programs and people save them: no byte order mark, other separators, other endings."""
    rng = f.dirt_rng
    width = max(len(r) for r in grid)
    how = rng.randrange(7)
    sep = ["\t", "\t", ",", ";", "\t", "|", ","][how]
    encoding = ["utf-16-le", "utf-16-be", "utf-8-sig", "gb18030", "gb18030", "utf-8", "utf-16"][how]
    ending = [".csv", ".csv", ".csv", ".csv", ".xls", ".txt", ".csv"][how]
    lines = ["sep=,"] if how == 2 else []
    for r in grid:
        cells = list(r) + [""] * (width - len(r)) + ([""] if how == 6 else [])
        lines.append(sep.join('"%s"' % c.replace('"', '""') if re.search('[",;|\t\n]', c) else c for c in cells))
    end = "\n" if how in (0, 5) else "\r" if how == 6 else "\r\n"
    path = re.sub(r"\.\w+$", "", path) + ending
    with open(path, "wb") as out:
        out.write((end.join(lines) + end).encode(encoding, "replace"))


def write_html(f, path, book):
    """As reporting systems answer with: spans, entities, fonts, a table for the title."""
    from html import escape
    rng, grid, merges = f.dirt_rng, book[0][1], book[0][2]
    span, inside = {}, set()
    for a, b, c, e in merges:
        span[a, b] = (c - a + 1, e - b + 1)
        inside |= {(r, k) for r in range(a, c + 1) for k in range(b, e + 1)} - {(a, b)}
    rows = []
    for r, row in enumerate(grid):
        cells = []
        for c, v in enumerate(row):
            if (r, c) in inside:
                continue
            down, right = span.get((r, c), (1, 1))
            at = (' rowspan="%d"' % down if down > 1 else "") + (" colspan=%d" % right if right > 1 else "")
            text = escape(v).replace("\n", "<br>") if v else rng.choice(["&nbsp;", ""])
            if rng.random() < 0.1:
                text = "<font face='宋体'>%s</font>" % text
            cells.append("<TD%s style='mso-number-format:\"\\@\"' x:str>%s" % (at, text) + rng.choice(["</TD>", "", "</td>\n"]))
        rows.append("<tr height=19 style='height:14.25pt'>%s%s" % ("".join(cells), rng.choice(["</tr>", "</TR>\r\n"])))
    declared, encoding = rng.choice([("gb2312", "gb18030"), ("utf-8", "utf-8"), (None, "utf-8"), ("GBK", "gb18030")])
    meta = '<meta http-equiv=Content-Type content="text/html; charset=%s">' % declared if declared else ""
    head = ('<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
            "<head>%s<style><!--td {mso-style-parent:style0; color:windowtext;}--></style>"
            "<!--[if gte mso 9]><xml><x:ExcelWorkbook></x:ExcelWorkbook></xml><![endif]--></head><body>" % meta)
    with open(path, "wb") as out:
        out.write((head + "<table><colgroup><col width=72></colgroup><tbody>" + "".join(rows)
                   + "</tbody></table></body></html>").encode(encoding, "xmlcharrefreplace"))

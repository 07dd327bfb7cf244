/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * field: one description of a record, from which everything else is made.
 *
 * A record is a plain C struct described by a `.def` file that holds data only,
 * one line a field:
 *
 *     F(id, kind, member, "sql_name", flags, "list or table" or NULL, "zh", "en")
 *
 * and is included three times by its module: for the members, for the enum
 * of indexes, for the rows of the descriptor.
 *
 *     struct village {
 *         RECORD_HEAD
 *     #define F FIELD_MEMBER
 *     #include "registry/village.def"
 *     #undef F
 *     };
 *     enum village_field {
 *     #define F(...) FIELD_INDEX(VILLAGE_, __VA_ARGS__)
 *     #include "registry/village.def"
 *     #undef F
 *         VILLAGE_FIELD_MAX
 *     };                                     (in the .c, the descriptor:)
 *     static const struct field village_fields[] = {
 *     #define F(...) FIELD_ROW(struct village, __VA_ARGS__)
 *     #include "registry/village.def"
 *     #undef F
 *     };
 *     const struct record_desc village_desc = {
 *         .name = "village", .id = 3, .fields = village_fields, .n = VILLAGE_FIELD_MAX,
 *         .size = sizeof(struct village), .label = TEXT("村", "village"),
 *     };
 *
 * Every table has the columns county, no, version before its fields; they are
 * not in the .def.  county belongs to the database handle, no and version
 * stand in RECORD_HEAD.  A field's id is what the journal writes: unique in
 * its record, 1..999, never used again after the field is dropped.
 *
 * Presence is the bitmap `has` (bit i = i-th field), never a magic value; a
 * clear bit is NULL in the database.  A text, code or blob that is NULL or
 * has no bytes counts as absent whatever its bit says.
 *
 * Kinds and the C types behind them:
 *     TEXT     const char *   UTF-8, ends in NUL, lives in an arena
 *     INT      int64_t
 *     MONEY    fen_t          1/100 yuan
 *     DECIMAL  int64_t        1/100 of what people write: mu, square metres
 *     DATE     date_t         with its precision
 *     BOOL     bool
 *     CODE     const char *   id of an item of the pack's list named in `list`
 *     REF      int64_t        no of a record of the table named in `list`
 *     INSTANT  int64_t        UTC ms
 *     BLOB     struct str     bytes
 *
 * Ownership: the engines never free; text they read goes to the caller's arena.
 */
#ifndef DAOHU_FIELD_FIELD_H
#define DAOHU_FIELD_FIELD_H

#include <stddef.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/money.h"
#include "base/str.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_INT,
	FIELD_MONEY,
	FIELD_DECIMAL,
	FIELD_DATE,
	FIELD_BOOL,
	FIELD_CODE,
	FIELD_REF,
	FIELD_INSTANT,
	FIELD_BLOB,
	FIELD_KIND_MAX
};

#define FIELD_TYPE_TEXT const char *
#define FIELD_TYPE_INT int64_t
#define FIELD_TYPE_MONEY fen_t
#define FIELD_TYPE_DECIMAL int64_t
#define FIELD_TYPE_DATE date_t
#define FIELD_TYPE_BOOL bool
#define FIELD_TYPE_CODE const char *
#define FIELD_TYPE_REF int64_t
#define FIELD_TYPE_INSTANT int64_t
#define FIELD_TYPE_BLOB struct str

/* Privacy class (one of the first four) and what else holds for the field. */
enum field_flag {
	F_PUBLIC = 0,    /* may stand on a notice: village, household number */
	F_OFFICE = 1,    /* for those at work on the household; erased with the person */
	F_SENSITIVE = 2, /* number, phone, account, health; withheld by default; erased */
	F_COMPUTED = 3,  /* class follows from other values (a child's), erased */
	F_CLASS_MASK = 3,
	F_SEALED = 4,    /* stored encrypted under the person's key (TEXT and BLOB only) */
	F_KEY = 8,       /* part of what makes the record known to people; never erased */
	F_REQUIRED = 16, /* record_missing() lists it */
	F_SEARCH = 32,   /* offered in searches */
	F_LOGIN = 128,   /* TEXT that is an account's login: who is shown it is told the name */
	F_BULK = 64      /* large BLOB: the journal keeps a digest, not the old value */
};

/* Stands first in every record struct. */
#define RECORD_HEAD                                                                                \
	uint64_t has;    /* bit i: the i-th field has a value */                                   \
	int64_t no;      /* key in the county; 0 = not stored yet */                               \
	int64_t version; /* 1 at the first insert; set by the journal */

/* A record seen through its head alone. */
struct record {
	RECORD_HEAD
};

#define FIELD_MEMBER(id, kind, member, ...) FIELD_TYPE_##kind member;
#define FIELD_INDEX(...) FIELD_INDEX_(__VA_ARGS__, )
#define FIELD_INDEX_(prefix, id, kind, member, ...) prefix##member,
#define FIELD_ROW(type, id_, kind_, member, sql_, flags_, list_, zh_, en_)                         \
	{.id = (id_),                                                                              \
	 .kind = FIELD_##kind_,                                                                    \
	 .flags = (flags_),                                                                        \
	 .offset = offsetof(type, member),                                                         \
	 .name = (sql_),                                                                           \
	 .list = (list_),                                                                          \
	 .label = TEXT(zh_, en_)},

/* Set, test and drop a member together with its bit:
 *     FIELD_SET(&v, VILLAGE_, name, "长寿村"); */
#define FIELD_BIT(index) (UINT64_C(1) << (index))
#define FIELD_SET(r, prefix, member, value)                                                        \
	((r)->member = (value), (r)->has |= FIELD_BIT(prefix##member))
#define FIELD_HAS(r, prefix, member) (((r)->has & FIELD_BIT(prefix##member)) != 0)
#define FIELD_DROP(r, prefix, member) ((r)->has &= ~FIELD_BIT(prefix##member))

enum { RECORD_FIELDS_MAX = 64, FIELD_ID_MAX = 999 };

struct field {
	uint16_t id;           /* in the journal; never used again */
	enum field_kind kind;
	unsigned flags;        /* enum field_flag */
	size_t offset;         /* of the member */
	const char *name;      /* column, JSON member, word in rules */
	const char *list;      /* CODE: code list; REF: table; else NULL */
	struct text label;     /* the form's label, the report's column */
};

enum { OWNER_NONE = 0, OWNER_SELF = 0xFFFF };

struct record_desc {
	const char *name;           /* table */
	uint16_t id;                /* in the journal; 16..65535, never used again */
	const struct field *fields;
	size_t n;                   /* <= RECORD_FIELDS_MAX */
	size_t size;                /* of the struct */
	struct text label;
	/* Whose record it is: id of the REF field that holds the person's no, or
	 * OWNER_SELF when the record is the person, or OWNER_NONE.  Sealed fields
	 * and salts use that person's key; without a person the house's. */
	uint16_t owner;
	uint16_t naming;            /* id of the field people call it by; 0 = its no */
	bool span;                  /* has valid_from valid_to recorded_from recorded_to */
};

/* --- the descriptor itself ------------------------------------------------ */

/* Self-test: ids and names unique and in range, kinds and lists agree, flags
 * allowed, members inside the struct, the owner a REF.  INTERNAL when not. */
MUST_USE enum err record_check(const struct record_desc *d, struct diag *diag);
const char *field_kind_name(enum field_kind k); /* "money" */
/* Index by column name or by journal id; -1 when there is none. */
int record_find(const struct record_desc *d, struct str name);
int record_find_id(const struct record_desc *d, uint16_t id);
/* The person's no whose record it is; 0 when it is nobody's. */
int64_t record_owner(const struct record_desc *d, const void *rec);

/* --- one value ------------------------------------------------------------ */

/* Is there a value? (bit set, and text not empty) */
bool field_has(const struct record_desc *d, const void *rec, size_t i);
/*
 * Reads a value as people write it and sets member and bit; an empty text
 * clears the bit.  BLOB is read as base64, INSTANT as printed by field_print,
 * CODE is taken as it is (the pack knows its list).  CELL_NUMBER, CELL_DATE,
 * CELL_MONEY, CELL_BOOL or INVALID and an unchanged record when it is none.
 */
MUST_USE enum err field_parse(const struct record_desc *d, void *rec, size_t i, struct str text,
			      struct arena *a);
/* For people: money 1234.50, decimals 3.5, dates with their precision, bool by language. */
void field_print(const struct record_desc *d, const void *rec, size_t i, enum lang lang,
		 struct buf *out);
/* For machines: what the canonical JSON holds, without quotes (integers as
 * decimal digits, dates as ISO text, bool 0 or 1, blobs base64).  Nothing when absent. */
void field_print_plain(const struct record_desc *d, const void *rec, size_t i, struct buf *out);
/* The inverse of field_print_plain; INVALID when it is not such a text. */
MUST_USE enum err field_parse_plain(const struct record_desc *d, void *rec, size_t i,
				    struct str text, struct arena *a);
bool field_equal(const struct record_desc *d, const void *x, const void *y, size_t i);
/* The same for values that are equal; within this process only. */
uint64_t field_hash(const struct record_desc *d, const void *rec, size_t i);

/* Value and presence of field i, shallow: texts stay where they are. */
void field_copy(const struct record_desc *d, void *to, const void *from, size_t i);

/* --- whole records -------------------------------------------------------- */

/* Bit i set where field i differs (presence or value). */
uint64_t record_diff(const struct record_desc *d, const void *x, const void *y);
/* Deep copy: text and bytes are copied to the arena. */
void record_copy(const struct record_desc *d, void *to, const void *from, struct arena *a);
/* Fields that are required and absent. */
uint64_t record_missing(const struct record_desc *d, const void *rec);
/*
 * RFC 8785 JSON with strings only: {"name":"value",…} of the fields present,
 * members sorted.  Withholds the classes above `max_class` and sealed fields
 * unless `sealed`.
 */
void record_json(const struct record_desc *d, const void *rec, unsigned max_class, bool sealed,
		 struct buf *out);
/* A JSON string with its quotes, escaped as RFC 8785 §3.2.2.2 does. */
void json_string(struct str s, struct buf *out);

/* Base64 (RFC 4648 §4, padded) in and out; decode refuses anything else. */
void base64_encode(struct str bytes, struct buf *out);
bool base64_decode(struct str text, struct arena *a, struct str *ret);

/* The data dictionary of records: Markdown tables, or JSON. */
void record_describe_md(const struct record_desc *const *descs, size_t n, enum lang lang,
			struct buf *out);
void record_describe_json(const struct record_desc *const *descs, size_t n, struct buf *out);

#endif

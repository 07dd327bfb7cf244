/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* secret: the keys themselves; internal to this folder. */
#ifndef DAOHU_JOURNAL_SECRET_H
#define DAOHU_JOURNAL_SECRET_H

#include "journal/keys.h"

struct keys {
	unsigned char root[KEY_BYTES];  /* what DIR/keys and the recovery sheet hold */
	unsigned char data[KEY_BYTES];  /* wraps persons' keys, seals blobs */
	unsigned char index[KEY_BYTES];
	unsigned char salt[KEY_BYTES];  /* of commitments to nobody's records */
	unsigned char file[KEY_BYTES];  /* whole files */
	unsigned char sign[KEY_SIGN_BYTES];
	unsigned char public[KEY_PUBLIC_BYTES];
	bool wrapped;
};

#endif

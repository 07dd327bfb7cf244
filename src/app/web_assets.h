/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* web_assets: the pages, embedded by tools/embed_web.py at build time. */
#ifndef DAOHU_APP_WEB_ASSETS_H
#define DAOHU_APP_WEB_ASSETS_H

#include "net/net.h"

extern const struct net_asset web_assets[];
extern const size_t web_assets_n;

#endif

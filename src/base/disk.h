/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* disk: names that survive a power cut. */
#ifndef DAOHU_BASE_DISK_H
#define DAOHU_BASE_DISK_H

#include <stdbool.h>

/* The folder `dir`, or the one `path` lies in, as it is now: on the disk itself.  Some file
 * systems (shared folders of virtual machines, some of FUSE) cannot do that of a folder and say
 * so: there it counts as done, since nobody could do more.  False with errno. */
bool disk_flush_folder(const char *dir);
bool disk_flush_folder_of(const char *path);

#endif

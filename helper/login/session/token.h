/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file with the access token of a session: root's, with an ACL by which the person reads it, in a directory
 * where only root can put a file or take one away. It is replaced whole.
 */
#ifndef HELPER_LOGIN_SESSION_TOKEN_H
#define HELPER_LOGIN_SESSION_TOKEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "record.h"

enum {
	TOKEN_PATH_MAX = 512
};

/* ID is the record's. Writes TOKEN and a line's end to its file, for UID to read. false: it is as it was. */
bool token_write(const char *id, const char *token, uid_t uid);

/* Lets UID read the file; false: it is not there, is not ours, or somebody else's. */
bool token_give(const char *id, uid_t uid);

/* Whether the file is there; who reads it, 0: root alone. */
bool token_reader(const char *id, uid_t *uid);

void token_remove(const char *id);
void token_path(const char *id, char out[TOKEN_PATH_MAX]);

/* Removes the files whose records have no lock in the directory KEPT: a crash has left them. */
void token_sweep(int kept);

#endif

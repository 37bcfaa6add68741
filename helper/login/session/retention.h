/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is kept of a login: a record with its tokens, and a later login of the same person that is
 * spared the phone by them (`trust`).
 *
 * Between authenticate and open_session lies, in sshd, a process: the record is found again by a
 * handle in the PAM environment, which is worth something only to the process that ran the login, its
 * descendants and, for sshd's sake, its parent; open_session takes it out.
 */
#ifndef HELPER_LOGIN_SESSION_RETENTION_H
#define HELPER_LOGIN_SESSION_RETENTION_H

#include "helper/login/attempt.h"

/* Before a login: says whether tokens will be kept. */
void retention_prepare(struct attempt *attempt);

/*
 * Whether kept tokens and a proof of the person in this very attempt stand in for a prompt; the
 * attempt has been admitted then. Asks the provider.
 */
bool retention_trusted(struct attempt *attempt);

/*
 * After a login: keeps what is to be kept of one that was admitted; of any other its helper revokes the
 * tokens. Where they cannot be kept the login is refused: nobody could end such a session.
 */
void retention_settle(struct attempt *attempt);

/* TEXT as a word of a record: plain, without blanks, "-" for nothing. */
void record_plain_word(const char *text, char *out, size_t out_len);

#endif

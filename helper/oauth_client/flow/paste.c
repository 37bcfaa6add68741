/* SPDX-License-Identifier: BSD-2-Clause */
/* The code typed back: see paste.h. Pure; must never take a code of somebody else's login. */
#include "paste.h"

#include <string.h>

#include "helper/oauth_client/oauth/idtoken.h"
#include "helper/oauth_client/oauth/request.h"

bool paste_proof(const unsigned char *random, struct proof *proof)
{
	request_base64url(random, 12, proof->state);
	request_base64url(random + 12, 12, proof->nonce);
	request_base64url(random + 24, 32, proof->verifier);
	return idtoken_challenge(proof->verifier, proof->challenge);
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* Percent-decodes LEN bytes to visible ASCII. false: anything else, or no room. */
static bool decode(const char *text, size_t len, char *out, size_t out_len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int byte = (unsigned char)text[i];

		if (byte == '%' && i + 2 < len) {
			int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);

			byte = high < 0 || low < 0 ? 0 : high * 16 + low;
			i += 2;
		}
		if (byte < 0x21 || byte > 0x7e || n + 1 >= out_len)
			return false;
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return n > 0;
}

/* The parameter NAME of a query, decoded. false: absent, twice, or not decodable. */
static bool parameter(const char *query, size_t len, const char *name, char *out, size_t out_len)
{
	const char *end = query + len;
	size_t name_len = strlen(name);
	int found = 0;

	out[0] = '\0';
	for (const char *at = query; at < end;) {
		const char *next = memchr(at, '&', (size_t)(end - at));
		size_t n = (size_t)((next ? next : end) - at);

		if (n > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
			if (!decode(at + name_len + 1, n - name_len - 1, out, out_len))
				return false;
			found++;
		}
		at += n + 1;
	}
	return found == 1;
}

/* Is there a parameter NAME, whatever its value? */
static bool named(const char *query, size_t len, const char *name)
{
	const char *end = query + len;
	size_t name_len = strlen(name);

	for (const char *at = query; at < end;) {
		const char *next = memchr(at, '&', (size_t)(end - at));
		size_t n = (size_t)((next ? next : end) - at);

		if (n > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=')
			return true;
		at += n + 1;
	}
	return false;
}

/* "https://...?code=...&state=...", with or without the part before the question mark. */
static enum verdict address_read(const char *query, size_t len, const struct paste_expected *wanted,
				 char *code, size_t code_len, enum reason *reason)
{
	char error[64], given[PROOF_SHORT + 16], from[REQUEST_URL_MAX];

	*reason = REASON_DENIED;
	if (parameter(query, len, "error", error, sizeof(error)) &&
	    strcmp(error, "access_denied") == 0)
		return VERDICT_ACCESS_DENIED;
	*reason = REASON_ADDRESS_WITH_ERROR;
	if (named(query, len, "error"))
		return VERDICT_WRONG_CODE;
	*reason = REASON_ADDRESS_OF_ANOTHER_ISSUER;
	if (wanted->issuer[0] != '\0' && named(query, len, "iss") &&
	    (!parameter(query, len, "iss", from, sizeof(from)) ||
	     strcmp(from, wanted->issuer) != 0))
		return VERDICT_WRONG_CODE;
	*reason = REASON_ADDRESS_WITHOUT_CODE;
	if (!parameter(query, len, "code", code, code_len))
		return VERDICT_WRONG_CODE;
	*reason = REASON_STATE_MISMATCH;
	if (wanted->state[0] != '\0' && (!parameter(query, len, "state", given, sizeof(given)) ||
					 strcmp(given, wanted->state) != 0))
		return VERDICT_WRONG_CODE;
	*reason = REASON_OK;
	return VERDICT_GRANTED;
}

enum verdict paste_read(const char *text, const struct paste_expected *wanted, char *code,
			size_t code_len, enum reason *reason)
{
	enum verdict verdict = VERDICT_WRONG_CODE;
	const char *query;
	size_t len;
	bool address;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]))
		len--;
	query = memchr(text, '?', len);
	query = query ? query + 1 : text;
	address = query != text || named(text, len, "code") || named(text, len, "state") ||
		  named(text, len, "error") || memmem(text, len, "://", 3);
	if (address) {
		size_t query_len = (size_t)(text + len - query);
		const char *fragment = memchr(query, '#', query_len);

		if (fragment)
			query_len = (size_t)(fragment - query);
		verdict = address_read(query, query_len, wanted, code, code_len, reason);
	} else {
		*reason = REASON_NO_CODE;
		if (decode(text, len, code, code_len))
			verdict = VERDICT_GRANTED;
	}
	if (verdict != VERDICT_GRANTED)
		explicit_bzero(code, code_len);
	return verdict;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a person types back. API: paste_read.
 *
 * The input: a byte (odd: there is a state), the room for the code, then the answer. Oracle, with
 * libcurl's unescaping: GRANTED means a code of visible ASCII that fits; one that stands in the
 * answer as the value of the only parameter `code`, beside the very state of this login and no
 * `error`; or, where the answer is no address, the answer itself. DENIED means that the answer has
 * access_denied in it. After anything but GRANTED no byte of the answer is left in the code.
 */
#include <curl/curl.h>

#include "fuzz.h"
#include "helper/oauth_client/flow/paste.h"

#define STATE "c3RhdGUtc3RhdGUt"

/* How many parameters NAME the query has; *VALUE the last one's, unescaped, or NULL. */
static int parameter(const char *query, size_t len, const char *name, char **value)
{
	char *text = strndup(query, len), *rest = text, *part;
	int count = 0;

	*value = NULL;
	while ((part = strsep(&rest, "&"))) {
		size_t n = strlen(name);
		int size = 0;
		char *decoded;

		if (strncmp(part, name, n) != 0 || part[n] != '=')
			continue;
		count++;
		decoded = curl_easy_unescape(NULL, part + n + 1, 0, &size);
		free(*value);
		*value = decoded ? strdup(decoded) : NULL;
		curl_free(decoded);
	}
	free(text);
	return count;
}

static void address_check(const char *query, size_t len, bool state, const char *code)
{
	char *value;

	HOLDS(parameter(query, len, "error", &value) == 0);
	free(value);
	HOLDS(parameter(query, len, "code", &value) == 1 && value && strcmp(value, code) == 0);
	free(value);
	if (!state)
		return;
	HOLDS(parameter(query, len, "state", &value) == 1 && value && strcmp(value, STATE) == 0);
	free(value);
}

static void granted_check(const char *text, bool state, const char *code)
{
	const char *mark = strchr(text, '?');
	const char *query = mark ? mark + 1 : text + strspn(text, " \t\r\n");
	size_t len = strcspn(query, "#");
	int size = 0;
	char *decoded;

	if (!mark)
		len = strlen(query);
	while (len > 0 && strchr(" \t\r\n", query[len - 1]))
		len--;
	if (mark || memmem(query, len, "://", 3) || strncmp(query, "code=", 5) == 0 ||
	    memmem(query, len, "&code=", 6)) {
		len = strnlen(query, strcspn(query, "#") < len ? strcspn(query, "#") : len);
		address_check(query, len, state, code);
		return;
	}
	decoded = curl_easy_unescape(NULL, query, (int)len, &size);
	HOLDS(decoded && strcmp(decoded, code) == 0);
	curl_free(decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = fuzz_start(data, size);
	unsigned int choice = fuzz_byte(&f);
	size_t room = fuzz_byte(&f) * 8 + 1;
	const char *text = fuzz_copy(&f, f.at, (size_t)(f.end - f.at));
	char *code = malloc(room);
	enum reason reason = REASON_NONE;
	enum verdict verdict;

	memset(code, 0x5a, room);
	const struct paste_expected wanted = { .state = choice & 1 ? STATE : "",
					       .issuer = choice & 2 ? "https://id.example" : "" };

	verdict = paste_read(text, &wanted, code, room, &reason);
	HOLDS(is_reason(reason_name(reason)));
	if (verdict == VERDICT_GRANTED) {
		HOLDS(strlen(code) > 0 && strlen(code) < room && all_within(code, '!', '~'));
		granted_check(text, choice & 1, code);
	} else {
		HOLDS(verdict == VERDICT_WRONG_CODE || verdict == VERDICT_ACCESS_DENIED);
		HOLDS(verdict != VERDICT_ACCESS_DENIED || strstr(text, "error="));
		for (size_t i = 0; i < room; i++)
			HOLDS(code[i] == '\0');
	}
	free(code);
	fuzz_done(&f);
	return 0;
}

/*
 * settings.c - what a test can change about the provider while it runs: one
 * table with each setting's name, default and what it accepts.
 */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

enum accepts {
	ANY_TEXT,
	ONE_OF,
	NUMBER,
	JSON_OBJECT
};

struct row {
	const char *name;
	const char *fallback; /* NULL: unset */
	enum accepts accepts;
	const char *manual; /* for ONE_OF: the words, divided by | */
};

static const struct row rows[SETTINGS] = {
	[SET_INTERVAL] = { "interval", "5", ANY_TEXT, "raw JSON, or none" },
	[SET_EXPIRES_IN] = { "expires_in", "600", ANY_TEXT, "raw JSON, or none (of a code)" },
	[SET_TOKEN_EXPIRES_IN] = { "token_expires_in", "3600", ANY_TEXT, "raw JSON, or none" },
	[SET_NUMBERS] = { "numbers", "numbers", ONE_OF, "numbers|strings" },
	[SET_SLOW_DOWN] = { "slow_down", "0", NUMBER, "the next N polls get slow_down" },
	[SET_SLOW_DOWN_EACH] = { "slow_down_each", "0", NUMBER,
				 "each code's first N polls get slow_down" },
	[SET_STRICT_INTERVAL] = { "strict_interval", "auto", ONE_OF, "auto|yes|no" },
	[SET_COMPLETE] = { "complete", "yes", ONE_OF, "yes|no" },
	[SET_VERIFICATION_URI] = { "verification_uri", NULL, ANY_TEXT, "text sent as it is" },
	[SET_VERIFICATION_URI_COMPLETE] = { "verification_uri_complete", NULL, ANY_TEXT,
					    "text sent as it is" },
	[SET_URI_NAME] = { "uri_name", "verification_uri", ONE_OF,
			   "verification_uri|verification_url" },
	[SET_USER_CODE] = { "user_code", NULL, ANY_TEXT, "the next code, as it is; used once" },
	[SET_ERROR_STATUS] = { "error_status", "0", NUMBER, "the status of errors; 0: by RFC" },
	[SET_FORM_ERRORS] = { "form_errors", "no", ONE_OF, "yes|no" },
	[SET_RENAME] = { "rename", "", ANY_TEXT, "error:name,error:name" },
	[SET_TOKEN_TYPE] = { "token_type", NULL, ANY_TEXT, "text" },
	[SET_REFRESH] = { "refresh", "auto", ONE_OF, "auto|yes|no" },
	[SET_ROTATE] = { "rotate", "yes", ONE_OF, "yes|no" },
	[SET_ID_TOKEN] = { "id_token", "yes", ONE_OF, "yes|no" },
	[SET_ALG] = { "alg", "RS256", ONE_OF,
		      "RS256|RS384|RS512|PS256|PS384|PS512|ES256|ES384|ES512|EdDSA|Ed25519|HS256|"
		      "none" },
	[SET_SIGNATURE] = { "signature", "good", ONE_OF, "good|wrong_key|flipped|empty" },
	[SET_KID] = { "kid", NULL, ANY_TEXT, "text, or none" },
	[SET_ISS] = { "iss", NULL, ANY_TEXT, "text" },
	[SET_AUD] = { "aud", NULL, ANY_TEXT, "raw JSON, or none" },
	[SET_AZP] = { "azp", NULL, ANY_TEXT, "text, or none" },
	[SET_NONCE] = { "nonce", NULL, ANY_TEXT, "text, or none" },
	[SET_EXP_IN] = { "exp_in", "3600", NUMBER, "seconds from now" },
	[SET_IAT_IN] = { "iat_in", "0", NUMBER, "seconds from now" },
	[SET_ID_HEADER] = { "id_header", NULL, ANY_TEXT, "raw header, signed over" },
	[SET_ID_PAYLOAD] = { "id_payload", NULL, ANY_TEXT, "raw payload, signed over" },
	[SET_ID_TOKEN_RAW] = { "id_token_raw", NULL, ANY_TEXT, "the whole ID token" },
	[SET_CLAIMS] = { "claims", "{}", JSON_OBJECT, "JSON object; null takes a claim away" },
	[SET_ID_CLAIMS] = { "id_claims", "{}", JSON_OBJECT, "JSON object, ID token only" },
	[SET_USERINFO_CLAIMS] = { "userinfo_claims", "{}", JSON_OBJECT,
				  "JSON object, userinfo only" },
	[SET_USERINFO_SIGNED] = { "userinfo_signed", "no", ONE_OF, "yes|no" },
	[SET_SCOPE_CLAIMS] = { "scope_claims", "no", ONE_OF, "yes|no" },
	[SET_DEVICE_MEMBERS] = { "device_members", "{}", JSON_OBJECT,
				 "JSON object; null takes a member away" },
	[SET_TOKEN_MEMBERS] = { "token_members", "{}", JSON_OBJECT, "JSON object" },
	[SET_DISCOVERY_MEMBERS] = { "discovery_members", "{}", JSON_OBJECT, "JSON object" },
	[SET_AUTO] = { "auto", "never", ONE_OF, "approve|deny|never" },
	[SET_AUTO_AFTER] = { "auto_after", "1", NUMBER, "polls of a code" },
	[SET_PERSON] = { "person", "alice", ANY_TEXT, "name, or * for each person in turn" },
	[SET_CLOSE] = { "close", "no", ONE_OF, "yes|no" },
	[SET_REDIRECT_URI] = { "redirect_uri", NULL, ANY_TEXT, "one more registered redirect_uri" },
	[SET_AUTHORIZATION_EXPIRES_IN] = { "authorization_expires_in", "600", NUMBER,
					   "lifetime of an authorization code in seconds" },
	[SET_ALREADY] = { "already", "no", ONE_OF, "yes|no" },
	[SET_REUSE] = { "reuse", "no", ONE_OF, "yes|no" },
	[SET_DEVICE_PKCE] = { "device_pkce", "no", ONE_OF, "yes|no" },
	[SET_SCOPE_NAME] = { "scope_name", "scope", ONE_OF, "scope|scopes" },
	[SET_ERROR_NAME] = { "error_name", "error", ONE_OF, "error|message" },
};

static char *values[SETTINGS]; /* changed by a test */
static char *starts[SETTINGS]; /* changed by the command line */

const char *setting_get(enum setting setting)
{
	if (values[setting])
		return values[setting];
	return starts[setting] ? starts[setting] : rows[setting].fallback;
}

bool setting_is(enum setting setting, const char *value)
{
	const char *now = setting_get(setting);

	return now && !strcmp(now, value);
}

bool setting_yes(enum setting setting)
{
	return setting_is(setting, "yes");
}

long setting_long(enum setting setting)
{
	const char *now = setting_get(setting);

	return now ? strtol(now, NULL, 10) : 0;
}

cJSON *setting_object(enum setting setting)
{
	const char *now = setting_get(setting);

	return now ? cJSON_Parse(now) : NULL;
}

static bool word_listed(const char *words, const char *word)
{
	size_t size = strlen(word);

	while (words) {
		if (size && !strncmp(words, word, size) && (!words[size] || words[size] == '|'))
			return true;
		words = strchr(words, '|');
		words = words ? words + 1 : NULL;
	}
	return false;
}

static bool value_fits(const struct row *row, const char *value)
{
	char *end;
	cJSON *json;
	bool object;

	switch (row->accepts) {
	case ONE_OF:
		return word_listed(row->manual, value);
	case NUMBER:
		strtol(value, &end, 10);
		return *value && !*end;
	case JSON_OBJECT:
		json = cJSON_Parse(value);
		object = cJSON_IsObject(json);
		cJSON_Delete(json);
		return object;
	case ANY_TEXT:
		break;
	}
	return true;
}

static int row_find(const char *name)
{
	int i;

	for (i = 0; i < SETTINGS && strcmp(rows[i].name, name); i++)
		;
	return i;
}

static const char *change(char **kept, const char *name, const char *value, bool apply)
{
	int i = row_find(name);
	bool back = !strcmp(value, "default");

	if (i == SETTINGS)
		return "no such setting";
	if (!back && !value_fits(&rows[i], value))
		return rows[i].manual;
	if (!apply)
		return NULL;
	free(kept[i]);
	kept[i] = back ? NULL : xcopy(value);
	return NULL;
}

const char *setting_change(const char *name, const char *value, bool apply)
{
	return change(values, name, value, apply);
}

const char *setting_start(const char *name, const char *value)
{
	return change(starts, name, value, true);
}

static void texts_free(char **texts)
{
	for (int i = 0; i < SETTINGS; i++) {
		free(texts[i]);
		texts[i] = NULL;
	}
}

void settings_reset(void)
{
	texts_free(values);
}

void settings_free(void)
{
	texts_free(values);
	texts_free(starts);
}

void settings_print(struct buffer *out, bool with_values)
{
	for (enum setting i = 0; i < SETTINGS; i++) {
		const char *now = setting_get(i);

		if (with_values && now)
			buffer_printf(out, "%s=%s\n", rows[i].name, now);
		else if (!with_values)
			buffer_printf(out, "  %-26s %s (default: %s)\n", rows[i].name,
				      rows[i].manual,
				      rows[i].fallback ? rows[i].fallback : "unset");
	}
}

/*
 * settings.h - what a test can change about the provider while it runs
 * (POST /set on the control port). The rows of settings.c are the manual.
 *
 * Under the provider's lock. Texts live until the setting changes.
 */
#ifndef PROVIDER_SETTINGS_H
#define PROVIDER_SETTINGS_H

#include "text.h"

#include <cjson/cJSON.h>

enum setting {
	SET_INTERVAL,
	SET_EXPIRES_IN,
	SET_TOKEN_EXPIRES_IN,
	SET_NUMBERS,
	SET_SLOW_DOWN,
	SET_SLOW_DOWN_EACH,
	SET_STRICT_INTERVAL,
	SET_COMPLETE,
	SET_VERIFICATION_URI,
	SET_VERIFICATION_URI_COMPLETE,
	SET_URI_NAME,
	SET_USER_CODE,
	SET_ERROR_STATUS,
	SET_FORM_ERRORS,
	SET_RENAME,
	SET_TOKEN_TYPE,
	SET_REFRESH,
	SET_ROTATE,
	SET_ID_TOKEN,
	SET_ALG,
	SET_SIGNATURE,
	SET_KID,
	SET_ISS,
	SET_AUD,
	SET_AZP,
	SET_NONCE,
	SET_EXP_IN,
	SET_IAT_IN,
	SET_ID_HEADER,
	SET_ID_PAYLOAD,
	SET_ID_TOKEN_RAW,
	SET_CLAIMS,
	SET_ID_CLAIMS,
	SET_USERINFO_CLAIMS,
	SET_USERINFO_SIGNED,
	SET_SCOPE_CLAIMS,
	SET_DEVICE_MEMBERS,
	SET_TOKEN_MEMBERS,
	SET_DISCOVERY_MEMBERS,
	SET_AUTO,
	SET_AUTO_AFTER,
	SET_PERSON,
	SET_CLOSE,
	SET_REDIRECT_URI,
	SET_AUTHORIZATION_EXPIRES_IN,
	SET_ALREADY,
	SET_REUSE,
	SET_DEVICE_PKCE,
	SET_SCOPE_NAME,
	SET_ERROR_NAME,
	SETTINGS
};

/* The value in force; NULL where the setting is unset and has no default. */
const char *setting_get(enum setting setting);
bool setting_is(enum setting setting, const char *value);
bool setting_yes(enum setting setting);
long setting_long(enum setting setting);
/* A setting that holds a JSON object, as a new cJSON; NULL when unset. The caller deletes it. */
cJSON *setting_object(enum setting setting);

/*
 * Checks one change and, with apply, makes it. The value "default" goes back to
 * what the command line said. Returns NULL, or what would have been accepted.
 */
const char *setting_change(const char *name, const char *value, bool apply);
/* What the command line says: becomes the default. */
const char *setting_start(const char *name, const char *value);
void settings_reset(void);
void settings_print(struct buffer *out, bool with_values);
void settings_free(void);

#endif

/*
 * devicecode.c - the device flow that all dialects share (RFC 8628): making a
 * code, and the provider's verdict on a poll.
 */
#include "devicecode.h"
#include "oauth.h"
#include "provider.h"
#include "settings.h"

#include <stdio.h>
#include <string.h>

#define INTERVAL_ABSENT 5.0 /* RFC 8628 section 3.2 */
#define LIFETIME_ABSENT 600.0

struct code *code_invite(struct request *request, const char *scope, const char *nonce)
{
	struct code *code;

	codes_check_expiry(clock_boot_ms());
	code = code_add(request->client, scope, nonce, setting_get(SET_USER_CODE),
			setting_seconds(SET_INTERVAL, INTERVAL_ABSENT),
			setting_seconds(SET_EXPIRES_IN, LIFETIME_ABSENT));
	setting_change("user_code", "default", true);
	request_made_code(request, code);
	return code;
}

const char *verification_uri(struct request *request, const char *path)
{
	const char *set = setting_get(SET_VERIFICATION_URI);

	return set ? set : pool_printf(&request->pool, "%s%s", provider_issuer(), path);
}

const char *verification_uri_complete(struct request *request, const char *uri,
				      const char *user_code)
{
	const char *set = setting_get(SET_VERIFICATION_URI_COMPLETE);
	struct buffer complete = { 0 };
	char *copy;

	if (set)
		return set;
	buffer_printf(&complete, "%s?user_code=", uri);
	buffer_percent(&complete, user_code);
	copy = pool_copy(&request->pool, complete.data, complete.size);
	buffer_free(&complete);
	return copy;
}

static bool must_slow_down(const struct request *request, unsigned long polls)
{
	long left = setting_long(SET_SLOW_DOWN);
	char text[24];

	if (left > 0) {
		snprintf(text, sizeof(text), "%ld", left - 1);
		setting_change("slow_down", text, true);
		return true;
	}
	if ((long)polls < setting_long(SET_SLOW_DOWN_EACH))
		return true;
	if (setting_is(SET_STRICT_INTERVAL, "auto"))
		return request->early && request->dialect->strict_interval;
	return request->early && setting_yes(SET_STRICT_INTERVAL);
}

/* What a person would do who reacts after so many polls. */
static void person_reacts(struct code *code, unsigned long polls)
{
	struct person *person;

	if (code->state != CODE_PENDING || (long)polls < setting_long(SET_AUTO_AFTER))
		return;
	if (setting_is(SET_AUTO, "deny"))
		code_deny(code);
	if (!setting_is(SET_AUTO, "approve"))
		return;
	person = person_choose(setting_get(SET_PERSON));
	if (person)
		code_approve(code, person);
}

static enum verdict open_code_poll(struct request *request, struct code *code)
{
	unsigned long polls = code->polls++;

	if (must_slow_down(request, polls))
		return VERDICT_SLOW_DOWN;
	person_reacts(code, polls);
	switch (code->state) {
	case CODE_APPROVED:
		code->grant = grant_add(code->client, code->person, code->scope, code->nonce);
		code->state = CODE_REDEEMED;
		stats.redeemed++;
		return VERDICT_GRANTED;
	case CODE_DENIED:
		code->state = CODE_DENIAL_TOLD;
		return VERDICT_ACCESS_DENIED;
	default:
		return VERDICT_AUTHORIZATION_PENDING;
	}
}

enum verdict code_poll(struct request *request, struct code *code)
{
	if (!code || code->client != request->client)
		return VERDICT_UNKNOWN;
	code_check_expiry(code, request->t_in_ms);
	switch (code->state) {
	case CODE_REDEEMED:
		/* Like the certified servers: whoever redeems twice loses the grant. */
		code->grant->dead = true;
		return VERDICT_USED;
	case CODE_DENIED:
		code->polls++;
		code->state = CODE_DENIAL_TOLD;
		return VERDICT_ACCESS_DENIED;
	case CODE_DENIAL_TOLD:
		return VERDICT_DENIED_AGAIN;
	case CODE_EXPIRED:
		return VERDICT_EXPIRED_TOKEN;
	default:
		return open_code_poll(request, code);
	}
}

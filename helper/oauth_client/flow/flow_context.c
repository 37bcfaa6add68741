/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a flow has with it: see flow_context.h. Must never wait or tell once the module has gone,
 * nor send, but to revoke.
 */
#include "flow_context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/oauth_client/oauth/discover.h"
#include "helper/oauth_client/confined/http.h"
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"
#include "said.h"

enum {
	STATES_MAX = 40,  /* of 64 that the module takes */
	NOTES_MAX = 60,	  /* likewise */
	NOTICES_MAX = 48, /* of these: what warns comes at the end */
};

int64_t flow_now(const struct flow *j)
{
	return j->io->now(j->io->context);
}

void flow_alone(struct flow *j)
{
	j->io->alone(j->io->context);
	j->alone = true;
}

void flow_tell(struct flow *j)
{
	if (!j->gone && !j->io->tell(j->io->context, &j->draft))
		j->gone = true;
	wire_wipe(&j->draft);
}

void flow_note(struct flow *j, const char *level, const char *text)
{
	if (j->notes >= (strcmp(level, "warning") == 0 ? NOTES_MAX : NOTICES_MAX))
		return;
	j->notes++;
	wire_begin(&j->draft, "log");
	wire_add(&j->draft, "level", level);
	wire_add(&j->draft, "text", text);
	flow_tell(j);
}

void flow_said(const struct flow *j, char out[SAID_MAX])
{
	const char *secret = wire_value(j->settings, "client_secret");
	const char *proxy = wire_value(j->settings, "proxy_secret");
	const char *const secrets[] = { secret ? secret : "",
					proxy ? proxy : "",
					j->authorization.device_code,
					j->authorization.user_code,
					j->code,
					j->assertion,
					j->proof.state,
					j->proof.nonce,
					j->proof.verifier,
					j->tokens.access,
					j->tokens.refresh,
					j->tokens.id,
					j->fresh.access,
					j->fresh.refresh,
					j->fresh.id,
					NULL };

	if (j->reply.arrived)
		said_compose(&j->reply, secrets, out);
	else
		snprintf(out, SAID_MAX, "%s", reason_name(j->reason));
}

void flow_trouble(struct flow *j, const char *level)
{
	char text[SAID_MAX + 400], host[300], said[SAID_MAX];

	if (!http_origin(j->request.url, host, sizeof(host)))
		strcpy(host, "?");
	flow_said(j, said);
	snprintf(text, sizeof(text), "%s at %s: %s", discover_what(&j->endpoints, j->request.url),
		 host, said);
	flow_note(j, level, text);
}

void flow_turn(struct flow *j, enum verdict state)
{
	j->state = state;
	wire_begin(&j->draft, "progress");
	wire_add(&j->draft, "state", verdict_name(state));
	flow_tell(j);
}

void flow_state(struct flow *j, enum verdict state)
{
	if (state != j->state && j->states_told++ < STATES_MAX)
		flow_turn(j, state);
}

bool flow_wait(struct flow *j, int64_t until)
{
	if (!j->gone && j->io->wait(j->io->context, until) != FLOW_TIME)
		j->gone = true;
	return !j->gone;
}

/* A moment is meant by the clock that named it; where that is not said, ours has to do. */
static void retry_reckon(const struct flow *j, struct reply *reply)
{
	int64_t now;

	if (reply->retry_at < 0)
		return;
	now = reply->date >= 0 ? reply->date : j->io->wall(j->io->context);
	reply->retry_after = reply->retry_at > now ? (long)(reply->retry_at - now) : 0;
}

/* An assertion is good for one request, and so made for each as it leaves. */
static void request_assert(struct flow *j)
{
	const char *audience =
		client_assertion_audience(j->settings, &j->endpoints, j->request.url);

	if (!j->request.assertion_due || j->request.broken)
		return;
	if (j->io->assertion(j->io->context, audience, j->assertion))
		request_assertion(&j->request, j->assertion);
	else
		j->request.broken = true;
}

bool flow_fetch(struct flow *j)
{
	bool going = !j->gone || j->alone;

	request_assert(j);
	if (going)
		going = j->io->fetch(j->io->context, &j->request, j->deadline - flow_now(j),
				     &j->reply);
	request_wipe(&j->request);
	if (!going) {
		j->gone = true;
		return false;
	}
	retry_reckon(j, &j->reply);
	if (j->reply.arrived && j->reply.date >= 0) {
		j->date = j->reply.date;
		j->dated = flow_now(j);
	}
	return true;
}

/* A page with a success may stand in the place of an answer that has used a code up: none is sent again. */
static bool reply_is_transient(const struct flow *j)
{
	const struct reply *reply = &j->reply;

	return !reply->arrived ||
	       (oauth_transient(reply) && !(j->redeeming && reply->status / 100 == 2));
}

/* No provider's, but perhaps something's that stands between, and that may pass. */
static bool reply_is_strange(const struct reply *reply)
{
	if (!reply->arrived)
		return reply->too_long;
	return reply->status == 302 || reply->status == 303 || reply->status == 307;
}

int flow_chance(const struct flow *j)
{
	unsigned char random[2];

	if (!j->io->random(j->io->context, random, sizeof(random)))
		return PACE_CHANCES / 2;
	return random[0] << 8 | random[1];
}

enum verdict flow_ask(struct flow *j, void (*requester)(struct flow *j), int tries)
{
	int64_t until;
	int strange = 0;

	for (int try = 1; !j->gone; try++) {
		requester(j);
		if (j->request.broken) {
			j->reason = REASON_REQUEST_CANNOT_BE_MADE;
			return VERDICT_CLIENT_REFUSED;
		}
		if (!flow_fetch(j))
			break;
		j->lost |= !j->reply.arrived;
		strange = reply_is_strange(&j->reply) ? strange + 1 : 0;
		if (strange == 0 && !reply_is_transient(j))
			return VERDICT_GRANTED;
		j->reason = j->reply.trouble;
		if (j->reply.arrived)
			j->reason = oauth_page(&j->reply) ? REASON_PAGE_IN_BETWEEN
							  : REASON_HTTP_STATUS;
		if (!j->reply.arrived && j->reply.ours)
			return VERDICT_CLIENT_REFUSED;
		flow_trouble(j, "notice");
		until = flow_now(j) + polling_retry(try, j->reply.retry_after, flow_chance(j));
		if (try >= tries || strange >= INVALID_RESPONSES_MAX || until >= j->deadline)
			break;
		flow_wait(j, until);
		if (flow_now(j) >= j->deadline) /* a suspend may have come between */
			break;
	}
	if (strange == 0 || j->gone)
		return VERDICT_UNREACHABLE;
	return j->reply.arrived ? VERDICT_GRANTED
				: VERDICT_INVALID_RESPONSE; /* who reads it refuses it */
}

int64_t flow_number(const struct flow *j, const char *name, int64_t standard, int64_t most)
{
	const char *text = wire_value(j->settings, name);
	long long number = text ? strtoll(text, NULL, 10) : 0;

	return number >= 1 && number <= most ? number : standard;
}

int64_t flow_seconds(const struct flow *j)
{
	return flow_number(j, "seconds", INTERVAL_MAX, EXPIRES_MAX);
}

bool flow_is(const struct flow *j, const char *name, const char *value)
{
	const char *text = wire_value(j->settings, name);

	return text && strcmp(text, value) == 0;
}

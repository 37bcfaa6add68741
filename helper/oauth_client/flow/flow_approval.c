/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the first request to the tokens: a code that is waited for, or one that is typed back. Must
 * never poll before the server's interval has passed since its last reply, nor after a reply that
 * granted.
 */
#include <string.h>

#include "flow_context.h"
#include "paste.h"
#include "helper/oauth_client/oauth/oauth.h"
#include "helper/oauth_client/oauth/request.h"

/*
 * A server that keeps a nonce in the device flow gives it back in the ID token. PKCE (RFC 7636) is asked of
 * it always: some want it, and the others know nothing of it (RFC 6749 3.2).
 */
void flow_compose_authorization(struct flow *j)
{
	j->dialect->authorization_request(j->settings, &j->endpoints, &j->request);
	if (!j->dialect->device_forms || j->proof.verifier[0] == '\0')
		return;
	request_field(&j->request, "nonce", j->proof.nonce);
	if (flow_is(j, "pkce", "no"))
		return;
	request_field(&j->request, "code_challenge", j->proof.challenge);
	request_field(&j->request, "code_challenge_method", "S256");
}

static void compose_token(struct flow *j)
{
	j->dialect->token_request(j->settings, &j->endpoints, &j->authorization, &j->request);
	if (j->dialect->device_forms && !flow_is(j, "pkce", "no"))
		request_field(&j->request, "code_verifier", j->proof.verifier);
}

bool flow_proof(struct flow *j)
{
	unsigned char random[PASTE_RANDOM];
	bool ok = j->io->random(j->io->context, random, sizeof(random)) &&
		  paste_proof(random, &j->proof);

	explicit_bzero(random, sizeof(random));
	return ok;
}

bool flow_device_proof(struct flow *j)
{
	bool nonce = flow_is(j, "nonce", "yes");

	explicit_bzero(&j->proof, sizeof(j->proof));
	if (!nonce && (!j->dialect->device_forms || flow_is(j, "pkce", "no")))
		return true;
	if (!flow_proof(j))
		return false;
	if (!nonce)
		j->proof.nonce[0] = '\0'; /* none is sent, and none has to come back */
	return true;
}

static void tell_authorize(struct flow *j, int64_t seconds)
{
	wire_begin(&j->draft, "authorize");
	wire_add(&j->draft, "flow", j->endpoints.paste ? "authorization_code" : "device_code");
	if (!j->endpoints.paste)
		wire_add(&j->draft, "user_code", j->authorization.user_code);
	wire_add(&j->draft, "verification_uri", j->authorization.uri);
	if (j->authorization.uri_complete[0] != '\0')
		wire_add(&j->draft, "verification_uri_complete", j->authorization.uri_complete);
	wire_add_number(&j->draft, "expires_in", seconds);
	flow_tell(j);
}

static enum verdict authorization(struct flow *j)
{
	int64_t seconds = flow_seconds(j);
	enum verdict verdict = VERDICT_CLIENT_REFUSED;

	j->reason = REASON_NO_RANDOMNESS;
	if (!flow_device_proof(j))
		return VERDICT_INVALID_RESPONSE;
	j->reason = REASON_NO_DEVICE_CODE_FLOW;
	if (j->dialect->authorization_request)
		verdict = flow_ask(j, flow_compose_authorization, START_TRIES);
	if (verdict != VERDICT_GRANTED)
		return verdict;
	verdict = j->dialect->authorization_reply(&j->reply, &j->authorization, &j->reason);
	if (verdict != VERDICT_GRANTED) {
		flow_trouble(j, "notice");
		return verdict;
	}
	if (seconds > j->authorization.expires_in)
		seconds = j->authorization.expires_in;
	j->deadline = flow_now(j) + seconds * SECOND;
	polling_start(&j->polling, j->authorization.interval, flow_now(j));
	j->invalid_responses = 0;
	j->lost = false;
	j->state = VERDICT_COUNT;
	tell_authorize(j, seconds);
	return VERDICT_GRANTED;
}

/* ---- wait, ask for the token ---- */

enum {
	POLL_NOTES_MAX = 10, /* changes of the state until then: a network may flap for long */
};

static void poll_failed(struct flow *j)
{
	/* What never came, or came from something in between, may have been the answer to an approval. */
	j->lost |= j->reply.arrived ? j->reply.status >= 500 || oauth_page(&j->reply)
				    : !j->reply.unsent;
	if (j->state != VERDICT_UNREACHABLE && j->states_told < POLL_NOTES_MAX)
		flow_trouble(j, "notice");
	polling_trouble(&j->polling, flow_now(j), j->reply.retry_after, j->reply.timed_out,
			flow_chance(j));
	flow_state(j, VERDICT_UNREACHABLE);
}

/* One poll has been answered. true: go on polling. */
static bool poll_weigh(struct flow *j, enum verdict verdict)
{
	if (verdict == VERDICT_UNREACHABLE) {
		poll_failed(j);
		return true;
	}
	/* What no provider says may be a proxy's; a 200 of that kind has used the code up. */
	if (verdict == VERDICT_INVALID_RESPONSE && j->reply.status / 100 != 2 &&
	    j->reason == REASON_UNEXPECTED_REPLY &&
	    ++j->invalid_responses < INVALID_RESPONSES_MAX) {
		poll_failed(j);
		return true;
	}
	j->polls_answered++;
	if (verdict != VERDICT_AUTHORIZATION_PENDING && verdict != VERDICT_SLOW_DOWN)
		return false;
	j->invalid_responses = 0;
	polling_pending(&j->polling, flow_now(j), j->reply.retry_after,
			verdict == VERDICT_SLOW_DOWN);
	flow_state(j, verdict);
	return true;
}

/*
 * Nobody approved in time. If no poll at all was answered it is the provider that failed; a
 * person who walked away is never mistaken for that.
 */
static enum verdict too_late(struct flow *j)
{
	if (!flow_wait(j, j->deadline))
		return VERDICT_INVALID_RESPONSE;
	if (j->polls > 0 && j->polls_answered == 0)
		return VERDICT_UNREACHABLE;
	j->reason = REASON_NOBODY_APPROVED;
	return VERDICT_EXPIRED_TOKEN;
}

/* One poll is over. true: go on polling; what comes until the next one delays none. */
static bool poll_over(struct flow *j, enum verdict verdict)
{
	if (!poll_weigh(j, verdict))
		return false;
	if (verdict == VERDICT_AUTHORIZATION_PENDING || verdict == VERDICT_SLOW_DOWN)
		flow_keys_early(j, j->polling.next);
	return true;
}

static enum verdict token_ask(struct flow *j)
{
	enum verdict verdict;

	do {
		if (j->polling.next >= j->deadline)
			return too_late(j);
		if (!flow_wait(j, j->polling.next))
			return VERDICT_INVALID_RESPONSE;
		if (flow_now(j) >= j->deadline) /* a suspend came between */
			return too_late(j);
		j->polls++;
		compose_token(j);
		if (!flow_fetch(j))
			return VERDICT_INVALID_RESPONSE;
		verdict = j->dialect->token_reply(&j->reply, &j->tokens, &j->reason);
	} while (!j->gone && poll_over(j, verdict));
	if (verdict != VERDICT_GRANTED)
		flow_trouble(j, "notice");
	/* A code whose answer was lost is used up; one that was not is refused, and so would be the next. */
	return verdict == VERDICT_CODE_CONSUMED && !j->lost ? VERDICT_NOT_HONOURED : verdict;
}

/* ---- the code typed back ---- */

enum verdict flow_compose_address(struct flow *j)
{
	j->reason = REASON_NO_AUTHORIZATION_CODE_FLOW;
	if (!j->dialect->authorize)
		return VERDICT_CLIENT_REFUSED;
	j->reason = REASON_NO_RANDOMNESS;
	if (!flow_proof(j))
		return VERDICT_INVALID_RESPONSE;
	j->dialect->authorize(j->settings, &j->endpoints, &j->proof, &j->request);
	j->reason = REASON_AUTHORIZATION_ADDRESS_TOO_LONG;
	if (j->request.broken || strlen(j->request.url) >= sizeof(j->authorization.uri))
		return VERDICT_CLIENT_REFUSED;
	return VERDICT_GRANTED;
}

/* The address that the person opens. Nothing is asked of the provider yet. */
static enum verdict authorize(struct flow *j)
{
	enum verdict verdict = flow_compose_address(j);

	if (verdict != VERDICT_GRANTED)
		return verdict;
	strcpy(j->authorization.uri, j->request.url);
	j->authorization.uri_complete[0] = '\0';
	j->deadline = flow_now(j) + flow_seconds(j) * SECOND;
	j->state = VERDICT_COUNT;
	tell_authorize(j, flow_seconds(j));
	return VERDICT_GRANTED;
}

enum {
	KEYS_MS = 5 * SECOND, /* nobody has a code to type back sooner */
};

static void compose_exchange(struct flow *j)
{
	j->dialect->exchange_request(j->settings, &j->endpoints, &j->proof, j->code, &j->request);
}

/* What the provider said to the code, and what that is to us where it is not the same word. */
static void exchange_trouble(struct flow *j, enum verdict verdict)
{
	char said[SAID_MAX];

	flow_said(j, said);
	flow_trouble(j, "notice");
	if (verdict == VERDICT_WRONG_CODE && !strstr(said, reason_name(j->reason)))
		flow_note(j, "notice", reason_name(j->reason));
}

/* What the person typed, for a token. A code with which no request can be made is a wrong one. */
static enum verdict exchange(struct flow *j, const char *typed)
{
	const struct paste_expected wanted = {
		.state = j->dialect->has_state ? j->proof.state : "",
		.issuer = flow_is(j, "dialect", "rfc8628") ? j->endpoints.issuer : "",
	};
	enum verdict verdict = paste_read(typed, &wanted, j->code, sizeof(j->code), &j->reason);

	j->lost = false;
	if (verdict == VERDICT_GRANTED) {
		compose_exchange(j);
		j->reason = REASON_NO_CODE;
		j->redeeming = true;
		verdict = j->request.broken ? VERDICT_WRONG_CODE
					    : flow_ask(j, compose_exchange, START_TRIES);
		j->redeeming = false;
	}
	if (verdict == VERDICT_GRANTED) {
		j->polls_answered++; /* the provider is there: never "unreachable" from here */
		verdict = j->dialect->exchange_reply(&j->reply, &j->tokens, &j->reason);
		if (verdict != VERDICT_GRANTED)
			exchange_trouble(j, verdict);
		if ((verdict == VERDICT_WRONG_CODE && j->lost) ||
		    (verdict == VERDICT_UNREACHABLE && oauth_page(&j->reply)))
			verdict = VERDICT_CODE_CONSUMED; /* the lost one may have used it up */
	} else if (verdict == VERDICT_WRONG_CODE) {
		flow_note(j, "notice", reason_name(j->reason)); /* nobody was asked */
	} else if (verdict == VERDICT_UNREACHABLE && flow_now(j) >= j->deadline) {
		verdict =
			VERDICT_EXPIRED_TOKEN; /* typed too late: that is not the provider's fault */
	}
	explicit_bzero(j->code, sizeof(j->code));
	return verdict;
}

static enum verdict paste(struct flow *j)
{
	enum verdict verdict = authorize(j);

	if (verdict != VERDICT_GRANTED)
		return verdict;
	/* The person opens the address meanwhile. */
	flow_keys_early(j, flow_now(j) + KEYS_MS);
	while (!j->gone) {
		enum flow_event event = j->io->wait(j->io->context, j->deadline);

		j->reason = REASON_NOBODY_APPROVED;
		if (event == FLOW_TIME ||
		    (event == FLOW_ANSWER && flow_now(j) >= j->deadline)) /* or asleep */
			return VERDICT_EXPIRED_TOKEN;
		if (event != FLOW_ANSWER)
			break;
		verdict = exchange(j, j->io->answer(j->io->context));
		if (verdict != VERDICT_WRONG_CODE || --j->tries_left <= 0)
			return verdict;
		flow_turn(j, VERDICT_WRONG_CODE);
	}
	j->gone = true;
	return VERDICT_INVALID_RESPONSE;
}

enum verdict flow_approval(struct flow *j)
{
	enum verdict verdict;

	if (j->endpoints.paste)
		return paste(j);
	verdict = authorization(j);
	return verdict == VERDICT_GRANTED ? token_ask(j) : verdict;
}

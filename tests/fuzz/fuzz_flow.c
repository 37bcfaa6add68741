/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The helper's whole way with replies of the input's making, under a clock and a network that are not
 * there. API: flow_login, struct flow_io, struct request, struct reply, the messages of the channel.
 *
 * The input: a byte that chooses the way (WAYS), a byte of choices, a field for what is typed, then a
 * field for each reply, in the order in which they are asked for: "STATUS CONTENT-TYPE\n" and the body;
 * one without a status has not arrived. Oracle, by cJSON and by hand: `done granted` only if a code was
 * told that a reply had brought (or an address was), behind that a success of the token endpoint had
 * an access token and no error, behind that a success at the identity endpoint, asked for with that
 * very token, had the claims that were told; the token endpoint is never asked again behind a success,
 * and never sooner than a second after the reply before; each message is one that the module takes;
 * after `done` nothing more; in a bounded number of requests.
 */
#include <cjson/cJSON.h>
#include <strings.h>

#include "fuzz.h"
#include "helper/oauth_client/flow/flow.h"

#define ISSUER "https://id.example"

enum {
	START = 1000000,
	REQUESTS_MAX = 2000,
};

static const struct way {
	const char *settings; /* key, value, ... of its own, each behind a newline */
	const char *wanted;   /* the claim */
	bool paste, camel;    /* CAMEL: {status, data: {accessToken}} */
} ways[] = {
	{ "dialect\nrfc8628\nflow\ndevice", "sub", false, false },
	{ "dialect\nrfc8628\nflow\nauthorization_code\nredirect_uri\n" ISSUER "/show", "sub", true,
	  false },
	{ "dialect\ntrakt\nflow\ndevice", "user.ids.uuid", false, false },
	{ "dialect\nmastodon\nflow\nauthorization_code\nredirect_uri\nurn:ietf:wg:oauth:2.0:oob",
	  "id", true, false },
	{ "dialect\ncalcom\nflow\nauthorization_code\nredirect_uri\n" ISSUER "/show", "data.id",
	  true, true },
};

static struct {
	const struct way *way;
	struct fuzz *input;
	unsigned int choices;
	int64_t now, token_reply_at;
	int requests, agains, typed;
	const char *answer;
	bool authorized; /* a code or an address has been told, and is not used up */
	bool witnessed;	 /* a claim has been told */
	bool done, granted;
	cJSON *device;	 /* what the device endpoint said last, if it was a success */
	cJSON *tokens;	 /* likewise; there is an access token in it */
	cJSON *identity; /* likewise, asked for with that token */
	int claims;
} world;

/* ---- replies, read by hand ---- */

static const char *text_at(const cJSON *object, const char *path)
{
	char name[64];

	while (object && *path) {
		size_t len = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		object = cJSON_GetObjectItemCaseSensitive(object, name);
		path += len + (path[len] == '.');
	}
	return object && cJSON_IsString(object) ? object->valuestring : NULL;
}

static const cJSON *item_at(const cJSON *object, const char *path)
{
	char name[64];

	while (object && *path) {
		size_t len = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		object = cJSON_GetObjectItemCaseSensitive(object, name);
		path += len + (path[len] == '.');
	}
	return object;
}

static const char *access_token(void)
{
	return text_at(world.tokens, world.way->camel ? "data.accessToken" : "access_token");
}

static bool url_is(const struct request *request, const char *path)
{
	size_t len = strlen(ISSUER) + strlen(path);

	return strncmp(request->url, ISSUER, strlen(ISSUER)) == 0 && strlen(request->url) == len &&
	       strcmp(request->url + strlen(ISSUER), path) == 0;
}

static void record(cJSON **slot, cJSON *object)
{
	cJSON_Delete(*slot);
	*slot = object;
}

/* A form-encoded body is one that cJSON cannot read: then its fields are made members. */
static cJSON *body_read(const struct reply *reply)
{
	cJSON *object = cJSON_ParseWithLength(reply->body, reply->len);
	char *text, *rest, *field;

	if (object || strncasecmp(reply->content_type, "application/x-www-form-urlencoded", 33))
		return object;
	object = cJSON_CreateObject();
	text = rest = strdup(reply->body);
	while ((field = strsep(&rest, "&"))) {
		char *value = strchr(field, '=');

		if (value)
			*value++ = '\0';
		cJSON_AddStringToObject(object, field, value ? value : "");
	}
	free(text);
	return object;
}

static void reply_note(const struct request *request, const struct reply *reply)
{
	bool success = reply->arrived && reply->status >= 200 && reply->status < 300;
	cJSON *object = success ? body_read(reply) : NULL;

	if (url_is(request, "/device")) {
		record(&world.device, object);
	} else if (url_is(request, "/token") || strncmp(request->url, ISSUER "/token/", 25) == 0) {
		HOLDS(!world.tokens); /* a poll behind a success takes it back */
		world.token_reply_at = world.now;
		record(&world.tokens, object);
		if (!access_token() || item_at(world.tokens, "error"))
			record(&world.tokens, NULL);
	} else if (url_is(request, "/me")) {
		char bearer[TOKEN_MAX + 64];

		HOLDS(world.tokens);
		snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", access_token());
		for (size_t i = 0; i < request->headers; i++)
			if (strcmp(request->header[i], bearer) == 0)
				bearer[0] = '\0';
		HOLDS(bearer[0] == '\0');
		record(&world.identity, object);
	} else {
		HOLDS(url_is(request, "/revoke"));
		cJSON_Delete(object);
	}
}

/* ---- struct flow_io ---- */

static int64_t io_now(void *context)
{
	(void)context;
	return world.now;
}

static int64_t io_wall(void *context)
{
	(void)context;
	return 1700000000 + (world.now - START) / 1000;
}

static enum flow_event io_wait(void *context, int64_t until)
{
	(void)context;
	if (!world.authorized && world.agains > 0) {
		world.agains--;
		return FLOW_AGAIN;
	}
	if (world.way->paste && world.authorized && world.typed-- > 0)
		return FLOW_ANSWER;
	if (world.choices & 8)
		return FLOW_GONE;
	if (until > world.now)
		world.now = until;
	return FLOW_TIME;
}

static const char *io_answer(void *context)
{
	(void)context;
	return world.answer;
}

static bool io_random(void *context, unsigned char *out, size_t len)
{
	(void)context;
	memset(out, 7, len);
	return true;
}

static void reply_make(struct reply *reply)
{
	size_t len, head;
	char *text = fuzz_field(world.input, &len);

	reply->arrived = reply->timed_out = reply->wrong_clock = reply->ours = false;
	reply->trouble = REASON_CONNECT;
	reply->retry_after = reply->retry_at = reply->date = -1;
	reply->too_long = false;
	reply->status = strtol(text, NULL, 10);
	reply->content_type[0] = reply->body[0] = '\0';
	reply->len = 0;
	if (reply->status < 100 || reply->status > 599) {
		reply->timed_out = reply->status == 1;
		reply->wrong_clock = reply->status == 2;
		return;
	}
	reply->arrived = true;
	head = strcspn(text, "\n");
	if (head > 4)
		snprintf(reply->content_type, sizeof(reply->content_type), "%.*s", (int)head - 4,
			 text + 4);
	if (head < len) {
		reply->len = len - head - 1;
		memcpy(reply->body, text + head + 1, reply->len);
		reply->body[reply->len] = '\0';
	}
}

static bool io_fetch(void *context, const struct request *request, int64_t limit,
		     struct reply *reply)
{
	(void)context;
	/* Behind the verdict tokens are revoked, and nothing else is asked. */
	HOLDS((!world.done || strstr(request->url, "revoke") || request->broken) && limit > 0 &&
	      ++world.requests < REQUESTS_MAX);
	if (request->broken) {
		reply->arrived = false;
		reply->ours = true;
		reply->trouble = REASON_REQUEST_BROKEN;
		return true;
	}
	if (!world.way->paste && url_is(request, "/token") && world.token_reply_at > 0)
		HOLDS(world.now - world.token_reply_at >= 1000);
	world.now += 10;
	reply_make(reply);
	if (world.input->kept > FUZZ_KEPT_MAX - 2)
		return false;
	reply_note(request, reply);
	return true;
}

static void io_alone(void *context)
{
	(void)context;
}

/* ---- what is told ---- */

static bool keys_are(const struct wire_message *message, const char *keys)
{
	char said[256] = "";

	for (size_t i = 0; i < message->pairs; i++) {
		HOLDS(strlen(said) + strlen(message->pair[i].key) + 2 < sizeof(said));
		strcat(said, i ? " " : "");
		strcat(said, message->pair[i].key);
	}
	return strcmp(said, keys) == 0;
}

static void authorize_check(const struct wire_message *message)
{
	const char *seconds = wire_value(message, "expires_in");
	const char *code = wire_value(message, "user_code");

	HOLDS(seconds && all_within(seconds, '0', '9') && atol(seconds) >= 1 &&
	      atol(seconds) <= 86400);
	HOLDS(!world.tokens && !world.witnessed);
	if (world.way->paste) {
		HOLDS(keys_are(message, "flow verification_uri expires_in"));
	} else {
		const char *said = text_at(world.device, "user_code");

		HOLDS(code && text_at(world.device, "device_code"));
		HOLDS(said && strcmp(code, said) == 0);
	}
	world.authorized = true;
}

static void claim_check(const struct wire_message *message)
{
	const char *name = wire_value(message, "name"), *type = wire_value(message, "type");
	const char *value = wire_value(message, "value");
	const cJSON *item;

	HOLDS(keys_are(message, "name type value") && name && type && value);
	HOLDS(world.authorized && world.tokens && world.identity);
	world.witnessed = true;
	world.claims++;
	if (strcmp(name, "iss") == 0) {
		HOLDS(strcmp(value, ISSUER) == 0);
		return;
	}
	item = item_at(world.identity, name);
	HOLDS(strcmp(name, world.way->wanted) == 0 && item);
	if (strcmp(type, "string") == 0)
		HOLDS(cJSON_IsString(item) && strcmp(item->valuestring, value) == 0);
	else if (strcmp(type, "number") == 0)
		HOLDS(cJSON_IsNumber(item) && strtod(value, NULL) == item->valuedouble);
	else
		HOLDS(cJSON_IsBool(item) &&
		      strcmp(value, cJSON_IsTrue(item) ? "true" : "false") == 0);
}

static bool io_tell(void *context, const struct wire_draft *draft)
{
	static char bytes[WIRE_BYTES_MAX];
	struct wire_message message;
	const char *state;

	(void)context;
	HOLDS(!draft->broken);
	memcpy(bytes, draft->bytes, draft->len);
	HOLDS(wire_parse(&message, bytes, draft->len));
	HOLDS(!world.done || strcmp(message.verb, "log") == 0);
	if (strcmp(message.verb, "authorize") == 0) {
		authorize_check(&message);
	} else if (strcmp(message.verb, "claim") == 0) {
		claim_check(&message);
	} else if (strcmp(message.verb, "progress") == 0) {
		state = wire_value(&message, "state");
		HOLDS(keys_are(&message, "state") && verdict_parse(state) < VERDICT_GRANTED);
		if (strcmp(state, "expired_token") == 0 || strcmp(state, "code_consumed") == 0)
			world.authorized = false;
	} else if (strcmp(message.verb, "done") == 0) {
		world.done = true;
		HOLDS(keys_are(&message, "verdict reason"));
		HOLDS(reason_find(wire_value(&message, "reason")) != REASON_COUNT);
		HOLDS(verdict_parse(wire_value(&message, "verdict")) < VERDICT_COUNT);
		world.granted = strcmp(wire_value(&message, "verdict"), "granted") == 0;
	} else {
		HOLDS(strcmp(message.verb, "log") == 0 && keys_are(&message, "level text"));
	}
	return true;
}

/* ---- one way ---- */

static void settings_make(char *bytes, struct wire_message *settings)
{
	static const char *const usual[] = { "wire",
					     WIRE_VERSION,
					     "issuer",
					     ISSUER,
					     "client_id",
					     "tv",
					     "client_secret",
					     "hush",
					     "token_endpoint_auth_method",
					     "client_secret_post",
					     "seconds",
					     "300",
					     "max_entries",
					     "3",
					     "device_authorization_endpoint",
					     ISSUER "/device",
					     "authorization_endpoint",
					     ISSUER "/authorize",
					     "token_endpoint",
					     ISSUER "/token",
					     "userinfo_endpoint",
					     ISSUER "/me",
					     "revocation_endpoint",
					     ISSUER "/revoke" };
	static struct wire_draft draft;
	char own[256], *rest = own, *key;

	wire_begin(&draft, "login");
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i += 2)
		wire_add(&draft, usual[i], usual[i + 1]);
	snprintf(own, sizeof(own), "%s", world.way->settings);
	while ((key = strsep(&rest, "\n")))
		wire_add(&draft, key, strsep(&rest, "\n"));
	wire_add(&draft, "claim", world.way->wanted);
	if (world.choices & 1)
		wire_add(&draft, "tokens", "revoke");
	memcpy(bytes, draft.bytes, draft.len);
	HOLDS(!draft.broken && wire_parse(settings, bytes, draft.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char bytes[WIRE_BYTES_MAX];
	static const struct flow_io io = {
		.now = io_now,
		.wall = io_wall,
		.wait = io_wait,
		.answer = io_answer,
		.random = io_random,
		.fetch = io_fetch,
		.tell = io_tell,
		.alone = io_alone,
	};
	struct fuzz f = fuzz_start(data, size);
	struct wire_message settings;

	memset(&world, 0, sizeof(world));
	world.way = &ways[fuzz_byte(&f) % (sizeof(ways) / sizeof(*ways))];
	world.choices = fuzz_byte(&f);
	world.agains = world.choices & 2 ? 2 : 0;
	world.typed = world.choices & 4 ? 1 : 3;
	world.now = START;
	world.input = &f;
	world.answer = fuzz_text(&f);
	settings_make(bytes, &settings);
	flow_login(&settings, &io);
	if (world.granted)
		HOLDS(world.authorized && world.tokens && world.identity && world.claims >= 1);
	cJSON_Delete(world.device);
	cJSON_Delete(world.tokens);
	cJSON_Delete(world.identity);
	fuzz_done(&f);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* See ways.h. */
#include "ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

enum {
	WALL = 1700000000,
	START = 1000000,
};

/* Not to be written once they are made, so that nobody takes them for a copy that was left. */
static struct made {
	char keys[1024];
	char tokens[4096];
	char tokens_nonce[4096];
} * made;

#define RFC8628 \
	"dialect=rfc8628\ntoken_endpoint_auth_method=client_secret_post\nid_token_signed_response_alg=ES256\nclaim=sub\n"
#define DISCOVERY                                                                        \
	{                                                                                \
		.name = "discovery", .url = "/.well-known/openid-configuration",         \
		.needed = "issuer device_authorization_endpoint authorization_endpoint " \
			  "token_endpoint",                                              \
		.body = "{\"issuer\":\"" WAY_ISSUER                                      \
			"\",\"device_authorization_endpoint\":\"" WAY_ISSUER             \
			"/device\",\"authorization_endpoint\":\"" WAY_ISSUER             \
			"/authorize\",\"token_endpoint\":\"" WAY_ISSUER                  \
			"/token\",\"jwks_uri\":\"" WAY_ISSUER                            \
			"/keys\",\"userinfo_endpoint\":\"" WAY_ISSUER                    \
			"/user\",\"revocation_endpoint\":\"" WAY_ISSUER "/revoke\"}"     \
	}
#define KEYS                                                     \
	{                                                        \
		.name = "keys", .url = "/keys", .needed = "keys" \
	}
#define TOKENS                                                                               \
	"{\"access_token\":\"" WAY_ACCESS "\",\"token_type\":\"Bearer\",\"expires_in\":600," \
	"\"refresh_token\":\"" WAY_REFRESH "\",\"scope\":\"openid\"}"
#define REVOKED(name_, url_)                                                          \
	{                                                                             \
		.name = name_, .url = url_, .body = "{\"ok\":true}", .harmless = true \
	}

const struct way ways[] = {
	{ "rfc8628 device",
	  RFC8628 "flow=device_code\ntokens=revoke\n",
	  flow_login,
	  { DISCOVERY,
	    { .name = "device code",
	      .url = "/device",
	      .needed = "device_code user_code verification_uri",
	      .body = "{\"device_code\":\"" WAY_DEVICE "\",\"user_code\":\"BCDF-GHJK\","
		      "\"verification_uri\":\"" WAY_ISSUER
		      "/d\",\"verification_uri_complete\":\"" WAY_ISSUER
		      "/d?c=BCDF-GHJK\",\"expires_in\":600,\"interval\":5}" },
	    { .name = "pending",
	      .url = "/token",
	      .status = 400,
	      .body = "{\"error\":\"authorization_pending\",\"error_description\":\"wait\"}" },
	    { .name = "tokens", .url = "/token", .needed = "access_token token_type" },
	    KEYS,
	    REVOKED("revocation", "/revoke") } },
	{ "rfc8628 device with userinfo",
	  RFC8628
	  "flow=device_code\nclaim=preferred_username\ndevice_authorization_endpoint=" WAY_ISSUER
	  "/device\ntoken_endpoint=" WAY_ISSUER "/token\nuserinfo_endpoint=" WAY_ISSUER "/user\n",
	  flow_login,
	  { { .name = "device code",
	      .url = "/device",
	      .needed = "device_code user_code verification_uri",
	      .body = "{\"device_code\":\"" WAY_DEVICE "\",\"user_code\":\"BCDF-GHJK\","
		      "\"verification_uri\":\"" WAY_ISSUER "/d\",\"expires_in\":600}" },
	    { .name = "tokens",
	      .url = "/token",
	      .needed = "access_token token_type",
	      .body = TOKENS },
	    { .name = "userinfo",
	      .url = "/user",
	      .body = "{\"sub\":\"alice-81\",\"preferred_username\":\"alice\",\"zone\":[1,2]}" } } },
	{ "rfc8628 paste",
	  RFC8628 "flow=authorization_code\nredirect_uri=" WAY_ISSUER "/show\n",
	  flow_login,
	  { DISCOVERY,
	    { .name = "tokens", .url = "/token", .needed = "access_token token_type id_token" },
	    KEYS } },
	{ "rfc8628 refresh",
	  RFC8628 "token_blob=1 " WAY_ACCESS " " WAY_REFRESH
		  " 1700000000\ntoken_endpoint=" WAY_ISSUER "/token\nuserinfo_endpoint=" WAY_ISSUER
		  "/user\ndevice_authorization_endpoint=" WAY_ISSUER "/device\n",
	  flow_refresh,
	  { { .name = "tokens",
	      .url = "/token",
	      .needed = "access_token token_type",
	      .body = TOKENS },
	    { .name = "userinfo",
	      .url = "/user",
	      .needed = "sub",
	      .body = "{\"sub\":\"alice-81\",\"name\":\"Alice\"}" } } },
	{ "trakt device",
	  "dialect=trakt\ntoken_endpoint_auth_method=client_secret_post\nflow=device_code\ntokens=revoke\nclaim=user.ids.uuid\n"
	  "device_authorization_endpoint=" WAY_ISSUER "/device\ntoken_endpoint=" WAY_ISSUER
	  "/token\nuserinfo_endpoint=" WAY_ISSUER "/user\nrevocation_endpoint=" WAY_ISSUER
	  "/revoke\nrefresh_endpoint=" WAY_ISSUER "/refresh\n",
	  flow_login,
	  { { .name = "device code",
	      .url = "/device",
	      .needed = "device_code user_code verification_url",
	      .body = "{\"device_code\":\"" WAY_DEVICE "\",\"user_code\":\"5055CC52\","
		      "\"verification_url\":\"" WAY_ISSUER
		      "/activate\",\"expires_in\":600,\"interval\":5}" },
	    { .name = "pending", .url = "/token", .status = 400, .body = "{}" },
	    { .name = "tokens",
	      .url = "/token",
	      .needed = "access_token token_type",
	      .body = "{\"access_token\":\"" WAY_ACCESS "\",\"token_type\":\"bearer\","
		      "\"expires_in\":7200,\"refresh_token\":\"" WAY_REFRESH
		      "\",\"scope\":\"public\",\"created_at\":1487889741}" },
	    { .name = "settings",
	      .url = "/user",
	      .needed = "user",
	      .body = "{\"user\":{\"username\":\"al\",\"ids\":{\"slug\":\"al\",\"uuid\":"
		      "\"alice-81\"}},\"account\":{\"timezone\":\"UTC\"}}" },
	    REVOKED("revocation", "/revoke") } },
	{ "mastodon paste",
	  "dialect=mastodon\ntoken_endpoint_auth_method=client_secret_post\nflow=authorization_code\ntokens=revoke\nclaim=id\n"
	  "redirect_uri=urn:ietf:wg:oauth:2.0:oob\nauthorization_endpoint=" WAY_ISSUER
	  "/authorize\ntoken_endpoint=" WAY_ISSUER "/token\nuserinfo_endpoint=" WAY_ISSUER
	  "/user\nrevocation_endpoint=" WAY_ISSUER "/revoke\n",
	  flow_login,
	  { { .name = "tokens",
	      .url = "/token",
	      .needed = "access_token token_type",
	      .body = "{\"access_token\":\"" WAY_ACCESS "\",\"token_type\":\"Bearer\",\"scope\":"
		      "\"profile\",\"created_at\":1573979017}" },
	    { .name = "credentials",
	      .url = "/user",
	      .needed = "id",
	      .body = "{\"id\":\"alice-81\",\"username\":\"al\",\"acct\":\"al\",\"bot\":false}" },
	    REVOKED("revocation", "/revoke") } },
	{ "calcom paste",
	  "dialect=calcom\ntoken_endpoint_auth_method=client_secret_post\nflow=authorization_code\ntokens=revoke\nclaim=data.id\n"
	  "redirect_uri=" WAY_ISSUER "/show\nauthorization_endpoint=" WAY_ISSUER
	  "/authorize\ntoken_endpoint=" WAY_ISSUER "/token\nuserinfo_endpoint=" WAY_ISSUER
	  "/user\nrefresh_endpoint=" WAY_ISSUER "/refresh\n",
	  flow_login,
	  { { .name = "tokens",
	      .url = "/token",
	      .needed = "status data",
	      .body = "{\"status\":\"success\",\"data\":{\"accessToken\":\"" WAY_ACCESS
		      "\",\"refreshToken\":\"" WAY_REFRESH
		      "\",\"accessTokenExpiresAt\":1700003600123}}" },
	    { .name = "me",
	      .url = "/user",
	      .needed = "data",
	      .body = "{\"status\":\"success\",\"data\":{\"id\":\"alice-81\",\"username\":\"al\","
		      "\"email\":\"al@id.example\"}}" } } },
};

const size_t ways_count = sizeof(ways) / sizeof(*ways);

/* ---- keys and signatures ---- */

static void make_or_die(bool done)
{
	if (!done)
		abort();
}

static void base64url(const unsigned char *bytes, size_t len, char *out)
{
	int size = EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);

	while (size > 0 && out[size - 1] == '=')
		out[--size] = '\0';
	for (; *out; out++)
		*out = *out == '+' ? '-' : *out == '/' ? '_' : *out;
}

static void keys_write(EVP_PKEY *key)
{
	unsigned char point[65];
	char x[48], y[48];
	size_t len;

	make_or_die(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
						    sizeof(point), &len) == 1);
	base64url(point + 1, 32, x);
	base64url(point + 33, 32, y);
	snprintf(made->keys, sizeof(made->keys),
		 "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k1\",\"x\":\"%s\","
		 "\"y\":\"%s\"}]}",
		 x, y);
}

/* ES256: r and s, each of 32 bytes. */
static void text_sign(EVP_PKEY *key, const char *text, char *out)
{
	unsigned char der[128], pair[64];
	const unsigned char *at = der;
	size_t len = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *sig;

	make_or_die(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestSign(ctx, der, &len, (const unsigned char *)text, strlen(text)) == 1);
	EVP_MD_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	make_or_die(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), pair, 32) == 32 &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(sig), pair + 32, 32) == 32);
	ECDSA_SIG_free(sig);
	base64url(pair, sizeof(pair), out);
}

static void tokens_write(EVP_PKEY *key, const char *more, char *out, size_t out_len)
{
	static const char header[] = "{\"alg\":\"ES256\",\"kid\":\"k1\"}";
	char claims[512], text[1200], signature[128];
	size_t n;

	snprintf(claims, sizeof(claims),
		 "{\"iss\":\"" WAY_ISSUER "\",\"aud\":\"tv\",\"sub\":\"alice-81\",\"iat\":%d,"
		 "\"exp\":%d%s}",
		 WALL, WALL + 600, more);
	base64url((const unsigned char *)header, sizeof(header) - 1, text);
	n = strlen(text);
	text[n++] = '.';
	base64url((const unsigned char *)claims, strlen(claims), text + n);
	text_sign(key, text, signature);
	snprintf(out, out_len,
		 "{\"access_token\":\"" WAY_ACCESS
		 "\",\"token_type\":\"Bearer\",\"expires_in\":600,"
		 "\"refresh_token\":\"" WAY_REFRESH "\",\"id_token\":\"%s.%s\"}",
		 text, signature);
}

void ways_make(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	make_or_die(made != MAP_FAILED);
	make_or_die(key != NULL);
	keys_write(key);
	tokens_write(key, "", made->tokens, sizeof(made->tokens));
	/* base64url of the bytes 12 to 23: way_random() */
	tokens_write(key, ",\"nonce\":\"DA0ODxAREhMUFRYX\"", made->tokens_nonce,
		     sizeof(made->tokens_nonce));
	mprotect(made, sizeof(*made), PROT_READ);
	EVP_PKEY_free(key);
}

const char *way_body(const struct way *way, int step)
{
	if (way->step[step].body)
		return way->step[step].body;
	if (strcmp(way->step[step].name, "keys") == 0)
		return made->keys;
	return strstr(way->settings, "flow=authorization_code") ? made->tokens_nonce : made->tokens;
}

/* ---- a world ---- */

static struct {
	const struct way *way;
	const struct way_reply *other;
	int64_t now;
	int at; /* the step that comes next */
	int asked, typed;
	bool gone;
	struct way_end end;
} world;

static int64_t way_now(void *context)
{
	(void)context;
	return world.now;
}

static int64_t way_wall(void *context)
{
	(void)context;
	return WALL + (world.now - START) / 1000;
}

/* The person types once; whoever asks for a fresh code does not get one. */
static enum flow_event way_wait(void *context, int64_t until)
{
	(void)context;
	if (world.gone)
		return FLOW_GONE;
	if (strstr(world.way->settings, "flow=authorization_code") &&
	    world.way->walk == flow_login && world.typed++ == 0)
		return FLOW_ANSWER;
	if (until > world.now)
		world.now = until;
	return FLOW_TIME;
}

static const char *way_answer(void *context)
{
	(void)context;
	return WAY_TYPED;
}

static bool way_random(void *context, unsigned char *out, size_t len)
{
	(void)context;
	for (size_t i = 0; i < len; i++)
		out[i] = (unsigned char)i;
	return true;
}

/* The step whose address URL is: the one that comes next, or the one before it once more. */
static int step_find(const char *url)
{
	const struct way_step *step = world.way->step;

	url += strlen(WAY_ISSUER);
	if (step[world.at].url && strcmp(step[world.at].url, url) == 0)
		return world.at;
	for (int i = world.at; i > 0; i--)
		if (strcmp(step[i - 1].url, url) == 0)
			return i - 1;
	return -1;
}

static void reply_give(struct reply *reply, const char *body, size_t len, long status,
		       const char *type)
{
	reply->arrived = true;
	reply->status = status ? status : 200;
	snprintf(reply->content_type, sizeof(reply->content_type), "%s", type);
	reply->len = len < REPLY_BYTES_MAX ? len : REPLY_BYTES_MAX;
	memcpy(reply->body, body, reply->len);
	reply->body[reply->len] = '\0';
}

static bool way_fetch(void *context, const struct request *request, int64_t limit,
		      struct reply *reply)
{
	const struct way_reply *other = world.other;
	int step = request->broken ? -1 : step_find(request->url);

	(void)context;
	(void)limit;
	world.now += 10;
	reply->arrived = reply->timed_out = reply->wrong_clock = reply->ours = false;
	reply->trouble = REASON_CONNECT;
	reply->retry_after = reply->retry_at = reply->date = -1;
	reply->too_long = false;
	reply->content_type[0] = reply->body[0] = '\0';
	reply->len = 0;
	reply->status = 0;
	if (++world.asked > WAY_ASKED_MAX) {
		world.gone = true;
		return false;
	}
	if (step < 0)
		return true;
	if (other && other->at == step) {
		world.end.reached = true;
		reply_give(reply, other->body, other->len, other->status, other->content_type);
		if (strcmp(world.way->step[step].name, "pending") != 0)
			world.at = step + 1;
		return true;
	}
	world.at = step + 1;
	reply_give(reply, way_body(world.way, step), strlen(way_body(world.way, step)),
		   world.way->step[step].status, "application/json");
	return true;
}

static void claim_take(const struct wire_message *message)
{
	const char *name = wire_value(message, "name"), *value = wire_value(message, "value");

	if (!name || !value)
		world.end.clean = false;
	else if (strcmp(name, "iss") == 0)
		world.end.claims_right &= strcmp(value, WAY_ISSUER) == 0;
	else if (strcmp(name, "preferred_username") == 0)
		world.end.claims_right &= strcmp(value, "alice") == 0;
	else
		world.end.claims_right &= strcmp(value, "alice-81") == 0;
	world.end.claims++;
}

/* What login.c and screen.c would show, written down a second time; all else ends the login. */
static bool authorize_shown(const struct wire_message *message)
{
	static const char code_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789 ._-";
	const char *code = wire_value(message, "user_code"),
		   *uri = wire_value(message, "verification_uri");

	if (code && (code[strspn(code, code_bytes)] != '\0' || !strpbrk(code, "0123456789BCDF")))
		return false;
	return strncmp(uri, WAY_ISSUER "/", strlen(WAY_ISSUER "/")) == 0;
}

static void way_alone(void *context)
{
	(void)context;
}

static bool way_tell(void *context, const struct wire_draft *draft)
{
	static char bytes[WIRE_BYTES_MAX];
	struct wire_message message;

	(void)context;
	memcpy(bytes, draft->bytes, draft->len);
	if (draft->broken || !wire_parse(&message, bytes, draft->len)) {
		world.end.clean = false;
		return false;
	}
	if (strcmp(message.verb, "claim") == 0)
		claim_take(&message);
	if (strcmp(message.verb, "authorize") == 0 && !authorize_shown(&message))
		world.gone = true;
	if (strcmp(message.verb, "done") == 0)
		world.end.verdict = verdict_parse(wire_value(&message, "verdict"));
	explicit_bzero(bytes, sizeof(bytes));
	return !world.gone;
}

static void settings_make(const struct way *way, char *bytes, struct wire_message *settings)
{
	static struct wire_draft draft;
	char line[512];

	wire_begin(&draft, "login");
	wire_add(&draft, "wire", WIRE_VERSION);
	wire_add(&draft, "issuer", WAY_ISSUER);
	wire_add(&draft, "client_id", "tv");
	wire_add(&draft, "client_secret", WAY_SECRET);
	wire_add(&draft, "seconds", "300");
	for (const char *at = way->settings; *at; at += strcspn(at, "\n") + 1) {
		char *equals;

		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		equals = strchr(line, '=');
		*equals = '\0';
		wire_add(&draft, line, equals + 1);
	}
	memcpy(bytes, draft.bytes, draft.len);
	make_or_die(!draft.broken && wire_parse(settings, bytes, draft.len));
	wire_wipe(&draft);
}

struct way_end way_walk(const struct way *way, const struct way_reply *other)
{
	static char bytes[WIRE_BYTES_MAX];
	static const struct flow_io io = {
		.now = way_now,
		.wall = way_wall,
		.wait = way_wait,
		.answer = way_answer,
		.random = way_random,
		.fetch = way_fetch,
		.tell = way_tell,
		.alone = way_alone,
	};
	struct wire_message settings;
	int wanted = strstr(way->settings, "preferred_username") ? 3 : 2;

	settings_make(way, bytes, &settings);
	memset(&world, 0, sizeof(world));
	world.way = way;
	world.other = other;
	world.now = START;
	world.end.verdict = VERDICT_COUNT;
	world.end.claims_right = world.end.clean = true;
	way->walk(&settings, &io);
	explicit_bzero(bytes, sizeof(bytes));
	world.end.claims_right &= world.end.claims == wanted;
	return world.end;
}

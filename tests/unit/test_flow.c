/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * helper/oauth_client/flow/flow.c: whole logins under a clock and a network of the test's making. A row of the
 * table is a script: what the provider answers, when it must have been polled, what the module
 * must have been told. Beside the row, every call is watched: no poll before its time, after its
 * code's end or after a 200, no request without time to answer it, no message out of turn.
 *
 * Each row is then run again with the module gone at its first call, its second, and so on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fnmatch.h>
#include <limits.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "helper/oauth_client/flow/flow.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ISSUER "https://id.example"
#define WALL   1700000000

enum {
	SECOND = 1000,
	START = 123456789,	      /* the clock when a flow begins; anything but 0 */
	START_BOUND_MS = 30 * SECOND, /* discovery and first code */
	REQUEST_MS = 15 * SECOND,     /* http.c bounds each request */
	BACKOFF_MS = 60 * SECOND,     /* above this, time-outs need not double any more */
	STATES_MAX = 64,	      /* what login.c takes, for a whole login */
	NOTES_MAX = 64,
	ANSWERS_MAX = 16,
	TEXT_MAX = 64 * 1024,
	TYPED_MAX = 12,
	DAY_MS = 24 * 3600 * SECOND,
};

/* ---- scripts ---- */

enum endpoint {
	NO_DOOR = 0,
	META,
	AUTHORIZE,
	TOKEN,
	KEYS,
	USER,
	REVOKE,
};

/* One answer of the provider. */
struct answer {
	enum endpoint endpoint;
	const char *body;
	long status;	     /* 0: 200 */
	int times;	     /* 0: once; FOREVER */
	int64_t takes;	     /* milliseconds until it is there */
	long retry_after;    /* 0: not said */
	int64_t retry_at;    /* likewise as a moment, by the clock that says DATE */
	int64_t date;	     /* 0: not said */
	const char *trouble; /* it does not arrive, because of this */
	const char *type;    /* NULL: the media type that the body looks like */
};

enum {
	FOREVER = -1
};

struct scenario {
	const char *name;
	const char *settings; /* lines "key=value"; "-key" takes one of the usual ones away */
	struct answer answers[ANSWERS_MAX];
	const char *polls; /* when, in seconds from the start; "5-95/5" is a series; NULL: any */
	const char *told;  /* a pattern of fnmatch(3) */
	int again;	   /* how many fresh codes the module asks for; then it goes */
	bool silent;	   /* instead of going it says nothing */
	int suspend_at;	   /* the wait, from 1, during which the machine sleeps */
	int64_t suspend_ms;
	bool flapping; /* polls are answered and lost in turn; the script has none */
	int again_at;  /* the wait during which the module says `new_code` out of turn */
	bool wild_wall;
	int64_t wall_offset;
	/* NULL: flow_login */
	void (*walk)(const struct wire_message *settings, const struct flow_io *io);
	int64_t within;		      /* the whole flow, milliseconds; 0: any */
	const char *typed[TYPED_MAX]; /* in flow = authorization_code, one for each question */
	int64_t typed_after;	      /* milliseconds that the person takes each time */
	bool no_random;
	bool kept; /* the module says so of the tokens; else it goes, or says nothing where silent */
};

/* base64url of the bytes 0 to 11, 12 to 23 and 24 to 55 */
#define PASTE_STATE    "AAECAwQFBgcICQoL"
#define PASTE_NONCE    "DA0ODxAREhMUFRYX"
#define PASTE_VERIFIER "GBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc"

#define CODE(n, rest)                                           \
	"{\"device_code\":\"dc-" n "\",\"user_code\":\"CODE-" n \
	"\",\"verification_uri\":\"" ISSUER "/device\"" rest "}"
#define OFFER(n) .endpoint = AUTHORIZE, CODE(n, ",\"expires_in\":1800")
#define PENDING	 .endpoint = TOKEN, "{\"error\":\"authorization_pending\"}", 400
#define SLOW	 .endpoint = TOKEN, "{\"error\":\"slow_down\"}", 400
#define DENIED	 .endpoint = TOKEN, "{\"error\":\"access_denied\"}", 400
#define EXPIRED	 .endpoint = TOKEN, "{\"error\":\"expired_token\"}", 400
#define USED_UP	 .endpoint = TOKEN, "{\"error\":\"invalid_grant\"}", 400
#define GRANTED	 .endpoint = TOKEN, "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\"}"
#define GRANTED_BOTH       \
	.endpoint = TOKEN, \
	"{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"refresh_token\":\"rt-1\"}"
#define ALICE	   .endpoint = USER, "{\"sub\":\"alice\"}"
#define LOST(at)   .endpoint = at, .takes = 8 * SECOND, .trouble = "timeout"
#define NO_DNS(at) .endpoint = at, .trouble = "dns"
#define HTML	   "<!DOCTYPE html><html><body>Bad Gateway</body></html>"

#define SHOWN	    "authorize CODE-1 300; "
#define WITNESSED   "claim iss string " ISSUER "; claim sub string alice; "
#define WELCOME	    WITNESSED "done granted ok"
#define HANDED_OVER WITNESSED "tokens 1 at-1 rt-1 *; done granted ok"

/* Filled in before the tests, since keys and signatures are new each time. */
static char keys_body[1024], other_keys_body[1024];
static char grant_good[4096], grant_no_sub[4096], grant_of_bob[4096], grant_old[4096];
static char grant_other_client[4096], grant_long[20 * 1024];
static char grant_nonce[4096], grant_other_nonce[4096], grant_auth_list[4096];
static char userinfo_good[2048], userinfo_forged[2048], pinned_kept[2200];
static char grant_rich[4096], grant_hash[4096], grant_other_hash[4096];
static char pinned[2048], pinned_others[2048], pinned_email[2048];
static char metadata_body[1024];

/* Settings for a provider that issues ID tokens. */
#define SIGNED "jwks_uri=" ISSUER "/keys\nid_token_signed_response_alg=ES256"
/* Settings for a code that is typed back. */
#define PASTED                                                    \
	"flow=authorization_code\nauthorization_endpoint=" ISSUER \
	"/authorize\nredirect_uri=" ISSUER "/show"
#define RIGHT	      ISSUER "/show?code=right&state=" PASTE_STATE
#define REVOKING      "revocation_endpoint=" ISSUER "/revoke"
#define ASKED	      "authorize 300; "
#define WRONG(reason) "log notice " reason "; progress wrong_code; "
#define NO_CODE_400   "token_endpoint at id.example:443: 400 invalid_grant"
/* Of whom nothing is said but that the tokens are theirs still. */
#define BOUND "claim iss string " ISSUER "; done granted ok"
#define ROTATED                                                                    \
	.endpoint = TOKEN, "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\"," \
			   "\"refresh_token\":\"rt-2\",\"expires_in\":3600}"
/* Settings for Cal.com, which redirects with the code and nothing else. */
#define CALCOM                                                                           \
	PASTED "\n-dialect\ndialect=calcom\nclient_secret=hush\n-claim\nclaim=data.id\n" \
	       "-token_endpoint\ntoken_endpoint=" ISSUER "/v2/oauth/{client_id}/exchange"
#define CALCOM_GRANTED \
	.endpoint = TOKEN, "{\"status\":\"success\",\"data\":{\"accessToken\":\"at-1\"}}"
#define CALCOM_ALICE   .endpoint = USER, "{\"status\":\"success\",\"data\":{\"id\":7}}"
#define CALCOM_WELCOME "claim iss string " ISSUER "; claim data.id number 7; done granted ok"
/* Settings that leave the endpoints to be discovered. */
#define DISCOVERED "-device_authorization_endpoint\n-token_endpoint\n-userinfo_endpoint"

static const struct scenario scenarios[] = {
	/* ---- the plain way ---- */
	{ .name = "approved at the first poll",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { ALICE } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "approved later",
	  NULL,
	  { { OFFER("1") }, { PENDING, 3 }, { GRANTED }, { ALICE } },
	  "5 10 15 20",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "the server's interval",
	  NULL,
	  { { .endpoint = AUTHORIZE, CODE("1", ",\"interval\":7") },
	    { PENDING, 2 },
	    { GRANTED },
	    { ALICE } },
	  "7 14 21",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "a short interval",
	  NULL,
	  { { .endpoint = AUTHORIZE, CODE("1", ",\"interval\":1") },
	    { PENDING, 2 },
	    { GRANTED },
	    { ALICE } },
	  "1 2 3",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "an interval of zero is five",
	  NULL,
	  { { .endpoint = AUTHORIZE, CODE("1", ",\"interval\":0") },
	    { PENDING },
	    { GRANTED },
	    { ALICE } },
	  "5 10",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "an address with the code in it",
	  NULL,
	  { { .endpoint = AUTHORIZE,
	      CODE("1", ",\"verification_uri_complete\":\"" ISSUER "/d?c=1\"") },
	    { GRANTED },
	    { ALICE } },
	  "5",
	  "authorize CODE-1 300 " ISSUER "/d?c=1; " WELCOME },
	{ .name = "errors with status 200",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "{\"error\":\"authorization_pending\"}" },
	    { .endpoint = TOKEN, "{\"error\":\"slow_down\"}" },
	    { GRANTED },
	    { ALICE } },
	  "5 10 20",
	  SHOWN "progress authorization_pending; progress slow_down; " WELCOME },
	{ .name = "half an hour",
	  "seconds=1800",
	  { { OFFER("1") }, { PENDING, FOREVER } },
	  "5-1795/5",
	  "authorize CODE-1 1800; progress authorization_pending; progress expired_token" },
	{ .name = "approved at the very end",
	  "seconds=1800",
	  { { OFFER("1") }, { PENDING, 358 }, { GRANTED }, { ALICE } },
	  "5-1795/5",
	  "authorize CODE-1 1800; progress authorization_pending; " WELCOME },

	/* ---- slower ---- */
	{ .name = "slow_down is for good",
	  NULL,
	  { { OFFER("1") }, { PENDING }, { SLOW }, { PENDING, 2 }, { GRANTED }, { ALICE } },
	  "5 10 20 30 40",
	  SHOWN
	  "progress authorization_pending; progress slow_down; progress authorization_pending; " WELCOME },
	{ .name = "slow_down twice",
	  NULL,
	  { { OFFER("1") }, { SLOW, 2 }, { PENDING }, { GRANTED }, { ALICE } },
	  "5 15 30 45",
	  SHOWN "progress slow_down; progress authorization_pending; " WELCOME },
	{ .name = "slow_down for half an hour",
	  "seconds=1800",
	  { { OFFER("1") }, { SLOW, FOREVER } },
	  NULL,
	  "authorize CODE-1 1800; progress slow_down; progress expired_token" },
	{ .name = "slow_down and Retry-After",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "{\"error\":\"slow_down\"}", 429, .retry_after = 30 },
	    { PENDING },
	    { GRANTED },
	    { ALICE } },
	  "5 35 45",
	  SHOWN "progress slow_down; progress authorization_pending; " WELCOME },
	{ .name = "replies count from when they came",
	  NULL,
	  { { OFFER("1"), .takes = 3 * SECOND },
	    { PENDING, 2, 3 * SECOND },
	    { GRANTED },
	    { ALICE } },
	  "8 16 24",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "a time-out doubles the interval",
	  NULL,
	  { { OFFER("1") }, { LOST(TOKEN) }, { PENDING, 2 }, { GRANTED }, { ALICE } },
	  "5 23 33 43",
	  SHOWN "progress unreachable; progress authorization_pending; " WELCOME },
	{ .name = "time-outs back off",
	  NULL,
	  { { OFFER("1") }, { LOST(TOKEN), .times = 4 }, { PENDING }, { GRANTED }, { ALICE } },
	  "5 23 51 99 167 227",
	  SHOWN "progress unreachable; progress authorization_pending; " WELCOME },
	{ .name = "a refused connection does not",
	  NULL,
	  { { OFFER("1") }, { NO_DNS(TOKEN), .times = 2 }, { PENDING }, { GRANTED }, { ALICE } },
	  "5 10 15 20",
	  SHOWN "progress unreachable; progress authorization_pending; " WELCOME },
	{ .name = "time-outs and slow_down add up",
	  NULL,
	  { { OFFER("1") }, { LOST(TOKEN) }, { SLOW }, { GRANTED }, { ALICE } },
	  "5 23 38",
	  SHOWN "progress unreachable; progress slow_down; " WELCOME },
	{ .name = "Retry-After with 503",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, HTML, 503, .retry_after = 20 },
	    { PENDING },
	    { GRANTED },
	    { ALICE } },
	  "5 25 30",
	  SHOWN "progress unreachable; progress authorization_pending; " WELCOME },
	{ .name = "Retry-After with 429",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "", 429, .retry_after = 20 },
	    { GRANTED },
	    { ALICE } },
	  "5 25",
	  SHOWN "progress unreachable; " WELCOME },
	{ .name = "Retry-After as a moment of the server's clock",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "", 503, .retry_at = WALL + 1020, .date = WALL + 1000 },
	    { GRANTED },
	    { ALICE } },
	  "5 25",
	  SHOWN "progress unreachable; " WELCOME },
	{ .name = "Retry-After as a moment, and our clock years behind",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "", 429, .retry_at = WALL + 20, .date = WALL },
	    { GRANTED },
	    { ALICE } },
	  "5 25",
	  SHOWN "progress unreachable; " WELCOME,
	  .wall_offset = -1000000000 },
	{ .name = "Retry-After as a moment, and the server does not say its time",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "", 503, .retry_at = WALL + 1025 },
	    { GRANTED },
	    { ALICE } },
	  "5 25",
	  SHOWN "progress unreachable; " WELCOME,
	  .wall_offset = 1000 },
	{ .name = "Retry-After as a moment that is past",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "", 503, .retry_at = WALL - 20, .date = WALL },
	    { GRANTED },
	    { ALICE } },
	  "5 10",
	  SHOWN "progress unreachable; " WELCOME },
	{ .name = "Retry-After below the interval",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "", 503, .retry_after = 1 },
	    { GRANTED },
	    { ALICE } },
	  "5 10",
	  SHOWN "progress unreachable; " WELCOME },
	{ .name = "Retry-After beyond the end",
	  NULL,
	  { { OFFER("1") }, { PENDING }, { .endpoint = TOKEN, "", 503, .retry_after = 3600 } },
	  "5 10",
	  SHOWN "progress authorization_pending; progress unreachable; progress expired_token" },
	{ .name = "Retry-After beyond all numbers",
	  NULL,
	  { { OFFER("1") }, { PENDING }, { .endpoint = TOKEN, "", 503, .retry_after = LONG_MAX } },
	  "5 10",
	  SHOWN "progress authorization_pending; progress unreachable; progress expired_token" },
	{ .name = "Retry-After beyond milliseconds",
	  NULL,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = TOKEN, "", 503, .retry_after = LONG_MAX / 1000 } },
	  "5 10",
	  SHOWN "progress authorization_pending; progress unreachable; progress expired_token" },

	/* ---- trouble on the way ---- */
	{ .name = "5xx in mid-flow",
	  NULL,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = TOKEN, HTML, 503 },
	    { .endpoint = TOKEN, "", 500 },
	    { .endpoint = TOKEN, HTML, 502 },
	    { PENDING },
	    { GRANTED },
	    { ALICE } },
	  "5 10 15 20 25 30",
	  SHOWN
	  "progress authorization_pending; progress unreachable; progress authorization_pending; " WELCOME },
	{ .name = "a token with status 500 is none",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "{\"access_token\":\"evil\",\"token_type\":\"Bearer\"}", 500 },
	    { GRANTED },
	    { ALICE } },
	  "5 10",
	  SHOWN "progress unreachable; " WELCOME },
	{ .name = "a proxy's invalid_response",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, HTML, 404, 2 },
	    { PENDING },
	    { .endpoint = TOKEN, HTML, 403, 2 },
	    { GRANTED },
	    { ALICE } },
	  "5 10 15 20 25 30",
	  SHOWN
	  "progress unreachable; progress authorization_pending; progress unreachable; " WELCOME },
	{ .name = "nothing but invalid_response",
	  NULL,
	  { { OFFER("1") }, { PENDING }, { .endpoint = TOKEN, HTML, 404, 3 } },
	  "5 10 15 20",
	  SHOWN
	  "progress authorization_pending; progress unreachable; done invalid_response unexpected_reply" },
	{ .name = "an error that nobody knows ends it",
	  NULL,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = TOKEN, "{\"error\":\"no_such_error\"}", 400 } },
	  "5 10",
	  SHOWN "progress authorization_pending; done * unknown_error" },
	{ .name = "approved, and the provider wants more",
	  NULL,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = TOKEN, "{\"error\":\"mfa_required\"}", 403 } },
	  "5 10",
	  SHOWN "progress authorization_pending; log notice token_endpoint at id.example:443: 403 "
		"mfa_required; done not_honoured mfa_required" },
	{ .name = "a quota that is used up passes",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN,
	      "{\"error\":{\"code\":429,\"status\":\"RESOURCE_EXHAUSTED\"}}",
	      403 },
	    { GRANTED },
	    { ALICE } },
	  "5 10",
	  SHOWN "progress unreachable; " WELCOME },
	{ .name = "no code, for it is asked for too often",
	  NULL,
	  { { .endpoint = AUTHORIZE, "{\"error\":\"slow_down\"}", 400 } },
	  "",
	  "done unreachable too_many_requests" },
	{ .name = "nothing is polled after an invalid_response 200",
	  NULL,
	  { { OFFER("1") }, { PENDING }, { .endpoint = TOKEN, "[]" } },
	  "5 10",
	  SHOWN "progress authorization_pending; done invalid_response *" },
	{ .name = "a page in place of an answer, and on it goes",
	  NULL,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = TOKEN, HTML },
	    { .endpoint = TOKEN, HTML, 202 },
	    { GRANTED },
	    { ALICE } },
	  "5 10 15 20",
	  SHOWN "progress authorization_pending; log notice token_endpoint at id.example:443: 200; "
		"progress unreachable; " WELCOME },
	{ .name = "a page in place of an answer that used the code up",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, HTML },
	    { USED_UP },
	    { OFFER("2") },
	    { GRANTED },
	    { ALICE } },
	  NULL,
	  SHOWN "progress unreachable; progress code_consumed; authorize CODE-2 300; " WELCOME,
	  .again = 1 },
	{ .name = "nor after an empty one",
	  NULL,
	  { { OFFER("1") }, { .endpoint = TOKEN, "" } },
	  "5",
	  SHOWN "done invalid_response *" },
	{ .name = "nor after a token of another type",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, "{\"access_token\":\"at-1\",\"token_type\":\"mac\"}" } },
	  "5",
	  SHOWN "done invalid_response token_type_refused" },
	{ .name = "nor after a token beside an error",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN,
	      "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\","
	      "\"error\":\"authorization_pending\"}" } },
	  "5",
	  SHOWN "done invalid_response token_in_an_error" },
	{ .name = "denied",
	  NULL,
	  { { OFFER("1") }, { PENDING, 2 }, { DENIED } },
	  "5 10 15",
	  SHOWN "progress authorization_pending; done access_denied access_denied" },
	{ .name = "the client is refused in mid-flow",
	  NULL,
	  { { OFFER("1") }, { .endpoint = TOKEN, "{\"error\":\"invalid_client\"}", 401 } },
	  "5",
	  SHOWN "done client_refused invalid_client" },

	/* ---- the end of a code ---- */
	{ .name = "expired, says the server",
	  NULL,
	  { { OFFER("1") }, { PENDING }, { EXPIRED } },
	  "5 10",
	  SHOWN "progress authorization_pending; progress expired_token" },
	{ .name = "expired by its own time",
	  NULL,
	  { { .endpoint = AUTHORIZE, CODE("1", ",\"expires_in\":12") }, { PENDING, 2 } },
	  "5 10",
	  "authorize CODE-1 12; progress authorization_pending; progress expired_token",
	  .within = 12 * SECOND },
	{ .name = "expired by the settings' time",
	  "seconds=12",
	  { { OFFER("1") }, { PENDING, 2 } },
	  "5 10",
	  "authorize CODE-1 12; progress authorization_pending; progress expired_token",
	  .within = 12 * SECOND },
	{ .name = "a poll that would be due at the end is not made",
	  "seconds=15",
	  { { OFFER("1") }, { PENDING, 2 } },
	  "5 10",
	  "authorize CODE-1 15; progress authorization_pending; progress expired_token",
	  .within = 15 * SECOND },
	{ .name = "over before the first poll",
	  "seconds=4",
	  { { OFFER("1") } },
	  "",
	  "authorize CODE-1 4; progress expired_token",
	  .within = 4 * SECOND },
	{ .name = "a fresh code after expiry",
	  NULL,
	  { { OFFER("1") }, { EXPIRED }, { OFFER("2") }, { PENDING }, { GRANTED }, { ALICE } },
	  "5 10.2 15.2",
	  SHOWN
	  "progress expired_token; authorize CODE-2 300; progress authorization_pending; " WELCOME,
	  .again = 1 },
	{ .name = "a fresh code has the interval of its own",
	  NULL,
	  { { OFFER("1") }, { SLOW, 2 }, { EXPIRED }, { OFFER("2") }, { GRANTED }, { ALICE } },
	  "5 15 30 35.2",
	  SHOWN "progress slow_down; progress expired_token; authorize CODE-2 300; " WELCOME,
	  .again = 1 },
	{ .name = "the code was used up",
	  NULL,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, HTML, 502 },
	    { USED_UP },
	    { OFFER("2") },
	    { GRANTED },
	    { ALICE } },
	  "5 10 15.2",
	  SHOWN "progress unreachable; progress code_consumed; authorize CODE-2 300; " WELCOME,
	  .again = 1 },
	/* no reply was lost: it is the approval that is refused, and a fresh code would not help */
	{ .name = "approved, and then refused",
	  "codes=3",
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = TOKEN,
	      "{\"error\":\"invalid_grant\",\"error_description\":\"User disabled\"}",
	      400 } },
	  "5 10",
	  SHOWN
	  "progress authorization_pending; log notice token_endpoint at id.example:443: 400 invalid_grant "
	  "\"User disabled\"; done not_honoured invalid_grant",
	  .again = 1 },
	{ .name = "a name that was not found loses no reply",
	  NULL,
	  { { OFFER("1") }, { NO_DNS(TOKEN) }, { USED_UP } },
	  "5 10",
	  SHOWN "progress unreachable; done not_honoured invalid_grant" },
	{ .name = "what was lost for one code was not lost for the next",
	  NULL,
	  { { OFFER("1") }, { LOST(TOKEN) }, { EXPIRED }, { OFFER("2") }, { USED_UP } },
	  NULL,
	  SHOWN
	  "progress unreachable; progress expired_token; authorize CODE-2 300; done not_honoured invalid_grant",
	  .again = 1 },
	{ .name = "the reply that granted was lost",
	  NULL,
	  { { OFFER("1") }, { LOST(TOKEN) }, { USED_UP }, { OFFER("2") }, { GRANTED }, { ALICE } },
	  "5 23 28.2",
	  SHOWN "progress unreachable; progress code_consumed; authorize CODE-2 300; " WELCOME,
	  .again = 1 },
	{ .name = "three codes",
	  "seconds=7",
	  { { OFFER("1") }, { PENDING }, { OFFER("2") }, { PENDING }, { OFFER("3") }, { PENDING } },
	  "5 12.2 19.4",
	  "authorize CODE-1 7; progress authorization_pending; progress expired_token; authorize CODE-2 7; progress authorization_pending; "
	  "progress expired_token; authorize CODE-3 7; progress authorization_pending; progress expired_token",
	  .again = 2 },
	{ .name = "a module that does not say again",
	  NULL,
	  { { OFFER("1") }, { EXPIRED } },
	  "5",
	  SHOWN "progress expired_token",
	  .silent = true,
	  .within = 5 * SECOND + DAY_MS / 1440 },
	{ .name = "again out of turn",
	  NULL,
	  { { OFFER("1") }, { PENDING } },
	  "5",
	  SHOWN "progress authorization_pending",
	  .again_at = 2 },

	/* ---- unreachable, or only nobody there ---- */
	{ .name = "no poll was ever answered",
	  "seconds=60",
	  { { OFFER("1") }, { NO_DNS(TOKEN), .times = FOREVER } },
	  "5-55/5",
	  "authorize CODE-1 60; progress unreachable; done unreachable dns",
	  .within = 60 * SECOND },
	{ .name = "nor in time",
	  "seconds=60",
	  { { OFFER("1") }, { LOST(TOKEN), .times = FOREVER } },
	  "5 23 51",
	  "authorize CODE-1 60; progress unreachable; done unreachable timeout",
	  .within = 60 * SECOND },
	{ .name = "503 from start to end",
	  "seconds=60",
	  { { OFFER("1") }, { .endpoint = TOKEN, HTML, 503, FOREVER } },
	  "5-55/5",
	  "authorize CODE-1 60; progress unreachable; done unreachable http_status",
	  .within = 60 * SECOND },
	{ .name = "one poll was answered, the first",
	  "seconds=60",
	  { { OFFER("1") }, { PENDING }, { NO_DNS(TOKEN), .times = FOREVER } },
	  "5-55/5",
	  "authorize CODE-1 60; progress authorization_pending; progress unreachable; progress expired_token" },
	{ .name = "one poll was answered, the last",
	  "seconds=60",
	  { { OFFER("1") }, { NO_DNS(TOKEN), .times = 10 }, { PENDING } },
	  "5-55/5",
	  "authorize CODE-1 60; progress unreachable; progress authorization_pending; progress expired_token" },
	{ .name = "unreachable with the second code alone",
	  "seconds=12",
	  { { OFFER("1") }, { PENDING, 2 }, { OFFER("2") }, { NO_DNS(TOKEN), .times = 2 } },
	  "5 10 17.2 22.2",
	  "authorize CODE-1 12; progress authorization_pending; progress expired_token; authorize CODE-2 12; "
	  "progress unreachable; *expired*",
	  .again = 1 },
	{ .name = "no second code to be had",
	  "seconds=12",
	  { { OFFER("1") }, { PENDING, 2 }, { NO_DNS(AUTHORIZE), .times = 4 } },
	  "5 10",
	  "authorize CODE-1 12; progress authorization_pending; progress expired_token; log * dns; log * dns; log * dns; log * dns; "
	  "done expired_token *",
	  .again = 1 },

	{ .name = "a network that comes and goes",
	  "seconds=600",
	  { { .endpoint = AUTHORIZE, CODE("1", ",\"interval\":1"), .times = 10 } },
	  NULL,
	  "authorize CODE-1 600; progress authorization_pending; progress unreachable; *; progress expired_token; "
	  "authorize CODE-1 600; *; progress expired_token",
	  .again = 9,
	  .flapping = true },

	/* ---- clocks ---- */
	{ .name = "asleep between two polls",
	  NULL,
	  { { OFFER("1") }, { PENDING, 2 }, { GRANTED }, { ALICE } },
	  "5 50 55",
	  SHOWN "progress authorization_pending; " WELCOME,
	  .suspend_at = 2,
	  .suspend_ms = 40 * SECOND },
	{ .name = "asleep until the code is dead",
	  NULL,
	  { { OFFER("1") }, { PENDING } },
	  "5",
	  SHOWN "progress authorization_pending; progress expired_token",
	  .suspend_at = 2,
	  .suspend_ms = 3600 * SECOND },
	{ .name = "asleep before the first poll until the code is dead",
	  NULL,
	  { { OFFER("1") } },
	  "",
	  SHOWN "progress expired_token",
	  .suspend_at = 1,
	  .suspend_ms = 3600 * SECOND },
	{ .name = "asleep to the very end",
	  "seconds=60",
	  { { OFFER("1") }, { PENDING } },
	  "5",
	  "authorize CODE-1 60; progress authorization_pending; progress expired_token",
	  .suspend_at = 2,
	  .suspend_ms = 50 * SECOND },
	{ .name = "a wall clock gone wild",
	  NULL,
	  { { OFFER("1") }, { PENDING, 3 }, { SLOW }, { PENDING }, { GRANTED }, { ALICE } },
	  "5 10 15 20 30 40",
	  SHOWN
	  "progress authorization_pending; progress slow_down; progress authorization_pending; " WELCOME,
	  .wild_wall = true },

	/* ---- the start ---- */
	{ .name = "discovered",
	  DISCOVERED,
	  { { .endpoint = META, metadata_body }, { OFFER("1") }, { GRANTED }, { ALICE } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "discovery is tried again",
	  DISCOVERED,
	  { { .endpoint = META, HTML, 503 },
	    { .endpoint = META, metadata_body },
	    { OFFER("1") },
	    { GRANTED },
	    { ALICE } },
	  "6",
	  "log * [3-5][0-9][0-9]; " SHOWN WELCOME },
	{ .name = "no metadata there",
	  DISCOVERED,
	  { { .endpoint = META, HTML, 404 } },
	  "",
	  "done invalid_response metadata_http_status" },
	{ .name = "metadata that is none",
	  DISCOVERED,
	  { { .endpoint = META, "metadata" } },
	  "",
	  "done invalid_response metadata_unreadable" },
	{ .name = "metadata that names an endpoint by half",
	  DISCOVERED,
	  { { .endpoint = META,
	      "{\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"" ISSUER "/token\","
	      "\"userinfo_endpoint\":\"" ISSUER "/userinfo\","
	      "\"device_authorization_endpoint\":\"/device_authorization\"}" } },
	  "",
	  "log notice metadata at id.example:443: 200; "
	  "log notice device_authorization_endpoint is no absolute address, and not asked: "
	  "metadata_endpoint_relative; done invalid_response metadata_endpoint_relative" },
	{ .name = "metadata behind a portal's page",
	  DISCOVERED,
	  { { .endpoint = META, HTML },
	    { .endpoint = META, metadata_body },
	    { OFFER("1") },
	    { GRANTED },
	    { ALICE } },
	  NULL,
	  "log notice metadata at id.example:443: 200; " SHOWN WELCOME },
	{ .name = "metadata behind a portal's page that stays",
	  DISCOVERED,
	  { { .endpoint = META, HTML, .times = 4 } },
	  "",
	  "*done unreachable page_in_between",
	  .within = START_BOUND_MS },
	{ .name = "no network at all",
	  DISCOVERED,
	  { { NO_DNS(META), .times = 4 } },
	  "",
	  "log * dns; log * dns; log * dns; log * dns; done unreachable dns",
	  .within = START_BOUND_MS },
	{ .name = "a network that swallows everything",
	  DISCOVERED,
	  { { .endpoint = META, NULL, .times = FOREVER, .takes = DAY_MS, .trouble = "timeout" } },
	  "",
	  "*done unreachable timeout",
	  .within = START_BOUND_MS },
	{ .name = "discovered late, and then no code",
	  DISCOVERED,
	  { { .endpoint = META, metadata_body, .takes = 14 * SECOND },
	    { .endpoint = AUTHORIZE,
	      NULL,
	      .times = FOREVER,
	      .takes = DAY_MS,
	      .trouble = "timeout" } },
	  "",
	  "*done unreachable timeout",
	  .within = START_BOUND_MS },
	{ .name = "no code to be had",
	  NULL,
	  { { .endpoint = AUTHORIZE, HTML, 503, 4 } },
	  "",
	  "log * [35]0[0-9]; log * [35]0[0-9]; log * [35]0[0-9]; log * [35]0[0-9]; "
	  "done unreachable http_status",
	  .within = START_BOUND_MS },
	{ .name = "a code at the second try",
	  NULL,
	  { { NO_DNS(AUTHORIZE) }, { OFFER("1") }, { GRANTED }, { ALICE } },
	  "6",
	  "log * dns; " SHOWN WELCOME },
	{ .name = "a code after Retry-After",
	  NULL,
	  { { .endpoint = AUTHORIZE, "", 429, .retry_after = 10 },
	    { OFFER("1") },
	    { GRANTED },
	    { ALICE } },
	  "15",
	  "log * [3-5][0-9][0-9]; " SHOWN WELCOME },
	{ .name = "a Retry-After that is too long to wait",
	  NULL,
	  { { .endpoint = AUTHORIZE, "", 503, .retry_after = 3600 } },
	  "",
	  "log * [35]0[0-9]; done unreachable http_status",
	  .within = START_BOUND_MS },
	{ .name = "a Retry-After that no clock can hold",
	  NULL,
	  { { .endpoint = AUTHORIZE, "", 503, .retry_after = LONG_MAX } },
	  "",
	  "log * [35]0[0-9]; done unreachable http_status",
	  .within = START_BOUND_MS },
	{ .name = "asleep between two tries",
	  NULL,
	  { { NO_DNS(AUTHORIZE) } },
	  "",
	  "log * dns; done unreachable dns",
	  .suspend_at = 1,
	  .suspend_ms = 3600 * SECOND },
	{ .name = "the client is refused",
	  NULL,
	  { { .endpoint = AUTHORIZE, "{\"error\":\"invalid_client\"}", 401 } },
	  "",
	  "done client_refused invalid_client" },
	{ .name = "no authorization in it",
	  NULL,
	  { { .endpoint = AUTHORIZE, "{\"user_code\":\"CODE-1\"}" } },
	  "",
	  "done invalid_response authorization_incomplete" },
	{ .name = "a hotel's page for a code",
	  NULL,
	  { { .endpoint = AUTHORIZE, HTML, .times = 4 } },
	  "",
	  "*done unreachable page_in_between" },
	{ .name = "no device endpoint there",
	  NULL,
	  { { .endpoint = AUTHORIZE, HTML, 404 } },
	  "",
	  "done invalid_response unexpected_reply" },
	{ .name = "sent elsewhere for a while, and then a code",
	  NULL,
	  { { .endpoint = AUTHORIZE, "", 302 },
	    { .endpoint = AUTHORIZE, "", 307 },
	    { OFFER("1") },
	    { GRANTED },
	    { ALICE } },
	  "8",
	  "log * [35]0[0-9]; log * [35]0[0-9]; " SHOWN WELCOME },
	{ .name = "sent elsewhere again and again",
	  NULL,
	  { { .endpoint = AUTHORIZE, "", 302, 3 } },
	  "",
	  "*done invalid_response unexpected_reply",
	  .within = START_BOUND_MS },
	{ .name = "sent elsewhere for good",
	  NULL,
	  { { .endpoint = AUTHORIZE, "", 301 } },
	  "",
	  "done invalid_response unexpected_reply",
	  .within = 1 },
	/* the provider was there: no other way in is to open */
	{ .name = "a reply without end, again and again",
	  NULL,
	  { { .endpoint = AUTHORIZE, .times = 3, .trouble = "reply_too_long" } },
	  "",
	  "*done invalid_response reply_too_long",
	  .within = START_BOUND_MS },
	{ .name = "a reply without end, then nobody",
	  NULL,
	  { { .endpoint = AUTHORIZE, .times = 2, .trouble = "reply_too_long" },
	    { NO_DNS(AUTHORIZE), .times = 2 } },
	  "",
	  "*done unreachable dns",
	  .within = START_BOUND_MS },
	/* a request that cannot be made is the administrator's fault, not the network's */
	{ .name = "a secret that is not there",
	  "-token_endpoint_auth_method\ntoken_endpoint_auth_method=client_secret_post",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused *",
	  .within = 1 },
	{ .name = "extra parameters that are none",
	  "extra_params=audience",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused *",
	  .within = 1 },
	{ .name = "an unknown dialect",
	  "-dialect\ndialect=morse",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused unknown_dialect" },
	{ .name = "no dialect",
	  "-dialect",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused unknown_dialect" },
	{ .name = "no issuer",
	  "-issuer",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused settings_refused" },

	/* ---- who it was: userinfo ---- */
	{ .name = "userinfo at the second try",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, HTML, 503 }, { ALICE } },
	  "5",
	  SHOWN "log * [35]0[0-9]; " WELCOME },
	{ .name = "userinfo refused",
	  NULL,
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER, "{\"error\":\"invalid_token\"}", 401 } },
	  "5",
	  SHOWN "done identity_unverified userinfo_refused" },
	{ .name = "userinfo elsewhere, and then here",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, "", 302, 2 }, { ALICE } },
	  "5",
	  SHOWN "log * [35]0[0-9]; log * [35]0[0-9]; " WELCOME },
	{ .name = "userinfo elsewhere again and again",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, "", 302, 3 } },
	  "5",
	  SHOWN "*done identity_unverified userinfo_refused" },
	{ .name = "userinfo without end, and then none",
	  NULL,
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER, .times = 2, .trouble = "reply_too_long" },
	    { ALICE } },
	  "5",
	  SHOWN "log * reply_too_long; log * reply_too_long; " WELCOME },
	{ .name = "userinfo without end again and again",
	  NULL,
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER, .times = 3, .trouble = "reply_too_long" } },
	  "5",
	  SHOWN "*done identity_unverified reply_too_long" },
	{ .name = "userinfo with a subject but no success",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, "{\"sub\":\"alice\"}", 403 } },
	  "5",
	  SHOWN "done identity_unverified userinfo_refused" },
	{ .name = "userinfo is a page",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, HTML, .times = 2 }, { ALICE } },
	  "5",
	  SHOWN "log notice userinfo_endpoint at id.example:443: 200; "
		"log notice userinfo_endpoint at id.example:443: 200; " WELCOME },
	{ .name = "userinfo is a page until the end",
	  "seconds=60",
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, HTML, .times = FOREVER } },
	  "5",
	  "authorize CODE-1 60; *done identity_unverified page_in_between",
	  .within = 60 * SECOND },
	{ .name = "an ID token that is empty is none",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN,
	      "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"id_token\":\"\"}" },
	    { ALICE } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "an ID token that is empty, and a nonce that has to come back",
	  SIGNED "\nnonce=yes",
	  { { OFFER("1") },
	    { .endpoint = TOKEN,
	      "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"id_token\":\"\"}" } },
	  "5",
	  SHOWN "done identity_unverified id_token_missing" },
	{ .name = "userinfo is a list",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, "[{\"sub\":\"alice\"}]" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_refused" },
	{ .name = "userinfo without the claim",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, "{\"name\":\"Alice\"}" } },
	  "5",
	  SHOWN "claim iss string " ISSUER "; done granted ok" },
	/* a code was shown and approved: this is not a provider unreachable throughout */
	{ .name = "userinfo down until the end",
	  "seconds=60",
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, HTML, 503, FOREVER } },
	  "5",
	  "authorize CODE-1 60; *done identity_unverified *",
	  .within = 60 * SECOND },
	{ .name = "a token too long for a header",
	  NULL,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_long } },
	  "5",
	  SHOWN "done identity_unverified *",
	  .within = 5 * SECOND + 1 },
	{ .name = "no place to learn who it was",
	  "-userinfo_endpoint\n" SIGNED,
	  { { OFFER("1") }, { GRANTED } },
	  "5",
	  SHOWN "done identity_unverified no_identity_source" },
	{ .name = "claims of every kind",
	  "claim=email_verified\nclaim=n\nclaim=missing\nclaim=groups",
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER,
	      "{\"sub\":\"alice\",\"n\":7,\"email_verified\":true,\"groups\":[\"a\"]}" } },
	  "5",
	  SHOWN WITNESSED "claim email_verified bool true; claim n number 7; done granted ok" },
	{ .name = "a claim wanted twice is told once",
	  "claim=sub\nclaim=n\nclaim=n",
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, "{\"sub\":\"alice\",\"n\":7}" } },
	  "5",
	  SHOWN WITNESSED "claim n number 7; done granted ok" },
	{ .name = "the issuer is told once, and is the settings'",
	  "claim=iss",
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER, "{\"sub\":\"alice\",\"iss\":\"https://evil.example\"}" } },
	  "5",
	  SHOWN WELCOME },

	/* ---- who it was: the ID token ---- */
	{ .name = "an ID token",
	  SIGNED,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "an ID token, and the keys at the second try",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, HTML, 502 },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "log * [35]0[0-9]; " WELCOME },
	{ .name = "keys while the code is pending, once",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, keys_body, .takes = SECOND },
	    { PENDING, 2 },
	    { .endpoint = TOKEN, grant_good } },
	  "5 10 15 20",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "keys that take long delay no poll",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, keys_body, .takes = 8 * SECOND },
	    { PENDING },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body } },
	  "5 10 15",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "keys that could not be had while the code was pending",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, HTML, 502 },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body } },
	  "5 10",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "keys behind a poll that was lost",
	  SIGNED,
	  { { OFFER("1") },
	    { NO_DNS(TOKEN) },
	    { PENDING },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = TOKEN, grant_good } },
	  "5 10 15",
	  SHOWN "progress unreachable; progress authorization_pending; " WELCOME },
	{ .name = "keys that have changed since",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, "{\"keys\":[]}" },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body } },
	  "5 10",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "keys that have changed since, and bear no new name",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, other_keys_body },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body } },
	  "5 10",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "an ID token of another key, twice over",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, other_keys_body },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, other_keys_body } },
	  "5 10",
	  SHOWN "progress authorization_pending; done identity_unverified id_token_signature" },
	{ .name = "an ID token of yesterday by keys that were there",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = TOKEN, grant_old } },
	  "5 10",
	  SHOWN "progress authorization_pending; done identity_unverified id_token_expired" },
	{ .name = "keys once for all codes",
	  SIGNED,
	  { { OFFER("1") },
	    { PENDING },
	    { .endpoint = KEYS, keys_body },
	    { EXPIRED },
	    { OFFER("2") },
	    { PENDING },
	    { .endpoint = TOKEN, grant_good } },
	  NULL,
	  SHOWN
	  "progress authorization_pending; progress expired_token; authorize CODE-2 300; progress authorization_pending; " WELCOME,
	  .again = 1 },
	{ .name = "keys that are pinned are not fetched",
	  pinned,
	  { { OFFER("1") }, { PENDING }, { .endpoint = TOKEN, grant_good } },
	  "5 10",
	  SHOWN "progress authorization_pending; " WELCOME },
	{ .name = "an ID token of another key",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, other_keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_signature" },
	{ .name = "an ID token for another client",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_other_client },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_audience" },
	{ .name = "an ID token of yesterday",
	  SIGNED,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_old }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_expired" },
	{ .name = "an ID token, and a clock years behind",
	  SIGNED,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_not_yet",
	  .wall_offset = -100000000 },
	{ .name = "an ID token of another algorithm",
	  "jwks_uri=" ISSUER "/keys\nid_token_signed_response_alg=RS256",
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_alg_refused" },
	{ .name = "keys that are a page",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, HTML },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "log notice jwks_uri at id.example:443: 200; " WELCOME },
	{ .name = "keys that are no set",
	  SIGNED,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, "[]" } },
	  "5",
	  SHOWN "done identity_unverified keys_unreadable" },
	{ .name = "keys that are not there",
	  SIGNED,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, HTML, 404 } },
	  "5",
	  SHOWN "done identity_unverified keys_unreadable" },
	{ .name = "keys down until the end",
	  SIGNED "\nseconds=60",
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { NO_DNS(KEYS), .times = FOREVER } },
	  "5",
	  "authorize CODE-1 60; *done identity_unverified *",
	  .within = 60 * SECOND },
	{ .name = "an ID token that needs userinfo's help",
	  SIGNED "\nclaim=email",
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = USER, "{\"sub\":\"alice\",\"email\":\"a@id.example\"}" } },
	  "5",
	  SHOWN WITNESSED "claim email string a@id.example; done granted ok" },
	{ .name = "userinfo of another subject",
	  SIGNED "\nclaim=email",
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_of_bob },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = USER, "{\"sub\":\"alice\",\"email\":\"a@id.example\"}" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_subject_mismatch" },
	{ .name = "userinfo without a subject",
	  SIGNED "\nclaim=email",
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = USER, "{\"email\":\"a@id.example\"}" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_subject_mismatch" },
	{ .name = "an ID token without a subject",
	  SIGNED,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_no_sub }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_subject" },
	{ .name = "the access token's own hash",
	  SIGNED,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_hash }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "the hash of another access token",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_other_hash },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_at_hash" },
	{ .name = "members of arrays, each once",
	  SIGNED "\nclaim=groups=b\nclaim=groups=x\nclaim=groups=b\nclaim=amr=otp\nclaim=acr",
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_rich }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WITNESSED
	  "claim acr string gold; claim_item groups b; claim_item amr otp; done granted ok" },
	{ .name = "members of userinfo, but how somebody proved themselves",
	  "claim=groups=a\nclaim=amr=otp\nclaim=acr\nclaim=auth_time\nclaim=iat",
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER,
	      "{\"sub\":\"alice\",\"groups\":[\"a\"],\"amr\":[\"otp\"],\"acr\":\"gold\","
	      "\"auth_time\":1,\"iat\":1}" } },
	  "5",
	  SHOWN WITNESSED "claim_item groups a; done granted ok" },
	{ .name = "userinfo is not asked for what only the ID token may say",
	  SIGNED "\nclaim=acr\nclaim=amr=otp\nclaim=auth_time",
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WELCOME },

	/* ---- who it was: userinfo's form ---- */
	{ .name = "userinfo with a charset",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { ALICE, .type = "Application/JSON; charset=utf-8" } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "userinfo that says it is signed",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { ALICE, .type = "application/jwt" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_is_signed" },
	{ .name = "userinfo that is signed",
	  "claim=email\n" SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = USER, userinfo_good, .type = "application/jwt; charset=UTF-8" } },
	  "5",
	  SHOWN WITNESSED "claim email string a@b; done granted ok" },
	{ .name = "userinfo that is signed, and no ID token",
	  SIGNED,
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER, userinfo_good, .type = "application/jwt" },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "userinfo that is signed by another",
	  "claim=email\n" SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = USER, userinfo_forged, .type = "application/jwt" } },
	  "5",
	  SHOWN "log notice id_token_signature; done identity_unverified userinfo_not_verified" },
	{ .name = "userinfo that is encrypted",
	  "claim=email\n" SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = USER,
	      "eyJhbGciOiJSU0EtT0FFUCJ9.AAAA.AAAA.AAAA.AAAA",
	      .type = "application/jwt" } },
	  "5",
	  SHOWN "log notice id_token_encrypted; done identity_unverified userinfo_encrypted" },
	{ .name = "an account that is locked there",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { .endpoint = USER, "", 423 } },
	  "5",
	  SHOWN
	  "log notice userinfo_endpoint at id.example:443: 423; done not_honoured account_locked_there" },
	{ .name = "our clock is behind the provider's",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good, .date = WALL + 5 },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "log warning this machine's clock is 600 s behind the provider's; "
		"done identity_unverified clock_differs",
	  .wall_offset = -600 },
	{ .name = "our clock is ahead of the provider's",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_good, .date = WALL + 5 },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "log warning this machine's clock is 900 s ahead of the provider's; "
		"done identity_unverified clock_differs",
	  .wall_offset = 900 },
	{ .name = "a token of yesterday is old by both clocks",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_old, .date = WALL },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_expired",
	  .wall_offset = 900 },
	{ .name = "a moment of sign-in that cannot be read is not missing",
	  "claim=auth_time\n" SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_auth_list },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WITNESSED "claim auth_time other ; done granted ok" },
	{ .name = "a page of a firewall is no verdict",
	  NULL,
	  { { .endpoint = AUTHORIZE, HTML, 403 },
	    { OFFER("1") },
	    { .endpoint = TOKEN, HTML, 403, 5 },
	    { GRANTED },
	    { ALICE } },
	  NULL,
	  SHOWN "progress unreachable; " WELCOME },
	{ .name = "a firewall that stays",
	  NULL,
	  { { .endpoint = AUTHORIZE, HTML, 403, 4 } },
	  "",
	  "done unreachable page_in_between" },
	{ .name = "without PKCE, where the profile says so",
	  "pkce=no",
	  { { OFFER("1") }, { GRANTED }, { ALICE } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "what the provider says of a refusal",
	  NULL,
	  { { .endpoint = AUTHORIZE,
	      "{\"error\":\"invalid_request\",\"error_description\":\"AADSTS90002: \\\"x\\\" not\\nfound\"}",
	      400 } },
	  "",
	  "log notice device_authorization_endpoint at id.example:443: 400 invalid_request "
	  "\"AADSTS90002: 'x' not found\"; done client_refused invalid_request" },
	{ .name = "what repeats a secret is not said",
	  "client_secret=hush-hush",
	  { { .endpoint = AUTHORIZE,
	      "{\"error\":\"invalid_client\",\"error_description\":\"no hush-hush\"}",
	      401 } },
	  "",
	  "log notice device_authorization_endpoint at id.example:443: 401; done client_refused invalid_client" },
	{ .name = "userinfo that says it is a page",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { ALICE, .type = "text/html" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_no_json" },
	{ .name = "userinfo that does not say what it is",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { ALICE, .type = "" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_no_json" },
	{ .name = "userinfo of a longer type",
	  NULL,
	  { { OFFER("1") }, { GRANTED }, { ALICE, .type = "application/jsonp" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_no_json" },
	{ .name = "userinfo signed",
	  NULL,
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER,
	      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.",
	      .type = "application/jwt" } },
	  "5",
	  SHOWN "done identity_unverified userinfo_is_signed" },

	/* ---- who it was: pinned keys ---- */
	{ .name = "pinned keys, and no others are fetched",
	  pinned,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "pinned keys that are others",
	  pinned_others,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good } },
	  "5",
	  SHOWN "done identity_unverified id_token_signature" },
	{ .name = "pinned keys, and no ID token",
	  pinned,
	  { { OFFER("1") }, { GRANTED } },
	  "5",
	  SHOWN "done identity_unverified id_token_missing" },
	{ .name = "pinned keys, and what they have not signed is not asked for",
	  pinned_email,
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "pinned keys that are no JSON",
	  "jwks={\"keys\"",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused jwks_file_unreadable" },
	{ .name = "pinned keys that are a list",
	  "jwks=[]",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused jwks_file_unreadable" },

	/* ---- who it was: a nonce in the device flow ---- */
	{ .name = "a nonce that comes back",
	  SIGNED "\nnonce=yes",
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_nonce }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WELCOME },
	{ .name = "a nonce that does not",
	  SIGNED "\nnonce=yes",
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_nonce" },
	{ .name = "another nonce",
	  SIGNED "\nnonce=yes",
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_other_nonce },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN "done identity_unverified id_token_nonce" },
	{ .name = "a nonce, and no ID token to bring it back",
	  SIGNED "\nnonce=yes",
	  { { OFFER("1") }, { GRANTED } },
	  "5",
	  SHOWN "done identity_unverified id_token_missing" },
	{ .name = "a nonce, and no keys to read it by",
	  "nonce=yes",
	  { { OFFER("1") }, { .endpoint = TOKEN, grant_nonce } },
	  "5",
	  SHOWN "done identity_unverified id_token_missing" },
	{ .name = "a nonce, and no randomness",
	  SIGNED "\nnonce=yes",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done invalid_response no_randomness",
	  .no_random = true },
	{ .name = "a nonce that nobody asked for",
	  SIGNED,
	  { { OFFER("1") },
	    { .endpoint = TOKEN, grant_other_nonce },
	    { .endpoint = KEYS, keys_body } },
	  "5",
	  SHOWN WELCOME },

	/* ---- what becomes of the tokens ---- */
	{ .name = "tokens are revoked behind done",
	  "tokens=revoke\nrevocation_endpoint=" ISSUER "/revoke",
	  { { OFFER("1") },
	    { .endpoint = TOKEN,
	      "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\","
	      "\"refresh_token\":\"rt-1\"}" },
	    { ALICE },
	    { .endpoint = REVOKE, "", 200, 2 } },
	  "5",
	  SHOWN WELCOME "; REVOKE refresh; REVOKE access" },
	{ .name = "a failed revocation costs no login",
	  "tokens=revoke\nrevocation_endpoint=" ISSUER "/revoke",
	  { { OFFER("1") }, { GRANTED }, { ALICE }, { .endpoint = REVOKE, HTML, 503 } },
	  "5",
	  SHOWN WELCOME
	  "; REVOKE access; log warning revocation_endpoint at *; log warning a token "
	  "could not be revoked" },
	{ .name = "tokens of nobody are revoked too",
	  "tokens=revoke\nrevocation_endpoint=" ISSUER "/revoke",
	  { { OFFER("1") },
	    { GRANTED },
	    { .endpoint = USER, "{}", 403 },
	    { .endpoint = REVOKE, "", 200 } },
	  "5",
	  SHOWN "done identity_unverified userinfo_refused; REVOKE access" },

	{ .name = "tokens are kept",
	  "tokens=logout\n" REVOKING,
	  { { OFFER("1") }, { GRANTED_BOTH }, { ALICE } },
	  "5",
	  SHOWN HANDED_OVER,
	  .kept = true },
	{ .name = "tokens that a module has taken, and gone",
	  "tokens=logout\n" REVOKING,
	  { { OFFER("1") }, { GRANTED_BOTH }, { ALICE } },
	  "5",
	  SHOWN HANDED_OVER "; REVOKE refresh; REVOKE access" },
	{ .name = "tokens that a module says nothing of",
	  "tokens=session\n" REVOKING,
	  { { OFFER("1") }, { GRANTED_BOTH }, { ALICE } },
	  "5",
	  SHOWN WITNESSED
	  "tokens 1 at-1 rt-1 *; access_token at-1 0; done granted ok; REVOKE refresh; "
	  "REVOKE access",
	  .silent = true },

	/* ---- a kept session ---- */
	{ .name = "refreshed",
	  "token_blob=1 at-0 rt-1 0",
	  { { .endpoint = TOKEN,
	      "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\","
	      "\"refresh_token\":\"rt-2\"}" },
	    { ALICE } },
	  NULL,
	  "tokens 1 at-1 rt-2 *; " WELCOME,
	  .walk = flow_refresh },
	{ .name = "refreshed without a new refresh token",
	  "token_blob=1 at-0 rt-1 0",
	  { { GRANTED }, { ALICE } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " WELCOME,
	  .walk = flow_refresh },
	{ .name = "refresh refused",
	  "token_blob=1 at-0 rt-1 0",
	  { { USED_UP } },
	  NULL,
	  "done access_denied invalid_grant",
	  .walk = flow_refresh },
	{ .name = "a no behind a lost reply is no no",
	  "token_blob=1 at-0 rt-1 0",
	  { { LOST(TOKEN) }, { USED_UP } },
	  NULL,
	  "done unreachable *",
	  .walk = flow_refresh },
	{ .name = "nobody there to refresh",
	  "token_blob=1 at-0 rt-1 0",
	  { { NO_DNS(TOKEN), .times = 2 } },
	  NULL,
	  "*done unreachable dns",
	  .walk = flow_refresh },
	/* the refresh token was honoured: nothing hangs on userinfo, or on an ID token (OIDC Core 12.2) */
	{ .name = "refreshed, and userinfo down",
	  "token_blob=1 at-0 rt-1 0",
	  { { GRANTED }, { .endpoint = USER, HTML, 503, 2 } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " BOUND,
	  .walk = flow_refresh },
	{ .name = "refreshed, and userinfo is silent: sooner than the module gives up",
	  "token_blob=1 at-0 rt-1 0",
	  { { GRANTED }, { LOST(USER), .times = FOREVER } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " BOUND,
	  .walk = flow_refresh,
	  .within = 8 * SECOND },
	{ .name = "refreshed, and userinfo is refused",
	  "token_blob=1 at-0 rt-1 0",
	  { { GRANTED }, { .endpoint = USER, "{}", 403 } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " BOUND,
	  .walk = flow_refresh },
	{ .name = "refreshed, and nobody says who it is",
	  "-userinfo_endpoint\ntoken_blob=1 at-0 rt-1 0\n" SIGNED,
	  { { ROTATED } },
	  NULL,
	  "tokens 1 at-1 rt-2 *; " BOUND,
	  .walk = flow_refresh },
	{ .name = "refreshed, and the ID token says less than the first",
	  "token_blob=1 at-0 rt-1 0\nclaim=preferred_username\n" SIGNED,
	  { { .endpoint = TOKEN, grant_good },
	    { .endpoint = KEYS, keys_body },
	    { .endpoint = USER, "{}", 403 } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " WELCOME,
	  .walk = flow_refresh },
	{ .name = "refreshed, and the account is locked there",
	  "token_blob=1 at-0 rt-1 0",
	  { { GRANTED }, { .endpoint = USER, "", 423 } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; done not_honoured account_locked_there",
	  .walk = flow_refresh },
	{ .name = "refreshed, of another subject",
	  "token_blob=1 at-0 rt-1 0\nclaim=email\n" SIGNED,
	  { { .endpoint = TOKEN, grant_of_bob }, { .endpoint = KEYS, keys_body }, { ALICE } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; done identity_unverified userinfo_subject_mismatch",
	  .walk = flow_refresh },
	/* what groups hold otherwise is said; what is not said is not */
	{ .name = "refreshed, with groups that do not hold it",
	  "token_blob=1 at-0 rt-1 0\nclaim=groups=c\n" SIGNED,
	  { { .endpoint = TOKEN, grant_rich }, { .endpoint = KEYS, keys_body } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " WITNESSED "claim groups other ; done granted ok",
	  .walk = flow_refresh },
	/* pinned keys are believed alone */
	{ .name = "refreshed, and nothing is signed by the pinned keys",
	  pinned_kept,
	  { { GRANTED } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; done identity_unverified id_token_missing",
	  .walk = flow_refresh },
	{ .name = "no refresh token, and userinfo of nobody",
	  "token_blob=1 at-0 - 0",
	  { { .endpoint = USER, "{\"error\":\"x\"}" } },
	  NULL,
	  "tokens 1 at-0 - 0; claim iss string " ISSUER
	  "; done identity_unverified no_identity_source",
	  .walk = flow_refresh },
	/* a page with 401 is of something in between: nobody is put out for it */
	{ .name = "refreshing, a page with 401",
	  "token_blob=1 at-0 rt-1 0",
	  { { .endpoint = TOKEN, HTML, 401, 2 } },
	  NULL,
	  "*done unreachable *",
	  .walk = flow_refresh },
	{ .name = "no refresh token, and a page with 401",
	  "token_blob=1 at-0 - 0",
	  { { .endpoint = USER, HTML, 401, FOREVER } },
	  NULL,
	  "tokens 1 at-0 - 0; *done unreachable *",
	  .walk = flow_refresh },
	{ .name = "refreshed, and the new one ends some day",
	  "token_blob=1 at-0 rt-1 0",
	  { { ROTATED }, { ALICE } },
	  NULL,
	  "tokens 1 at-1 rt-2 1700003600; " WELCOME,
	  .walk = flow_refresh },
	{ .name = "a lost reply, and then a fresh token",
	  "token_blob=1 at-0 rt-1 0",
	  { { LOST(TOKEN) }, { ROTATED }, { ALICE } },
	  NULL,
	  "tokens 1 at-1 rt-2 *; " WELCOME,
	  .walk = flow_refresh },
	/* a gateway that gave up may have lost the server's reply as well */
	{ .name = "a no behind a gateway's time-out is no no",
	  "token_blob=1 at-0 rt-1 0",
	  { { .endpoint = TOKEN, HTML, 504 }, { USED_UP } },
	  NULL,
	  "done unreachable *",
	  .walk = flow_refresh },
	{ .name = "refreshing, the client is refused",
	  "token_blob=1 at-0 rt-1 0",
	  { { .endpoint = TOKEN, "{\"error\":\"invalid_client\"}", 401 } },
	  NULL,
	  "done client_refused invalid_client",
	  .walk = flow_refresh },
	{ .name = "refreshing, a hotel's page",
	  "token_blob=1 at-0 rt-1 0",
	  { { .endpoint = TOKEN, HTML, .times = 2 } },
	  NULL,
	  "*done unreachable refresh_unconfirmed",
	  .walk = flow_refresh },
	{ .name = "no refresh token, and still good",
	  "token_blob=1 at-0 - 0",
	  { { ALICE } },
	  NULL,
	  "tokens 1 at-0 - 0; " WELCOME,
	  .walk = flow_refresh },
	{ .name = "no refresh token, and over",
	  "token_blob=1 at-0 - 0",
	  { { .endpoint = USER, "{\"error\":\"invalid_token\"}", 401 } },
	  NULL,
	  "tokens 1 at-0 - 0; done access_denied *",
	  .walk = flow_refresh },
	{ .name = "no refresh token, and nobody there",
	  "token_blob=1 at-0 - 0",
	  { { NO_DNS(USER), .times = FOREVER } },
	  NULL,
	  "tokens 1 at-0 - 0; *done unreachable *",
	  .walk = flow_refresh },
	{ .name = "no refresh token, and a page instead",
	  "token_blob=1 at-0 - 0",
	  { { .endpoint = USER, HTML, .times = FOREVER } },
	  NULL,
	  "tokens 1 at-0 - 0; *done unreachable page_in_between",
	  .walk = flow_refresh },
	{ .name = "no refresh token, and forbidden",
	  "token_blob=1 at-0 - 0",
	  { { .endpoint = USER, "{}", 403 } },
	  NULL,
	  "tokens 1 at-0 - 0; done identity_unverified *",
	  .walk = flow_refresh },
	/* the keys are not the person's: their 401 says nothing about a session */
	{ .name = "refreshed, and the keys are refused",
	  "token_blob=1 at-0 rt-1 0\n" SIGNED,
	  { { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, "{}", 401 } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; done identity_unverified keys_unreadable",
	  .walk = flow_refresh },
	{ .name = "refreshed, with an ID token",
	  "token_blob=1 at-0 rt-1 0\n" SIGNED,
	  { { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, keys_body } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " WELCOME,
	  .walk = flow_refresh },
	/* OpenID Connect Core 12.2: it should have no nonce, and may have the first one's */
	{ .name = "refreshed after a code typed back, with an ID token",
	  PASTED "\ntoken_blob=1 at-0 rt-1 0\n" SIGNED,
	  { { .endpoint = TOKEN, grant_good }, { .endpoint = KEYS, keys_body } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " WELCOME,
	  .walk = flow_refresh },
	{ .name = "refreshed after a code typed back, with the first nonce",
	  PASTED "\ntoken_blob=1 at-0 rt-1 0\n" SIGNED,
	  { { .endpoint = TOKEN, grant_nonce }, { .endpoint = KEYS, keys_body } },
	  NULL,
	  "tokens 1 at-1 rt-1 *; " WELCOME,
	  .walk = flow_refresh },

	/* ---- a kept session's end ---- */
	{ .name = "revoked",
	  "token_blob=1 at-0 rt-1 0\n" REVOKING,
	  { { .endpoint = REVOKE, "", 200, 2 } },
	  NULL,
	  "REVOKE refresh; REVOKE access; done granted ok",
	  .walk = flow_revoke },
	{ .name = "revoked without a refresh token",
	  "token_blob=1 at-0 - 0\n" REVOKING,
	  { { .endpoint = REVOKE, "{}" } },
	  NULL,
	  "REVOKE access; done granted ok",
	  .walk = flow_revoke },
	{ .name = "the refresh token could not be revoked",
	  "token_blob=1 at-0 rt-1 0\n" REVOKING,
	  { { .endpoint = REVOKE, HTML, 503 }, { .endpoint = REVOKE, "" } },
	  NULL,
	  "REVOKE refresh; REVOKE access; done unreachable *",
	  .walk = flow_revoke },
	{ .name = "the access token could not be revoked",
	  "token_blob=1 at-0 rt-1 0\n" REVOKING,
	  { { .endpoint = REVOKE, "" },
	    { .endpoint = REVOKE, "{\"error\":\"unauthorized_client\"}", 403 } },
	  NULL,
	  "REVOKE refresh; REVOKE access; done client_refused *",
	  .walk = flow_revoke },
	{ .name = "nobody there to revoke",
	  "token_blob=1 at-0 rt-1 0\n" REVOKING,
	  { { NO_DNS(REVOKE), .times = 2 } },
	  NULL,
	  "REVOKE refresh; REVOKE access; done unreachable dns",
	  .walk = flow_revoke },
	{ .name = "both within two seconds",
	  "token_blob=1 at-0 rt-1 0\n" REVOKING,
	  { { .endpoint = REVOKE, "", .takes = 3 * SECOND / 2 },
	    { .endpoint = REVOKE, "", .takes = 8 * SECOND } },
	  NULL,
	  "REVOKE refresh; REVOKE access; done unreachable timeout",
	  .walk = flow_revoke,
	  .within = 2 * SECOND },
	{ .name = "no time left for the second",
	  "token_blob=1 at-0 rt-1 0\n" REVOKING,
	  { { .endpoint = REVOKE, "", .takes = 8 * SECOND } },
	  NULL,
	  "REVOKE refresh; done unreachable *",
	  .walk = flow_revoke,
	  .within = 2 * SECOND },
	{ .name = "no revocation there",
	  "token_blob=1 at-0 rt-1 0",
	  { { .endpoint = NO_DOOR } },
	  NULL,
	  "log debug *; done granted ok",
	  .walk = flow_revoke },
	{ .name = "nothing to revoke",
	  "token_blob=at-0\n" REVOKING,
	  { { .endpoint = NO_DOOR } },
	  NULL,
	  "done client_refused no_token_blob",
	  .walk = flow_revoke },
	{ .name = "a slow revocation holds no login up",
	  "tokens=revoke\n" REVOKING,
	  { { OFFER("1") },
	    { ROTATED },
	    { ALICE },
	    { .endpoint = REVOKE, "", .takes = 8 * SECOND } },
	  "5",
	  SHOWN WELCOME "; REVOKE refresh; log warning *",
	  .within = 7 * SECOND },

	/* ---- the code typed back ---- */
	{ .name = "typed",
	  PASTED,
	  { { GRANTED }, { ALICE } },
	  "",
	  ASKED WELCOME,
	  .typed = { "right" } },
	{ .name = "the whole address pasted",
	  PASTED,
	  { { GRANTED }, { ALICE } },
	  "",
	  ASKED WELCOME,
	  .typed = { RIGHT } },
	{ .name = "typed, and revoked in the end",
	  PASTED "\ntokens=revoke\n" REVOKING,
	  { { ROTATED }, { ALICE }, { .endpoint = REVOKE, "", 200, 2 } },
	  "",
	  ASKED WELCOME "; REVOKE refresh; REVOKE access",
	  .typed = { "right" } },
	{ .name = "wrong, then right",
	  PASTED "\nmax_entries=3",
	  { { USED_UP }, { GRANTED }, { ALICE } },
	  "",
	  ASKED WRONG(NO_CODE_400) WELCOME,
	  .typed = { "wrong", "right" } },
	{ .name = "wrong at the only try",
	  PASTED,
	  { { USED_UP } },
	  "",
	  ASKED "log notice " NO_CODE_400 "; done wrong_code invalid_grant",
	  .typed = { "wrong", "right" } },
	{ .name = "tries used up",
	  PASTED "\nmax_entries=3",
	  { { USED_UP, 3 } },
	  "",
	  ASKED WRONG(NO_CODE_400) WRONG(NO_CODE_400) "log notice " NO_CODE_400
						      "; done wrong_code invalid_grant",
	  .typed = { "wrong", "wrong", "wrong", "right" } },
	{ .name = "tries used up by what is no code",
	  PASTED "\nmax_entries=3",
	  { { .endpoint = NO_DOOR } },
	  "",
	  ASKED WRONG("*") WRONG("*") "log notice *; done wrong_code *",
	  .typed = { "", "two words", "right\r\nX-Evil: 1", "right" } },
	{ .name = "another login's address",
	  PASTED "\nmax_entries=2",
	  { { GRANTED }, { ALICE } },
	  "",
	  ASKED WRONG("state_mismatch") WELCOME,
	  .typed = { ISSUER "/show?code=evil&state=AAECAwQFBgcICQoM", RIGHT } },
	{ .name = "an address without a state",
	  PASTED,
	  { { .endpoint = NO_DOOR } },
	  "",
	  ASKED "log notice state_mismatch; done wrong_code state_mismatch",
	  .typed = { ISSUER "/show?code=evil" } },
	{ .name = "the address says no",
	  PASTED "\nmax_entries=3",
	  { { .endpoint = NO_DOOR } },
	  "",
	  ASKED "done access_denied *",
	  .typed = { ISSUER "/show?error=access_denied&state=" PASTE_STATE } },
	{ .name = "503 at the exchange, then 200",
	  PASTED,
	  { { .endpoint = TOKEN, HTML, 503 }, { GRANTED }, { ALICE } },
	  "",
	  ASKED "log notice token_endpoint at id.example:443: 503; " WELCOME,
	  .typed = { "right" } },
	{ .name = "503 at every exchange",
	  PASTED "\nmax_entries=3",
	  { { .endpoint = TOKEN, HTML, 503, 4 } },
	  "",
	  ASKED "log * [35]0[0-9]; log * [35]0[0-9]; log * [35]0[0-9]; log * [35]0[0-9]; "
		"done unreachable http_status",
	  .typed = { "right" } },
	{ .name = "a wrong code was answered, and then nobody was there",
	  PASTED "\nmax_entries=3",
	  { { USED_UP }, { NO_DNS(TOKEN), .times = 4 } },
	  "",
	  ASKED WRONG(NO_CODE_400) "*; done expired_token *",
	  .typed = { "wrong", "right" } },
	/* the code was used up by the reply that was lost: it was not wrong */
	{ .name = "the reply to the right code was lost",
	  PASTED "\nmax_entries=3",
	  { { LOST(TOKEN) }, { USED_UP } },
	  "",
	  ASKED "log notice token_endpoint at *: timeout; log notice " NO_CODE_400
		"; progress code_consumed",
	  .typed = { "right" } },
	{ .name = "lost, and once more from the start",
	  PASTED,
	  { { LOST(TOKEN) }, { USED_UP }, { GRANTED }, { ALICE } },
	  "",
	  ASKED "log notice token_endpoint at *: timeout; log notice " NO_CODE_400
		"; progress code_consumed; " ASKED WELCOME,
	  .again = 1,
	  .typed = { "right", "right" } },
	{ .name = "nothing is redeemed behind an invalid_response 200",
	  PASTED "\nmax_entries=3",
	  { { .endpoint = TOKEN, "[]" } },
	  "",
	  ASKED "done invalid_response *",
	  .typed = { "right", "right" } },
	{ .name = "nor behind a page, which may have used the code up",
	  PASTED "\nmax_entries=3",
	  { { .endpoint = TOKEN, HTML }, { GRANTED }, { ALICE } },
	  NULL,
	  ASKED "progress code_consumed; " ASKED WELCOME,
	  .again = 1,
	  .typed = { "right", "right" } },
	{ .name = "pending is no answer to a code",
	  PASTED "\nmax_entries=3",
	  { { PENDING } },
	  "",
	  ASKED "done invalid_response *",
	  .typed = { "right", "right" } },
	{ .name = "the client is refused at the exchange",
	  PASTED "\nmax_entries=3",
	  { { .endpoint = TOKEN, "{\"error\":\"invalid_client\"}", 401 } },
	  "",
	  ASKED "done client_refused invalid_client",
	  .typed = { "right", "right" } },
	{ .name = "nothing was typed in time",
	  PASTED,
	  { { .endpoint = NO_DOOR } },
	  "",
	  ASKED "progress expired_token",
	  .within = 300 * SECOND },
	{ .name = "nothing was typed in time, twice",
	  PASTED "\nseconds=60",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "authorize 60; progress expired_token; authorize 60; progress expired_token",
	  .again = 1,
	  .within = 121 * SECOND },
	/* who types late must not make the provider look unreachable */
	{ .name = "typed at the very end",
	  PASTED,
	  { { .endpoint = NO_DOOR } },
	  "",
	  ASKED "progress expired_token",
	  .typed = { "right" },
	  .typed_after = 300 * SECOND },
	{ .name = "typed too late for the reply",
	  PASTED,
	  { { .endpoint = TOKEN, NULL, .takes = 2 * SECOND } },
	  "",
	  ASKED "*progress expired_token",
	  .typed = { "right" },
	  .typed_after = 300 * SECOND - 1 },
	{ .name = "typed, and asleep until it is over",
	  PASTED,
	  { { .endpoint = NO_DOOR } },
	  "",
	  ASKED "progress expired_token",
	  .suspend_at = 1,
	  .suspend_ms = 3600 * SECOND,
	  .typed = { "right" } },
	{ .name = "again out of turn while a code is awaited",
	  PASTED,
	  { { .endpoint = NO_DOOR } },
	  "",
	  "authorize 300",
	  .again_at = 1 },
	{ .name = "an answer that nobody asked for",
	  NULL,
	  { { OFFER("1") } },
	  "",
	  "authorize CODE-1 300",
	  .typed = { "right" } },
	{ .name = "no randomness",
	  PASTED,
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done invalid_response no_randomness",
	  .within = 1,
	  .no_random = true },
	{ .name = "an ID token with our nonce",
	  PASTED "\n" SIGNED,
	  { { .endpoint = KEYS, keys_body }, { .endpoint = TOKEN, grant_nonce } },
	  "",
	  ASKED WELCOME,
	  .typed = { RIGHT } },
	{ .name = "keys that did not come while the code was typed",
	  PASTED "\n" SIGNED,
	  { { NO_DNS(KEYS) }, { .endpoint = TOKEN, grant_nonce }, { .endpoint = KEYS, keys_body } },
	  "",
	  ASKED WELCOME,
	  .typed = { RIGHT } },
	{ .name = "an ID token with another nonce",
	  PASTED "\n" SIGNED,
	  { { .endpoint = KEYS, keys_body }, { .endpoint = TOKEN, grant_other_nonce } },
	  "",
	  ASKED "done identity_unverified id_token_nonce",
	  .typed = { RIGHT } },
	{ .name = "an ID token without our nonce",
	  PASTED "\n" SIGNED,
	  { { .endpoint = KEYS, keys_body }, { .endpoint = TOKEN, grant_good } },
	  "",
	  ASKED "done identity_unverified id_token_nonce",
	  .typed = { RIGHT } },

	/* ---- the other dialects' ways ---- */
	{ .name = "mastodon: the page's own address pasted",
	  PASTED "\n-dialect\ndialect=mastodon",
	  { { GRANTED }, { ALICE } },
	  "",
	  ASKED WELCOME,
	  .typed = { ISSUER "/oauth/authorize/native?code=right" } },
	{ .name = "mastodon: no device flow",
	  "-dialect\ndialect=mastodon",
	  { { .endpoint = NO_DOOR } },
	  "",
	  "done client_refused no_device_code_flow" },
	{ .name = "calcom: a redirect that has the code alone",
	  CALCOM,
	  { { CALCOM_GRANTED }, { CALCOM_ALICE } },
	  "",
	  ASKED CALCOM_WELCOME,
	  .typed = { ISSUER "/show?code=right" } },
	{ .name = "calcom: wrong, then right",
	  CALCOM "\nmax_entries=2",
	  { { .endpoint = TOKEN,
	      "{\"status\":\"error\",\"error\":{\"code\":\"BadRequestException\","
	      "\"message\":\"Invalid OAuth Client.\"}}",
	      400 },
	    { CALCOM_GRANTED },
	    { CALCOM_ALICE } },
	  "",
	  ASKED WRONG("*") CALCOM_WELCOME,
	  .typed = { "rightly", "right" } },
	{ .name = "calcom: no revocation",
	  CALCOM "\ntokens=revoke\n" REVOKING,
	  { { CALCOM_GRANTED }, { CALCOM_ALICE } },
	  "",
	  ASKED "claim iss string " ISSUER "; claim data.id number 7; done granted ok; log debug *",
	  .typed = { "right" } },

	{ .name = "no token_blob",
	  "token_blob=1 rt-1",
	  { { .endpoint = NO_DOOR } },
	  NULL,
	  "done client_refused no_token_blob",
	  .walk = flow_refresh },
};

/* ---- the world of one run ---- */

static struct {
	const struct scenario *scenario;
	int64_t now;
	size_t at;	/* the next answer */
	int used;	/* how often it was given */
	size_t calls;	/* of wait, fetch, tell */
	size_t gone_at; /* at this call the module is gone; 0: it stays */
	bool gone;
	int waits, agains, walls, flaps, questions;
	/* what must hold of the next poll */
	char device_code[32];
	int64_t interval, ready, deadline;
	bool used_up; /* no poll any more with this code */
	/* what was told */
	int states, notes, invites;
	bool claimed, done, waiting_for_again;
	const char *typed; /* at the last question */
	bool asking;
	int proofs, revocations;
	int64_t revoke_end;
	bool alone; /* the flow goes on without the module, to revoke and for nothing else */
	bool held;  /* there are tokens that nobody keeps, and that can be revoked */
	char last_state[32];
	char polls[TEXT_MAX];
	char told[TEXT_MAX];
} world;

static void told_add(const char *text);
static int64_t setting_seconds(void);

static const char *name(void)
{
	return world.scenario->name;
}

static bool setting_has(const char *text)
{
	return world.scenario->settings && strstr(world.scenario->settings, text);
}

static bool pasting(void)
{
	return setting_has("flow=authorization_code") && !world.scenario->walk;
}

/* One call from the flow. true: the module is gone at this one, and no other may follow. */
static bool call_is_last(const char *what)
{
	if (world.gone)
		fail_msg("%s: %s although the module has gone", name(), what);
	world.gone = ++world.calls == world.gone_at;
	return world.gone;
}

static int64_t fake_now(void *context)
{
	(void)context;
	return world.now;
}

static int64_t fake_wall(void *context)
{
	(void)context;
	world.walls++;
	if (world.scenario->wild_wall)
		return world.walls % 2 ? 0 : INT32_MAX + (int64_t)world.walls;
	return WALL + world.scenario->wall_offset + (world.now - START) / SECOND;
}

/* The module has been told that the code is of no use. */
static enum flow_event again_wait(int64_t until)
{
	world.waiting_for_again = false;
	if (world.agains < world.scenario->again) {
		world.agains++;
		world.now += 200;
		return FLOW_AGAIN;
	}
	if (world.scenario->silent) {
		world.now = until;
		world.gone = true; /* to the flow this is the same */
		return FLOW_TIME;
	}
	world.gone = true;
	return FLOW_GONE;
}

/* What the person types, if anything, before UNTIL. */
static const char *typed_next(int64_t until)
{
	const struct scenario *s = world.scenario;
	const char *typed = world.questions < TYPED_MAX ? s->typed[world.questions] : NULL;

	if (!typed || world.now + s->typed_after > until || (pasting() && !world.asking))
		return NULL;
	world.asking = false;
	world.questions++;
	world.now += s->typed_after;
	return typed;
}

static void fake_alone(void *context)
{
	(void)context;
	world.alone = true;
}

/* Behind `done` the module is asked for one thing alone: whether the tokens are kept. */
static enum flow_event kept_wait(int64_t until)
{
	if (!strstr(world.told, "tokens "))
		fail_msg("%s: waits behind done", name());
	assert_int_equal(until, world.now + setting_seconds() * SECOND + 75 * SECOND);
	world.held = !world.scenario->kept;
	if (world.scenario->silent)
		world.now = until;
	return world.scenario->kept ? FLOW_KEPT : world.scenario->silent ? FLOW_TIME : FLOW_GONE;
}

static enum flow_event fake_wait(void *context, int64_t until)
{
	const struct scenario *s = world.scenario;

	(void)context;
	if (call_is_last("wait"))
		return FLOW_GONE;
	if (until < START || until > world.now + DAY_MS)
		fail_msg("%s: waits until %lld at %lld", name(), (long long)until,
			 (long long)world.now);
	if (world.done)
		return kept_wait(until);
	if (world.waiting_for_again)
		return again_wait(until);
	world.waits++;
	if (world.waits == s->again_at) {
		world.gone = true;
		return FLOW_AGAIN;
	}
	world.typed = s->typed[0] ? typed_next(until) : NULL;
	if (world.typed) {
		if (world.waits == s->suspend_at)
			world.now += s->suspend_ms;
		world.gone = !pasting(); /* to the flow this is the same */
		return FLOW_ANSWER;
	}
	if (until > world.now)
		world.now = until;
	if (world.waits == s->suspend_at)
		world.now += s->suspend_ms;
	return FLOW_TIME;
}

static const char *fake_answer(void *context)
{
	(void)context;
	if (!world.typed)
		fail_msg("%s: an answer that nobody gave", name());
	return world.typed;
}

/* 0, 1, 2 and so on: PASTE_STATE and the rest are worked out from these. */
static bool fake_random(void *context, unsigned char *out, size_t len)
{
	(void)context;
	for (size_t i = 0; i < len; i++)
		out[i] = (unsigned char)i;
	if (len ==
	    2) /* how much longer to wait after trouble: no longer, so that moments are exact */
		out[1] = 0;
	if (world.scenario->no_random)
		return false;
	if (len > 2)
		world.proofs++;
	return true;
}

/* ---- the provider ---- */

static enum endpoint endpoint_of(const char *url)
{
	static const struct {
		const char *url;
		enum endpoint endpoint;
	} endpoints[] = {
		{ ISSUER "/.well-known/openid-configuration", META },
		{ ISSUER "/device_authorization", AUTHORIZE },
		{ ISSUER "/token", TOKEN },
		{ ISSUER "/keys", KEYS },
		{ ISSUER "/userinfo", USER },
		{ ISSUER "/revoke", REVOKE },
		{ ISSUER "/v2/oauth/tv/exchange", TOKEN },
	};

	for (size_t i = 0; i < COUNT(endpoints); i++)
		if (strcmp(endpoints[i].url, url) == 0)
			return endpoints[i].endpoint;
	fail_msg("%s: asks at %s", name(), url);
	return NO_DOOR;
}

static const struct answer flaps[] = { { PENDING }, { NO_DNS(TOKEN) } };

static const struct answer *answer_next(enum endpoint endpoint)
{
	const struct answer *answer = &world.scenario->answers[world.at];

	if (world.scenario->flapping && endpoint == TOKEN)
		return &flaps[world.flaps++ % 2];
	if (answer->times == FOREVER && answer->endpoint != endpoint && world.used > 0) {
		world.used = 0;
		answer = &world.scenario->answers[++world.at];
	}
	if (answer->endpoint != endpoint)
		fail_msg("%s: asks at endpoint %d, the script is at %d (answer %zu), told: %s",
			 name(), (int)endpoint, (int)answer->endpoint, world.at, world.told);
	world.used++;
	if (answer->times != FOREVER && world.used >= (answer->times ? answer->times : 1)) {
		world.used = 0;
		world.at++;
	}
	return answer;
}

static const char *header_find(const struct request *request, const char *header)
{
	for (size_t i = 0; i < request->headers; i++)
		if (strncmp(request->header[i], header, strlen(header)) == 0)
			return request->header[i] + strlen(header);
	return NULL;
}

static void poll_note(void)
{
	size_t len = strlen(world.polls);

	snprintf(world.polls + len, sizeof(world.polls) - len, "%s%g", len ? " " : "",
		 (double)(world.now - START) / (double)SECOND);
}

static void poll_check(const struct request *request, int64_t limit)
{
	char field[64];

	poll_note();
	snprintf(field, sizeof(field), "device_code=%s", world.device_code);
	if (!strstr(request->body, field) ||
	    !strstr(request->body,
		    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"))
		fail_msg("%s: polls with %s", name(), request->body);
	if (world.now < world.ready)
		fail_msg("%s: poll %lld ms too early: %s", name(),
			 (long long)(world.ready - world.now), world.polls);
	if (!strstr(request->body, "&code_verifier=" PASTE_VERIFIER) != setting_has("pkce=no"))
		fail_msg("%s: polls with %s", name(), request->body);
	if (world.used_up)
		fail_msg("%s: a poll behind the last reply: %s", name(), world.polls);
	if (world.now >= world.deadline || world.now + limit > world.deadline)
		fail_msg("%s: a poll behind the deadline: %s", name(), world.polls);
}

/* The code as typed, this login's own verifier, and time for the reply. */
static void exchange_check(const struct request *request, int64_t limit)
{
	bool calcom = strstr(world.scenario->settings, "dialect=calcom") != NULL;

	if (calcom && !header_find(request, "Authorization: Bearer right"))
		fail_msg("%s: no code in the header", name());
	if (!calcom && (!strstr(request->body, "grant_type=authorization_code&code=") ||
			!strstr(request->body, "&code_verifier=" PASTE_VERIFIER "&")))
		fail_msg("%s: redeems with %s", name(), request->body);
	if (world.used_up)
		fail_msg("%s: a code redeemed behind a 200", name());
	if (world.now >= world.deadline || world.now + limit > world.deadline)
		fail_msg("%s: a code redeemed behind the deadline", name());
}

/* The refresh token first; both within two seconds. */
static void revoke_check(const struct request *request, int64_t limit)
{
	bool refresh = strstr(request->body, "token=rt-") != NULL;

	if (refresh != (strstr(request->body, "token_type_hint=refresh_token") != NULL))
		fail_msg("%s: revokes with %s", name(), request->body);
	if (refresh && world.revocations > 0)
		fail_msg("%s: the refresh token behind another", name());
	if (world.revocations++ == 0)
		world.revoke_end = world.now + 2 * SECOND;
	if (world.now + limit > world.revoke_end)
		fail_msg("%s: revokes for %lld ms more", name(), (long long)limit);
	told_add(world.told[0] ? "; " : "");
	told_add(refresh ? "REVOKE refresh" : "REVOKE access");
}

static void request_check(const struct request *request, enum endpoint endpoint, int64_t limit)
{
	const char *bearer = header_find(request, "Authorization: Bearer ");

	if (limit <= 0)
		fail_msg("%s: a request with no time for its reply, told: %s", name(), world.told);
	if (world.alone ? endpoint != REVOKE : world.done)
		fail_msg("%s: a request behind done or the module's end", name());
	if (endpoint == KEYS && world.invites > 0 && !pasting() && !world.used_up &&
	    world.now + limit > world.ready)
		fail_msg("%s: keys are waited for when a poll is due", name());
	assert_int_equal(request->post,
			 endpoint == AUTHORIZE || endpoint == TOKEN || endpoint == REVOKE);
	assert_non_null(header_find(request, "Accept: application/json"));
	if (endpoint == USER &&
	    (!bearer || (strcmp(bearer, "at-1") != 0 &&
			 (!world.scenario->walk || strcmp(bearer, "at-0") != 0))))
		fail_msg("%s: bearer %s at userinfo", name(), bearer ? bearer : "missing");
	if (endpoint != USER && bearer && endpoint != TOKEN)
		fail_msg("%s: bearer %s at endpoint %d", name(), bearer, (int)endpoint);
	if (request->post && !bearer && !strstr(request->body, "client_id=tv"))
		fail_msg("%s: no client in %s", name(), request->body);
	if (endpoint == AUTHORIZE &&
	    (strstr(request->body, "&nonce=" PASTE_NONCE) != NULL) != setting_has("nonce=yes"))
		fail_msg("%s: invites by %s", name(), request->body);
	if (endpoint == AUTHORIZE &&
	    (!strstr(request->body, "&code_challenge=") ||
	     !strstr(request->body, "&code_challenge_method=S256")) != setting_has("pkce=no"))
		fail_msg("%s: invites by %s", name(), request->body);
	if (endpoint == TOKEN && pasting())
		exchange_check(request, limit);
	else if (endpoint == TOKEN && !world.scenario->walk)
		poll_check(request, limit);
	if (endpoint == REVOKE)
		revoke_check(request, limit);
}

/* What a reply means for the polls to come: RFC 8628 3.2 and 3.5, written down a second time. */
static int64_t member_seconds(const char *body, const char *member, int64_t otherwise)
{
	const char *at = body ? strstr(body, member) : NULL;

	return at && strtoll(at + strlen(member), NULL, 10) > 0
		       ? strtoll(at + strlen(member), NULL, 10)
		       : otherwise;
}

static int64_t setting_seconds(void)
{
	const char *at = world.scenario->settings ? strstr(world.scenario->settings, "seconds=")
						  : NULL;

	return at ? strtoll(at + strlen("seconds="), NULL, 10) : 300;
}

static void offer_expect(const struct reply *reply)
{
	const char *code = strstr(reply->body, "\"dc-");
	int64_t seconds = member_seconds(reply->body, "\"expires_in\":", 600);

	if (reply->status != 200 || !code)
		return;
	snprintf(world.device_code, sizeof(world.device_code), "%.*s", (int)strcspn(code + 1, "\""),
		 code + 1);
	if (seconds > setting_seconds())
		seconds = setting_seconds();
	world.interval = member_seconds(reply->body, "\"interval\":", 5) * SECOND;
	world.ready = world.now + world.interval;
	world.deadline = world.now + seconds * SECOND;
	world.used_up = false;
}

static void poll_expect(const struct reply *reply)
{
	bool error = reply->arrived && strstr(reply->body, "\"error\"");
	int64_t wish = 0;

	if (reply->timed_out && world.interval < BACKOFF_MS)
		world.interval = 2 * world.interval < BACKOFF_MS ? 2 * world.interval : BACKOFF_MS;
	if (reply->arrived && strstr(reply->body, "slow_down"))
		world.interval += 5 * SECOND;
	if (reply->arrived && reply->retry_after > 0)
		wish = (reply->retry_after < 86400 ? reply->retry_after : 86400) * SECOND;
	if (reply->arrived && reply->retry_at > reply->date && reply->date > 0)
		wish = (reply->retry_at - reply->date) * SECOND;
	world.ready = world.now + (wish > world.interval ? wish : world.interval);
	world.used_up = reply->arrived && reply->status == 200 && !error && reply->body[0] != '<';
	if (error && !strstr(reply->body, "authorization_pending") &&
	    !strstr(reply->body, "slow_down") && !strstr(reply->body, "RESOURCE_EXHAUSTED"))
		world.used_up = true; /* "any other error code" */
}

static void reply_clear(struct reply *reply, const char *trouble)
{
	memset(reply, 0, sizeof(*reply));
	reply->retry_after = reply->retry_at = reply->date = -1;
	reply->trouble = trouble ? reason_find(trouble) : REASON_NONE;
	reply->too_long = trouble && strcmp(trouble, "reply_too_long") == 0;
	reply->unsent = trouble && strcmp(trouble, "dns") == 0;
}

static void reply_make(struct reply *reply, const struct answer *answer, int64_t limit)
{
	int64_t most = limit < REQUEST_MS ? limit : REQUEST_MS;

	reply_clear(reply, answer->trouble);
	if (answer->takes > most) {
		world.now += most;
		reply->trouble = REASON_TIMEOUT;
		reply->timed_out = true;
		return;
	}
	world.now += answer->takes;
	if (answer->trouble) {
		reply->timed_out = strcmp(answer->trouble, "timeout") == 0;
		return;
	}
	reply->arrived = true;
	reply->status = answer->status ? answer->status : 200;
	reply->retry_after = answer->retry_after ? answer->retry_after : -1;
	reply->retry_at = answer->retry_at ? answer->retry_at : -1;
	reply->date = answer->date ? answer->date : -1;
	snprintf(reply->content_type, sizeof(reply->content_type), "%s",
		 answer->type				  ? answer->type
		 : answer->body && answer->body[0] == '<' ? "text/html"
							  : "application/json");
	reply->len = answer->body ? strlen(answer->body) : 0;
	if (answer->body)
		memcpy(reply->body, answer->body, reply->len);
}

/* As http.c does: a broken request is a reply that did not arrive. */
static bool fake_fetch(void *context, const struct request *request, int64_t limit,
		       struct reply *reply)
{
	enum endpoint endpoint;

	(void)context;
	if (world.alone && (world.gone || strstr(world.told, "tokens "))) {
		request_check(request, endpoint_of(request->url), limit);
		reply_make(reply, &(struct answer){ .endpoint = REVOKE, .body = "" }, limit);
		world.held = false;
		return true;
	}
	if (!world.alone && call_is_last("fetch")) {
		reply_clear(reply, "connection_lost");
		return false;
	}
	if (request->broken) {
		reply_clear(reply, "request_broken");
		return true;
	}
	endpoint = endpoint_of(request->url);
	request_check(request, endpoint, limit);
	reply_make(reply, answer_next(endpoint), limit);
	if (endpoint == AUTHORIZE)
		offer_expect(reply);
	else if (endpoint == TOKEN && pasting())
		world.used_up = reply->arrived && reply->status == 200 &&
				!strstr(reply->body, "\"error\"");
	else if (endpoint == TOKEN)
		poll_expect(reply);
	world.held |= endpoint == TOKEN && !world.scenario->walk && reply->arrived &&
		      reply->status == 200 && strstr(reply->body, "\"access_token\"") &&
		      setting_has("tokens=") && setting_has("revocation_endpoint=");
	world.held &= endpoint != REVOKE;
	return true;
}

/* ---- the module ---- */

/* What login.c wants of each message: its keys in order; a ? follows one that may be absent. */
static const struct kind {
	const char *verb;
	const char *keys;
} kinds[] = {
	{ "authorize", "flow user_code? verification_uri verification_uri_complete? expires_in" },
	{ "progress", "state" },
	{ "claim", "name type value" },
	{ "claim_item", "name value" },
	{ "log", "level text" },
	{ "tokens", "token_blob" },
	{ "access_token", "access_token expires_in" },
	{ "done", "verdict reason" },
};

static void keys_check(const struct wire_message *message)
{
	const char *keys = NULL;
	size_t pair = 0;

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i].verb, message->verb) == 0)
			keys = kinds[i].keys;
	if (!keys)
		fail_msg("%s: tells %s", name(), message->verb);
	for (size_t len; *keys; keys += len + strspn(keys + len, " ?")) {
		len = strcspn(keys, " ?");
		if (pair < message->pairs && strlen(message->pair[pair].key) == len &&
		    strncmp(message->pair[pair].key, keys, len) == 0)
			pair++;
		else if (keys[len] != '?')
			fail_msg("%s: %s lacks %s", name(), message->verb, keys);
	}
	if (pair != message->pairs)
		fail_msg("%s: %s with more keys than its own", name(), message->verb);
}

/* The kind is the flow's, and only a device has a code to show. */
static void authorize_check(const struct wire_message *message)
{
	const char *code = wire_value(message, "user_code");

	assert_string_equal(wire_value(message, "flow"),
			    pasting() ? "authorization_code" : "device_code");
	if (!code != pasting())
		fail_msg("%s: user_code %s", name(), code ? code : "missing");
	if (!pasting())
		return;
	if (!strstr(wire_value(message, "verification_uri"), "client_id=tv") ||
	    world.proofs != world.invites + 1)
		fail_msg("%s: invites to %s", name(), wire_value(message, "verification_uri"));
	world.deadline = world.now + strtoll(wire_value(message, "expires_in"), NULL, 10) * SECOND;
	world.used_up = false;
}

/* Seasons and numbers, as in the module's table. */
static void phase_check(const struct wire_message *message)
{
	const char *state = wire_value(message, "state");
	const char *verb = message->verb;

	if (world.done && (strcmp(verb, "log") != 0 || !world.alone))
		fail_msg("%s: %s behind done", name(), verb);
	if (strcmp(verb, "authorize") == 0) {
		authorize_check(message);
		world.invites++;
		world.last_state[0] = '\0';
	} else if (strcmp(verb, "progress") == 0) {
		if (world.invites == 0 || world.claimed || ++world.states > STATES_MAX)
			fail_msg("%s: state %s out of turn (number %d)", name(), state,
				 world.states);
		if (strcmp(state, world.last_state) == 0 && strcmp(state, "wrong_code") != 0)
			fail_msg("%s: state %s told twice", name(), state);
		snprintf(world.last_state, sizeof(world.last_state), "%s", state);
		world.waiting_for_again = strcmp(state, "expired_token") == 0 ||
					  strcmp(state, "code_consumed") == 0;
	} else if (strcmp(verb, "log") == 0) {
		if (++world.notes > NOTES_MAX)
			fail_msg("%s: too many notes", name());
	} else if (strcmp(verb, "claim") == 0 || strcmp(verb, "claim_item") == 0) {
		world.claimed = true;
		if (world.invites == 0 && !world.scenario->walk)
			fail_msg("%s: a claim before the authorization", name());
	}
	world.asking = strcmp(verb, "authorize") == 0 ||
		       (state && strcmp(state, "wrong_code") == 0);
	world.done |= strcmp(verb, "done") == 0;
}

static void told_add(const char *text)
{
	size_t len = strlen(world.told);

	snprintf(world.told + len, sizeof(world.told) - len, "%s", text);
}

/* The provider's words are for the scenarios that expect a note at all. */
static bool note_is_aside(const struct wire_message *message)
{
	const char *text = strcmp(message->verb, "log") == 0 ? wire_value(message, "text") : NULL;

	return text && strstr(text, " at ") && !strstr(world.scenario->told, "log ");
}

/* "verb value value", and for an authorization its code and seconds, and the complete address. */
static void told_note(const struct wire_message *message)
{
	static const char *const not_written[] = { "flow", "verification_uri",
						   "verification_uri_complete" };
	const char *complete = wire_value(message, "verification_uri_complete");

	if (note_is_aside(message))
		return;
	told_add(world.told[0] ? "; " : "");
	told_add(message->verb);
	for (size_t i = 0; i < message->pairs; i++) {
		bool skip = false;

		for (size_t k = 0; k < COUNT(not_written); k++)
			skip = skip || strcmp(message->pair[i].key, not_written[k]) == 0;
		if (skip)
			continue;
		told_add(" ");
		told_add(message->pair[i].value);
	}
	if (complete) {
		told_add(" ");
		told_add(complete);
	}
}

static bool claim_is_new(const struct wire_message *message)
{
	char text[512];

	snprintf(text, sizeof(text), "; claim %s ", wire_value(message, "name"));
	return !strstr(world.told, text);
}

static bool fake_tell(void *context, const struct wire_draft *draft)
{
	static char bytes[WIRE_BYTES_MAX];
	struct wire_message message;

	(void)context;
	if (call_is_last("tell"))
		return false;
	if (draft->broken)
		fail_msg("%s: a broken message", name());
	memcpy(bytes, draft->bytes, draft->len);
	if (!wire_parse(&message, bytes, draft->len))
		fail_msg("%s: a packet that is no message", name());
	keys_check(&message);
	phase_check(&message);
	if (strcmp(message.verb, "claim") == 0 && !claim_is_new(&message))
		fail_msg("%s: claim %s told twice", name(), wire_value(&message, "name"));
	told_note(&message);
	return true;
}

/* ---- a run ---- */

static bool taken_away(const char *changes, const char *key)
{
	char line[80];

	snprintf(line, sizeof(line), "-%s", key);
	for (const char *at = changes; at && *at; at += strcspn(at, "\n")) {
		at += *at == '\n';
		if (strncmp(at, line, strlen(line)) == 0 &&
		    (at[strlen(line)] == '\n' || at[strlen(line)] == '\0'))
			return true;
	}
	return false;
}

static void changes_add(struct wire_draft *draft, const char *changes)
{
	char line[512];

	while (changes && *changes) {
		size_t len = strcspn(changes, "\n");
		char *equals;

		snprintf(line, sizeof(line), "%.*s", (int)len, changes);
		equals = strchr(line, '=');
		if (line[0] != '-' && equals) {
			*equals = '\0';
			wire_add(draft, line, equals + 1);
		}
		changes += len + (changes[len] == '\n');
	}
}

static void settings_make(const char *changes, char *bytes, struct wire_message *settings)
{
	static const char *const usual[][2] = {
		{ "wire", WIRE_VERSION },
		{ "issuer", ISSUER },
		{ "dialect", "rfc8628" },
		{ "client_id", "tv" },
		{ "token_endpoint_auth_method", "none" },
		{ "scope", "openid" },
		{ "claim", "sub" },
		{ "device_authorization_endpoint", ISSUER "/device_authorization" },
		{ "token_endpoint", ISSUER "/token" },
		{ "userinfo_endpoint", ISSUER "/userinfo" },
	};
	static struct wire_draft draft;

	wire_begin(&draft, "login");
	for (size_t i = 0; i < COUNT(usual); i++)
		if (!taken_away(changes, usual[i][0]))
			wire_add(&draft, usual[i][0], usual[i][1]);
	if (!changes || !strstr(changes, "seconds="))
		wire_add(&draft, "seconds", "300");
	changes_add(&draft, changes);
	assert_false(draft.broken);
	memcpy(bytes, draft.bytes, draft.len);
	assert_true(wire_parse(settings, bytes, draft.len));
}

static void scenario_run(const struct scenario *s, size_t gone_at)
{
	static char bytes[WIRE_BYTES_MAX];
	static const struct flow_io io = {
		.now = fake_now,
		.wall = fake_wall,
		.wait = fake_wait,
		.answer = fake_answer,
		.random = fake_random,
		.fetch = fake_fetch,
		.tell = fake_tell,
		.alone = fake_alone,
	};
	struct wire_message settings;

	memset(&world, 0, sizeof(world));
	world.scenario = s;
	world.now = START;
	world.gone_at = gone_at;
	settings_make(s->settings, bytes, &settings);
	(s->walk ? s->walk : flow_login)(&settings, &io);
}

/* "5 10 20-30/5" → "5 10 20 25 30" */
static void polls_expand(const char *text, char *out, size_t out_len)
{
	size_t n = 0;

	out[0] = '\0';
	while (*text) {
		double first, last = 0, step = 1;
		int used = 0;

		if (sscanf(text, "%lf-%lf/%lf%n", &first, &last, &step, &used) != 3) {
			assert_int_equal(sscanf(text, "%lf%n", &first, &used), 1);
			last = first;
		}
		for (double at = first; at <= last; at += step)
			n += (size_t)snprintf(out + n, out_len - n, "%s%g", n ? " " : "", at);
		text += used;
		text += strspn(text, " ");
	}
}

static void scenario_check(void **state)
{
	static char polls[TEXT_MAX];
	const struct scenario *s = *state;
	const struct answer *left;

	scenario_run(s, 0);
	if (fnmatch(s->told, world.told, 0) != 0)
		fail_msg("told:     %s\nexpected: %s", world.told, s->told);
	if (s->polls) {
		polls_expand(s->polls, polls, sizeof(polls));
		assert_string_equal(world.polls, polls);
	}
	if (!world.done && !world.gone)
		fail_msg("neither done nor gone");
	if (s->within > 0 && world.now - START > s->within)
		fail_msg("took %lld ms", (long long)(world.now - START));
	left = &s->answers[world.at];
	if (left->endpoint != NO_DOOR && left->times != FOREVER)
		fail_msg("answer %zu was not asked for", world.at);
}

/*
 * The module goes at its N-th chance, for every N (in long scripts for many): nothing follows but
 * that tokens which nobody keeps are revoked.
 */
static void every_end_is_prompt(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(scenarios); i++) {
		size_t calls;

		scenario_run(&scenarios[i], 0);
		calls = world.calls;
		for (size_t n = 1; n <= calls; n += n < 300 ? 1 : 1 + calls / 50) {
			scenario_run(&scenarios[i], n);
			if (!world.gone || world.calls != n)
				fail_msg("%s: %zu calls, not %zu", name(), world.calls, n);
			if (world.held)
				fail_msg("%s: gone at call %zu: tokens are left", name(), n);
		}
	}
}

/* ---- keys and tokens ---- */

static void base64url(const unsigned char *bytes, size_t len, char *out)
{
	int size = EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);

	while (size > 0 && out[size - 1] == '=')
		size--;
	out[size] = '\0';
	for (char *c = out; *c; c++)
		*c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
}

static void jwks_write(EVP_PKEY *key, char *out, size_t out_len)
{
	unsigned char point[65];
	char x[48], y[48];
	size_t len;

	assert_int_equal(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
							 sizeof(point), &len),
			 1);
	assert_int_equal(len, sizeof(point));
	base64url(point + 1, 32, x);
	base64url(point + 33, 32, y);
	snprintf(out, out_len,
		 "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k1\",\"use\":\"sig\","
		 "\"alg\":\"ES256\",\"x\":\"%s\",\"y\":\"%s\"}]}",
		 x, y);
}

/* The plain r and s of RFC 7518 3.4. */
static void es256_sign(EVP_PKEY *key, const char *text, char *out)
{
	unsigned char der[128], pair[64];
	const unsigned char *at = der;
	size_t len = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *sig;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &len, (const unsigned char *)text, strlen(text)),
			 1);
	EVP_MD_CTX_free(ctx);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
	assert_non_null(sig);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), pair, 32), 32);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), pair + 32, 32), 32);
	ECDSA_SIG_free(sig);
	base64url(pair, sizeof(pair), out);
}

static void jwt_write(EVP_PKEY *key, const char *payload, char *out, size_t out_len)
{
	static const char header[] = "{\"alg\":\"ES256\",\"kid\":\"k1\"}";
	char head[128], body[1024], text[1200], signature[128];

	base64url((const unsigned char *)header, sizeof(header) - 1, head);
	base64url((const unsigned char *)payload, strlen(payload), body);
	snprintf(text, sizeof(text), "%s.%s", head, body);
	es256_sign(key, text, signature);
	snprintf(out, out_len, "%s.%s", text, signature);
}

/* A token reply with an ID token whose payload begins with CLAIMS. */
static void grant_write(EVP_PKEY *key, const char *claims, int64_t issued, char *out,
			size_t out_len)
{
	char payload[512], token[1400];

	snprintf(payload, sizeof(payload), "{%s\"iss\":\"" ISSUER "\",\"iat\":%lld,\"exp\":%lld}",
		 claims, (long long)issued, (long long)issued + 600);
	jwt_write(key, payload, token, sizeof(token));
	snprintf(out, out_len,
		 "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}",
		 token);
}

#define FOR_US "\"aud\":\"tv\","

static int bodies_make(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	EVP_PKEY *other = EVP_EC_gen("P-256");

	(void)state;
	jwks_write(key, keys_body, sizeof(keys_body));
	jwks_write(other, other_keys_body, sizeof(other_keys_body));
	grant_write(key, "\"sub\":\"alice\"," FOR_US, WALL, grant_good, sizeof(grant_good));
	grant_write(key, "\"sub\":\"bob\"," FOR_US, WALL, grant_of_bob, sizeof(grant_of_bob));
	grant_write(key, "\"sub\":\"alice\",\"nonce\":\"" PASTE_NONCE "\"," FOR_US, WALL,
		    grant_nonce, sizeof(grant_nonce));
	grant_write(key, "\"sub\":\"alice\",\"nonce\":\"" PASTE_STATE "\"," FOR_US, WALL,
		    grant_other_nonce, sizeof(grant_other_nonce));
	grant_write(key,
		    "\"sub\":\"alice\",\"groups\":[\"a\",\"b\"],\"amr\":[\"otp\"],"
		    "\"acr\":\"gold\"," FOR_US,
		    WALL, grant_rich, sizeof(grant_rich));
	/* of at-1, as test_idtoken.c has it; and of nothing */
	grant_write(key, "\"sub\":\"alice\",\"at_hash\":\"R8PYaIQdcYEdkSc9TeGyiQ\"," FOR_US, WALL,
		    grant_hash, sizeof(grant_hash));
	grant_write(key, "\"sub\":\"alice\",\"at_hash\":\"47DEQpj8HBSa-_TImW-5JA\"," FOR_US, WALL,
		    grant_other_hash, sizeof(grant_other_hash));
	snprintf(pinned, sizeof(pinned), SIGNED "\njwks=%s", keys_body);
	snprintf(pinned_others, sizeof(pinned_others), SIGNED "\njwks=%s", other_keys_body);
	snprintf(pinned_email, sizeof(pinned_email), SIGNED "\nclaim=email\njwks=%s", keys_body);
	grant_write(key, FOR_US, WALL, grant_no_sub, sizeof(grant_no_sub));
	grant_write(key, "\"sub\":\"alice\"," FOR_US, WALL - 86400, grant_old, sizeof(grant_old));
	grant_write(key, "\"sub\":\"alice\",\"aud\":\"other\",", WALL, grant_other_client,
		    sizeof(grant_other_client));
	grant_write(key, "\"sub\":\"alice\",\"auth_time\":[1]," FOR_US, WALL, grant_auth_list,
		    sizeof(grant_auth_list));
	jwt_write(key, "{\"sub\":\"alice\",\"email\":\"a@b\"}", userinfo_good,
		  sizeof(userinfo_good));
	jwt_write(other, "{\"sub\":\"alice\",\"email\":\"a@b\"}", userinfo_forged,
		  sizeof(userinfo_forged));
	snprintf(pinned_kept, sizeof(pinned_kept), "token_blob=1 at-0 rt-1 0\n%s", pinned);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	snprintf(grant_long, sizeof(grant_long),
		 "{\"token_type\":\"Bearer\",\"access_token\":\"%0*d\"}", 13000, 0);
	snprintf(metadata_body, sizeof(metadata_body),
		 "{\"issuer\":\"" ISSUER "\",\"device_authorization_endpoint\":\"" ISSUER
		 "/device_authorization\",\"token_endpoint\":\"" ISSUER
		 "/token\",\"userinfo_endpoint\":\"" ISSUER "/userinfo\"}");
	return 0;
}

int main(void)
{
	static struct CMUnitTest tests[COUNT(scenarios) + 1] = {
		cmocka_unit_test(every_end_is_prompt),
	};

	for (size_t i = 0; i < COUNT(scenarios); i++)
		tests[1 + i] =
			(struct CMUnitTest){ .name = scenarios[i].name,
					     .test_func = scenario_check,
					     .initial_state = (void *)(uintptr_t)&scenarios[i] };
	return cmocka_run_group_tests_name("flow", tests, bodies_make, NULL);
}

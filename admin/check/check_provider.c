/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: what the helper finds of a provider, step by step, in words, with what to do. A table of
 * reasons; must never print a value that names a code, nor an address with its query.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/list.h"
#include "common/paths.h"
#include "helper/login/present.h"
#include "helper/login/config/rules.h"
#include "check.h"
#include "admin/probe.h"
#include "admin/terminal.h"

enum {
	CLOCK_WARNING = 30, /* seconds */
	CLOCK_ERROR = 120,  /* ID tokens of a clock that is further away are refused */
};

struct asked {
	struct check *check;
	struct section *section;
	char hosts[512];
	char endpoints[512];
	char uri[SCREEN_LONG_URI_MAX + 1]; /* that people open */
	char said[512]; /* in the provider's own words, of the finding that comes next */
	struct progress progress;
};

#define NOT_HTTPS                                                                                       \
	"the provider does not know that it is reached by https: have its proxy's headers, or its own " \
	"host name setting, put right there"

#define QUOTA_USED_UP "the client's quota at the provider is used up: try again later"

#define SPEAKS_OPENID(conf) list_has(conf_text(conf, CONF_SCOPE), LIST_BLANKS, "openid")

/* What to do about a reason, whatever step it stopped. */
static const struct advice {
	enum reason reason;
	const char *fix;
} advices[] = {
	{ REASON_DNS,
	  "is the host's name right, and a name server in /etc/resolv.conf? getent hosts NAME" },
	{ REASON_NO_ADDRESS, "issuer or base_url must be an address: https://host/..." },
	{ REASON_CONNECT,
	  "is that port open from here? A firewall may want proxy = http://host:port" },
	{ REASON_TIMEOUT, "nothing answers in time: a firewall may want proxy = http://host:port" },
	{ REASON_CERTIFICATE_REFUSED,
	  "ca_file = the certificate of its authority, if no public one; the "
	  "name in issuer must be the certificate's" },
	{ REASON_CERTIFICATE_NOT_VALID_NOW,
	  "is this machine's clock right? If so the provider's certificate, or its authority's in "
	  "ca_file, has expired: have it renewed" },
	{ REASON_CA_FILE_UNREADABLE,
	  "ca_file must hold certificates in PEM form: -----BEGIN CERTIFICATE-----" },
	{ REASON_TLS, "the host must speak TLS 1.2 or newer at that port" },
	{ REASON_CONNECTION_LOST,
	  "something between here and there ends the connection: try again" },
	{ REASON_ISSUER_MISMATCH,
	  "issuer must be what the provider calls itself: see the line issuer" },
	{ REASON_METADATA_OF_NO_TENANT,
	  "issuer = that of one tenant: \"common\" and \"organizations\" are nobody's" },
	{ REASON_ENDPOINT_HOST_NOT_ALLOWED, "see the endpoints below" },
	{ REASON_METADATA_ENDPOINT_RELATIVE, "see the endpoints below" },
	{ REASON_METADATA_ENDPOINT_NOT_HTTPS, "see the endpoints below" },
	{ REASON_ENDPOINTS_MISSING,
	  "the metadata does not name an endpoint that this flow needs: have the device flow switched "
	  "on there; if it is, device_authorization_endpoint = its address; or flow = authorization_code" },
	{ REASON_PAGE_IN_BETWEEN,
	  "a page came in place of an answer: something in front of the provider (a firewall, a CDN) "
	  "refuses this machine, or the address is a web site's" },
	{ REASON_PROXY_WANTS_A_PASSWORD,
	  "proxy_secret_file = a file of root's with USER:PASSWORD" },
	{ REASON_PROXY_REFUSED, "have the proxy let this machine connect to that host" },
	{ REASON_PROXY_STATUS, "the proxy cannot reach that host" },
	{ REASON_REPLY_ENCODED, "something compresses replies in a way that was not asked for" },
	{ REASON_RATE_LIMIT_EXCEEDED, QUOTA_USED_UP },
	{ REASON_QUOTA_EXCEEDED, QUOTA_USED_UP },
	{ REASON_TOO_MANY_REQUESTS, QUOTA_USED_UP },
	{ REASON_ACCOUNT_LOCKED_THERE, "the account is locked at the provider" },
	{ REASON_METADATA_UNREADABLE, "issuer must be the address below which "
				      "/.well-known/openid-configuration is found" },
	{ REASON_METADATA_HTTP_STATUS, "issuer must be the address below which "
				       "/.well-known/openid-configuration is found" },
	{ REASON_INVALID_CLIENT,
	  "client_id, token_endpoint_auth_method and the secret must be as the provider has them" },
	{ REASON_CLIENT_KEY_UNREADABLE, "client_key_file: PEM that is not encrypted" },
	{ REASON_CLIENT_CERTIFICATE_UNREADABLE, "client_certificate_file: PEM" },
	{ REASON_CLIENT_KEY_OF_ANOTHER_CERTIFICATE,
	  "client_certificate_file: the certificate of client_key_file's key" },
	{ REASON_CLIENT_CERTIFICATE_UNFIT, "client_certificate_file and client_key_file in PEM" },
	{ REASON_CLIENT_KEY_UNFIT,
	  "token_endpoint_auth_signing_alg: what the key in client_key_file serves" },
	{ REASON_INCORRECT_CLIENT_CREDENTIALS,
	  "client_id and the secret must be as the provider has them" },
	{ REASON_UNAUTHORIZED_CLIENT,
	  "allow this client the flow at the provider, or correct client_id" },
	{ REASON_API_KEY_REFUSED, "client_id must be the one that the provider shows" },
	{ REASON_CLIENT_REFUSED, "client_id and the secret must be as the provider has them" },
	{ REASON_UNSUPPORTED_GRANT_TYPE, "have the device flow switched on for this client" },
	{ REASON_DEVICE_FLOW_DISABLED, "have the device flow switched on for this client" },
	{ REASON_INVALID_SCOPE, "scope = what the provider gives this client" },
	{ REASON_INVALID_REQUEST,
	  "scope, extra_params and token_endpoint_auth_method must be what the provider expects" },
	{ REASON_NO_DEVICE_CODE_FLOW, "flow = authorization_code" },
	{ REASON_NO_AUTHORIZATION_CODE_FLOW, "flow = device_code" },
	{ REASON_REVOCATION_REFUSED, "client_id and the secret must be as the provider has them" },
	{ REASON_HTTP_STATUS,
	  "the provider has trouble: try again later; if it stays, ask its operator" },
	{ REASON_KEYS_UNREADABLE,
	  "jwks_uri or jwks_file must lead to a JWK set: {\"keys\": [...]}" },
};

/* The reason is the last word of TEXT, or the last but one before a status. */
static const char *advice_for(const char *text)
{
	enum reason reason = probe_reason(text);
	const char *fix = NULL;

	for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		if (advices[i].reason == reason)
			fix = advices[i].fix;
	return fix ? fix
		   : "journalctl -g pam_device_code may say more; ask the provider's operator";
}

/* ": 400 invalid_request \"...\"", once. */
static const char *said(struct asked *asked, char out[520])
{
	snprintf(out, 520, "%s%s", asked->said[0] ? ": " : "", asked->said);
	asked->said[0] = '\0';
	return out;
}

/* ---- a taker for each kind of step ---- */

static void take_said(struct asked *asked, const char *step, enum probe_outcome outcome,
		      const char *value)
{
	(void)step;
	(void)outcome;
	snprintf(asked->said, sizeof(asked->said), "%s", value);
}

static void take_network(struct asked *asked, const char *step, enum probe_outcome outcome,
			 const char *value)
{
	static const struct {
		const char *step, *topic;
	} topics[] = {
		{ "dns", "DNS" }, { "connect", "TCP" }, { "tls", "TLS, CA" }, { "http", "HTTP" }
	};
	const char *proxy = conf_text(&asked->section->conf, CONF_PROXY);
	const char *topic = step;

	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		if (strcmp(topics[i].step, step) == 0)
			topic = topics[i].topic;
	report_line(&asked->check->report, outcome == PROBE_BAD ? MARK_ERROR : MARK_OK, topic,
		    outcome == PROBE_BAD ? advice_for(value) : NULL, "%s%s", value,
		    proxy[0] ? ", by the proxy" : "");
}

static void take_clock(struct asked *asked, const char *step, enum probe_outcome outcome,
		       const char *value)
{
	long ahead = strtol(value, NULL, 10);
	long apart = labs(ahead);
	enum mark mark = apart > CLOCK_ERROR	 ? MARK_ERROR
			 : apart > CLOCK_WARNING ? MARK_WARNING
						 : MARK_OK;

	(void)step;
	if (outcome == PROBE_NONE)
		report_line(&asked->check->report, MARK_OK, "clock", NULL,
			    "the provider says no time: not compared");
	else
		report_line(&asked->check->report, mark, "clock",
			    mark == MARK_OK ? NULL
					    : "set this machine's clock: timedatectl set-ntp true",
			    "this machine's is %ld s %s the provider's", apart,
			    ahead > 0 ? "behind" : "ahead of");
}

static void take_metadata(struct asked *asked, const char *step, enum probe_outcome outcome,
			  const char *value)
{
	char words[520];

	(void)step;
	if (outcome == PROBE_BAD)
		report_line(&asked->check->report, MARK_ERROR, "discovery", advice_for(value),
			    "%s of %s%s", value, conf_text(&asked->section->conf, CONF_ISSUER),
			    said(asked, words));
	else
		report_line(&asked->check->report, MARK_OK, "discovery", NULL,
			    outcome == PROBE_OK ? "the metadata is that of %s"
						: "not needed: %s and its endpoints are configured",
			    conf_text(&asked->section->conf, CONF_ISSUER));
}

static void take_issuer(struct asked *asked, const char *step, enum probe_outcome outcome,
			const char *value)
{
	const struct conf *conf = &asked->section->conf;
	const char *issuer = conf_text(conf, CONF_ISSUER);
	size_t len = strlen(issuer);
	char fix[900];

	(void)step;
	if (len > 0 && issuer[len - 1] == '/')
		len--;
	/* Where it says where its metadata is, that was asked. */
	if (conf_text(conf, CONF_METADATA)[0])
		snprintf(fix, sizeof(fix), "issuer = %.350s", value);
	else
		snprintf(fix, sizeof(fix),
			 "issuer = %.350s; if its metadata is not below that, metadata = "
			 "%.*s/.well-known/openid-configuration besides",
			 value, (int)(len < 350 ? len : 350), issuer);
	if (outcome == PROBE_BAD)
		report_line(&asked->check->report, MARK_ERROR, "issuer", fix,
			    "the provider calls itself %s, not %s", value[0] ? value : "nothing",
			    issuer);
	else
		report_line(&asked->check->report, MARK_OK, "issuer", NULL, "%s", value);
}

/* What is wrong with an address that is not asked; FIX: what to do. */
static const char *endpoint_wrong(const char *step, const char *value, char *fix, size_t fix_len)
{
	char host[300];

	if (!strstr(value, "://")) {
		snprintf(fix, fix_len,
			 "the provider's setting for its own address; or %s = all of it", step);
		return "no absolute address";
	}
	if (strncasecmp(value, "http://", 7) == 0) {
		snprintf(fix, fix_len, "%s", NOT_HTTPS);
		return "not https";
	}
	screen_uri_host(value, host, sizeof(host));
	snprintf(fix, fix_len, "endpoint_hosts = %s, if that host is the provider's", host);
	return "not on the issuer's host";
}

/* Good ones are one line, in the end: endpoints_end(). */
static void take_endpoint(struct asked *asked, const char *step, enum probe_outcome outcome,
			  const char *value)
{
	size_t len = strlen(asked->endpoints);
	const char *wrong;
	char fix[400];

	if (outcome == PROBE_OK)
		snprintf(asked->endpoints + len, sizeof(asked->endpoints) - len, "%s%s",
			 len ? ", " : "", step);
	if (outcome == PROBE_OK || value[0] == '\0')
		return;
	wrong = endpoint_wrong(step, value, fix, sizeof(fix));
	report_line(&asked->check->report, outcome == PROBE_BAD ? MARK_ERROR : MARK_WARNING, step,
		    fix, "%s: %s%s", value, wrong,
		    outcome == PROBE_BAD ? "" : ", and not asked: this flow does not need it");
}

/* "NAME ADDRESS": what is configured beats it, and a provider that has moved is not found that way. */
static void take_pinned(struct asked *asked, const char *step, enum probe_outcome outcome,
			const char *value)
{
	char name[64], fix[600];
	size_t len = strcspn(value, " ");

	(void)step;
	(void)outcome;
	snprintf(name, sizeof(name), "%.*s", (int)len, value);
	value += len + (value[len] != '\0');
	snprintf(fix, sizeof(fix), "%s = that address, if the provider has moved it", name);
	report_line(&asked->check->report, MARK_WARNING, name, fix,
		    "the provider's metadata names another: %s", value);
}

/* Whether it signs with anything that is taken: what the section names, or all that is known. */
static void algs_check(struct asked *asked, const char *value)
{
	const struct conf *conf = &asked->section->conf;
	const char *named = conf_text(conf, CONF_ID_TOKEN_ALG);
	const char *taken = named[0] ? named : rules[CONF_ID_TOKEN_ALG].accepts;
	struct slice word;
	char alg[32];

	for (const char *at = value; list_next(&at, LIST_BLANKS, &word);)
		if (slice_copy(word, alg, sizeof(alg)) && list_has(taken, LIST_COMMAS, alg))
			return;
	if (named[0])
		report_line(
			&asked->check->report, MARK_ERROR, "id_token_signing_alg_values_supported",
			"id_token_signed_response_alg = one of these, as the client is registered",
			"no %s among: %s", named, value);
	else
		report_line(
			&asked->check->report, MARK_ERROR, "id_token_signing_alg_values_supported",
			"have the client's ID tokens signed with RS256 or ES256 at the provider",
			"it signs with %s alone, which is not supported", value);
}

/* What the provider says it can, against what the section wants of it. */
static void take_list(struct asked *asked, const char *step, enum probe_outcome outcome,
		      const char *value)
{
	const struct conf *conf = &asked->section->conf;
	bool paste = conf_is(conf, CONF_FLOW, "authorization_code");
	const char *said = conf_text(conf, CONF_TOKEN_ENDPOINT_AUTH_METHOD);
	const char *auth = strcmp(said, "none") == 0 ? NULL : said;
	const struct {
		const char *list, *wanted, *fix;
	} rows[] = {
		{ "token_endpoint_auth_methods_supported", auth,
		  "token_endpoint_auth_method as the client is registered: client_secret_post, client_secret_basic, none, or one of these" },
		{ "grant_types_supported",
		  paste ? "authorization_code"
		  : list_has(value, LIST_BLANKS, "device_code") /* GitLab's name for it */
			  ? NULL
			  : "urn:ietf:params:oauth:grant-type:device_code",
		  "have that grant switched on at the provider" },
		{ "code_challenge_methods_supported", paste ? "S256" : NULL,
		  "have PKCE with S256 switched on at the provider" },
	};

	for (size_t i = 0; outcome == PROBE_OK && i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].list, step) == 0 && rows[i].wanted &&
		    !list_has(value, LIST_BLANKS, rows[i].wanted))
			report_line(&asked->check->report, MARK_WARNING, step, rows[i].fix,
				    "no %s among: %s", rows[i].wanted, value);
	if (outcome == PROBE_OK && SPEAKS_OPENID(conf) &&
	    strcmp(step, "id_token_signing_alg_values_supported") == 0)
		algs_check(asked, value);
	if (outcome != PROBE_OK || strcmp(step, "scopes_supported") != 0)
		return;
	for (const char *scope = conf_text(conf, CONF_SCOPE); *scope;) {
		struct slice word;
		char one[128];

		if (!list_next(&scope, LIST_BLANKS, &word))
			break;
		if (slice_copy(word, one, sizeof(one)) && !list_has(value, LIST_BLANKS, one))
			report_line(&asked->check->report, MARK_WARNING, "scope",
				    "scope = words among these", "no %s among: %s", one, value);
	}
}

static void take_keys(struct asked *asked, const char *step, enum probe_outcome outcome,
		      const char *value)
{
	const struct conf *conf = &asked->section->conf;
	const char *alg = conf_text(conf, CONF_ID_TOKEN_ALG);
	char words[520];

	if (alg[0] == '\0')
		alg = "what the provider signs with";
	(void)step;
	if (outcome == PROBE_NONE)
		return; /* who approved is read from userinfo */
	if (outcome == PROBE_OK)
		report_line(&asked->check->report, MARK_OK, "keys", NULL, "%s for %s", value, alg);
	else if (strcmp(value, "0") == 0)
		report_line(&asked->check->report, MARK_ERROR, "keys",
			    "id_token_signed_response_alg = what the provider signs with",
			    "the provider has none for %s", alg);
	else
		report_line(&asked->check->report, MARK_ERROR, "keys", advice_for(value), "%s%s",
			    value, said(asked, words));
}

static void take_client(struct asked *asked, const char *step, enum probe_outcome outcome,
			const char *value)
{
	(void)outcome;
	report_line(&asked->check->report, MARK_ERROR, step, advice_for(value), "%s", value);
}

static void take_device(struct asked *asked, const char *step, enum probe_outcome outcome,
			const char *value)
{
	bool device = strcmp(step, "device") == 0;
	char words[520];

	if (outcome == PROBE_BAD)
		report_line(&asked->check->report, MARK_ERROR,
			    device ? "device request" : "code exchange", advice_for(value), "%s%s",
			    value, said(asked, words));
	else
		report_line(
			&asked->check->report, MARK_OK, device ? "device request" : "code exchange",
			NULL,
			device ? "the provider gave a code; nothing polled it"
			       : "the provider knows this client, and refused a code that is none");
}

static void take_seconds(struct asked *asked, const char *step, enum probe_outcome outcome,
			 const char *value)
{
	long seconds = strtol(value, NULL, 10);

	(void)outcome;
	if (strcmp(step, "device_interval") == 0) {
		report_line(&asked->check->report, MARK_OK, "interval", NULL, "%ld s", seconds);
		return;
	}
	asked->section->code_seconds = seconds;
	if (seconds < 60)
		report_line(&asked->check->report, MARK_WARNING, "code",
			    "have codes live for some minutes at the provider",
			    "lasts %ld s: people need longer", seconds);
	else
		report_line(&asked->check->report, MARK_OK, "code", NULL, "lasts %ld s", seconds);
}

/* ---- what people are shown ---- */

/* WHERE: "" or where it is this one. Returns the modules of a side, 0: none. */
static int qr_check(struct asked *asked, const char *where, const char *uri)
{
	struct wire_draft *draft = calloc(1, sizeof(*draft));
	struct screen_matrix *matrix = calloc(1, sizeof(*matrix));
	const char *why = "out of memory";
	int width = 0;

	if (draft && matrix)
		why = present_draw(uri, draft, matrix);
	if (!why) {
		width = matrix->width;
		report_line(&asked->check->report, MARK_OK, "QR code", NULL,
			    "%sutf8 and colour take %d rows and %d columns, full %d and %d", where,
			    screen_qr_rows(matrix->width, SCREEN_UTF8),
			    screen_qr_columns(matrix->width, SCREEN_UTF8),
			    screen_qr_rows(matrix->width, SCREEN_FULL),
			    screen_qr_columns(matrix->width, SCREEN_FULL));
	} else {
		report_line(&asked->check->report, MARK_WARNING, "QR code",
			    "make install puts device-code-qr in place; an address of more than "
			    "about 400 letters has no QR code that fits 80 columns",
			    "cannot be drawn (%s): the address alone is shown", why);
	}
	free(draft);
	free(matrix);
	return width;
}

/* Whether people sign in by it at a console of the kernel's. */
static bool is_for_consoles(struct check *check, const struct section *section)
{
	static const char consoles[] = "login kiosk";
	const struct stacks *stacks = &check->stacks;

	for (size_t i = 0; i < stacks->count; i++) {
		const struct stack_line *ours = stack_ours(&stacks->stack[i], STACK_AUTH);

		if (ours && list_has(consoles, LIST_BLANKS, stacks->stack[i].service) &&
		    check_section(check, ours->section) == section)
			return true;
	}
	return false;
}

/*
 * Before a machine the QR holds the code, too, where the provider has such an address: told is its length,
 * for the code is nobody's business here.
 */
static void take_complete(struct asked *asked, const char *step, enum probe_outcome outcome,
			  const char *value)
{
	const struct conf *conf = &asked->section->conf;
	size_t len = outcome == PROBE_OK ? (size_t)strtoul(value, NULL, 10) : 0;
	size_t plain = strlen(asked->uri);
	int width;

	(void)step;
	if (plain == 0)
		return;
	if (len <= plain || len > SCREEN_URI_MAX ||
	    conf_is(conf, CONF_QR_VERIFICATION_URI_COMPLETE, "never")) {
		width = qr_check(asked, "", asked->uri);
	} else {
		if (!conf_is(conf, CONF_QR_VERIFICATION_URI_COMPLETE, "always"))
			qr_check(asked, "from afar: ", asked->uri);
		memset(asked->uri + plain, 'A', len - plain);
		asked->uri[len] = '\0';
		width = qr_check(asked, "with the code in it: ", asked->uri);
	}
	if (width > 0 && is_for_consoles(asked->check, asked->section))
		check_console(asked->check, asked->section, width);
}

/* What the code is like: by the module's own rule. */
static void take_code(struct asked *asked, const char *step, enum probe_outcome outcome,
		      const char *value)
{
	size_t len = strlen(value);

	(void)step;
	(void)outcome;
	if (screen_code_ok(value))
		return;
	if (len > SCREEN_CODE_MAX)
		report_line(&asked->check->report, MARK_ERROR, "code",
			    "have the provider give shorter codes: nobody types these",
			    "%zu letters, at most %d are shown", len, SCREEN_CODE_MAX);
	else
		report_line(&asked->check->report, MARK_ERROR, "code",
			    "have the provider give codes of A-Z, a-z, 0-9, blank, dot, dash and _",
			    "has a letter that is not shown");
}

static void take_uri(struct asked *asked, const char *step, enum probe_outcome outcome,
		     const char *value)
{
	const struct conf *conf = &asked->section->conf;
	bool paste = strcmp(step, "authorization_uri") == 0;
	enum screen_uri judged;
	char hosts[CONF_LINE_MAX + 300], host[300] = "", fix[400];

	if (outcome != PROBE_OK) {
		report_line(&asked->check->report, MARK_ERROR, "address", advice_for(value), "%s",
			    value);
		return;
	}
	screen_uri_host(conf_text(conf, CONF_ISSUER), host, sizeof(host));
	snprintf(hosts, sizeof(hosts), "%s %s", host, conf_text(conf, CONF_VERIFICATION_HOSTS));
	if (!screen_uri_host(value, host, sizeof(host)))
		snprintf(host, sizeof(host), "%.100s", value);
	judged = screen_uri_judge(value, hosts, conf_is(conf, CONF_HTTP_LOOPBACK, "yes"),
				  paste ? SCREEN_LONG_URI_MAX : SCREEN_URI_MAX);
	if (judged != SCREEN_URI_OK) {
		snprintf(fix, sizeof(fix),
			 "verification_hosts = %s, if that host is the provider's", host);
		report_line(&asked->check->report, MARK_ERROR, "address",
			    judged == SCREEN_URI_ELSEWHERE   ? fix
			    : judged == SCREEN_URI_NOT_HTTPS ? NOT_HTTPS
			    : judged == SCREEN_URI_TOO_LONG
				    ? "have the provider give a shorter one"
				    : "have the provider give a whole address: https://HOST/...",
			    "%s: the address that people open is not shown: at %s, %zu bytes",
			    reason_name(screen_uri_reason(judged)), host, strlen(value));
		return;
	}
	report_line(&asked->check->report, MARK_OK, "address", NULL, "%zu bytes, on %s",
		    strlen(value), host);
	snprintf(asked->uri, sizeof(asked->uri), "%s", value);
	if (paste) /* nothing more is told */
		take_complete(asked, step, PROBE_NONE, "");
}

static void take_revocation(struct asked *asked, const char *step, enum probe_outcome outcome,
			    const char *value)
{
	char words[520];

	(void)step;
	if (outcome == PROBE_NONE)
		report_line(
			&asked->check->report, MARK_OK, "revocation", NULL,
			"the provider has none: tokens are dropped, and live until they expire");
	else if (outcome == PROBE_OK)
		report_line(&asked->check->report, MARK_OK, "revocation", NULL,
			    "answers as it should");
	else
		report_line(&asked->check->report, MARK_WARNING, "revocation", advice_for(value),
			    "%s: tokens will not be revoked%s", value, said(asked, words));
}

/* What the helper's libraries have called and its sandbox refuses. */
static void take_system_call(struct asked *asked, const char *step, enum probe_outcome outcome,
			     const char *value)
{
	(void)step;
	if (outcome == PROBE_BAD)
		report_line(
			&asked->check->report, MARK_ERROR, "system call",
			"a library of this machine is newer than the sandbox: a newer release of "
			"pam_device_code, or the older library",
			"the helper calls %s, and would be ended by SIGSYS: nobody could sign in",
			value);
	else
		report_line(
			&asked->check->report, MARK_WARNING, "system call",
			"report it: a newer release may know it",
			"a library calls %s, which the sandbox does not know: it gets ENOSYS, and "
			"sign-in goes on where the library does",
			value);
}

/* A step that is not here is a list of the metadata, or an endpoint. */
static const struct {
	const char *step;
	void (*take)(struct asked *asked, const char *step, enum probe_outcome outcome,
		     const char *value);
} takers[] = {
	{ "dns", take_network },
	{ "connect", take_network },
	{ "tls", take_network },
	{ "http", take_network },
	{ "clock", take_clock },
	{ "metadata", take_metadata },
	{ "issuer", take_issuer },
	{ "pinned", take_pinned },
	{ "jwks", take_keys },
	{ "client", take_client },
	{ "device", take_device },
	{ "exchange", take_device },
	{ "device_seconds", take_seconds },
	{ "device_interval", take_seconds },
	{ "said", take_said },
	{ "user_code", take_code },
	{ "verification_uri", take_uri },
	{ "authorization_uri", take_uri },
	{ "verification_uri_complete", take_complete },
	{ "revocation", take_revocation },
	{ "system_call", take_system_call },
};

/* All endpoints have been told: the first step behind them. */
static void endpoints_end(struct asked *asked)
{
	if (asked->endpoints[0])
		report_line(&asked->check->report, MARK_OK, "endpoints", NULL, "%s",
			    asked->endpoints);
	asked->endpoints[0] = '\0';
}

static void find(void *context, const char *step, enum probe_outcome outcome, const char *value)
{
	struct asked *asked = context;
	size_t len = strlen(step);

	progress_hide(&asked->progress);
	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers); i++) {
		if (strcmp(takers[i].step, step) != 0)
			continue;
		endpoints_end(asked);
		takers[i].take(asked, step, outcome, value);
		return;
	}
	if (len > 9 && strcmp(step + len - 9, "supported") == 0)
		take_list(asked, step, outcome, value);
	else
		take_endpoint(asked, step, outcome, value);
}

/* ---- the helper ---- */

/* What `strict` wants of the kernel beside what every helper has. */
/* With blanks, for a line of a terminal to be broken at. */
static void sandbox_report(struct report *report, const char *sandbox)
{
	struct slice restriction;
	char text[600] = "";
	size_t len = 0;

	while (len < sizeof(text) && list_next(&sandbox, LIST_COMMAS, &restriction))
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s",
					len > 0 ? ", " : "", (int)restriction.len, restriction.at);
	report_line(report, MARK_OK, "sandbox", NULL, "%s", text);
}

static void ready(void *context, const char *sandbox)
{
	struct asked *asked = context;
	const struct conf *conf = &asked->section->conf;
	const char *missing = !list_has(sandbox, LIST_COMMAS, "seccomp")	  ? "seccomp"
			      : !list_has(sandbox, LIST_COMMAS, "landlock_files") ? "landlock_files"
			      : !list_has(sandbox, LIST_COMMAS, "landlock_tcp")	  ? "landlock_tcp"
										  : NULL;
	bool strict = conf_is(conf, CONF_SANDBOX, "strict");

	if (!missing || (!strict && strcmp(missing, "seccomp") != 0))
		sandbox_report(&asked->check->report, sandbox);
	else
		report_line(
			&asked->check->report, MARK_ERROR, "sandbox",
			strict ? "sandbox = require, or a kernel that has it (Landlock: 6.7 for TCP)"
			       : "a kernel with seccomp",
			"sandbox = %s, and there is no %s", conf_text(conf, CONF_SANDBOX), missing);
}

static void turn(void *context)
{
	progress_turn(&((struct asked *)context)->progress);
}

static const struct advice helper_advices[] = {
	{ REASON_NO_ACCOUNT_FOR_THE_HELPER,
	  "systemd-sysusers, or useradd --system --no-create-home --shell "
	  "/usr/sbin/nologin --user-group _pamdevicecode" },
	{ REASON_HELPER_MISSING, "make install puts it in place (root's, mode 0711)" },
	{ REASON_HELPER_NOT_READY,
	  "is the helper of another version than pam-device-code? make install" },
	{ REASON_HELPER_VERSION_MISMATCH,
	  "make install: module, helper and pam-device-code belong together" },
	{ REASON_HELPER_CANNOT_BEGIN,
	  "the line above names the system call; without one, memory or descriptors are short" },
	{ REASON_HELPER_KILLED_BY_SIGSYS,
	  "a library makes a system call that the sandbox refuses: journalctl -k has its number" },
	{ REASON_HELPER_GONE,
	  "sandbox = require, if a restriction is missing that strict wants; see the line sandbox" },
	{ REASON_SETTINGS_TOO_LONG, "shorter values: all of a section must fit 16 KiB" },
	{ REASON_SETTINGS_REFUSED,
	  "issuer, endpoints and jwks_file must be what their comments say" },
};

/* Whether the section itself names the endpoints, and not its profile: setup --pin has written them, or a person. */
static bool is_pinned(const struct conf *conf)
{
	const char *where = conf->where[CONF_TOKEN_ENDPOINT];

	return where && strncmp(where, PATH_PROVIDERS "/", sizeof(PATH_PROVIDERS)) != 0 &&
	       strncmp(where, PATH_SITE_PROVIDERS "/", sizeof(PATH_SITE_PROVIDERS)) != 0;
}

void check_provider(struct check *check, struct section *section)
{
	struct asked *asked = calloc(1, sizeof(*asked));
	struct wire_draft *draft = calloc(1, sizeof(*draft));
	const char *fix = "try again; free memory and processes may be short";
	bool ok;
	struct probe probe = { .context = asked, .find = find, .ready = ready, .turn = turn };

	if (!asked || !draft)
		goto out;
	asked->check = check;
	asked->section = section;
	probe_opening(draft);
	if (is_pinned(&section->conf))
		wire_add(draft, "compare", "metadata");
	conf_tell(&section->conf, draft);
	progress_begin(&asked->progress, stderr, "Asking the provider", 0);
	ok = probe_run(&probe, draft, conf_key(&section->conf));
	progress_end(&asked->progress);
	endpoints_end(asked);
	if (!ok) {
		for (size_t i = 0; i < sizeof(helper_advices) / sizeof(*helper_advices); i++)
			if (helper_advices[i].reason == probe.trouble)
				fix = helper_advices[i].fix;
		report_line(&check->report, MARK_ERROR, "helper", fix, "%s",
			    reason_name(probe.trouble));
	}
	wire_wipe(draft);
out:
	free(draft);
	free(asked);
}

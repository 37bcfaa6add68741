/*
 * store.c - what the provider remembers: clients, people, codes, grants and
 * their tokens, each findable by its text in constant time.
 */
#include "store.h"
#include "table.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE_GENERATED 10000ul /* their numbers begin behind this */

struct stats stats;
unsigned long store_generation;

static struct client *clients;
static struct person *people, *people_next;
static struct code *codes;
static struct grant *grants;
static struct token *tokens;
static struct table people_by_name, codes_by_device_code, codes_by_user_code, tokens_by_text;
static unsigned long people_generated, people_numbered;

/* ---- clients ---- */

struct client *client_find(const char *dialect, const char *id)
{
	struct client *client = clients;

	while (client && (strcmp(client->id, id) || (dialect && strcmp(client->dialect, dialect))))
		client = client->next;
	return client;
}

static const char *scopes_usual(const char *dialect)
{
	static const struct {
		const char *dialect, *scopes;
	} rows[] = {
		{ "oidc", "openid profile email groups offline_access" },
		{ "trakt", "public" },
		{ "mastodon", "profile read:accounts" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (!strcmp(rows[i].dialect, dialect))
			return rows[i].scopes;
	return "";
}

struct client *client_add(const char *dialect, const char *id, enum token_endpoint_auth_method auth,
			  const char *secret, const char *name, const char *scopes)
{
	struct client *client = xalloc(sizeof(*client));

	client->next = clients;
	client->dialect = xcopy(dialect);
	client->id = xcopy(id);
	client->name = xcopy(name);
	client->secret = xcopy(secret);
	client->auth = auth;
	client->scopes = xcopy(scopes ? scopes : scopes_usual(dialect));
	clients = client;
	return client;
}

bool client_auth_read(const char *text, enum token_endpoint_auth_method *auth)
{
	static const char *const names[] = { "none", "post", "basic" };

	for (int i = AUTH_NONE; i <= AUTH_BASIC; i++) {
		if (strcmp(text, names[i]))
			continue;
		*auth = (enum token_endpoint_auth_method)i;
		return true;
	}
	return false;
}

static void clients_free(void)
{
	while (clients) {
		struct client *next = clients->next;

		free(clients->dialect);
		free(clients->id);
		free(clients->name);
		free(clients->secret);
		free(clients->scopes);
		free(clients);
		clients = next;
	}
}

/* ---- people ---- */

struct person *person_find(const char *name)
{
	return table_find(&people_by_name, name);
}

struct person *person_set(const char *name, cJSON *claims)
{
	struct person *person = person_find(name);

	if (!person) {
		person = xalloc(sizeof(*person));
		person->next = people;
		person->name = xcopy(name);
		person->number = ++people_numbered;
		people = person;
		table_add(&people_by_name, person->name, person);
	}
	cJSON_Delete(person->claims);
	person->claims = claims;
	return person;
}

static void person_make(unsigned long number, const char *name, const char *sub,
			const char *full_name, const char *const *groups, int group_count)
{
	cJSON *claims = cJSON_CreateObject();
	char email[80];

	snprintf(email, sizeof(email), "%s@example.test", name);
	cJSON_AddStringToObject(claims, "sub", sub);
	cJSON_AddStringToObject(claims, "preferred_username", name);
	cJSON_AddStringToObject(claims, "name", full_name);
	cJSON_AddStringToObject(claims, "email", email);
	cJSON_AddBoolToObject(claims, "email_verified", true);
	cJSON_AddItemToObject(claims, "groups", cJSON_CreateStringArray(groups, group_count));
	person_set(name, claims)->number = number;
}

static void people_make(void)
{
	static const char *const groups[] = { "staff", "admins" };
	static const char *const guests[] = { "guests" };
	char name[32], sub[48], full_name[48];

	for (unsigned long i = people_generated; i >= 1; i--) {
		snprintf(name, sizeof(name), "person%05lu", i);
		snprintf(sub, sizeof(sub), "f:82:%s", name);
		snprintf(full_name, sizeof(full_name), "Person %05lu", i);
		person_make(PEOPLE_GENERATED + i, name, sub, full_name, groups, 1);
	}
	people_next = people;
	person_make(4, "mallory", "f:81:mallory-0004", "Mallory Example", guests, 1);
	person_make(3, "carol", "f:81:carol-0003", "Carol Example", groups, 1);
	person_make(2, "bob", "f:81:bob-0002", "Bob Example", groups, 1);
	person_make(1, "alice", "f:81:alice-0001", "Alice Example", groups, 2);
	people_numbered = 4;
	if (!people_next)
		people_next = people;
}

struct person *person_next(void)
{
	struct person *person = people_next;

	if (person)
		people_next = person->next ? person->next : people;
	while (people_next && people_generated && strncmp(people_next->name, "person", 6))
		people_next = people_next->next;
	return person;
}

struct person *person_choose(const char *name)
{
	struct person *person = strcmp(name, "*") ? person_find(name) : person_next();

	return person && !person->blocked ? person : NULL;
}

const struct person *people_first(void)
{
	return people;
}

static void people_free(void)
{
	table_clear(&people_by_name);
	while (people) {
		struct person *next = people->next;

		free(people->name);
		cJSON_Delete(people->claims);
		free(people);
		people = next;
	}
}

/* ---- codes ---- */

char *random_text(const char *prefix)
{
	unsigned char bytes[32];
	struct pool pool = { 0 };
	char *text;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		abort();
	text = xcopy(
		pool_printf(&pool, "%s%s", prefix, base64url_encode(&pool, bytes, sizeof(bytes))));
	pool_free(&pool);
	return text;
}

/* Eight consonants, as RFC 8628 section 6.1 proposes: no words, nothing to confuse. */
static char *user_code_random(void)
{
	static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";
	unsigned char bytes[8];
	char text[10];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		abort();
	for (size_t i = 0; i < sizeof(bytes); i++)
		text[i + (i >= 4)] = letters[bytes[i] % (sizeof(letters) - 1)];
	text[4] = '-';
	text[9] = '\0';
	return xcopy(text);
}

/* What a person types counts without case, dashes and spaces; an empty rest keeps all. */
static char *user_code_key(const char *user_code)
{
	char *key = xcopy(user_code);
	size_t to = 0;

	for (const char *from = user_code; *from; from++) {
		if (*from == '-' || *from == ' ')
			continue;
		key[to++] = *from >= 'a' && *from <= 'z' ? (char)(*from - 'a' + 'A') : *from;
	}
	if (to)
		key[to] = '\0';
	return key;
}

struct code *code_add(const struct client *client, const char *scope, const char *nonce,
		      const char *user_code, double interval, double seconds)
{
	struct code *code = xalloc(sizeof(*code));

	code->device_code = random_text("dc_");
	code->user_code = user_code ? xcopy(user_code) : user_code_random();
	code->key = user_code_key(code->user_code);
	while (!user_code && table_find(&codes_by_user_code, code->key)) {
		free(code->user_code);
		free(code->key);
		code->user_code = user_code_random();
		code->key = user_code_key(code->user_code);
	}
	code->client = client;
	code->scope = xcopy(scope ? scope : "");
	code->nonce = xcopy(nonce ? nonce : "");
	code->code_challenge = xcopy("");
	code->interval = interval;
	code->expires_ms = clock_boot_ms() + (int64_t)(seconds * 1000);
	code->next = codes;
	codes = code;
	table_add(&codes_by_device_code, code->device_code, code);
	table_add(&codes_by_user_code, code->key, code);
	stats.codes++;
	if (++stats.pending > stats.peak_pending)
		stats.peak_pending = stats.pending;
	return code;
}

struct code *code_by_device_code(const char *device_code)
{
	return table_find(&codes_by_device_code, device_code);
}

struct code *code_by_user_code(const char *user_code)
{
	char *key = user_code_key(user_code);
	struct code *code = table_find(&codes_by_user_code, key);

	free(key);
	return code;
}

struct code *codes_first(void)
{
	return codes;
}

void code_drop_dash(struct code *code)
{
	strcpy(code->user_code, code->key);
}

bool code_approve(struct code *code, struct person *person)
{
	code_check_expiry(code, clock_boot_ms());
	if (code->state != CODE_PENDING)
		return false;
	code->state = CODE_APPROVED;
	code->person = person;
	stats.pending--;
	stats.approved++;
	return true;
}

bool code_deny(struct code *code)
{
	code_check_expiry(code, clock_boot_ms());
	if (code->state != CODE_PENDING)
		return false;
	code->state = CODE_DENIED;
	stats.pending--;
	stats.denied++;
	return true;
}

bool code_expire(struct code *code)
{
	if (code->state == CODE_REDEEMED || code->state == CODE_EXPIRED)
		return false;
	stats.pending -= code->state == CODE_PENDING;
	stats.expired++;
	code->state = CODE_EXPIRED;
	return true;
}

void code_check_expiry(struct code *code, int64_t now_ms)
{
	if (now_ms >= code->expires_ms)
		code_expire(code);
}

void codes_check_expiry(int64_t now_ms)
{
	for (struct code *code = codes; code; code = code->next)
		code_check_expiry(code, now_ms);
}

static void codes_free(void)
{
	table_clear(&codes_by_device_code);
	table_clear(&codes_by_user_code);
	while (codes) {
		struct code *next = codes->next;

		free(codes->device_code);
		free(codes->user_code);
		free(codes->key);
		free(codes->scope);
		free(codes->nonce);
		free(codes->code_challenge);
		free(codes);
		codes = next;
	}
}

/* ---- grants and tokens ---- */

struct grant *grant_add(const struct client *client, struct person *person, const char *scope,
			const char *nonce)
{
	struct grant *grant = xalloc(sizeof(*grant));

	grant->next = grants;
	grant->client = client;
	grant->person = person;
	grant->scope = xcopy(scope);
	grant->nonce = xcopy(nonce);
	grant->auth_time = time(NULL);
	grants = grant;
	return grant;
}

bool grant_exists(const struct client *client, const struct person *person)
{
	const struct grant *grant = grants;

	while (grant && (grant->client != client || grant->person != person))
		grant = grant->next;
	return grant != NULL;
}

struct token *token_add(struct grant *grant, enum token_kind kind, double seconds)
{
	struct token *token = xalloc(sizeof(*token));

	token->next = tokens;
	token->text = random_text(kind == TOKEN_ACCESS ? "at_" : "rt_");
	token->grant = grant;
	token->kind = kind;
	token->expires_ms = clock_boot_ms() + (int64_t)(seconds * 1000);
	tokens = token;
	table_add(&tokens_by_text, token->text, token);
	return token;
}

struct token *token_find(const char *text)
{
	return table_find(&tokens_by_text, text);
}

struct token *token_like(const struct grant *grant, int64_t now_ms)
{
	struct token *token = tokens;

	while (token && (token->kind != TOKEN_ACCESS || token->grant->client != grant->client ||
			 token->grant->person != grant->person ||
			 strcmp(token->grant->scope, grant->scope) || !token_alive(token, now_ms)))
		token = token->next;
	return token;
}

bool token_alive(const struct token *token, int64_t now_ms)
{
	return !token->dead && !token->grant->dead && now_ms < token->expires_ms;
}

static void grants_free(void)
{
	table_clear(&tokens_by_text);
	while (tokens) {
		struct token *next = tokens->next;

		free(tokens->text);
		free(tokens);
		tokens = next;
	}
	while (grants) {
		struct grant *next = grants->next;

		free(grants->scope);
		free(grants->nonce);
		free(grants);
		grants = next;
	}
}

/* ---- all of it ---- */

void store_start(unsigned long people_wanted)
{
	people_generated = people_wanted;
	client_add("oidc", "kiosk", AUTH_NONE, "", "Kiosk", NULL);
	client_add("oidc", "kiosk-post", AUTH_POST, "post-secret", "Kiosk (secret in the form)",
		   NULL);
	client_add("oidc", "kiosk-basic", AUTH_BASIC, "basic+secret/%:&",
		   "Kiosk (secret in the header)", NULL);
	client_add("trakt", "trakt-kiosk", AUTH_POST, "trakt-secret", "Kiosk", NULL);
	client_add("mastodon", "mastodon-kiosk", AUTH_POST, "mastodon-secret", "Kiosk", NULL);
	client_add("calcom", "cal-kiosk", AUTH_POST, "cal-secret", "Kiosk", NULL);
	client_add("calcom", "cal-oauth", AUTH_POST, "cal-oauth-secret", "Kiosk",
		   "PROFILE_READ BOOKING_READ");
	people_make();
}

void store_reset(void)
{
	unsigned long open_connections = stats.open_connections;

	codes_free();
	grants_free();
	people_free();
	people_make();
	store_generation++;
	stats = (struct stats){ .open_connections = open_connections };
}

void store_free(void)
{
	codes_free();
	grants_free();
	people_free();
	clients_free();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON in and out: see message.h. Must never believe a length, a type or a number that it has not checked. */
#include "message.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

enum {
	SECONDS_MAX = 24 * 3600,
};

static const char *member(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

/* Copies what shows; a line end stays one. Cut before the character that does not fit. */
static void text_take(char *out, size_t size, const char *text)
{
	size_t used = 0, len;
	unsigned int point;

	for (; *text; text += len) {
		len = utf8_next(text, &point);
		if (len > 0 && used + len >= size)
			break;
		if (len > 0 && (utf8_shows(point) || point == '\n')) {
			memcpy(out + used, text, len);
			used += len;
		} else if (used + 1 < size) {
			out[used++] = '?';
		}
		len = len > 0 ? len : 1;
	}
	out[used] = '\0';
}

#define TAKE(field, text) text_take(field, sizeof(field), text)

/* ---- greetd ---- */

static bool kind_of(const cJSON *object, enum reply_kind *kind, const char **text)
{
	static const struct {
		const char *type, *field, *is, *text;
		enum reply_kind kind;
	} rows[] = {
		{ "success", "type", "success", "", REPLY_SUCCESS },
		{ "error", "error_type", "auth_error", "description", REPLY_REFUSED },
		{ "error", "error_type", "error", "description", REPLY_FAILED },
		{ "auth_message", "auth_message_type", "info", "auth_message", REPLY_INFO },
		{ "auth_message", "auth_message_type", "error", "auth_message", REPLY_FAULT },
		{ "auth_message", "auth_message_type", "visible", "auth_message", REPLY_VISIBLE },
		{ "auth_message", "auth_message_type", "secret", "auth_message", REPLY_SECRET },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(member(object, "type"), rows[i].type) != 0 ||
		    strcmp(member(object, rows[i].field), rows[i].is) != 0)
			continue;
		*kind = rows[i].kind;
		*text = member(object, rows[i].text);
		return true;
	}
	return false;
}

bool reply_read(const char *json, size_t len, struct reply *reply)
{
	cJSON *object = cJSON_ParseWithLength(json, len);
	const char *text = "";
	bool ok = cJSON_IsObject(object) && kind_of(object, &reply->kind, &text) &&
		  strlen(text) < sizeof(reply->text);

	if (ok)
		strcpy(reply->text, text);
	cJSON_Delete(object);
	return ok;
}

static cJSON *request(const char *type)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "type", type);
	return object;
}

/* cJSON writes a few bytes beyond what it needs. */
static size_t written(cJSON *object, char out[REQUEST_MAX])
{
	bool ok = object && cJSON_PrintPreallocated(object, out, REQUEST_MAX, false);

	cJSON_Delete(object);
	return ok ? strlen(out) : 0;
}

size_t request_create(const char *user, char out[REQUEST_MAX])
{
	cJSON *object = request("create_session");

	cJSON_AddStringToObject(object, "username", user);
	return written(object, out);
}

size_t request_answer(const char *text, char out[REQUEST_MAX])
{
	cJSON *object = request("post_auth_message_response");

	if (text)
		cJSON_AddStringToObject(object, "response", text);
	return written(object, out);
}

size_t request_cancel(char out[REQUEST_MAX])
{
	return written(request("cancel_session"), out);
}

static void list_add(cJSON *object, const char *name, char *const *texts)
{
	cJSON *list = cJSON_AddArrayToObject(object, name);

	for (; *texts; texts++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*texts));
}

size_t request_start(char *const *command, char *const *environment, char out[REQUEST_MAX])
{
	cJSON *object = request("start_session");

	list_add(object, "cmd", command);
	list_add(object, "env", environment);
	return written(object, out);
}

/* ---- the login's object ---- */

/* The whole number NAME from LEAST to MOST, else 0. */
static int number(const cJSON *object, const char *name, int least, int most)
{
	double value = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return value >= least && value <= most && value == (double)(int)value ? (int)value : 0;
}

static void modules_take(struct scene *scene, const cJSON *object)
{
	const char *modules = member(object, "modules");
	int width = number(object, "width", SCENE_QR_MIN, SCENE_QR_MAX);
	size_t count = (size_t)width * (size_t)width;

	scene->width = 0;
	if (count == 0 || width % 4 != 1 || strlen(modules) != count ||
	    strspn(modules, "01") != count)
		return;
	scene->width = width;
	for (size_t i = 0; i < count; i++)
		scene->dark[i] = modules[i] == '1';
}

static enum scene_tone tone_of(const char *state)
{
	static const struct {
		const char *state;
		enum scene_tone tone;
	} tones[] = {
		{ "idle", SCENE_CALM },		  { "code", SCENE_CALM },
		{ "moment", SCENE_CALM },	  { "waiting", SCENE_CALM },
		{ "approved", SCENE_GOOD },	  { "trouble", SCENE_TROUBLE },
		{ "fresh_code", SCENE_TROUBLE },  { "expired", SCENE_TROUBLE },
		{ "unreachable", SCENE_TROUBLE }, { "clock", SCENE_TROUBLE },
		{ "limited", SCENE_TROUBLE },
	};

	for (size_t i = 0; i < sizeof(tones) / sizeof(*tones); i++)
		if (strcmp(state, tones[i].state) == 0)
			return tones[i].tone;
	return SCENE_BAD;
}

/* What is said while a code stands there, and leaves it there. */
static bool belongs_to_code(const char *state)
{
	return strcmp(state, "trouble") == 0 || strcmp(state, "waiting") == 0 ||
	       strcmp(state, "fresh_code") == 0;
}

static void object_take(const cJSON *object, struct scene *scene)
{
	const char *state = member(object, "state");
	bool beside = scene->kind == SCENE_CODE && belongs_to_code(state);

	if (!beside)
		scene->kind = SCENE_MESSAGE;
	if (strcmp(state, "idle") == 0)
		scene->kind = SCENE_IDLE;
	scene->tone = tone_of(state);
	TAKE(scene->state, state);
	TAKE(scene->text, member(object, "text"));
	TAKE(scene->title, member(object, "title"));
	TAKE(scene->prompt, member(object, "prompt"));
	scene->stale = beside && strcmp(state, "fresh_code") == 0;
	if (strcmp(state, "code") != 0)
		return;
	scene->kind = SCENE_CODE;
	scene->seconds = number(object, "timeout", 1, SECONDS_MAX);
	TAKE(scene->how, member(object, "linkPrompt"));
	TAKE(scene->uri, member(object, "uri"));
	TAKE(scene->code, member(object, "code"));
	modules_take(scene, object);
}

void scene_say(struct scene *scene, enum scene_tone tone, const char *state, const char *text)
{
	scene->kind = SCENE_MESSAGE;
	scene->tone = tone;
	scene->stale = false;
	scene->prompt[0] = '\0';
	TAKE(scene->state, state);
	TAKE(scene->text, text);
}

void scene_read(const char *text, struct scene *scene)
{
	cJSON *object = text[0] == '{' ? cJSON_Parse(text) : NULL;

	if (number(object, "device_code_greeter", 1, 1))
		object_take(object, scene);
	else
		scene_say(scene, SCENE_CALM, "text", text);
	cJSON_Delete(object);
}

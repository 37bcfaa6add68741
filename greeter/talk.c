/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the greeter says to greetd: see talk.h. Must never answer what was not asked, nor ask for a session
 * that greetd has not called a success.
 */
#include "talk.h"

#include <string.h>

enum {
	REST_MS = 8 * 1000, /* in which a refusal is read */
	REST_MOST_MS = 300 * 1000,
	READ_MS = 900, /* in which "approved" is read */
};

static void request_send(struct talk *talk, enum talk_stage stage, size_t len)
{
	talk->stage = stage;
	if (len > 0) {
		talk->ops.ask(talk->ops.context, talk->request, len);
		return;
	}
	talk->stage = TALK_OVER;
	talk->ops.over(talk->ops.context, false);
}

static void show(struct talk *talk)
{
	talk->ops.show(talk->ops.context, &talk->scene);
}

static void leave(struct talk *talk)
{
	talk->stage = TALK_OVER;
	talk->ops.over(talk->ops.context, false);
}

void talk_begin(struct talk *talk)
{
	if (talk->pause == 0)
		talk->pause = REST_MS;
	talk->heard = talk->reached = talk->given_up = false;
	talk->ops.rest(talk->ops.context, 0);
	request_send(talk, TALK_RUNNING, request_create(talk->user, talk->request));
}

/* A login that comes to no code is broken, and will be the next time: ever longer pauses. */
static void rest(struct talk *talk)
{
	if (talk->reached)
		talk->pause = REST_MS;
	talk->stage = TALK_RESTING;
	talk->ops.rest(talk->ops.context, talk->pause);
	talk->pause *= 2;
	if (talk->pause > REST_MOST_MS)
		talk->pause = REST_MOST_MS;
}

/* greetd keeps a session that failed until it is cancelled. */
static void cancel(struct talk *talk, bool rests)
{
	talk->rests = rests;
	request_send(talk, TALK_CANCELLING, request_cancel(talk->request));
}

static void cancelled(struct talk *talk)
{
	if (talk->rests)
		rest(talk);
	else
		talk_begin(talk);
}

/* Why it ends, as the login or another module has said it. */
static bool is_last_message(const struct talk *talk)
{
	const struct scene *scene = &talk->scene;

	return talk->heard && scene->kind == SCENE_MESSAGE && scene->tone != SCENE_GOOD &&
	       scene->text[0] && strcmp(scene->state, "moment") != 0;
}

static void failed(struct talk *talk, const char *state, const char *text)
{
	if (!is_last_message(talk)) {
		scene_say(&talk->scene, SCENE_BAD, state, text);
		show(talk);
	}
	cancel(talk, true);
}

static void told(struct talk *talk)
{
	scene_read(talk->reply.text, &talk->scene);
	if (talk->reply.kind == REPLY_FAULT && talk->scene.tone == SCENE_CALM)
		talk->scene.tone = SCENE_BAD;
	talk->heard = true;
	talk->reached |= talk->scene.kind == SCENE_CODE;
	show(talk);
	request_send(talk, TALK_RUNNING, request_answer(NULL, talk->request));
}

/* The login's own question wants a key; another module's, a text. */
static void asked(struct talk *talk)
{
	char before[SCENE_TEXT_MAX] = "";

	if (is_last_message(talk))
		memcpy(before, talk->scene.text, sizeof(before));
	scene_read(talk->reply.text, &talk->scene);
	talk->question = talk->scene.prompt[0] == '\0';
	talk->scene.secret = talk->reply.kind == REPLY_SECRET;
	if (talk->question) {
		talk->scene.kind = SCENE_QUESTION;
		memcpy(talk->scene.how, before, sizeof(before));
	}
	talk->reached = true;
	talk->stage = TALK_ASKED;
	show(talk);
}

static void running(struct talk *talk)
{
	if (talk->given_up) {
		cancel(talk, false);
		return;
	}
	switch (talk->reply.kind) {
	case REPLY_INFO:
	case REPLY_FAULT:
		told(talk);
		break;
	case REPLY_VISIBLE:
	case REPLY_SECRET:
		asked(talk);
		break;
	case REPLY_SUCCESS:
		request_send(talk, TALK_STARTING,
			     request_start(talk->command, talk->environment, talk->request));
		break;
	case REPLY_REFUSED:
		failed(talk, "refused", "That did not work. Please try again.");
		break;
	case REPLY_FAILED:
		failed(talk, "failed", "Sign-in does not work here. Tell the administrator.");
		break;
	}
}

static void starting(struct talk *talk)
{
	if (talk->reply.kind != REPLY_SUCCESS) {
		scene_say(&talk->scene, SCENE_BAD, "no_session",
			  "The session could not be started. Tell the administrator.");
		show(talk);
		cancel(talk, true);
		return;
	}
	talk->stage = TALK_LEAVING;
	talk->ops.rest(talk->ops.context, READ_MS);
}

void talk_hear(struct talk *talk, const char *json, size_t len)
{
	if (!reply_read(json, len, &talk->reply)) {
		leave(talk);
		return;
	}
	switch (talk->stage) {
	case TALK_RUNNING:
		running(talk);
		break;
	case TALK_STARTING:
		starting(talk);
		break;
	case TALK_CANCELLING:
		cancelled(talk);
		break;
	case TALK_OVER:
		break;
	default: /* nothing was asked of it */
		leave(talk);
	}
}

void talk_typed(struct talk *talk, const char *text)
{
	if (talk->stage != TALK_ASKED)
		return;
	if (talk->question) {
		scene_say(&talk->scene, SCENE_CALM, "moment", "...");
		show(talk);
	}
	request_send(talk, TALK_RUNNING, request_answer(text, talk->request));
	explicit_bzero(talk->request, sizeof(talk->request));
}

/* Nobody is to find the code there, nor to be let in by it. */
static void give_up(struct talk *talk)
{
	talk->given_up = true;
	scene_say(&talk->scene, SCENE_CALM, "left", "");
	show(talk);
}

void talk_pressed(struct talk *talk, enum talk_key key)
{
	if (talk->stage == TALK_RESTING)
		talk_begin(talk);
	else if (talk->stage == TALK_ASKED && talk->question && key == TALK_BACK)
		cancel(talk, false);
	else if (talk->stage == TALK_ASKED && !talk->question && key == TALK_OK)
		talk_typed(talk, "");
	else if (talk->stage == TALK_RUNNING && talk->scene.kind == SCENE_CODE && key == TALK_BACK)
		give_up(talk);
}

void talk_rested(struct talk *talk)
{
	if (talk->stage == TALK_RESTING)
		talk_begin(talk);
	if (talk->stage != TALK_LEAVING)
		return;
	talk->stage = TALK_OVER;
	talk->ops.over(talk->ops.context, true);
}

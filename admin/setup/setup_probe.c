/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What setup asks of a provider: the helper's verb `probe`, by the channel, for its metadata alone. Must
 * never hand on a byte of an answer that has not been made plain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/login/config/conf.h"
#include "common/paths.h"
#include "helper/login/display/screen.h"
#include "common/spawn.h"
#include "setup.h"
#include "admin/probe.h"
#include "admin/terminal.h"
#include "admin/verbs.h"
#include "helper/login/helper_process.h"

enum {
	PROBE_SECONDS = 90, /* the helper gives up by itself before that */
	TURN_MS = 250,
};

struct packet {
	struct wire_message message;
	struct wire_draft draft; /* to the helper, then what comes back */
};

static void probe_compose(const struct setup *setup, struct wire_draft *draft)
{
	wire_begin(draft, "probe");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "steps", "metadata");
	wire_add(draft, "dialect", "rfc8628");
	wire_add(draft, "issuer", setup->url);
	wire_add(draft, "metadata", setup->metadata);
	wire_add(draft, "client_id", "setup");
	wire_add(draft, "ca_file", setup->ca_file);
	wire_add(draft, "proxy", setup->proxy);
	wire_add(draft, "sandbox", "require");
}

static void finding_take(struct setup *setup, const struct wire_message *message)
{
	const char *step = wire_value(message, "step");
	const char *outcome = wire_value(message, "outcome");
	const char *value = wire_value(message, "value");
	struct finding *finding = &setup->finding[setup->count];

	if (!step || !outcome || !value || setup->count >= SETUP_FINDINGS_MAX)
		return;
	screen_plain(step, finding->step, sizeof(finding->step));
	screen_plain(outcome, finding->outcome, sizeof(finding->outcome));
	screen_plain(value, finding->value, sizeof(finding->value));
	setup->count++;
}

/* Until the helper is done, or gone. false: it did not get to the end. */
static bool findings_read(struct setup *setup, const struct spawn *helper, struct packet *packet,
			  struct progress *progress)
{
	const int64_t deadline = spawn_after(PROBE_SECONDS * 1000LL);

	while (spawn_now() < deadline) {
		progress_turn(progress);
		if (!spawn_wait(helper, spawn_after(TURN_MS)))
			continue;
		if (wire_receive(helper->fd, false, packet->draft.bytes, &packet->message) !=
		    WIRE_MESSAGE)
			return false;
		if (strcmp(packet->message.verb, "done") == 0)
			return true;
		if (strcmp(packet->message.verb, "finding") == 0)
			finding_take(setup, &packet->message);
	}
	return false;
}

/* By the channel, with a helper of its own. */
static int helper_ask(struct setup *setup, struct packet *packet)
{
	struct progress progress;
	struct spawn helper;
	bool done;

	switch (helper_start(&helper, PATH_HELPER, false)) {
	case SPAWN_STARTED:
		break;
	case SPAWN_NO_ACCOUNT:
		return verb_failed(setup->verb, "there is no account %s: systemd-sysusers makes it",
				   HELPER_USER);
	case SPAWN_MISSING:
		return verb_failed(setup->verb, "%s: is not there, or cannot be run", PATH_HELPER);
	case SPAWN_FAILED:
		return verb_failed(setup->verb, "the helper cannot be started");
	}
	progress_begin(&progress, stderr, "asking the provider", 0);
	probe_compose(setup, &packet->draft);
	done = wire_send(helper.fd, &packet->draft) &&
	       findings_read(setup, &helper, packet, &progress);
	progress_end(&progress);
	spawn_end(&helper);
	return done ? STATUS_OK
		    : verb_failed(setup->verb, "the helper did not get to the end: its sandbox, "
					       "perhaps");
}

const char *setup_found(const struct setup *setup, const char *step, bool good)
{
	for (int i = 0; i < setup->count; i++)
		if (strcmp(setup->finding[i].step, step) == 0)
			return good && strcmp(setup->finding[i].outcome, "ok") != 0
				       ? ""
				       : setup->finding[i].value;
	return "";
}

/* What to do where WAY stopped with VALUE, behind a colon; "" where that is said already. */
static const char *way_advice(const char *way, const char *value)
{
	if (strcmp(way, "metadata") == 0)
		return ": no OpenID provider; --profile mastodon, calcom, trakt or github if it is one "
		       "of these; --metadata URL, which the section has as metadata = URL, if this "
		       "is an issuer whose metadata lies elsewhere";
	if (probe_reason(value) == REASON_CERTIFICATE_REFUSED)
		return ": --ca-file PATH, if no public authority vouches for it";
	return "";
}

/*
 * Most issuers have their metadata below themselves. Of Entra's external tenants, of B2C and of domains of the
 * provider's customers it lies where it was found just now, and the section says so.
 */
static int issuer_differs(const struct setup *setup, const char *issuer)
{
	size_t len = strlen(setup->url);

	if (strchr(issuer, '{'))
		return verb_failed(setup->verb,
				   "%s: the provider calls itself %s, which is the issuer of no "
				   "tenant: give the id of yours",
				   setup->url, issuer);
	if (setup->metadata)
		return verb_failed(setup->verb,
				   "%s: the provider calls itself %s at %s: that is its issuer, "
				   "byte for byte; try again with it",
				   setup->url, issuer, setup->metadata);
	return verb_failed(setup->verb,
			   "%s: the provider calls itself %s: that is its issuer, byte for byte; "
			   "try again with it. If its metadata lies here alone, as that of Entra's "
			   "tenants may, the section has metadata = ... besides: try again with "
			   "--metadata %.*s/.well-known/openid-configuration %s",
			   setup->url, issuer, (int)(len - (len > 0 && setup->url[len - 1] == '/')),
			   setup->url, issuer);
}

/* The first thing that is wrong, of those that leave nothing to make a section of. */
static int answers_judge(const struct setup *setup)
{
	static const char *const ways[] = { "dns", "connect", "tls", "http", "metadata" };
	const char *issuer = setup_found(setup, "issuer", false);
	const char *said = setup_found(setup, "said", false);

	if (issuer[0] != '\0' && strcmp(issuer, setup->url) != 0)
		return issuer_differs(setup, issuer);
	for (int i = 0; issuer[0] == '\0' && i < setup->count; i++)
		for (size_t way = 0; way < sizeof(ways) / sizeof(*ways); way++)
			if (strcmp(setup->finding[i].step, ways[way]) == 0 &&
			    strcmp(setup->finding[i].outcome, "bad") == 0)
				return verb_failed(setup->verb, "%s: %s: %s%s%s%s", setup->url,
						   ways[way], setup->finding[i].value,
						   said[0] ? ": " : "", said,
						   way_advice(ways[way], setup->finding[i].value));
	return issuer[0] != '\0'
		       ? STATUS_OK
		       : verb_failed(setup->verb, "%s: the metadata names no issuer", setup->url);
}

int setup_probe(struct setup *setup)
{
	struct packet *packet = calloc(1, sizeof(*packet));
	int status;

	if (!packet)
		return verb_failed(setup->verb, "out of memory");
	status = helper_ask(setup, packet);
	free(packet);
	return status == STATUS_OK ? answers_judge(setup) : status;
}

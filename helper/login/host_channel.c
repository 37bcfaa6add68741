/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host at the other end: see host_channel.h. The module speaks for root's program, so what it says
 * of PAM is believed; who it is, the kernel says. Must never wait for it beyond what a person is asked.
 */
#include "host_channel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "helper/login/session/process.h"
#include "helper/login/display/screen.h"
#include "common/spawn.h"
#include "confine.h"
#include "names.h"
#include "places.h"

enum {
	LOOK_MS = 10 * 1000, /* an answer that comes later ends the login */
	DISTRUSTED_BEGIN_MS = 2 * 1000,
	DISTRUSTED_ANSWER_MS = 24 * 3600 * 1000, /* a person may be away for the night */
};

static struct far_host *far_of(struct host *host)
{
	return host->context;
}

/* ---- its terminal ---- */

static bool number_take(const struct wire_message *begin, const char *key, int64_t most,
			int64_t *value)
{
	return wire_number(wire_value(begin, key), most, value);
}

/* Two hexadecimal digits for each byte. */
static bool glyphs_take(const char *text, unsigned char glyphs[TTY_GLYPHS / 8])
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(text) != TTY_GLYPHS / 4)
		return false;
	for (size_t i = 0; i < TTY_GLYPHS / 8; i++) {
		const char *high = strchr(digits, text[2 * i]);
		const char *low = strchr(digits, text[2 * i + 1]);

		if (!high || !low)
			return false;
		glyphs[i] = (unsigned char)((high - digits) << 4 | (low - digits));
	}
	return true;
}

static bool terminal_take(const struct wire_message *begin, struct tty *tty)
{
	const char *glyphs = wire_value(begin, "glyphs");
	int64_t rows, columns;

	if (!number_take(begin, "rows", 65535, &rows) ||
	    !number_take(begin, "columns", 65535, &columns))
		return false;
	tty->rows = (int)rows;
	tty->columns = (int)columns;
	tty->utf8 = wire_value(begin, "utf8") != NULL;
	tty->linux_console = glyphs != NULL;
	tty_term(tty, wire_value(begin, "term"));
	return !glyphs || glyphs_take(glyphs, tty->glyphs);
}

/* ---- the way to the person ---- */

/* Sends VERB and one pair, KEY NULL: none; a whole screen fits. false: nobody reads. Never waits. */
static bool far_send(const struct far_host *far, const char *verb, const char *key,
		     const char *value)
{
	const char *const strings[] = { verb, key, value };
	struct iovec part[3];
	struct msghdr packet = { .msg_iov = part, .msg_iovlen = key ? 3 : 1 };
	size_t len = 0;
	ssize_t sent;

	for (size_t i = 0; i < packet.msg_iovlen; i++) {
		part[i].iov_base = (char *)strings[i];
		part[i].iov_len = strlen(strings[i]) + 1;
		len += part[i].iov_len;
	}
	if (len > WIRE_LONG_MAX)
		return false;
	do
		sent = sendmsg(far->channel, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)len;
}

static void packet_wipe(struct far_packet *packet)
{
	explicit_bzero(packet, sizeof(*packet));
}

/* Waits for the answer to a question, as long as a person takes: the channel's end ends it, too. */
static bool answer_await(struct far_host *far, struct far_packet *packet)
{
	const struct spawn channel = { .fd = far->channel, .pidfd = -1, .beside = -1 };
	int64_t until = far->host.distrusted ? spawn_after(DISTRUSTED_ANSWER_MS) : INT64_MAX;
	const char *text;

	if (!spawn_wait(&channel, until)) /* without a clock every wait is over at once */
		return false;
	if (wire_receive(far->channel, false, packet->bytes, &packet->message) != WIRE_MESSAGE)
		return false;
	text = wire_value(&packet->message, "text");
	return strcmp(packet->message.verb, "answer") == 0 && packet->message.pairs == 1 && text;
}

static const char *far_name(struct host *host)
{
	struct far_host *far = far_of(host);

	if (host->user[0] != '\0')
		return host->user;
	packet_wipe(&far->answer);
	if (!far_send(far, "name", NULL, NULL) || !answer_await(far, &far->answer))
		return NULL;
	return wire_value(&far->answer.message, "text");
}

static bool far_show(struct host *host, const char *text)
{
	return far_send(far_of(host), host->ending ? "last" : "show", "text", text);
}

/* Sends a question, and waits for its answer. */
static bool asked(struct host *host, const char *verb, const char *key, const char *value,
		  char *out, size_t len)
{
	struct far_host *far = far_of(host);
	struct far_packet packet;
	bool ok = far_send(far, verb, key, value) && answer_await(far, &packet);

	if (ok && out && len > 0) {
		out[0] = '\0';
		strncat(out, wire_value(&packet.message, "text"), len - 1);
	}
	packet_wipe(&packet);
	return ok;
}

static bool far_ask(struct host *host, bool echo, const char *prompt, char *out, size_t len)
{
	return asked(host, echo ? "ask" : "ask_hidden", "prompt", prompt, out, len);
}

static bool far_eidp(struct host *host, const char *json, char *out, size_t len)
{
	return asked(host, "eidp", "json", json, out, len);
}

static void far_log(struct host *host, int priority, const char *line)
{
	if (host->distrusted)
		syslog(priority, "uid=\"%lu\" %s", (unsigned long)host->euid, line);
	else
		syslog(priority, "%s", line);
}

static void far_drop_typed(struct host *host)
{
	far_send(far_of(host), "wipe", NULL, NULL);
}

/* Out of turn the module says nothing: whatever there is to read is its end. */
static bool far_gone(struct host *host)
{
	struct pollfd pfd = { .fd = far_of(host)->channel, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

static int far_watch(struct host *host, bool *glancing)
{
	struct far_host *far = far_of(host);

	*glancing = false;
	if (!far->watching && host->near)
		far->watching = far_send(far, "watch", NULL, NULL);
	return far->channel;
}

/* The module is not in a question then: it answers when it is told to, or is stopped. */
static bool far_look(struct host *host, int ms)
{
	struct far_host *far = far_of(host);
	const struct spawn channel = { .fd = far->channel, .pidfd = -1, .beside = -1 };
	struct far_packet packet;
	struct tty tty = { .rows = 0 };
	bool typed = false;
	char text[16];

	snprintf(text, sizeof(text), "%d", ms);
	if (far_send(far, "look", ms > 0 ? "ms" : NULL, text) &&
	    spawn_wait(&channel, spawn_after(LOOK_MS + ms)) &&
	    wire_receive(far->channel, false, packet.bytes, &packet.message) == WIRE_MESSAGE &&
	    strcmp(packet.message.verb, "terminal") == 0 && terminal_take(&packet.message, &tty)) {
		host->terminal = tty;
		typed = wire_value(&packet.message, "typed") != NULL;
	}
	packet_wipe(&packet);
	return typed;
}

static void far_account(struct host *host, const char *name, struct local_account *account)
{
	(void)host;
	names_account(name, account);
}

static const char *far_user_name(struct host *host, uid_t uid)
{
	static char name[LOCAL_NAME_MAX];

	(void)host;
	return names_user(uid, name) == NAMES_FOUND ? name : NULL;
}

static bool far_enter(struct host *host, enum origin origin)
{
	/* Who it is the kernel has said; its pid may have been passed on. */
	if (host->distrusted)
		return places_take(ORIGIN_SESSION, 0, host->euid);
	/* A login that is its user's own counts for nobody else. */
	return host->euid != 0 || places_take(origin, host->pid, host->ruid);
}

/* One person's own few places are no crowd's: who has taken these is refused at once. */
static bool far_queue(struct host *host, enum origin origin)
{
	return !host->distrusted && origin == ORIGIN_REMOTE && places_queue();
}

/* A host that is this process's parent waits for its end: what is owed then is seen to in another. */
static bool far_confine(struct host *host, const char *setting, const char *const lists[2],
			enum reason *missing)
{
	const struct confine_allow allow = {
		.hands_over = getppid() == host->pid,
		.list = { lists[0], lists[1] },
	};

	*missing = confine_missing(confine(&allow), setting);
	return *missing == REASON_NONE || strcmp(setting, "best-effort") == 0;
}

static bool far_tell(struct host *host, const char *line)
{
	struct far_host *far = far_of(host);
	char *copy = far->tolds < FAR_TOLD_MAX ? strdup(line) : NULL;

	if (copy)
		far->told[far->tolds++] = copy;
	return copy != NULL;
}

/* ---- what it says of itself ---- */

static bool facts_take(struct far_host *far, const struct wire_message *begin)
{
	struct host *host = &far->host;
	int64_t ruid, alarm;

	if (!number_take(begin, "ruid", UINT32_MAX, &ruid) || ruid == UINT32_MAX ||
	    !number_take(begin, "alarm", 1000000000, &alarm))
		return false;
	host->ruid = (uid_t)ruid;
	host->alarm = (long)alarm;
	host->service = wire_text(begin, "service");
	host->user = wire_text(begin, "user");
	host->rhost = wire_text(begin, "rhost");
	host->tty = wire_text(begin, "tty");
	host->ruser = wire_text(begin, "ruser");
	host->ssh_connection = wire_value(begin, "ssh_connection");
	host->ssh_auth_info = wire_value(begin, "ssh_auth_info");
	host->xdg_seat = wire_value(begin, "xdg_seat");
	host->eidp = wire_value(begin, "eidp") != NULL;
	far->id = wire_text(begin, "id");
	far->verb = wire_text(begin, "verb");
	far->handle = wire_value(begin, "handle");
	far->section = wire_value(begin, "section");
	far->conf_path = wire_value(begin, "conf");
	far->debug = wire_value(begin, "debug") != NULL;
	host->waits = wire_value(begin, "waits") != NULL;
	/* A session's beginning and end show nothing. */
	return strcmp(far->verb, "authenticate") != 0 || terminal_take(begin, &host->terminal);
}

/* What a user says of their own host counts for its screen, and nowhere for a yes. */
static const char *facts_distrust(struct far_host *far)
{
	struct host *host = &far->host;

	if (strcmp(far->verb, "authenticate") != 0 || far->conf_path || host->user[0] == '\0')
		return "a user's host wants what is root's hosts'";
	host->ruid = host->euid;
	host->ruser = "";
	host->ssh_connection = NULL;
	host->ssh_auth_info = NULL;
	host->xdg_seat = NULL;
	far->handle = NULL;
	far->debug = false;
	audit_id(far->own_id);
	far->id = far->own_id;
	return NULL;
}

/*
 * As the host's own lines look: "sshd[812]: pam_device_code(sshd:auth): ...". A user could have theirs look like
 * any other's.
 */
static void log_open(struct far_host *far)
{
	char name[32], comm[32], service[32];

	if (far->host.distrusted) {
		snprintf(far->ident, sizeof(far->ident),
			 "device-code-login[%d]: pam_device_code(user)", (int)getpid());
	} else {
		if (!process_name(far->host.pid, name, sizeof(name)))
			snprintf(name, sizeof(name), "pam_device_code");
		screen_plain(name, comm, sizeof(comm));
		screen_plain(far->host.service, service, sizeof(service));
		snprintf(far->ident, sizeof(far->ident), "%s[%d]: pam_device_code(%s:%s)", comm,
			 (int)far->host.pid, service,
			 strcmp(far->verb, "authenticate") == 0 ? "auth" : "session");
	}
	openlog(far->ident, 0, LOG_AUTHPRIV);
}

/* What is wrong with what came, NULL: nothing. */
static const char *begin_take(struct far_host *far)
{
	const struct wire_message *begin = &far->begin.message;
	const char *wire = wire_value(begin, "wire");

	if (strcmp(begin->verb, "begin") != 0 || !wire)
		return "the host does not begin";
	if (strcmp(wire, WIRE_VERSION) != 0)
		return "the host's module is of another version";
	if (!facts_take(far, begin))
		return "the host's facts are malformed";
	return far->host.distrusted ? facts_distrust(far) : NULL;
}

const char *far_begin(struct far_host *far, int channel, const struct ucred *peer)
{
	static const struct host_ops ops = {
		far_name,	far_show,  far_ask,	far_eidp, far_log,
		far_drop_typed, far_gone,  far_watch,	far_look, far_account,
		far_user_name,	far_enter, far_confine, far_tell, far_queue,
	};
	const struct spawn waited = { .fd = channel, .pidfd = -1, .beside = -1 };
	const char *wrong;

	far->channel = channel;
	far->host.ops = &ops;
	far->host.context = far;
	far->host.apart = true;
	far->host.pid = peer->pid;
	far->host.euid = peer->uid;
	if (!spawn_wait(&waited,
			spawn_after(far->host.distrusted ? DISTRUSTED_BEGIN_MS : CHANNEL_BEGIN_MS)))
		return "the host says nothing";
	switch (wire_receive(channel, false, far->begin.bytes, &far->begin.message)) {
	case WIRE_MESSAGE:
		break;
	case WIRE_GONE:
		return ""; /* it has only looked whether somebody is there */
	default:
		return "the host sends what is no packet";
	}
	wrong = begin_take(far);
	if (wrong)
		return wrong;
	log_open(far);
	return far_send(far, "ready", NULL, NULL) ? NULL : "the host does not listen";
}

void far_done_begin(struct wire_draft *draft, enum outcome outcome)
{
	wire_begin(draft, "done");
	wire_add(draft, "outcome", outcome_name(outcome));
	wire_add(draft, "result", result_name(outcome_result(outcome)));
}

void far_done(struct far_host *far, struct wire_draft *draft, bool admitted)
{
	char key[8];

	for (size_t i = 0; admitted && i < far->tolds; i++) {
		snprintf(key, sizeof(key), "env%zu", i);
		wire_add(draft, key, far->told[i]);
	}
	wire_send(far->channel, draft); /* a host that is gone has lost its verdict */
	wire_wipe(draft);
}

void far_hang_up(struct far_host *far)
{
	if (far->channel >= 0)
		close(far->channel);
	far->channel = -1;
	places_leave();
}

void far_clear(struct far_host *far)
{
	packet_wipe(&far->begin);
	packet_wipe(&far->answer);
	for (size_t i = 0; i < far->tolds; i++)
		free(far->told[i]);
	far_hang_up(far);
}

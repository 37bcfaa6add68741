/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device-code-helper: the side with the network. It has no files, no privileges and
 * no terminal; it speaks with the module through the channel alone, and ends when that is closed.
 *
 * It ends by _exit: libcurl's clean-up would wait for a dead name server.
 */
#include <fcntl.h>
#include <nss.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "helper/oauth_client/confined/sandbox_allow.h"
#include "helper/oauth_client/confined/http.h"
#include "helper/oauth_client/confined/lookup.h"
#include "helper/oauth_client/oauth/idtoken.h"
#include "helper/oauth_client/flow/flow.h"
#include "helper/oauth_client/confined/sandbox.h"
#include "helper/oauth_client/confined/syscalls.h"
#include "signer.h"

enum {
	LIFE_MAX = 12 * 3600,
};

#ifdef UNLIMITED_FOR_TESTS
#define leave exit /* sanitizers and coverage report at exit */
#else
#define leave _exit
#endif

static int64_t clock_now(void *context)
{
	struct timespec ts;

	(void)context;
	if (clock_gettime(CLOCK_BOOTTIME, &ts) != 0)
		leave(1);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t clock_wall(void *context)
{
	(void)context;
	return (int64_t)time(NULL);
}

static char channel_bytes[WIRE_BYTES_MAX];
static const char *channel_answer = "";

/* Anything but `new_code`, `answer` and `stored` from the module is its end or a protocol error: both end us. */
static enum flow_event channel_read(void)
{
	struct wire_message message;

	if (wire_receive(WIRE_FD, true, channel_bytes, &message) != WIRE_MESSAGE)
		return FLOW_GONE;
	if (strcmp(message.verb, "new_code") == 0 && message.pairs == 0)
		return FLOW_AGAIN;
	if (strcmp(message.verb, "stored") == 0 && message.pairs == 0)
		return FLOW_KEPT;
	channel_answer = wire_value(&message, "text");
	if (strcmp(message.verb, "answer") == 0 && message.pairs == 1 && channel_answer)
		return FLOW_ANSWER;
	return FLOW_GONE;
}

static const char *io_answer(void *context)
{
	(void)context;
	return channel_answer;
}

static bool io_random(void *context, unsigned char *out, size_t len)
{
	(void)context;
	return getrandom(out, len, 0) == (ssize_t)len;
}

/* poll() does not count a suspend; a timer on CLOCK_BOOTTIME does. */
static int timer = -1;

static bool timer_start(void)
{
	timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	return timer >= 0;
}

static enum flow_event io_wait(void *context, int64_t until)
{
	struct pollfd pfd[2] = { { .fd = WIRE_FD, .events = POLLIN }, { .events = POLLIN } };
	struct itimerspec at = { .it_value = { .tv_sec = (time_t)(until / 1000),
					       .tv_nsec = (long)(until % 1000) * 1000000 + 1 } };

	if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) != 0)
		return FLOW_GONE;
	pfd[1].fd = timer;
	while (clock_now(context) < until) {
		poll(pfd, 2, -1);
		if (pfd[0].revents != 0)
			return channel_read();
	}
	return FLOW_TIME;
}

static bool io_assertion(void *context, const char *audience, char *out)
{
	(void)context;
	return signer_assertion(audience, out);
}

static bool io_fetch(void *context, const struct request *request, int64_t limit_ms,
		     struct reply *reply)
{
	return http_fetch(context, request, limit_ms, reply);
}

static bool io_tell(void *context, const struct wire_draft *draft)
{
	(void)context;
	return wire_send(WIRE_FD, draft);
}

static void io_alone(void *context)
{
	http_stop_fd(context, -1);
}

/* Tells the module which restrictions hold. No byte from the network has been read before this. */
static bool tell_ready(unsigned int sandbox)
{
	static struct wire_draft draft;
	char text[SANDBOX_TEXT_MAX];

	sandbox_tell(sandbox, text);
	wire_begin(&draft, "ready");
	wire_add(&draft, "wire", WIRE_VERSION);
	wire_add(&draft, "sandbox", text);
	return wire_send(WIRE_FD, &draft);
}

/* The verbs that an opening packet may have: a probe grants nothing and keeps nothing. */
static const struct verb {
	const char *name;
	void (*run)(const struct wire_message *settings, const struct flow_io *io);
} verbs[] = {
	{ "login", flow_login },
	{ "refresh", flow_refresh },
	{ "revoke", flow_revoke },
	{ "probe", flow_probe },
};

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

static bool watching(const struct wire_message *opening)
{
	return strcmp(opening->verb, "probe") == 0;
}

/* The last word of a helper that cannot begin. */
static void tell_failed(enum reason reason)
{
	static struct wire_draft draft;

	wire_begin(&draft, "done");
	wire_add(&draft, "verdict", verdict_name(VERDICT_HELPER_FAILED));
	wire_add(&draft, "reason", reason_name(reason));
	wire_send(WIRE_FD, &draft);
}

static void tell_refused(const char *outcome, const char *call)
{
	static struct wire_draft draft;

	wire_begin(&draft, "finding");
	wire_add(&draft, "step", "system_call");
	wire_add(&draft, "outcome", outcome);
	wire_add(&draft, "value", call);
	wire_send(WIRE_FD, &draft);
}

/*
 * A probe watches itself, so that an administrator learns which call would end a login's helper. Runs
 * in a signal handler: neither memory nor a lock is taken on the way.
 */
static void on_tripwire(const char *call)
{
	tell_refused("bad", call);
	leave(1);
}

static bool io_refused(void *context, unsigned int index, char *name, size_t len)
{
	char call[SYSCALLS_NAME_MAX];
	bool found = syscalls_refused(index, call);

	(void)context;
	if (found)
		snprintf(name, len, "%s", call);
	return found;
}

/* What a probe's libraries have called in vain when they make no handle. */
static void tell_unknown_calls(void)
{
	char name[SYSCALLS_NAME_MAX];

	for (unsigned int i = 0; syscalls_refused(i, name); i++)
		tell_refused("none", name);
}

/* Seconds that this helper may live: as long as its login at most, and what is given back after it. */
static long life_read(const struct wire_message *opening)
{
	const char *text = wire_value(opening, "life");
	int64_t life;

	return text && wire_number(text, LIFE_MAX, &life) ? (long)life : LIFE_MAX;
}

/*
 * What is wrong with the client's key or certificate. One that signs is read by a process of its own alone; a
 * certificate's key is read here, for the TLS connections are this process's. KEY is closed.
 */
static enum reason client_start(struct wire_message *opening, int key, unsigned int sandbox)
{
	enum reason wrong;

	if (signer_wanted(opening))
		return signer_start(opening, key, sandbox, life_read(opening));
	if (client_key_is_tls(opening))
		client_key_read(opening, key);
	wrong = client_key_wrong(opening);
	if (key >= 0)
		close(key);
	return wrong;
}

/*
 * Puts this process in its sandbox, as far as the kernel has one. Returns whether that is enough, and in *MISSING what
 * else a helper needs. What nsswitch.conf names beside files and dns are libraries to load and sockets to ask: the
 * sandbox shuts them out.
 */
static bool confine_self(const struct wire_message *opening, unsigned int *sandbox,
			 enum reason *missing)
{
	struct sandbox_allow allow;

	if (!sandbox_end_after(life_read(opening)))
		*missing = REASON_NO_TIMER;
	sandbox_allow_read(opening, &allow);
	allow.tripped = watching(opening) ? on_tripwire : NULL;
	__nss_configure_lookup("hosts", "files dns");
	*sandbox |= sandbox_landlock(&allow);
	if (!lookup_start()) /* after Landlock and before seccomp: lookup.h */
		*missing = REASON_NO_THREAD;
	*sandbox |= sandbox_seccomp(&allow);
	return sandbox_enough(*sandbox, wire_value(opening, "sandbox"));
}

static void serve(struct wire_message *opening, int key, unsigned int sandbox)
{
	struct flow_io io = {
		.now = clock_now,
		.wall = clock_wall,
		.wait = io_wait,
		.answer = io_answer,
		.random = io_random,
		.client_wrong = client_start(opening, key, sandbox),
		.assertion = io_assertion,
		.fetch = io_fetch,
		.tell = io_tell,
		.alone = io_alone,
		.refused = io_refused,
	};
	const char *version = wire_value(opening, "wire");
	const struct verb *verb = verb_find(opening->verb);
	enum reason missing = REASON_NONE;
	bool enough = confine_self(opening, &sandbox, &missing);

	/* Told even where the restrictions are not enough: the module then knows which is missing. */
	if (!tell_ready(sandbox) || !enough || !version || strcmp(version, WIRE_VERSION) != 0)
		return;
	if (!missing && io.client_wrong == REASON_NO_SIGNER)
		missing = REASON_NO_SIGNER;
	else if (!missing && !verb)
		missing = REASON_UNKNOWN_VERB;
	else if (!missing && !timer_start())
		missing = REASON_NO_TIMER;
	else if (!missing && !idtoken_start())
		missing = REASON_NO_CRYPTO_LIBRARY;
	else if (!missing && !(io.context = http_create(opening, WIRE_FD)))
		missing = REASON_NO_HTTP_HANDLE;
	if (!missing) {
		if (client_key_is_tls(opening) && !io.client_wrong)
			http_certificate(io.context, wire_value(opening, "client_certificate"),
					 wire_value(opening, "client_key"));
		verb->run(opening, &io);
		http_forget(io.context);
		return;
	}
	tell_unknown_calls();
	tell_failed(missing);
}

int main(void)
{
	static char buf[WIRE_BYTES_MAX];
	struct wire_message opening;
	unsigned int sandbox;
	int key;

	if (!wire_is_helper_channel(WIRE_FD)) {
		fprintf(stderr, "device-code-helper is started by pam_device_code.so, "
				"not by hand\n");
		return 2;
	}
	sandbox = sandbox_ground();
	if (wire_receive_with(WIRE_FD, buf, &opening, &key) != WIRE_MESSAGE)
		leave(1);
	serve(&opening, key, sandbox);
	explicit_bzero(buf, sizeof(buf));
	client_key_forget();
	explicit_bzero(channel_bytes, sizeof(channel_bytes));
	leave(0);
}

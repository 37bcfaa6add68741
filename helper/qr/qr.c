/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device-code-qr: turns an address into the modules of a QR code.
 *
 * A program of its own, so that libqrencode is neither on the privileged side nor beside the network: it
 * takes one packet {qr, wire, uri} on descriptor WIRE_FD, answers one, {modules, wire, width,
 * rows} or {failed, wire, reason}, and ends. Must never open a file or a socket; never frees,
 * because it ends.
 */
#include "common/wire.h"

#include <qrencode.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/oauth_client/confined/sandbox.h"

enum {
	URI_MAX = 458,	  /* bytes that version 14 holds at level L */
	WIDTH_MAX = 73,	  /* its modules a side: with the quiet zone they fit 80 columns */
	MEMORY = 2 << 20, /* all that libqrencode ever needs */
};

static bool uri_is_plain(const char *uri)
{
	size_t len = uri ? strnlen(uri, URI_MAX + 1) : 0;

	for (size_t i = 0; i < len; i++)
		if (uri[i] <= ' ' || uri[i] > '~')
			return false;
	return len > 0 && len <= URI_MAX;
}

/* The lowest version at level L; at level M if that is no larger. NULL: there is none. */
static const QRcode *code_make(const char *uri)
{
	const QRcode *low = QRcode_encodeString8bit(uri, 0, QR_ECLEVEL_L);
	const QRcode *medium = low ? QRcode_encodeString8bit(uri, 0, QR_ECLEVEL_M) : NULL;

	return medium && medium->width == low->width ? medium : low;
}

/* Adds the answer's pairs to DRAFT; returns NULL, or the reason why there is no code. */
static const char *packet_answer(const struct wire_message *message, struct wire_draft *draft)
{
	const char *version = wire_value(message, "wire");
	const char *uri = wire_value(message, "uri");
	char rows[WIDTH_MAX * WIDTH_MAX + 1];
	const QRcode *code;
	int modules;

	if (strcmp(message->verb, "qr") != 0 || message->pairs != 2)
		return "packet";
	if (!version || strcmp(version, WIRE_VERSION) != 0)
		return "version";
	if (!uri_is_plain(uri))
		return "address";
	code = code_make(uri);
	if (!code || code->width > WIDTH_MAX)
		return "no_code";
	modules = code->width * code->width;
	for (int i = 0; i < modules; i++)
		rows[i] = code->data[i] & 1 ? '1' : '0';
	rows[modules] = '\0';
	wire_begin(draft, "modules");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add_number(draft, "width", code->width);
	wire_add(draft, "rows", rows);
	return NULL;
}

/*
 * No file, no socket, and of all system calls recv, send and the end: memory is taken before.
 * There is no setting to be asked for: where the sandbox cannot be had there is no QR code.
 */
static bool confine_self(void)
{
	const struct sandbox_allow none = { .network = false };
	unsigned int sandbox = sandbox_ground();
	void *memory;

	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, 2 * MEMORY);
	memory = malloc(MEMORY);
	free(memory);
	sandbox |= sandbox_landlock(&none);
	sandbox |= sandbox_seccomp(&none);
	return memory && sandbox_enough(sandbox, NULL);
}

static void failed(struct wire_draft *draft, const char *reason)
{
	wire_begin(draft, "failed");
	wire_add(draft, "wire", WIRE_VERSION);
	wire_add(draft, "reason", reason);
}

int main(void)
{
	static char buf[WIRE_BYTES_MAX];
	static struct wire_draft draft;
	struct wire_message message;
	const char *reason = "packet";
	enum wire_received received;
	bool confined;

	if (!wire_is_helper_channel(WIRE_FD)) {
		fputs("device-code-qr is started by pam_device_code.so, not by hand.\n", stderr);
		_exit(2);
	}
	confined = confine_self();
	received = wire_receive(WIRE_FD, true, buf, &message);
	if (received == WIRE_GONE)
		_exit(1);
	if (!confined)
		reason = "sandbox";
	else if (received == WIRE_MESSAGE)
		reason = packet_answer(&message, &draft);
	if (reason)
		failed(&draft, reason);
	_exit(wire_send(WIRE_FD, &draft) && !reason ? 0 : 1);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The binary messages of GDM: see pam_gdm.h. Must never read or compose the JSON that they carry. */
#include "pam_gdm.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pam_host.h"

#define EXTENSION "org.gnome.DisplayManager.UserVerifier.CustomJSON"
#define PROTOCOL  "auth-mechanisms"

/* As GDM lays it out where a pointer has eight bytes. */
struct gdm_message {
	uint32_t length; /* of all this, big endian */
	unsigned char type;
	_Alignas(8) char protocol[64];
	unsigned int version;
	char *json; /* of a reply: malloc()ed, as is the reply */
};

/* Where the extension stands in the host's list, or -1. su's caller chooses an environment; GDM has its own. */
static int message_type(void)
{
	const char *name = secure_getenv("GDM_SUPPORTED_PAM_EXTENSIONS");
	size_t len;

	for (int type = 0; name && *name && type <= UINT8_MAX; type++) {
		name += strspn(name, " ");
		len = strcspn(name, " ");
		if (len == strlen(EXTENSION) && memcmp(name, EXTENSION, len) == 0)
			return type;
		name += len;
	}
	return -1;
}

bool gdm_offers(pam_handle_t *pamh)
{
	const char *service;

	return sizeof(struct gdm_message) == 88 && host_item(pamh, PAM_SERVICE, &service) &&
	       strcmp(service, "gdm-switchable-auth") == 0 && message_type() >= 0;
}

static bool reply_take(struct gdm_message *reply, const struct gdm_message *request, char *out,
		       size_t out_len)
{
	char *json = reply->length == request->length ? reply->json : NULL;
	bool ok = json && reply->type == request->type && reply->version == request->version &&
		  strncmp(reply->protocol, PROTOCOL, sizeof(reply->protocol)) == 0;

	snprintf(out, out_len, "%s", json ? json : "");
	free(json);
	free(reply);
	return ok;
}

bool gdm_ask(pam_handle_t *pamh, const char *json, char *out, size_t out_len)
{
	struct gdm_message request = { .length = htonl(sizeof(request)),
				       .type = (unsigned char)message_type(),
				       .protocol = PROTOCOL,
				       .version = 1,
				       .json = (char *)json };
	const struct pam_message message = { PAM_BINARY_PROMPT, (const char *)&request };
	const struct pam_message *messages = &message;
	struct pam_response *response = NULL;
	const void *item = NULL;
	const struct pam_conv *conv;
	bool ok = false;

	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || !item)
		return false;
	conv = item;
	if (conv->conv(1, &messages, &response, conv->appdata_ptr) != PAM_SUCCESS)
		return false;
	if (response && response->resp)
		ok = reply_take((void *)response->resp, &request, out, out_len);
	free(response);
	return ok;
}

#include "services/hbbs/state/offer.h"

#include <sodium.h>
#include <string.h>

#include "common/proto/wire.h"

static const char scheme[] = "webrtc://";
static const char line[] = "a=fingerprint:";

/* A hash's name and its bytes: "sha-256 12:AB:...". */
static bool belongs(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == ':' || c == '-' || c == ' ';
}

bool offer_session_key(const char *offer, char key[static OFFER_KEY])
{
	char json[WIRE_SDP_MAX];
	size_t len, n = 0, at = sizeof scheme - 1;

	if (strncmp(offer, scheme, at) != 0 ||
	    sodium_base642bin((unsigned char *)json, sizeof json, offer + at,
			      strlen(offer + at), NULL, &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	const char *value = memmem(json, len, line, sizeof line - 1);
	if (!value)
		return false;
	value += sizeof line - 1;
	while (value + n < json + len && n < OFFER_KEY && belongs(value[n]))
		n++;
	if (n == 0 || n == OFFER_KEY)
		return false;
	memcpy(key, value, n);
	key[n] = '\0';
	return true;
}

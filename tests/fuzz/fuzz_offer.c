/* What is read of a WebRTC offer: of any bytes, as they are or as the text
 * within an offer, a session key is a short text of the characters that such
 * have, and stands in the offer behind its name. */
#include <assert.h>
#include <string.h>

#include "common/proto/keys.h"
#include "common/proto/wire.h"
#include "services/hbbs/state/offer.h"

static void good(const char *key)
{
	size_t n = strnlen(key, OFFER_KEY);

	assert(n > 0 && n < OFFER_KEY);
	for (size_t i = 0; i < n; i++)
		assert(strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz:- ",
			      key[i]));
}

static void as_it_is(const uint8_t *data, size_t size)
{
	char text[WIRE_SDP_MAX + 1], key[OFFER_KEY];

	memcpy(text, data, size);
	text[size] = '\0';
	if (offer_session_key(text, key))
		good(key);
}

static void within(const uint8_t *data, size_t size)
{
	static const char scheme[] = "webrtc://";
	char text[2 * WIRE_SDP_MAX], key[OFFER_KEY];
	char line[OFFER_KEY + sizeof "a=fingerprint:"] = "a=fingerprint:";

	strcpy(text, scheme);
	keys_base64(text + sizeof scheme - 1, sizeof text - sizeof scheme + 1,
		    data, size);
	if (!offer_session_key(text, key))
		return;
	good(key);
	strcat(line, key);
	assert(memmem(data, size, line, strlen(line)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;

	if (!ready)
		assert(keys_setup() == 0);
	ready = true;
	size = size <= WIRE_SDP_MAX ? size : WIRE_SDP_MAX;
	as_it_is(data, size);
	within(data, size);
	return 0;
}

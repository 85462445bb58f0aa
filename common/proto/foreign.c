#include "common/proto/foreign.h"

#include <assert.h>
#include <string.h>

#include "common/base/log.h"

static const struct {
	const char *word, *hint;
} known[FOREIGN_KINDS] = {
	[FOREIGN_NONE] = { "none", "" },
	[FOREIGN_TLS] = { "tls_hello",
			  "this port does not speak TLS: wss belongs to "
			  "nginx (443), or to the WebSocket port with "
			  "TLS_CERT and TLS_KEY" },
	[FOREIGN_PROXY] = { "proxy_header",
			    "a PROXY protocol header of an address that "
			    "PROXY_PROTOCOL does not name" },
};

enum foreign foreign_look(const uint8_t *data, size_t len)
{
	static const uint8_t v2[] = "\r\n\r\n\0\r\nQUIT\n";

	if (len < 6)
		return FOREIGN_NONE;
	/* A handshake record of TLS with a ClientHello in it. */
	if (data[0] == 0x16 && data[1] == 3 && data[2] <= 4 && data[5] == 1)
		return FOREIGN_TLS;
	if (memcmp(data, "PROXY ", 6) == 0)
		return FOREIGN_PROXY;
	if (len >= FOREIGN_LOOK && memcmp(data, v2, FOREIGN_LOOK) == 0)
		return FOREIGN_PROXY;
	return FOREIGN_NONE;
}

const char *foreign_word(enum foreign f)
{
	assert(f < FOREIGN_KINDS);
	return known[f].word;
}

enum foreign foreign_of(const char *word)
{
	for (unsigned f = FOREIGN_NONE + 1; f < FOREIGN_KINDS; f++)
		if (strcmp(word, known[f].word) == 0)
			return (enum foreign)f;
	return FOREIGN_NONE;
}

void foreign_log(enum foreign f, const char *port, const struct addr *peer)
{
	struct log_line l;

	log_begin(&l, LOG_WARN, "foreign_protocol");
	log_str(&l, "reason", foreign_word(f));
	log_str(&l, "port", port);
	log_addr(&l, "from", peer);
	log_str(&l, "msg", known[f].hint);
	log_end(&l);
}

#include "services/hbbr/pairing/hello.h"

#include <errno.h>
#include <string.h>

#include "common/base/le.h"
#include "common/proto/keys.h"

static_assert((int)HELLO_SECRET == (int)KEYS_MAC_KEY, "key");
static_assert((int)HELLO_MAC == (int)KEYS_MAC, "MAC");

static const uint8_t magic[8] = "hbbrlnk1";

enum { F_WS = 1, F_PROXIED = 2, F_CONTROLLER = 4, F_TUNNEL = 8, F_ALL = 15 };

enum { /* offsets in a hello */
       AT_EPOCH = 8,
       AT_NONCE = 12,
       AT_FLAGS = AT_NONCE + HELLO_NONCE,
       AT_IP = AT_FLAGS + 1,
       AT_PORT = AT_IP + 16,
       AT_LEN = AT_PORT + 2,
       AT_UUID = AT_LEN + 1,
       AT_MAC = AT_UUID + WIRE_UUID_TEXT_MAX,
};
static_assert(AT_MAC + HELLO_MAC == HELLO_SIZE, "the hello is full");

void hello_challenge(uint8_t out[static HELLO_CHALLENGE], uint32_t epoch)
{
	memcpy(out, magic, sizeof magic);
	le32_put(out + AT_EPOCH, epoch);
	keys_random(out + AT_NONCE, HELLO_NONCE);
}

bool hello_expected(const uint8_t in[static HELLO_CHALLENGE], uint32_t epoch)
{
	return memcmp(in, magic, sizeof magic) == 0 &&
	       le32_get(in + AT_EPOCH) == epoch;
}

/* The hello without its MAC, behind the challenge it answers. */
static void hello_mac(uint8_t out[static HELLO_MAC],
		      const uint8_t hello[static HELLO_SIZE],
		      const uint8_t challenge[static HELLO_CHALLENGE],
		      const uint8_t secret[static HELLO_SECRET])
{
	uint8_t all[HELLO_CHALLENGE + AT_MAC];

	memcpy(all, challenge, HELLO_CHALLENGE);
	memcpy(all + HELLO_CHALLENGE, hello, AT_MAC);
	keys_mac(out, secret, all, sizeof all);
}

void hello_pack(uint8_t out[static HELLO_SIZE], const struct hello *h,
		const uint8_t challenge[static HELLO_CHALLENGE],
		const uint8_t secret[static HELLO_SECRET])
{
	size_t len = strlen(h->uuid);

	memset(out, 0, HELLO_SIZE);
	memcpy(out, magic, sizeof magic);
	le32_put(out + AT_EPOCH, h->epoch);
	keys_random(out + AT_NONCE, HELLO_NONCE);
	out[AT_FLAGS] =
		(uint8_t)((h->ws ? F_WS : 0) | (h->proxied ? F_PROXIED : 0) |
			  (h->controller ? F_CONTROLLER : 0) |
			  (h->tunnel ? F_TUNNEL : 0));
	memcpy(out + AT_IP, h->client.ip, 16);
	le16_put(out + AT_PORT, h->client.port);
	out[AT_LEN] = (uint8_t)len;
	memcpy(out + AT_UUID, h->uuid, len);
	hello_mac(out + AT_MAC, out, challenge, secret);
}

int hello_unpack(const uint8_t in[static HELLO_SIZE],
		 const uint8_t challenge[static HELLO_CHALLENGE],
		 const uint8_t secret[static HELLO_SECRET], struct hello *out)
{
	uint8_t mac[HELLO_MAC];

	hello_mac(mac, in, challenge, secret);
	if (!keys_mac_eq(mac, in + AT_MAC))
		return -EACCES;

	size_t len = in[AT_LEN];
	if (memcmp(in, magic, sizeof magic) != 0 || in[AT_FLAGS] > F_ALL ||
	    len == 0 || len > WIRE_UUID_TEXT_MAX ||
	    memchr(in + AT_UUID, 0, len))
		return -EPROTO;
	*out = (struct hello){
		.epoch = le32_get(in + AT_EPOCH),
		.ws = (in[AT_FLAGS] & F_WS) != 0,
		.proxied = (in[AT_FLAGS] & F_PROXIED) != 0,
		.controller = (in[AT_FLAGS] & F_CONTROLLER) != 0,
		.tunnel = (in[AT_FLAGS] & F_TUNNEL) != 0,
		.client.port = le16_get(in + AT_PORT),
	};
	memcpy(out->client.ip, in + AT_IP, 16);
	memcpy(out->uuid, in + AT_UUID, len);
	return 0;
}

static void verdict_mac(uint8_t out[static HELLO_MAC], uint8_t status,
			const uint8_t hello[static HELLO_SIZE],
			const uint8_t challenge[static HELLO_CHALLENGE],
			const uint8_t secret[static HELLO_SECRET])
{
	uint8_t all[1 + HELLO_SIZE + HELLO_CHALLENGE];

	all[0] = status;
	memcpy(all + 1, hello, HELLO_SIZE);
	memcpy(all + 1 + HELLO_SIZE, challenge, HELLO_CHALLENGE);
	keys_mac(out, secret, all, sizeof all);
}

void hello_verdict(uint8_t out[static HELLO_VERDICT], bool taken,
		   const uint8_t hello[static HELLO_SIZE],
		   const uint8_t challenge[static HELLO_CHALLENGE],
		   const uint8_t secret[static HELLO_SECRET])
{
	out[0] = taken;
	verdict_mac(out + 1, out[0], hello, challenge, secret);
}

int hello_read_verdict(const uint8_t in[static HELLO_VERDICT],
		       const uint8_t hello[static HELLO_SIZE],
		       const uint8_t challenge[static HELLO_CHALLENGE],
		       const uint8_t secret[static HELLO_SECRET])
{
	uint8_t mac[HELLO_MAC];

	verdict_mac(mac, in[0], hello, challenge, secret);
	return keys_mac_eq(mac, in + 1) ? in[0] == 1 : -EACCES;
}

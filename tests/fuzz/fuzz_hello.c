/* What another relay, or whoever reaches that port, may send (hello.h), and
 * the ticket that Redis holds. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/proto/keys.h"
#include "services/hbbr/pairing/admit.h"
#include "services/hbbr/pairing/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[HELLO_SECRET] = { 9 };
	uint8_t challenge[HELLO_CHALLENGE] = { 0 };
	uint8_t hello[HELLO_SIZE] = { 0 }, verdict[HELLO_VERDICT] = { 0 };
	struct ticket t;
	struct hello h;

	(void)!admit_ticket(&t, data, size);
	memcpy(hello, data, size < sizeof hello ? size : sizeof hello);
	memcpy(verdict, data, size < sizeof verdict ? size : sizeof verdict);
	(void)hello_expected(hello, 1);
	(void)!hello_read_verdict(verdict, hello, challenge, secret);
	/* The MAC is put right, so that the fields are read. */
	uint8_t all[HELLO_CHALLENGE + HELLO_SIZE - HELLO_MAC];
	memcpy(all, challenge, sizeof challenge);
	memcpy(all + HELLO_CHALLENGE, hello, HELLO_SIZE - HELLO_MAC);
	keys_mac(hello + HELLO_SIZE - HELLO_MAC, secret, all, sizeof all);
	if (hello_unpack(hello, challenge, secret, &h) == 0)
		hello_pack(hello, &h, challenge, secret);
	return 0;
}

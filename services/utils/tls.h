/*
 * tls: opens a WebSocket through HTTPS, as a browser does. The only file of
 * the tools that names OpenSSL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/attr.h"
#include "services/utils/link.h"

struct tls_result {
	char problem[160]; /* "" if everything went well */
	bool untrusted;    /* clients refuse this certificate */
	int status;        /* of the HTTP answer, 0 if there was none */
};

/*
 * Does a TLS handshake as NAME over the connected L and asks for a WebSocket
 * at PATH. INSECURE goes on with a certificate that is not trusted.
 */
void tls_upgrade(struct link *l, const char *name, const char *path,
		 bool insecure, struct tls_result *out);

/*
 * tls: asks through HTTPS, as a browser does. The only file of the tools that
 * names OpenSSL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"
#include "services/utils/doctor/link.h"

struct tls_result {
	char problem[160]; /* "" if everything went well */
	bool untrusted;    /* clients refuse this certificate */
	int status;        /* of the HTTP answer, 0 if there was none */
	int64_t date_s;    /* the server's clock in it, 0 if it told none */
	int64_t expires_s; /* of the certificate, 0 if there was none */
};

/*
 * Does a TLS handshake as NAME over the connected L and asks for a WebSocket
 * at PATH. INSECURE goes on with a certificate that is not trusted.
 */
void tls_upgrade(struct link *l, const char *name, const char *path,
		 bool insecure, struct tls_result *out);

/* The same with a plain GET; anything but status 200 is a problem. */
void tls_get(struct link *l, const char *name, const char *path, bool insecure,
	     struct tls_result *out);

/* And without TLS. */
void plain_get(struct link *l, const char *name, const char *path,
	       struct tls_result *out);

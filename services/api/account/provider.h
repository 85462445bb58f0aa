/*
 * provider: the conversation with an OpenID provider: discovery, redeeming
 * the code, and the checks of the ID token's claims.
 *
 * The ID token comes from the token endpoint itself (OpenID Connect Core
 * 3.1.3.7, 6), so its signature adds nothing and no key of the provider is
 * kept that could be outdated.
 */
#pragma once

#include "services/api/base/httpc.h"
#include "services/api/core/call.h"

enum { PROVIDER_CACHE_S = 3600, PROVIDER_SKEW_S = 120 };

struct provider {
	struct json_object *cfg;
	const char *issuer;
	const char *authorize; /* endpoints */
	const char *token;
	const char *userinfo;        /* or "" */
	struct json_object *methods; /* of the token endpoint, or NULL */
};

/* False: *WHY says why it cannot be used, or the call wants another lane. */
bool provider_find(struct call *c, const char *name, struct provider *p,
		   const char **why);
/* POST /api/settings/oidc/test: name. Asks the provider, whether it is enabled
 * or not; what it said is kept for log-ins. */
int provider_test(struct call *c);
/* The lane's key of NAME. */
const char *provider_lane(struct call *c, const char *name);

/* Checked claims, completed from userinfo; NULL and *WHY. */
struct json_object *provider_redeem(struct call *c, const struct provider *p,
				    const char *code, const char *verifier,
				    const char *redirect, const char *nonce,
				    const char **why);

/* The checks alone (pure), for tests. NULL: the claims are good. */
const char *provider_check(struct json_object *claims, const char *issuer,
			   const char *client_id, struct json_object *audiences,
			   const char *nonce, int64_t now_s);
/* Equal but for a last slash, which many settings lack or have too much. */
bool provider_same_issuer(const char *a, const char *b);

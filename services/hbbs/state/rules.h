/*
 * rules: the settings in the form the core decides by.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/addr.h"
#include "common/base/attr.h"
#include "common/proto/keys.h"
#include "common/proto/wire.h"
#include "services/hbbs/state/limits.h"
#include "services/hbbs/state/relays.h"
#include "services/hbbs/state/settings.h"

enum { RULES_SERVERS_MAX = 16 }; /* legacy list, keeps datagrams small */

struct rules {
	char required_key[WIRE_KEY_MAX + 1]; /* "": any licence_key passes */
	struct keys keys;                    /* can_sign says if it signs */
	int32_t serial;
	char *servers[RULES_SERVERS_MAX]; /* legacy list */
	size_t nservers;
	char *software_url;
	bool always_relay;
	bool known_relays_only;
	bool http_proxy; /* API_URL is set */
	bool has_mask;
	struct cidr mask;
	char local_ip[WIRE_RELAY_MAX + 1];
	bool allow_key_change;
	bool strict_answers;
	struct limits_config limits;
	size_t max_clients;
	size_t max_clients_per_ip;
};

/*
 * Makes the rules, the key pair included (spec 5.2), and the relay list.
 * 0, or -EINVAL or another -errno after logging what is wrong.
 */
MUST_USE int rules_make(const struct settings *s, struct rules *out,
			struct relay_list *relays);
void rules_fini(struct rules *r);

/* True if the licence_key of a request is good enough. */
MUST_USE bool rules_key_ok(const struct rules *r, const char *licence_key);

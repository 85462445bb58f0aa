#include "services/hbbs/state/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"

/* Spec 5.2. What is required and what signs are two answers to one option. */
static int own_pair(const struct settings *s, bool required, struct rules *out)
{
	int err = keys_load_or_create(&out->keys, s->data_dir);

	if (err != 0) {
		log_error("key_unusable", "%s/id_ed25519: %s", s->data_dir,
			  err == -EINVAL ? "not a secret key" : strerror(-err));
		return err;
	}
	if (!required)
		log_warn("open_server", "KEY is empty: whoever reaches this "
					"server may use it");
	strcpy(out->required_key, required ? out->keys.pk_text : "");
	return 0;
}

/* The public half of the pair in DATA_DIR, as in -k "$(cat id_ed25519.pub)",
 * means the pair. Any other public key is nobody's. */
static bool is_own_public(const struct settings *s, const char *text,
			  struct rules *out)
{
	struct keys public, pair = { 0 };

	if (!keys_option_public(text, &public)) {
		log_warn("no_signing_key",
			 "KEY is neither '-' nor a secret key: sessions will "
			 "not be encrypted");
		return false;
	}
	bool own = keys_load(&pair, s->data_dir) == 0 &&
		   memcmp(pair.pk, public.pk, KEYS_PK) == 0;
	if (own)
		out->keys = pair;
	else
		log_warn("no_signing_key",
			 "KEY is a public key, and its secret half is not in "
			 "%s: sessions will not be encrypted, and clients that "
			 "are signed in cannot connect",
			 s->data_dir);
	keys_wipe(&pair);
	return own;
}

static int make_keys(const struct settings *s, struct rules *out)
{
	char key[KEYS_OPTION_TEXT];
	int err = keys_option_read(s->key, s->data_dir, key);

	if (err != 0) {
		log_error("bad_option", "KEY %s", keys_option_fault(err));
		return err;
	}
	bool own = strcmp(key, "-") == 0 || strcmp(key, "_") == 0;
	if (own || key[0] == '\0')
		return own_pair(s, own, out);
	out->keys = (struct keys){ 0 };
	bool pair = keys_from_secret_text(&out->keys, key) == 0 ||
		    is_own_public(s, key, out);
	snprintf(out->required_key, sizeof out->required_key, "%s",
		 pair ? out->keys.pk_text : key);
	explicit_bzero(key, sizeof key);
	return 0;
}

static int make_mask(const struct settings *s, struct rules *out)
{
	if (s->mask[0] == '\0')
		return 0;
	out->has_mask = cidr_parse(s->mask, &out->mask) == 0;
	if (strlen(s->local_ip) > WIRE_RELAY_MAX) {
		log_error("bad_option", "LOCAL_IP is too long");
		return -EINVAL;
	}
	strcpy(out->local_ip, s->local_ip);
	return 0;
}

static int make_servers(const struct settings *s, struct rules *out)
{
	char *rest = s->rendezvous_servers;

	for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
		if (one[0] == '\0')
			continue;
		if (out->nservers == RULES_SERVERS_MAX) {
			log_error("bad_option",
				  "RENDEZVOUS_SERVERS has more than %d entries",
				  RULES_SERVERS_MAX);
			return -E2BIG;
		}
		out->servers[out->nservers++] = one;
	}
	return 0;
}

static int make_limits(const struct settings *s, struct rules *out)
{
	bool reference = strcmp(s->register_limits, "reference") == 0;

	if (!reference && strcmp(s->register_limits, "default") != 0) {
		log_error("bad_option",
			  "REGISTER_LIMITS is neither default nor reference: "
			  "'%s'",
			  s->register_limits);
		return -EINVAL;
	}
	out->limits = (struct limits_config){
		.reference = reference,
		.new_rate = (uint64_t)s->new_peer_rate,
		.new_rate_per_ip = (uint64_t)s->new_peer_rate_per_ip,
		.lookup_rate = (uint64_t)s->lookup_rate,
		.online_rate = (uint64_t)s->online_rate,
	};
	out->max_clients = (size_t)s->max_connections;
	out->max_clients_per_ip = (size_t)s->max_connections_per_ip;
	return 0;
}

static int make_relays(const struct settings *s, struct relay_list *relays)
{
	int err = relays_parse(relays, s->relay_servers);
	if (err != 0)
		log_error("bad_option", "RELAY_SERVERS: more than %d entries",
			  RELAYS_MAX);
	return err;
}

int rules_make(const struct settings *s, struct rules *out,
	       struct relay_list *relays)
{
	*out = (struct rules){
		.serial = (int32_t)s->serial,
		.software_url = s->software_url,
		.always_relay = s->always_use_relay,
		.known_relays_only = strcmp(s->relay_choice, "known") == 0,
		.http_proxy = s->api_url[0] != '\0',
		.allow_key_change = s->allow_key_change,
		.strict_answers = s->strict_answers,
	};
	if (!out->known_relays_only && strcmp(s->relay_choice, "any") != 0) {
		log_error("bad_option",
			  "RELAY_CHOICE: '%s' is not any or known",
			  s->relay_choice);
		return -EINVAL;
	}
	if (!geo_overrides_ok(s->geo_overrides)) {
		log_error("bad_option",
			  "GEO_OVERRIDES: '%s' is not host=longitude,latitude "
			  "...",
			  s->geo_overrides);
		return -EINVAL;
	}
	relays->overrides = s->geo_overrides;
	int err = make_relays(s, relays);
	if (err != 0)
		return err;
	err = make_mask(s, out);
	if (err == 0)
		err = make_servers(s, out);
	if (err == 0)
		err = make_limits(s, out);
	if (err == 0)
		err = make_keys(s, out);
	return err;
}

void rules_fini(struct rules *r)
{
	keys_wipe(&r->keys);
}

bool rules_key_ok(const struct rules *r, const char *licence_key)
{
	return r->required_key[0] == '\0' ||
	       keys_text_eq(r->required_key, licence_key);
}

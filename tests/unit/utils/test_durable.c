#include "services/utils/backup/durable.h"
#include "tests/unit/unit.h"

static enum durable_kind kind(const char *key)
{
	return durable_kind(key, strlen(key));
}

START_TEST(what_lasts_is_kept_and_what_passes_is_not)
{
	static const struct {
		const char *key;
		enum durable_kind kind;
	} rows[] = {
		{ "peer:29b1", DURABLE_YES },
		{ "peers:count", DURABLE_YES },
		{ "policy:user", DURABLE_YES },
		{ "policy:moved:1", DURABLE_NO },
		{ "api:user", DURABLE_YES },
		{ "api:user:order", DURABLE_YES },
		{ "api:user:email", DURABLE_YES },
		{ "api:user:sessions:g", DURABLE_SECRET },
		{ "api:audit-conn:of:g", DURABLE_YES },
		{ "api:of:a:later:version", DURABLE_YES },
		{ "token:abc", DURABLE_SECRET },
		{ "api:job:mail", DURABLE_SECRET },
		{ "api:jobs:paused", DURABLE_SECRET },
		{ "api:jobs", DURABLE_SECRET },
		{ "api:invite:x", DURABLE_SECRET },
		{ "api:apitoken", DURABLE_YES },
		{ "api:apitoken:name", DURABLE_SECRET },
		{ "api:guestlink", DURABLE_YES },
		{ "api:guestlink:name", DURABLE_SECRET },
		{ "api:user:name", DURABLE_YES },
		{ "api:guest:owned:x", DURABLE_YES },
		{ "api:guest:pass:x", DURABLE_NO },
		{ "api:guest:rate:x", DURABLE_NO },
		{ "api:guest:came:x:y", DURABLE_NO },
		{ "api:bootstrapped", DURABLE_SECRET },
		{ "api:challenge:x", DURABLE_NO },
		{ "api:oidc:discovery:x", DURABLE_NO },
		{ "api:fail:row:x", DURABLE_NO },
		{ "api:reset:count:x", DURABLE_NO },
		{ "api:mail", DURABLE_NO },
		{ "api:certificate", DURABLE_NO },
		{ "api:certificate:asked", DURABLE_NO },
		{ "api:alive", DURABLE_NO },
		{ "seen:29b1", DURABLE_NO },
		{ "conn:ref:x", DURABLE_NO },
		{ "restore:unfinished", DURABLE_NO },
		{ "session:x", DURABLE_FOREIGN },
		{ "ap", DURABLE_FOREIGN },
		{ "", DURABLE_FOREIGN },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(kind(rows[i].key) == rows[i].kind, "%s",
			      rows[i].key);
}
END_TEST

UNIT_MAIN("durable", what_lasts_is_kept_and_what_passes_is_not)

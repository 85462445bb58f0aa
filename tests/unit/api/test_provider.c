#include "services/api/account/provider.h"
#include "tests/unit/unit.h"

static const int64_t now = 1000000;

/* The claims of TEXT against issuer "i", client "c", nonce "n". */
static const char *check(const char *text)
{
	struct pool pool = { 0 };
	bool ok;

	struct json_object *o = js_parse(&pool, text, strlen(text), &ok);
	struct json_object *trusted = json_tokener_parse("[\"t\"]");
	ck_assert(ok);
	const char *why = provider_check(o, "i", "c", trusted, "n", now);
	json_object_put(trusted);
	pool_fini(&pool);
	return why ? why : "";
}

START_TEST(good_claims_pass)
{
	ck_assert_str_eq(check("{\"iss\":\"i\",\"aud\":\"c\",\"exp\":1000001,"
			       "\"nonce\":\"n\",\"sub\":\"s\"}"),
			 "");
	ck_assert_str_eq(check("{\"iss\":\"i\",\"aud\":[\"t\",\"c\"],"
			       "\"exp\":999990,\"nonce\":\"n\","
			       "\"sub\":\"s\"}"),
			 "");
}
END_TEST

START_TEST(each_wrong_claim_is_refused)
{
	static const char *const bad[] = {
		"{}",
		"{\"iss\":\"x\",\"aud\":\"c\",\"exp\":1000001,\"nonce\":\"n\","
		"\"sub\":\"s\"}",
		"{\"iss\":\"i\",\"aud\":\"x\",\"exp\":1000001,\"nonce\":\"n\","
		"\"sub\":\"s\"}",
		"{\"iss\":\"i\",\"aud\":[\"c\",\"x\"],\"exp\":1000001,"
		"\"nonce\":\"n\",\"sub\":\"s\"}",
		"{\"iss\":\"i\",\"aud\":[],\"exp\":1000001,\"nonce\":\"n\","
		"\"sub\":\"s\"}",
		"{\"iss\":\"i\",\"aud\":\"c\",\"exp\":999000,\"nonce\":\"n\","
		"\"sub\":\"s\"}",
		"{\"iss\":\"i\",\"aud\":\"c\",\"exp\":\"x\",\"nonce\":\"n\","
		"\"sub\":\"s\"}",
		"{\"iss\":\"i\",\"aud\":\"c\",\"exp\":1000001,\"nonce\":\"\","
		"\"sub\":\"s\"}",
		"{\"iss\":\"i\",\"aud\":\"c\",\"exp\":1000001,\"nonce\":\"n\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(*check(bad[i]) != 0, "case %zu", i);
}
END_TEST

UNIT_MAIN("provider", good_claims_pass, each_wrong_claim_is_refused)

/* An authenticator made of OpenSSL says what the wrapper has to believe. */
#include "services/api/account/webauthn.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <string.h>

#include "services/api/account/passkey.h"
#include "tests/unit/unit.h"

#define RP "rd.example.org"

static const char client_text[] = "{\"type\":\"webauthn.get\"}";
static const struct webauthn_bytes client = { (const uint8_t *)client_text,
					      sizeof(client_text) - 1 };

struct text {
	uint8_t data[4096];
	size_t len;
};

static void put(struct text *t, const void *data, size_t len)
{
	ck_assert_uint_le(t->len + len, sizeof(t->data));
	memcpy(t->data + t->len, data, len);
	t->len += len;
}

static void put_byte(struct text *t, unsigned b)
{
	uint8_t one = (uint8_t)b;

	put(t, &one, 1);
}

/* A CBOR byte string. */
static void put_bytes(struct text *t, const void *data, size_t len)
{
	put_byte(t, 0x59);
	put_byte(t, (unsigned)(len >> 8));
	put_byte(t, (unsigned)len);
	put(t, data, len);
}

static void put_text(struct text *t, const char *s)
{
	put_byte(t, 0x60 + (unsigned)strlen(s));
	put(t, s, strlen(s));
}

static struct webauthn_bytes bytes(const struct text *t)
{
	return (struct webauthn_bytes){ t->data, t->len };
}

/* ---- keys -------------------------------------------------------------------
 */

static const int algs[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256 };

static EVP_PKEY *make_key(int alg)
{
	return alg == WEBAUTHN_ES256 ? EVP_EC_gen("P-256")
	       : alg == WEBAUTHN_EDDSA
		       ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
		       : EVP_RSA_gen(2048);
}

static void put_number(struct text *t, EVP_PKEY *key, const char *name,
		       size_t len)
{
	uint8_t raw[256];
	BIGNUM *n = NULL;

	ck_assert_int_eq(EVP_PKEY_get_bn_param(key, name, &n), 1);
	ck_assert_int_eq(BN_bn2binpad(n, raw, (int)len), (int)len);
	put_bytes(t, raw, len);
	BN_free(n);
}

/* COSE_Key (RFC 9053). */
static void put_key(struct text *t, int alg, EVP_PKEY *key)
{
	uint8_t raw[32];
	size_t len = sizeof(raw);

	if (alg == WEBAUTHN_ES256) {
		put(t, "\xa5\x01\x02\x03\x26\x20\x01\x21", 8);
		put_number(t, key, "qx", 32);
		put(t, "\x22", 1);
		put_number(t, key, "qy", 32);
	} else if (alg == WEBAUTHN_EDDSA) {
		put(t, "\xa4\x01\x01\x03\x27\x20\x06\x21", 8);
		ck_assert(EVP_PKEY_get_raw_public_key(key, raw, &len) == 1);
		put_bytes(t, raw, len);
	} else {
		put(t, "\xa4\x01\x03\x03\x39\x01\x00\x20", 8);
		put_number(t, key, "n", 256);
		put(t, "\x21", 1);
		put_number(t, key, "e", 3);
	}
}

static void sign(struct text *out, int alg, EVP_PKEY *key,
		 const struct text *authdata)
{
	struct text data = { 0 };
	uint8_t hash[32];
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	put(&data, authdata->data, authdata->len);
	crypto_hash_sha256(hash, client.data, client.len);
	put(&data, hash, sizeof(hash));
	out->len = sizeof(out->data);
	ck_assert_int_eq(
		EVP_DigestSignInit(md, NULL,
				   alg == WEBAUTHN_EDDSA ? NULL : EVP_sha256(),
				   NULL, key),
		1);
	ck_assert_int_eq(
		EVP_DigestSign(md, out->data, &out->len, data.data, data.len),
		1);
	EVP_MD_CTX_free(md);
}

/* ---- what an authenticator says ---------------------------------------------
 */

enum { UP = 1, UV = 4, AT = 0x40 };

static struct text authdata(const char *rp, unsigned flags, uint32_t count)
{
	struct text t = { 0 };
	uint8_t hash[32];

	crypto_hash_sha256(hash, (const uint8_t *)rp, strlen(rp));
	put(&t, hash, sizeof(hash));
	put_byte(&t, flags);
	for (int shift = 24; shift >= 0; shift -= 8)
		put_byte(&t, count >> shift & 0xff);
	return t;
}

static struct text registration(const char *rp, unsigned flags, int alg,
				EVP_PKEY *key)
{
	struct text t = authdata(rp, flags | AT, 7);
	uint8_t aaguid[16] = { 0 };

	put(&t, aaguid, sizeof(aaguid));
	put(&t, "\x00\x04name", 6);
	put_key(&t, alg, key);
	return t;
}

static struct text object(const char *fmt, const struct text *data,
			  const struct text *statement)
{
	struct text t = { 0 };

	put_byte(&t, 0xa3);
	put_text(&t, "fmt");
	put_text(&t, fmt);
	put_text(&t, "attStmt");
	put(&t, statement->data, statement->len);
	put_text(&t, "authData");
	put_bytes(&t, data->data, data->len);
	return t;
}

static struct text none(const struct text *data)
{
	const struct text empty = { { 0xa0 }, 1 };

	return object("none", data, &empty);
}

/* Self-attestation: signed by the new key itself. */
static struct text packed(int alg, EVP_PKEY *key, const struct text *data)
{
	struct text statement = { 0 }, sig;

	sign(&sig, alg, key, data);
	put_byte(&statement, 0xa2);
	put_text(&statement, "alg");
	if (alg == WEBAUTHN_RS256)
		put(&statement, "\x39\x01\x00", 3);
	else
		put_byte(&statement, alg == WEBAUTHN_ES256 ? 0x26 : 0x27);
	put_text(&statement, "sig");
	put_bytes(&statement, sig.data, sig.len);
	return object("packed", data, &statement);
}

static struct webauthn_key enrolled(int alg, EVP_PKEY *key)
{
	struct text data = registration(RP, UP | UV, alg, key);
	struct text o = none(&data);
	struct webauthn_key k = { 0 };

	ck_assert_int_eq(webauthn_register(RP, bytes(&o), client, &k), 0);
	return k;
}

START_TEST(a_registration_gives_key_id_and_count)
{
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		EVP_PKEY *key = make_key(algs[i]);
		struct webauthn_key k = enrolled(algs[i], key);

		ck_assert_int_eq(k.alg, algs[i]);
		ck_assert_uint_eq(k.id_len, 4);
		ck_assert_mem_eq(k.id, "name", 4);
		ck_assert_uint_eq(k.count, 7);
		EVP_PKEY_free(key);
	}
}
END_TEST

START_TEST(a_packed_registration_needs_its_signature)
{
	EVP_PKEY *key = make_key(WEBAUTHN_ES256);
	struct text data = registration(RP, UP | UV, WEBAUTHN_ES256, key);
	struct text o = packed(WEBAUTHN_ES256, key, &data);
	struct webauthn_key k = { 0 };

	ck_assert_int_eq(webauthn_register(RP, bytes(&o), client, &k), 0);
	for (size_t i = 0; i < data.len; i++) {
		struct text bad = data;

		bad.data[i] ^= 1;
		struct text forged = o;
		memcpy(forged.data + forged.len - data.len, bad.data, data.len);
		ck_assert_int_eq(
			webauthn_register(RP, bytes(&forged), client, &k),
			-EINVAL);
	}
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_registration_for_another_name_or_of_nobody_verified_is_refused)
{
	static const unsigned flags[] = { 0, UP, UV };
	EVP_PKEY *key = make_key(WEBAUTHN_EDDSA);
	struct webauthn_key k = { 0 };
	struct text data, o;

	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		data = registration(RP, flags[i], WEBAUTHN_EDDSA, key);
		o = none(&data);
		ck_assert_int_eq(webauthn_register(RP, bytes(&o), client, &k),
				 -EINVAL);
	}
	data = registration("evil.example", UP | UV, WEBAUTHN_EDDSA, key);
	o = none(&data);
	ck_assert_int_eq(webauthn_register(RP, bytes(&o), client, &k), -EINVAL);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(an_attestation_of_another_kind_or_cut_anywhere_is_refused)
{
	EVP_PKEY *key = make_key(WEBAUTHN_ES256);
	struct text data = registration(RP, UP | UV, WEBAUTHN_ES256, key);
	const struct text empty = { { 0xa0 }, 1 };
	struct text o = object("tpm", &data, &empty);
	struct webauthn_key k = { 0 };

	ck_assert_int_eq(webauthn_register(RP, bytes(&o), client, &k), -EINVAL);
	o = none(&data);
	for (size_t n = 0; n < o.len; n++) {
		struct webauthn_bytes cut = { o.data, n };

		ck_assert_int_eq(webauthn_register(RP, cut, client, &k),
				 -EINVAL);
	}
	put_byte(&o, 0);
	ck_assert_int_eq(webauthn_register(RP, bytes(&o), client, &k), -EINVAL);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(an_attestation_has_its_length_and_not_a_byte_more)
{
	static uint8_t long_object[WEBAUTHN_OBJECT_MAX + 1];
	EVP_PKEY *key = make_key(WEBAUTHN_ES256);
	struct text data = registration(RP, UP | UV, WEBAUTHN_ES256, key);
	struct text o = none(&data);
	struct webauthn_key k = { 0 };

	/* One more member of the map, "x": a byte string that fills it. */
	memcpy(long_object, o.data, o.len);
	long_object[0] = 0xa4;
	size_t rest = WEBAUTHN_OBJECT_MAX - o.len - 5;
	const uint8_t head[] = { 0x61, 'x', 0x59, (uint8_t)(rest >> 8),
				 (uint8_t)rest };
	memcpy(long_object + o.len, head, sizeof(head));
	struct webauthn_bytes b = { long_object, WEBAUTHN_OBJECT_MAX };
	ck_assert_int_eq(webauthn_register(RP, b, client, &k), 0);
	rest++;
	long_object[o.len + 3] = (uint8_t)(rest >> 8);
	long_object[o.len + 4] = (uint8_t)rest;
	b.len++;
	ck_assert_int_eq(webauthn_register(RP, b, client, &k), -EINVAL);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_signature_counts_for_its_key_name_and_a_verified_person)
{
	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		EVP_PKEY *key = make_key(algs[i]), *other = make_key(algs[i]);
		struct webauthn_key k = enrolled(algs[i], key);
		struct text data = authdata(RP, UP | UV, 9), wrapped = { 0 };
		struct text sig;
		uint32_t count = 0;

		sign(&sig, algs[i], key, &data);
		ck_assert_int_eq(webauthn_verify(RP, &k, bytes(&data), client,
						 bytes(&sig), &count),
				 0);
		ck_assert_uint_eq(count, 9);
		ck_assert_int_eq(webauthn_verify("evil.example", &k,
						 bytes(&data), client,
						 bytes(&sig), &count),
				 -EINVAL);
		sign(&sig, algs[i], other, &data);
		ck_assert_int_eq(webauthn_verify(RP, &k, bytes(&data), client,
						 bytes(&sig), &count),
				 -EINVAL);
		wrapped = authdata(RP, UP, 10);
		sign(&sig, algs[i], key, &wrapped);
		ck_assert_int_eq(webauthn_verify(RP, &k, bytes(&wrapped),
						 client, bytes(&sig), &count),
				 -EINVAL);
		EVP_PKEY_free(key);
		EVP_PKEY_free(other);
	}
}
END_TEST

START_TEST(a_counter_only_goes_up_or_is_always_nought)
{
	ck_assert(webauthn_count_ok(0, 0));
	ck_assert(webauthn_count_ok(0, 1));
	ck_assert(webauthn_count_ok(7, 8));
	ck_assert(!webauthn_count_ok(7, 7));
	ck_assert(!webauthn_count_ok(7, 6));
	ck_assert(!webauthn_count_ok(7, 0));
}
END_TEST

START_TEST(passkeys_are_for_the_public_name_by_https_and_for_localhost)
{
	static const struct {
		const char *url, *host;
		bool https;
		size_t len;
	} rows[] = {
		{ "https://rd.example.org", "rd.example.org", true, 14 },
		{ "https://rd.example.org/", "RD.example.org", true, 14 },
		{ "https://rd.example.org:8443/x", "rd.example.org:8443", true,
		  14 },
		{ "https://rd.example.org", "rd.example.org:8443", true, 0 },
		{ "https://rd.example.org", "other.example.org", true, 0 },
		{ "https://rd.example.org", "rd.example.org", false, 0 },
		{ "http://rd.example.org", "rd.example.org", true, 0 },
		{ "https://192.0.2.1", "192.0.2.1", true, 0 },
		{ "https://[2001:db8::1]", "[2001:db8::1]", true, 0 },
		{ "", "rd.example.org", true, 0 },
		{ "", "localhost", false, 9 },
		{ "", "localhost:21114", false, 9 },
		{ "", "127.0.0.1:21114", false, 0 },
		{ "", "localhost.evil.example", false, 0 },
		{ "", "", false, 0 },
		{ "https://", "", true, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(passkey_rp_len(rows[i].url, rows[i].host,
					     rows[i].https) == rows[i].len,
			      "%s at %s", rows[i].host, rows[i].url);
}
END_TEST

/* The most memory that the process has had mapped, in KiB. */
static long most_mapped(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f))
		(void)sscanf(line, "VmPeak: %ld", &kib);
	fclose(f);
	ck_assert_int_gt(kib, 0);
	return kib;
}

/* An array of 2^27 members, as the object and within authenticator data. */
START_TEST(a_head_that_claims_more_than_there_is_costs_no_memory)
{
	static const uint8_t claim[] = { 0x9a, 0x08, 0, 0, 0 };
	uint8_t data[37 + sizeof claim] = { [32] = UP | UV | 0x80 };
	EVP_PKEY *own = make_key(WEBAUTHN_ES256);
	struct webauthn_key key = enrolled(WEBAUTHN_ES256, own), k;
	uint32_t n;
	long before = most_mapped();

	ck_assert_int_eq(webauthn_register(
				 RP,
				 (struct webauthn_bytes){ claim, sizeof claim },
				 client, &k),
			 -EINVAL);
	memcpy(data + 37, claim, sizeof claim);
	ck_assert_int_eq(
		webauthn_verify(RP, &key,
				(struct webauthn_bytes){ data, sizeof data },
				client, client, &n),
		-EINVAL);
	ck_assert_int_lt(most_mapped() - before, 256 << 10);
	EVP_PKEY_free(own);
}
END_TEST

UNIT_MAIN("webauthn", a_head_that_claims_more_than_there_is_costs_no_memory,
	  a_registration_gives_key_id_and_count,
	  a_packed_registration_needs_its_signature,
	  a_registration_for_another_name_or_of_nobody_verified_is_refused,
	  an_attestation_of_another_kind_or_cut_anywhere_is_refused,
	  an_attestation_has_its_length_and_not_a_byte_more,
	  a_signature_counts_for_its_key_name_and_a_verified_person,
	  a_counter_only_goes_up_or_is_always_nought,
	  passkeys_are_for_the_public_name_by_https_and_for_localhost)

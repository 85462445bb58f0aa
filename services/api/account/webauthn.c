#include "services/api/account/webauthn.h"

#include <cbor.h>
#include <errno.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { USER_PRESENT = 1, USER_VERIFIED = 4, HASH = 32 };

static void start_once(void)
{
	fido_init(0);
}

static void start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start_once);
}

/* ---- the attestation object (6.5.4): a map of fmt, authData, attStmt ------
 */

struct attestation {
	cbor_item_t *map;
	char fmt[16];
	struct webauthn_bytes authdata;
	unsigned char *statement; /* as CBOR */
	size_t statement_len;
};

static cbor_item_t *member(const cbor_item_t *map, const char *name)
{
	struct cbor_pair *at = cbor_map_handle(map);

	for (size_t i = 0; i < cbor_map_size(map); i++) {
		const cbor_item_t *key = at[i].key;

		if (cbor_isa_string(key) && cbor_string_is_definite(key) &&
		    cbor_string_length(key) == strlen(name) &&
		    memcmp(cbor_string_handle(key), name, strlen(name)) == 0)
			return at[i].value;
	}
	return NULL;
}

static bool take_members(struct attestation *a)
{
	cbor_item_t *fmt = member(a->map, "fmt");
	cbor_item_t *authdata = member(a->map, "authData");
	cbor_item_t *statement = member(a->map, "attStmt");
	size_t size;

	if (!fmt || !cbor_isa_string(fmt) || !cbor_string_is_definite(fmt) ||
	    cbor_string_length(fmt) >= sizeof(a->fmt) || !authdata ||
	    !cbor_isa_bytestring(authdata) ||
	    !cbor_bytestring_is_definite(authdata) || !statement ||
	    !cbor_isa_map(statement))
		return false;
	memcpy(a->fmt, cbor_string_handle(fmt), cbor_string_length(fmt));
	a->authdata.data = cbor_bytestring_handle(authdata);
	a->authdata.len = cbor_bytestring_length(authdata);
	a->statement_len =
		cbor_serialize_alloc(statement, &a->statement, &size);
	return a->statement_len > 0;
}

/* The head at *AT: its kind and the number that it has. False: it is cut, or of
 * a length to be told later, which authenticators do not write. */
static bool next_head(struct webauthn_bytes b, size_t *at, unsigned *kind,
		      uint64_t *n)
{
	unsigned info = b.data[*at] & 31;

	*kind = b.data[(*at)++] >> 5;
	*n = info < 24 ? info : 0;
	if (info >= 28)
		return false;
	for (size_t i = 0; info >= 24 && i < (size_t)1 << (info - 24); i++) {
		if (*at == b.len)
			return false;
		*n = *n << 8 | b.data[(*at)++];
	}
	return true;
}

/* No head claims more than there is? libcbor allocates what one claims. */
static bool heads_fit(struct webauthn_bytes b)
{
	unsigned kind;
	uint64_t n;

	for (size_t at = 0; at < b.len;) {
		if (!next_head(b, &at, &kind, &n))
			return false;
		bool text = kind == 2 || kind == 3, list = kind == 4;

		if (((text || list) && n > b.len - at) ||
		    (kind == 5 && n > (b.len - at) / 2))
			return false;
		if (text)
			at += n;
	}
	return true;
}

/* Likewise what follows the fixed part of authenticator data: a credential with
 * its key, extensions (WebAuthn 6.1). */
static bool authdata_fits(struct webauthn_bytes a)
{
	enum { FLAGS = 32, FIXED = 37, CREDENTIAL = 0x40, ID = 18 };
	size_t at = FIXED;

	if (a.len < FIXED)
		return false;
	if (a.data[FLAGS] & CREDENTIAL) {
		if (a.len - at < ID)
			return false;
		at += ID +
		      (size_t)(a.data[at + ID - 2] << 8 | a.data[at + ID - 1]);
	}
	return at <= a.len &&
	       heads_fit((struct webauthn_bytes){ a.data + at, a.len - at });
}

static bool attestation_read(struct attestation *a, struct webauthn_bytes from)
{
	struct cbor_load_result r;

	if (from.len == 0 || from.len > WEBAUTHN_OBJECT_MAX || !heads_fit(from))
		return false;
	a->map = cbor_load(from.data, from.len, &r);
	return a->map && r.read == from.len && cbor_isa_map(a->map) &&
	       cbor_map_is_definite(a->map) && take_members(a) &&
	       authdata_fits(a->authdata);
}

static void attestation_free(struct attestation *a)
{
	if (a->map)
		cbor_decref(&a->map);
	free(a->statement);
}

/* ---- registration ----------------------------------------------------------
 */

/* The credential, if its key is of ALG; else NULL. */
static fido_cred_t *credential(const char *rp_id, int alg,
			       const struct attestation *a,
			       struct webauthn_bytes client)
{
	fido_cred_t *cred = fido_cred_new();

	if (cred && fido_cred_set_type(cred, alg) == FIDO_OK &&
	    fido_cred_set_rp(cred, rp_id, NULL) == FIDO_OK &&
	    fido_cred_set_uv(cred, FIDO_OPT_TRUE) == FIDO_OK &&
	    fido_cred_set_clientdata(cred, client.data, client.len) ==
		    FIDO_OK &&
	    fido_cred_set_authdata_raw(cred, a->authdata.data,
				       a->authdata.len) == FIDO_OK)
		return cred;
	fido_cred_free(&cred);
	return NULL;
}

/* Without attestation nothing is signed: whom it is for is looked at here. */
static bool none_ok(const char *rp_id, const fido_cred_t *cred,
		    const struct attestation *a)
{
	const unsigned want = USER_PRESENT | USER_VERIFIED;
	uint8_t hash[HASH];

	crypto_hash_sha256(hash, (const uint8_t *)rp_id, strlen(rp_id));
	return a->authdata.len > HASH &&
	       sodium_memcmp(hash, a->authdata.data, HASH) == 0 &&
	       (fido_cred_flags(cred) & want) == want;
}

/* libfido2 wants to know beforehand how the credential is protected, and
 * browsers choose that themselves. */
static bool packed_ok(fido_cred_t *cred, const struct attestation *a)
{
	static const int protections[] = { 0, FIDO_CRED_PROT_UV_OPTIONAL,
					   FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID,
					   FIDO_CRED_PROT_UV_REQUIRED };

	if (fido_cred_set_fmt(cred, "packed") != FIDO_OK ||
	    fido_cred_set_attstmt(cred, a->statement, a->statement_len) !=
		    FIDO_OK)
		return false;
	for (size_t i = 0; i < sizeof(protections) / sizeof(*protections);
	     i++) {
		if (fido_cred_set_prot(cred, protections[i]) != FIDO_OK)
			return false;
		if ((fido_cred_x5c_len(cred)
			     ? fido_cred_verify(cred)
			     : fido_cred_verify_self(cred)) == FIDO_OK)
			return true;
	}
	return false;
}

static bool key_take(struct webauthn_key *k, int alg, const fido_cred_t *cred)
{
	size_t key_len = fido_cred_pubkey_len(cred);
	size_t id_len = fido_cred_id_len(cred);

	if (key_len == 0 || key_len > sizeof(k->key) || id_len == 0 ||
	    id_len > sizeof(k->id))
		return false;
	k->alg = alg;
	memcpy(k->key, fido_cred_pubkey_ptr(cred), key_len);
	k->key_len = key_len;
	memcpy(k->id, fido_cred_id_ptr(cred), id_len);
	k->id_len = id_len;
	k->count = fido_cred_sigcount(cred);
	return true;
}

static bool registered(const char *rp_id, const struct attestation *a,
		       struct webauthn_bytes client, struct webauthn_key *k)
{
	static const int algs[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA,
				    WEBAUTHN_RS256 };
	fido_cred_t *cred = NULL;
	size_t i = 0;

	while (!cred && i < sizeof(algs) / sizeof(*algs))
		cred = credential(rp_id, algs[i++], a, client);
	if (!cred)
		return false;
	bool ok = strcmp(a->fmt, "none") == 0     ? none_ok(rp_id, cred, a)
		  : strcmp(a->fmt, "packed") == 0 ? packed_ok(cred, a)
						  : false;
	ok = ok && key_take(k, algs[i - 1], cred);
	fido_cred_free(&cred);
	return ok;
}

int webauthn_register(const char *rp_id, struct webauthn_bytes object,
		      struct webauthn_bytes client, struct webauthn_key *k)
{
	struct attestation a = { 0 };

	start();
	bool ok = attestation_read(&a, object) &&
		  registered(rp_id, &a, client, k);
	attestation_free(&a);
	return ok ? 0 : -EINVAL;
}

/* ---- signing in ------------------------------------------------------------
 */

/* The key as libfido2 has it; freed by key_free(). */
static void *key_open(const struct webauthn_key *k)
{
	es256_pk_t *es = k->alg == WEBAUTHN_ES256 ? es256_pk_new() : NULL;
	eddsa_pk_t *ed = k->alg == WEBAUTHN_EDDSA ? eddsa_pk_new() : NULL;
	rs256_pk_t *rs = k->alg == WEBAUTHN_RS256 ? rs256_pk_new() : NULL;

	if (es && es256_pk_from_ptr(es, k->key, k->key_len) == FIDO_OK)
		return es;
	if (ed && eddsa_pk_from_ptr(ed, k->key, k->key_len) == FIDO_OK)
		return ed;
	if (rs && rs256_pk_from_ptr(rs, k->key, k->key_len) == FIDO_OK)
		return rs;
	es256_pk_free(&es);
	eddsa_pk_free(&ed);
	rs256_pk_free(&rs);
	return NULL;
}

static void key_free(int alg, void *key)
{
	es256_pk_t *es = alg == WEBAUTHN_ES256 ? key : NULL;
	eddsa_pk_t *ed = alg == WEBAUTHN_EDDSA ? key : NULL;
	rs256_pk_t *rs = alg == WEBAUTHN_RS256 ? key : NULL;

	es256_pk_free(&es);
	eddsa_pk_free(&ed);
	rs256_pk_free(&rs);
}

static bool assertion(fido_assert_t *a, const char *rp_id,
		      struct webauthn_bytes authdata,
		      struct webauthn_bytes client,
		      struct webauthn_bytes signature)
{
	return a &&
	       fido_assert_set_clientdata(a, client.data, client.len) ==
		       FIDO_OK &&
	       fido_assert_set_rp(a, rp_id) == FIDO_OK &&
	       fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK &&
	       fido_assert_set_uv(a, FIDO_OPT_TRUE) == FIDO_OK &&
	       fido_assert_set_count(a, 1) == FIDO_OK &&
	       fido_assert_set_authdata_raw(a, 0, authdata.data,
					    authdata.len) == FIDO_OK &&
	       fido_assert_set_sig(a, 0, signature.data, signature.len) ==
		       FIDO_OK;
}

int webauthn_verify(const char *rp_id, const struct webauthn_key *k,
		    struct webauthn_bytes authdata,
		    struct webauthn_bytes client,
		    struct webauthn_bytes signature, uint32_t *count)
{
	start();
	fido_assert_t *a = fido_assert_new();
	void *key = key_open(k);
	bool ok = key && authdata_fits(authdata) &&
		  assertion(a, rp_id, authdata, client, signature) &&
		  fido_assert_verify(a, 0, k->alg, key) == FIDO_OK;

	if (ok)
		*count = fido_assert_sigcount(a, 0);
	key_free(k->alg, key);
	fido_assert_free(&a);
	return ok ? 0 : -EINVAL;
}

#include "services/api/core/fields.h"

#include "common/base/attr.h"
#include "services/api/core/doc.h"

/* The documents that have a table's members; none for what is in documents. */
enum {
	OF_USER = BIT(DOC_USER),
	OF_PASSKEY = 0,
	OF_GROUP = BIT(DOC_USER_GROUP) | BIT(DOC_DEVICE_GROUP),
	OF_DEVICE = BIT(DOC_DEVICE),
	OF_STRATEGY = BIT(DOC_STRATEGY),
	OF_CROLE = BIT(DOC_CONTROL_ROLE),
	OF_AROLE = BIT(DOC_ADMIN_ROLE),
	OF_BOOK = BIT(DOC_BOOK),
	OF_RULE = BIT(DOC_RULE),
	OF_TOKEN = BIT(DOC_API_TOKEN),
	OF_HOOK = BIT(DOC_WEBHOOK),
	OF_BAN = BIT(DOC_BAN),
	OF_GUEST = BIT(DOC_GUEST_LINK),
	OF_CLONE = BIT(DOC_CLONE),
	OF_MACHINE = 0,
	OF_CONN = BIT(DOC_AUDIT_CONN),
	OF_FILE = BIT(DOC_AUDIT_FILE),
	OF_ADMIN = BIT(DOC_AUDIT_CONSOLE),
	OF_AUDIT = OF_CONN | OF_FILE | BIT(DOC_AUDIT_ALARM) | OF_ADMIN,
	OF_ANY = BIT(DOC_KINDS) - 1,
	OF_REF = 0,
	OF_INFO = 0,
	OF_WISH = 0,
	OF_VERSION = 0,
	OF_TAG = 0,
	OF_ENTRY = 0,
	OF_JOB = 0,
	OF_DELIVERY = 0,
	OF_PAUSE = 0,
	OF_GENERAL = 0,
	OF_SMTP = 0,
	OF_TEMPLATE = 0,
	OF_LDAP = 0,
	OF_SERVER = 0,
	OF_OIDC = 0,
	OF_IDP = 0,
};

#define FIELD(kind, NAME, type, stored)                                        \
	const struct field_##type kind##_##NAME = { { stored, OF_##kind } };
#define HASH(kind, NAME, stored) const char kind##_##NAME[] = stored;
#include "services/api/core/fields.def"
#undef FIELD
#undef HASH

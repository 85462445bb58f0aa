/*
 * keynames: the keys in Redis that the api writes, and those that it shares
 * with others (ARCHITECTURE.md, "Redis"); of presence, leases and policy:
 * statekey.h, policy_row.h. A name is a printf format: what follows its first %
 * tells objects apart. Lua scripts have names as texts that are of this file.
 */
#pragma once

/* Kinds of documents: name in keys, member that is unique (NULL: none). Of
 * each kind there are api:{kind}, api:{kind}:order and, with a unique member,
 * api:{kind}:name. */
#define KEY_KINDS(X)                                                           \
	X(USER, "user", "name")                                                \
	X(USER_GROUP, "usergroup", "name")                                     \
	X(DEVICE_GROUP, "devicegroup", "name")                                 \
	X(DEVICE, "device", "id")                                              \
	X(STRATEGY, "strategy", "name")                                        \
	X(CONTROL_ROLE, "controlrole", "name")                                 \
	X(ADMIN_ROLE, "adminrole", "name")                                     \
	X(BOOK, "book", "name")                                                \
	X(RULE, "rule", NULL)                                                  \
	X(API_TOKEN, "apitoken", "hash")                                       \
	X(WEBHOOK, "webhook", NULL)                                            \
	X(BAN, "ban", "of")                                                    \
	X(GUEST_LINK, "guestlink", "hash")                                     \
	X(CLONE, "clone", NULL)                                                \
	X(AUDIT_CONN, "audit-conn", NULL)                                      \
	X(AUDIT_FILE, "audit-file", NULL)                                      \
	X(AUDIT_ALARM, "audit-alarm", NULL)                                    \
	X(AUDIT_CONSOLE, "audit-console", NULL)

#define KEY_ALARM_MAILED       "api:alarm:mailed:%d:%s"
#define KEY_ALIVE              "api:alive"
#define KEY_API_TOKEN_NAME     "api:apitoken:name"
#define KEY_AUDIT_DAY          "api:audit:day:%s"
#define KEY_AUDIT_INDEXED      "api:audit:indexed"
#define KEY_AUDIT_INDEXING     "api:audit:indexing"
#define KEY_BOOK_BIN           "api:book:bin:%s"
#define KEY_BOOK_FOR           "api:book:for:%s:%s"
#define KEY_BOOK_OWNED         "api:book:owned:%s"
#define KEY_BOOK_PEERS         "api:book:peers:%s"
#define KEY_BOOK_PERSONAL      "api:book:personal"
#define KEY_BOOK_RULES         "api:book:rules:%s"
#define KEY_BOOTSTRAPPED       "api:bootstrapped"
#define KEY_BULK               "api:bulk:%s"
#define KEY_BULK_REPORT        "api:bulk:report:%s"
#define KEY_BULK_ROWS          "api:bulk:rows:%s:%s"
#define KEY_CERTIFICATE        "api:certificate"
#define KEY_CERTIFICATE_ASKED  "api:certificate:asked"
#define KEY_CHALLENGE          "api:challenge:%s"
#define KEY_CHANGES            "api:changes"
#define KEY_CLONE_WATCH        "api:clone:watch:%s"
#define KEY_CONN_REF           "conn:ref:%s"
#define KEY_DEVICE_DELETED     "api:device:deleted"
#define KEY_DEVICE_GROUP       "api:device:group:%s"
#define KEY_DEVICE_OWNER       "api:device:owner:%s"
#define KEY_DEVICE_RETIRED     "api:device:retired"
#define KEY_DEVICE_WISH        "api:device:wish"
#define KEY_DEVICE_WISHES      "api:device:wishes"
#define KEY_EVENTS             "api:events"
#define KEY_FAIL_ADDRESS       "api:fail:address:%s"
#define KEY_FAIL_HOUR          "api:fail:hour:%s"
#define KEY_FAIL_PAIR          "api:fail:pair:%s:%s"
#define KEY_FAIL_ROW           "api:fail:row:%s"
#define KEY_GUEST_CAME         "api:guest:came:%s:%s"
#define KEY_GUEST_HOUR         "api:guest:hour"
#define KEY_GUEST_LINK_NAME    "api:guestlink:name"
#define KEY_GUEST_OWNED        "api:guest:owned:%s"
#define KEY_GUEST_PASS         "api:guest:pass:%s"
#define KEY_GUEST_RATE         "api:guest:rate:%s"
#define KEY_HISTORY_AT         "api:history:at"
#define KEY_HISTORY_DAY        "api:history:day"
#define KEY_HISTORY_YEAR       "api:history:year"
#define KEY_HERE               "api:here:%s:%s"
#define KEY_INVITE             "api:invite:%s"
#define KEY_JOB                "api:job:%s"
#define KEY_JOBS               "api:jobs:%s"
#define KEY_JOBS_PAUSED        "api:jobs:paused"
#define KEY_JOB_BEFORE_2       "api:job"
#define KEY_JOBS_BEFORE_2      "api:jobs"
#define KEY_KICK               "api:kick:%s"
#define KEY_KNOWN              "api:known:%s:%s"
#define KEY_MAIL               "api:mail"
#define KEY_NONCE              "api:nonce:%s"
#define KEY_OIDC               "api:oidc:%s"
#define KEY_OIDC_DISCOVERY     "api:oidc:discovery:%s"
#define KEY_OPEN               "api:open:%s"
#define KEY_OPEN_ALL           "api:open:all"
#define KEY_PASSKEY            "api:passkey:%s"
#define KEY_PEERS_COUNT        "peers:count"
#define KEY_PURGE_HOUR         "api:purge:hour"
#define KEY_RECORDING          "api:recording:%s"
#define KEY_RECORDINGS         "api:recordings"
#define KEY_RECORDING_SEEN     "api:recording:seen:%s:%s"
#define KEY_RECORDINGS_BYTES   "api:recordings:bytes"
#define KEY_RECORDINGS_OF      "api:recordings:of"
#define KEY_RECORDINGS_ORDER   "api:recordings:order"
#define KEY_RECORDINGS_REMOVE  "api:recordings:remove"
#define KEY_RESET              "api:reset:%s"
#define KEY_RESET_COUNT        "api:reset:count:%s"
#define KEY_RESTORE_UNFINISHED "restore:unfinished"
#define KEY_RETIRE_HOUR        "api:retire:hour"
#define KEY_SETTINGS           "api:settings"
#define KEY_SMTP_TOKEN         "api:smtp:token:%s"
#define KEY_STRATEGY_STAMP     "api:strategy:stamp"
#define KEY_STRATEGY_VERSIONS  "api:strategy:versions:%s"
#define KEY_SWITCH             "switch:%s:%s"
#define KEY_SYSINFO_VERSION    "api:sysinfo:version"
#define KEY_TOKEN              "token:%s"
#define KEY_TOTP_PENDING       "api:totp:pending:%s"
#define KEY_USER_EMAIL         "api:user:email"
#define KEY_USER_EXT           "api:user:ext"
#define KEY_USER_GROUP_USERS   "api:usergroup:users:%s"
#define KEY_USER_PASSKEY       "api:user:passkey"
#define KEY_USER_SESSIONS      "api:user:sessions:%s"
#define KEY_USER_SIGNED_IN     "api:user:signed-in"
#define KEY_WEBHOOK_CURSOR     "api:webhook:cursor"
#define KEY_WEBHOOK_LOG        "api:webhook:log:%s"

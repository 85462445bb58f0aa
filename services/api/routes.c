#include "services/api/account/accessible.h"
#include "services/api/account/api_tokens.h"
#include "services/api/account/credentials.h"
#include "services/api/account/directory.h"
#include "services/api/account/ldap.h"
#include "services/api/account/links.h"
#include "services/api/account/login.h"
#include "services/api/account/oidc.h"
#include "services/api/account/pages.h"
#include "services/api/account/passkeys.h"
#include "services/api/account/provider.h"
#include "services/api/account/recovery.h"
#include "services/api/account/totp.h"
#include "services/api/account/users.h"
#include "services/api/book/books.h"
#include "services/api/book/entries.h"
#include "services/api/book/legacy.h"
#include "services/api/book/shares.h"
#include "services/api/book/tags.h"
#include "services/api/bulk/devices.h"
#include "services/api/bulk/export.h"
#include "services/api/bulk/import.h"
#include "services/api/bulk/merge.h"
#include "services/api/bulk/users.h"
#include "services/api/client/assign.h"
#include "services/api/client/connections.h"
#include "services/api/client/posts.h"
#include "services/api/client/presets.h"
#include "services/api/client/record.h"
#include "services/api/client/switch_grant.h"
#include "services/api/client/sync.h"
#include "services/api/core/outside.h"
#include "services/api/core/route.h"
#include "services/api/device/clones.h"
#include "services/api/device/device_admin.h"
#include "services/api/device/retire.h"
#include "services/api/jobs/delivery_log.h"
#include "services/api/jobs/jobs.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/jobs/webhooks.h"
#include "services/api/journal/events.h"
#include "services/api/journal/listing.h"
#include "services/api/policy/admin_roles.h"
#include "services/api/policy/bans.h"
#include "services/api/policy/control_roles.h"
#include "services/api/policy/effective.h"
#include "services/api/policy/groups.h"
#include "services/api/policy/strategies.h"
#include "services/api/policy/versions.h"
#include "services/api/shapes.h"
#include "services/api/system/openapi.h"
#include "services/api/system/settings.h"
#include "services/api/web/devices.h"
#include "services/api/web/duplicates.h"
#include "services/api/web/explain.h"
#include "services/api/web/guest.h"
#include "services/api/web/guest_link.h"
#include "services/api/web/guest_links.h"
#include "services/api/web/history.h"
#include "services/api/web/live.h"
#include "services/api/web/me.h"
#include "services/api/web/overview.h"
#include "services/api/web/pages.h"
#include "services/api/web/preview.h"
#include "services/api/web/recordings.h"
#include "services/api/web/relay_lists.h"
#include "services/api/web/signin.h"
#include "services/api/web/site.h"
#include "services/api/web/ticket.h"
#include "services/api/web/watch.h"

const struct route routes[] = {
	/* what every client calls; the heartbeat comes first in traffic */
	OPEN("POST", "/api/heartbeat", AWAY_OBJECT,
	     FIELDS(STR("id", 100), STR("uuid", 512), INT("ver"),
		    ARR("conns", 500, 8192), INT("modified_at")),
	     NULL, sync_heartbeat,
	     "Device heartbeat: disconnects and strategy in return"),
	DEAR("POST", "/api/sysinfo", AWAY_LATER, FIELDS(SYSINFO_IN), NULL,
	     sync_sysinfo, "Device inventory upload"),
	OPEN("POST", "/api/sysinfo_ver", AWAY_LATER, NULL, NULL,
	     sync_sysinfo_version, "Version of the inventory store"),
	OPEN("POST", "/api/switch-grant", AWAY_OBJECT,
	     FIELDS(MUST_STR("id", 100), MUST_STR("switch_code_verifier", 128),
		    MUST_STR("timestamp", 32), MUST_STR("signature", 128)),
	     NULL, switch_grant, "Allow a call back when sides are switched"),
	OPEN("GET", "/api/login-options", AWAY_429, NULL, NULL, login_options,
	     "Single sign-on providers"),
	OPEN("POST", "/api/login", AWAY_429, FIELDS(LOGIN_IN), NULL, login,
	     "Sign in: password, then code where required"),
	OPEN("POST", "/api/oidc/auth", AWAY_429,
	     FIELDS(MUST_STR("op", 128), MUST_STR("id", 100),
		    MUST_STR("uuid", 512), OBJ("deviceInfo", 2048),
		    STR("apiDomain", 256)),
	     NULL, oidc_auth, "Start single sign-on"),
	OPEN("GET", "/api/oidc/auth-query", AWAY_PENDING, NULL, "code id uuid",
	     oidc_query, "Poll for the end of single sign-on"),
	OPEN("GET", "/api/oidc/callback", AWAY_503, NULL,
	     "code state error error_description", oidc_callback,
	     "Browser leg of single sign-on"),
	OPEN("POST", "/api/oidc/confirm", AWAY_503, NULL, "state secret answer",
	     oidc_confirm, "The person's answer on the page of single sign-on"),
	OPEN("POST", "/api/audit/conn", AWAY_429, FIELDS(CONN_IN), NULL,
	     connections_post, "Connection audit of a device"),
	OPEN("POST", "/api/audit/file", AWAY_429,
	     FIELDS(MUST_STR("id", 100), STR("uuid", 512), STR("peer_id", 100),
		    INT("conn_id"), INT("type"), STR("path", 4096),
		    BOOL("is_file"), STR("info", 32 << 10), STR("nonce", 64)),
	     NULL, posts_file, "File audit of a device"),
	OPEN("POST", "/api/audit/alarm", AWAY_429,
	     FIELDS(MUST_STR("id", 100), STR("uuid", 512), MUST_INT("typ"),
		    STR("info", 8192), INT("conn_id"),
		    STR("conn_audit_ref", 128), STR("nonce", 64)),
	     NULL, posts_alarm, "Alarm audit of a device"),
	{ .methods = "POST",
	  .path = "/api/record",
	  .auth = AUTH_NONE,
	  .away = AWAY_429,
	  .query = "type file offset length",
	  .handle = record,
	  .summary = "Upload of a session recording",
	  .body_max = RECORD_BODY_MAX,
	  .admit = record_wanted },
	OPEN("GET", "/", AWAY_503, NULL, NULL, web_page, "The console"),
	OPEN("GET", "/api/version", AWAY_503, NULL, NULL, openapi_version,
	     "Version of the server"),
	OPEN("GET", "/api/openapi.json", AWAY_503, NULL, NULL, openapi,
	     "This document"),
	OPEN("POST", "/api/invite/accept", AWAY_503,
	     FIELDS(MUST_STR("token", 256), MUST_STR("password", 1024)), NULL,
	     links_accept_invite, "Accept an invitation"),
	OPEN("POST", "/api/password/forgot", AWAY_503,
	     FIELDS(MUST_STR("username", 256)), NULL, links_password_forgot,
	     "Mail a link that sets a new password"),
	OPEN("POST", "/api/password/reset", AWAY_503,
	     FIELDS(MUST_STR("token", 256), MUST_STR("password", 1024)), NULL,
	     links_password_reset, "Set a new password with what was mailed"),
	OPEN("GET", "/invite", AWAY_503, NULL, NULL, account_page,
	     "Page: accept an invitation"),
	OPEN("GET", "/forgot", AWAY_503, NULL, NULL, account_page,
	     "Page: forgotten password"),
	OPEN("GET", "/reset", AWAY_503, NULL, NULL, account_page,
	     "Page: a new password"),
	OPEN("GET", "/two-factor", AWAY_503, NULL, NULL, account_page,
	     "Page: set up one-time codes"),
	OPEN("GET", "/account.js", AWAY_503, NULL, NULL, account_script,
	     "Script of these pages"),
	OPEN("GET", "/account.css", AWAY_503, NULL, NULL, account_style,
	     "Style of these pages"),
	OPEN("POST", "/api/tfa/totp/setup", AWAY_503,
	     FIELDS(STR("username", 256), STR("password", 1024)), NULL,
	     totp_setup,
	     "Begin setting up one-time codes (token, or name and password)"),
	OPEN("POST", "/api/tfa/totp/confirm", AWAY_503,
	     FIELDS(STR("username", 256), STR("password", 1024),
		    MUST_STR("code", 64)),
	     NULL, totp_confirm,
	     "Switch on one-time codes; answers recovery codes"),
	USER("POST", "/api/tfa/recovery", NONE, AWAY_503,
	     FIELDS(STR("code", 64), STR("password", 1024)), NULL,
	     recovery_renew,
	     "Fresh recovery codes, shown once; needs a one-time code, or the "
	     "password where there are none"),
	USER("POST", "/api/tfa/totp/disable", NONE, AWAY_503,
	     FIELDS(MUST_STR("code", 64)), NULL, totp_disable,
	     "Switch off one-time codes"),
	USER("PUT", "/api/user/password", NONE, AWAY_503,
	     FIELDS(MUST_STR("old_password", 1024), MUST_STR("password", 1024)),
	     NULL, credentials_own_password, "Change the own password"),
	USER("POST", "/api/logout", NONE, AWAY_429, NULL, NULL, login_logout,
	     "Sign out"),
	USER("POST GET", "/api/currentUser", NONE, AWAY_429, NULL, NULL,
	     me_current_user, "The signed-in user"),
	/* Mail to a new address can set a password. */
	{ .methods = "PATCH",
	  .path = "/api/currentUser",
	  .auth = AUTH_USER,
	  .in = FIELDS(STR("display_name", 128), STR("email", 256),
		       STR("note", SCHEMA_NOTE_MAX), STR("password", 1024)),
	  .handle = me_update,
	  .summary = "Change the own name, mail address and note; for the "
		     "address a client shows its password",
	  .fresh = true },

#include "services/api/routes_bulk.def"

	/* accessible devices */
	{ .methods = "GET",
	  .path = "/api/users",
	  .with = "accessible",
	  .auth = AUTH_USER,
	  .area = AREA_USER,
	  .away = AWAY_429,
	  .query = PAGE " status",
	  .handle = accessible_users,
	  .summary = "Users whose devices the caller may reach" },
	USER("GET", "/api/peers", DEVICE, AWAY_429, NULL, PAGE " status",
	     accessible_peers, "Devices the caller may reach"),
	USER("GET", "/api/device-group/accessible", GROUP, AWAY_429, NULL, PAGE,
	     accessible_device_groups, "Device groups the caller may reach"),

	/* notes on running sessions */
	USER("GET", "/api/audit/conn/active", AUDIT, AWAY_429, NULL,
	     "id session_id conn_type", connections_active,
	     "Audit row of a running session"),
	USER("PUT", "/api/audit", AUDIT, AWAY_429,
	     FIELDS(MUST_STR("guid", 64), MUST_STR("note", SCHEMA_NOTE_MAX)),
	     NULL, connections_note, "Write a session's note"),

#include "services/api/routes_book.def"

	/* devices */
	TOKEN("POST", "/api/devices/cli", DEVICE, AWAY_429, FIELDS(CLI_IN),
	      assign_by_cli, "rustdesk --assign"),
	TOKEN("POST", "/api/devices/deploy", DEVICE, AWAY_429,
	      FIELDS(STR("id", 100), STR("uuid", 512), STR("pk", 128)),
	      assign_deployed, "rustdesk --deploy"),
	ROLE("GET", "/api/devices", DEVICE_VIEW, NULL,
	     PAGE " id device_name device_username user_name group_name "
		  "device_group_name",
	     devices_list, "Devices"),
	{ .methods = "GET",
	  .path = "/api/devices/deleted",
	  .auth = AUTH_ADMIN,
	  .query = PAGE,
	  .handle = devices_deleted,
	  .summary = "Deleted devices, which stay away" },
	ADMIN("POST", "/api/devices/deleted/{guid}/restore", NULL,
	      devices_restore, "Let a deleted device come back"),
	{ .methods = "GET",
	  .path = "/api/devices/retired",
	  .auth = AUTH_ADMIN,
	  .query = PAGE,
	  .handle = retire_list,
	  .summary = "Retired devices, which come back when they report" },
	ROLE("GET", "/api/devices/duplicates", DEVICE_VIEW, NULL, PAGE " by",
	     web_duplicates,
	     "Groups of devices that are probably one machine, by machine id "
	     "or by host name, user and system"),
	ROLE("GET", "/api/devices/clones", DEVICE_VIEW, NULL, PAGE " device",
	     clones_list,
	     "Ids that several machines use, as copies of a disk do, with what "
	     "each machine reports"),
	ADMIN("POST", "/api/devices/{guid}/clone/keep",
	      FIELDS(MUST_STR("machine", 64)), clones_keep,
	      "Say which machine keeps the id: those at other addresses are "
	      "told to take another one"),
	ADMIN("POST", "/api/devices/{guid}/clone/ignore",
	      FIELDS(MUST_BOOL("ignored")), clones_ignore,
	      "Say that an id is no copy, until another machine uses it; or "
	      "take that back"),
	ADMIN("POST", "/api/devices/{guid}/clone/check", NULL, clones_check,
	      "Look again whether several machines use an id"),
	ROLE("POST", "/api/devices/retired/{guid}/restore", DEVICE_DELETE, NULL,
	     NULL, retire_restore, "Take a retired device back as it was"),
	ROLE("POST", "/api/devices/{guid}/retire", DEVICE_DELETE, NULL, NULL,
	     retire_device, "Take a device out of the lists until it reports"),
	ROLE("GET", "/api/devices/presets", DEVICE_VIEW, NULL, PAGE,
	     presets_list, "Presets of devices that wait for approval"),
	/* What the wishes need besides is checked for each of them. */
	ROLE("POST", "/api/devices/{guid}/approve", DEVICE_ASSIGN, NULL, NULL,
	     presets_approve,
	     "Vouch for a device: its presets count, secrets reach it"),
	ROLE("DELETE", "/api/devices/{guid}/presets", DEVICE_ASSIGN, NULL, NULL,
	     presets_reject, "Refuse the presets that wait"),
	ROLE("GET", "/api/devices/{guid}", DEVICE_VIEW, NULL, NULL,
	     devices_show, "One device"),
	ROLE("GET", "/api/devices/{guid}/strategy", DEVICE_VIEW, NULL, NULL,
	     effective_show,
	     "The strategy that applies to a device, and every setting"),
	ROLE("POST", "/api/devices/{guid}/enable", DEVICE_ENABLE, NULL, NULL,
	     devices_enable, "Enable a device"),
	ROLE("POST", "/api/devices/{guid}/disable", DEVICE_ENABLE, NULL, NULL,
	     devices_disable, "Disable a device"),
	ROLE("POST", "/api/devices/{guid}/assign", DEVICE_VIEW,
	     FIELDS(MUST_STR("type", 64), MUST_STR("value", 8192)), NULL,
	     assign_device, "Assign user, group, strategy, book or texts"),
	ROLE("DELETE", "/api/devices/{guid}", DEVICE_DELETE, NULL, NULL,
	     devices_delete, "Delete a disabled device"),

	/* users */
	ROLE("GET", "/api/users", USER_VIEW, NULL, PAGE USERS_QUERY, users_list,
	     "Users, filtered and sorted"),
	ROLE("POST", "/api/users", USER_CREATE,
	     FIELDS(MUST_STR("name", SCHEMA_NAME_MAX),
		    MUST_STR("password", 1024), STR("group_name", 128),
		    STR("email", 256), STR("note", SCHEMA_NOTE_MAX),
		    STR("display_name", 128), BOOL("is_admin")),
	     NULL, users_create, "Create a user"),
	ROLE("POST", "/api/users/invite", USER_INVITE,
	     FIELDS(MUST_STR("email", 256), MUST_STR("name", SCHEMA_NAME_MAX),
		    STR("group_name", 128), STR("note", SCHEMA_NOTE_MAX),
		    STR("display_name", 128)),
	     NULL, links_invite, "Invite a user by mail"),
	ROLE("POST", "/api/users/force-logout", USER_LOGOUT,
	     FIELDS(MUST_LIST("user_guids", SCHEMA_LIST_MAX, 64)), NULL,
	     users_force_logout, "End all sessions of users"),
	ROLE("PUT", "/api/users/tfa/totp/enforce", USER_2FA,
	     FIELDS(MUST_LIST("user_guids", SCHEMA_LIST_MAX, 64),
		    MUST_BOOL("enforce"), STR("url", 2048)),
	     NULL, users_enforce_totp, "Require one-time codes"),
	{ .methods = "PUT",
	  .path = "/api/users/disable_login_verification",
	  .auth = AUTH_ROLE,
	  .perm = PERM_USER_2FA,
	  .in = FIELDS(MUST_LIST("user_guids", SCHEMA_LIST_MAX, 64),
		       MUST_STR("type", 64)),
	  .handle = users_disable_verification,
	  .summary = "Reset the second factor",
	  .fresh = true },
	ROLE("GET", "/api/users/{guid}", USER_VIEW, NULL, NULL, users_show,
	     "One user"),
	ROLE("PUT PATCH", "/api/users/{guid}", USER_VIEW, FIELDS(USER_IN), NULL,
	     users_update, "Change a user"),
	ADMIN_FRESH(
		"POST", "/api/users/{guid}/relink",
		FIELDS(MUST_STR("source", 16), MUST_STR("directory", 128)),
		directory_relink,
		"Let the person of that name in a directory take over a user"),
	ROLE("POST", "/api/users/{guid}/enable", USER_ENABLE, NULL, NULL,
	     users_enable, "Enable a user"),
	ROLE("POST", "/api/users/{guid}/disable", USER_ENABLE, NULL, NULL,
	     users_disable, "Disable a user"),
	ROLE("DELETE", "/api/users/{guid}", USER_DELETE, NULL, NULL,
	     users_delete, "Delete a disabled user"),

	/* groups */
	ROLE("GET", "/api/user-groups", UGROUP_VIEW, NULL, PAGE " name",
	     groups_user_list, "User groups"),
	ROLE("POST", "/api/user-groups", UGROUP_EDIT,
	     FIELDS(MUST_STR("name", SCHEMA_NAME_MAX), UGROUP_IN), NULL,
	     groups_user_create, "Create a user group"),
	ROLE("PATCH", "/api/user-groups/{guid}", UGROUP_EDIT,
	     FIELDS(STR("name", SCHEMA_NAME_MAX), UGROUP_IN), NULL,
	     groups_user_update, "Change a user group; lists replace"),
	ROLE("DELETE", "/api/user-groups/{guid}", UGROUP_EDIT, NULL, NULL,
	     groups_user_delete, "Delete an empty user group"),
	ROLE("POST", "/api/user-groups/{guid}", USER_GROUP, schema_ids, NULL,
	     groups_user_add, "Add members by user guid"),
	ROLE("GET", "/api/device-groups", DGROUP_VIEW, NULL, PAGE " name",
	     groups_device_list, "Device groups"),
	ROLE("POST", "/api/device-groups", DGROUP_EDIT,
	     FIELDS(MUST_STR("name", SCHEMA_NAME_MAX), GROUP_IN), NULL,
	     groups_device_create, "Create a device group"),
	ROLE("PATCH", "/api/device-groups/{guid}", DGROUP_EDIT,
	     FIELDS(STR("name", SCHEMA_NAME_MAX), GROUP_IN), NULL,
	     groups_device_update, "Change a device group; lists replace"),
	ROLE("DELETE", "/api/device-groups/{guid}", DGROUP_EDIT, NULL, NULL,
	     groups_device_delete, "Delete a device group"),
	ROLE("POST", "/api/device-groups/{guid}", DEVICE_GROUP, schema_ids,
	     NULL, groups_device_add, "Add devices by id"),
	ROLE("DELETE", "/api/device-groups/{guid}/devices", DEVICE_GROUP,
	     schema_ids, NULL, groups_device_remove, "Take devices out by id"),

	/* strategies */
	ROLE("GET", "/api/strategies/options", STRATEGY_VIEW, NULL, NULL,
	     effective_options, "The settings that a strategy can fix"),
	ROLE("GET", "/api/strategies", STRATEGY_VIEW, NULL, NULL,
	     strategies_list, "Strategies, as a bare array"),
	ROLE("POST", "/api/strategies", STRATEGY_EDIT,
	     FIELDS(MUST_STR("name", SCHEMA_NAME_MAX),
		    STR("note", SCHEMA_NOTE_MAX), BOOL("enabled"),
		    OBJ("config_options", 128 << 10)),
	     NULL, strategies_create, "Create a strategy"),
	/* The right is checked for each device, user and group. */
	USER("POST", "/api/strategies/assign", STRATEGY, AWAY_503,
	     FIELDS(STR("strategy", 64), LIST("peers", SCHEMA_LIST_MAX, 128),
		    LIST("users", SCHEMA_LIST_MAX, 128),
		    LIST("groups", SCHEMA_LIST_MAX, 128)),
	     NULL, strategies_assign,
	     "Assign a strategy, or none; each by guid or name"),
	ROLE("GET", "/api/strategies/{guid}", STRATEGY_VIEW, NULL, NULL,
	     strategies_show, "One strategy"),
	ROLE("PUT PATCH", "/api/strategies/{guid}", STRATEGY_EDIT,
	     FIELDS(STR("name", SCHEMA_NAME_MAX), STR("note", SCHEMA_NOTE_MAX),
		    BOOL("enabled"), OBJ("config_options", 128 << 10)),
	     NULL, strategies_update, "Change a strategy"),
	ROLE("GET", "/api/strategies/{guid}/versions", STRATEGY_VIEW, NULL,
	     NULL, versions_list,
	     "What a strategy was before, the newest first"),
	ROLE("PUT", "/api/strategies/{guid}/status", STRATEGY_EDIT, schema_bool,
	     NULL, strategies_status, "Enable or disable a strategy"),
	ROLE("DELETE", "/api/strategies/{guid}", STRATEGY_EDIT, NULL, NULL,
	     strategies_delete, "Delete a strategy"),

	/* roles */
	ROLE("GET", "/api/control-roles", ROLE_VIEW, NULL, PAGE,
	     control_roles_list, "Control roles"),
	ROLE("POST", "/api/control-roles", ROLE_EDIT,
	     FIELDS(MUST_STR("name", SCHEMA_NAME_MAX),
		    STR("note", SCHEMA_NOTE_MAX), BOOL("enabled"),
		    OBJ("permissions", 8192)),
	     NULL, control_roles_create, "Create a control role"),
	ROLE("GET", "/api/control-roles/{guid}", ROLE_VIEW, NULL, NULL,
	     control_roles_show, "One control role"),
	ROLE("PATCH", "/api/control-roles/{guid}", ROLE_EDIT,
	     FIELDS(STR("name", SCHEMA_NAME_MAX), STR("note", SCHEMA_NOTE_MAX),
		    BOOL("enabled"), OBJ("permissions", 8192)),
	     NULL, control_roles_update, "Change a control role"),
	ROLE("DELETE", "/api/control-roles/{guid}", ROLE_EDIT, NULL, NULL,
	     control_roles_delete, "Delete a control role"),
	ADMIN("GET", "/api/admin-roles", NULL, admin_roles_list,
	      "Administrator roles"),
	ADMIN_FRESH("POST", "/api/admin-roles",
		    FIELDS(MUST_STR("name", SCHEMA_NAME_MAX), ROLE_IN),
		    admin_roles_create, "Create an administrator role"),
	ADMIN_FRESH("PATCH", "/api/admin-roles/{guid}",
		    FIELDS(STR("name", SCHEMA_NAME_MAX), ROLE_IN),
		    admin_roles_update, "Change an administrator role"),
	ADMIN_FRESH("DELETE", "/api/admin-roles/{guid}", NULL,
		    admin_roles_delete, "Delete an administrator role"),

	/* audits; users without a role see their own */
	USER("GET", "/api/audits/conn", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     listing_conn, "Connections"),
	USER("GET", "/api/audits/file", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     listing_file, "File transfers"),
	USER("GET", "/api/audits/alarm", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     listing_alarm, "Alarms"),
	USER("GET", "/api/audits/console", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     listing_console, "Changes by administrators"),
	ROLE("POST", "/api/audits/conn/{guid}/disconnect", AUDIT_EDIT, NULL,
	     NULL, connections_disconnect, "End a running session"),

	/* the server itself */
	ADMIN("GET", "/api/settings/{section}", NULL, settings_show,
	      "Settings: general, smtp, ldap, oidc"),
	/* The section's shape is checked by its handler. */
	ADMIN("PUT", "/api/settings/{section}", FIELDS(OBJ("", 256 << 10)),
	      settings_change, "Change settings"),
	ADMIN("GET", "/api/settings/smtp/status", NULL, mail_status,
	      "Does mail leave, and what went wrong last?"),
	ADMIN("POST", "/api/settings/smtp/test", FIELDS(MUST_STR("to", 256)),
	      mail_test, "Send a test mail"),
	ADMIN("POST", "/api/settings/ldap/test",
	      FIELDS(MUST_STR("name", SCHEMA_NAME_MAX), STR("username", 256)),
	      ldap_test, "Try a directory"),
	ADMIN("POST", "/api/settings/oidc/test",
	      FIELDS(MUST_STR("name", SCHEMA_NAME_MAX)), provider_test,
	      "Try a provider of single sign-on"),
	ADMIN("GET", "/api/tokens", NULL, api_tokens_list, "API tokens"),
	{ .methods = "POST",
	  .path = "/api/tokens",
	  .auth = AUTH_ADMIN,
	  .in = FIELDS(MUST_STR("name", SCHEMA_NAME_MAX),
		       MUST_OBJ_OF("scopes", 1024, scope_fields),
		       INT("expires_at")),
	  .handle = api_tokens_create,
	  .summary = "Create an API token; shown once. Scopes are 0 none, "
		     "1 read, 2 read and write",
	  .fresh = true },
	ADMIN("DELETE", "/api/tokens/{guid}", NULL, api_tokens_delete,
	      "Delete an API token"),
	ADMIN("GET", "/api/webhooks", NULL, webhooks_list, "Webhooks"),
	ADMIN("POST", "/api/webhooks",
	      FIELDS(MUST_STR("url", 2048), STR("secret", 512),
		     LIST("events", 20, 32), BOOL("enabled")),
	      webhooks_create, "Create a webhook"),
	ADMIN("PATCH", "/api/webhooks/{guid}",
	      FIELDS(STR("url", 2048), STR("secret", 512),
		     LIST("events", 20, 32), BOOL("enabled")),
	      webhooks_update, "Change a webhook"),
	ADMIN("DELETE", "/api/webhooks/{guid}", NULL, webhooks_delete,
	      "Delete a webhook"),
	ADMIN("POST", "/api/webhooks/{guid}/test", NULL, webhooks_test,
	      "Deliver a test event"),
	{ .methods = "GET",
	  .path = "/api/bans",
	  .auth = AUTH_ADMIN,
	  .query = PAGE " q",
	  .handle = bans_list,
	  .summary = "Addresses and devices that are kept out" },
	ADMIN("POST", "/api/bans",
	      FIELDS(STR("address", 64), STR("device", BANS_ID_MAX),
		     STR("note", 300), INT("expires_at")),
	      bans_create, "Keep out an address, a network or a device"),
	ADMIN("DELETE", "/api/bans/{guid}", NULL, bans_end, "End a ban"),
	ADMIN("GET", "/api/queues", NULL, jobs_list,
	      "Mail and webhook calls that wait, by target"),
	ADMIN("GET", "/api/outside", NULL, outside_list,
	      "Services that this node asks: up, slow or down"),
	ADMIN("GET", "/api/events", NULL, events_list, "Events after an id"),
#include "services/api/routes_web.def"
	OPEN("GET", "/{path*}", AWAY_503, NULL, NULL, web_page,
	     "Pages of the console; the web client below /web/"),
};
const size_t nroutes = sizeof(routes) / sizeof(routes[0]);

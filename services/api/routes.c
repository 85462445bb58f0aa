#include "services/api/account/accessible.h"
#include "services/api/account/api_tokens.h"
#include "services/api/account/credentials.h"
#include "services/api/account/ldap.h"
#include "services/api/account/links.h"
#include "services/api/account/login.h"
#include "services/api/account/oidc.h"
#include "services/api/account/pages.h"
#include "services/api/account/recovery.h"
#include "services/api/account/totp.h"
#include "services/api/account/users.h"
#include "services/api/book/books.h"
#include "services/api/client/assign.h"
#include "services/api/client/connections.h"
#include "services/api/client/posts.h"
#include "services/api/client/presets.h"
#include "services/api/client/record.h"
#include "services/api/client/switch_grant.h"
#include "services/api/client/sync.h"
#include "services/api/core/route.h"
#include "services/api/device/device_admin.h"
#include "services/api/jobs/mail.h"
#include "services/api/jobs/mail_health.h"
#include "services/api/jobs/webhooks.h"
#include "services/api/journal/events.h"
#include "services/api/journal/listing.h"
#include "services/api/policy/admin_roles.h"
#include "services/api/policy/control_roles.h"
#include "services/api/policy/groups.h"
#include "services/api/policy/strategies.h"
#include "services/api/system/openapi.h"
#include "services/api/system/settings.h"
#include "services/api/web/devices.h"
#include "services/api/web/explain.h"
#include "services/api/web/history.h"
#include "services/api/web/live.h"
#include "services/api/web/me.h"
#include "services/api/web/overview.h"
#include "services/api/web/pages.h"
#include "services/api/web/signin.h"
#include "services/api/web/site.h"
#include "services/api/web/watch.h"

#define OPEN(m, p, a, i, q, h, s)                                              \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_NONE, .away = a,         \
		.in = i, .query = q, .handle = h, .summary = s                 \
	}
/* By users; CLIENT calls get 429 while Redis is away. */
#define USER(m, p, ar, a, i, q, h, s)                                          \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_USER, .area = AREA_##ar, \
		.away = a, .in = i, .query = q, .handle = h, .summary = s      \
	}
#define ROLE(m, p, r, i, q, h, s)                                              \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_ROLE, .perm = PERM_##r,  \
		.in = i, .query = q, .handle = h, .summary = s                 \
	}
#define TOKEN(m, p, ar, a, i, h, s)                                            \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_TOKEN,                   \
		.area = AREA_##ar, .away = a, .in = i, .handle = h,            \
		.summary = s                                                   \
	}
#define ADMIN(m, p, i, h, s)                                                   \
	{                                                                      \
		.methods = m, .path = p, .auth = AUTH_ADMIN, .in = i,          \
		.handle = h, .summary = s                                      \
	}
#define PAGE "current pageSize"

#define LOGIN_IN                                                               \
	"username:s password:s id:s uuid:s autoLogin:b type:s "                \
	"verificationCode:s tfaCode:s secret:s deviceInfo:o"
#define SYSINFO_IN                                                             \
	"id:s! uuid:s! version:s cpu:s memory:s os:s hostname:s username:s "   \
	"preset-address-book-name:s preset-address-book-tag:s "                \
	"preset-address-book-alias:s preset-address-book-password:s "          \
	"preset-address-book-note:s preset-user-name:s "                       \
	"preset-strategy-name:s preset-device-group-name:s preset-note:s"
#define CONN_IN                                                                \
	"id:s! uuid:s conn_id:i session_id:i ip:s action:s peer:l type:i "     \
	"primary_auth:i two_factor:i conn_audit_ref:s note:s nonce:s"
#define CLI_IN                                                                 \
	"id:s! uuid:s! user_name:s strategy_name:s address_book_name:s "       \
	"address_book_tag:s address_book_alias:s address_book_password:s "     \
	"address_book_note:s device_group_name:s note:s device_username:s "    \
	"device_name:s"
#define ENTRY_IN                                                               \
	"id:s! alias:s tags:l username:s hostname:s platform:s note:s hash:s " \
	"password:s forceAlwaysRelay:s rdpPort:s rdpUsername:s loginName:s "   \
	"device_group_name:s"
#define USER_IN                                                                \
	"name:s email:s note:s display_name:s avatar:s password:s "            \
	"is_admin:b group_name:s control_role_name:s strategy_name:s "         \
	"email_verification:b email_alarm:b admin_roles:l"
#define GROUP_IN "note:s allowed_incomings:a allowed_outgoings:a"
#define ROLE_IN                                                                \
	"note:s enabled:b type:s perms:l unassigned:b user_groups:l "          \
	"device_groups:l"
#define AUDIT_Q PAGE " remote device operator conn_type created_at format"

const struct route routes[] = {
	/* what every client calls; the heartbeat comes first in traffic */
	OPEN("POST", "/api/heartbeat", AWAY_OBJECT,
	     "id:s uuid:s ver:i conns:a modified_at:i", NULL, heartbeat,
	     "Device heartbeat: disconnects and strategy in return"),
	OPEN("POST", "/api/sysinfo", AWAY_LATER, SYSINFO_IN, NULL, sysinfo,
	     "Device inventory upload"),
	OPEN("POST", "/api/sysinfo_ver", AWAY_LATER, NULL, NULL,
	     sysinfo_version, "Version of the inventory store"),
	OPEN("POST", "/api/switch-grant", AWAY_OBJECT,
	     "id:s! switch_code_verifier:s! timestamp:s! signature:s!", NULL,
	     switch_grant, "Allow a call back when sides are switched"),
	OPEN("GET", "/api/login-options", AWAY_429, NULL, NULL, login_options,
	     "Single sign-on providers"),
	OPEN("POST", "/api/login", AWAY_429, LOGIN_IN, NULL, login,
	     "Sign in: password, then code where required"),
	OPEN("POST", "/api/oidc/auth", AWAY_429,
	     "op:s! id:s! uuid:s! deviceInfo:o apiDomain:s", NULL, oidc_auth,
	     "Start single sign-on"),
	OPEN("GET", "/api/oidc/auth-query", AWAY_PENDING, NULL, "code id uuid",
	     oidc_query, "Poll for the end of single sign-on"),
	OPEN("GET", "/api/oidc/callback", AWAY_503, NULL, "code state error",
	     oidc_callback, "Browser leg of single sign-on"),
	OPEN("POST", "/api/audit/conn", AWAY_429, CONN_IN, NULL, audit_conn,
	     "Connection audit of a device"),
	OPEN("POST", "/api/audit/file", AWAY_429,
	     "id:s! uuid:s peer_id:s conn_id:i type:i path:s is_file:b "
	     "info:t nonce:s",
	     NULL, audit_file, "File audit of a device"),
	OPEN("POST", "/api/audit/alarm", AWAY_429,
	     "id:s! uuid:s typ:i! info:t conn_id:i conn_audit_ref:s nonce:s",
	     NULL, audit_alarm, "Alarm audit of a device"),
	{ .methods = "POST",
	  .path = "/api/record",
	  .auth = AUTH_NONE,
	  .away = AWAY_429,
	  .query = "type file offset length",
	  .handle = record,
	  .summary = "Upload of a session recording",
	  .body_max = RECORD_BODY_MAX },
	OPEN("GET", "/", AWAY_503, NULL, NULL, web_page, "The console"),
	OPEN("GET", "/api/version", AWAY_503, NULL, NULL, version_info,
	     "Version of the server"),
	OPEN("GET", "/api/openapi.json", AWAY_503, NULL, NULL, openapi,
	     "This document"),
	OPEN("POST", "/api/invite/accept", AWAY_503, "token:s! password:s!",
	     NULL, users_accept_invite, "Accept an invitation"),
	OPEN("POST", "/api/password/forgot", AWAY_503, "username:s!", NULL,
	     password_forgot, "Mail a link that sets a new password"),
	OPEN("POST", "/api/password/reset", AWAY_503, "token:s! password:s!",
	     NULL, password_reset, "Set a new password with what was mailed"),
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
	OPEN("POST", "/api/tfa/totp/setup", AWAY_503, "username:s password:s",
	     NULL, totp_setup,
	     "Begin setting up one-time codes (token, or name and password)"),
	OPEN("POST", "/api/tfa/totp/confirm", AWAY_503,
	     "username:s password:s code:s!", NULL, totp_confirm,
	     "Switch on one-time codes; answers recovery codes"),
	USER("POST", "/api/tfa/recovery", NONE, AWAY_503, "code:s password:s",
	     NULL, recovery_renew,
	     "Fresh recovery codes, shown once; needs a one-time code, or the "
	     "password where there are none"),
	USER("POST", "/api/tfa/totp/disable", NONE, AWAY_503, "code:s!", NULL,
	     totp_disable, "Switch off one-time codes"),
	USER("PUT", "/api/user/password", NONE, AWAY_503,
	     "old_password:s! password:s!", NULL, users_own_password,
	     "Change the own password"),
	OPEN("GET", "/api/web/config", AWAY_503, NULL, NULL, web_config,
	     "What a page has to know before anybody is signed in"),
	OPEN("POST", "/api/web/login", AWAY_503, LOGIN_IN, NULL, web_login,
	     "Sign a page in: as /api/login, the token goes into a cookie"),
	OPEN("POST", "/api/web/oidc/auth", AWAY_503,
	     "op:s! id:s! uuid:s! deviceInfo:o", NULL, web_oidc_auth,
	     "Start single sign-on of a page"),
	OPEN("GET", "/api/web/oidc/query", AWAY_503, NULL, "code id uuid",
	     web_oidc_query, "Poll for its end; sets the cookie"),
	USER("POST", "/api/web/logout", NONE, AWAY_503, "everywhere:b", NULL,
	     web_logout, "Sign a page out, or the user everywhere"),
	USER("POST", "/api/web/reauth", NONE, AWAY_503, "password:s tfaCode:s",
	     NULL, web_reauth,
	     "Prove again who is at the page, for dangerous acts"),
	USER("POST", "/api/web/ticket", NONE, AWAY_503, "id:s!", NULL,
	     web_ticket, "A token for hbbs: one device, one minute"),
	USER("GET", "/api/web/permissions", NONE, AWAY_503, NULL, NULL,
	     web_permissions, "All rights that roles can give"),
	USER("GET", "/api/web/sessions/own", NONE, AWAY_503, NULL, PAGE,
	     web_own_sessions, "Where the user is signed in"),
	USER("DELETE", "/api/web/sessions/own/{session}", NONE, AWAY_503, NULL,
	     NULL, web_own_session_end, "End one of them"),
	USER("GET", "/api/web/events", NONE, AWAY_503, NULL, NULL, web_events,
	     "What changes, as server-sent events"),
	ROLE("GET", "/api/web/devices", DEVICE_VIEW, NULL,
	     PAGE WEB_DEVICES_QUERY, web_devices,
	     "Devices, filtered and sorted by any column"),
	USER("GET", "/api/web/devices/own", NONE, AWAY_503, NULL,
	     PAGE WEB_DEVICES_QUERY, web_devices_own,
	     "The caller's own devices"),
	ROLE("POST", "/api/web/explain", DEVICE_VIEW, "user:s device:s! kind:s",
	     NULL, web_explain,
	     "May a user reach a device, by which rule, with which rights"),
	USER("GET", "/api/web/overview", AUDIT, AWAY_503, NULL, NULL,
	     web_overview, "The site at a glance"),
	ROLE("GET", "/api/web/history", AUDIT_VIEW, NULL, "span", web_history,
	     "Its numbers over a day or a year"),
	USER("GET", "/api/web/sessions", AUDIT, AWAY_503, NULL, PAGE,
	     web_sessions, "Connections that are open now"),
	USER("POST", "/api/logout", NONE, AWAY_429, NULL, NULL, logout,
	     "Sign out"),
	USER("POST GET", "/api/currentUser", NONE, AWAY_429, NULL, NULL,
	     current_user, "The signed-in user"),

	/* accessible devices */
	{ .methods = "GET",
	  .path = "/api/users",
	  .with = "accessible",
	  .auth = AUTH_USER,
	  .area = AREA_USER,
	  .away = AWAY_429,
	  .query = PAGE " status",
	  .handle = users_accessible,
	  .summary = "Users whose devices the caller may reach" },
	USER("GET", "/api/peers", DEVICE, AWAY_429, NULL, PAGE " status",
	     peers_accessible, "Devices the caller may reach"),
	USER("GET", "/api/device-group/accessible", GROUP, AWAY_429, NULL, PAGE,
	     device_groups_accessible, "Device groups the caller may reach"),

	/* notes on running sessions */
	USER("GET", "/api/audit/conn/active", AUDIT, AWAY_429, NULL,
	     "id session_id conn_type", audit_conn_active,
	     "Audit row of a running session"),
	USER("PUT", "/api/audit", AUDIT, AWAY_429, "guid:s! note:s!", NULL,
	     audit_note, "Write a session's note"),

	/* address books */
	USER("POST GET", "/api/ab/personal", BOOK, AWAY_429, NULL, NULL,
	     ab_personal, "The personal address book"),
	USER("POST GET", "/api/ab/settings", BOOK, AWAY_429, NULL, NULL,
	     ab_settings, "Limits of address books"),
	USER("POST GET", "/api/ab/shared/profiles", BOOK, AWAY_429, NULL,
	     PAGE " name", ab_profiles, "Shared address books"),
	USER("POST GET", "/api/ab/peers", BOOK, AWAY_429, NULL,
	     PAGE " ab id alias", ab_peers, "Entries of an address book"),
	USER("POST GET", "/api/ab/tags/{guid}", BOOK, AWAY_429, NULL, NULL,
	     ab_tags, "Tags of an address book"),
	USER("POST", "/api/ab/peer/add/{guid}", BOOK, AWAY_429, ENTRY_IN, NULL,
	     ab_peer_add, "Add an entry"),
	USER("PUT", "/api/ab/peer/update/{guid}", BOOK, AWAY_429, ENTRY_IN,
	     NULL, ab_peer_update, "Change members of an entry"),
	USER("DELETE", "/api/ab/peer/{guid}", BOOK, AWAY_429, "[]", NULL,
	     ab_peer_delete, "Move entries to the recycle bin"),
	USER("POST", "/api/ab/tag/add/{guid}", BOOK, AWAY_429,
	     "name:s! color:i", NULL, ab_tag_add, "Add a tag"),
	USER("PUT", "/api/ab/tag/rename/{guid}", BOOK, AWAY_429,
	     "old:s! new:s!", NULL, ab_tag_rename, "Rename a tag"),
	USER("PUT", "/api/ab/tag/update/{guid}", BOOK, AWAY_429,
	     "name:s! color:i!", NULL, ab_tag_update, "Change a tag's colour"),
	USER("DELETE", "/api/ab/tag/{guid}", BOOK, AWAY_429, "[]", NULL,
	     ab_tag_delete, "Delete tags"),
	USER("GET", "/api/ab", BOOK, AWAY_429, NULL, NULL, ab_legacy_get,
	     "The personal book in the old form"),
	{ .methods = "POST",
	  .path = "/api/ab",
	  .auth = AUTH_USER,
	  .area = AREA_BOOK,
	  .away = AWAY_429,
	  .in = "data:t!",
	  .handle = ab_legacy_put,
	  .summary = "Replace the personal book in the old form",
	  .body_max = 4 << 20 },
	USER("POST GET", "/api/ab/get", BOOK, AWAY_429, NULL, NULL,
	     ab_legacy_get, "The personal book in the old form"),
	USER("POST", "/api/ab/shared/add", BOOK, AWAY_503,
	     "name:s! note:s info:o", NULL, ab_shared_add,
	     "Make a shared address book"),
	USER("PUT", "/api/ab/shared/update/profile", BOOK, AWAY_503,
	     "guid:s! name:s note:s owner:s info:o", NULL, ab_shared_update,
	     "Change a shared address book"),
	USER("DELETE", "/api/ab/shared", BOOK, AWAY_503, "[]", NULL,
	     ab_shared_delete, "Delete shared address books"),
	USER("GET", "/api/ab/rules", BOOK, AWAY_503, NULL, PAGE " ab", ab_rules,
	     "Who may use a shared address book"),
	USER("POST", "/api/ab/rule", BOOK, AWAY_503,
	     "guid:s! rule:i! user:s group:s", NULL, ab_rule_add,
	     "Share an address book"),
	USER("PATCH", "/api/ab/rule", BOOK, AWAY_503, "guid:s! rule:i!", NULL,
	     ab_rule_change, "Change a rule's level"),
	USER("DELETE", "/api/ab/rules", BOOK, AWAY_503, "[]", NULL,
	     ab_rules_delete, "Stop sharing"),
	USER("GET", "/api/ab/bin/{guid}", BOOK, AWAY_503, NULL, PAGE, ab_bin,
	     "The recycle bin of an address book"),
	USER("POST", "/api/ab/bin/restore/{guid}", BOOK, AWAY_503, "[]", NULL,
	     ab_bin_restore, "Restore deleted entries"),
	USER("DELETE", "/api/ab/bin/{guid}", BOOK, AWAY_503, "[]", NULL,
	     ab_bin_delete, "Delete for good; an empty list empties the bin"),

	/* devices */
	TOKEN("POST", "/api/devices/cli", DEVICE, AWAY_429, CLI_IN, devices_cli,
	      "rustdesk --assign"),
	TOKEN("POST", "/api/devices/deploy", DEVICE, AWAY_429,
	      "id:s! uuid:s! pk:s!", devices_deploy, "rustdesk --deploy"),
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
	     strategies_effect, "The strategy that applies to a device"),
	ROLE("POST", "/api/devices/{guid}/enable", DEVICE_ENABLE, NULL, NULL,
	     devices_enable, "Enable a device"),
	ROLE("POST", "/api/devices/{guid}/disable", DEVICE_ENABLE, NULL, NULL,
	     devices_disable, "Disable a device"),
	ROLE("POST", "/api/devices/{guid}/assign", DEVICE_VIEW,
	     "type:s! value:s!", NULL, devices_assign,
	     "Assign user, group, strategy, book or texts"),
	ROLE("DELETE", "/api/devices/{guid}", DEVICE_DELETE, NULL, NULL,
	     devices_delete, "Delete a disabled device"),

	/* users */
	ROLE("GET", "/api/users", USER_VIEW, NULL,
	     PAGE " name group_name status", users_list, "Users"),
	ROLE("POST", "/api/users", USER_CREATE,
	     "name:s! password:s! group_name:s email:s note:s display_name:s "
	     "is_admin:b",
	     NULL, users_create, "Create a user"),
	ROLE("POST", "/api/users/invite", USER_INVITE,
	     "email:s! name:s! group_name:s note:s display_name:s", NULL,
	     users_invite, "Invite a user by mail"),
	ROLE("POST", "/api/users/force-logout", USER_LOGOUT, "user_guids:l!",
	     NULL, users_force_logout, "End all sessions of users"),
	ROLE("PUT", "/api/users/tfa/totp/enforce", USER_2FA,
	     "user_guids:l! enforce:b! url:s", NULL, users_enforce_totp,
	     "Require one-time codes"),
	{ .methods = "PUT",
	  .path = "/api/users/disable_login_verification",
	  .auth = AUTH_ROLE,
	  .perm = PERM_USER_2FA,
	  .in = "user_guids:l! type:s!",
	  .handle = users_disable_verification,
	  .summary = "Reset the second factor",
	  .fresh = true },
	ROLE("GET", "/api/users/{guid}", USER_VIEW, NULL, NULL, users_show,
	     "One user"),
	ROLE("PUT PATCH", "/api/users/{guid}", USER_VIEW, USER_IN, NULL,
	     users_update, "Change a user"),
	ROLE("POST", "/api/users/{guid}/enable", USER_ENABLE, NULL, NULL,
	     users_enable, "Enable a user"),
	ROLE("POST", "/api/users/{guid}/disable", USER_ENABLE, NULL, NULL,
	     users_disable, "Disable a user"),
	ROLE("DELETE", "/api/users/{guid}", USER_DELETE, NULL, NULL,
	     users_delete, "Delete a disabled user"),

	/* groups */
	ROLE("GET", "/api/user-groups", UGROUP_VIEW, NULL, PAGE " name",
	     user_groups_list, "User groups"),
	ROLE("POST", "/api/user-groups", UGROUP_EDIT, "name:s! " GROUP_IN, NULL,
	     user_groups_create, "Create a user group"),
	ROLE("PATCH", "/api/user-groups/{guid}", UGROUP_EDIT,
	     "name:s " GROUP_IN, NULL, user_groups_update,
	     "Change a user group; lists replace"),
	ROLE("DELETE", "/api/user-groups/{guid}", UGROUP_EDIT, NULL, NULL,
	     user_groups_delete, "Delete an empty user group"),
	ROLE("POST", "/api/user-groups/{guid}", USER_GROUP, "[]", NULL,
	     user_groups_add, "Add members by user guid"),
	ROLE("GET", "/api/device-groups", DGROUP_VIEW, NULL, PAGE " name",
	     device_groups_list, "Device groups"),
	ROLE("POST", "/api/device-groups", DGROUP_EDIT, "name:s! " GROUP_IN,
	     NULL, device_groups_create, "Create a device group"),
	ROLE("PATCH", "/api/device-groups/{guid}", DGROUP_EDIT,
	     "name:s " GROUP_IN, NULL, device_groups_update,
	     "Change a device group; lists replace"),
	ROLE("DELETE", "/api/device-groups/{guid}", DGROUP_EDIT, NULL, NULL,
	     device_groups_delete, "Delete a device group"),
	ROLE("POST", "/api/device-groups/{guid}", DEVICE_GROUP, "[]", NULL,
	     device_groups_add, "Add devices by id"),
	ROLE("DELETE", "/api/device-groups/{guid}/devices", DEVICE_GROUP, "[]",
	     NULL, device_groups_remove, "Take devices out by id"),

	/* strategies */
	ROLE("GET", "/api/strategies", STRATEGY_VIEW, NULL, NULL,
	     strategies_list, "Strategies, as a bare array"),
	ROLE("POST", "/api/strategies", STRATEGY_EDIT,
	     "name:s! note:s enabled:b config_options:o", NULL,
	     strategies_create, "Create a strategy"),
	/* The right is checked for each device, user and group. */
	USER("POST", "/api/strategies/assign", STRATEGY, AWAY_503,
	     "strategy:s peers:l users:l groups:l", NULL, strategies_assign,
	     "Assign a strategy, or none"),
	ROLE("GET", "/api/strategies/{guid}", STRATEGY_VIEW, NULL, NULL,
	     strategies_show, "One strategy"),
	ROLE("PUT PATCH", "/api/strategies/{guid}", STRATEGY_EDIT,
	     "name:s note:s enabled:b config_options:o", NULL,
	     strategies_update, "Change a strategy"),
	ROLE("PUT", "/api/strategies/{guid}/status", STRATEGY_EDIT, "bool",
	     NULL, strategies_status, "Enable or disable a strategy"),
	ROLE("DELETE", "/api/strategies/{guid}", STRATEGY_EDIT, NULL, NULL,
	     strategies_delete, "Delete a strategy"),

	/* roles */
	ROLE("GET", "/api/control-roles", ROLE_VIEW, NULL, PAGE,
	     control_roles_list, "Control roles"),
	ROLE("POST", "/api/control-roles", ROLE_EDIT,
	     "name:s! note:s enabled:b permissions:o", NULL,
	     control_roles_create, "Create a control role"),
	ROLE("GET", "/api/control-roles/{guid}", ROLE_VIEW, NULL, NULL,
	     control_roles_show, "One control role"),
	ROLE("PATCH", "/api/control-roles/{guid}", ROLE_EDIT,
	     "name:s note:s enabled:b permissions:o", NULL,
	     control_roles_update, "Change a control role"),
	ROLE("DELETE", "/api/control-roles/{guid}", ROLE_EDIT, NULL, NULL,
	     control_roles_delete, "Delete a control role"),
	ADMIN("GET", "/api/admin-roles", NULL, admin_roles_list,
	      "Administrator roles"),
	ADMIN("POST", "/api/admin-roles", "name:s! " ROLE_IN,
	      admin_roles_create, "Create an administrator role"),
	ADMIN("PATCH", "/api/admin-roles/{guid}", "name:s " ROLE_IN,
	      admin_roles_update, "Change an administrator role"),
	ADMIN("DELETE", "/api/admin-roles/{guid}", NULL, admin_roles_delete,
	      "Delete an administrator role"),

	/* audits; users without a role see their own */
	USER("GET", "/api/audits/conn", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     audits_conn, "Connections"),
	USER("GET", "/api/audits/file", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     audits_file, "File transfers"),
	USER("GET", "/api/audits/alarm", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     audits_alarm, "Alarms"),
	USER("GET", "/api/audits/console", AUDIT, AWAY_503, NULL, AUDIT_Q,
	     audits_console, "Changes by administrators"),
	ROLE("POST", "/api/audits/conn/{guid}/disconnect", AUDIT_EDIT, NULL,
	     NULL, audit_disconnect, "End a running session"),

	/* the server itself */
	ADMIN("GET", "/api/settings/{section}", NULL, settings_show,
	      "Settings: general, smtp, ldap, oidc"),
	/* The section's shape is checked by its handler. */
	ADMIN("PUT", "/api/settings/{section}", "-:x", settings_change,
	      "Change settings"),
	ADMIN("GET", "/api/settings/smtp/status", NULL, mail_status,
	      "Does mail leave, and what went wrong last?"),
	ADMIN("POST", "/api/settings/smtp/test", "to:s!", mail_test,
	      "Send a test mail"),
	ADMIN("POST", "/api/settings/ldap/test", "name:s! username:s",
	      ldap_test, "Try a directory"),
	ADMIN("GET", "/api/tokens", NULL, api_tokens_list, "API tokens"),
	{ .methods = "POST",
	  .path = "/api/tokens",
	  .auth = AUTH_ADMIN,
	  .in = "name:s! scopes:o! expires_at:i",
	  .handle = api_tokens_create,
	  .summary = "Create an API token; shown once",
	  .fresh = true },
	ADMIN("DELETE", "/api/tokens/{guid}", NULL, api_tokens_delete,
	      "Delete an API token"),
	ADMIN("GET", "/api/webhooks", NULL, webhooks_list, "Webhooks"),
	ADMIN("POST", "/api/webhooks", "url:s! secret:s events:l enabled:b",
	      webhooks_create, "Create a webhook"),
	ADMIN("PATCH", "/api/webhooks/{guid}",
	      "url:s secret:s events:l enabled:b", webhooks_update,
	      "Change a webhook"),
	ADMIN("DELETE", "/api/webhooks/{guid}", NULL, webhooks_delete,
	      "Delete a webhook"),
	ADMIN("POST", "/api/webhooks/{guid}/test", NULL, webhooks_test,
	      "Deliver a test event"),
	ADMIN("GET", "/api/events", NULL, events_list, "Events after an id"),
	OPEN("GET", "/{path*}", AWAY_503, NULL, NULL, web_page,
	     "Pages of the console; the web client below /web/"),
};
const size_t nroutes = sizeof(routes) / sizeof(routes[0]);

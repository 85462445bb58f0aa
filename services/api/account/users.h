/*
 * users: user accounts and their administration.
 */
#pragma once

#include "services/api/core/call.h"

enum { USER_SHOWN_MAX = 128 }; /* bytes of a display name */

void user_defaults(struct doc *u, const char *name);
/* NULL: a new user may have NAME; else what is wrong. */
const char *user_name_wrong(struct call *c, const char *name);

/* doc_save() with everything that is derived: indexes and policy row. */
void user_save(struct tx *t, struct doc *u);

/* The UserPayload of contract 2.3; a new reference. */
struct json_object *user_payload(const struct doc *u);

/* Members that creating and inviting share. NULL: ok. */
const char *user_fill_new(struct call *c, struct doc *u);
/* Answers with guid and name. */
int user_answer(struct call *c, const struct doc *u);

/* May the caller change anything of U: password, second factor, sessions,
 * mail, roles, groups, whether he exists? Nobody may touch whoever has a right
 * that he lacks himself, and no API token touches an administrator. */
bool user_may_touch(struct call *c, const struct doc *u);
/* The names of the caller's rights (users.*) that count for U: what pages offer
 * him to do. A new reference. */
struct json_object *user_may(struct call *c, const struct doc *u);
/* The user GUID if the caller has P for him and, unless P only views, may
 * touch him; else answered, NULL. */
struct doc *user_open(struct call *c, const char *guid, enum perm p);

struct target user_target(const struct doc *u);
const char *user_group_members_key(struct db *d, const char *group_guid);

/* What PUT does with the body: may the caller, and does it to U. NULL: ok. */
bool user_changes_allowed(struct call *c, const struct doc *u);
/* Names, texts and switches, but no password and nothing by its name. */
const char *user_apply_texts(struct call *c, struct doc *u);
const char *user_apply(struct call *c, struct doc *u);
/* Deletes U with all that is his. NULL, or what is wrong: T is as it was. */
const char *user_remove(struct tx *t, struct call *c, struct doc *u);
/* Those that the caller may see and the query matches, of them the page P, in
 * the order it asks for. NULL: the answer says what is wrong with it. */
const char **users_matching(struct call *c, struct page *p, size_t *n);

/* What lists of users are filtered and sorted by. */
#define USERS_FILTER                                                           \
	"q name group_name status control_role_name strategy_name email note " \
	"source rights totp signed_in_after signed_in_before"
#define USERS_QUERY " sort " USERS_FILTER

int users_list(struct call *c); /* administrators */
int users_create(struct call *c);
int users_show(struct call *c);
int users_update(struct call *c);
int users_enable(struct call *c);
int users_disable(struct call *c);
int users_delete(struct call *c);
int users_force_logout(struct call *c);
int users_enforce_totp(struct call *c);
int users_disable_verification(struct call *c);

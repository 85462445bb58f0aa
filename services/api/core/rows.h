/*
 * rows: the policy rows that hbbs reads, written in the transaction of the
 * change itself (ARCHITECTURE.md, "Policy").
 */
#pragma once

#include "services/api/core/doc.h"

void rows_user(struct tx *t, const struct doc *user);
void rows_user_gone(struct tx *t, const char *guid);
void rows_group(struct tx *t, const struct doc *group);
void rows_group_gone(struct tx *t, const char *guid);
void rows_device(struct tx *t, const struct doc *device);
/* A tombstone: hbbs keeps refusing connections to it. */
void rows_device_gone(struct tx *t, const char *id);
/* The device's id is free again (it has a new one, or may come back). */
void rows_device_forget(struct tx *t, const char *id);
void rows_role(struct tx *t, const struct doc *role);
void rows_role_gone(struct tx *t, const char *guid);
void rows_settings(struct tx *t, struct json_object *general);
void rows_deployed(struct tx *t, const char *id, const char *uuid,
		   const char *pk);
void rows_ban(struct tx *t, const struct doc *ban);
void rows_ban_gone(struct tx *t, const struct doc *ban);
/* A guest link as document; its row goes when that goes. */
void rows_guest(struct tx *t, const struct doc *link);
void rows_guest_gone(struct tx *t, const char *guid);
void rows_token_gone(struct tx *t, const char *hash);

/* {"keyboard":"disable", ...} as the protocol's word. */
uint64_t rows_permissions(struct json_object *perms);

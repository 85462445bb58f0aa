/*
 * tags: names with colours, kept in the book's document.
 */
#pragma once

#include "services/api/core/call.h"

/* The tag, or NULL. */
struct json_object *tag_find(const struct doc *book, const char *name);
void tag_put(struct doc *book, const char *name, int64_t color);
/* A stable colour for tags that come without one. */
int64_t tag_color(const char *name);

int tags_list(struct call *c);
int tags_add(struct call *c);
int tags_update(struct call *c);
int tags_rename(struct call *c);
int tags_delete(struct call *c);

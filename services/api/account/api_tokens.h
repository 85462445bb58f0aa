/*
 * api_tokens: tokens for scripts and `rustdesk --assign`, with a level per
 * area (0 none, 1 read, 2 read and write). Shown once, stored hashed.
 */
#pragma once

#include "services/api/core/call.h"

enum { API_TOKENS_MAX = 1000 };

int api_tokens_list(struct call *c);
int api_tokens_create(struct call *c);
int api_tokens_delete(struct call *c);

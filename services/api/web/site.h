/*
 * site: what a page has to know before anybody is signed in.
 */
#pragma once

#include "services/api/core/call.h"

int web_config(struct call *c);

/*
 * posts: file and alarm audits of devices (contract 6.2, 6.3).
 */
#pragma once

#include "services/api/core/call.h"

int posts_file(struct call *c);
int posts_alarm(struct call *c);

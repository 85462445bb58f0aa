/*
 * sync: heartbeat and sysinfo of devices (contract 3).
 */
#pragma once

#include "services/api/core/call.h"

int heartbeat(struct call *c);
int sysinfo(struct call *c);
int sysinfo_version(struct call *c);

/*
 * sync: heartbeat and sysinfo of devices (contract 3).
 */
#pragma once

#include "services/api/core/call.h"

int sync_heartbeat(struct call *c);
int sync_sysinfo(struct call *c);
int sync_sysinfo_version(struct call *c);

/*
 * idchange: a user renames the device (RegisterPk with old_id, spec 4.4).
 *
 * Both records are loaded, the decision is made here, and one script renames
 * if neither has changed since.
 */
#pragma once

#include "services/hbbs/state/core.h"

struct step idchange_start(struct core *c, struct request *q);

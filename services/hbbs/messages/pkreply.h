/*
 * pkreply: the answer to RegisterPk (spec 4.2).
 */
#pragma once

#include "services/hbbs/state/core.h"

/* Answers with RESULT, and counts it. */
void pkreply_send(struct core *c, const struct request *q,
		  Hbb__RegisterPkResponse__Result result);

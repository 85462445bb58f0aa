/*
 * target: what a permission is asked about (rules/perm.h), from a document.
 */
#pragma once

#include "services/api/core/doc.h"
#include "services/api/rules/perm.h"

/* The device with its owner, his group and its own group. */
struct target target_device(struct db *d, const struct doc *dev);
/* The same where its owner is known: NULL if there is none. */
struct target target_owned(const struct doc *dev, const struct doc *owner);

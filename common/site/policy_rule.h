/*
 * policy_rule: which rule lets a user reach a device, for explanations. Pure;
 * policy_decide() goes by the same function. Rules only add: the first is told.
 */
#pragma once

#include "common/site/policy.h"

enum policy_rule {
	POLICY_RULE_NONE,
	POLICY_RULE_OWNER,       /* the device is his */
	POLICY_RULE_SAME_GROUP,  /* its owner is in his user group */
	POLICY_RULE_GROUP_OUT,   /* his group may reach the owner's */
	POLICY_RULE_GROUP_IN,    /* the owner's group lets him in */
	POLICY_RULE_DEVICES_OUT, /* his group may reach the device group */
	POLICY_RULE_DEVICES_IN,  /* the device group lets him in */
};

enum policy_rule policy_rule(const struct policy_facts *f);

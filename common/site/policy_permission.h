/*
 * policy_permission: what a control role says of each thing in a session. Pure.
 *
 * All of them are one word, as ControlPermissions of rendezvous.proto has it:
 * two bits each.
 */
#pragma once

#include <stdint.h>

enum policy_permission {
	POLICY_P_KEYBOARD,
	POLICY_P_PRINTER,
	POLICY_P_CLIPBOARD,
	POLICY_P_FILE,
	POLICY_P_AUDIO,
	POLICY_P_CAMERA,
	POLICY_P_TERMINAL,
	POLICY_P_TUNNEL,
	POLICY_P_RESTART,
	POLICY_P_RECORDING,
	POLICY_P_BLOCK_INPUT,
	POLICY_P_REMOTE_MODIFY,
	POLICY_P_PRIVACY,
	POLICY_PERMISSIONS,
};
enum { POLICY_UNSET, POLICY_DISABLE, POLICY_ENABLE };

uint64_t policy_permission(uint64_t bits, enum policy_permission p,
			   unsigned value);
const char *policy_permission_name(enum policy_permission p);
/* Of each permission the stricter: disable, unset, enable. */
uint64_t policy_narrow(uint64_t a, uint64_t b);

/*
 * redis_script: a Lua script with the name that Redis knows it by.
 *
 * The build makes one of each .lua file: NAME.lua.h defines NAME_lua.
 */
#pragma once

struct redis_script {
	const char *source;
	char sha[41]; /* SHA-1 of the source, in hex */
};

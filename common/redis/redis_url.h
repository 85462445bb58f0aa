/*
 * redis_url: where Redis is and how to sign in, from one URL. Pure.
 *
 *   redis://[user[:password]@]host[:port][/db]
 *   rediss://...                                     the same over TLS
 *   unix:///path/to/socket[?db=N&user=U&password=P]
 *   redis+sentinel://[user[:password]@]host[:port][,...]/master-name[/db]
 *   rediss+sentinel://...               TLS to the sentinels and the master
 *
 * Every form takes the parameters db, user and password; the TLS forms also
 * ca, cert and key (PEM files; without ca the system's authorities count),
 * the Sentinel forms also sentinel_user and sentinel_password. In user,
 * password, path and parameters %XX stands for a byte; a password that holds
 * one of "@/?%" must be written that way.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

enum {
	REDIS_HOSTS_MAX = 16,    /* sentinels; real sites have 3 or 5 */
	REDIS_HOST_MAX = 254,    /* a DNS name with its NUL */
	REDIS_NAME_MAX = 256,    /* user and master names with their NUL */
	REDIS_SECRET_MAX = 4096, /* cloud services use tokens of 2 KiB */
	REDIS_FILE_MAX = 1024,   /* certificate paths */
	REDIS_SOCKET_MAX = 108,  /* sun_path */
};

enum redis_via { REDIS_VIA_TCP, REDIS_VIA_UNIX, REDIS_VIA_SENTINEL };

struct redis_host {
	char name[REDIS_HOST_MAX]; /* name or address, no brackets */
	uint16_t port;
};

struct redis_login {
	char user[REDIS_NAME_MAX];       /* "" for the default user */
	char password[REDIS_SECRET_MAX]; /* both "": no AUTH */
};

struct redis_url {
	enum redis_via via;
	bool tls;
	unsigned db;
	size_t nhosts; /* 1, or the sentinels; 0 for a unix socket */
	struct redis_host hosts[REDIS_HOSTS_MAX];
	char path[REDIS_SOCKET_MAX]; /* of the unix socket */
	char master[REDIS_NAME_MAX]; /* what the sentinels call it */
	struct redis_login login;
	struct redis_login sentinel_login;
	char ca[REDIS_FILE_MAX];
	char cert[REDIS_FILE_MAX];
	char key[REDIS_FILE_MAX];
};

/* Returns 0, or -EINVAL with *WHY a literal that never quotes the URL. */
MUST_USE int redis_url_parse(const char *text, struct redis_url *out,
			     const char **why);

/* Forgets the passwords. */
void redis_url_wipe(struct redis_url *u);

#include "services/utils/db.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"

struct redis_sync *db_open(const char *command, const char *url)
{
	struct redis_sync *r = NULL;
	struct redis_reply *pong = NULL;

	log_setup("utils", LOG_WARN, LOG_TEXT);
	if (redis_sync_open(url, "utils", DB_TIMEOUT_MS, &r) == 0) {
		static const char *const ping[] = { "PING" };
		pong = redis_sync_command(r, 1, ping, NULL);
	}
	if (pong && redis_kind(pong) == REDIS_STRING) {
		redis_reply_free(pong);
		return r;
	}
	fprintf(stderr,
		"rustdesk-utils %s: Redis does not answer. Set REDIS_URL as "
		"the servers have it.\n",
		command);
	redis_reply_free(pong);
	redis_sync_close(r);
	return NULL;
}

bool db_good(const struct redis_reply *reply, enum redis_kind want,
	     const char *command)
{
	char word[32] = "";
	size_t len = 0;

	if (reply && redis_kind(reply) == want)
		return true;
	const char *text = reply ? redis_str(reply, &len) : NULL;
	if (text && redis_kind(reply) == REDIS_ERROR)
		/* The first word: the rest may quote what was sent. */
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, " "),
			 text);
	fprintf(stderr, "rustdesk-utils %s: %s%s%s\n", command,
		reply ? "Redis refused a command" : "Redis went away",
		word[0] ? ": " : "", word);
	return false;
}

bool db_script(struct redis_sync *r, const char *command,
	       const struct redis_script *s)
{
	struct redis_reply *reply =
		redis_sync_format(r, "SCRIPT LOAD %s", s->source);
	bool good = db_good(reply, REDIS_STRING, command);
	redis_reply_free(reply);
	return good;
}

bool db_scan(struct redis_sync *r, const char *command,
	     char cursor[static DB_CURSOR_MAX], struct redis_reply **reply,
	     const struct redis_reply **keys)
{
	size_t len = 0;

	*reply = redis_sync_format(r, "SCAN %s COUNT 500", cursor);
	if (!db_good(*reply, REDIS_ARRAY, command) || redis_len(*reply) != 2) {
		redis_reply_free(*reply);
		return false;
	}
	const char *next = redis_str(redis_at(*reply, 0), &len);
	snprintf(cursor, DB_CURSOR_MAX, "%.*s", (int)len, next ? next : "0");
	*keys = redis_at(*reply, 1);
	return true;
}

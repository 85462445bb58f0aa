#include "services/api/core/banned.h"

#include <string.h>

#include "common/base/log.h"
#include "common/site/bans.lua.h"
#include "services/api/core/app.h"

void banned_init(struct banned *b)
{
	*b = (struct banned){ .ended = true }; /* while no api ran */
	pthread_rwlock_init(&b->lock, NULL);
}

void banned_fini(struct banned *b)
{
	bans_fini(&b->table);
	pthread_rwlock_destroy(&b->lock);
}

bool banned_has(struct banned *b, const struct addr *a)
{
	pthread_rwlock_rdlock(&b->lock);
	bool has = bans_address(&b->table, a);
	pthread_rwlock_unlock(&b->lock);
	return has;
}

void banned_refresh(struct banned *b, struct db *d)
{
	char rev[BANS_REV_MAX];

	pthread_rwlock_wrlock(&b->lock);
	if (bans_expire(&b->table, app_tick_ms()))
		b->ended = true;
	strcpy(rev, b->table.rev);
	pthread_rwlock_unlock(&b->lock);
	const char *answer = db_text(db_eval(d, &bans_lua, 0, rev, NULL));
	if (!answer || !*answer)
		return;
	pthread_rwlock_wrlock(&b->lock);
	int r = bans_read(&b->table, answer, app_tick_ms());
	pthread_rwlock_unlock(&b->lock);
	/* Some may have ended before they were ever read. */
	b->ended = true;
	if (r < 0)
		log_warn("bans_failed", "the bans cannot be read: %s",
			 strerror(-r));
}

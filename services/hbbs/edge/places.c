#include "services/hbbs/edge/places.h"

#include <stddef.h>

void places_init(struct places *all)
{
	TAILQ_INIT(&all->mute);
	TAILQ_INIT(&all->fresh);
	TAILQ_INIT(&all->bound);
	TAILQ_INIT(&all->beats);
}

static void move(struct place *p, struct place_list *to)
{
	if (p->on)
		TAILQ_REMOVE(p->on, p, heard);
	p->on = to;
	if (to)
		TAILQ_INSERT_TAIL(to, p, heard);
}

void place_enter(struct places *all, struct place *p, uint64_t now_ms)
{
	*p = (struct place){ .heard_ms = now_ms };
	move(p, &all->mute);
}

void place_heard(struct places *all, struct place *p, uint64_t now_ms)
{
	p->heard_ms = now_ms;
	move(p, p->registered ? &all->bound : &all->fresh);
}

void place_registered(struct places *all, struct place *p, uint64_t now_ms)
{
	p->registered = true;
	place_heard(all, p, now_ms);
	p->beat_ms = now_ms;
	p->beats = true;
	TAILQ_INSERT_TAIL(&all->beats, p, beat);
}

void place_leave(struct places *all, struct place *p)
{
	move(p, NULL);
	if (p->beats)
		TAILQ_REMOVE(&all->beats, p, beat);
	p->beats = false;
}

static struct place *first_but(const struct place_list *list,
			       const struct place *newcomer)
{
	struct place *p = TAILQ_FIRST(list);

	return p == newcomer ? TAILQ_NEXT(p, heard) : p;
}

struct place *places_oldest(const struct places *all,
			    const struct place *newcomer)
{
	struct place *p = first_but(&all->mute, newcomer);

	return p ? p : first_but(&all->fresh, newcomer);
}

struct place *places_silent(const struct place_list *list, uint64_t ms,
			    uint64_t now_ms)
{
	struct place *p = TAILQ_FIRST(list);

	return p && now_ms - p->heard_ms >= ms ? p : NULL;
}

struct place *places_beat(struct places *all, uint64_t ms, uint64_t now_ms)
{
	struct place *p = TAILQ_FIRST(&all->beats);

	if (!p || now_ms - p->beat_ms < ms)
		return NULL;
	p->beat_ms = now_ms;
	TAILQ_REMOVE(&all->beats, p, beat);
	TAILQ_INSERT_TAIL(&all->beats, p, beat);
	return p;
}

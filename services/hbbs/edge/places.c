#include "services/hbbs/edge/places.h"

#include <stddef.h>

#include "common/base/attr.h"

static struct place *by_heard(struct link *l)
{
	return container_of(l, struct place, heard);
}

void places_init(struct places *all)
{
	list_init(&all->mute);
	list_init(&all->fresh);
	list_init(&all->bound);
	list_init(&all->beats);
}

void place_enter(struct places *all, struct place *p, uint64_t now_ms)
{
	*p = (struct place){ .heard_ms = now_ms };
	list_init(&p->beat);
	list_append(&all->mute, &p->heard);
}

void place_heard(struct places *all, struct place *p, uint64_t now_ms)
{
	p->heard_ms = now_ms;
	list_remove(&p->heard);
	list_append(p->registered ? &all->bound : &all->fresh, &p->heard);
}

void place_registered(struct places *all, struct place *p, uint64_t now_ms)
{
	p->registered = true;
	place_heard(all, p, now_ms);
	p->beat_ms = now_ms;
	list_append(&all->beats, &p->beat);
}

void place_leave(struct place *p)
{
	list_remove(&p->heard);
	list_remove(&p->beat);
}

static struct place *first_but(const struct link *list,
			       const struct place *newcomer)
{
	struct link *l = list->next;

	if (l == &newcomer->heard)
		l = l->next;
	return l == list ? NULL : by_heard(l);
}

struct place *places_oldest(const struct places *all,
			    const struct place *newcomer)
{
	struct place *p = first_but(&all->mute, newcomer);

	return p != NULL ? p : first_but(&all->fresh, newcomer);
}

struct place *places_silent(const struct link *list, uint64_t ms,
			    uint64_t now_ms)
{
	struct place *p = list->next == list ? NULL : by_heard(list->next);

	return p != NULL && now_ms - p->heard_ms >= ms ? p : NULL;
}

struct place *places_beat(struct places *all, uint64_t ms, uint64_t now_ms)
{
	if (all->beats.next == &all->beats)
		return NULL;
	struct place *p = container_of(all->beats.next, struct place, beat);
	if (now_ms - p->beat_ms < ms)
		return NULL;
	p->beat_ms = now_ms;
	list_remove(&p->beat);
	list_append(&all->beats, &p->beat);
	return p;
}

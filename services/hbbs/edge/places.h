/*
 * places: connections by what they have done and when they were last heard.
 *
 * A place is on exactly one list: mute until it says something, then fresh, or
 * bound once it has registered; then it is on beats too, by the time of its
 * last heartbeat. Each list has the oldest first, so nobody looks further than
 * at a head. Times are milliseconds of the loop's clock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

TAILQ_HEAD(place_list, place);

/* Embedded in what is at that place. */
struct place {
	TAILQ_ENTRY(place) heard;
	TAILQ_ENTRY(place) beat;
	struct place_list *on; /* mute, fresh or bound; NULL: it has left */
	uint64_t heard_ms;
	uint64_t beat_ms;
	bool registered;
	bool beats; /* is on that list */
};

struct places {
	struct place_list mute;
	struct place_list fresh;
	struct place_list bound;
	struct place_list beats;
};

void places_init(struct places *all);
/* P comes; it has said nothing yet. */
void place_enter(struct places *all, struct place *p, uint64_t now_ms);
void place_heard(struct places *all, struct place *p, uint64_t now_ms);
void place_registered(struct places *all, struct place *p, uint64_t now_ms);
/* May be called again. */
void place_leave(struct places *all, struct place *p);

/* Who makes room for NEWCOMER: the oldest that has said nothing, else the
 * oldest that has registered nothing, or NULL. */
struct place *places_oldest(const struct places *all,
			    const struct place *newcomer);
/* The oldest of LIST, if it was last heard MS ago, or NULL. */
struct place *places_silent(const struct place_list *list, uint64_t ms,
			    uint64_t now_ms);
/* Who gets a heartbeat because its last one is MS ago, or NULL; its next one
 * is due MS from now. */
struct place *places_beat(struct places *all, uint64_t ms, uint64_t now_ms);

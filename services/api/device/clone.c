#include "services/api/device/clone.h"

#include <string.h>

/* "Some CPU @ 3.20GHz, 3.12GHz, 12/6 cores" without the second clock, which is
 * the current one. */
struct cpu {
	size_t head;      /* bytes before it */
	const char *tail; /* what follows it */
};

static const char *last_clock(const char *text)
{
	const char *at = NULL;

	for (const char *p = text; (p = strstr(p, "GHz, ")); p++)
		at = p;
	return at;
}

static struct cpu without_clock(const char *text)
{
	const char *ghz = last_clock(text);
	const char *from = ghz;

	while (from && from > text && strchr("0123456789.", from[-1]))
		from--;
	if (!from || from == ghz)
		return (struct cpu){ strlen(text), "" };
	return (struct cpu){ (size_t)(from - text), ghz };
}

static bool same_cpu(const char *a, const char *b)
{
	struct cpu x = without_clock(a), y = without_clock(b);

	return x.head == y.head && strncmp(a, b, x.head) == 0 &&
	       strcmp(x.tail, y.tail) == 0;
}

static bool same_text(struct json_object *a, struct json_object *b,
		      struct field_text f)
{
	return strcmp(field_text(a, f), field_text(b, f)) == 0;
}

bool clone_same(struct json_object *a, struct json_object *b)
{
	return same_text(a, b, INFO_HOSTNAME) && same_text(a, b, INFO_OS) &&
	       same_cpu(field_text(a, INFO_CPU), field_text(b, INFO_CPU));
}

int clone_find(struct json_object *watch, struct json_object *facts)
{
	struct json_object *list = field_list(watch, CLONE_MACHINES);

	for (size_t i = 0; i < js_len(list); i++)
		if (clone_same(js_item(list, i), facts))
			return (int)i;
	return -1;
}

/* MACHINE before the others; WAS is its former row, or -1. */
static void put_first(struct json_object *watch, struct json_object *machine,
		      int was)
{
	struct json_object *old = field_list(watch, CLONE_MACHINES);
	struct json_object *list = json_object_new_array();
	size_t n = 1;

	if (was >= 0)
		field_copy(machine, js_item(old, (size_t)was), MACHINE_KEY.of);
	js_push(list, machine);
	for (size_t i = 0; i < js_len(old) && n < CLONE_MACHINES_MAX; i++)
		if ((int)i != was) {
			js_push(list, json_object_get(js_item(old, i)));
			n++;
		}
	field_set_list(watch, CLONE_MACHINES, list);
}

void clone_observe(struct json_object *watch, struct json_object *machine)
{
	int64_t now_s = field_int(machine, MACHINE_SEEN, 0);
	int64_t turn_s = field_int(watch, CLONE_TURN_AT, 0);
	int64_t returns = field_int(watch, CLONE_RETURNS, 0);
	int was = clone_find(watch, machine);

	put_first(watch, machine, was);
	if (was == 0)
		return;
	if (now_s - turn_s > CLONE_WATCH_S)
		returns = 0;
	field_set_int(watch, CLONE_RETURNS, returns + (was > 0));
	field_set_int(watch, CLONE_TURN_AT, now_s);
}

bool clone_found(struct json_object *watch)
{
	return field_int(watch, CLONE_RETURNS, 0) >= CLONE_RETURNS_MIN;
}

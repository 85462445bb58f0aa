#include "services/hbbs/relays.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static int add_entry(struct relay_list *l, const char *text, size_t len)
{
	if (l->n == RELAYS_MAX)
		return -E2BIG;
	if (len == 0 || len > WIRE_RELAY_MAX)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (isspace((unsigned char)text[i]) ||
		    iscntrl((unsigned char)text[i]))
			return -EINVAL;

	struct relay_entry *e = &l->list[l->n++];
	*e = (struct relay_entry){ .up = true, .live = true };
	memcpy(e->name, text, len);
	return 0;
}

int relays_parse(struct relay_list *l, const char *text)
{
	struct relay_list fresh = { .generation = l->generation + 1 };

	while (*text != '\0') {
		text += strspn(text, " \t");
		size_t len = strcspn(text, ",");
		size_t end = len;
		while (end > 0 && isspace((unsigned char)text[end - 1]))
			end--;
		int err = add_entry(&fresh, text, end);
		if (err != 0)
			return err;
		text += len;
		if (*text == ',')
			text++;
	}
	*l = fresh;
	return 0;
}

const char *relays_next(struct relay_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct relay_entry *e = &l->list[l->next++ % l->n];
		if (e->live)
			return e->name;
	}
	return "";
}

bool relays_has(const struct relay_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcasecmp(l->list[i].name, text) == 0)
			return true;
	return false;
}

void relays_apply(struct relay_list *l)
{
	bool any = false;
	for (size_t i = 0; i < l->n; i++)
		any |= l->list[i].up;
	if (!any)
		return;
	for (size_t i = 0; i < l->n; i++)
		l->list[i].live = l->list[i].up;
}

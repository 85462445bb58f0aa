#include "services/hbbs/state/punchlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void punchlog_fini(struct punch_log *l)
{
	free(l->ring);
	*l = (struct punch_log){ 0 };
}

void punchlog_clear(struct punch_log *l)
{
	l->first = l->n = 0;
}

/* Entry I, 0 the newest. */
static struct punch_entry *entry(const struct punch_log *l, size_t i)
{
	return &l->ring[(l->first + l->n - 1 - i) % PUNCHLOG_MAX];
}

static bool noted(const struct punch_log *l, const struct addr *from,
		  const char *id, uint64_t unix_s)
{
	for (size_t i = 0; i < l->n && i < PUNCHLOG_BACK; i++) {
		const struct punch_entry *e = entry(l, i);
		if (unix_s - e->unix_s < PUNCHLOG_SAME_S &&
		    addr_same_ip(&e->from, from) && strcmp(e->id, id) == 0)
			return true;
	}
	return false;
}

void punchlog_add(struct punch_log *l, const struct addr *from, const char *id,
		  const struct addr *to, uint64_t unix_s)
{
	if (!l->ring)
		l->ring = calloc(PUNCHLOG_MAX, sizeof *l->ring);
	if (!l->ring || noted(l, from, id, unix_s))
		return;
	if (l->n == PUNCHLOG_MAX)
		l->first = (l->first + 1) % PUNCHLOG_MAX;
	else
		l->n++;
	struct punch_entry *e = entry(l, 0);
	e->unix_s = unix_s;
	e->from = *from;
	e->to = *to;
	snprintf(e->id, sizeof e->id, "%s", id);
}

int punchlog_print(const struct punch_log *l, size_t start, size_t count,
		   struct buf *out)
{
	for (size_t i = start; i < l->n && i - start < count; i++) {
		const struct punch_entry *e = entry(l, i);
		char line[512], from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], at[32];
		time_t t = (time_t)e->unix_s;
		struct tm tm;

		strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ",
			 gmtime_r(&t, &tm));
		int n = snprintf(line, sizeof line, "%s %s -> %s@%s\n", at,
				 addr_format_ip(&e->from, from), e->id,
				 addr_format_ip(&e->to, to));
		int err = buf_append(out, line, (size_t)n);
		if (err != 0)
			return err;
	}
	return 0;
}

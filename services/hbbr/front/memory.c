#include "services/hbbr/front/memory.h"

#include "common/base/attr.h"

void memory_init(struct memory *m, struct loop *l, size_t max)
{
	*m = (struct memory){ .loop = l, .max = max };
}

void memory_relieve(struct memory *m, void (*fn)(void *ctx), void *ctx)
{
	m->on_excess = fn;
	m->ctx = ctx;
}

static void on_excess(struct deferred *d)
{
	struct memory *m = container_of(d, struct memory, excess);

	m->excess_due = false;
	m->on_excess(m->ctx);
}

bool memory_exceeded(const struct memory *m)
{
	return m->held > m->max;
}

bool memory_change(struct memory *m, size_t before, size_t now)
{
	m->held = m->held - before + now;
	if (!memory_exceeded(m))
		return true;
	if (!m->excess_due) {
		m->excess_due = true;
		m->excess.run = on_excess;
		loop_defer(m->loop, &m->excess);
	}
	return false;
}

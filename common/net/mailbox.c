#include "common/net/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct mailbox {
	pthread_mutex_t lock; /* guards HEAD, LEN and the ring */
	size_t head;          /* index of the oldest message */
	size_t len;           /* messages waiting */
	size_t cap;
	size_t item_size;
	uint8_t *ring; /* CAP items and one more: the copy being delivered */
	void (*fn)(void *ctx, const void *item);
	void *ctx;
	uv_async_t wake;
	bool closing;
};

static bool take(struct mailbox *m, void *item)
{
	pthread_mutex_lock(&m->lock);
	bool any = m->len > 0;
	if (any) {
		memcpy(item, m->ring + m->head * m->item_size, m->item_size);
		m->head = (m->head + 1) % m->cap;
		m->len--;
		/* Start over: only as much of the ring as was ever in
		 * use at a time becomes resident. */
		if (m->len == 0)
			m->head = 0;
	}
	pthread_mutex_unlock(&m->lock);
	return any;
}

/* At most CAP messages per turn: producers that never stop must not keep the
 * loop from its other work. */
static void on_wake(uv_async_t *wake)
{
	struct mailbox *m = container_of(wake, struct mailbox, wake);
	void *item = m->ring + m->cap * m->item_size;

	for (size_t i = 0; i < m->cap; i++) {
		if (m->closing || !take(m, item))
			return;
		m->fn(m->ctx, item);
	}
	uv_async_send(&m->wake);
}

int mailbox_open(struct loop *l, size_t item_size, size_t cap,
		 void (*fn)(void *ctx, const void *item), void *ctx,
		 struct mailbox **out)
{
	struct mailbox *m = calloc(1, sizeof *m);
	if (!m)
		return -ENOMEM;
	*m = (struct mailbox){
		.cap = cap, .item_size = item_size, .fn = fn, .ctx = ctx
	};

	int r = -ENOMEM;
	m->ring = calloc(cap + 1, item_size);
	if (!m->ring)
		goto err_free;
	r = uv_async_init(&l->uv, &m->wake, on_wake);
	if (r < 0)
		goto err_ring;
	pthread_mutex_init(&m->lock, NULL);
	*out = m;
	return 0;

err_ring:
	free(m->ring);
err_free:
	free(m);
	return r;
}

int mailbox_post(struct mailbox *m, const void *item)
{
	pthread_mutex_lock(&m->lock);
	bool full = m->len == m->cap;
	if (!full) {
		size_t tail = (m->head + m->len) % m->cap;
		memcpy(m->ring + tail * m->item_size, item, m->item_size);
		m->len++;
		/* Under the lock, so that the owner, who must take it to
		 * learn of this message, cannot close before the send. */
		if (m->len == 1)
			uv_async_send(&m->wake);
	}
	pthread_mutex_unlock(&m->lock);
	return full ? -ENOBUFS : 0;
}

static void on_closed(uv_handle_t *h)
{
	struct mailbox *m = container_of((uv_async_t *)h, struct mailbox, wake);

	pthread_mutex_destroy(&m->lock);
	free(m->ring);
	free(m);
}

void mailbox_close(struct mailbox *m)
{
	if (!m || m->closing)
		return;
	m->closing = true;

	void *item = m->ring + m->cap * m->item_size;
	while (take(m, item))
		m->fn(m->ctx, item);
	uv_close((uv_handle_t *)&m->wake, on_closed);
}

/*
 * mailbox: messages from any thread to one loop.
 *
 * A bounded multi-producer queue with a wake-up. Messages are fixed-size
 * structs that are copied in and out; order per producer is kept.
 */
#pragma once

#include <stddef.h>

#include "common/base/attr.h"
#include "common/net/loop.h"

struct mailbox;

/* FN runs on L's thread, once per message. 0 and *OUT, or -errno. */
MUST_USE int mailbox_open(struct loop *l, size_t item_size, size_t cap,
			  void (*fn)(void *ctx, const void *item), void *ctx,
			  struct mailbox **out);
/* From any thread. 0, or -ENOBUFS when CAP messages are waiting. */
MUST_USE int mailbox_post(struct mailbox *m, const void *item);
/* On the loop's thread, when no producer is left. Messages that still wait
 * are delivered first, so what they own (a descriptor) is not lost. */
void mailbox_close(struct mailbox *m);

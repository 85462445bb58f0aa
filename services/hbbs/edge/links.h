/*
 * links: a ring of structs that embed a link; its head is one too.
 */
#pragma once

struct link {
	struct link *prev;
	struct link *next;
};

static inline void list_init(struct link *head)
{
	head->prev = head->next = head;
}

static inline void list_remove(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

static inline void list_append(struct link *head, struct link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

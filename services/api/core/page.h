/*
 * page: one page of a list in an answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

struct call;

/* Paging of contract 1.7. */
struct page {
	struct call *call;
	size_t start;
	size_t size;
	size_t total; /* matches so far */
	struct json_object *data;
};
void page_init(struct call *c, struct page *p);
/* Counts a match; true if it belongs on this page. */
bool page_take(struct page *p);
int page_answer(struct call *c, struct page *p);

/*
 * order: the part of a list that a page shows, without sorting the rest. Pure.
 */
#pragma once

#include "services/api/index/index_impl.h"

/* A device with the beginning of what it is sorted by: most comparisons end
 * here and do not touch the device. */
struct order_item {
	uint64_t key[2];
	uint32_t at;
};

struct order {
	const struct index *ix;
	enum index_column by;
	bool descending;
	uint32_t *rank; /* of users, groups, systems, by handle */
};

/* 0 or -ENOMEM; order_end() in either case. */
MUST_USE int order_begin(struct order *o, const struct index *ix,
			 enum index_column by, bool descending);
void order_end(struct order *o);

struct order_item order_item(const struct order *o, const struct device *d);

/* Sorts the items START .. START + SIZE of the sorted list into their places;
 * those before and behind are in any order. */
void order_page(const struct order *o, struct order_item *items, size_t n,
		size_t start, size_t size);

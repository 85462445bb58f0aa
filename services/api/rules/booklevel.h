/*
 * booklevel: how much of a shared address book a user may do. Pure.
 */
#pragma once

#include <stddef.h>

enum book_level {
	BOOK_NONE,
	BOOK_READ,  /* see entries, use their passwords */
	BOOK_WRITE, /* edit entries and tags */
	BOOK_FULL,  /* share, rename, delete the book */
};

enum book_subject { BOOK_EVERYONE, BOOK_GROUP, BOOK_USER };

struct book_rule {
	enum book_subject subject;
	const char *guid; /* of the user or group */
	enum book_level level;
};

/* A rule for the user beats one for his group, and that one for everyone,
 * whichever is wider. */
enum book_level book_level_of(const struct book_rule *rules, size_t n,
			      const char *user, const char *group);

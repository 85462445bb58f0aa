/*
 * http_head: the heads that are being read, and how one is refused.
 *
 * microhttpd answers some heads by itself. Where it does so between a whole
 * head and its first handler (a malformed Content-Length, more cookies than
 * its memory holds), it builds the head of its answer and then goes on as if
 * nothing had happened, builds it again, and sends both. It says in its log
 * that it is about to answer: that is when the answer is given here instead,
 * and the way is closed for its own.
 *
 * A head is read by one thread, and so is its list.
 */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>

struct MHD_Connection;

/* From the request line to the first handler. */
struct http_head {
	LIST_ENTRY(http_head) others; /* of this thread */
	struct MHD_Connection *conn;
	int fd;
	bool listed;
	bool refused; /* answered here; nothing follows */
};

int http_head_fd(struct MHD_Connection *conn);
void http_head_begin(struct http_head *h, struct MHD_Connection *conn);
/* The first handler runs, or the connection is gone. Any number of times. */
void http_head_end(struct http_head *h);

/* Sends an answer with the error TEXT past the library and ends what can be
 * sent. What still comes in is the library's. */
void http_head_refuse(struct http_head *h, unsigned status, const char *text);

/* A line of the library's log: if it is about to answer one of this thread's
 * heads itself, that head is refused. Returns the head, or NULL. */
struct http_head *http_head_said(const char *line);

/* A connection that has not had a request is about to be closed. What came
 * was no request line if nothing was said to it: then 400 is. */
void http_head_none(int fd);

#include "services/api/core/http_head.h"

#include <linux/tcp.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static _Thread_local LIST_HEAD(, http_head) heads;

int http_head_fd(struct MHD_Connection *conn)
{
	return MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD)
		->connect_fd;
}

void http_head_begin(struct http_head *h, struct MHD_Connection *conn)
{
	h->conn = conn;
	h->fd = http_head_fd(conn);
	h->listed = true;
	LIST_INSERT_HEAD(&heads, h, others);
}

void http_head_end(struct http_head *h)
{
	if (h->listed)
		LIST_REMOVE(h, others);
	h->listed = false;
}

static const char *reason(unsigned status)
{
	switch (status) {
	case 413:
		return "Content Too Large";
	case 414:
		return "URI Too Long";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

static void send_refusal(int fd, unsigned status, const char *text)
{
	char answer[512];
	int n = snprintf(answer, sizeof(answer),
			 "HTTP/1.1 %u %s\r\nConnection: close\r\n"
			 "Content-Type: application/json; charset=utf-8\r\n"
			 "Content-Length: %zu\r\n\r\n{\"error\":\"%s\"}",
			 status, reason(status), strlen(text) + 12, text);

	(void)!send(fd, answer, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
}

void http_head_refuse(struct http_head *h, unsigned status, const char *text)
{
	send_refusal(h->fd, status, text);
	h->refused = true;
}

static const char *what_is_wrong(unsigned status)
{
	switch (status) {
	case 413:
		return "Request too large";
	case 431:
		return "Request header too large";
	default:
		return "Invalid format: length of the body";
	}
}

/* The library tells the size of a head that is whole, and calls the first
 * handler in the same breath: a whole one in the list is the one at hand. */
static struct http_head *at_hand(void)
{
	struct http_head *h;

	LIST_FOREACH(h, &heads, others)
	if (!h->refused &&
	    MHD_get_connection_info(h->conn,
				    MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE))
		return h;
	return NULL;
}

struct http_head *http_head_said(const char *line)
{
	unsigned status;

	if (sscanf(line, "Error processing request (HTTP response code is %u",
		   &status) != 1)
		return NULL;
	struct http_head *h = at_hand();
	if (h)
		http_head_refuse(h, status, what_is_wrong(status));
	return h;
}

void http_head_none(int fd)
{
	struct tcp_info t;
	socklen_t len = sizeof(t);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &t, &len) < 0 ||
	    len < sizeof(t))
		return;
	/* The end of what came counts as one. */
	if (t.tcpi_bytes_received > 1 && !t.tcpi_data_segs_out &&
	    !t.tcpi_notsent_bytes)
		send_refusal(fd, 400, "Invalid format: no request line");
}

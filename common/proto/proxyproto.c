#include "common/proto/proxyproto.h"

#include <errno.h>
#include <string.h>

enum {
	V1_MAX = 107, /* longest legal line with its CR LF */
	V2_HEAD = 16,
	V2_IPV4 = 0x1,
	V2_IPV6 = 0x2,
};

static const uint8_t v2_magic[12] = "\r\n\r\n\0\r\nQUIT\n";

/* The next word of a version 1 line; single spaces are the rule. */
static char *next_word(char **at)
{
	char *word = *at;
	char *space = word ? strchr(word, ' ') : NULL;

	if (space)
		*space = '\0';
	*at = space ? space + 1 : NULL;
	return word;
}

static int parse_port(const char *text, uint16_t *out)
{
	char with_host[ADDR_TEXT_MAX] = "0.0.0.0:";
	struct addr a;

	if (strlen(text) > 5)
		return -EPROTO;
	strcat(with_host, text);
	if (addr_parse(with_host, 0, &a) < 0)
		return -EPROTO;
	*out = a.port;
	return 0;
}

/* "TCP4 source destination source-port destination-port" after "PROXY ". */
static int parse_v1_line(char *line, struct addr *client, bool *local)
{
	char *family = next_word(&line);
	char *source = next_word(&line);
	char *target = next_word(&line);
	char *port = next_word(&line);
	char *target_port = line;
	struct addr from, to;

	if (strcmp(family, "UNKNOWN") == 0) {
		*local = true;
		return 0;
	}
	bool v4 = strcmp(family, "TCP4") == 0;
	if ((!v4 && strcmp(family, "TCP6") != 0) || !target_port)
		return -EPROTO;
	if (strpbrk(source, "[]") || strpbrk(target, "[]") ||
	    !strchr(source, v4 ? '.' : ':') || (v4 && strchr(source, ':')) ||
	    addr_parse(source, 0, &from) < 0 || addr_parse(target, 0, &to) < 0)
		return -EPROTO;
	if (parse_port(port, &from.port) < 0 ||
	    parse_port(target_port, &to.port) < 0)
		return -EPROTO;
	*client = from;
	*local = false;
	return 0;
}

static int parse_v1(const uint8_t *data, size_t len, struct addr *client,
		    bool *local)
{
	static const char word[6] = "PROXY ";
	char line[V1_MAX + 1];
	size_t n = len < V1_MAX ? len : V1_MAX;

	if (memcmp(data, word, n < sizeof(word) ? n : sizeof(word)) != 0)
		return -EPROTO;
	const uint8_t *end = memchr(data, '\n', n);
	if (!end)
		return len < V1_MAX ? 0 : -EPROTO;

	size_t used = (size_t)(end - data) + 1;
	size_t text = used - 2;
	if (used < sizeof(word) + 2 || data[text] != '\r' ||
	    memchr(data, 0, used))
		return -EPROTO;
	memcpy(line, data, text);
	line[text] = '\0';
	int r = parse_v1_line(line + sizeof(word), client, local);
	return r < 0 ? r : (int)used;
}

static uint16_t read_port(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* BODY starts with source, destination, source port, destination port. */
static int parse_v2_addresses(uint8_t family, const uint8_t *body, size_t len,
			      struct addr *client)
{
	if (family == V2_IPV4 && len >= 12) {
		struct sockaddr_in in = { .sin_family = AF_INET };
		memcpy(&in.sin_addr, body, 4);
		*client = addr_from_sockaddr((struct sockaddr *)&in);
		client->port = read_port(body + 8);
		return 0;
	}
	if (family == V2_IPV6 && len >= 36) {
		struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
		memcpy(&in6.sin6_addr, body, 16);
		*client = addr_from_sockaddr((struct sockaddr *)&in6);
		client->port = read_port(body + 32);
		return 0;
	}
	return -EPROTO;
}

static int parse_v2(const uint8_t *data, size_t len, struct addr *client,
		    bool *local)
{
	if (len < V2_HEAD)
		return 0;
	size_t body = read_port(data + 14);
	uint8_t command = data[12];
	if (V2_HEAD + body > PROXYPROTO_MAX ||
	    (command != 0x20 && command != 0x21))
		return -EPROTO;
	if (len < V2_HEAD + body)
		return 0;

	/* LOCAL, and families that are neither IPv4 nor IPv6 (unix sockets),
	 * say nothing about a client. */
	uint8_t family = data[13] >> 4;
	*local = command == 0x20 || (family != V2_IPV4 && family != V2_IPV6);
	int r = *local ? 0
		       : parse_v2_addresses(family, data + V2_HEAD, body,
					    client);
	return r < 0 ? r : (int)(V2_HEAD + body);
}

int proxyproto_parse(const uint8_t *data, size_t len, struct addr *client,
		     bool *local)
{
	size_t n = len < sizeof(v2_magic) ? len : sizeof(v2_magic);

	if (len == 0)
		return 0;
	if (memcmp(data, v2_magic, n) != 0)
		return parse_v1(data, len, client, local);
	return parse_v2(data, len, client, local);
}

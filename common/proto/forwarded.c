#include "common/proto/forwarded.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char separators[] = ", \t\r\n";

int trusted_parse(const char *list, struct trusted *out)
{
	char one[ADDR_TEXT_MAX];

	out->n = 0;
	for (list += strspn(list, separators); *list;
	     list += strspn(list, separators)) {
		size_t len = strcspn(list, separators);
		if (len >= sizeof(one))
			return -EINVAL;
		if (out->n == TRUSTED_MAX)
			return -E2BIG;
		memcpy(one, list, len);
		one[len] = '\0';
		if (cidr_parse(one, &out->nets[out->n]) < 0)
			return -EINVAL;
		out->n++;
		list += len;
	}
	return 0;
}

void trusted_fault(const char *list, char out[static ADDR_TEXT_MAX])
{
	struct cidr net;

	for (list += strspn(list, separators); *list;
	     list += strspn(list, separators)) {
		size_t len = strcspn(list, separators);
		size_t shown = len < ADDR_TEXT_MAX ? len : ADDR_TEXT_MAX - 1;
		memcpy(out, list, shown);
		out[shown] = '\0';
		if (len > shown || cidr_parse(out, &net) < 0)
			return;
		list += len;
	}
	out[0] = '\0';
}

bool trusted_has(const struct trusted *t, const struct addr *a)
{
	for (size_t i = 0; i < t->n; i++) {
		if (cidr_contains(&t->nets[i], a))
			return true;
	}
	return false;
}

/* What one hop of a list says. */
struct hop {
	struct addr from;
	enum forwarded_proto proto;
};

struct span {
	const char *at;
	size_t len;
};

static bool is_blank(char c)
{
	return c != '\0' && strchr(" \t\r\n", c);
}

static struct span trim(struct span s)
{
	while (s.len > 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_blank(*s.at)) {
		s.at++;
		s.len--;
	}
	return s;
}

static bool same_word(struct span s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.at, word, s.len) == 0;
}

static bool read_addr(struct span s, struct addr *out)
{
	char one[ADDR_TEXT_MAX];

	s = trim(s);
	if (s.len >= sizeof(one))
		return false;
	memcpy(one, s.at, s.len);
	one[s.len] = '\0';
	return addr_parse(one, 0, out) == 0;
}

static enum forwarded_proto read_proto(struct span s)
{
	s = trim(s);
	if (same_word(s, "https") || same_word(s, "wss"))
		return FORWARDED_HTTPS;
	if (same_word(s, "http") || same_word(s, "ws"))
		return FORWARDED_HTTP;
	return FORWARDED_UNSAID;
}

/* An entry of X-Forwarded-For is an address. */
static bool read_plain_hop(struct span s, struct hop *out)
{
	out->proto = FORWARDED_UNSAID;
	return read_addr(s, &out->from);
}

/* The part before the next C; moves S behind it. */
static struct span cut(struct span *s, char c)
{
	const char *end = s->len > 0 ? memchr(s->at, c, s->len) : NULL;
	size_t n = end ? (size_t)(end - s->at) : s->len;
	struct span part = { s->at, n };

	s->at += n + (end ? 1 : 0);
	s->len -= n + (end ? 1 : 0);
	return part;
}

/* Quotes are for brackets and colons; what is quoted holds no others. */
static struct span unquote(struct span s)
{
	s = trim(s);
	if (s.len >= 2 && s.at[0] == '"' && s.at[s.len - 1] == '"')
		return (struct span){ s.at + 1, s.len - 2 };
	return s;
}

/* An element of Forwarded: for="[2001:db8::1]:5";proto=https;by=... */
static bool read_forwarded_hop(struct span s, struct hop *out)
{
	bool found = false;

	out->proto = FORWARDED_UNSAID;
	while (s.len > 0) {
		struct span value = cut(&s, ';');
		struct span name = trim(cut(&value, '='));
		if (same_word(name, "for"))
			found = read_addr(unquote(value), &out->from);
		else if (same_word(name, "proto"))
			out->proto = read_proto(unquote(value));
	}
	return found;
}

/*
 * From the right: each proxy appends whom it saw, so entries are true as long
 * as the hop that wrote them is trusted. The first untrusted one is the
 * client; if all are trusted it is the leftmost.
 */
static bool walk(const struct trusted *t, const char *list,
		 bool (*read)(struct span, struct hop *), struct hop *out)
{
	size_t end = list ? strlen(list) : 0;
	bool found = false;

	while (end > 0) {
		size_t start = end;
		struct hop hop;
		while (start > 0 && list[start - 1] != ',')
			start--;
		if (!read((struct span){ list + start, end - start }, &hop))
			break;
		*out = hop;
		found = true;
		if (!trusted_has(t, &hop.from))
			break;
		end = start > 0 ? start - 1 : 0;
	}
	return found;
}

static bool read_client(const struct trusted *t,
			const struct forwarded_headers *h, struct hop *out)
{
	const char *one = h->real_ip ? h->real_ip : "";

	if (walk(t, h->forwarded_for, read_plain_hop, out) ||
	    walk(t, h->forwarded, read_forwarded_hop, out))
		return true;
	return read_plain_hop((struct span){ one, strlen(one) }, out);
}

struct forwarded forwarded_read(const struct trusted *t,
				const struct addr *peer,
				const struct forwarded_headers *h)
{
	struct forwarded f = { .client = *peer };
	struct hop hop;

	if (!trusted_has(t, peer))
		return f;
	f.proxied = read_client(t, h, &hop);
	if (f.proxied) {
		f.client = hop.from;
		f.client.port = peer->port;
		f.proto = hop.proto;
	}
	/* Of a list the first is the client's: "https, http". */
	if (h->proto) {
		struct span all = { h->proto, strlen(h->proto) };
		f.proto = read_proto(cut(&all, ','));
	}
	return f;
}

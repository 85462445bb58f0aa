#include "common/proto/forwarded.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

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

bool trusted_has(const struct trusted *t, const struct addr *a)
{
	for (size_t i = 0; i < t->n; i++) {
		if (cidr_contains(&t->nets[i], a))
			return true;
	}
	return false;
}

/* One hop of a header: LEN bytes at TEXT, blanks around it allowed. */
static bool parse_hop(const char *text, size_t len, struct addr *out)
{
	char one[ADDR_TEXT_MAX];

	while (len > 0 && strchr(separators, text[len - 1]))
		len--;
	while (len > 0 && strchr(separators, *text)) {
		text++;
		len--;
	}
	if (len >= sizeof(one))
		return false;
	memcpy(one, text, len);
	one[len] = '\0';
	return addr_parse(one, 0, out) == 0;
}

/*
 * From the right: each proxy appends whom it saw, so entries are true as long
 * as the hop that wrote them is trusted. The first untrusted one is the
 * client; if all are trusted it is the leftmost.
 */
static bool from_list(const struct trusted *t, const char *list,
		      struct addr *out)
{
	size_t end = strlen(list);
	bool found = false;

	while (end > 0) {
		size_t start = end;
		struct addr hop;
		while (start > 0 && list[start - 1] != ',')
			start--;
		if (!parse_hop(list + start, end - start, &hop))
			break;
		*out = hop;
		found = true;
		if (!trusted_has(t, &hop))
			break;
		end = start > 0 ? start - 1 : 0;
	}
	return found;
}

struct addr forwarded_client(const struct trusted *t, const struct addr *peer,
			     const char *real_ip, const char *forwarded_for,
			     bool *proxied)
{
	struct addr client = *peer;

	*proxied = false;
	if (!trusted_has(t, peer))
		return client;
	if (real_ip && *real_ip)
		*proxied = parse_hop(real_ip, strlen(real_ip), &client);
	if (!*proxied && forwarded_for)
		*proxied = from_list(t, forwarded_for, &client);
	client.port = peer->port;
	return client;
}

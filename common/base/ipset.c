#include "common/base/ipset.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 64 }; /* longest address with prefix length is 49 */

/* The first index whose entry is not below KEY. */
static size_t lower_bound(const struct ipset *s, const struct cidr *key)
{
	size_t low = 0;
	size_t high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (cidr_cmp(&s->nets[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_at(const struct ipset *s, size_t i, const struct cidr *key)
{
	return i < s->n && cidr_cmp(&s->nets[i], key) == 0;
}

static int ipset_grow(struct ipset *s)
{
	if (s->n < s->size)
		return 0;
	if (s->n >= IPSET_MAX)
		return -ENOBUFS;

	size_t size = s->size == 0 ? 16 : 2 * s->size;
	struct cidr *nets = realloc(s->nets, size * sizeof(*nets));
	if (!nets)
		return -ENOMEM;
	s->nets = nets;
	s->size = size;
	return 0;
}

static int parse(const char *text, struct cidr *out)
{
	int r = cidr_parse(text, out);
	if (r < 0)
		return r;
	cidr_mask(out);
	return 0;
}

int ipset_add(struct ipset *s, const char *text)
{
	struct cidr net;

	int r = parse(text, &net);
	if (r < 0)
		return r;
	size_t at = lower_bound(s, &net);
	if (is_at(s, at, &net))
		return 0;
	r = ipset_grow(s);
	if (r < 0)
		return r;
	memmove(s->nets + at + 1, s->nets + at, (s->n - at) * sizeof(net));
	s->nets[at] = net;
	s->n++;
	return 0;
}

int ipset_remove(struct ipset *s, const char *text)
{
	struct cidr net;

	int r = parse(text, &net);
	if (r < 0)
		return r;
	size_t at = lower_bound(s, &net);
	if (!is_at(s, at, &net))
		return -ENOENT;
	s->n--;
	memmove(s->nets + at, s->nets + at + 1, (s->n - at) * sizeof(net));
	return 0;
}

void ipset_clear(struct ipset *s)
{
	s->n = 0;
}

void ipset_fini(struct ipset *s)
{
	free(s->nets);
	*s = (struct ipset){ 0 };
}

/* Entries are grouped by prefix length: one binary search per length that
 * occurs, and real lists have very few. */
bool ipset_has(const struct ipset *s, const struct addr *a)
{
	for (size_t i = 0; i < s->n;) {
		struct cidr key = { .bits = s->nets[i].bits };
		memcpy(key.ip, a->ip, sizeof(key.ip));
		cidr_mask(&key);
		if (is_at(s, lower_bound(s, &key), &key))
			return true;
		if (key.bits == 128)
			break;
		key = (struct cidr){ .bits = (uint8_t)(key.bits + 1) };
		i = lower_bound(s, &key);
	}
	return false;
}

int ipset_copy(const struct ipset *s, struct ipset *out)
{
	*out = (struct ipset){ 0 };
	if (s->n == 0)
		return 0;
	out->nets = malloc(s->n * sizeof(*s->nets));
	if (!out->nets)
		return -ENOMEM;
	memcpy(out->nets, s->nets, s->n * sizeof(*s->nets));
	out->n = s->n;
	out->size = s->n;
	return 0;
}

static int add_line(struct ipset *s, const char *line, size_t len)
{
	char word[WORD_MAX];
	size_t end = 0;

	while (end < len && !strchr(" \t\r", line[end]))
		end++;
	if (end == 0 || line[0] == '#')
		return 0;
	if (end >= sizeof(word))
		return -EINVAL;
	memcpy(word, line, end);
	word[end] = '\0';
	return ipset_add(s, word);
}

/* A file may hold anything: what is shown of it is printable ASCII. */
static void note_bad(struct ipset_bad *bad, size_t number, const char *line,
		     size_t len)
{
	if (bad->n++ >= IPSET_BAD_SHOWN)
		return;
	char *out = bad->first[bad->n - 1];
	size_t at = (size_t)snprintf(out, IPSET_BAD_MAX, "%zu: ", number);

	for (size_t i = 0; i < len && at < IPSET_BAD_MAX - 1; i++)
		out[at++] = line[i] >= ' ' && line[i] <= '~' ? line[i] : '?';
	out[at] = '\0';
}

int ipset_parse(struct ipset *s, const char *text, struct ipset_bad *bad)
{
	for (size_t number = 1; *text != '\0'; number++) {
		size_t len = strcspn(text, "\r\n");
		int r = add_line(s, text, len);
		if (r == -EINVAL)
			note_bad(bad, number, text, len);
		else if (r < 0)
			return r;
		len += strcspn(text + len, "\n");
		text += len + (text[len] == '\n');
	}
	return 0;
}

void ipset_text(const struct ipset *s, size_t i,
		char out[static IPSET_TEXT_MAX])
{
	cidr_text(&s->nets[i], out);
}

int ipset_list(const struct ipset *s, struct buf *out)
{
	for (size_t i = 0; i < s->n; i++) {
		char line[IPSET_TEXT_MAX];

		ipset_text(s, i, line);
		int r = buf_append(out, line, strlen(line));
		if (r == 0)
			r = buf_append(out, "\n", 1);
		if (r < 0)
			return r;
	}
	return 0;
}

#include "common/site/bans.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char of_address[] = "address ";
static const char of_device[] = "device ";

/* One row while the table is made. */
struct ban_net {
	struct cidr net;
	uint64_t until_ms;
};

struct rows {
	struct ban_net *nets;
	struct ban_id *ids;
	size_t nnets;
	size_t nids;
	uint64_t now_ms;
};

/* --- reading -------------------------------------------------------------- */

static int by_net(const void *a, const void *b)
{
	const struct ban_net *x = a, *y = b;

	return cidr_cmp(&x->net, &y->net);
}

static int by_id(const void *a, const void *b)
{
	const struct ban_id *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* "address 10.0.0.0/8 3600": what is banned, seconds left. */
static void add_row(struct rows *r, char *line)
{
	char *last = strrchr(line, ' ');
	char *end;

	if (!last || r->nnets + r->nids >= BANS_MAX)
		return;
	*last = '\0';
	uint64_t left = strtoull(last + 1, &end, 10);
	uint64_t until = left == 0 ? 0 : r->now_ms + left * 1000;
	if (end == last + 1 || *end != '\0')
		return;
	if (strncmp(line, of_address, sizeof(of_address) - 1) == 0) {
		struct ban_net *n = &r->nets[r->nnets];
		if (cidr_parse(line + sizeof(of_address) - 1, &n->net) < 0)
			return;
		cidr_mask(&n->net);
		n->until_ms = until;
		r->nnets++;
	} else if (strncmp(line, of_device, sizeof(of_device) - 1) == 0) {
		const char *id = line + sizeof(of_device) - 1;
		struct ban_id *d = &r->ids[r->nids];
		if (strlen(id) > BANS_ID_MAX)
			return;
		strcpy(d->id, id);
		d->until_ms = until;
		r->nids++;
	}
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n < BANS_MAX ? n + 1 : BANS_MAX;
}

static int read_rows(struct rows *r, const char *text)
{
	size_t n = lines_of(text);
	char *copy = strdup(text), *save = NULL;

	r->nets = calloc(n, sizeof(*r->nets));
	r->ids = calloc(n, sizeof(*r->ids));
	if (!copy || !r->nets || !r->ids) {
		free(copy);
		return -ENOMEM;
	}
	for (char *line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		add_row(r, line);
	free(copy);
	qsort(r->nets, r->nnets, sizeof(*r->nets), by_net);
	qsort(r->ids, r->nids, sizeof(*r->ids), by_id);
	return 0;
}

static void set_next(struct bans *b)
{
	uint64_t next = 0; /* 0 less 1 is later than anything */

	for (size_t i = 0; i < b->nets.n; i++)
		if (b->net_until[i] - 1 < next - 1)
			next = b->net_until[i];
	for (size_t i = 0; i < b->nids; i++)
		if (b->ids[i].until_ms - 1 < next - 1)
			next = b->ids[i].until_ms;
	b->next_ms = next == 0 ? UINT64_MAX : next;
}

/* Moves what R has into the zeroed OUT. */
static int take(struct bans *out, struct rows *r)
{
	if (r->nnets > 0) {
		out->nets.nets = malloc(r->nnets * sizeof(*out->nets.nets));
		out->net_until = malloc(r->nnets * sizeof(*out->net_until));
		if (!out->nets.nets || !out->net_until)
			return -ENOMEM;
	}
	for (size_t i = 0; i < r->nnets; i++) {
		out->nets.nets[i] = r->nets[i].net;
		out->net_until[i] = r->nets[i].until_ms;
	}
	out->nets.n = out->nets.size = r->nnets;
	out->ids = r->ids;
	out->nids = r->nids;
	r->ids = NULL;
	set_next(out);
	return 0;
}

int bans_read(struct bans *b, const char *answer, uint64_t now_ms)
{
	struct rows rows = { .now_ms = now_ms };
	struct bans fresh = { 0 };
	size_t len = strcspn(answer, "\n");

	if (len == 0)
		return answer[0] == '\0' ? 0 : -EINVAL;
	if (len >= sizeof(fresh.rev))
		return -EINVAL;
	memcpy(fresh.rev, answer, len);
	int r = read_rows(&rows, answer + len);
	if (r == 0)
		r = take(&fresh, &rows);
	free(rows.nets);
	free(rows.ids);
	if (r < 0) {
		bans_fini(&fresh);
		return r;
	}
	bans_fini(b);
	*b = fresh;
	return 1;
}

/* --- the end of a ban ----------------------------------------------------- */

static bool over(uint64_t until_ms, uint64_t now_ms)
{
	return until_ms != 0 && until_ms <= now_ms;
}

bool bans_expire(struct bans *b, uint64_t now_ms)
{
	size_t nets = 0, ids = 0;

	/* next_ms is 0 before the first answer: there is nothing then. */
	if (now_ms < b->next_ms || !bans_any(b))
		return false;
	for (size_t i = 0; i < b->nets.n; i++) {
		if (over(b->net_until[i], now_ms))
			continue;
		b->nets.nets[nets] = b->nets.nets[i];
		b->net_until[nets++] = b->net_until[i];
	}
	for (size_t i = 0; i < b->nids; i++)
		if (!over(b->ids[i].until_ms, now_ms))
			b->ids[ids++] = b->ids[i];
	b->nets.n = nets;
	b->nids = ids;
	set_next(b);
	return true;
}

void bans_fini(struct bans *b)
{
	ipset_fini(&b->nets);
	free(b->net_until);
	free(b->ids);
	*b = (struct bans){ 0 };
}

/* --- who is banned -------------------------------------------------------- */

bool bans_device(const struct bans *b, const char *id, size_t len)
{
	struct ban_id key;

	if (b->nids == 0 || len > BANS_ID_MAX)
		return false;
	memcpy(key.id, id, len);
	key.id[len] = '\0';
	return bsearch(&key, b->ids, b->nids, sizeof(key), by_id);
}

const char *bans_of_network(const char *text, struct cidr *net,
			    char out[static BANS_OF_MAX])
{
	char canonical[CIDR_TEXT_MAX];

	if (cidr_parse(text, net) < 0)
		return "Invalid format: address is neither an address nor a "
		       "network like 203.0.113.0/24 or 2001:db8::/32";
	cidr_mask(net);
	snprintf(out, BANS_OF_MAX, "%s%s", of_address,
		 cidr_text(net, canonical));
	return NULL;
}

const char *bans_of_device(const char *id, char out[static BANS_OF_MAX])
{
	size_t len = strlen(id);

	if (len == 0 || len > BANS_ID_MAX)
		return "Invalid format: device";
	/* What no id has (idrule.h) would break the row. */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)id[i] <= ' ' || id[i] == 0x7f)
			return "Invalid format: device";
	snprintf(out, BANS_OF_MAX, "%s%s", of_device, id);
	return NULL;
}

#include "services/hbbs/state/relays.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- the list ------------------------------------------------------------- */

static int add_entry(struct relay_list *l, const char *text, size_t len)
{
	if (l->n == RELAYS_MAX)
		return -E2BIG;
	if (len == 0 || len > WIRE_RELAY_MAX)
		return -EINVAL;
	for (size_t i = 0; i < len; i++)
		if (isspace((unsigned char)text[i]) ||
		    iscntrl((unsigned char)text[i]))
			return -EINVAL;

	struct relay_entry *e = &l->list[l->n++];
	*e = (struct relay_entry){ .up = true, .live = true };
	memcpy(e->name, text, len);
	return 0;
}

/* The host of "host:port" or "[v6]:port"; its length. */
static size_t host_len(const char *name)
{
	const char *colon = strrchr(name, ':');
	bool v6 = colon && strchr(name, ':') != colon && !strchr(name, ']');

	return !colon || v6 ? strlen(name) : (size_t)(colon - name);
}

/* GEO_OVERRIDES: the words "host=lon,lat". */
static const char *override_of(const char *text, const char *name)
{
	size_t len = host_len(name);

	while (text && *text != '\0') {
		text += strspn(text, " ");
		if (strncasecmp(text, name, len) == 0 && text[len] == '=')
			return text + len + 1;
		text += strcspn(text, " ");
	}
	return NULL;
}

static bool read_point(const char *text, struct geo_point *out)
{
	char *end;

	out->lon = strtod(text, &end);
	if (end == text || *end != ',' || out->lon < -180 || out->lon > 180)
		return false;
	text = end + 1;
	out->lat = strtod(text, &end);
	return end != text && (*end == ' ' || *end == '\0') &&
	       out->lat >= -90 && out->lat <= 90;
}

bool geo_overrides_ok(const char *text)
{
	struct geo_point p;

	for (text += strspn(text, " "); *text != '\0';
	     text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");
		const char *eq = memchr(text, '=', len);
		if (!eq || eq == text || !read_point(eq + 1, &p))
			return false;
		text += len;
	}
	return true;
}

static void place_entry(struct relay_list *l, struct relay_entry *e)
{
	const char *given = override_of(l->overrides, e->name);

	if (given)
		e->placed = read_point(given, &e->place);
}

/* What the checks have found stays true of a relay that stays. */
static void keep_found(const struct relay_list *l, struct relay_entry *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct relay_entry *old = &l->list[i];
		if (strcasecmp(old->name, e->name) != 0)
			continue;
		e->up = old->up;
		e->live = old->live;
		e->addr = old->addr;
	}
}

static void take_over(struct relay_list *l, struct relay_list *fresh)
{
	for (size_t i = 0; i < fresh->n; i++)
		keep_found(l, &fresh->list[i]);
	memcpy(l->list, fresh->list, fresh->n * sizeof fresh->list[0]);
	l->n = fresh->n;
	l->next = 0;
	l->generation++;
	memset(l->told, 0, sizeof l->told);
	for (size_t i = 0; i < l->n; i++)
		place_entry(l, &l->list[i]);
}

int relays_parse(struct relay_list *l, const char *text)
{
	static struct relay_list fresh;

	fresh.n = 0;
	while (*text != '\0') {
		text += strspn(text, " \t");
		size_t len = strcspn(text, ",");
		size_t end = len;
		while (end > 0 && isspace((unsigned char)text[end - 1]))
			end--;
		int err = add_entry(&fresh, text, end);
		if (err != 0)
			return err;
		text += len;
		if (*text == ',')
			text++;
	}
	take_over(l, &fresh);
	l->named = fresh.n > 0;
	return 0;
}

/* --- leases --------------------------------------------------------------- */

/* "host" and "host:21117" are the same relay. */
static bool same_relay(const char *a, const char *b)
{
	static const char port[] = ":21117";
	size_t la = strlen(a), lb = strlen(b), lp = sizeof port - 1;

	if (la > lp && strcmp(a + la - lp, port) == 0)
		la -= lp;
	if (lb > lp && strcmp(b + lb - lp, port) == 0)
		lb -= lp;
	return la == lb && strncasecmp(a, b, la) == 0;
}

static const struct relay_node *
node_of(const char *name, const struct relay_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (same_relay(nodes[i].address, name))
			return &nodes[i];
	return NULL;
}

/* The registered ones are the list: true if it is another one now. */
static bool same_set(const struct relay_list *l, const struct relay_node *nodes,
		     size_t n)
{
	size_t usable = 0;

	for (size_t i = 0; i < n && usable < RELAYS_MAX; i++) {
		if (nodes[i].address[0] == '\0')
			continue;
		if (usable >= l->n ||
		    strcmp(l->list[usable].name, nodes[i].address) != 0)
			return false;
		usable++;
	}
	return usable == l->n;
}

static void replace_by(struct relay_list *l, const struct relay_node *nodes,
		       size_t n)
{
	static struct relay_list fresh;

	fresh.n = 0;
	for (size_t i = 0; i < n; i++)
		if (nodes[i].address[0] != '\0')
			(void)!add_entry(&fresh, nodes[i].address,
					 strlen(nodes[i].address));
	take_over(l, &fresh);
}

/* Several processes behind one address are one relay: it drains when all of
 * them do, and its load is that of one. Returns how many relays there are. */
static size_t merge(const struct relay_node *in, size_t n,
		    struct relay_node out[static RELAYS_MAX])
{
	uint32_t behind[RELAYS_MAX];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < len && !same_relay(out[k].address, in[i].address))
			k++;
		if (in[i].address[0] == '\0' || k == RELAYS_MAX)
			continue;
		if (k == len) {
			out[len++] = in[i];
			behind[k] = 1;
			continue;
		}
		behind[k]++;
		out[k].sessions += in[i].sessions;
		out[k].bits_per_s += in[i].bits_per_s;
		out[k].draining &= in[i].draining;
		if (out[k].lan[0] == '\0')
			strcpy(out[k].lan, in[i].lan);
	}
	for (size_t k = 0; k < len; k++) {
		out[k].sessions /= behind[k];
		out[k].bits_per_s /= behind[k];
	}
	return len;
}

void relays_registered(struct relay_list *l, const struct relay_node *leases,
		       size_t nleases)
{
	static struct relay_node nodes[RELAYS_MAX];
	size_t n = merge(leases, nleases, nodes);

	if (!l->named && !same_set(l, nodes, n))
		replace_by(l, nodes, n);
	for (size_t i = 0; i < l->n; i++) {
		struct relay_entry *e = &l->list[i];
		const struct relay_node *node = node_of(e->name, nodes, n);

		e->node = node ? *node : (struct relay_node){ 0 };
		e->handed = 0;
	}
}

/* --- the choice ----------------------------------------------------------- */

double geo_distance(const struct geo_point *a, const struct geo_point *b)
{
	const double rad = M_PI / 180, earth_km = 6371;
	double dlat = (b->lat - a->lat) * rad, dlon = (b->lon - a->lon) * rad;
	double h = pow(sin(dlat / 2), 2) + cos(a->lat * rad) *
						   cos(b->lat * rad) *
						   pow(sin(dlon / 2), 2);

	return 2 * earth_km * asin(sqrt(h < 1 ? h : 1));
}

static bool place_of(const struct relay_list *l, const struct addr *a,
		     struct geo_point *out)
{
	return a && l->geo.find && l->geo.find(l->geo.ctx, a, out);
}

/* Of both legs; negative if it is not known. */
static double way(const struct relay_list *l, const struct relay_entry *e,
		  const struct relay_wish *w)
{
	struct geo_point relay = e->place, a, b;
	bool has_a = place_of(l, w->a, &a), has_b = place_of(l, w->b, &b);

	if ((!has_a && !has_b) ||
	    (!e->placed && !place_of(l, &e->addr, &relay)))
		return -1;
	return (has_a ? geo_distance(&a, &relay) : 0) +
	       (has_b ? geo_distance(&b, &relay) : 0);
}

static bool usable(const struct relay_entry *e)
{
	return e->live && !e->node.draining;
}

static bool less_loaded(const struct relay_entry *a,
			const struct relay_entry *b)
{
	uint64_t sa = (uint64_t)a->node.sessions + a->handed;
	uint64_t sb = (uint64_t)b->node.sessions + b->handed;

	return sa != sb ? sa < sb : a->node.bits_per_s < b->node.bits_per_s;
}

/* What was told for this pair a moment ago, or RELAYS_MAX. */
static size_t told_before(const struct relay_list *l,
			  const struct relay_wish *w)
{
	size_t slot = w->pair % RELAYS_AVOID;

	return w->pair != 0 && l->told[slot].pair == w->pair &&
			       w->now_ms - l->told[slot].at_ms < RELAYS_AVOID_MS
		       ? l->told[slot].index
		       : RELAYS_MAX;
}

static void remember(struct relay_list *l, const struct relay_wish *w,
		     size_t index)
{
	size_t slot = w->pair % RELAYS_AVOID;

	if (w->pair == 0)
		return;
	l->told[slot].pair = w->pair;
	l->told[slot].at_ms = w->now_ms;
	l->told[slot].index = (uint8_t)index;
}

/* Equal ones take turns: the walk begins behind the last choice. */
static size_t best_of(struct relay_list *l, const struct relay_wish *w,
		      size_t avoid)
{
	double ways[RELAYS_MAX], least = -1;
	size_t best = RELAYS_MAX;

	for (size_t i = 0; i < l->n; i++) {
		ways[i] = way(l, &l->list[i], w);
		if (usable(&l->list[i]) && i != avoid && ways[i] >= 0 &&
		    (least < 0 || ways[i] < least))
			least = ways[i];
	}
	for (size_t k = 0; k < l->n; k++) {
		size_t i = (l->next + k) % l->n;
		bool far = least >= 0 && (ways[i] < 0 || ways[i] > least * 1.2);
		if (!usable(&l->list[i]) || i == avoid || far)
			continue;
		if (best == RELAYS_MAX ||
		    (!l->named && less_loaded(&l->list[i], &l->list[best])))
			best = i;
	}
	return best;
}

/* Nothing is usable: rather one that drains than one that is dead. */
static size_t last_resort(const struct relay_list *l)
{
	assert(l->n > 0);
	for (size_t k = 0; k < l->n; k++)
		if (l->list[(l->next + k) % l->n].live)
			return (l->next + k) % l->n;
	return l->next % l->n;
}

const char *relays_choose(struct relay_list *l, const struct relay_wish *w)
{
	if (l->n == 0)
		return "";
	size_t avoid = told_before(l, w);
	size_t i = best_of(l, w, avoid);
	bool again = i == RELAYS_MAX && avoid < l->n; /* the only one */
	if (again)
		i = avoid;
	if (i == RELAYS_MAX || !usable(&l->list[i]))
		i = last_resort(l);
	struct relay_entry *e = &l->list[i];
	l->next = i + 1;
	e->handed++;
	remember(l, w, i);
	/* The same again by its public name: perhaps it is no LAN after all
	 * (many customers behind one address). */
	return w->lan && !again && e->node.lan[0] != '\0' ? e->node.lan
							  : e->name;
}

const char *relays_next(struct relay_list *l)
{
	struct relay_wish nobody = { 0 };

	return relays_choose(l, &nobody);
}

const char *relays_public(const struct relay_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].node.lan[0] != '\0' &&
		    same_relay(l->list[i].node.lan, text))
			return l->list[i].name;
	return NULL;
}

bool relays_is_lan(const struct relay_list *l, const char *text)
{
	return relays_public(l, text);
}

bool relays_has(const struct relay_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (same_relay(l->list[i].name, text))
			return true;
	return relays_is_lan(l, text);
}

void relays_apply(struct relay_list *l)
{
	bool any = false;
	for (size_t i = 0; i < l->n; i++)
		any |= l->list[i].up;
	if (!any)
		return;
	for (size_t i = 0; i < l->n; i++)
		l->list[i].live = l->list[i].up;
}

size_t relays_count(const struct relay_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += usable(&l->list[i]);
	return n;
}

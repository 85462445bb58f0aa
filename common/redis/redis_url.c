#include "common/redis/redis_url.h"

#include <errno.h>
#include <string.h>

/* A part of the text; the text is never copied or changed. */
struct span {
	const char *p;
	size_t n;
};

static const struct {
	const char *prefix;
	enum redis_via via;
	bool tls;
	uint16_t port;
} schemes[] = {
	{ "redis://", REDIS_VIA_TCP, false, 6379 },
	{ "rediss://", REDIS_VIA_TCP, true, 6379 },
	{ "unix://", REDIS_VIA_UNIX, false, 0 },
	{ "redis+sentinel://", REDIS_VIA_SENTINEL, false, 26379 },
	{ "rediss+sentinel://", REDIS_VIA_SENTINEL, true, 26379 },
};

static int refuse(const char **why, const char *reason)
{
	*why = reason;
	return -EINVAL;
}

/* Cuts S at the first C: what is before it is returned, what is after it
 * stays in S. Without a C everything is returned and S becomes empty. */
static struct span cut(struct span *s, char c, bool *found)
{
	const char *at = s->n ? memchr(s->p, c, s->n) : NULL;
	struct span before = *s;

	*found = at;
	if (!at) {
		*s = (struct span){ s->p + s->n, 0 };
		return before;
	}
	before.n = (size_t)(at - s->p);
	s->p = at + 1;
	s->n -= before.n + 1;
	return before;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Undoes %XX. False for a bad escape, a NUL, or more than fits. */
static bool decode(struct span s, char *out, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '%') {
			if (s.n - i < 3)
				return false;
			int high = hex_value(s.p[i + 1]);
			int low = hex_value(s.p[i + 2]);
			if (high < 0 || low < 0)
				return false;
			c = high << 4 | low;
			i += 2;
		}
		if (c == 0 || n + 1 >= size)
			return false;
		out[n++] = (char)c;
	}
	out[n] = 0;
	return true;
}

static bool number(struct span s, unsigned max, unsigned *out)
{
	unsigned value = 0;

	if (s.n == 0 || s.n > 9)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		value = value * 10 + (unsigned)(s.p[i] - '0');
	}
	*out = value;
	return value <= max;
}

static bool host_char(char c, bool v6)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '.')
		return true;
	return v6 ? c == ':' : c == '-' || c == '_';
}

static bool take_host_name(struct span s, bool v6, struct redis_host *out)
{
	if (s.n == 0 || s.n >= sizeof(out->name))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!host_char(s.p[i], v6))
			return false;
	memcpy(out->name, s.p, s.n);
	out->name[s.n] = 0;
	return true;
}

/* "name", "name:port", "[v6]" or "[v6]:port". */
static bool take_host(struct span s, uint16_t default_port,
		      struct redis_host *out)
{
	bool v6 = s.n > 0 && s.p[0] == '[';
	bool colon;
	struct span name;

	if (v6) {
		s.p++;
		s.n--;
		name = cut(&s, ']', &colon);
		if (!colon || (s.n > 0 && s.p[0] != ':'))
			return false;
		colon = s.n > 0;
		s.p += colon;
		s.n -= colon;
	} else {
		name = cut(&s, ':', &colon);
	}

	unsigned port = default_port;
	if (colon && (!number(s, UINT16_MAX, &port) || port == 0))
		return false;
	out->port = (uint16_t)port;
	return take_host_name(name, v6, out);
}

static bool take_login(struct span s, struct redis_login *out)
{
	bool colon;
	struct span user = cut(&s, ':', &colon);

	return decode(user, out->user, sizeof(out->user)) &&
	       decode(s, out->password, sizeof(out->password));
}

/* [user[:password]@]host[:port][,host[:port]...] */
static int take_authority(struct span s, uint16_t default_port,
			  struct redis_url *out, const char **why)
{
	const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;
	bool more = true;

	if (at) {
		struct span login = { s.p, (size_t)(at - s.p) };
		s.n -= login.n + 1;
		s.p = at + 1;
		if (!take_login(login, &out->login))
			return refuse(why, "bad user or password");
	}
	while (more) {
		struct span host = cut(&s, ',', &more);
		if (out->nhosts == REDIS_HOSTS_MAX)
			return refuse(why, "more than 16 hosts");
		if (!take_host(host, default_port, &out->hosts[out->nhosts++]))
			return refuse(why, "bad host or port");
	}
	if (out->nhosts > 1 && out->via != REDIS_VIA_SENTINEL)
		return refuse(why, "several hosts need redis+sentinel://");
	return 0;
}

/* After the slash: [db], or master-name[/db] with sentinels. */
static int take_path(struct span s, struct redis_url *out, const char **why)
{
	bool slash;

	if (out->via == REDIS_VIA_SENTINEL) {
		struct span master = cut(&s, '/', &slash);
		if (master.n == 0)
			return refuse(why, "the master's name is missing");
		if (!decode(master, out->master, sizeof(out->master)))
			return refuse(why, "bad master name");
	}
	if (s.n > 0 && !number(s, UINT16_MAX, &out->db))
		return refuse(why, "bad database number");
	return 0;
}

static bool is(struct span s, const char *word)
{
	return s.n == strlen(word) && memcmp(s.p, word, s.n) == 0;
}

static int take_param(struct span s, struct redis_url *out, const char **why)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
		bool known;
	} texts[] = {
		{ "user", out->login.user, sizeof(out->login.user), true },
		{ "password", out->login.password, sizeof(out->login.password),
		  true },
		{ "sentinel_user", out->sentinel_login.user,
		  sizeof(out->sentinel_login.user),
		  out->via == REDIS_VIA_SENTINEL },
		{ "sentinel_password", out->sentinel_login.password,
		  sizeof(out->sentinel_login.password),
		  out->via == REDIS_VIA_SENTINEL },
		{ "ca", out->ca, sizeof(out->ca), out->tls },
		{ "cert", out->cert, sizeof(out->cert), out->tls },
		{ "key", out->key, sizeof(out->key), out->tls },
	};
	bool found;
	struct span name = cut(&s, '=', &found);

	if (is(name, "db"))
		return number(s, UINT16_MAX, &out->db)
			       ? 0
			       : refuse(why, "bad database number");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (!texts[i].known || !is(name, texts[i].name))
			continue;
		if (!decode(s, texts[i].to, texts[i].size))
			return refuse(why, "bad parameter value");
		return 0;
	}
	return refuse(why, "unknown parameter for this kind of URL");
}

static int take_params(struct span s, struct redis_url *out, const char **why)
{
	bool more = s.n > 0;

	while (more) {
		int r = take_param(cut(&s, '&', &more), out, why);
		if (r < 0)
			return r;
	}
	if ((out->cert[0] != 0) != (out->key[0] != 0))
		return refuse(why, "cert and key belong together");
	return 0;
}

static int take_unix(struct span s, struct redis_url *out, const char **why)
{
	if (s.n == 0 || s.p[0] != '/')
		return refuse(why, "the socket's path must start with /");
	if (!decode(s, out->path, sizeof(out->path)))
		return refuse(why, "bad socket path");
	return 0;
}

static int take_all(struct span s, uint16_t default_port, struct redis_url *out,
		    const char **why)
{
	bool found;
	struct span rest = cut(&s, '?', &found);
	int r;

	if (out->via == REDIS_VIA_UNIX) {
		r = take_unix(rest, out, why);
	} else {
		struct span authority = cut(&rest, '/', &found);
		r = take_authority(authority, default_port, out, why);
		if (r == 0)
			r = take_path(rest, out, why);
	}
	return r < 0 ? r : take_params(s, out, why);
}

int redis_url_parse(const char *text, struct redis_url *out, const char **why)
{
	*why = NULL;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t n = strlen(schemes[i].prefix);
		if (strncmp(text, schemes[i].prefix, n) != 0)
			continue;
		*out = (struct redis_url){
			.via = schemes[i].via,
			.tls = schemes[i].tls,
		};
		struct span rest = { text + n, strlen(text + n) };
		int r = take_all(rest, schemes[i].port, out, why);
		if (r < 0)
			redis_url_wipe(out);
		return r;
	}
	return refuse(why, "must start with redis://, rediss://, unix://, "
			   "redis+sentinel:// or rediss+sentinel://");
}

static void wipe_login(struct redis_login *l)
{
	explicit_bzero(l->user, sizeof(l->user));
	explicit_bzero(l->password, sizeof(l->password));
}

void redis_url_wipe(struct redis_url *u)
{
	wipe_login(&u->login);
	wipe_login(&u->sentinel_login);
}

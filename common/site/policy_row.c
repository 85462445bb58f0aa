#include "common/site/policy_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *dash(const char *s)
{
	return *s ? s : "-";
}

const char *policy_write_settings(const struct policy_settings *s, char *out,
				  size_t size)
{
	snprintf(out, size, "1 %d %d", (int)s->mode, s->require_deployment);
	return out;
}

const char *policy_write_user(const struct policy_user *u, char *out,
			      size_t size)
{
	snprintf(out, size, "1 %x %s %s %s", u->disabled, dash(u->group),
		 dash(u->role), u->name);
	return out;
}

const char *policy_write_device(const struct policy_device *d, char *out,
				size_t size)
{
	snprintf(out, size, "1 %x %s %s",
		 (d->disabled ? 1u : 0u) | (d->deleted ? 2u : 0u),
		 dash(d->owner), dash(d->group));
	return out;
}

static size_t put(char *out, size_t size, size_t at, const struct policy_ref *r)
{
	snprintf(out + at, size - at, " %c%s", r->kind, r->guid);
	return at + strlen(out + at);
}

const char *policy_write_group(const struct policy_group *g, char *out,
			       size_t size)
{
	size_t at = 3;

	snprintf(out, size, "1 i");
	for (size_t i = 0; i < g->nin; i++)
		at = put(out, size, at, &g->in[i]);
	at += (size_t)snprintf(out + at, size - at, " o");
	for (size_t i = 0; i < g->nout; i++)
		at = put(out, size, at, &g->out[i]);
	return out;
}

const char *policy_write_role(uint64_t permissions, char *out, size_t size)
{
	snprintf(out, size, "1 %" PRIx64, permissions);
	return out;
}

const char *policy_write_guest(const struct policy_link *l, char *out,
			       size_t size)
{
	snprintf(out, size, "1 %x %" PRId64 " %" PRId64 " %s", l->revoked,
		 l->expires_s, l->uses, dash(l->role));
	return out;
}

const char *policy_kind_name(enum policy_kind kind)
{
	static const char *const names[] = {
		[POLICY_REMOTE] = "remote",  [POLICY_FILE] = "file",
		[POLICY_FORWARD] = "tunnel", [POLICY_RDP] = "rdp",
		[POLICY_CAMERA] = "camera",  [POLICY_TERMINAL] = "terminal",
	};

	return names[kind];
}

#include "common/site/policy_rule.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes the next word of *S into OUT; "-" becomes "". */
static int word(const char **s, char *out, size_t size)
{
	*s += strspn(*s, " ");
	size_t len = strcspn(*s, " ");

	if (len == 0 || len >= size)
		return -EINVAL;
	memcpy(out, *s, len);
	out[len] = 0;
	*s += len;
	if (strcmp(out, "-") == 0)
		*out = 0;
	return 0;
}

static int number(const char **s, int base, uint64_t *out)
{
	char text[24], *end;

	if (word(s, text, sizeof(text)) < 0 || !*text)
		return -EINVAL;
	errno = 0;
	*out = strtoull(text, &end, base);
	return errno || *end ? -EINVAL : 0;
}

/* Every row begins with the version 1. */
static int begin(const char **s)
{
	uint64_t version;

	return number(s, 10, &version) == 0 && version == 1 ? 0 : -EINVAL;
}

int policy_read_settings(const char *row, struct policy_settings *s)
{
	uint64_t mode, deploy;

	*s = (struct policy_settings){ .mode = POLICY_ASSIGNED };
	if (!row)
		return 0;
	if (begin(&row) < 0 || number(&row, 10, &mode) < 0 ||
	    number(&row, 10, &deploy) < 0 || mode > POLICY_STRICT)
		return -EINVAL;
	s->mode = (enum policy_mode)mode;
	s->require_deployment = deploy != 0;
	return 0;
}

int policy_read_user(const char *row, struct policy_user *u)
{
	uint64_t flags;

	memset(u, 0, sizeof(*u));
	if (!row)
		return 0;
	if (begin(&row) < 0 || number(&row, 16, &flags) < 0 ||
	    word(&row, u->group, sizeof(u->group)) < 0 ||
	    word(&row, u->role, sizeof(u->role)) < 0)
		return -EINVAL;
	u->known = true;
	u->disabled = flags & 1;
	row += *row == ' ';
	snprintf(u->name, sizeof(u->name), "%s", row);
	return 0;
}

int policy_read_device(const char *row, struct policy_device *d)
{
	uint64_t flags;

	memset(d, 0, sizeof(*d));
	if (!row)
		return 0;
	if (begin(&row) < 0 || number(&row, 16, &flags) < 0 ||
	    word(&row, d->owner, sizeof(d->owner)) < 0 ||
	    word(&row, d->group, sizeof(d->group)) < 0)
		return -EINVAL;
	d->disabled = flags & 1;
	d->deleted = flags & 2;
	return 0;
}

static int read_ref(const char *item, struct policy_ref *r)
{
	if (!strchr("ugd", *item) || strlen(item + 1) >= sizeof(r->guid))
		return -EINVAL;
	r->kind = *item;
	strcpy(r->guid, item + 1);
	return 0;
}

/* "1 i <ref>... o <ref>..." */
int policy_read_group(const char *row, struct policy_group *g)
{
	char item[POLICY_GUID + 1];
	struct policy_ref *to = NULL;
	size_t *n = NULL;

	g->nin = g->nout = 0;
	if (!row)
		return 0;
	if (begin(&row) < 0)
		return -EINVAL;
	while (row[strspn(row, " ")]) {
		if (word(&row, item, sizeof(item)) < 0)
			return -EINVAL;
		if (strcmp(item, "i") == 0) {
			to = g->in;
			n = &g->nin;
		} else if (strcmp(item, "o") == 0) {
			to = g->out;
			n = &g->nout;
		} else if (!n || *n == POLICY_RULES_MAX ||
			   read_ref(item, &to[(*n)++]) < 0) {
			return -EINVAL;
		}
	}
	return 0;
}

int policy_read_role(const char *row, uint64_t *permissions)
{
	*permissions = 0;
	if (!row)
		return 0;
	return begin(&row) < 0 || number(&row, 16, permissions) < 0 ? -EINVAL
								    : 0;
}

/* After the role of the user, which it narrows. */
static int read_guest(struct policy_facts *f, const char *link,
		      const char *role)
{
	uint64_t bits;

	memset(&f->guest, 0, sizeof(f->guest));
	if (!link)
		return 0;
	f->guest.shown = true;
	if (word(&link, f->guest.link, sizeof(f->guest.link)) < 0 ||
	    policy_read_role(role, &bits) < 0)
		return -EINVAL;
	if (role)
		f->permissions = policy_narrow(f->permissions, bits);
	return 0;
}

int policy_read(struct policy_facts *f,
		const char *const rows[static POLICY_ROWS])
{
	if (policy_read_settings(rows[POLICY_ROW_SETTINGS], &f->settings) < 0 ||
	    policy_read_user(rows[POLICY_ROW_USER], &f->user) < 0 ||
	    policy_read_user(rows[POLICY_ROW_OWNER], &f->owner) < 0 ||
	    policy_read_device(rows[POLICY_ROW_DEVICE], &f->device) < 0 ||
	    policy_read_group(rows[POLICY_ROW_USER_GROUP], &f->user_group) <
		    0 ||
	    policy_read_group(rows[POLICY_ROW_OWNER_GROUP], &f->owner_group) <
		    0 ||
	    policy_read_group(rows[POLICY_ROW_DEVICE_GROUP], &f->device_group) <
		    0 ||
	    policy_read_role(rows[POLICY_ROW_ROLE], &f->permissions) < 0 ||
	    read_guest(f, rows[POLICY_ROW_GUEST], rows[POLICY_ROW_GUEST_ROLE]) <
		    0)
		return -EINVAL;
	if (f->user.known && rows[POLICY_ROW_USER_GUID])
		snprintf(f->user.guid, sizeof(f->user.guid), "%s",
			 rows[POLICY_ROW_USER_GUID]);
	return 0;
}

static bool has(const struct policy_ref *list, size_t n, char kind,
		const char *guid)
{
	for (size_t i = 0; *guid && i < n; i++)
		if (list[i].kind == kind && strcmp(list[i].guid, guid) == 0)
			return true;
	return false;
}

static bool lets_in(const struct policy_group *g, const struct policy_user *u)
{
	return has(g->in, g->nin, POLICY_USER, u->guid) ||
	       has(g->in, g->nin, POLICY_USER_GROUP, u->group);
}

enum policy_rule policy_rule(const struct policy_facts *f)
{
	const struct policy_user *u = &f->user;
	const struct policy_device *d = &f->device;
	const struct policy_group *mine = &f->user_group;
	const char *theirs = *d->owner ? f->owner.group : "";

	if (*d->owner && strcmp(d->owner, u->guid) == 0)
		return POLICY_RULE_OWNER;
	if (*theirs && strcmp(u->group, theirs) == 0)
		return POLICY_RULE_SAME_GROUP;
	if (has(mine->out, mine->nout, POLICY_USER_GROUP, theirs))
		return POLICY_RULE_GROUP_OUT;
	if (*d->owner && lets_in(&f->owner_group, u))
		return POLICY_RULE_GROUP_IN;
	if (has(mine->out, mine->nout, POLICY_DEVICE_GROUP, d->group))
		return POLICY_RULE_DEVICES_OUT;
	if (*d->group && lets_in(&f->device_group, u))
		return POLICY_RULE_DEVICES_IN;
	return POLICY_RULE_NONE;
}

static bool role_forbids(uint64_t bits, enum policy_kind kind)
{
	static const int needs[] = {
		[POLICY_REMOTE] = -1,
		[POLICY_FILE] = POLICY_P_FILE,
		[POLICY_FORWARD] = POLICY_P_TUNNEL,
		[POLICY_RDP] = POLICY_P_TUNNEL,
		[POLICY_CAMERA] = POLICY_P_CAMERA,
		[POLICY_TERMINAL] = POLICY_P_TERMINAL,
	};

	if ((size_t)kind >= ARRAY_LEN(needs) || needs[kind] < 0)
		return false;
	return ((bits >> (2 * needs[kind])) & 3) == POLICY_DISABLE;
}

static enum policy_reason judge(const struct policy_facts *f,
				enum policy_kind kind)
{
	bool assigned = *f->device.owner || *f->device.group;

	if (f->device.disabled || f->device.deleted)
		return POLICY_DEVICE_DISABLED;
	if (f->owner.known && f->owner.disabled)
		return POLICY_OWNER_DISABLED;
	if (f->user.known && f->user.disabled)
		return POLICY_USER_DISABLED;
	if (role_forbids(f->permissions, kind))
		return POLICY_ROLE;
	if (f->settings.mode == POLICY_OFF)
		return POLICY_OK;
	if (!f->user.known && (assigned || f->settings.mode == POLICY_STRICT))
		return POLICY_SIGN_IN;
	return !assigned || policy_rule(f) ? POLICY_OK : POLICY_NO_RULE;
}

/* A guest is told what is true of his link, not what is of its maker. */
static enum policy_reason judge_guest(const struct policy_facts *f,
				      enum policy_kind kind)
{
	if (!*f->guest.link || !f->user.known)
		return POLICY_GUEST;
	enum policy_reason why = judge(f, kind);
	return why == POLICY_USER_DISABLED || why == POLICY_NO_RULE
		       ? POLICY_GUEST
		       : why;
}

struct policy_verdict policy_decide(const struct policy_facts *f,
				    enum policy_kind kind)
{
	/* Clients do not try again when a text contains "not allowed". */
	static const struct {
		const char *label, *text;
	} says[] = {
		[POLICY_OK] = { "ok", "" },
		[POLICY_USER_DISABLED] = { "user_disabled",
					   "Your account is disabled: "
					   "connecting is not allowed" },
		[POLICY_DEVICE_DISABLED] = { "device_disabled",
					     "This device is disabled: "
					     "connecting is not allowed" },
		[POLICY_OWNER_DISABLED] = { "owner_disabled",
					    "The owner of this device is "
					    "disabled: connecting is not "
					    "allowed" },
		[POLICY_SIGN_IN] = { "sign_in",
				     "Please sign in: connecting to this "
				     "device is not allowed without an "
				     "account" },
		[POLICY_NO_RULE] = { "no_rule", "You are not allowed to "
						"connect to this device" },
		[POLICY_ROLE] = { "role", "This kind of connection is not "
					  "allowed by your control role" },
		[POLICY_GUEST] = { "guest", "This guest link does not lead to "
					    "this device, or not any more: "
					    "connecting is not allowed" },
	};
	enum policy_reason why =
		f->guest.shown ? judge_guest(f, kind) : judge(f, kind);

	return (struct policy_verdict){
		.reason = why,
		.text = says[why].text,
		.label = says[why].label,
		.permissions = why == POLICY_OK ? f->permissions : 0,
	};
}

#include "services/hbbr/state/lists.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/log.h"

enum { FILE_MAX = 16 * 1024 * 1024 }; /* IPSET_MAX lines with remarks */

static int read_all(FILE *f, struct buf *text)
{
	for (;;) {
		uint8_t *at = buf_reserve(text, BUFSIZ);
		if (!at)
			return -EFBIG;
		size_t n = fread(at, 1, BUFSIZ, f);
		buf_wrote(text, n);
		if (n == 0)
			return ferror(f) ? -EIO : buf_append(text, "", 1);
	}
}

static int load(FILE *f, struct ipset *set, struct list_file *out)
{
	struct buf text;

	buf_init(&text, FILE_MAX);
	int r = read_all(f, &text);
	if (r == 0)
		r = ipset_parse(set, (const char *)buf_head(&text), &out->bad);
	buf_fini(&text);
	if (r < 0)
		return r;
	log_info("list_loaded", "%s: %zu entries, %u lines are no address",
		 out->path, set->n, out->bad.n);
	return 0;
}

int lists_load(const char *dir, const char *name, struct ipset *set,
	       struct list_file *out)
{
	out->loaded_s = time(NULL);
	if (name[0] == '\0')
		return 0;
	int n = snprintf(out->path, sizeof(out->path), "%s%s%s",
			 name[0] == '/' ? "" : dir, name[0] == '/' ? "" : "/",
			 name);
	if (n < 0 || (size_t)n >= sizeof(out->path)) {
		log_error("list_unreadable", "%s: %s", name,
			  strerror(ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	FILE *f = fopen(out->path, "re");
	out->missing = !f && errno == ENOENT;
	if (out->missing)
		return 0;
	int r = !f ? -errno : load(f, set, out);
	if (f)
		fclose(f);
	if (r < 0)
		log_error("list_unreadable", "%s: %s", out->path, strerror(-r));
	return r;
}

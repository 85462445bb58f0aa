#include "services/api/jobs/purge.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/site/keynames.h"
#include "services/api/core/audit_index.h"
#include "services/api/core/options.h"
#include "services/api/jobs/ship.h"

/* Files older than DAYS (0: none). */
static void purge_folder(const char *path, int64_t days, int64_t now_s)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int copy = dir < 0 ? -1 : dup(dir);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct stat st;

	for (struct dirent *e = d && days > 0 ? readdir(d) : NULL; e;
	     e = readdir(d))
		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_mtime < now_s - days * 86400)
			unlinkat(dir, e->d_name, 0);
	if (d)
		closedir(d);
	if (dir >= 0)
		close(dir);
}

static void purge_recordings(struct app *app, struct db *d, uint64_t now_ms)
{
	int64_t days = js_int(options_get(d, "general"),
			      "recording_retention_days", 0);
	int64_t now_s = (int64_t)(now_ms / 1000);

	if (*app->cfg->record_dir)
		purge_folder(app->cfg->record_dir, days, now_s);
	if (ship_wanted(app->cfg) && days > 0)
		ship_purge(d, now_s - days * 86400);
}

void purge_run(struct app *app, struct db *d, uint64_t now_ms)
{
	if (!audit_index_all(d))
		return; /* the next round goes on */
	const char *last = db_text(db_do(d, "GET", KEY_PURGE_HOUR, NULL));
	char hour[24], before[24];
	struct tx t;

	snprintf(hour, sizeof(hour), "%" PRIu64, now_ms / 3600000);
	if (last && strcmp(last, hour) == 0)
		return;
	tx_init(&t, d);
	tx_expect_key(&t, KEY_PURGE_HOUR, last);
	tx_do(&t, "SET", KEY_PURGE_HOUR, hour, NULL);
	if (tx_commit(&t) < 0)
		return; /* another node does it */
	int64_t days =
		js_int(options_get(d, "general"), "log_retention_days", 0);
	snprintf(before, sizeof(before), "%" PRIu64,
		 days ? now_ms - (uint64_t)days * 86400000 : 0);
	purge_recordings(app, d, now_ms);
	for (enum doc_kind k = DOC_AUDIT_CONN; k <= DOC_AUDIT_CONSOLE; k++)
		while (audit_drop(d, k, before, PURGE_BATCH, PURGE_ROWS_MAX))
			;
}

#include "services/hbbs/edge/geo.h"

#include <errno.h>
#include <maxminddb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/log.h"

struct geo_db {
	struct timer look;
	const char *path;
	MMDB_s db;
	bool open;
	bool complained;
	struct timespec changed; /* of the file that is open or was refused */
};

static void complain(struct geo_db *g, const char *why)
{
	if (!g->complained)
		log_warn("geoip_unusable", "%s: %s", g->path, why);
	g->complained = true;
}

static void reopen(struct geo_db *g)
{
	MMDB_s fresh;
	int r = MMDB_open(g->path, MMDB_MODE_MMAP, &fresh);

	if (r != MMDB_SUCCESS) {
		complain(g, MMDB_strerror(r));
		return;
	}
	if (g->open)
		MMDB_close(&g->db);
	g->db = fresh;
	g->open = true;
	g->complained = false;
	log_info("geoip_loaded", "%s, %s", g->path,
		 g->db.metadata.database_type);
}

static void look(void *ctx)
{
	struct geo_db *g = ctx;
	struct stat st;

	if (stat(g->path, &st) < 0) {
		complain(g, strerror(errno));
		return;
	}
	if (st.st_mtim.tv_sec == g->changed.tv_sec &&
	    st.st_mtim.tv_nsec == g->changed.tv_nsec)
		return;
	g->changed = st.st_mtim;
	reopen(g);
}

static bool number(MMDB_entry_s *entry, const char *name, double *out)
{
	MMDB_entry_data_s data;

	if (MMDB_get_value(entry, &data, "location", name, NULL) !=
		    MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_DOUBLE)
		return false;
	*out = data.double_value;
	return true;
}

static bool find(void *ctx, const struct addr *a, struct geo_point *out)
{
	struct geo_db *g = ctx;
	struct sockaddr_storage sa;
	int err;

	if (!g->open)
		return false;
	addr_to_sockaddr(a, addr_is_v4(a) ? AF_INET : AF_INET6, &sa);
	MMDB_lookup_result_s r = MMDB_lookup_sockaddr(
		&g->db, (const struct sockaddr *)&sa, &err);
	return err == MMDB_SUCCESS && r.found_entry &&
	       number(&r.entry, "longitude", &out->lon) &&
	       number(&r.entry, "latitude", &out->lat);
}

int geo_open(struct loop *l, const char *path, struct geo_db **out)
{
	if (path[0] == '\0')
		return 0;
	struct geo_db *g = calloc(1, sizeof *g);
	if (!g)
		return -ENOMEM;
	g->path = path;
	timer_init(l, &g->look, look, g);
	look(g);
	timer_start(&g->look, GEO_LOOK_MS, GEO_LOOK_MS);
	*out = g;
	return 0;
}

struct geo geo_source(struct geo_db *db)
{
	return (struct geo){ .find = db ? find : NULL, .ctx = db };
}

static void on_closed(void *ctx)
{
	struct geo_db *g = ctx;

	if (g->open)
		MMDB_close(&g->db);
	free(g);
}

void geo_close(struct geo_db *db)
{
	if (db)
		timer_close(&db->look, on_closed);
}

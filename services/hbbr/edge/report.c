#include "services/hbbr/edge/report.h"

#include <stdio.h>
#include <string.h>

#include "state.pb-c.h"

/* What one list is packed from: protobuf-c wants pointers to all of it. */
struct sheet {
	State__RelayList list;
	char path[REPORT_PATH + 1];
	char text[REPORT_SHOWN][IPSET_TEXT_MAX];
	char bad[IPSET_BAD_SHOWN][IPSET_BAD_MAX];
	char *first[REPORT_SHOWN];
	char *bad_first[IPSET_BAD_SHOWN];
	char setting[16];
};

static void fill(struct sheet *s, const struct report_list *from)
{
	const struct list_file *f = from->file;
	size_t len = strlen(f->path);
	const char *path =
		f->path + (len > REPORT_PATH ? len - REPORT_PATH : 0);
	size_t shown =
		from->set->n < REPORT_SHOWN ? from->set->n : REPORT_SHOWN;
	size_t bad = f->bad.n < IPSET_BAD_SHOWN ? f->bad.n : IPSET_BAD_SHOWN;

	state__relay_list__init(&s->list);
	snprintf(s->setting, sizeof(s->setting), "%s", from->setting);
	while ((*path & 0xc0) == 0x80)
		path++; /* no half characters */
	snprintf(s->path, sizeof(s->path), "%s", path);
	for (size_t i = 0; i < shown; i++) {
		ipset_text(from->set, i, s->text[i]);
		s->first[i] = s->text[i];
	}
	memcpy(s->bad, f->bad.first, sizeof(s->bad));
	for (size_t i = 0; i < bad; i++)
		s->bad_first[i] = s->bad[i];
	s->list.setting = s->setting;
	s->list.path = s->path;
	s->list.missing = f->missing;
	s->list.loaded_s = f->loaded_s;
	s->list.entries = (uint32_t)from->set->n;
	s->list.n_first = shown;
	s->list.first = s->first;
	s->list.bad = f->bad.n;
	s->list.n_bad_first = bad;
	s->list.bad_first = s->bad_first;
}

void report_lists(struct registry *r, const struct report_list lists[static 2])
{
	static struct sheet sheets[2]; /* one thread */
	State__RelayList *both[2] = { &sheets[0].list, &sheets[1].list };
	State__RelayLists all = STATE__RELAY_LISTS__INIT;
	uint8_t out[REPORT_MAX];

	if (!r)
		return;
	for (size_t i = 0; i < 2; i++)
		fill(&sheets[i], &lists[i]);
	all.n_lists = 2;
	all.lists = both;
	if (state__relay_lists__get_packed_size(&all) <= sizeof(out))
		registry_tell_lists(r, out,
				    state__relay_lists__pack(&all, out));
}

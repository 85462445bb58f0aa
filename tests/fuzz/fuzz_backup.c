#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/utils/backup/backupfile.h"
#include "services/utils/backup/item.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Reads a backup to its end. Its checksum stops most changes, so each input
 * is a record, too. */
static void read_file(const uint8_t *data, size_t len)
{
	union {
		const uint8_t *in;
		void *out;
	} u = { .in = data };
	FILE *f = len > 0 ? fmemopen(u.out, len, "r") : NULL;
	struct backup_file b;
	const uint8_t *record;
	struct item item;
	size_t n;

	if (!f)
		return;
	int r = backup_open(&b, f, NULL);
	while (r == 0 && (r = backup_read(&b, &record, &n)) == 1)
		r = item_parse(record, n, &item) ? 0 : -EBADMSG;
	assert(r <= 0);
	backup_close(&b);
	fclose(f);
}

static void read_item(const uint8_t *data, size_t len)
{
	struct item item;
	const uint8_t *element;
	size_t at = 0, n;

	if (!item_parse(data, len, &item))
		return;
	assert(item.name_len + item.len < len);
	if (item.kind == ITEM_DUMP || item.kind == ITEM_FILE)
		return;
	while (item_next(&item, &at, &element, &n))
		assert(element >= item.data && n <= item.len);
	assert(at == item.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (sodium_init() < 0)
		abort();
	read_file(data, len);
	read_item(data, len);
	return 0;
}

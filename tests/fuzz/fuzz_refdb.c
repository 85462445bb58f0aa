/* Input: the reference server's database, as it is found on a disk. It ends,
 * whatever it holds, and every row is what the importer may take. */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "services/utils/exchange/refdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 1 << 20 }; /* many more than an input explains */

static void read_all(const char *path)
{
	char problem[REFDB_PROBLEM_MAX] = "";
	struct refdb_peer peer;
	struct refdb *db = NULL;
	size_t rows = 0;
	int r;

	if (refdb_open(path, &db, problem) < 0) {
		assert(*problem);
		return;
	}
	while ((r = refdb_next(db, 1, &peer, problem)) == 1) {
		assert(++rows < ROWS_MAX);
		if (peer.kind != REFDB_PEER)
			continue;
		assert(peer.id_len >= REFDB_ID_MIN &&
		       peer.id_len <= WIRE_ID_MAX);
		assert(peer.record.uuid_len <= sizeof(peer.record.uuid));
		uint8_t encoded[RECORD_ENCODED_MAX];
		assert(record_encode(&peer.record, encoded) > 0);
	}
	assert(r == 0 || *problem);
	refdb_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz-refdb-XXXXXX";
	int fd = mkstemp(path);

	assert(fd >= 0);
	assert(write(fd, data, size) == (ssize_t)size);
	close(fd);
	read_all(path);
	unlink(path);
	return 0;
}

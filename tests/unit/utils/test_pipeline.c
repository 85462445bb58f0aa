/* What import and restore have under way at a time. Redis is pretended: each
 * command is kept until its answer is read. */
#include "../unit.h"

#include "common/redis/redis_resp.h"
#include "services/utils/backup/load.h"
#include "services/utils/exchange/putpeers.h"

/* As ARCHITECTURE.md has them, section 10. */
enum { PEERS = 64, SCRIPTS = 8, COMMANDS = 256, BYTES = 8 << 20 };

static struct redis_sync *const redis = (struct redis_sync *)1;
static unsigned under_way, most, ncommands, words;

static struct redis_reply *reply_of(const char *text)
{
	struct redis_reader reader;
	struct redis_reply *reply;

	ck_assert_int_eq(redis_reader_init(&reader, 1024), 0);
	ck_assert_int_eq(redis_reader_feed(&reader, text, strlen(text)), 0);
	ck_assert_int_eq(redis_reader_next(&reader, &reply), 1);
	redis_reader_fini(&reader);
	return reply;
}

int __wrap_redis_sync_append(struct redis_sync *r, int argc,
			     const char *const *argv, const size_t *lens);
struct redis_reply *__wrap_redis_sync_next(struct redis_sync *r);
struct redis_reply *__wrap_redis_sync_format(struct redis_sync *r,
					     const char *fmt, ...);

int __wrap_redis_sync_append(struct redis_sync *r, int argc,
			     const char *const *argv, const size_t *lens)
{
	(void)r;
	(void)argv;
	(void)lens;
	words = (unsigned)argc;
	ncommands++;
	if (++under_way > most)
		most = under_way;
	return 0;
}

struct redis_reply *__wrap_redis_sync_next(struct redis_sync *r)
{
	(void)r;
	ck_assert_uint_gt(under_way, 0);
	under_way--;
	return reply_of("$1\r\nn\r\n");
}

struct redis_reply *__wrap_redis_sync_format(struct redis_sync *r,
					     const char *fmt, ...)
{
	(void)r;
	(void)fmt;
	return reply_of("$2\r\nOK\r\n");
}

static void add(struct putpeers *p, unsigned n)
{
	struct record r = { .has_pk = true };
	char id[16];

	for (unsigned i = 0; i < n; i++) {
		int len = snprintf(id, sizeof id, "%u", 100000000 + i);
		ck_assert(putpeers_add(p, id, (size_t)len, &r));
	}
}

START_TEST(a_script_takes_so_many_peers_and_so_many_scripts_are_under_way)
{
	struct putpeers *p = putpeers_open(redis, "test", false, 1000000);

	ck_assert_ptr_nonnull(p);
	add(p, PEERS - 1);
	ck_assert_uint_eq(ncommands, 0);
	add(p, 1);
	ck_assert_uint_eq(ncommands, 1);
	/* Two words a peer and its key, beside six others. */
	ck_assert_uint_eq(words, 3 * PEERS + 6);
	add(p, PEERS * (SCRIPTS - 2));
	ck_assert_uint_eq(under_way, SCRIPTS - 1);
	add(p, PEERS * SCRIPTS);
	ck_assert_uint_eq(most, SCRIPTS);
	ck_assert_uint_eq(under_way, SCRIPTS - 1);
	ck_assert(putpeers_finish(p));
	ck_assert_uint_eq(under_way, 0);
	ck_assert_uint_eq(ncommands, 2 * SCRIPTS - 1);
	putpeers_close(p);
}
END_TEST

static bool command(struct load *l, size_t len)
{
	const char *argv[] = { "SET", "" };
	const size_t lens[] = { 3, len - 3 };

	return load_command(l, 2, argv, lens);
}

START_TEST(a_restore_has_so_many_commands_and_so_many_bytes_under_way)
{
	struct load *l = load_open(redis, "test", false);

	ck_assert_ptr_nonnull(l);
	for (unsigned i = 1; i < COMMANDS; i++) {
		ck_assert(command(l, 10));
		ck_assert_uint_eq(under_way, i);
	}
	ck_assert(command(l, 10));
	ck_assert_uint_eq(under_way, 0);

	ck_assert(command(l, BYTES - 11));
	ck_assert(command(l, 10));
	ck_assert_uint_eq(under_way, 2);
	ck_assert(command(l, 10));
	ck_assert_uint_eq(under_way, 0);
	/* And it begins anew. */
	ck_assert(command(l, BYTES - 1));
	ck_assert_uint_eq(under_way, 1);
	load_close(l);
}
END_TEST

UNIT_MAIN("pipeline",
	  a_script_takes_so_many_peers_and_so_many_scripts_are_under_way,
	  a_restore_has_so_many_commands_and_so_many_bytes_under_way)

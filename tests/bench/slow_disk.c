/*
 * A slow disk, preloaded into one program: every fsync takes SLOW_DISK_MS
 * longer.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void disk(void)
{
	const char *ms = getenv("SLOW_DISK_MS");

	if (ms)
		usleep((useconds_t)atoi(ms) * 1000);
}

int fsync(int fd)
{
	disk();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	disk();
	return (int)syscall(SYS_fdatasync, fd);
}

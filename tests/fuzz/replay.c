/*
 * replay: runs a fuzz target over stored inputs, without a fuzzer.
 *
 *   fuzz_x FILE-OR-FOLDER...
 *
 * Each input lies in a heap block of exactly its size, so that a sanitizer
 * sees a read beyond its end. `make fuzz T=fuzz_x` links the same target with
 * libFuzzer instead.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned inputs;

static int replay_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);
	int r = -1;

	if (f && data && fread(data, 1, size, f) == size) {
		LLVMFuzzerTestOneInput(data, size);
		inputs++;
		r = 0;
	} else {
		fprintf(stderr, "%s: cannot be read\n", path);
	}
	free(data);
	if (f)
		fclose(f);
	return r;
}

static int replay(const char *path);

static int replay_folder(const char *path)
{
	DIR *d = opendir(path);
	char inner[4096];
	int r = 0;

	if (!d)
		return -1;
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name);
		if (replay(inner) < 0)
			r = -1;
	}
	closedir(d);
	return r;
}

static int replay(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	if (S_ISDIR(st.st_mode))
		return replay_folder(path);
	return replay_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]) < 0;
	printf("%s: %u inputs\n", argv[0], inputs);
	return failed || inputs == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

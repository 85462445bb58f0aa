#include "services/utils/backup/infile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int nameless(FILE **out)
{
	const char *places[] = { getenv("TMPDIR"), "/tmp", "." };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		int fd = places[i] && *places[i]
				 ? open(places[i],
					O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
				 : -1;
		if (fd >= 0 && (*out = fdopen(fd, "w+")))
			return 0;
		if (fd >= 0)
			close(fd);
	}
	return -errno;
}

static int spool(FILE *in, FILE **out)
{
	char part[65536];
	size_t n;
	int r = nameless(out);

	if (r < 0)
		return r;
	while ((n = fread(part, 1, sizeof(part), in)) > 0) {
		if (fwrite(part, 1, n, *out) != n)
			break;
	}
	if (ferror(in) || fflush(*out) != 0 || ferror(*out)) {
		r = errno ? -errno : -EIO;
		fclose(*out);
		return r;
	}
	rewind(*out);
	return 0;
}

int infile_open(const char *path, FILE **out)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return spool(stdin, out);
	FILE *f = fopen(path, "re");
	if (!f)
		return -errno;
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode)) {
		*out = f;
		return 0;
	}
	int r = S_ISDIR(st.st_mode) ? -EISDIR : spool(f, out);
	fclose(f);
	return r;
}

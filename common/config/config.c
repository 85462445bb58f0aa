#include "common/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/config/config_check.h"
#include "common/config/config_help.h"
#include "common/config/config_text.h"
#include "common/config/config_value.h"

/*
 * Sources are applied from the weakest to the strongest, each overwriting
 * what the ones before have set:
 *
 *   default -> environment -> .env -> --config FILE -> flags
 */
enum {
	FILE_MAX = 65536, /* of a configuration file or a NAME_FILE value */
	NAME_MAX_LEN = 64,
};

struct load {
	const struct config_spec *spec;
	void *cfg;
	const char *source;  /* "environment", ".env", a path, "flag" */
	bool strict;         /* an unknown name here is an error */
	bool empty_is_unset; /* compose files pass unset variables as "" */
	uint8_t *given;      /* per option: how this source has given it */
};

enum { GIVEN_PLAIN = 1, GIVEN_FILE = 2 };

/* One wording for every complaint; never the value of a secret. */
static int complain(const struct load *l, const char *name, const char *what)
{
	fprintf(stderr, "%s: %s (%s): %s\n", l->spec->program, name, l->source,
		what);
	return -EINVAL;
}

/* Case does not matter, and '-' is '_'. */
static bool same_name(const char *a, const char *b, size_t b_len)
{
	for (size_t i = 0; i < b_len; i++) {
		int x = a[i] == '-' ? '_' : toupper((unsigned char)a[i]);
		int y = b[i] == '-' ? '_' : toupper((unsigned char)b[i]);
		if (x != y)
			return false;
	}
	return a[b_len] == '\0';
}

static bool has_name(const struct opt *o, const char *name)
{
	if (same_name(name, o->name, strlen(o->name)))
		return true;
	for (const char *a = o->aliases; a && *a;) {
		size_t n = strcspn(a, " ");
		if (same_name(name, a, n))
			return true;
		a += n + strspn(a + n, " ");
	}
	return false;
}

static const struct opt *find_exact(const struct config_spec *spec,
				    const char *name)
{
	for (size_t i = 0; i < spec->nopts; i++) {
		if (has_name(&spec->opts[i], name))
			return &spec->opts[i];
	}
	return NULL;
}

/* Finds X for both "X" and "X_FILE"; an option that is itself called X_FILE
 * comes first. */
static const struct opt *find_option(const struct config_spec *spec,
				     const char *name, bool *from_file)
{
	char stem[NAME_MAX_LEN];
	size_t len = strlen(name);
	const struct opt *o = find_exact(spec, name);

	*from_file = false;
	if (o || len < 6 || len - 5 >= sizeof(stem) ||
	    !same_name(name + len - 5, "_FILE", 5))
		return o;
	memcpy(stem, name, len - 5);
	stem[len - 5] = '\0';
	o = find_exact(spec, stem);
	*from_file = o;
	return o;
}

/* The whole file as a string, or NULL with errno set. */
static char *read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(FILE_MAX + 1) : NULL;

	if (text) {
		errno = 0;
		size_t n = fread(text, 1, FILE_MAX + 1, f);
		int error = ferror(f) ? errno : n > FILE_MAX ? EFBIG : 0;
		text[n > FILE_MAX ? 0 : n] = '\0';
		if (error == 0 && strlen(text) != n)
			error = EILSEQ; /* a NUL byte: not a text */
		if (error) {
			free(text);
			text = NULL;
			errno = error;
		}
	}
	if (f) {
		int error = errno;
		fclose(f);
		errno = error;
	}
	return text;
}

static int set_value(const struct load *l, const struct opt *o,
		     const char *name, const char *value)
{
	char what[256];
	const char *why;

	if (l->empty_is_unset && !*value && !config_value_empty_ok(o->kind))
		return 0;
	int r = config_value_set(o, value, l->cfg, &why);
	if (r == -ENOMEM)
		return complain(l, name, "out of memory");
	if (r == 0)
		return config_check(o->kind, value, what, sizeof(what))
			       ? 0
			       : complain(l, name, what);
	config_value_explain(o, value, why, what, sizeof(what));
	return complain(l, name, what);
}

/* Makes V the value of the option, if V is the name of a file its content. */
static int give(struct load *l, const struct opt *o, const char *name,
		const char *v, bool from_file)
{
	uint8_t *given = &l->given[o - l->spec->opts];

	*given |= from_file ? GIVEN_FILE : GIVEN_PLAIN;
	if (*given == (GIVEN_FILE | GIVEN_PLAIN))
		return complain(l, o->name, "given both directly and by _FILE");
	if (!from_file)
		return set_value(l, o, name, v);

	char *text = read_file(v);
	if (!text) {
		char what[256];
		snprintf(what, sizeof(what), "cannot read '%s': %s", v,
			 strerror(errno));
		return complain(l, name, what);
	}
	text[strcspn(text, "\r\n")] = '\0';
	int r = set_value(l, o, name, text);
	explicit_bzero(text, strlen(text));
	free(text);
	return r;
}

static int give_by_name(struct load *l, const char *name, const char *value)
{
	bool from_file;
	const struct opt *o = find_option(l->spec, name, &from_file);

	if (o)
		return give(l, o, name, value, from_file);
	return l->strict ? complain(l, name, "unknown option") : 0;
}

static void enter_source(struct load *l, const char *source, bool strict,
			 bool empty_is_unset)
{
	l->source = source;
	l->strict = strict;
	l->empty_is_unset = empty_is_unset;
	memset(l->given, 0, l->spec->nopts);
}

static int apply_defaults(struct load *l)
{
	enter_source(l, "default", true, true);
	for (size_t i = 0; i < l->spec->nopts; i++) {
		const struct opt *o = &l->spec->opts[i];
		if (give(l, o, o->name, o->def ? o->def : "", false) < 0)
			return -EINVAL;
	}
	return 0;
}

static int apply_environment(struct load *l)
{
	char name[NAME_MAX_LEN];

	enter_source(l, "environment", false, true);
	for (char **e = environ; *e; e++) {
		size_t len = strcspn(*e, "=");
		if (len >= sizeof(name) || (*e)[len] == '\0')
			continue;
		memcpy(name, *e, len);
		name[len] = '\0';
		if (give_by_name(l, name, *e + len + 1) < 0)
			return -EINVAL;
	}
	return 0;
}

static int apply_text(struct load *l, char *text)
{
	struct config_text t;
	const char *name, *value;
	char line[32];
	int r;

	config_text_init(&t, text);
	while ((r = config_text_next(&t, &name, &value)) > 0) {
		if (give_by_name(l, name, value) < 0)
			return -EINVAL;
	}
	if (r == 0)
		return 0;
	snprintf(line, sizeof(line), "line %u", t.line);
	return complain(l, line, "not of the form name = value");
}

static int apply_file(struct load *l, const char *path, bool required)
{
	char *text = read_file(path);

	enter_source(l, path, required, !required);
	if (!text && errno == ENOENT && !required)
		return 0;
	if (!text)
		return complain(l, "cannot read the file", strerror(errno));
	int r = apply_text(l, text);
	free(text);
	return r;
}

/* One flag of the command line, taken apart. */
struct flag {
	const struct opt *o;     /* NULL: -c, --config */
	char name[NAME_MAX_LEN]; /* "--key", for messages: without the value */
	const char *value;
	bool from_file;
};

static const struct opt *find_letter(const struct config_spec *spec,
				     char letter)
{
	for (size_t i = 0; i < spec->nopts; i++) {
		if (spec->opts[i].flag == letter)
			return &spec->opts[i];
	}
	return NULL;
}

/* Fills everything but a value that is an argument of its own. */
static int split_flag(const struct load *l, const char *arg, struct flag *f)
{
	bool is_long = arg[1] == '-';
	size_t len = is_long ? strcspn(arg, "=") : 2;

	*f = (struct flag){ .o = NULL };
	snprintf(f->name, sizeof(f->name), "%.*s", (int)len, arg);
	if (arg[len])
		f->value = arg + len + (arg[len] == '=');
	if (is_long)
		f->o = find_option(l->spec, f->name + 2, &f->from_file);
	else
		f->o = find_letter(l->spec, arg[1]);
	if (!f->o && strcmp(f->name, "-c") != 0 &&
	    strcmp(f->name, "--config") != 0)
		return complain(l, f->name, "unknown option");
	return 0;
}

/* Reads the flag at ARGV[*I] and its value, moving *I past both. */
static int next_flag(const struct load *l, int argc, char **argv, int *i,
		     struct flag *f)
{
	bool word;

	if (split_flag(l, argv[*i], f) < 0)
		return -EINVAL;
	++*i;
	if (f->value)
		return 0;
	if (f->o && f->o->kind == OPT_BOOL && !f->from_file) {
		/* A boolean may stand alone: only y, n, ... is its value. */
		bool takes = *i < argc && config_value_bool(argv[*i], &word);
		f->value = takes ? argv[*i] : "y";
		*i += takes;
		return 0;
	}
	if (*i >= argc)
		return complain(l, f->name, "needs a value");
	f->value = argv[(*i)++];
	return 0;
}

/* Compose files of the field say `command: hbbs -r ...`, and an image that has
 * the program as its entry point gives it its own name once more. */
static bool is_own_name(const struct load *l, const char *arg)
{
	const char *slash = strrchr(arg, '/');

	return strcmp(slash ? slash + 1 : arg, l->spec->program) == 0;
}

/* Two passes: the first looks for --config (its file is weaker than the
 * flags) and finds bad flags before any file is read. Returns 1 if a flag
 * asked for a text and it was printed. */
static int apply_flags(struct load *l, int argc, char **argv, bool set,
		       const char **config_path, int *rest)
{
	struct flag f;
	int i = argc > 1 && is_own_name(l, argv[1]) ? 2 : 1;

	enter_source(l, "flag", true, false);
	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (config_help(l->spec, argv[i], stdout))
			return 1;
		if (next_flag(l, argc, argv, &i, &f) < 0)
			return -EINVAL;
		if (!f.o)
			*config_path = f.value;
		else if (set && give(l, f.o, f.name, f.value, f.from_file) < 0)
			return -EINVAL;
	}
	*rest = i;
	return 0;
}

static int apply_all(struct load *l, int argc, char **argv, int *rest)
{
	const char *path = NULL;
	int r = apply_flags(l, argc, argv, false, &path, rest);

	if (r != 0)
		return r;
	if (apply_defaults(l) < 0 || apply_environment(l) < 0 ||
	    apply_file(l, ".env", false) < 0)
		return -EINVAL;
	if (path && apply_file(l, path, true) < 0)
		return -EINVAL;
	return apply_flags(l, argc, argv, true, &path, rest);
}

enum config_result config_load(const struct config_spec *spec, int argc,
			       char **argv, void *out, int *rest)
{
	struct load l = { .spec = spec, .cfg = out };

	l.given = calloc(spec->nopts + 1, sizeof(*l.given));
	int r = l.given ? apply_all(&l, argc, argv, rest) : -ENOMEM;
	free(l.given);
	if (r == 0)
		return CONFIG_OK;
	config_free(spec, out);
	if (r > 0)
		return CONFIG_EXIT;
	fprintf(stderr, "Try '%s --help'.\n", spec->program);
	return CONFIG_BAD;
}

const void *config_get(const struct config_spec *spec, const void *cfg,
		       const char *name)
{
	const struct opt *o = find_exact(spec, name);

	return o ? (const char *)cfg + o->offset : NULL;
}

void config_free(const struct config_spec *spec, void *cfg)
{
	for (size_t i = 0; i < spec->nopts; i++) {
		const struct opt *o = &spec->opts[i];
		if (o->kind >= OPT_TEXTS)
			continue;
		char **field = (char **)((char *)cfg + o->offset);
		if (*field)
			explicit_bzero(*field, strlen(*field));
		free(*field);
		*field = NULL;
	}
}

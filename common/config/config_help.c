#include "common/config/config_help.h"

#include <ctype.h>
#include <string.h>

#include "common/config/config_value.h"

enum { FLAG_MAX = 64, HELP_COLUMN = 30, WIDTH = 79 };

/* RELAY_SERVERS -> relay-servers */
static const char *flag_name(const char *name, char out[static FLAG_MAX])
{
	size_t i = 0;

	for (; name[i] && i < FLAG_MAX - 1; i++)
		out[i] = name[i] == '_' ? '-'
					: (char)tolower((unsigned char)name[i]);
	out[i] = '\0';
	return out;
}

static bool shows_default(const struct opt *o)
{
	return o->def && o->def[0] && o->kind != OPT_SECRET &&
	       o->kind != OPT_REDIS_URL;
}

/* Prints TEXT word by word from *COLUMN on, indenting further lines. */
static void print_words(const char *text, size_t *column, FILE *out)
{
	while (*text) {
		size_t len = strcspn(text, " ");
		if (*column > HELP_COLUMN && *column + 1 + len > WIDTH) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			*column = HELP_COLUMN;
		} else if (*column > HELP_COLUMN) {
			fputc(' ', out);
			++*column;
		}
		fwrite(text, 1, len, out);
		*column += len;
		text += len + strspn(text + len, " ");
	}
}

static void print_option(const struct opt *o, FILE *out)
{
	char flag[FLAG_MAX], left[2 * FLAG_MAX], letter[8] = "    ";
	size_t column = HELP_COLUMN;

	if (o->flag)
		snprintf(letter, sizeof(letter), "-%c, ", o->flag);
	int n = snprintf(left, sizeof(left), "  %s--%s %s", letter,
			 flag_name(o->name, flag), config_value_placeholder(o));
	fprintf(out, "%-*s", HELP_COLUMN, left);
	if (n >= HELP_COLUMN)
		fprintf(out, "\n%*s", HELP_COLUMN, "");
	print_words(o->help, &column, out);
	if (shows_default(o)) {
		snprintf(left, sizeof(left), "[%s]", o->def);
		print_words(left, &column, out);
	}
	fputc('\n', out);
}

static void print_help(const struct config_spec *spec, FILE *out)
{
	fprintf(out, "%s: %s\n\nusage: %s [options]%s%s\n\n", spec->program,
		spec->about, spec->program, spec->arguments ? " " : "",
		spec->arguments ? spec->arguments : "");
	for (size_t i = 0; i < spec->nopts; i++)
		print_option(&spec->opts[i], out);
	fputs("  -c, --config FILE           read options from this file "
	      "(name = value)\n"
	      "  -h, --help                  this text\n"
	      "      --help-markdown         the settings as a table\n"
	      "  -V, --version               the version\n\n"
	      "Every option is also an environment variable of the same name "
	      "in capitals, with\n'_' for '-'; NAME_FILE reads the value from "
	      "a "
	      "file. A flag beats the file given\nby --config, which beats "
	      ".env in the working directory, which beats the\n"
	      "environment.\n",
	      out);
}

/* A '|' would start a new column. */
static void print_cell(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '|')
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void print_markdown(const struct config_spec *spec, FILE *out)
{
	char flag[FLAG_MAX];

	fputs("| variable | flag | default | meaning |\n|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < spec->nopts; i++) {
		const struct opt *o = &spec->opts[i];
		fprintf(out, "| `%s` | `--%s`", o->name,
			flag_name(o->name, flag));
		if (o->flag)
			fprintf(out, ", `-%c`", o->flag);
		fprintf(out, shows_default(o) ? " | `%s` | " : " | | ", o->def);
		print_cell(o->help, out);
		if (o->aliases)
			fprintf(out, " (also: `%s`)", o->aliases);
		fputs(" |\n", out);
	}
}

bool config_help(const struct config_spec *spec, const char *arg, FILE *out)
{
	if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0)
		print_help(spec, out);
	else if (strcmp(arg, "--help-markdown") == 0)
		print_markdown(spec, out);
	else if (strcmp(arg, "-V") == 0 || strcmp(arg, "--version") == 0)
		fprintf(out, "%s %s\n", spec->program, VERSION);
	else
		return false;
	return true;
}

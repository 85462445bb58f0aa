#include "services/utils/client/qr.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET = 2 }; /* modules of margin; four is the rule, two scan well */

static bool is_dark(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return code->data[y * code->width + x] & 1;
}

/* Two rows of modules per line of text: a lit block is a light module. */
static void draw_line(const QRcode *code, int y, bool colour, FILE *out)
{
	static const char *const blocks[] = { " ", "▄", "▀", "█" };

	if (colour)
		fputs("\033[40;97m", out);
	for (int x = -QUIET; x < code->width + QUIET; x++) {
		int upper = !is_dark(code, x, y);
		int lower = !is_dark(code, x, y + 1);
		fputs(blocks[upper * 2 + lower], out);
	}
	fputs(colour ? "\033[0m\n" : "\n", out);
}

int qr_draw(const char *text, bool colour, FILE *out)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

	if (!code)
		return errno == ERANGE ? -E2BIG : -ENOMEM;
	for (int y = -QUIET; y < code->width + QUIET; y += 2)
		draw_line(code, y, colour, out);
	QRcode_free(code);
	return 0;
}

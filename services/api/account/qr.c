#include "services/api/account/qr.h"

#include <qrencode.h>
#include <stdio.h>

#include "common/base/buf.h"

enum {
	QUIET = 4,         /* modules around it, as the standard wants */
	SVG_MAX = 1 << 20, /* the largest code has 177 modules a side */
};

/* The dark modules of line Y as squares of a path. */
static int put_line(struct buf *b, const QRcode *code, int y)
{
	char part[48];
	int r = 0;

	for (int x = 0; r == 0 && x < code->width; x++) {
		if (!(code->data[y * code->width + x] & 1))
			continue;
		int n = snprintf(part, sizeof(part), "M%d %dh1v1h-1z",
				 x + QUIET, y + QUIET);
		r = buf_append(b, part, (size_t)n);
	}
	return r;
}

const char *qr_svg(struct pool *p, const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	const char *out = NULL;
	struct buf b;
	int r = 0;

	if (!code)
		return NULL;
	int side = code->width + 2 * QUIET;
	buf_init(&b, SVG_MAX);
	for (int y = 0; r == 0 && y < code->width; y++)
		r = put_line(&b, code, y);
	if (r == 0 && buf_append(&b, "", 1) == 0)
		out = pool_printf(p,
				  "<svg xmlns=\"http://www.w3.org/2000/svg\" "
				  "viewBox=\"0 0 %d %d\"><path fill=\"#fff\" "
				  "d=\"M0 0h%dv%dH0z\"/><path d=\"%s\"/></svg>",
				  side, side, side, side,
				  (const char *)buf_head(&b));
	buf_fini(&b);
	QRcode_free(code);
	return out;
}

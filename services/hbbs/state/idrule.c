#include "services/hbbs/state/idrule.h"

#include <string.h>

#include "common/proto/wire.h"

bool idrule_valid(const char *id, size_t len)
{
	if (len == 0 || len > WIRE_ID_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char ch = (unsigned char)id[i];
		if (ch <= ' ' || ch == 0x7f || strchr("\"<>/\\|?*", ch))
			return false;
	}
	return true;
}

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

bool idrule_choosable(const char *id, size_t len)
{
	if (len < ID_MIN || len > 16 || !is_letter(id[0]))
		return false;
	for (size_t i = 1; i < len; i++) {
		bool digit = id[i] >= '0' && id[i] <= '9';
		if (!is_letter(id[i]) && !digit && id[i] != '_' && id[i] != '-')
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Characters beyond ASCII: see utf8.h. Must never ask the locale, or take for a character what is
 * none.
 */
#include "utf8.h"

#include <string.h>

size_t utf8_next(const char *at, unsigned int *point)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *byte = (const unsigned char *)at;
	size_t len = byte[0] == 0		? 0
		     : byte[0] < 0x80		? 1
		     : (byte[0] & 0xe0) == 0xc0 ? 2
		     : (byte[0] & 0xf0) == 0xe0 ? 3
		     : (byte[0] & 0xf8) == 0xf0 ? 4
						: 0;

	*point = len > 1 ? byte[0] & (0x7fU >> len) : byte[0];
	for (size_t i = 1; i < len; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (byte[i] & 0x3fU);
	}
	if (*point < least[len] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return len;
}

struct range {
	unsigned int first, last;
};

static bool within(unsigned int point, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* Combining marks are among them: where one lands is the terminal's guess. */
bool utf8_shows(unsigned int point)
{
	static const struct range hidden[] = {
		{ 0x00, 0x1f },	      { 0x7f, 0x9f },	  { 0xad, 0xad },     { 0x300, 0x36f },
		{ 0x61c, 0x61c },     { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0xe000, 0xf8ff },   { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xfff0, 0xffff },
		{ 0xe0000, 0x10ffff }
	};

	return !within(point, hidden, sizeof(hidden) / sizeof(*hidden));
}

int utf8_columns(unsigned int point)
{
	static const struct range wide[] = { { 0x1100, 0x115f },  { 0x2e80, 0xa4cf },
					     { 0xac00, 0xd7a3 },  { 0xf900, 0xfaff },
					     { 0xfe30, 0xfe6f },  { 0xff00, 0xff60 },
					     { 0xffe0, 0xffe6 },  { 0x1f000, 0x1faff },
					     { 0x20000, 0x3fffd } };

	return within(point, wide, sizeof(wide) / sizeof(*wide)) ? 2 : 1;
}

/*
 * Here and in other tables of the module: texts in place, not pointers to them, which would have to
 * be relocated in memory of the host's own.
 */
/* clang-format off */
/* From U+00A0 on; "-": there is none. None is longer than the character's own bytes. */
static const char latin1[][3] = {
	" ", "", "-", "-", "-", "-", "-", "-", "-", "-", "-", "\"", "-", "-", "-", "-",
	"-", "-", "-", "-", "-", "-", "-", ".", "-", "-", "-", "\"", "-", "-", "-", "",
	"A", "A", "A", "A", "Ae", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I", "I",
	"D", "N", "O", "O", "O", "O", "Oe", "x", "O", "U", "U", "U", "Ue", "Y", "Th", "ss",
	"a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
	"d", "n", "o", "o", "o", "o", "oe", "-", "o", "u", "u", "u", "ue", "y", "th", "y",
};
/* clang-format on */

/* From U+0100 on, '-' for those that there is no letter for. */
static const char latin_a[] = "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi--JjKkkLlLlLlL"
			      "lLlNnNnNnnNnOoOoOo--RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

static const struct {
	unsigned int point;
	char ascii[4];
} others[] = { { 0x132, "IJ" },	 { 0x133, "ij" },  { 0x152, "OE" },   { 0x153, "oe" },
	       { 0x2010, "-" },	 { 0x2011, "-" },  { 0x2013, "-" },   { 0x2014, "-" },
	       { 0x2018, "'" },	 { 0x2019, "'" },  { 0x201a, "'" },   { 0x201c, "\"" },
	       { 0x201d, "\"" }, { 0x201e, "\"" }, { 0x2026, "..." }, { 0x202f, " " },
	       { 0x2039, "'" },	 { 0x203a, "'" } };

/* Writes the spelling of POINT, at most 3 bytes and a NUL. false: there is none. */
static bool spell(unsigned int point, char out[4])
{
	out[0] = '\0';
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (others[i].point == point)
			strcpy(out, others[i].ascii);
	if (out[0] != '\0')
		return true;
	if (point < 0x80 || (point >= 0x100 && point < 0x100 + sizeof(latin_a) - 1)) {
		out[0] = point < 0x80 ? (char)point : latin_a[point - 0x100];
		out[1] = '\0';
		return point < 0x80 || out[0] != '-';
	}
	if (point < 0xa0 || point >= 0xa0 + sizeof(latin1) / sizeof(*latin1))
		return false;
	strcpy(out, latin1[point - 0xa0]);
	return out[0] != '-';
}

bool utf8_to_ascii(char *text)
{
	const char *at = text;
	char *to = text;
	char ascii[4];
	unsigned int point;
	size_t len;
	bool whole;

	while ((len = utf8_next(at, &point)) > 0 && spell(point, ascii)) {
		size_t spelled = strlen(ascii);

		memcpy(to, ascii, spelled);
		to += spelled;
		at += len;
	}
	whole = *at == '\0';
	if (!whole)
		to = text;
	*to = '\0';
	return whole;
}

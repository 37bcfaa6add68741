/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes and places: see arrange.h. Must never make a QR code whose modules differ in size. */
#include "arrange.h"

#include "scene.h"

enum {
	CODE_LETTERS_LEAST = 8,
	LETTER_PERCENT =
		68, /* of its height: the width of a letter of equal widths, its spacing in it */
};

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

/* One hundredth of the shorter side; on a wide screen of the height, on a narrow one of a little more. */
static int share(const struct arrangement *a, int width, int height, int thousandths)
{
	int side = a->stacked ? least(width * 118 / 100, height * 66 / 100)
			      : least(height, width * 75 / 100);

	return most(side * thousandths / 1000, 1);
}

/*
 * The whole card takes three fifths of the height beside the text, and half of it above them, or what the
 * width leaves: modules are whole pixels, and the quiet zone is the standard's.
 */
static void card_arrange(struct arrangement *a, int width, int height, int modules)
{
	int wanted = a->stacked ? height * 52 / 100 : height * 66 / 100;
	int side = modules + 2 * SCENE_QUIET;

	wanted = least(wanted, a->stacked ? width - 2 * a->margin : width / 2 - a->margin);
	a->module = modules > 0 ? most(wanted / side, 1) : 0;
	a->card = a->module * side;
}

struct arrangement arrange(int width, int height, int modules, int letters)
{
	struct arrangement a = { .stacked = height > width };

	a.margin = share(&a, width, height, 60);
	a.title = share(&a, width, height, 54);
	a.text = share(&a, width, height, 37);
	a.small = share(&a, width, height, 29);
	a.headline = share(&a, width, height, 68);
	a.sign = share(&a, width, height, 150);
	a.ring = share(&a, width, height, 60);
	a.gap = share(&a, width, height, 30);
	a.picture = share(&a, width, height, 260);
	card_arrange(&a, width, height, modules);
	a.column = width - 2 * a.margin;
	if (!a.stacked && a.card > 0)
		a.column -= a.card + a.margin;
	a.code = least(share(&a, width, height, 155),
		       a.column * 100 / (most(letters, CODE_LETTERS_LEAST) * LETTER_PERCENT));
	return a;
}

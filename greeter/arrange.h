/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where things stand on a screen of any size and shape, and how large letters are: for people who stand three
 * metres away. Pure arithmetic, in pixels.
 */
#ifndef GREETER_ARRANGE_H
#define GREETER_ARRANGE_H

#include <stdbool.h>

struct arrangement {
	bool stacked; /* text below the QR code; else beside it */
	int margin;   /* kept free at each edge, and between QR code and text */
	int module;   /* a side of one module; 0: no QR code */
	int card; /* a side of the light square that the QR code stands on, its quiet zone in it */
	int column; /* width of the text */
	int title;  /* letters, likewise below */
	int text;
	int small;
	int code;     /* letters of the code: as large as one line takes */
	int headline; /* a sentence that stands alone */
	int sign;     /* the sign above it */
	int ring;     /* across */
	int gap;      /* between two texts */
	int picture;  /* most height of root's picture */
};

/* On WIDTH x HEIGHT, for a QR code of MODULES a side (0: there is none) and a code of LETTERS. */
struct arrangement arrange(int width, int height, int modules, int letters);

#endif

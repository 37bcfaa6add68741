/* SPDX-License-Identifier: BSD-2-Clause */
/* What is drawn and is no text: a QR code, the ring that runs out, a sign. Only cairo is known here. */
#ifndef GREETER_PAINT_H
#define GREETER_PAINT_H

#include <cairo.h>

#include "scene.h"

struct paint_ink {
	double red, green, blue;
};

/*
 * SCENE's QR code from 0, 0 on, MODULE pixels a module: black on white whatever else the colours are, each
 * module of whole pixels. A stale one is faint.
 */
void paint_qr(cairo_t *cr, const struct scene *scene, int module);

/* A ring across SIZE, of which LEFT (0 to 1) is there still. */
void paint_ring(cairo_t *cr, double size, double left, struct paint_ink ink);

/* A tick, a cross, an exclamation mark or three dots, in a circle across SIZE. */
void paint_sign(cairo_t *cr, double size, enum scene_tone tone, struct paint_ink ink);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is drawn and is no text: see paint.h. Must never let a theme's colours into a QR code. */
#include "paint.h"

#include <math.h>

#define PI 3.14159265358979323846

static void rounded(cairo_t *cr, double side, double radius)
{
	cairo_new_sub_path(cr);
	cairo_arc(cr, side - radius, radius, radius, -PI / 2, 0);
	cairo_arc(cr, side - radius, side - radius, radius, 0, PI / 2);
	cairo_arc(cr, radius, side - radius, radius, PI / 2, PI);
	cairo_arc(cr, radius, radius, radius, PI, 3 * PI / 2);
	cairo_close_path(cr);
}

/* The corners of the quiet zone are round; what scanners need of it is not touched. */
void paint_qr(cairo_t *cr, const struct scene *scene, int module)
{
	int side = module * (scene->width + 2 * SCENE_QUIET);

	cairo_set_source_rgb(cr, 1, 1, 1);
	rounded(cr, side, 2.0 * module);
	cairo_fill(cr);
	cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
	cairo_set_source_rgba(cr, 0, 0, 0, scene->stale ? 0.15 : 1);
	for (int row = 0; row < scene->width; row++)
		for (int column = 0; column < scene->width; column++)
			if (scene->dark[row * scene->width + column])
				cairo_rectangle(cr, (column + SCENE_QUIET) * module,
						(row + SCENE_QUIET) * module, module, module);
	cairo_fill(cr);
}

void paint_ring(cairo_t *cr, double size, double left, struct paint_ink ink)
{
	double width = size / 7, middle = size / 2, radius = middle - width / 2;

	cairo_set_line_width(cr, width);
	cairo_set_source_rgba(cr, ink.red, ink.green, ink.blue, 0.2);
	cairo_arc(cr, middle, middle, radius, 0, 2 * PI);
	cairo_stroke(cr);
	if (left <= 0)
		return;
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_source_rgb(cr, ink.red, ink.green, ink.blue);
	cairo_arc(cr, middle, middle, radius, -PI / 2, -PI / 2 + 2 * PI * fmin(left, 1));
	cairo_stroke(cr);
}

static void lines(cairo_t *cr, double size, const double (*points)[2], int count)
{
	for (int i = 0; i < count; i++)
		cairo_line_to(cr, points[i][0] * size, points[i][1] * size);
	cairo_stroke(cr);
}

static void dot(cairo_t *cr, double size, double x, double y)
{
	cairo_arc(cr, x * size, y * size, size * 0.05, 0, 2 * PI);
	cairo_fill(cr);
}

void paint_sign(cairo_t *cr, double size, enum scene_tone tone, struct paint_ink ink)
{
	static const double tick[][2] = { { 0.30, 0.52 }, { 0.44, 0.66 }, { 0.71, 0.37 } };
	static const double mark[][2] = { { 0.5, 0.27 }, { 0.5, 0.56 } };
	static const double falling[][2] = { { 0.35, 0.35 }, { 0.65, 0.65 } };
	static const double rising[][2] = { { 0.65, 0.35 }, { 0.35, 0.65 } };

	cairo_set_source_rgba(cr, ink.red, ink.green, ink.blue, 0.16);
	cairo_arc(cr, size / 2, size / 2, size / 2, 0, 2 * PI);
	cairo_fill(cr);
	cairo_set_source_rgb(cr, ink.red, ink.green, ink.blue);
	cairo_set_line_width(cr, size * 0.075);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	switch (tone) {
	case SCENE_GOOD:
		lines(cr, size, tick, 3);
		break;
	case SCENE_TROUBLE:
		lines(cr, size, mark, 2);
		dot(cr, size, 0.5, 0.72);
		break;
	case SCENE_BAD:
		lines(cr, size, falling, 2);
		lines(cr, size, rising, 2);
		break;
	case SCENE_CALM:
		dot(cr, size, 0.3, 0.5);
		dot(cr, size, 0.5, 0.5);
		dot(cr, size, 0.7, 0.5);
		break;
	}
}

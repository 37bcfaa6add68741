/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wall: see wall.h. First the sizes are found, largest QR code first; then all is written. Must never
 * write a cell outside the screen.
 */
#include "wall.h"

#include <stdio.h>
#include <string.h>

#include "common/utf8.h"
#include "ink.h"
#include "letters.h"

enum {
	MARGIN = 1,	  /* rows free above: televisions cut the edge */
	BESIDE = 4,	  /* columns between a QR code and what stands beside it */
	OWN_COLUMNS = 80, /* of a line in the terminal's own letters */
	LINES_MAX = 3,	  /* of a text in large letters */
	LINES_FEW = 2,	  /* of the first one, or where not all can be large */
	LINE_LEAST = LETTER_ROWS + LETTER_DROP, /* rows that a line of them may always have */
	GAP_LEAST = 33,				/* so many gaps make the height of a screen */
	GAP_MOST = 20,
	SCALE_MAX = 24,
	BYTES_OF_LINE = 1024,
};

/* What a pixel of a letter is made of. */
static const struct shape {
	int columns;
	int halves; /* half rows */
} shapes[] = {
	{ 0, 0 }, /* the terminal's own */
	{ 1, 2 }, { 1, 1 }, { 2, 2 }, { 3, 3 },	  { 4, 4 },
	{ 5, 5 }, { 6, 6 }, { 8, 8 }, { 10, 10 }, { 12, 12 },
};

enum {
	SHAPES = sizeof(shapes) / sizeof(*shapes),
};

struct area {
	int row, column; /* from 0 */
	int rows, columns;
	bool centred;
};

/* A wall whose sizes are being found. */
struct plan {
	const struct wall *wall;
	struct area area; /* of the items */
	int scale;	  /* half rows a module */
	int gap;	  /* rows between two items */
	int gap_qr;	  /* and below the QR code, if they stand there */
	bool ample;	  /* no text may stand back for a larger QR code */
	int shape[WALL_ITEMS_MAX];
};

static int rows_of(int halves)
{
	return (halves + 1) / 2;
}

/* ---- texts ---- */

static bool shape_ok(const struct wall *wall, int shape)
{
	return wall->halves || shapes[shape].halves % 2 == 0;
}

static int letters_within(int columns, int shape)
{
	return (columns / shapes[shape].columns + 1) / (LETTER_COLUMNS + 1);
}

/* Letters that a line may have. */
static int line_most(const struct plan *plan, int shape)
{
	int columns = plan->area.columns;

	if (shape > 0)
		return letters_within(columns, shape);
	return columns > OWN_COLUMNS ? OWN_COLUMNS : columns;
}

/* Bytes of TEXT for a line of MOST letters. Where there is no space a large one ends behind a dash. */
static size_t item_line(const char *text, int shape, int most)
{
	size_t len = ink_line(text, most, false), end;

	if (shape == 0) {
		end = strcspn(text, "\n");
		return end < len ? end : len;
	}
	if (text[len] == '\0' || text[len] == ' ')
		return len;
	for (end = len; end > 0 && text[end - 1] != '-';)
		end--;
	return end > 0 ? end : len;
}

static size_t skip_spaces(const char *text)
{
	return strspn(text, " \n");
}

static int lines_within(const char *text, int shape, int most)
{
	int lines = 0;

	for (size_t len; *text; text += len, text += skip_spaces(text), lines++)
		len = item_line(text, shape, most);
	return lines;
}

static int item_lines(const struct plan *plan, const char *text, int shape)
{
	return lines_within(text, shape, line_most(plan, shape));
}

/* Likewise, so that no word stands alone in the last line. */
static int line_even(const struct plan *plan, const char *text, int shape)
{
	int most = line_most(plan, shape), lines = lines_within(text, shape, most);

	while (most > 1 && lines_within(text, shape, most - 1) == lines)
		most--;
	return most;
}

static int line_rows(const char *text, int shape)
{
	return shape == 0 ? 1 : rows_of(letters_rows(text) * shapes[shape].halves);
}

static int item_rows(const struct plan *plan, size_t item)
{
	const char *text = plan->wall->item[item].text;
	int shape = plan->shape[item];
	int lines = item_lines(plan, text, shape);

	if (shape == 0 && plan->wall->item[item].size == WALL_ECHO)
		return 0;
	return lines * line_rows(text, shape) +
	       (shape > 0 && lines > 1 ? (lines - 1) * rows_of(shapes[shape].halves) : 0);
}

static int items_rows(const struct plan *plan)
{
	int rows = 0, all = 0;

	for (size_t i = 0; i < plan->wall->items; i++) {
		rows = item_rows(plan, i);
		all += rows > 0 ? rows + (all > 0 ? plan->gap : 0) : 0;
	}
	return all;
}

static int qr_rows(const struct plan *plan)
{
	const struct screen_matrix *matrix = plan->wall->matrix;

	return matrix ? rows_of((matrix->width + 2 * SCREEN_QUIET) * plan->scale) : 0;
}

static int qr_columns(const struct plan *plan)
{
	return (plan->wall->matrix->width + 2 * SCREEN_QUIET) * plan->scale;
}

/* ---- sizes ---- */

/* Rows of a line: what stands below the first one is not to outshout it, nor it the QR code. */
static int rows_most(const struct plan *plan, size_t item)
{
	int rows = plan->wall->rows / 12;

	if (plan->wall->item[item].size == WALL_FIRST)
		rows = plan->wall->matrix ? qr_rows(plan) / 3 : plan->wall->rows / 5;
	return rows > LINE_LEAST ? rows : LINE_LEAST;
}

/* Whether ITEM may have SHAPE, in LINES at most, whatever the others have. */
static bool shape_fits(const struct plan *plan, size_t item, int shape, int lines)
{
	const struct wall_item *what = &plan->wall->item[item];

	return shape_ok(plan->wall, shape) && letters_within(plan->area.columns, shape) > 0 &&
	       line_rows(what->text, shape) <= rows_most(plan, item) &&
	       item_lines(plan, what->text, shape) <= lines;
}

static bool all_fit(const struct plan *plan)
{
	return items_rows(plan) <= plan->area.rows;
}

/* The largest shape up to MOST, in LINES at most, that leaves room for the others as they are. */
static bool shape_find(struct plan *plan, size_t item, int most, int lines)
{
	for (int shape = most; shape > 0; shape--) {
		plan->shape[item] = shape;
		if (shape_fits(plan, item, shape, lines) && all_fit(plan))
			return true;
	}
	plan->shape[item] = 0;
	return false;
}

static bool is_sized(const struct plan *plan, size_t item, enum wall_size size)
{
	const struct wall_item *what = &plan->wall->item[item];

	return what->size == size && what->text[0] && letters_have(what->text);
}

/* All large ones get SHAPE; but SOME, where it does not fit, may have none. */
static bool shapes_set(struct plan *plan, int shape, bool some)
{
	bool any = false, fits;

	for (size_t i = 0; i < plan->wall->items; i++) {
		if (!is_sized(plan, i, WALL_LARGE))
			continue;
		fits = shape_fits(plan, i, shape, some ? LINES_FEW : LINES_MAX);
		plan->shape[i] = fits ? shape : 0;
		any = any || fits;
		if (!fits && !some)
			return false;
	}
	return any && all_fit(plan);
}

static void shapes_find(struct plan *plan, int most)
{
	for (int some = 0; some < 2; some++)
		for (int shape = most; shape > 0; shape--)
			if (shapes_set(plan, shape, some))
				return;
	for (size_t i = 0; i < plan->wall->items; i++)
		if (is_sized(plan, i, WALL_LARGE))
			plan->shape[i] = 0;
}

/* Whether all that should be large is, if it has letters for that. */
static bool is_ample(const struct plan *plan)
{
	for (size_t i = 0; i < plan->wall->items; i++)
		if ((is_sized(plan, i, WALL_LARGE) || is_sized(plan, i, WALL_ECHO)) &&
		    plan->shape[i] == 0)
			return false;
	return true;
}

/* The first one's shape, up to MOST; 0: there is none. It is read letter by letter: one line is best. */
static int first_find(struct plan *plan, size_t first, int most)
{
	memset(plan->shape, 0, sizeof(plan->shape));
	if (!letters_have(plan->wall->item[first].text) ||
	    (!shape_find(plan, first, most, 1) && !shape_find(plan, first, most, LINES_FEW)))
		return 0;
	return plan->shape[first];
}

static bool sizes_try(struct plan *plan, int most)
{
	shapes_find(plan, most);
	for (size_t i = 0; i < plan->wall->items; i++)
		if (is_sized(plan, i, WALL_ECHO))
			shape_find(plan, i, most, 1);
	return all_fit(plan) && (!plan->ample || is_ample(plan));
}

static bool sizes_find(struct plan *plan)
{
	const struct wall *wall = plan->wall;
	int most = SHAPES - 1;

	memset(plan->shape, 0, sizeof(plan->shape));
	if (plan->area.rows < 1 || plan->area.columns < 1)
		return false;
	if (wall->items == 0 || wall->item[0].size != WALL_FIRST)
		return sizes_try(plan, most);
	while ((most = first_find(plan, 0, most)) > 0) {
		if (sizes_try(plan, most))
			return true;
		most--;
	}
	return false;
}

static int height(const struct wall *wall)
{
	return wall->rows - MARGIN - WALL_ROWS_BELOW;
}

/* Columns that LEN bytes of TEXT take. */
static int line_columns(const char *text, size_t len, int shape)
{
	unsigned int point;
	int columns = 0;

	for (size_t at = 0; at < len; at += utf8_next(text + at, &point)) {
		utf8_next(text + at, &point);
		columns += shape == 0 ? utf8_columns(point) : LETTER_COLUMNS + 1;
	}
	return shape == 0 || columns == 0 ? columns : (columns - 1) * shapes[shape].columns;
}

/* That the items really take: what stands beside a QR code is in the middle with it. */
static int items_columns(const struct plan *plan)
{
	int most = 1, columns;

	for (size_t i = 0; i < plan->wall->items; i++) {
		const char *text = plan->wall->item[i].text;
		int letters = line_even(plan, text, plan->shape[i]);

		for (size_t len; *text && item_rows(plan, i) > 0;
		     text += len, text += skip_spaces(text)) {
			len = item_line(text, plan->shape[i], letters);
			columns = line_columns(text, len, plan->shape[i]);
			if (columns > most)
				most = columns;
		}
	}
	return most;
}

/* What room is left goes between the items. */
static void gap_widen(struct plan *plan, int rows)
{
	while (plan->gap < plan->wall->rows / GAP_MOST) {
		plan->gap++;
		if (items_rows(plan) > rows) {
			plan->gap--;
			return;
		}
	}
}

static bool plan_below(struct plan *plan)
{
	const struct wall *wall = plan->wall;
	int qr = qr_rows(plan), above = qr > 0 ? qr + plan->gap : 0, gap = plan->gap, left;
	int margin = wall->columns / 40;

	plan->area = (struct area){ MARGIN + above, margin, height(wall) - above,
				    wall->columns - 2 * margin, true };
	if ((qr > 0 && qr_columns(plan) > wall->columns) || !sizes_find(plan))
		return false;
	gap_widen(plan, plan->area.rows);
	left = plan->area.rows - items_rows(plan);
	plan->gap_qr = gap + left < plan->gap ? gap + left : plan->gap;
	if (qr > 0) {
		plan->area.row += plan->gap_qr - gap;
		left -= plan->gap_qr - gap;
	}
	plan->area.row += left / 2;
	return true;
}

static bool plan_beside(struct plan *plan)
{
	const struct wall *wall = plan->wall;
	int taken = qr_columns(plan) + BESIDE;

	if (qr_rows(plan) > height(wall))
		return false;
	plan->area =
		(struct area){ MARGIN, taken, height(wall), wall->columns - taken - MARGIN, false };
	if (!sizes_find(plan))
		return false;
	gap_widen(plan, plan->area.rows);
	plan->area.columns = items_columns(plan);
	plan->area.column += (wall->columns - taken - plan->area.columns) / 2;
	plan->area.row += (height(wall) - items_rows(plan)) / 2;
	return true;
}

/* ---- ink ---- */

static void ink_at(struct ink *ink, int row, int column)
{
	char text[32];

	snprintf(text, sizeof(text), "\033[%d;%dH", row + 1, column + 1);
	ink_add(ink, text);
}

/* A picture of pixels that are light or not. */
struct picture {
	bool (*light)(const void *what, int row, int column);
	const void *what;
	int columns; /* pixels */
	struct shape shape;
};

/* Even heights need no glyph: cells of a colour. */
static void picture_line(struct ink *ink, const struct picture *picture, int line)
{
	int upper = 2 * line / picture->shape.halves,
	    lower = (2 * line + 1) / picture->shape.halves;
	bool halves = picture->shape.halves % 2 != 0;
	int before = -1;

	ink_add(ink, halves ? INK_HALVES : "");
	for (int i = 0; i < picture->columns * picture->shape.columns; i++) {
		int column = i / picture->shape.columns;
		bool light = picture->light(picture->what, upper, column);

		if (!halves && light != before)
			ink_add(ink, light ? INK_LIGHT : INK_DARK);
		before = light;
		ink_add(ink,
			halves ? ink_halves(light, picture->light(picture->what, lower, column))
			       : " ");
	}
	ink_add(ink, INK_RESET);
}

static bool module_light(const void *what, int row, int column)
{
	return !screen_module_is_dark(what, row, column);
}

static void qr_put(struct ink *ink, const struct plan *plan, int row, int column)
{
	const struct picture picture = { module_light,
					 plan->wall->matrix,
					 plan->wall->matrix->width + 2 * SCREEN_QUIET,
					 { plan->scale, plan->scale } };

	for (int line = 0; line < qr_rows(plan); line++) {
		ink_at(ink, row + line, column);
		picture_line(ink, &picture, line);
	}
}

static bool text_light(const void *what, int row, int column)
{
	const char *text = what;
	unsigned int point = 0;
	size_t len;

	for (int at = column / (LETTER_COLUMNS + 1); at >= 0; at--, text += len) {
		len = utf8_next(text, &point);
		if (len == 0)
			return false;
	}
	return letter_lit(point, row, column % (LETTER_COLUMNS + 1));
}

/* ROWS: of each line of its text, so that all lines stand alike. */
static void line_put(struct ink *ink, const struct plan *plan, const char *line, int shape, int row,
		     int rows)
{
	struct picture picture = { text_light, line, 0, shapes[shape] };
	const struct area *area = &plan->area;
	int columns, column;

	columns = line_columns(line, strlen(line), shape);
	picture.columns = shape == 0 ? 0 : columns / shapes[shape].columns;
	column = area->column + (area->centred ? (area->columns - columns) / 2 : 0);
	for (int i = 0; i < rows; i++) {
		ink_at(ink, row + i, column);
		if (shape == 0)
			ink_add(ink, line);
		else
			picture_line(ink, &picture, i);
	}
}

static void item_put(struct ink *ink, const struct plan *plan, size_t item, int row)
{
	const char *text = plan->wall->item[item].text;
	int shape = plan->shape[item], rows = line_rows(text, shape);
	int letters = line_even(plan, text, shape);
	char line[BYTES_OF_LINE];

	for (size_t len; *text; text += len, text += skip_spaces(text)) {
		len = item_line(text, shape, letters);
		if (len >= sizeof(line)) {
			ink->broken = true;
			return;
		}
		memcpy(line, text, len);
		line[len] = '\0';
		line_put(ink, plan, line, shape, row, rows);
		row += rows + (shape > 0 ? rows_of(shapes[shape].halves) : 0);
	}
}

static void plan_put(struct ink *ink, const struct plan *plan)
{
	const struct wall *wall = plan->wall;
	int row = plan->area.row, rows;

	if (wall->matrix && plan->area.centred)
		qr_put(ink, plan, row - plan->gap_qr - qr_rows(plan),
		       (wall->columns - qr_columns(plan)) / 2);
	else if (wall->matrix)
		qr_put(ink, plan, MARGIN + (height(wall) - qr_rows(plan)) / 2,
		       plan->area.column - BESIDE - qr_columns(plan));
	for (size_t i = 0; i < wall->items; i++) {
		rows = item_rows(plan, i);
		if (rows > 0)
			item_put(ink, plan, i, row);
		row += rows > 0 ? rows + plan->gap : 0;
	}
	ink_at(ink, wall->rows - WALL_ROWS_BELOW,
	       wall->prompt[0]
		       ? (wall->columns - line_columns(wall->prompt, strlen(wall->prompt), 0)) / 2
		       : 0);
}

static size_t ink_finish(struct ink *ink)
{
	if (ink->broken)
		ink->len = 0;
	ink->out[ink->len] = '\0';
	return ink->len;
}

/* Whether two fifths of the height are the QR code's. */
static bool large_enough(const struct plan *plan)
{
	return 5 * qr_rows(plan) >= 2 * plan->wall->rows;
}

static bool plan_find(struct plan *plan)
{
	int gap = plan->ample ? plan->wall->rows / GAP_LEAST : 0;

	plan->gap = gap > 0 ? gap : 1;
	if (plan_below(plan))
		return true;
	plan->gap = gap > 0 ? gap : 1;
	return plan->wall->matrix && plan_beside(plan);
}

/* The largest QR code that leaves room for all; else the largest. */
size_t wall_compose(const struct wall *wall, char *out, size_t out_len)
{
	struct plan plan = { .wall = wall };
	struct ink ink;

	if (out_len == 0)
		return 0;
	for (int try = 0; try < 2 * SCALE_MAX; try++) {
		plan.ample = try < SCALE_MAX;
		plan.scale = SCALE_MAX - try % SCALE_MAX;
		if (wall->matrix &&
		    ((plan.scale % 2 != 0 && !wall->halves) || !large_enough(&plan)))
			continue;
		if (!plan_find(&plan))
			continue;
		ink = (struct ink){ .out = out, .size = out_len };
		plan_put(&ink, &plan);
		if (!ink.broken)
			return ink_finish(&ink);
	}
	out[0] = '\0';
	return 0;
}

size_t wall_below(const struct wall *wall, const char *text, char *out, size_t out_len)
{
	struct ink ink = { .out = out, .size = out_len };
	int columns = line_columns(text, strlen(text), 0);

	if (out_len == 0)
		return 0;
	out[0] = '\0';
	ink.broken = columns > wall->columns;
	ink_at(&ink, wall->rows - WALL_ROWS_BELOW, 0);
	ink_add(&ink, "\033[2K");
	ink_at(&ink, wall->rows - WALL_ROWS_BELOW, (wall->columns - columns) / 2);
	ink_add(&ink, text);
	return ink_finish(&ink);
}

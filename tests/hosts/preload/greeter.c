/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For LD_PRELOAD into a GTK greeter: says in words what is on its screen, to the file that EYES names,
 * each time that it changes: a clear sequence, then a line for each line of a label that is shown, or
 * "button X Y LABEL".
 * What does not lie on the monitor, or was cut to fit, is marked. Of entries only the one that the keys
 * go to, with as many stars as there are characters in it.
 *
 * It must change nothing that the greeter does. GTK's own headers are not needed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PERIOD_MS = 50,
	SCREEN_MAX = 65536,
};

struct list {
	void *data;
	struct list *next;
};

struct rectangle {
	int x, y, width, height;
};

static struct list *(*list_toplevels)(void);
static int (*widget_mapped)(void *);
static int (*widget_focused)(void *);
static void *(*widget_toplevel)(void *);
static int (*widget_translate)(void *, void *, int, int, int *, int *);
static void (*widget_allocation)(void *, struct rectangle *);
static void *(*widget_parent)(void *);
static const char *(*type_name)(void *);
static int (*is_a)(void *, unsigned long);
static unsigned long (*container_type)(void);
static void (*container_all)(void *, void (*)(void *, void *), void *);
static const char *(*label_text)(void *);
static void *(*label_layout)(void *);
static int (*layout_ellipsized)(void *);
static const char *(*entry_text)(void *);
static unsigned int (*timeout_add)(unsigned int, int (*)(void *), void *);

static char screen[SCREEN_MAX], before[SCREEN_MAX];
static size_t used;

static void say(const char *text, size_t len)
{
	int n = snprintf(screen + used, sizeof(screen) - used, "%.*s\r\n", (int)len, text);

	if (n > 0 && used + (size_t)n < sizeof(screen))
		used += (size_t)n;
}

/* Whether all of it lies within its window, which is the monitor's size. */
static int visible(void *widget)
{
	struct rectangle own, window;
	void *top = widget_toplevel(widget);
	int x, y;

	if (!top || !widget_translate(widget, top, 0, 0, &x, &y))
		return 0;
	widget_allocation(widget, &own);
	widget_allocation(top, &window);
	return x >= 0 && y >= 0 && x + own.width <= window.width && y + own.height <= window.height;
}

/* For the mouse: where its middle is. */
static void look_at_button(void *button, const char *text)
{
	struct rectangle own;
	char line[128];
	int x, y;

	if (!widget_translate(button, widget_toplevel(button), 0, 0, &x, &y))
		return;
	widget_allocation(button, &own);
	snprintf(line, sizeof(line), "button %d %d %s", x + own.width / 2, y + own.height / 2, text);
	say(line, strlen(line));
}

static void look_at_label(void *label)
{
	const char *text = label_text(label);

	if (strcmp(type_name(widget_parent(label)), "GtkButton") == 0) {
		look_at_button(label, text);
		return;
	}
	if (!visible(label))
		say("(off the screen:)", 17);
	if (layout_ellipsized(label_layout(label)))
		say("(cut:)", 6);
	for (size_t len; *text; text += len, text += *text == '\n') {
		len = strcspn(text, "\n");
		say(text, len);
	}
}

static void look_at(void *widget, void *data)
{
	const char *type = type_name(widget);

	if (!widget_mapped(widget))
		return;
	if (strcmp(type, "GtkLabel") == 0) {
		look_at_label(widget);
	} else if (strcmp(type, "GtkEntry") == 0 && widget_focused(widget)) {
		char line[80] = "keys: ";

		memset(line + 6, '*', strnlen(entry_text(widget), 60));
		say(line, strlen(line));
	}
	if (is_a(widget, container_type()))
		container_all(widget, look_at, data);
}

static int look(void *data)
{
	struct list *top = list_toplevels();
	int fd;

	used = 0;
	say("\033[H\033[2J\033[3J\r", 12);
	for (; top; top = top->next)
		look_at(top->data, data);
	if (strcmp(screen, before) != 0) {
		fd = open(getenv("EYES"), O_WRONLY | O_APPEND | O_CLOEXEC);
		if (fd < 0 || write(fd, screen, used) != (ssize_t)used)
			abort();
		close(fd);
		memcpy(before, screen, sizeof(before));
	}
	return 1;
}

void gtk_main(void);
void gtk_main(void)
{
	void (*real)(void) = dlsym(RTLD_NEXT, "gtk_main");
	const struct {
		const char *name;
		void *to;
	} names[] = {
		{ "gtk_window_list_toplevels", &list_toplevels },
		{ "gtk_widget_get_mapped", &widget_mapped },
		{ "gtk_widget_is_focus", &widget_focused },
		{ "gtk_widget_get_toplevel", &widget_toplevel },
		{ "gtk_widget_translate_coordinates", &widget_translate },
		{ "gtk_widget_get_parent", &widget_parent },
		{ "gtk_widget_get_allocation", &widget_allocation },
		{ "g_type_name_from_instance", &type_name },
		{ "g_type_check_instance_is_a", &is_a },
		{ "gtk_container_get_type", &container_type },
		{ "gtk_container_forall", &container_all },
		{ "gtk_label_get_text", &label_text },
		{ "gtk_label_get_layout", &label_layout },
		{ "pango_layout_is_ellipsized", &layout_ellipsized },
		{ "gtk_entry_get_text", &entry_text },
		{ "g_timeout_add", &timeout_add },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		void *found = dlsym(RTLD_DEFAULT, names[i].name);

		if (!found)
			abort();
		memcpy(names[i].to, &found, sizeof(found));
	}
	timeout_add(PERIOD_MS, look, NULL);
	real();
}

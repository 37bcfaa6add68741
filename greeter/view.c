/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen: see view.h. Must never show a text as markup, or start anything. A loop that hangs is ended by
 * the kernel: greetd then begins anew.
 */
#include "view.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <gtk/gtk.h>
#include <string.h>
#include <unistd.h>

#include "arrange.h"
#include "paint.h"
#include "style.h"

enum {
	ALIVE_SECONDS = 10, /* between two signs of life */
	HANGS_SECONDS = 40,
	SCREEN_LEAST = 240, /* a window that has no place yet is smaller */
	STILL_SECONDS = 15, /* between two steps of the ring where nothing moves */
};

static struct {
	const struct view_given *given;
	GMainLoop *loop;
	GtkWidget *window, *ground, *page, *ring;
	struct scene scene;
	struct arrangement at;
	gint64 until;	/* the code's end, microseconds of GLib's clock */
	gint64 minutes; /* that it has in all, likewise */
	guint rest, step, draw;
} view;

/* ---- pieces ---- */

static const char *const tones[] = { "calm", "good", "trouble", "bad" };

static GtkWidget *label(const char *text, const char *style, int size)
{
	GtkWidget *made = gtk_label_new(text);
	PangoAttrList *list = pango_attr_list_new();

	pango_attr_list_insert(list, pango_attr_size_new_absolute(size * PANGO_SCALE));
	gtk_label_set_attributes(GTK_LABEL(made), list);
	pango_attr_list_unref(list);
	gtk_label_set_wrap(GTK_LABEL(made), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(made), PANGO_WRAP_WORD_CHAR);
	gtk_widget_add_css_class(made, style);
	return made;
}

static void name(GtkWidget *widget, const char *text)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
				       -1);
}

/* Text of one column, all to one side. */
static GtkWidget *column(GtkAlign side)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, view.at.gap);

	gtk_widget_set_halign(box, GTK_ALIGN_CENTER);
	gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
	g_object_set_data(G_OBJECT(box), "side", GINT_TO_POINTER(side));
	return box;
}

static void add(GtkWidget *box, GtkWidget *widget)
{
	GtkAlign side = (GtkAlign)GPOINTER_TO_INT(g_object_get_data(G_OBJECT(box), "side"));

	gtk_widget_set_halign(widget, side);
	if (GTK_IS_LABEL(widget)) {
		gtk_label_set_xalign(GTK_LABEL(widget), side == GTK_ALIGN_CENTER ? 0.5f : 0);
		gtk_label_set_justify(GTK_LABEL(widget), side == GTK_ALIGN_CENTER
								 ? GTK_JUSTIFY_CENTER
								 : GTK_JUSTIFY_LEFT);
	}
	gtk_box_append(GTK_BOX(box), widget);
}

static void add_text(GtkWidget *box, const char *text, const char *style, int size)
{
	if (text[0])
		add(box, label(text, style, size));
}

static GtkWidget *area(int size, GtkDrawingAreaDrawFunc draw)
{
	GtkWidget *made = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
				       GTK_ACCESSIBLE_ROLE_IMG, NULL);

	gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(made), size);
	gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(made), size);
	gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(made), draw, NULL, NULL);
	gtk_widget_set_valign(made, GTK_ALIGN_CENTER);
	return made;
}

static struct paint_ink ink_of(GtkDrawingArea *of)
{
	GdkRGBA colour;

	gtk_style_context_get_color(gtk_widget_get_style_context(GTK_WIDGET(of)), &colour);
	return (struct paint_ink){ (double)colour.red, (double)colour.green, (double)colour.blue };
}

static void qr_draw(GtkDrawingArea *of, cairo_t *cr, int width, int height, gpointer data)
{
	(void)of, (void)width, (void)height, (void)data;
	paint_qr(cr, &view.scene, view.at.module);
}

static void ring_draw(GtkDrawingArea *of, cairo_t *cr, int width, int height, gpointer data)
{
	double left = view.minutes > 0
			      ? (double)(view.until - g_get_monotonic_time()) / (double)view.minutes
			      : 0;

	(void)height, (void)data;
	paint_ring(cr, width, left, ink_of(of));
}

static void sign_draw(GtkDrawingArea *of, cairo_t *cr, int width, int height, gpointer data)
{
	(void)height, (void)data;
	paint_sign(cr, width, view.scene.tone, ink_of(of));
}

/* ---- pages ---- */

static void prompt_add(GtkWidget *box)
{
	GtkWidget *prompt;

	if (view.scene.prompt[0]) {
		prompt = label(view.scene.prompt, "prompt", view.at.text);
		gtk_widget_set_margin_top(prompt, 2 * view.at.gap);
		add(box, prompt);
	}
	add_text(box, view.scene.session, "dim", view.at.small);
}

static GtkWidget *idle_page(void)
{
	GtkWidget *box = column(GTK_ALIGN_CENTER), *picture;

	if (view.given->picture[0]) {
		picture = gtk_picture_new_for_filename(view.given->picture);
		gtk_widget_set_size_request(picture, view.at.column * 2 / 3, view.at.picture);
		gtk_widget_set_margin_bottom(picture, view.at.gap);
		add(box, picture);
	}
	add_text(box, view.scene.title, "headline", view.at.headline);
	add_text(box, view.scene.text, "dim", view.at.text);
	prompt_add(box);
	return box;
}

static GtkWidget *message_page(void)
{
	GtkWidget *box = column(GTK_ALIGN_CENTER);
	GtkWidget *sign = area(view.at.sign, sign_draw);

	gtk_widget_add_css_class(sign, tones[view.scene.tone]);
	gtk_widget_set_margin_bottom(sign, view.at.gap);
	add(box, sign);
	add_text(box, view.scene.text, "headline", view.at.headline);
	prompt_add(box);
	return box;
}

/* Letter by letter, as it is typed. */
static void code_name(GtkWidget *widget)
{
	char text[2 * SCENE_CODE_MAX];
	size_t used = 0;

	for (const char *at = view.scene.code; *at; at++) {
		text[used++] = *at;
		text[used++] = ' ';
	}
	text[used] = '\0';
	name(widget, text);
}

static GtkWidget *waiting(void)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, view.at.gap), *text;

	view.ring = area(view.at.ring, ring_draw);
	name(view.ring, view.scene.text);
	gtk_widget_add_css_class(view.ring, tones[view.scene.tone]);
	gtk_box_append(GTK_BOX(row), view.ring);
	text = label(view.scene.text,
		     view.scene.tone == SCENE_CALM ? "dim" : tones[view.scene.tone], view.at.text);
	gtk_label_set_xalign(GTK_LABEL(text), 0);
	gtk_box_append(GTK_BOX(row), text);
	gtk_widget_set_margin_top(row, view.at.gap);
	return row;
}

static GtkWidget *code_text(void)
{
	GtkWidget *box =
		column(view.at.stacked || view.at.card == 0 ? GTK_ALIGN_CENTER : GTK_ALIGN_START);
	GtkWidget *code = label(view.scene.code, "code", view.at.code);

	add_text(box, view.scene.title, "title", view.at.title);
	add_text(box, view.scene.how, "dim", view.at.text);
	add_text(box, view.scene.uri, "address", view.at.text);
	if (view.scene.stale)
		gtk_widget_set_opacity(code, 0.25);
	code_name(code);
	add(box, code);
	add(box, waiting());
	return box;
}

static GtkWidget *code_page(void)
{
	GtkWidget *box =
		gtk_box_new(view.at.stacked ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL,
			    view.at.margin);
	GtkWidget *qr, *text = code_text();

	gtk_widget_set_halign(box, GTK_ALIGN_CENTER);
	gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
	if (view.at.card > 0) {
		qr = area(view.at.card, qr_draw);
		gtk_widget_set_halign(qr, GTK_ALIGN_CENTER);
		name(qr, view.scene.how);
		gtk_box_append(GTK_BOX(box), qr);
	}
	gtk_widget_set_size_request(text, view.at.stacked ? -1 : view.at.column, -1);
	gtk_box_append(GTK_BOX(box), text);
	return box;
}

static void entry_done(GtkEntry *entry, gpointer data)
{
	char *text = g_strdup(gtk_editable_get_text(GTK_EDITABLE(entry)));

	(void)data;
	view.given->typed(view.given->context, text);
	explicit_bzero(text, strlen(text));
	g_free(text);
}

static GtkWidget *question_page(void)
{
	GtkWidget *box = column(GTK_ALIGN_CENTER), *entry = gtk_entry_new();
	PangoAttrList *list = pango_attr_list_new();

	add_text(box, view.scene.how, "dim", view.at.text);
	add_text(box, view.scene.text, "headline", view.at.title);
	pango_attr_list_insert(list, pango_attr_size_new_absolute(view.at.title * PANGO_SCALE));
	gtk_entry_set_attributes(GTK_ENTRY(entry), list);
	pango_attr_list_unref(list);
	gtk_entry_set_visibility(GTK_ENTRY(entry), !view.scene.secret);
	gtk_widget_set_size_request(entry, view.at.column / 2, -1);
	name(entry, view.scene.text);
	g_signal_connect(entry, "activate", G_CALLBACK(entry_done), NULL);
	add(box, entry);
	g_object_set_data(G_OBJECT(box), "entry", entry);
	return box;
}

static GtkWidget *page_make(void)
{
	switch (view.scene.kind) {
	case SCENE_IDLE:
		return idle_page();
	case SCENE_CODE:
		return code_page();
	case SCENE_MESSAGE:
		return message_page();
	case SCENE_QUESTION:
		return question_page();
	case SCENE_BLANK:
		break;
	}
	return gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
}

/* ---- what a person sees, in words: for tests ---- */

#ifdef TELL_FOR_TESTS
static void tell(GtkWidget *widget)
{
	graphene_rect_t box;
	bool inside = gtk_widget_compute_bounds(widget, view.window, &box) && box.origin.x >= 0 &&
		      box.origin.y >= 0 &&
		      box.origin.x + box.size.width <= (float)gtk_widget_get_width(view.window) &&
		      box.origin.y + box.size.height <= (float)gtk_widget_get_height(view.window);

	if (!inside)
		fprintf(stderr, "(off the screen)\n");
	if (GTK_IS_LABEL(widget))
		fprintf(stderr, "%s%s\n", gtk_widget_has_css_class(widget, "code") ? "Code: " : "",
			gtk_label_get_text(GTK_LABEL(widget)));
	else if (GTK_IS_ENTRY(widget))
		fprintf(stderr, "[field]\n");
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child))
		tell(child);
}

static gboolean tell_later(gpointer data)
{
	(void)data;
	fprintf(stderr, "(%s, QR %d of %d)\n", view.scene.state,
		view.scene.kind == SCENE_CODE ? view.at.module * view.scene.width : 0,
		gtk_widget_get_height(view.window));
	tell(view.page);
	return G_SOURCE_REMOVE;
}
#endif

/* ---- drawing ---- */

static gboolean draw(gpointer data)
{
	GtkWidget *page, *entry;
	int width = gtk_widget_get_width(view.ground);
	int height = gtk_widget_get_height(view.ground);

	(void)data;
	view.draw = 0;
	if (width < SCREEN_LEAST || height < SCREEN_LEAST)
		return G_SOURCE_REMOVE;
	view.at = arrange(width, height, view.scene.kind == SCENE_CODE ? view.scene.width : 0,
			  (int)strlen(view.scene.code));
	view.ring = NULL;
	page = page_make();
	gtk_widget_set_margin_start(page, view.at.margin);
	gtk_widget_set_margin_end(page, view.at.margin);
	if (view.page)
		gtk_overlay_remove_overlay(
			GTK_OVERLAY(gtk_window_get_child(GTK_WINDOW(view.window))), view.page);
	gtk_overlay_add_overlay(GTK_OVERLAY(gtk_window_get_child(GTK_WINDOW(view.window))), page);
	view.page = page;
	entry = g_object_get_data(G_OBJECT(page), "entry");
	if (entry)
		gtk_widget_grab_focus(entry);
#ifdef TELL_FOR_TESTS
	g_timeout_add(150, tell_later, NULL);
#endif
	return G_SOURCE_REMOVE;
}

static void draw_soon(void)
{
	if (view.draw == 0)
		view.draw = g_idle_add(draw, NULL);
}

static void resized(GtkDrawingArea *ground, int width, int height, gpointer data)
{
	(void)ground, (void)width, (void)height, (void)data;
	draw_soon();
}

static gboolean stepped(gpointer data)
{
	(void)data;
	if (view.ring)
		gtk_widget_queue_draw(view.ring);
	if (view.scene.kind == SCENE_CODE && g_get_monotonic_time() < view.until)
		return G_SOURCE_CONTINUE;
	view.step = 0;
	return G_SOURCE_REMOVE;
}

static bool is_still(void)
{
	gboolean moves = TRUE;

	g_object_get(gtk_settings_get_default(), "gtk-enable-animations", &moves, NULL);
	return view.given->still || !moves;
}

void view_show(const struct scene *scene)
{
	bool code = scene->kind == SCENE_CODE && strcmp(scene->state, "code") == 0;

	/* Both were zeroed before they were filled, padding too. NOLINTNEXTLINE */
	if (memcmp(&view.scene, scene, sizeof(*scene)) == 0)
		return;
	view.scene = *scene;
#ifdef TELL_FOR_TESTS
	fprintf(stderr, "said: %s\n", scene->text);
#endif
	if (code) {
		view.minutes = (gint64)scene->seconds * G_USEC_PER_SEC;
		view.until = g_get_monotonic_time() + view.minutes;
	}
	if (code && view.step == 0)
		view.step = g_timeout_add_seconds(is_still() ? STILL_SECONDS : 1, stepped, NULL);
	draw_soon();
}

/* ---- keys and time ---- */

/* false: it is for the field that a question is answered in. */
static bool key_take(guint key)
{
	static const struct {
		guint key;
		enum view_key is;
	} known[] = {
		{ GDK_KEY_Escape, VIEW_BACK },	  { GDK_KEY_Back, VIEW_BACK },
		{ GDK_KEY_BackSpace, VIEW_BACK }, { GDK_KEY_Cancel, VIEW_BACK },
		{ GDK_KEY_Left, VIEW_BEFORE },	  { GDK_KEY_Right, VIEW_AFTER },
	};
	enum view_key is = VIEW_OK;

	if (view.scene.kind == SCENE_QUESTION && key != GDK_KEY_Escape && key != GDK_KEY_Back)
		return false;
	if (key == GDK_KEY_AudioRaiseVolume || key == GDK_KEY_AudioLowerVolume ||
	    key == GDK_KEY_AudioMute)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].key == key)
			is = known[i].is;
	view.given->pressed(view.given->context, is);
	return true;
}

static gboolean key_pressed(GtkEventControllerKey *keys, guint key, guint code,
			    GdkModifierType state, gpointer data)
{
	GdkEvent *event = gtk_event_controller_get_current_event(GTK_EVENT_CONTROLLER(keys));

	(void)code, (void)state, (void)data;
	return gdk_key_event_is_modifier(event) || key_take(key) ? GDK_EVENT_STOP
								 : GDK_EVENT_PROPAGATE;
}

#ifdef TELL_FOR_TESTS
/* A compositor may take no keys but a keyboard's: names of keys, one a line; else a text for the field. */
static gboolean keys_come(gint fd, GIOCondition condition, gpointer data)
{
	char line[128];
	ssize_t len = read(fd, line, sizeof(line) - 1);
	guint key;

	(void)condition, (void)data;
	if (len <= 0)
		return G_SOURCE_CONTINUE;
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	key = gdk_keyval_from_name(line);
	if (key != GDK_KEY_VoidSymbol) {
		key_take(key);
	} else {
		GtkWidget *entry = g_object_get_data(G_OBJECT(view.page), "entry");

		gtk_editable_set_text(GTK_EDITABLE(entry), line);
		g_signal_emit_by_name(entry, "activate");
	}
	return G_SOURCE_CONTINUE;
}
#endif

static void touched(GtkGestureClick *click, int presses, double x, double y, gpointer data)
{
	(void)click, (void)presses, (void)x, (void)y, (void)data;
	if (view.scene.kind != SCENE_QUESTION)
		view.given->pressed(view.given->context, VIEW_OK);
}

static gboolean alive(gpointer data)
{
	(void)data;
	alarm(HANGS_SECONDS);
	return G_SOURCE_CONTINUE;
}

static gboolean readable(gint fd, GIOCondition condition, gpointer data)
{
	(void)fd, (void)condition, (void)data;
	view.given->readable(view.given->context);
	return G_SOURCE_CONTINUE;
}

void view_watch(int fd)
{
	g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, readable, NULL);
}

static gboolean rested(gpointer data)
{
	(void)data;
	view.rest = 0;
	view.given->rested(view.given->context);
	return G_SOURCE_REMOVE;
}

void view_rest(int ms)
{
	if (view.rest)
		g_source_remove(view.rest);
	view.rest = ms > 0 ? g_timeout_add((guint)ms, rested, NULL) : 0;
}

/* ---- the window ---- */

/* Root's comes last, and wins. */
static void style_load(void)
{
	GtkCssProvider *own = gtk_css_provider_new(), *site;
	GdkDisplay *display = gdk_display_get_default();

	gtk_css_provider_load_from_data(own, STYLE, -1);
	gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(own),
						   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
	g_object_unref(own);
	if (!view.given->style[0])
		return;
	site = gtk_css_provider_new();
	gtk_css_provider_load_from_path(site, view.given->style);
	gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(site),
						   GTK_STYLE_PROVIDER_PRIORITY_USER);
	g_object_unref(site);
}

static void listen(void)
{
	GtkEventController *keys = gtk_event_controller_key_new();
	GtkGesture *click = gtk_gesture_click_new();

	gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
	g_signal_connect(keys, "key-pressed", G_CALLBACK(key_pressed), NULL);
	gtk_widget_add_controller(view.window, keys);
	g_signal_connect(click, "pressed", G_CALLBACK(touched), NULL);
	gtk_widget_add_controller(view.window, GTK_EVENT_CONTROLLER(click));
}

bool view_open(const struct view_given *given)
{
	GtkWidget *overlay;

	alarm(HANGS_SECONDS);
	if (!gtk_init_check())
		return false;
	view.given = given;
	view.loop = g_main_loop_new(NULL, FALSE);
	g_object_set(gtk_settings_get_default(), "gtk-theme-name", "Empty", NULL);
	style_load();
	view.window = gtk_window_new();
	gtk_widget_add_css_class(view.window, given->light ? "light" : "dark");
	gtk_widget_set_cursor_from_name(view.window, "none");
	view.ground = gtk_drawing_area_new();
	overlay = gtk_overlay_new();
	gtk_overlay_set_child(GTK_OVERLAY(overlay), view.ground);
	gtk_window_set_child(GTK_WINDOW(view.window), overlay);
	g_signal_connect(view.ground, "resize", G_CALLBACK(resized), NULL);
	listen();
#ifdef TELL_FOR_TESTS
	if (g_getenv("TELL_KEYS"))
		g_unix_fd_add(open(g_getenv("TELL_KEYS"), O_RDWR | O_CLOEXEC | O_NONBLOCK), G_IO_IN,
			      keys_come, NULL);
#endif
	g_timeout_add_seconds(ALIVE_SECONDS, alive, NULL);
	gtk_window_fullscreen(GTK_WINDOW(view.window));
	gtk_window_present(GTK_WINDOW(view.window));
	return true;
}

void view_run(void)
{
	g_main_loop_run(view.loop);
}

void view_end(void)
{
	g_main_loop_quit(view.loop);
}

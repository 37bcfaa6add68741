/* SPDX-License-Identifier: BSD-2-Clause */
/* What a verb has found: see report.h. Must never write a byte that is not printable ASCII. */
#include "report.h"

#include <stdarg.h>
#include <string.h>

#include "helper/login/display/screen.h"
#include "admin/verbs.h"

enum {
	LINE_MAX_BYTES = 1200,
	TOPIC_WIDTH = 18, /* with it the longest path of ours fits 80 columns */
	TEXT_COLUMN = 2 + 8 + 1 + TOPIC_WIDTH + 1,
};

static const char *const mark_names[MARK_COUNT] = {
	[MARK_OK] = "ok",
	[MARK_WARNING] = "warning",
	[MARK_ERROR] = "error",
};

void report_begin(struct report *report, FILE *out, bool json)
{
	*report = (struct report){ .out = out, .json = json };
	terminal_open(&report->terminal, out);
	if (json)
		fprintf(out, "{\"program\":\"%s\",\"version\":\"%s\",\"findings\":[", PROGRAM,
			VERSION);
}

/* TEXT is printable ASCII: two bytes are left that JSON has a meaning for. */
static void json_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\"%s\":\"", name);
	for (; *text; text++)
		fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
	fputc('"', out);
}

static void scope_text(const struct report *report)
{
	if (report->begun)
		fputc('\n', report->out);
	terminal_print(&report->terminal, INK_STRONG, "%s",
		       report->scope[0] ? report->scope : "this machine");
	fputc('\n', report->out);
}

void report_scope(struct report *report, const char *scope)
{
	screen_plain(scope, report->scope, sizeof(report->scope));
	if (!report->json)
		scope_text(report);
	report->begun |= !report->json;
}

static void line_json(struct report *report, enum mark mark, const char *topic, const char *text,
		      const char *fix)
{
	fprintf(report->out, "%s\n{\"result\":\"%s\"", report->begun ? "," : "", mark_names[mark]);
	json_text(report->out, "scope", report->scope);
	json_text(report->out, "topic", topic);
	json_text(report->out, "text", text);
	if (fix[0])
		json_text(report->out, "fix", fix);
	fputc('}', report->out);
	report->begun = true;
}

/* Broken to fit a terminal alone: what is piped stays a line for each, to be searched. */
static void text_put(const struct report *report, int at, const char *text)
{
	if (report->terminal.there)
		terminal_wrap(&report->terminal, at, TEXT_COLUMN, text);
	else
		fprintf(report->out, "%s\n", text);
}

static void line_text(const struct report *report, enum mark mark, const char *topic,
		      const char *text, const char *fix)
{
	static const enum ink inks[MARK_COUNT] = {
		[MARK_OK] = INK_GOOD, [MARK_WARNING] = INK_WARN, [MARK_ERROR] = INK_BAD
	};
	int topic_len = (int)strlen(topic);

	fputs("  ", report->out);
	terminal_print(&report->terminal, inks[mark], "%-8s", mark_names[mark]);
	fprintf(report->out, " %-*s ", TOPIC_WIDTH, topic);
	text_put(report, TEXT_COLUMN + (topic_len > TOPIC_WIDTH ? topic_len - TOPIC_WIDTH : 0),
		 text);
	if (fix[0] == '\0')
		return;
	fprintf(report->out, "%*s-> ", TEXT_COLUMN, "");
	text_put(report, TEXT_COLUMN + 3, fix);
}

void report_line(struct report *report, enum mark mark, const char *topic, const char *fix,
		 const char *format, ...)
{
	char raw[LINE_MAX_BYTES], text[LINE_MAX_BYTES], todo[LINE_MAX_BYTES], about[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	screen_plain(raw, text, sizeof(text));
	screen_plain(fix ? fix : "", todo, sizeof(todo));
	screen_plain(topic, about, sizeof(about));
	report->found[mark]++;
	if (report->json) {
		line_json(report, mark, about, text, todo);
		return;
	}
	line_text(report, mark, about, text, todo);
}

void report_end(struct report *report)
{
	const int *found = report->found;

	if (report->json)
		fprintf(report->out, "\n],\"ok\":%d,\"warnings\":%d,\"errors\":%d}\n",
			found[MARK_OK], found[MARK_WARNING], found[MARK_ERROR]);
	else
		fprintf(report->out, "\n%d ok, %d warning%s, %d error%s\n", found[MARK_OK],
			found[MARK_WARNING], found[MARK_WARNING] == 1 ? "" : "s", found[MARK_ERROR],
			found[MARK_ERROR] == 1 ? "" : "s");
}

int report_status(const struct report *report)
{
	if (report->found[MARK_ERROR] > 0)
		return MARK_ERROR;
	return report->found[MARK_WARNING] > 0 ? MARK_WARNING : MARK_OK;
}

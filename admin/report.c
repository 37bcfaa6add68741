/* SPDX-License-Identifier: BSD-2-Clause */
/* What a verb has found: see report.h. Must never write a byte that is not printable ASCII. */
#include "report.h"

#include <stdarg.h>
#include <string.h>

#include "../pam_module/screen.h"
#include "verbs.h"

enum {
	LINE_MAX_BYTES = 1200,
	TOPIC_WIDTH = 20,
};

static const char *const mark_names[MARK_COUNT] = {
	[MARK_OK] = "ok",
	[MARK_WARNING] = "warning",
	[MARK_ERROR] = "error",
};

void report_begin(struct report *report, FILE *out, bool json)
{
	*report = (struct report){ .out = out, .json = json };
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

void report_scope(struct report *report, const char *scope)
{
	screen_plain(scope, report->scope, sizeof(report->scope));
	if (!report->json)
		fprintf(report->out, "%s%s\n", report->begun ? "\n" : "",
			scope[0] ? report->scope : "this machine");
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

void report_line(struct report *report, enum mark mark, const char *topic, const char *fix,
		 const char *format, ...)
{
	char raw[LINE_MAX_BYTES], text[LINE_MAX_BYTES], todo[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	screen_plain(raw, text, sizeof(text));
	screen_plain(fix ? fix : "", todo, sizeof(todo));
	report->found[mark]++;
	if (report->json) {
		line_json(report, mark, topic, text, todo);
		return;
	}
	fprintf(report->out, "  %-8s %-*s %s\n", mark_names[mark], TOPIC_WIDTH, topic, text);
	if (todo[0])
		fprintf(report->out, "  %-8s %-*s -> %s\n", "", TOPIC_WIDTH, "", todo);
}

void report_end(struct report *report)
{
	const int *found = report->found;

	if (report->json)
		fprintf(report->out, "\n],\"ok\":%d,\"warnings\":%d,\"errors\":%d}\n",
			found[MARK_OK], found[MARK_WARNING], found[MARK_ERROR]);
	else
		fprintf(report->out, "\n%d ok, %d warnings, %d errors\n", found[MARK_OK],
			found[MARK_WARNING], found[MARK_ERROR]);
}

int report_status(const struct report *report)
{
	if (report->found[MARK_ERROR] > 0)
		return STATUS_FAILED;
	return report->found[MARK_WARNING] > 0 ? STATUS_WARNED : STATUS_OK;
}

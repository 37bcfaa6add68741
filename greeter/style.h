/* SPDX-License-Identifier: BSD-2-Clause */
/* Colours and weights of what the greeter shows. Sizes follow the screen (arrange.h). */
#ifndef GREETER_STYLE_H
#define GREETER_STYLE_H

#define STYLE                                                                      \
	"window { font-family: sans-serif; }"                                      \
	"window.dark { background: #10151c; color: #f3f5f8; }"                     \
	"window.light { background: #eef1f5; color: #11161d; }"                    \
	".title { font-weight: 600; }"                                             \
	".headline { font-weight: 600; }"                                          \
	".address { font-weight: 600; }"                                           \
	".code { font-family: monospace; font-weight: 700; }"                      \
	".dark .dim { color: #aeb8c6; }"                                           \
	".light .dim { color: #47525f; }"                                          \
	".dark .calm, .dark .prompt { color: #7cb8ff; }"                           \
	".light .calm, .light .prompt { color: #0a56b0; }"                         \
	".dark .good { color: #6fd58f; }"                                          \
	".light .good { color: #14713a; }"                                         \
	".dark .trouble { color: #ffc266; }"                                       \
	".light .trouble { color: #8a5200; }"                                      \
	".dark .bad { color: #ff8f88; }"                                           \
	".light .bad { color: #b3261e; }"                                          \
	".prompt { border: 2px solid; border-radius: 999px; padding: 0.9em 2em; }" \
	"entry { border: 2px solid; border-radius: 12px; padding: 0.4em 0.6em; }"  \
	"entry { caret-color: currentColor; }"

#endif

/*
 * timer.h - wakes suspended requests later, on a thread of its own, so that a
 * late reply keeps no other one waiting.
 */
#ifndef PROVIDER_TIMER_H
#define PROVIDER_TIMER_H

#include "server.h"

void timer_start(void (*wake)(struct request *request));
void timer_add(struct request *request, long delay_ms);
/* Wakes everything that still waits; later timer_add() calls wake at once. */
void timer_stop(void);

#endif

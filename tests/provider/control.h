/*
 * control.h - the other port: how a test approves, denies, orders faults and
 * reads what happened. Plain HTTP on loopback; the commands are a table.
 */
#ifndef PROVIDER_CONTROL_H
#define PROVIDER_CONTROL_H

#include "server.h"

extern const struct service control_service;

#endif

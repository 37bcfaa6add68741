/*
 * browser.h - a person's browser without the network, so that a test can approve
 * or deny behind any address of the provider's own.
 */
#ifndef PROVIDER_BROWSER_H
#define PROVIDER_BROWSER_H

#include "server.h"

/*
 * Opens the address, and on each page that has a form chooses the person and presses
 * a button. The reply to request tells where that ends: the address of the redirect,
 * the code that a page shows, or the last page's title. Nothing of it is in the log.
 */
void browser_visit(struct request *request, const char *address, const char *person,
		   const char *action);

#endif

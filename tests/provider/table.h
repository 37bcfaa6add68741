/*
 * table.h - a hash table from text to whatever the caller keeps.
 *
 * Keys and values stay the caller's. The same key may be added again: the
 * newest is found first. For one thread at a time (the store's lock).
 */
#ifndef PROVIDER_TABLE_H
#define PROVIDER_TABLE_H

#include <stddef.h>

struct table_entry;
struct table {
	struct table_entry **slots;
	size_t slot_count;
	size_t count;
};

void table_add(struct table *table, const char *key, void *value);
void *table_find(const struct table *table, const char *key); /* NULL: none */
void table_clear(struct table *table);

#endif

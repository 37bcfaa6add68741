/*
 * table.c - a hash table from text to whatever the caller keeps: chained,
 * doubled when it is full, so that thousands of pending codes cost nothing.
 */
#include "table.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct table_entry {
	struct table_entry *next;
	const char *key;
	void *value;
};

/* FNV-1a: the keys are this program's own random text, so no attacker chooses them. */
static size_t key_hash(const char *key)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 0x100000001b3u;
	return (size_t)(hash ^ hash >> 32);
}

/* Relinks from the tail, so that the newest of equal keys stays in front. */
static void slot_move(struct table *to, struct table_entry *entry)
{
	size_t slot;

	if (!entry)
		return;
	slot_move(to, entry->next);
	slot = key_hash(entry->key) & (to->slot_count - 1);
	entry->next = to->slots[slot];
	to->slots[slot] = entry;
}

static void table_grow(struct table *table)
{
	struct table bigger = { .count = table->count };

	bigger.slot_count = table->slot_count ? table->slot_count * 2 : 64;
	bigger.slots = xalloc(bigger.slot_count * sizeof(*bigger.slots));
	for (size_t i = 0; i < table->slot_count; i++)
		slot_move(&bigger, table->slots[i]);
	free(table->slots);
	*table = bigger;
}

void table_add(struct table *table, const char *key, void *value)
{
	struct table_entry *entry = xalloc(sizeof(*entry));
	size_t slot;

	if (table->count >= table->slot_count)
		table_grow(table);
	slot = key_hash(key) & (table->slot_count - 1);
	*entry = (struct table_entry){ table->slots[slot], key, value };
	table->slots[slot] = entry;
	table->count++;
}

void *table_find(const struct table *table, const char *key)
{
	struct table_entry *entry;

	if (!table->slot_count)
		return NULL;
	entry = table->slots[key_hash(key) & (table->slot_count - 1)];
	while (entry && strcmp(entry->key, key))
		entry = entry->next;
	return entry ? entry->value : NULL;
}

void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->slot_count; i++) {
		while (table->slots[i]) {
			struct table_entry *next = table->slots[i]->next;

			free(table->slots[i]);
			table->slots[i] = next;
		}
	}
	free(table->slots);
	*table = (struct table){ 0 };
}

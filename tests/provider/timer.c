/*
 * timer.c - wakes suspended requests later: one thread, one list in the order
 * of waking.
 */
#include "timer.h"

#include <pthread.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static pthread_t thread;
static struct request *first, *last;
static bool stopping;
static void (*wake_request)(struct request *request);

static struct timespec to_monotonic(int64_t wake_ms)
{
	int64_t left = wake_ms - clock_boot_ms();
	struct timespec when;

	clock_gettime(CLOCK_MONOTONIC, &when);
	left = left < 0 ? 0 : left;
	when.tv_sec += left / 1000;
	when.tv_nsec += left % 1000 * 1000000;
	if (when.tv_nsec >= 1000000000) {
		when.tv_nsec -= 1000000000;
		when.tv_sec++;
	}
	return when;
}

static void *timer_run(void *unused)
{
	pthread_mutex_lock(&mutex);
	while (!stopping || first) {
		struct request *request = first;

		if (!request) {
			pthread_cond_wait(&changed, &mutex);
		} else if (!stopping && request->wake_ms > clock_boot_ms()) {
			struct timespec when = to_monotonic(request->wake_ms);

			pthread_cond_timedwait(&changed, &mutex, &when);
		} else {
			first = request->timer_next;
			last = first ? last : NULL;
			pthread_mutex_unlock(&mutex);
			wake_request(request);
			pthread_mutex_lock(&mutex);
		}
	}
	pthread_mutex_unlock(&mutex);
	return unused;
}

void timer_start(void (*wake)(struct request *request))
{
	pthread_condattr_t attributes;

	wake_request = wake;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_create(&thread, NULL, timer_run, NULL);
}

void timer_add(struct request *request, long delay_ms)
{
	struct request **at = &first;

	pthread_mutex_lock(&mutex);
	if (stopping) {
		pthread_mutex_unlock(&mutex);
		wake_request(request);
		return;
	}
	request->wake_ms = clock_boot_ms() + delay_ms;
	/* Thousands of equal delays come in order: the tail is the usual place. */
	if (last && last->wake_ms <= request->wake_ms)
		at = &last->timer_next;
	while (*at && (*at)->wake_ms <= request->wake_ms)
		at = &(*at)->timer_next;
	request->timer_next = *at;
	*at = request;
	if (!request->timer_next)
		last = request;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
}

void timer_stop(void)
{
	pthread_mutex_lock(&mutex);
	stopping = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
	pthread_join(thread, NULL);
	pthread_cond_destroy(&changed);
}

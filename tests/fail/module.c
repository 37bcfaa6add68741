/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A login in which one call fails: the first of its kind, then the second, and so on until a login
 * ends in which that many were not made. Then the same with that call and all that follow failing.
 *
 * Whatever fails, nobody gets in (but where the table says that it does no harm), the module never
 * says PAM_IGNORE, and it leaves no descriptor, child or memory behind. Each function is replaced by
 * the linker's --wrap; forked children count on, so that what they call fails, too.
 */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <shadow.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <dirent.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"
#include "../hostile/stage.h"

#if __has_include(<sanitizer/lsan_interface.h>)
#include <sanitizer/lsan_interface.h>
#endif

/* Good for a failure alone that comes when the line of the login has been logged. */
static const char behind_the_verdict[] = "behind the verdict: what was not revoked is not told";

/*
 * The calls that fail, and where a failure of theirs does no harm, in a login that is admitted: in
 * any, and in one that is counted by the limits.
 */
#define CALLS(X)                                                                     \
	X(malloc, "no QR code", NULL)                                                \
	X(calloc, NULL, NULL)                                                        \
	X(strdup, NULL, NULL)                                                        \
	X(scandir, NULL, NULL)                                                       \
	X(socketpair, "no QR code", NULL)                                            \
	X(pipe2, "no QR code", NULL)                                                 \
	X(fork, "no QR code", NULL)                                                  \
	X(execve, "no QR code", NULL)                                                \
	X(read, "no QR code", NULL)                                                  \
	X(write, "none of the host's", NULL)                                         \
	X(poll, "asked once more, or no QR code", NULL)                              \
	X(open, "no QR code", "not counted")                                         \
	X(openat, NULL, "not counted")                                               \
	X(fstat, NULL, "not counted")                                                \
	X(lstat, NULL, NULL)                                                         \
	X(mkdir, NULL, "not counted")                                                \
	X(fallocate, NULL, "not counted")                                            \
	X(ftruncate, NULL, "not counted")                                            \
	X(mmap, behind_the_verdict, "not counted")                                   \
	X(getrandom, "the line in the log is without a number", "not counted")       \
	X(recv, "no QR code", NULL)                                                  \
	X(send, "no QR code", NULL)                                                  \
	X(timerfd_create, "short naps instead", NULL)                                \
	X(timerfd_settime, "short naps instead", NULL)                               \
	X(pidfd_open, "no QR code", NULL)                                            \
	X(keyctl, "no QR code", NULL)                                                \
	X(close_range, "no QR code", NULL)                                           \
	X(fcntl, "no QR code", "not counted")                                        \
	X(dup2, "no QR code", NULL)                                                  \
	X(setsid, "no QR code", NULL)                                                \
	X(chdir, "no QR code", NULL)                                                 \
	X(getrlimit, "no QR code", NULL)                                             \
	X(setrlimit, "no QR code", NULL)                                             \
	X(setgroups, "no QR code", NULL)                                             \
	X(setresgid, "no QR code", NULL)                                             \
	X(setresuid, "no QR code", NULL)                                             \
	X(getresuid, "no QR code", NULL)                                             \
	X(getresgid, "no QR code", NULL)                                             \
	X(pthread_sigmask, "no QR code, or the host's mask is as it was", NULL)      \
	X(sigprocmask, "no QR code", NULL)                                           \
	X(clock_gettime, "no QR code", "not counted")                                \
	X(getitimer, "the host's alarm is not known", NULL)                          \
	X(names_in_files, "no QR code", NULL)                                        \
	X(gethostname, "the screen names no host", NULL)                             \
	X(pam_get_item, NULL, NULL)                                                  \
	X(pam_set_item, NULL, NULL)                                                  \
	X(pam_get_user, NULL, NULL)                                                  \
	X(pam_getenv, "no network is known: that is remote, or not asked for", NULL) \
	X(pam_putenv, NULL, NULL)                                                    \
	X(pam_set_data, "the first one only forgets an earlier attempt", NULL)       \
	X(pam_prompt, NULL, NULL)                                                    \
	X(pam_modutil_getpwnam, NULL, NULL)                                          \
	X(pam_modutil_getspnam, "nobody is known to be locked: pam_unix looks there, too", NULL)

enum call {
#define X(name, harmless, uncounted) CALL_##name,
	CALLS(X)
#undef X
	CALL_COUNT
};

static const struct {
	const char *name;
	const char *harmless;  /* why an admitted login is no harm, NULL: it is */
	const char *uncounted; /* likewise, in one that is counted */
} calls[CALL_COUNT] = {
#define X(name, harmless, uncounted) { #name, harmless, uncounted },
	CALLS(X)
#undef X
};

/* Shared with the children. */
static struct world {
	int failing; /* enum call, or -1 */
	int at;	     /* the number of the call that fails, from 1 */
	int made;
	bool onwards; /* and all behind it */
	bool late;    /* the first that failed was made when the login's line had been logged */
} * world;

static const char *logged; /* by the login that runs */

static bool fails(enum call call)
{
	if (!world || world->failing != (int)call)
		return false;
	world->made++;
	if (world->made < world->at || (world->made > world->at && !world->onwards))
		return false;
	if (world->made == world->at)
		world->late = strstr(logged, "outcome=\"") != NULL;
	errno = EIO;
	return true;
}

/* ---- the calls ---- */

#define WRAP(type, name, failure, parameters, ...) \
	type __real_##name parameters;             \
	type __wrap_##name parameters;             \
	type __wrap_##name parameters              \
	{                                          \
		if (fails(CALL_##name))            \
			return failure;            \
		return __real_##name(__VA_ARGS__); \
	}

WRAP(void *, malloc, NULL, (size_t size), size)
WRAP(void *, calloc, NULL, (size_t count, size_t size), count, size)
WRAP(char *, strdup, NULL, (const char *text), text)
WRAP(int, scandir, -1,
     (const char *name, struct dirent ***list, int (*filter)(const struct dirent *),
      int (*compare)(const struct dirent **, const struct dirent **)),
     name, list, filter, compare)
WRAP(int, socketpair, -1, (int domain, int type, int protocol, int pair[2]), domain, type, protocol,
     pair)
WRAP(int, pipe2, -1, (int pair[2], int flags), pair, flags)
WRAP(pid_t, fork, -1, (void))
WRAP(int, execve, -1, (const char *path, char *const argv[], char *const envp[]), path, argv, envp)
WRAP(ssize_t, read, -1, (int fd, void *bytes, size_t len), fd, bytes, len)
WRAP(ssize_t, write, -1, (int fd, const void *bytes, size_t len), fd, bytes, len)
WRAP(int, poll, -1, (struct pollfd * pfd, nfds_t count, int ms), pfd, count, ms)
WRAP(int, fstat, -1, (int fd, struct stat *st), fd, st)
WRAP(int, lstat, -1, (const char *path, struct stat *st), path, st)
WRAP(ssize_t, recv, -1, (int fd, void *bytes, size_t len, int flags), fd, bytes, len, flags)
WRAP(ssize_t, send, -1, (int fd, const void *bytes, size_t len, int flags), fd, bytes, len, flags)
WRAP(int, timerfd_create, -1, (int clock, int flags), clock, flags)
WRAP(int, timerfd_settime, -1,
     (int fd, int flags, const struct itimerspec *at, struct itimerspec *old), fd, flags, at, old)
WRAP(int, dup2, -1, (int from, int to), from, to)
WRAP(pid_t, setsid, -1, (void))
WRAP(int, chdir, -1, (const char *path), path)
WRAP(int, getrlimit, -1, (__rlimit_resource_t what, struct rlimit *limit), what, limit)
WRAP(int, setrlimit, -1, (__rlimit_resource_t what, const struct rlimit *limit), what, limit)
WRAP(int, setgroups, -1, (size_t count, const gid_t *list), count, list)
WRAP(int, setresgid, -1, (gid_t r, gid_t e, gid_t s), r, e, s)
WRAP(int, setresuid, -1, (uid_t r, uid_t e, uid_t s), r, e, s)
WRAP(int, getresuid, -1, (uid_t * r, uid_t *e, uid_t *s), r, e, s)
WRAP(int, getresgid, -1, (gid_t * r, gid_t *e, gid_t *s), r, e, s)
WRAP(int, pthread_sigmask, EAGAIN, (int how, const sigset_t *set, sigset_t *old), how, set, old)
WRAP(int, sigprocmask, -1, (int how, const sigset_t *set, sigset_t *old), how, set, old)
WRAP(int, mkdir, -1, (const char *path, mode_t mode), path, mode)
WRAP(int, fallocate, -1, (int fd, int mode, off_t at, off_t len), fd, mode, at, len)
WRAP(int, ftruncate, -1, (int fd, off_t len), fd, len)
WRAP(void *, mmap, MAP_FAILED, (void *at, size_t len, int prot, int flags, int fd, off_t from), at,
     len, prot, flags, fd, from)
WRAP(ssize_t, getrandom, -1, (void *bytes, size_t len, unsigned int flags), bytes, len, flags)
WRAP(int, clock_gettime, -1, (clockid_t clock, struct timespec *ts), clock, ts)
WRAP(int, getitimer, -1, (__itimer_which_t which, struct itimerval *value), which, value)
WRAP(int, gethostname, -1, (char *name, size_t len), name, len)
WRAP(int, pam_get_item, PAM_SYSTEM_ERR, (const pam_handle_t *pamh, int type, const void **item),
     pamh, type, item)
WRAP(int, pam_get_user, PAM_CONV_ERR, (pam_handle_t * pamh, const char **user, const char *prompt),
     pamh, user, prompt)
WRAP(const char *, pam_getenv, NULL, (pam_handle_t * pamh, const char *name), pamh, name)
WRAP(int, pam_set_data, PAM_BUF_ERR,
     (pam_handle_t * pamh, const char *name, void *data,
      void (*cleanup)(pam_handle_t *, void *, int)),
     pamh, name, data, cleanup)
WRAP(int, pam_set_item, PAM_BUF_ERR, (pam_handle_t * pamh, int type, const void *value), pamh, type,
     value)
WRAP(int, pam_putenv, PAM_BUF_ERR, (pam_handle_t * pamh, const char *text), pamh, text)
WRAP(struct passwd *, pam_modutil_getpwnam, NULL, (pam_handle_t * pamh, const char *user), pamh,
     user)
WRAP(struct spwd *, pam_modutil_getspnam, NULL, (pam_handle_t * pamh, const char *user), pamh, user)

bool stage_account_fails(void)
{
	return fails(CALL_names_in_files);
}

/* Those with arguments that vary. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	return fails(CALL_open) ? -1 : __real_open(path, flags, 0600);
}

int __real_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...)
{
	return fails(CALL_openat) ? -1 : __real_openat(dirfd, path, flags, 0600);
}

int __real_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...)
{
	va_list args;
	void *value; /* a number in its lowest bytes, or the address of a lock */

	va_start(args, what);
	value = va_arg(args, void *);
	va_end(args);
	return fails(CALL_fcntl) ? -1 : __real_fcntl(fd, what, value);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	long a[4];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if ((number == SYS_pidfd_open && fails(CALL_pidfd_open)) ||
	    (number == SYS_close_range && fails(CALL_close_range)) ||
	    (number == SYS_keyctl && fails(CALL_keyctl)))
		return -1;
	return __real_syscall(number, a[0], a[1], a[2], a[3]);
}

int __real_pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...);
int __wrap_pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...);
int __wrap_pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...)
{
	va_list args;
	const char *text;

	va_start(args, format);
	text = va_arg(args, const char *); /* the module's only format is "%s" */
	va_end(args);
	if (fails(CALL_pam_prompt))
		return PAM_CONV_ERR;
	return __real_pam_prompt(pamh, style, response, "%s", text);
}

/* ---- logins ---- */

struct place {
	const char *name;
	const char *lines; /* of the section */
	void (*handle)(struct pam_handle *pamh);
	bool counted; /* by the limits */
};

static int failed, runs;
static const struct place *place;
static bool called[CALL_COUNT]; /* at one place at least */

static void bad(const char *what, int result)
{
	printf("# %s: %s %d%s: %s (result %d)\n", place->name, calls[world->failing].name,
	       world->at, world->onwards ? " onwards" : "", what, result);
	failed++;
}

static void leak_check(int result)
{
#ifdef LSAN
	if (__lsan_do_recoverable_leak_check())
		bad("memory is left", result);
#endif
	(void)result;
}

/* One login with acct_mgmt behind it. true: the failure was reached. */
static bool login_run(struct pam_handle *pamh)
{
	int before, after, result, account, left;
	int64_t ms;
	const char *harmless = calls[world->failing].harmless;
	int64_t start;
	int failing = world->failing;

	alarm(60);
	logged = pamh->logged;
	if (place->counted && !harmless)
		harmless = calls[world->failing].uncounted;
	world->failing = -1;
	start = stage_now_ms();
	before = stage_fds();
	world->failing = failing;
	world->made = 0;
	world->late = false;
	result = stage_authenticate(pamh);
	account = pam_sm_acct_mgmt(pamh, 0, 0, NULL);
	after = world->made;
	world->failing = -1;
	stage_handle_end(pamh);
	left = (stage_fds() != before) | stage_has_children() << 1;
	ms = stage_now_ms() - start;
	world->failing = failing;
	if (left)
		bad(left & 1 ? "a descriptor is left" : "a child is left", result);
	runs++;
	if (after < world->at) {
		if (result != PAM_SUCCESS || account != PAM_SUCCESS)
			bad("nothing failed, and yet nobody got in", result);
		return false;
	}
	if (harmless == behind_the_verdict && !world->late)
		harmless = place->counted ? calls[failing].uncounted : NULL;
	if (result == PAM_IGNORE)
		bad("says PAM_IGNORE", result);
	if (result == PAM_SUCCESS && account == PAM_IGNORE)
		bad("acct_mgmt says PAM_IGNORE", account);
	if (result == PAM_SUCCESS && account == PAM_SUCCESS && !harmless)
		bad("lets somebody in", result);
	if (result != PAM_SUCCESS && account == PAM_SUCCESS)
		bad("acct_mgmt lets somebody in", account);
	if (ms > 45000)
		bad("takes too long", result);
	return true;
}

static void call_check(enum call call, bool onwards)
{
	static struct pam_handle pamh;
	int at = 0, before = failed, admitted = 0;

	do {
		place->handle(&pamh);
		world->failing = (int)call;
		world->onwards = onwards;
		world->at = ++at;
		if (!login_run(&pamh))
			break;
		admitted += strstr(pamh.logged, "outcome=\"admitted\"") != NULL;
		world->failing = -1;
	} while (at < 2000);
	world->failing = (int)call;
	if (geteuid() == 0) /* nobody else may look into a process that was root's */
		leak_check(0);
	called[call] |= at > 1;
	world->failing = -1;
	printf("%sok - %s: %s%s, %d failed, %d of them without harm%s%s\n",
	       failed == before ? "" : "not ", place->name, calls[call].name,
	       onwards ? " from then on" : "", at - 1, admitted, admitted ? ": " : "",
	       admitted && calls[call].harmless ? calls[call].harmless : "");
	fflush(stdout);
}

/* ---- places ---- */

static void at_seat(struct pam_handle *pamh)
{
	stage_handle(pamh);
}

static void at_kiosk(struct pam_handle *pamh)
{
	stage_handle(pamh);
	pamh->user = "";
}

static void by_ssh(struct pam_handle *pamh)
{
	stage_handle(pamh);
	pamh->tty = "ssh";
	pamh->service = "sshd";
	pamh->rhost = "192.0.2.7";
	remove(PATH_STATE "/limits");
	rmdir(PATH_STATE);
}

/* A file of another length, as an earlier version may have left it. */
static void by_ssh_again(struct pam_handle *pamh)
{
	int fd;

	by_ssh(pamh);
	mkdir(PATH_STATE, 0755);
	fd = creat(PATH_STATE "/limits", 0600);
	if (fd < 0 || ftruncate(fd, 1 << 20) != 0)
		abort();
	close(fd);
}

static const struct place places[] = {
	{ "at a seat", "", at_seat, false },
	{ "nobody named", "shared_account = alice\nallow_anyone = yes\nstart = enter\n", at_kiosk,
	  false },
	{ "by ssh", "remote = 192.0.2.0/24\n", by_ssh, true },
	{ "by ssh, an old file", "remote = 192.0.2.0/24\n", by_ssh_again, true },
};

enum {
	PLACES = sizeof(places) / sizeof(*places)
};

static bool forever_ends(enum call call)
{
	/* A host whose poll() never works again would count the seconds until the deadline. */
	return call != CALL_poll;
}

static void origin_check(void)
{
	stage_set(place->lines);
	stage_good_login();
	for (int call = 0; call < CALL_COUNT; call++) {
		call_check((enum call)call, false);
		if (forever_ends((enum call)call))
			call_check((enum call)call, true);
	}
	world->failing = 0;
	leak_check(0);
	world->failing = -1;
	stage_clear();
}

/* write: the children, to say why they could not start; an ordinary user has no ids to drop. */
static void called_check(void)
{
	int never = 0;

	for (int call = 0; call < CALL_COUNT; call++) {
		if (called[call] || call == CALL_write || geteuid() != 0)
			continue;
		printf("# never called: %s\n", calls[call].name);
		never++;
	}
	failed += never;
	printf("%sok - each call was made at one place at least\n", never ? "not " : "");
}

int main(void)
{
	int count = PLACES * (2 * CALL_COUNT - 1) + 1;

	stage_or_skip();
	world = __real_mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	world->failing = -1;
	for (place = places; place < places + PLACES; place++)
		origin_check();
	called_check();
	printf("# %d logins\n1..%d\n", runs, count);
	return failed != 0;
}

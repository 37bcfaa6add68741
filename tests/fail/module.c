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
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <dirent.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "../hostile/stage.h"

#if __has_include(<sanitizer/lsan_interface.h>)
#include <sanitizer/lsan_interface.h>
#endif

/* The calls that fail, and where a failure of theirs does no harm: in a login that is admitted. */
#define CALLS(X)                                                               \
	X(malloc, "no QR code")                                                \
	X(calloc, NULL)                                                        \
	X(strdup, NULL)                                                        \
	X(scandir, NULL)                                                       \
	X(socketpair, "no QR code")                                            \
	X(pipe2, "no QR code")                                                 \
	X(fork, "no QR code")                                                  \
	X(execve, "no QR code")                                                \
	X(read, "no QR code")                                                  \
	X(write, "none of the host's")                                         \
	X(poll, "asked once more, or no QR code")                              \
	X(open, "no QR code")                                                  \
	X(openat, NULL)                                                        \
	X(fstat, NULL)                                                         \
	X(lstat, NULL)                                                         \
	X(recv, "no QR code")                                                  \
	X(send, "no QR code")                                                  \
	X(timerfd_create, "short naps instead")                                \
	X(timerfd_settime, "short naps instead")                               \
	X(pidfd_open, "no QR code")                                            \
	X(keyctl, "no QR code")                                                \
	X(close_range, "no QR code")                                           \
	X(fcntl, "no QR code")                                                 \
	X(dup2, "no QR code")                                                  \
	X(setsid, "no QR code")                                                \
	X(chdir, "no QR code")                                                 \
	X(getrlimit, "no QR code")                                             \
	X(setrlimit, "no QR code")                                             \
	X(setgroups, "no QR code")                                             \
	X(setresgid, "no QR code")                                             \
	X(setresuid, "no QR code")                                             \
	X(getresuid, "no QR code")                                             \
	X(getresgid, "no QR code")                                             \
	X(pthread_sigmask, "no QR code, or the host's mask is as it was")      \
	X(sigprocmask, "no QR code")                                           \
	X(getpwnam_r, "no QR code")                                            \
	X(uname, "the screen names no host")                                   \
	X(pam_get_item, NULL)                                                  \
	X(pam_get_user, NULL)                                                  \
	X(pam_getenv, "no network is known: that is remote, or not asked for") \
	X(pam_set_data, "the first one only forgets an earlier attempt")       \
	X(pam_prompt, NULL)                                                    \
	X(pam_modutil_getpwnam, NULL)

enum call {
#define X(name, harmless) CALL_##name,
	CALLS(X)
#undef X
	CALL_COUNT
};

static const struct {
	const char *name;
	const char *harmless; /* why an admitted login is no harm, NULL: it is */
} calls[CALL_COUNT] = {
#define X(name, harmless) { #name, harmless },
	CALLS(X)
#undef X
};

/* Shared with the children. */
static struct world {
	int failing; /* enum call, or -1 */
	int at;	     /* the number of the call that fails, from 1 */
	int made;
	bool onwards; /* and all behind it */
} * world;

static bool fails(enum call call)
{
	if (!world || world->failing != (int)call)
		return false;
	world->made++;
	if (world->made < world->at || (world->made > world->at && !world->onwards))
		return false;
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
WRAP(int, uname, -1, (struct utsname * name), name)
WRAP(int, pam_get_item, PAM_SYSTEM_ERR, (const pam_handle_t *pamh, int type, const void **item),
     pamh, type, item)
WRAP(int, pam_get_user, PAM_CONV_ERR, (pam_handle_t * pamh, const char **user, const char *prompt),
     pamh, user, prompt)
WRAP(const char *, pam_getenv, NULL, (pam_handle_t * pamh, const char *name), pamh, name)
WRAP(int, pam_set_data, PAM_BUF_ERR,
     (pam_handle_t * pamh, const char *name, void *data,
      void (*cleanup)(pam_handle_t *, void *, int)),
     pamh, name, data, cleanup)
WRAP(struct passwd *, pam_modutil_getpwnam, NULL, (pam_handle_t * pamh, const char *user), pamh,
     user)

bool stage_account_fails(void)
{
	return fails(CALL_getpwnam_r);
}

/* Those with arguments that vary. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	return fails(CALL_open) ? -1 : __real_open(path, flags);
}

int __real_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...)
{
	return fails(CALL_openat) ? -1 : __real_openat(dirfd, path, flags);
}

int __real_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...)
{
	va_list args;
	int number;

	va_start(args, what);
	number = va_arg(args, int);
	va_end(args);
	return fails(CALL_fcntl) ? -1 : __real_fcntl(fd, what, number);
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

static int failed, runs;
static const char *kind = "";

static void bad(const char *what, int result)
{
	printf("# %s: %s %d%s: %s (result %d)\n", kind, calls[world->failing].name, world->at,
	       world->onwards ? " onwards" : "", what, result);
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
	int before, after, result, account;
	int64_t start = stage_now_ms();

	alarm(60);
	before = stage_fds();
	world->made = 0;
	result = stage_authenticate(pamh);
	account = pam_sm_acct_mgmt(pamh, 0, 0, NULL);
	after = world->made;
	{
		int failing = world->failing;

		world->failing = -1;
		stage_handle_end(pamh);
		if (stage_fds() != before)
			world->failing = failing, bad("a descriptor is left", result);
		if (stage_has_children())
			world->failing = failing, bad("a child is left", result);
		world->failing = failing;
	}
	runs++;
	if (after < world->at) {
		if (result != PAM_SUCCESS || account != PAM_SUCCESS)
			bad("nothing failed, and yet nobody got in", result);
		return false;
	}
	if (result == PAM_IGNORE)
		bad("says PAM_IGNORE", result);
	if (result == PAM_SUCCESS && account == PAM_IGNORE)
		bad("acct_mgmt says PAM_IGNORE", account);
	if (result == PAM_SUCCESS && account == PAM_SUCCESS && !calls[world->failing].harmless)
		bad("lets somebody in", result);
	if (result != PAM_SUCCESS && account == PAM_SUCCESS)
		bad("acct_mgmt lets somebody in", account);
	if (stage_now_ms() - start > 45000)
		bad("takes too long", result);
	return true;
}

static void call_check(enum call call, bool onwards, void (*handle)(struct pam_handle *pamh))
{
	static struct pam_handle pamh;
	int at = 0, before = failed, admitted = 0;

	do {
		handle(&pamh);
		world->failing = (int)call;
		world->onwards = onwards;
		world->at = ++at;
		if (!login_run(&pamh))
			break;
		admitted += strstr(pamh.logged, "outcome=\"admitted\"") != NULL;
		world->failing = -1;
	} while (at < 2000);
	world->failing = (int)call;
	leak_check(0);
	/* write: the children, to say why they could not start; an ordinary user has no ids to drop */
	if (at == 1 && call != CALL_write && geteuid() == 0)
		bad("is never called", 0);
	world->failing = -1;
	printf("%sok - %s: %s%s, %d failed, %d of them without harm%s%s\n",
	       failed == before ? "" : "not ", kind, calls[call].name,
	       onwards ? " from then on" : "", at - 1, admitted, admitted ? ": " : "",
	       admitted && calls[call].harmless ? calls[call].harmless : "");
	fflush(stdout);
}

/* ---- places ---- */

static void at_seat(struct pam_handle *pamh)
{
	stage_handle(pamh);
}

static void by_ssh(struct pam_handle *pamh)
{
	stage_handle(pamh);
	pamh->tty = "ssh";
	pamh->service = "sshd";
	pamh->rhost = "192.0.2.7";
}

static bool forever_ends(enum call call)
{
	/* A host whose poll() never works again would count the seconds until the deadline. */
	return call != CALL_poll;
}

static void place_check(const char *name, const char *lines,
			void (*handle)(struct pam_handle *pamh))
{
	kind = name;
	stage_set(lines);
	stage_good_login();
	for (int call = 0; call < CALL_COUNT; call++) {
		call_check((enum call)call, false, handle);
		if (forever_ends((enum call)call))
			call_check((enum call)call, true, handle);
	}
	stage_clear();
}

int main(void)
{
	int count = 2 * (2 * CALL_COUNT - 1);

	stage_or_skip();
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	world->failing = -1;
	place_check("at a seat", "", at_seat);
	place_check("by ssh", "remote = 192.0.2.0/24\n", by_ssh);
	printf("# %d logins\n1..%d\n", runs, count);
	return failed != 0;
}

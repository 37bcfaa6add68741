/*
 * stand_root COMMAND [ARGUMENT...]: what tests/stand does as root, which describes it. Its environment:
 *
 *	STAGE, STAND_ETC	what is laid over the machine; STAND_ETC may be missing
 *	STAND_SYSLOG, DEVLOG	a file, and the program that writes it; STAND_SYSLOG may be missing
 *	STAND_SOCKD		where a login listens on its socket: the program that does
 *	STAND_KEEP_OUT		a directory that must stay where it is
 *
 * A program and no script, because a stand is set up hundreds of times in one check, by sixty steps that would
 * each be a process. Ends with COMMAND's status, or 125 where the stand cannot be set up.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_UID     64101 /* Debian gives 60000 to 64999 to nobody on its own */
#define SYSTEM_UID    989
#define GRACE_SECONDS 2 /* from SIGTERM to SIGKILL */

static const char *const people[] = { "alice", "bob", "carol" };
static const char *work; /* a directory with a tmpfs on it, until all is in its place */

static void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	fputs("tests/stand: ", stderr);
	vfprintf(stderr, format, args);
	va_end(args);
	if (error)
		fprintf(stderr, ": %s", strerror(error));
	fputc('\n', stderr);
	_exit(125);
}

/* A text that lives as long as the process. */
static char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *text_of(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		die("out of memory");
	va_end(args);
	return text;
}

/* ---- directories and files ---------------------------------------------------------------------- */

static int is_directory(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void directory(const char *path)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		die("%s", path);
}

static void directories(const char *path)
{
	char *copy = text_of("%s", path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		directory(copy);
		*slash = '/';
	}
	directory(copy);
}

static void mode_like(const char *path, const char *like)
{
	struct stat st;
	if (stat(like, &st) < 0 || chmod(path, st.st_mode & 07777) < 0)
		die("the mode of %s", path);
}

static void copy_bytes(const char *from, const char *to, mode_t mode)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n;

	if (in < 0 || (unlink(to) < 0 && errno != ENOENT))
		die("cannot copy %s", from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		die("cannot make %s", to);
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		continue;
	if (n < 0 || fchmod(out, mode) < 0 || close(out) < 0)
		die("cannot copy %s to %s", from, to);
	close(in);
}

static void copy_link(const char *from, const char *to)
{
	char target[4096];
	ssize_t length = readlink(from, target, sizeof target - 1);

	if (length < 0 || (unlink(to) < 0 && errno != ENOENT))
		die("cannot copy %s", from);
	target[length] = '\0';
	if (symlink(target, to) < 0)
		die("cannot make %s", to);
}

/*
 * Owned by root and writable by nobody else, whatever the umask of the one who made it. Directories that are
 * there keep their modes; those of OPEN are everybody's to enter.
 */
static void copy_sane(const char *from, const char *to, mode_t open_to)
{
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(from);

	if (!dir || lstat(from, &st) < 0)
		die("cannot read %s", from);
	if (mkdir(to, 0700) == 0) {
		if (chmod(to, ((st.st_mode | 0700) & 07755) | open_to) < 0)
			die("the mode of %s", to);
	} else if (errno != EEXIST || !is_directory(to)) {
		die("cannot make %s", to);
	}
	while ((entry = readdir(dir))) {
		char a[4096], b[4096];
		mode_t mode;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (snprintf(a, sizeof a, "%s/%s", from, entry->d_name) >= (int)sizeof a ||
		    snprintf(b, sizeof b, "%s/%s", to, entry->d_name) >= (int)sizeof b ||
		    lstat(a, &st) < 0)
			die("cannot read %s", entry->d_name);
		mode = ((st.st_mode | 0600 | (st.st_mode & 0111 ? 0100 : 0)) & 07777) &
		       (mode_t)~022;
		if (S_ISDIR(st.st_mode))
			copy_sane(a, b, open_to);
		else if (S_ISLNK(st.st_mode))
			copy_link(a, b);
		else if (S_ISREG(st.st_mode))
			copy_bytes(a, b, mode);
		else if ((unlink(b) < 0 && errno != ENOENT) ||
			 mknod(b, (st.st_mode & S_IFMT) | mode, st.st_rdev) < 0)
			die("cannot copy %s", a);
	}
	closedir(dir);
}

/* ---- mounts --------------------------------------------------------------------------------------- */

static void tmpfs(const char *options, unsigned long flags, const char *path)
{
	if (mount("stand", path, "tmpfs", flags, options) < 0)
		die("no tmpfs on %s", path);
}

static void overlay(const char *options, const char *path)
{
	if (mount("stand", path, "overlay", 0, options) < 0)
		die("no overlay on %s", path);
}

static int is_within(const char *path, const char *dir)
{
	size_t length = strlen(dir);
	return path && strncmp(path, dir, length) == 0 && (path[length] == '/' || !path[length]);
}

/* A directory that may be covered while all is put together. */
static const char *find_work(void)
{
	static const char *const candidates[] = { "/mnt", "/media", "/srv", "/opt" };
	const char *paths[] = { getenv("STAGE"), getenv("STAND_ETC"), getenv("STAND_KEEP_OUT"),
				getcwd(NULL, 0) };

	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
		size_t j = 0;

		while (j < 4 && !is_within(paths[j], candidates[i]))
			j++;
		if (j == 4 && is_directory(candidates[i]))
			return candidates[i];
	}
	errno = 0;
	die("no directory among /mnt /media /srv /opt to work in");
}

/* A container binds single files into /etc; an overlay would show what is under them. */
static void keep_bound_files(const char *dir, const char *upper)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;

	while (mounts && getline(&line, &size, mounts) > 0) {
		char point[4096], *to;
		struct stat st;

		if (sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1 || !is_within(point, dir) ||
		    strcmp(point, dir) == 0 || stat(point, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		to = text_of("%s%s", upper, point + strlen(dir));
		*strrchr(to, '/') = '\0';
		directories(to);
		to[strlen(to)] = '/';
		copy_bytes(point, to, st.st_mode & 07777);
		if (chown(to, st.st_uid, st.st_gid) < 0)
			die("the owner of %s", to);
	}
	free(line);
	if (mounts)
		fclose(mounts);
}

/* What is written there is gone with the namespace. */
static void cover(const char *dir)
{
	char *here = text_of("%s/cover%s", work, dir), *upper = text_of("%s/upper", here);

	directories(upper);
	directory(text_of("%s/work", here));
	mode_like(upper, dir);
	keep_bound_files(dir, upper);
	overlay(text_of("lowerdir=%s,upperdir=%s,workdir=%s/work", dir, upper, here), dir);
}

static void lay_usr(const char *stage)
{
	static const char *const names[] = { "bin", "sbin", "lib", "lib64" };
	char *copy = text_of("%s/stage", work), *usr = text_of("%s/usr", copy);

	copy_sane(stage, copy, 0055);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *dir = text_of("%s/%s", copy, names[i]), *root = text_of("/%s", names[i]);

		if (!is_directory(dir))
			continue;
		if (is_directory(root)) {
			overlay(text_of("lowerdir=%s:%s", dir, root), root);
			continue;
		}
		directory(usr);
		copy_sane(dir, text_of("%s%s", usr, root), 0055);
	}
	if (is_directory(usr))
		overlay(text_of("lowerdir=%s:/usr", usr), "/usr");
}

/* ---- /etc ----------------------------------------------------------------------------------------- */

struct names {
	char *text; /* the file as it will be */
	size_t size;
	FILE *to;
};

static unsigned taken[4096]; /* numbers of users and groups */
static size_t taken_count;

static int is_taken(unsigned id)
{
	for (size_t i = 0; i < taken_count; i++)
		if (taken[i] == id)
			return 1;
	return 0;
}

static void take(unsigned id)
{
	errno = 0;
	if (taken_count == sizeof taken / sizeof *taken)
		die("too many users here");
	taken[taken_count++] = id;
}

static int is_stranger(const char *line, int service_too)
{
	size_t length = strcspn(line, ":");

	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		if (strlen(people[i]) == length && strncmp(line, people[i], length) == 0)
			return 1;
	return service_too && length == strlen("_pamdevicecode") &&
	       strncmp(line, "_pamdevicecode", length) == 0;
}

/* The lines of FILE but those of names that come anew. */
static void names_read(struct names *names, const char *file, int service_too)
{
	FILE *from = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	unsigned id;

	names->to = open_memstream(&names->text, &names->size);
	if (!names->to)
		die("out of memory");
	while (from && getline(&line, &size, from) > 0) {
		if (is_stranger(line, service_too))
			continue;
		fputs(line, names->to);
		if (sscanf(line, "%*[^:]:%*[^:]:%u", &id) == 1)
			take(id);
	}
	free(line);
	if (from)
		fclose(from);
}

static void names_write(struct names *names, const char *file)
{
	FILE *to;

	if (fclose(names->to))
		die("out of memory");
	to = fopen(file, "we");
	if (!to || fwrite(names->text, 1, names->size, to) != names->size || fclose(to))
		die("cannot write %s", file);
	free(names->text);
}

static int is_service_known(void)
{
	FILE *passwd = fopen("/etc/passwd", "re");
	char *line = NULL;
	size_t size = 0;
	int known = 0;

	while (passwd && getline(&line, &size, passwd) > 0)
		known |= strncmp(line, "_pamdevicecode:", 15) == 0;
	free(line);
	if (passwd)
		fclose(passwd);
	return known;
}

enum {
	PASSWD,
	GROUP,
	SHADOW,
	GSHADOW,
	FILES
};

static void add_name(struct names *files, const char *name, unsigned id, const char *full,
		     const char *home, const char *shell, const char *shadow)
{
	fprintf(files[PASSWD].to, "%s:x:%u:%u:%s:%s:%s\n", name, id, id, full, home, shell);
	fprintf(files[GROUP].to, "%s:x:%u:\n", name, id);
	fprintf(files[SHADOW].to, "%s:%s\n", name, shadow);
	take(id);
}

/* _pamdevicecode is taken as it is where the package is installed for good. */
static void add_people(void)
{
	static const char *const paths[FILES] = { "/etc/passwd", "/etc/group", "/etc/shadow",
						  "/etc/gshadow" };
	struct names files[FILES];
	int known = is_service_known();
	unsigned id = SYSTEM_UID;

	for (int i = 0; i < FILES; i++)
		names_read(&files[i], paths[i], !known);
	while (!known && is_taken(id))
		id--;
	if (!known)
		add_name(files, "_pamdevicecode", id, "", "/nonexistent", "/usr/sbin/nologin",
			 "!*:19000::::::");
	directories("/run/home");
	id = FIRST_UID;
	for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
		char *home = text_of("/run/home/%s", people[i]), *full = text_of("%s", people[i]);

		while (is_taken(id))
			id++;
		full[0] = (char)(full[0] - 'a' + 'A');
		add_name(files, people[i], id, full, home, "/bin/sh", "*:19000:0:99999:7:::");
		if (mkdir(home, 0700) < 0 || chown(home, id, id) < 0)
			die("no %s", home);
	}
	for (int i = 0; i < FILES; i++)
		names_write(&files[i], paths[i]);
}

/* ---- /dev ----------------------------------------------------------------------------------------- */

static void device(const char *dev, const char *name, mode_t mode, dev_t number)
{
	char *path = text_of("%s/%s", dev, name);

	if (mknod(path, S_IFCHR | 0600, number) < 0 || chmod(path, mode) < 0)
		die("cannot make %s", path);
}

/* The terminals that we were called from. */
static void lay_own_terminals(const char *dev)
{
	static const char *const kinds[] = { "/dev/console", "/dev/tty", "/dev/ttyS", "/dev/hvc" };

	for (int fd = 0; fd < 3; fd++) {
		char target[64], *to;
		ssize_t length =
			readlink(text_of("/proc/self/fd/%d", fd), target, sizeof target - 1);
		struct stat st;

		target[length < 0 ? 0 : length] = '\0';
		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
			if (strncmp(target, kinds[i], strlen(kinds[i])) ||
			    strchr(target + 5, '/') || stat(target, &st) < 0 ||
			    !S_ISCHR(st.st_mode))
				continue;
			to = text_of("%s/%s", dev, target + 5);
			if (access(to, F_OK) == 0)
				break;
			device(dev, target + 5, st.st_mode & 07777, st.st_rdev);
			if (chown(to, st.st_uid, st.st_gid) < 0)
				die("the owner of %s", to);
			break;
		}
	}
}

/* The machine's /dev may have no log, or one with a daemon behind it. */
static void lay_dev(void)
{
	static const struct {
		const char *name;
		unsigned major, minor;
	} devices[] = { { "null", 1, 3 },   { "zero", 1, 5 },	 { "full", 1, 7 },
			{ "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
	static const char *const links[][2] = { { "fd", "/proc/self/fd" },
						{ "stdin", "fd/0" },
						{ "stdout", "fd/1" },
						{ "stderr", "fd/2" } };
	static const char *const bound[] = { "pts", "shm", "mqueue" };
	char *dev = text_of("%s/dev", work);

	directory(dev);
	tmpfs("mode=755,size=1m", MS_NOSUID, dev);
	device(dev, "ptmx", 0666, makedev(5, 2));
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		struct stat st;
		dev_t number = makedev(devices[i].major, devices[i].minor);

		if (lstat(text_of("/dev/%s", devices[i].name), &st) == 0 && S_ISCHR(st.st_mode))
			number = st.st_rdev;
		device(dev, devices[i].name, 0666, number);
	}
	lay_own_terminals(dev);
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (symlink(links[i][1], text_of("%s/%s", dev, links[i][0])) < 0)
			die("cannot make /dev/%s", links[i][0]);
	for (size_t i = 0; i < sizeof bound / sizeof *bound; i++) {
		char *from = text_of("/dev/%s", bound[i]), *to = text_of("%s/%s", dev, bound[i]);

		if (!is_directory(from))
			continue;
		directory(to);
		if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
			die("cannot bind %s", from);
	}
	if (mount(dev, "/dev", NULL, MS_MOVE, NULL) < 0)
		die("cannot move to /dev");
}

/* ---- processes ------------------------------------------------------------------------------------ */

/* Starts ARGV with its output at FD (/dev/null where it is -1), and waits until there is a SOCKET. */
static pid_t start_listener(char *const *argv, int fd, const char *socket)
{
	struct timespec pause = { .tv_nsec = 2000000 };
	pid_t pid = fork();

	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		if (fd < 0)
			fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], argv);
		_exit(127);
	}
	for (int tries = 0; access(socket, F_OK) < 0; tries++) {
		if (tries == 2000)
			die("nothing listens on %s", socket);
		nanosleep(&pause, NULL);
	}
	return pid;
}

static volatile sig_atomic_t child;

static void on_end(int signo)
{
	int error = errno;

	(void)signo;
	kill((pid_t)child, SIGTERM);
	errno = error;
}

/* unshare's way: what runs inside is asked to end, and then ended with all the rest. */
static void on_end_outside(int signo)
{
	on_end(signo);
	alarm(GRACE_SECONDS);
}

static void on_alarm(int signo)
{
	(void)signo;
	kill((pid_t)child, SIGKILL);
}

static void handle(int signo, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };
	sigaction(signo, &action, NULL);
}

/* As process 1 of a namespace we are given all that nobody waits for. */
static int wait_for(pid_t pid)
{
	int status = 0;
	pid_t ended;

	while ((ended = waitpid(-1, &status, 0)) != pid)
		if (ended < 0 && errno != EINTR)
			die("cannot wait");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Signals are blocked from before the fork until a handler knows whom to hand them to. */
static void block_ends(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, before);
}

static int run(char **command, mode_t mask)
{
	sigset_t before;
	pid_t pid;

	block_ends(&before);
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		handle(SIGINT, SIG_DFL);
		handle(SIGQUIT, SIG_DFL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		umask(mask);
		execvp(command[0], command);
		fprintf(stderr, "tests/stand: %s: %s\n", command[0], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	child = pid;
	handle(SIGTERM, on_end);
	handle(SIGHUP, on_end);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return wait_for(pid);
}

/* A copy that can be run when everything is covered. */
static char *program_copy(const char *from, const char *name)
{
	char *to = text_of("%s/%s", work, name);

	copy_bytes(from, to, 0755);
	return to;
}

/* The path in NAME, without links and seen from the root, there and here. */
static const char *resolved(const char *name)
{
	const char *given = getenv(name);
	char *path;

	if (!given || !*given)
		return NULL;
	path = realpath(given, NULL);
	if (!path || setenv(name, path, 1) < 0)
		die("%s=%s", name, given);
	return path;
}

static int inside(char **command)
{
	const char *stage = resolved("STAGE"), *etc = resolved("STAND_ETC"),
		   *syslog = getenv("STAND_SYSLOG");
	const char *sockd = getenv("STAND_SOCKD"), *log_program = getenv("DEVLOG");
	int status, log = -1;
	mode_t mask;
	pid_t devlog = 0;

	mask = umask(022);
	work = find_work();
	if (syslog && *syslog && log_program) {
		log = open(syslog, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
		if (log < 0)
			die("cannot write %s", syslog);
	}
	tmpfs("mode=755", 0, work);
	if (log >= 0)
		log_program = program_copy(log_program, "devlog");
	if (sockd)
		sockd = program_copy(sockd, "sockd");
	lay_usr(stage);
	cover("/etc");
	cover("/run");
	cover("/var/log");
	if (is_directory("/var/lib/sudo"))
		cover("/var/lib/sudo");
	directories("/run/pam-device-code");
	tmpfs("mode=755,size=16m", MS_NOSUID | MS_NODEV | MS_NOEXEC, "/run/pam-device-code");
	if (is_directory(text_of("%s/stage/etc", work)))
		copy_sane(text_of("%s/stage/etc", work), "/etc", 0);
	if (etc)
		copy_sane(etc, "/etc", 0);
	add_people();
	lay_dev();
	if (log >= 0) {
		char *argv[] = { (char *)(uintptr_t)log_program, "/dev/log", NULL };
		devlog = start_listener(argv, log, "/dev/log");
		close(log);
	}
	if (sockd) {
		char *argv[] = { (char *)(uintptr_t)sockd, "/run/pam-device-code/login.sock",
				 "/usr/libexec/pam-device-code/device-code-login", "--listen",
				 NULL };
		start_listener(argv, -1, argv[1]);
	}
	if (umount2(work, MNT_DETACH) < 0)
		die("cannot uncover %s", work);
	setenv("STAND", "root", 1);
	unsetenv("DEVLOG");
	unsetenv("STAND_SOCKD");
	unsetenv("STAND_KEEP_OUT");
	status = run(command, mask);
	if (devlog && kill(devlog, SIGTERM) == 0)
		wait_for(devlog);
	return status;
}

/* Ends with our caller's namespace when we do, however that is. */
static pid_t enter(char **command, const sigset_t *signals)
{
	int alive[2];
	pid_t pid;

	if (pipe2(alive, O_CLOEXEC) < 0 || unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
		die("no namespaces");
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid > 0) {
		close(alive[0]);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, signals, NULL);
	close(alive[1]);
	if (poll(&(struct pollfd){ .fd = alive[0] }, 1, 0) != 0)
		_exit(125);
	close(alive[0]);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		die("cannot mount /proc");
	exit(inside(command));
}

int main(int argc, char **argv)
{
	sigset_t before;

	if (argc < 2 || !getenv("STAGE")) {
		fputs("usage: stand_root COMMAND [ARGUMENT...], by tests/stand\n", stderr);
		return 125;
	}
	block_ends(&before);
	handle(SIGINT, SIG_IGN);
	handle(SIGQUIT, SIG_IGN);
	child = enter(argv + 1, &before);
	handle(SIGTERM, on_end_outside);
	handle(SIGHUP, on_end_outside);
	handle(SIGALRM, on_alarm);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return wait_for((pid_t)child);
}

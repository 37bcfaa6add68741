/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A directory's NSS module, in the place of one that libc brings (hesiod): it has "directory" (uid 5001) and,
 * where its file says so, other ways: what /run/nss says is "slow" (each question takes a second), "failing" (no
 * answer at all) or nothing; and for whoever is not root also "late" (three seconds), "hanging" or "crashing".
 * Where /run/nss.log is there each question adds a line to it: the asking process's euid and name.
 */
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void leave_line(void)
{
	FILE *file = access("/run/nss.log", F_OK) == 0 ? fopen("/run/nss.log", "ae") : NULL;
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	if (!file)
		return;
	fprintf(file, "%d %s\n", (int)geteuid(), name);
	fclose(file);
}

static enum nss_status mood(int *error)
{
	FILE *file = fopen("/run/nss", "re");
	char word[16] = "";

	leave_line();
	if (file && !fgets(word, sizeof(word), file))
		word[0] = '\0';
	if (file)
		fclose(file);
	if (strncmp(word, "slow", 4) == 0)
		sleep(1);
	if (geteuid() != 0 && strncmp(word, "late", 4) == 0)
		sleep(3);
	if (geteuid() != 0 && strncmp(word, "hanging", 7) == 0)
		sleep(600);
	if (geteuid() != 0 && strncmp(word, "crashing", 8) == 0)
		abort();
	if (strncmp(word, "failing", 7) != 0)
		return NSS_STATUS_SUCCESS;
	*error = EIO;
	return NSS_STATUS_UNAVAIL;
}

static enum nss_status answer(int found, struct passwd *pw, int *error)
{
	static char name[] = "directory", password[] = "*", gecos[] = "",
		    home[] = "/run/home/directory", shell[] = "/bin/sh";
	enum nss_status status = mood(error);

	if (status != NSS_STATUS_SUCCESS || !found)
		return status != NSS_STATUS_SUCCESS ? status : NSS_STATUS_NOTFOUND;
	*pw = (struct passwd){ name, password, 5001, 5001, gecos, home, shell };
	return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_hesiod_getpwnam_r(const char *name, struct passwd *pw, char *text, size_t len,
				       int *error)
{
	(void)text;
	(void)len;
	return answer(strcmp(name, "directory") == 0, pw, error);
}

enum nss_status _nss_hesiod_getpwuid_r(uid_t uid, struct passwd *pw, char *text, size_t len,
				       int *error)
{
	(void)text;
	(void)len;
	return answer(uid == 5001, pw, error);
}

/* No group is the directory's. */
enum nss_status _nss_hesiod_getgrnam_r(const char *name, struct group *group, char *text,
				       size_t len, int *error)
{
	enum nss_status status = mood(error);

	(void)name;
	(void)group;
	(void)text;
	(void)len;
	return status == NSS_STATUS_SUCCESS ? NSS_STATUS_NOTFOUND : status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A directory's NSS module, in the place of one that libc brings (hesiod): it has "directory" (uid 5001) and,
 * where its file says so, other ways: what /run/nss says is "slow" (each question takes a second), "failing" (no
 * answer at all) or nothing.
 */
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum nss_status mood(int *error)
{
	FILE *file = fopen("/run/nss", "re");
	char word[16] = "";

	if (file && !fgets(word, sizeof(word), file))
		word[0] = '\0';
	if (file)
		fclose(file);
	if (strncmp(word, "slow", 4) == 0)
		sleep(1);
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

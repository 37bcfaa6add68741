# An empty Debian tree, for tests/bare/run and tests/pack/walk. Sourced by bash.
#
#	tree_mirror SUITE		where this machine's apt has that suite from, or else its own suite from:
#				a mirror has them all; nothing where apt has no source
#	tree_sources SUITE		the lines of sources.list for it, where this machine's apt has none
#	tree_reachable SUITE MIRROR	whether it can be had from there
#	tree_make SUITE TREE MIRROR LOG [OPTION]...	debootstrap, minbase; its output in LOG

tree_mirror()
{
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(RELEASE)' 'Created-By: Packages' |
		awk -v suite="$1" '{ sub("/$", "", $1) } # some servers refuse a path with "//" in it
			$2 == suite || $3 == suite { print $1; found = 1; exit }
			!first { first = $1 } END { if (!found && first) print first }'
}

# Nothing where the machine's own sources do.
tree_sources()
{
	apt-get indextargets --format '$(CODENAME) $(RELEASE)' 'Created-By: Packages' | tr ' ' '\n' |
		grep -qx "$1" || echo "deb $(tree_mirror "$1") $1 main"
}

# By the program that debootstrap uses; a mirror that is a directory is looked at.
tree_reachable()
{
	case $2 in
	file:*) [ -e "${2#file:}/dists/$1/Release" ] ;;
	*) wget -q --tries=2 --timeout=20 -O /dev/null "$2/dists/$1/InRelease" ;;
	esac
}

# In namespaces: a broken-off debootstrap leaves mounts.
tree_make()
{
	local suite=$1 tree=$2 mirror=$3 log=$4
	shift 4

	# An older debootstrap does not know the suites of tomorrow: they are made as sid is.
	local script=/usr/share/debootstrap/scripts/$suite
	[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
	unshare --mount --propagation private debootstrap --variant=minbase "$@" "$suite" "$tree" "$mirror" \
		"$script" >"$log" 2>&1
}

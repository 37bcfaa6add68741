# An empty Debian tree, for tests/bare/run and tests/pack/walk. Sourced by bash.
#
#	tree_mirror SUITE		where this machine's apt has that suite from; nothing where it has not
#	tree_make SUITE TREE MIRROR LOG [OPTION]...	debootstrap, minbase; its output in LOG

tree_mirror()
{
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
		sed -n "s/ $1\$//p" | head -n 1
}

# In namespaces: a broken-off debootstrap leaves mounts.
tree_make()
{
	local suite=$1 tree=$2 mirror=$3 log=$4
	shift 4

	unshare --mount --propagation private debootstrap --variant=minbase "$@" "$suite" "$tree" "$mirror" \
		>"$log" 2>&1
}

# What the tests of packages share. Sourced by bash after tests/lib.sh, in the top of the source tree.
#
#	pack_dist TO			the source archive, of HEAD or of the tree, as the file TO
#	pack_deb ARCHIVE DIR		unpacks it in DIR, and builds the packages there; output in DIR/log. That of the greeter needs GTK
#				(package group greeter)
#	pack_of DIR			the one package that people install

VERSION=$(sed -n 's/^VERSION = //p' Makefile)

pack_dist()
{
	make -s dist BUILD="$TMP/dist" && mv "$TMP/dist/dist/pam-device-code-$VERSION.tar.gz" "$1"
}

pack_deb()
{
	mkdir -p "$2" && tar -xf "$1" -C "$2" || return 1
	(cd "$2/pam-device-code-$VERSION" && DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" \
		dpkg-buildpackage $(pkg-config --exists gtk4 || echo -Ppkg.pam-device-code.nogreeter) -us -uc -b) >"$2/log" 2>&1 || { tail -n 30 "$2/log"; return 1; }
}

pack_of()
{
	echo "$1"/libpam-device-code_*.deb
}

# The guides' own lines, for a machine that does what they say. Sourced by bash after tests/lib.sh.
#
#	guide_lines NAME		what docs/NAME.md has one do, with $ISSUER and this test's client
#	guide_way_back NAME		what its end says of the way back
#	suite_packages SUITE		what the package depends on there, for dpkg fetches nothing, and what people
#					log in through

guide_lines()
{
	sed -n '/^```sh$/,/^```$/{/^```/!p}' "$TOP/docs/$1.md" |
		sed -e "s,https://login\.example\.org/realms/main,$ISSUER," -e 's,^client_id = .*,client_id = kiosk,'
}

guide_way_back()
{
	sed -n '/^## Undo it/,$ { /^```$/,/^```$/{/^```/!p} }' "$TOP/docs/$1.md"
}

suite_packages()
{
	local list=systemd-sysv,dbus,libpam-systemd,openssh-server,login,procps,ca-certificates
	list+=,libcjson1,libqrencode4,libseccomp2
	case $1 in
	bookworm) echo $list,libcurl4,libssl3 ;;
	*) echo $list,libcurl4t64,libssl3t64 ;;
	esac
}

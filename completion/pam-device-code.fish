# fish completion for pam-device-code

set -l verbs setup try qr check sessions refresh revoke
complete -c pam-device-code -f
complete -c pam-device-code -n "not __fish_seen_subcommand_from $verbs" -a "$verbs"
complete -c pam-device-code -l help -d 'say more'
complete -c pam-device-code -n "not __fish_seen_subcommand_from $verbs" -l version -d 'say which this is'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup try' -l section -x -d 'which section'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup try' -l conf -r -F -d 'another configuration'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup' -l client-id -x -d 'the client'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup' -l profile -x -d 'the profile'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup' -l ca-file -r -F -d 'certificates'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup' -l proxy -x -d 'a proxy'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup' -l pin -d 'name the endpoints'
complete -c pam-device-code -n '__fish_seen_subcommand_from setup' -l write -d 'write it as a drop-in'
complete -c pam-device-code -n '__fish_seen_subcommand_from try' -l place -x -a 'seat session remote'
complete -c pam-device-code -n '__fish_seen_subcommand_from try' -l from -x -d 'of a remote login'
complete -c pam-device-code -n '__fish_seen_subcommand_from try' -a '(__fish_complete_users)'
complete -c pam-device-code -n '__fish_seen_subcommand_from qr' -l style -x -a 'utf8 colour full'
complete -c pam-device-code -n '__fish_seen_subcommand_from check' -l json -d 'one JSON text'
complete -c pam-device-code -n '__fish_seen_subcommand_from check' -l user -x -d 'what sshd does for this user'
complete -c pam-device-code -n '__fish_seen_subcommand_from sessions' -l enforce -d 'ask the providers'
complete -c pam-device-code -n '__fish_seen_subcommand_from sessions' -l end -d 'end these sessions'
complete -c pam-device-code -n '__fish_seen_subcommand_from revoke' -l all -d 'all of it'

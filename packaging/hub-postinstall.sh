#!/bin/sh
# Runs after the files of the package are in place: dpkg says "configure", rpm says how many versions are installed. Both
# install and upgrade do the same, because try-restart restarts only a hub that runs. A first install starts nothing: the
# hub has no certificates yet.
set -eu

case "${1:-}" in
configure | [1-9]*) ;;
*) exit 0 ;; # dpkg goes back on something: the files are those of before
esac

systemd-sysusers wardlight-hub.conf
systemd-tmpfiles --create wardlight-hub.conf

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# A hub of the new version migrates its books when it starts. A failure must not leave the package half installed.
	if ! systemctl try-restart wardlight-hub.service; then
		echo "wardlight-hub: the hub did not start again. See: journalctl -u wardlight-hub" >&2
	fi
fi

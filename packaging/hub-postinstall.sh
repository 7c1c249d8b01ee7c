#!/bin/sh
# Runs after the files of the package are installed. dpkg passes "configure", rpm passes the number of installed
# versions. Install and upgrade do the same, because try-restart restarts only a running hub. A first install does not
# start the hub, because it has no certificates yet.
set -eu

case "${1:-}" in
configure | [1-9]*) ;;
*) exit 0 ;; # dpkg undoes a failed step: the files are those of the previous version
esac

systemd-sysusers wardlight-hub.conf
systemd-tmpfiles --create wardlight-hub.conf

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	# The new version migrates the hub's data when it starts. A failure must not leave the package half installed.
	if ! systemctl try-restart wardlight-hub.service; then
		echo "wardlight-hub: the hub did not start again. See: journalctl -u wardlight-hub" >&2
	fi
fi

#!/bin/sh
# Runs before the files of the package go: dpkg says "remove" or "upgrade", rpm says how many versions stay installed. An
# upgrade stops nothing: the script of the new version restarts the hub.
set -eu

case "${1:-}" in
remove | 0) ;;
*) exit 0 ;;
esac

# A hub that does not stop must not keep the package from being removed.
if [ -d /run/systemd/system ]; then
	systemctl --no-reload disable --now wardlight-hub.service || true
else
	systemctl --no-reload disable wardlight-hub.service || true
fi

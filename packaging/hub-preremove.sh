#!/bin/sh
# Runs before the files of the package are removed. dpkg passes "remove" or "upgrade", rpm passes the number of versions
# that stay installed. An upgrade does not stop the hub: the script of the new version restarts it.
set -eu

case "${1:-}" in
remove | 0) ;;
*) exit 0 ;;
esac

# The package must be removed even if the hub does not stop.
if [ -d /run/systemd/system ]; then
	systemctl --no-reload disable --now wardlight-hub.service || true
else
	systemctl --no-reload disable wardlight-hub.service || true
fi

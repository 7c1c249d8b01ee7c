#!/bin/sh
# Runs after the files of the package are removed. dpkg passes "remove", "purge" or "upgrade", rpm passes the number of
# versions that stay installed. The hub's data, keys and user stay, also on purge. Only the operator may delete the
# record of who saw which alert.
set -eu

case "${1:-}" in
remove | purge | 0) ;;
*) exit 0 ;;
esac

if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl reset-failed wardlight-hub.service 2>/dev/null || true
fi

for folder in /var/lib/wardlight-hub /etc/wardlight-hub; do
	if [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
		echo "wardlight-hub: $folder is kept. To delete it for good: rm -r $folder" >&2
	fi
done

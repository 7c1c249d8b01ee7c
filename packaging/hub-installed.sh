#!/bin/sh
# After the package's files are there: the user of the service, and systemd's word of the unit. It is not started: it has no
# certificates yet.
set -eu
if command -v systemd-sysusers >/dev/null 2>&1; then
	systemd-sysusers wardlight-hub.conf
	chgrp wardlight-hub /etc/wardlight-hub/config.toml
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi

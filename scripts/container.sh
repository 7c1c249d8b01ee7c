# shellcheck shell=bash
# container.sh: a clean Debian 12 in a container with a private network, for the scripts that source it: packages-live and
# first-hub. It needs root, changes nothing outside a temporary folder, and saves the clean Debian in .bin for the next
# run. The caller sets `set -euo pipefail` and is in the source's folder.

program=$(basename "$0")
[ "$(id -u)" -eq 0 ] || { echo "$program: it needs root" >&2; exit 2; }

# What is installed in the clean Debian, and what apt can install there without a network.
installed=systemd,systemd-sysv,dbus,curl,openssl,procps,sudo,tmux
installable=(libpcsclite1 pcscd vsmartcard-vpcd iproute2)
saved=.bin/clean-bookworm-$(echo "$installed ${installable[*]}" | cksum | cut -d ' ' -f 1).tar

work=$(mktemp -d "/tmp/$program.XXXXXX")
root=$work/root
leader="" # the process that runs the container
init=""   # the container's first process

# stop ends the container, with a signal to its leader.
stop() {
	if [ -n "$leader" ]; then
		kill "-$1" "$leader" 2>/dev/null || true
		wait "$leader" 2>/dev/null || true
	fi
	leader=""
}
ending=TERM
finish() {
	stop "$ending"
	rm -rf --one-file-system "$work"
}
trap finish EXIT

step() { echo "== $*"; }
fail() {
	echo "FAILED: $*" >&2
	[ -z "$init" ] || inside journalctl --no-pager -n 40 -u wardlight-hub >&2 || true
	exit 1
}
# inside runs a command in the container, check one that has to succeed, refused one that has to fail with an exit code.
inside() { nsenter --target "$init" --mount --uts --ipc --net --pid --root --wd -- env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
check() { inside "$@" || fail "$*"; }
refused() {
	local want=$1 got=0
	shift
	inside "$@" >"$work/said" 2>&1 || got=$?
	cat "$work/said"
	[ "$got" -eq "$want" ] || fail "exit code $got, want $want: $*"
}
says() { grep -qF -- "$1" "$work/said" || fail "it does not say: $1"; }
is() { [ "$2" = "$3" ] || fail "$1 is $2, want $3"; }

# unpack makes the clean Debian's files in $root.
unpack() {
	if [ ! -e "$saved" ]; then
		mkdir -p .bin
		# shellcheck disable=SC2016 # mmdebstrap sets the variable
		mmdebstrap --quiet --format=tar --variant=minbase --include="$installed" --skip=cleanup/apt \
			--customize-hook="APT_CONFIG=\"\$MMDEBSTRAP_APT_CONFIG\" apt-get -qq -y --download-only -o APT::Install-Recommends=false install ${installable[*]}" \
			bookworm "$saved.part"
		mv "$saved.part" "$saved"
	fi
	mkdir "$root"
	tar -x -C "$root" -f "$saved"
	echo trial >"$root/etc/hostname"
	echo "127.0.0.1 localhost trial" >"$root/etc/hosts" # as Debian's installer writes it
}

# boot boots the container with its own systemd. It fails where that does not come up, and $work/console says why.
boot() {
	local state=""
	systemd-nspawn --quiet --directory="$root" --boot --hostname=trial --private-network --register=no --keep-unit --console=pipe --link-journal=no </dev/null >"$work/console" 2>&1 &
	leader=$!
	for _ in $(seq 120); do
		init=$(pgrep -P "$leader" -f systemd | head -n 1 || true)
		if [ -n "$init" ]; then state=$(inside systemctl is-system-running 2>/dev/null || true); fi
		case "$state" in running | degraded) return 0 ;; esac
		kill -0 "$leader" 2>/dev/null || break
		sleep 0.5
	done
	echo "no boot: ${state:-systemd did not answer}" >>"$work/console"
	return 1
}

# enter starts the container without systemd: the same files and namespaces, and a first process that does nothing. The
# files become the root of the namespace: inside a chroot the kernel lets no user make namespaces.
enter() {
	stop "$ending"
	ending=KILL # unshare ignores TERM
	# shellcheck disable=SC2016 # for the shell inside
	unshare --mount --uts --ipc --net --pid --fork --kill-child --propagation private sh -euc '
		mount --bind "$1" "$1"
		mount -t proc proc "$1/proc"
		mount -t tmpfs tmpfs "$1/run"
		mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$1/dev/pts"
		ip link set lo up
		hostname trial
		cd "$1"
		mkdir old
		pivot_root . old
		umount -l /old
		exec sleep infinity' sh "$root" >"$work/console" 2>&1 &
	leader=$!
	for _ in $(seq 40); do
		init=$(pgrep -P "$leader" || true)
		if [ -n "$init" ] && inside test -d /proc/1 2>/dev/null && [ "$(inside cat /proc/1/comm)" = sleep ]; then return 0; fi
		kill -0 "$leader" 2>/dev/null || break
		sleep 0.25
	done
	return 1
}

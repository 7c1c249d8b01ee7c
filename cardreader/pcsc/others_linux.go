//go:build cgo && linux

package pcsc

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"wardlight/internal/text"
)

// How long the kernel is waited for, and how much of its answer is read at a time.
const (
	othersFor    = time.Second
	netlinkSpace = 1 << 16
)

// longestName of a program, in runes.
const longestName = 32

// unixTable lists the unix sockets of our network namespace. The kernel makes the service's end of a connection in the
// namespace of whoever connects, so ours are here even when the service runs in a container.
const unixTable = "/proc/self/net/unix"

// Others implements cardreader.Namer: the programs at the other ends of the service's sockets, as lsof would find them.
func (s *system) Others() []string {
	table, err := os.ReadFile(unixTable)
	if err != nil {
		return nil
	}
	service := socketsNamed(table, filepath.Base(socketPath()), filepath.Base(defaultSocket))
	clients := map[uint32]bool{}
	for own, peer := range peers() {
		if service[peer] {
			clients[own] = true
		}
	}
	return programsWith(clients)
}

// peers is every connected unix socket of this computer, by inode, with the inode of its other end.
func peers() map[uint32]uint32 {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Close(fd) }()
	patience := unix.NsecToTimeval(othersFor.Nanoseconds())
	if unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience) != nil {
		return nil
	}
	if unix.Sendto(fd, askForPeers(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil {
		return nil
	}
	all := map[uint32]uint32{}
	space := make([]byte, netlinkSpace)
	for {
		n, _, err := unix.Recvfrom(fd, space, 0)
		if err == unix.EINTR { // by a signal of Go's own scheduler: a wait that is bounded is not taken up again by itself
			continue
		}
		if err != nil || !readPeers(space[:n], all) {
			return all
		}
	}
}

// askForPeers is a request for all unix sockets with their peers (linux/unix_diag.h).
func askForPeers() []byte {
	const header, body = 16, 24
	b := make([]byte, header+body)
	binary.NativeEndian.PutUint32(b, header+body)
	binary.NativeEndian.PutUint16(b[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	request := b[header:]
	request[0] = unix.AF_UNIX
	binary.NativeEndian.PutUint32(request[4:], ^uint32(0))     // sockets in every state
	binary.NativeEndian.PutUint32(request[12:], showPeersFlag) // udiag_show
	return b
}

// programsWith is the names of the other processes that have one of the sockets open, as far as this account may look.
func programsWith(sockets map[uint32]bool) []string {
	if len(sockets) == 0 {
		return nil
	}
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var names []string
	for _, process := range processes {
		pid, err := strconv.Atoi(process.Name())
		if err != nil || pid == os.Getpid() || !hasOneOf(pid, sockets) {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", process.Name(), "comm"))
		if clean := text.Clean(strings.TrimSpace(string(name)), longestName); err == nil && clean != "" {
			names = append(names, clean)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func hasOneOf(pid int, sockets map[uint32]bool) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	open, err := os.ReadDir(dir)
	if err != nil {
		return false // another account's, or gone
	}
	for _, file := range open {
		target, err := os.Readlink(filepath.Join(dir, file.Name()))
		if inode, ok := socketInode(target); err == nil && ok && sockets[inode] {
			return true
		}
	}
	return false
}

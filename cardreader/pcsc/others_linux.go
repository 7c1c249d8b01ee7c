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

	"github.com/ebfe/scard"
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

// Others implements cardreader.Namer: the programs at the other ends of the service's sockets, as lsof would find
// them. It connects to the service meanwhile, which shows the file that the service's sockets were bound to: their
// path is the one that the service itself sees, the same in every container.
func (s *system) Others() []string {
	if here, err := scard.EstablishContext(); err == nil {
		defer here.Release() //nolint:errcheck // nothing was done in it
	}
	table, err := os.ReadFile(unixTable)
	if err != nil {
		return nil
	}
	service := socketsNamed(table, filepath.Base(socketPath()), filepath.Base(defaultSocket))
	return programsWith(clientsOf(service, unixSockets(), socketsOf("self")))
}

// unixSockets returns every unix socket of our network namespace, by inode.
func unixSockets() map[uint32]unixSocket {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Close(fd) }()
	patience := unix.NsecToTimeval(othersFor.Nanoseconds())
	if unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience) != nil {
		return nil
	}
	if unix.Sendto(fd, askForSockets(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil {
		return nil
	}
	all := map[uint32]unixSocket{}
	space := make([]byte, netlinkSpace)
	for {
		n, _, err := unix.Recvfrom(fd, space, 0)
		if err == unix.EINTR { // by a signal of Go's own scheduler: a wait that is bounded is not taken up again by itself
			continue
		}
		if err != nil || !readSockets(space[:n], all) {
			return all
		}
	}
}

// askForSockets returns a request for all unix sockets with their peers and files (linux/unix_diag.h).
func askForSockets() []byte {
	const header, body = 16, 24
	b := make([]byte, header+body)
	binary.NativeEndian.PutUint32(b, header+body)
	binary.NativeEndian.PutUint16(b[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	request := b[header:]
	request[0] = unix.AF_UNIX
	binary.NativeEndian.PutUint32(request[4:], ^uint32(0))         // sockets in every state
	binary.NativeEndian.PutUint32(request[12:], showFile|showPeer) // udiag_show
	return b
}

// programsWith returns the names of the other processes that have one of the sockets open, as far as this account may
// look.
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
		if err != nil || pid == os.Getpid() || !anyOf(socketsOf(process.Name()), sockets) {
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

func anyOf(some, of map[uint32]bool) bool {
	for inode := range some {
		if of[inode] {
			return true
		}
	}
	return false
}

// socketsOf returns the sockets, by inode, that a process of this name in /proc has open: none of another account's,
// or of one that is gone.
func socketsOf(process string) map[uint32]bool {
	dir := filepath.Join("/proc", process, "fd")
	open, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	sockets := map[uint32]bool{}
	for _, file := range open {
		target, err := os.Readlink(filepath.Join(dir, file.Name()))
		if inode, ok := socketInode(target); err == nil && ok {
			sockets[inode] = true
		}
	}
	return sockets
}

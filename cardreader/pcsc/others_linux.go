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

// Timeout for the kernel's answer, and size of the read buffer.
const (
	netlinkTimeout = time.Second
	netlinkSpace   = 1 << 16
)

// maxProgramName is the maximum length of a program's name, in runes.
const maxProgramName = 32

// unixTable lists the Unix sockets of our network namespace. The kernel creates the service's end of a connection in
// the namespace of the client, so our connections are listed even if the service runs in a container.
const unixTable = "/proc/self/net/unix"

// OtherPrograms implements cardreader.Namer. It returns the names of the programs that are connected to the service's
// sockets, like lsof. It connects to the service itself to find the file that the service's sockets are bound to.
// Their path is the one in the service's own file system and so does not depend on our container.
func (s *system) OtherPrograms() []string {
	if here, err := scard.EstablishContext(); err == nil {
		defer here.Release() //nolint:errcheck // nothing to report: the context was not used
	}
	table, err := os.ReadFile(unixTable)
	if err != nil {
		return nil
	}
	service := socketsNamed(table, filepath.Base(socketPath()), filepath.Base(defaultSocket))
	return programsWith(clientsOf(service, unixSockets(), socketsOf("self")))
}

// unixSockets returns all Unix sockets of our network namespace by inode.
func unixSockets() map[uint32]unixSocket {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Close(fd) }()
	timeout := unix.NsecToTimeval(netlinkTimeout.Nanoseconds())
	if unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout) != nil {
		return nil
	}
	if unix.Sendto(fd, askForSockets(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}) != nil {
		return nil
	}

	all := map[uint32]unixSocket{}
	space := make([]byte, netlinkSpace)
	for {
		n, _, err := unix.Recvfrom(fd, space, 0)
		if err == unix.EINTR { // by a signal of Go's scheduler: the kernel doesn't restart a read with a timeout
			continue
		}
		if err != nil || !readSockets(space[:n], all) {
			return all
		}
	}
}

// askForSockets returns a netlink request for all Unix sockets with their peers and files (linux/unix_diag.h).
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

// programsWith returns the names of the other processes that have one of the sockets open. Processes that this account
// may not inspect are left out.
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
		if clean := text.Clean(strings.TrimSpace(string(name)), maxProgramName); err == nil && clean != "" {
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

// socketsOf returns the inodes of the sockets that a process in /proc has open. It returns none for another account's
// process, or one that has exited.
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

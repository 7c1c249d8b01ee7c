//go:build linux

package pcsc

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Constants of netlink and its Unix socket family (linux/netlink.h, linux/unix_diag.h).
const (
	netlinkHeader  = 16
	netlinkError   = 2
	netlinkDone    = 3
	diagHeader     = 16 // struct unix_diag_msg
	attributeFile  = 1
	attributePeer  = 2
	showFile       = 2 // flags of struct unix_diag_req
	showPeer       = 4
	attributeStart = 4 // length and type
)

// unixSocket describes a socket: the inode of its peer, and the file that it was bound to.
type unixSocket struct {
	peer uint32
	file [2]uint32 // inode and device
}

// socketsNamed parses a table in the format of /proc/net/unix. It returns the inodes of the sockets whose path ends in
// one of the names.
func socketsNamed(table []byte, names ...string) map[uint32]bool {
	found := map[uint32]bool{}
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line)) // Num RefCount Protocol Flags Type St Inode Path
		if len(fields) < 8 || !slices.Contains(names, filepath.Base(fields[7])) {
			continue
		}
		if inode, err := strconv.ParseUint(fields[6], 10, 32); err == nil {
			found[uint32(inode)] = true
		}
	}
	return found
}

// clientsOf returns the sockets whose peers are sockets of the service. If mine contains some of them, sockets of
// another service, which is bound to another file, are left out.
func clientsOf(service map[uint32]bool, all map[uint32]unixSocket, mine map[uint32]bool) map[uint32]bool {
	ours := map[[2]uint32]bool{}
	for own, s := range all {
		if service[s.peer] && mine[own] {
			ours[all[s.peer].file] = true
		}
	}
	clients := map[uint32]bool{}
	for own, s := range all {
		if service[s.peer] && (len(ours) == 0 || ours[all[s.peer].file]) {
			clients[own] = true
		}
	}
	return clients
}

// socketInode returns the inode in the target of a link in /proc/PID/fd, such as "socket:[4711]".
func socketInode(target string) (uint32, bool) {
	number, isSocket := strings.CutPrefix(target, "socket:[")
	if !isSocket {
		return 0, false
	}
	inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 32)
	return uint32(inode), err == nil
}

// readSockets adds the sockets in one part of the kernel's answer to all, by inode, and reports whether more parts
// follow.
func readSockets(part []byte, all map[uint32]unixSocket) bool {
	for len(part) >= netlinkHeader {
		length := int(binary.NativeEndian.Uint32(part))
		kind := binary.NativeEndian.Uint16(part[4:])
		if length < netlinkHeader || length > len(part) || kind == netlinkDone || kind == netlinkError {
			return false
		}
		if body := part[netlinkHeader:length]; len(body) >= diagHeader {
			all[binary.NativeEndian.Uint32(body[4:])] = socketOf(body[diagHeader:])
		}
		part = part[min(aligned(length), len(part)):]
	}
	return true
}

// socketOf parses the attributes of a socket.
func socketOf(attributes []byte) (s unixSocket) {
	for len(attributes) >= attributeStart {
		length := int(binary.NativeEndian.Uint16(attributes))
		if length < attributeStart || length > len(attributes) {
			return s
		}
		value := attributes[attributeStart:length]
		switch kind := binary.NativeEndian.Uint16(attributes[2:]); {
		case kind == attributePeer && len(value) >= 4:
			s.peer = binary.NativeEndian.Uint32(value)
		case kind == attributeFile && len(value) >= 8:
			s.file = [2]uint32{binary.NativeEndian.Uint32(value), binary.NativeEndian.Uint32(value[4:])}
		}
		attributes = attributes[min(aligned(length), len(attributes)):]
	}
	return s
}

// aligned returns n rounded up to a multiple of four.
func aligned(n int) int { return (n + 3) &^ 3 }

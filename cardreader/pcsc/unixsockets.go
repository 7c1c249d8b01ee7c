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

// Numbers of netlink and of its family for unix sockets (linux/netlink.h, linux/unix_diag.h).
const (
	netlinkHeader  = 16
	netlinkError   = 2
	netlinkDone    = 3
	diagHeader     = 16 // struct unix_diag_msg
	attributePeer  = 2
	showPeersFlag  = 4
	attributeStart = 4 // length and type
)

// socketsNamed is the inodes in a table like /proc/net/unix of the sockets whose path ends in one of those names.
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

// socketInode is the inode in the target of a link in /proc/PID/fd: "socket:[4711]".
func socketInode(target string) (uint32, bool) {
	number, isSocket := strings.CutPrefix(target, "socket:[")
	if !isSocket {
		return 0, false
	}
	inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 32)
	return uint32(inode), err == nil
}

// readPeers adds the sockets of one part of the kernel's answer to all: inode, and the peer's. It reports whether more
// parts follow.
func readPeers(part []byte, all map[uint32]uint32) bool {
	for len(part) >= netlinkHeader {
		length := int(binary.NativeEndian.Uint32(part))
		kind := binary.NativeEndian.Uint16(part[4:])
		if length < netlinkHeader || length > len(part) || kind == netlinkDone || kind == netlinkError {
			return false
		}
		if body := part[netlinkHeader:length]; len(body) >= diagHeader {
			if peer, known := peerIn(body[diagHeader:]); known {
				all[binary.NativeEndian.Uint32(body[4:])] = peer
			}
		}
		part = part[min(aligned(length), len(part)):]
	}
	return true
}

// peerIn finds the peer's inode among a socket's attributes.
func peerIn(attributes []byte) (uint32, bool) {
	for len(attributes) >= attributeStart {
		length := int(binary.NativeEndian.Uint16(attributes))
		if length < attributeStart || length > len(attributes) {
			return 0, false
		}
		if binary.NativeEndian.Uint16(attributes[2:]) == attributePeer && length >= attributeStart+4 {
			return binary.NativeEndian.Uint32(attributes[attributeStart:]), true
		}
		attributes = attributes[min(aligned(length), len(attributes)):]
	}
	return 0, false
}

// aligned is a length rounded up to the next four bytes.
func aligned(n int) int { return (n + 3) &^ 3 }

//go:build linux || darwin

package handover

import (
	"errors"
	"net"
)

// peer returns the user ID that the peer process had when it connected or listened.
func peer(c *net.UnixConn) (uid int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { uid, failed = ownerOf(int(fd)) })
	if err = errors.Join(err, failed); err != nil {
		return -1, err
	}
	return uid, nil
}

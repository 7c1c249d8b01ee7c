package handover

import "golang.org/x/sys/unix"

// ownerOf returns the user ID of a socket's peer.
func ownerOf(fd int) (uid int, err error) {
	of, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return -1, err
	}
	return int(of.Uid), nil
}

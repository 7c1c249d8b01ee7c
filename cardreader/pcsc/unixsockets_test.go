//go:build linux

package pcsc

import (
	"encoding/binary"
	"maps"
	"testing"
)

func TestTheServicesSocketsAreFoundByName(t *testing.T) {
	table := []byte(`Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000003 00000000 00000000 0001 03  1506
0000000000000000: 00000002 00000000 00010000 0001 01  1700 /run/pcscd/pcscd.comm
0000000000000000: 00000003 00000000 00000000 0001 03  1701 /run/pcscd/pcscd.comm
0000000000000000: 00000003 00000000 00000000 0001 03  1702 /run/pcscd/pcscd.comm.old
0000000000000000: 00000003 00000000 00000000 0001 03  nonsense /run/pcscd/pcscd.comm
`)
	if found := socketsNamed(table, "pcscd.comm"); !maps.Equal(found, map[uint32]bool{1700: true, 1701: true}) {
		t.Errorf("found %v", found)
	}
	for target, want := range map[string]uint32{"socket:[4711]": 4711, "socket:[x]": 0, "/dev/null": 0, "pipe:[4711]": 0, "socket:[99999999999]": 0} {
		if inode, ok := socketInode(target); ok != (want != 0) || ok && inode != want {
			t.Errorf("%s: %d, %v", target, inode, ok)
		}
	}
}

// diag is one socket as the kernel tells it.
func diag(inode, peer uint32) []byte {
	b := make([]byte, netlinkHeader+diagHeader+8+8)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], 20)
	binary.NativeEndian.PutUint32(b[netlinkHeader+4:], inode)
	attributes := b[netlinkHeader+diagHeader:]
	binary.NativeEndian.PutUint16(attributes, 5) // another attribute, of a length that is padded
	binary.NativeEndian.PutUint16(attributes[8:], 8)
	binary.NativeEndian.PutUint16(attributes[10:], attributePeer)
	binary.NativeEndian.PutUint32(attributes[12:], peer)
	return b
}

func TestPeersAreReadFromTheKernelsAnswer(t *testing.T) {
	all := map[uint32]uint32{}
	part := append(diag(11, 12), diag(12, 11)...)
	if !readPeers(part, all) || !maps.Equal(all, map[uint32]uint32{11: 12, 12: 11}) {
		t.Errorf("read %v", all)
	}
	end := make([]byte, 20)
	binary.NativeEndian.PutUint32(end, 20)
	binary.NativeEndian.PutUint16(end[4:], netlinkDone)
	if readPeers(end, all) {
		t.Error("goes on after the end")
	}
}

func FuzzPeers(f *testing.F) {
	f.Add(diag(11, 12))
	f.Add([]byte{16, 0, 0, 0, 3, 0, 0, 0})
	f.Fuzz(func(t *testing.T, part []byte) {
		all := map[uint32]uint32{}
		readPeers(part, all)
		if len(all) > len(part)/netlinkHeader {
			t.Errorf("%d sockets in %d bytes", len(all), len(part))
		}
		socketsNamed(part, "pcscd.comm")
	})
}

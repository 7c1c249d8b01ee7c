//go:build linux

package pcsc

import (
	"encoding/binary"
	"maps"
	"testing"
)

func TestSocketsNamed(t *testing.T) {
	table := []byte(`Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000003 00000000 00000000 0001 03  1506
0000000000000000: 00000002 00000000 00010000 0001 01  1700 /run/pcscd/pcscd.comm
0000000000000000: 00000003 00000000 00000000 0001 03  1701 /run/pcscd/pcscd.comm
0000000000000000: 00000003 00000000 00000000 0001 03  1702 /run/pcscd/pcscd.comm.old
0000000000000000: 00000003 00000000 00000000 0001 03  nonsense /run/pcscd/pcscd.comm
`)
	if found := socketsNamed(table, "pcscd.comm"); !maps.Equal(found, map[uint32]bool{1700: true, 1701: true}) {
		t.Errorf("socketsNamed = %v, want 1700 and 1701", found)
	}
	for target, want := range map[string]uint32{
		"socket:[4711]": 4711, "socket:[x]": 0, "/dev/null": 0,
		"pipe:[4711]": 0, "socket:[99999999999]": 0,
	} {
		if inode, ok := socketInode(target); ok != (want != 0) || ok && inode != want {
			t.Errorf("socketInode(%q) = %d, %v, want %d", target, inode, ok, want)
		}
	}
}

func TestClientsOf_AnotherService(t *testing.T) {
	service := map[uint32]bool{10: true, 11: true, 12: true}
	one, other := [2]uint32{7, 1}, [2]uint32{7, 2}
	sockets := map[uint32]unixSocket{
		1: {peer: 10}, 2: {peer: 11}, 3: {peer: 12}, 4: {peer: 99},
		10: {1, one}, 11: {2, one}, 12: {3, other}, 99: {peer: 4},
	}
	for name, c := range map[string]struct{ mine, want map[uint32]bool }{
		"we are at one":     {map[uint32]bool{1: true, 4: true}, map[uint32]bool{1: true, 2: true}},
		"we are at another": {map[uint32]bool{3: true}, map[uint32]bool{3: true}},
		"we are at both":    {map[uint32]bool{1: true, 3: true}, map[uint32]bool{1: true, 2: true, 3: true}},
		"we are at none":    {map[uint32]bool{4: true}, map[uint32]bool{1: true, 2: true, 3: true}},
	} {
		if got := clientsOf(service, sockets, c.mine); !maps.Equal(got, c.want) {
			t.Errorf("clientsOf, %s = %v, want %v", name, got, c.want)
		}
	}
}

// diag returns a socket in the kernel's format.
func diag(inode uint32, s unixSocket) []byte {
	b := make([]byte, netlinkHeader+diagHeader+8+12+8)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], 20)
	binary.NativeEndian.PutUint32(b[netlinkHeader+4:], inode)
	attributes := b[netlinkHeader+diagHeader:]
	binary.NativeEndian.PutUint16(attributes, 5) // another attribute, with padding
	binary.NativeEndian.PutUint16(attributes[8:], 12)
	binary.NativeEndian.PutUint16(attributes[10:], attributeFile)
	binary.NativeEndian.PutUint32(attributes[12:], s.file[0])
	binary.NativeEndian.PutUint32(attributes[16:], s.file[1])
	binary.NativeEndian.PutUint16(attributes[20:], 8)
	binary.NativeEndian.PutUint16(attributes[22:], attributePeer)
	binary.NativeEndian.PutUint32(attributes[24:], s.peer)
	return b
}

func TestReadSockets(t *testing.T) {
	want := map[uint32]unixSocket{11: {peer: 12}, 12: {11, [2]uint32{4711, 24}}}
	all := map[uint32]unixSocket{}
	part := append(diag(11, want[11]), diag(12, want[12])...)
	if !readSockets(part, all) || !maps.Equal(all, want) {
		t.Errorf("readSockets: got %v, want %v, with more parts", all, want)
	}
	end := make([]byte, 20)
	binary.NativeEndian.PutUint32(end, 20)
	binary.NativeEndian.PutUint16(end[4:], netlinkDone)
	if readSockets(end, all) {
		t.Error("readSockets of the last part = true, want false")
	}
}

func FuzzSockets(f *testing.F) {
	f.Add(diag(11, unixSocket{peer: 12}))
	f.Add([]byte{16, 0, 0, 0, 3, 0, 0, 0})
	f.Fuzz(func(t *testing.T, part []byte) {
		all := map[uint32]unixSocket{}
		readSockets(part, all)
		if len(all) > len(part)/netlinkHeader {
			t.Errorf("readSockets: got %d sockets from %d bytes", len(all), len(part))
		}
		socketsNamed(part, "pcscd.comm")
	})
}

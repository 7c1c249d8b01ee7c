// Package pcscd runs a private smartcard service: the real pcscd with the virtual reader driver vpcd, in its own mount
// and network namespaces. Therefore it doesn't affect the computer's own service and readers, and doesn't open a port
// to others (vpcd listens on all addresses). Virtual cards are inserted into it, and any smartcard program can use
// them if PCSCLITE_CSOCK_NAME is set.
//
// It needs Linux and the Debian packages pcscd, vsmartcard-vpcd, util-linux and iproute2. Without root it also needs
// bash and a kernel that lets users create namespaces. cmd/wardlight-lab, play, the benchmarks and tests import it.
package pcscd

// Slots is the number of virtual readers of a daemon that Start returns.
const Slots = 2

// firstPort is the port of vpcd's first slot, as Debian configures it in /etc/reader.conf.d/vpcd. The second slot has
// the next port.
const firstPort = 35963

// Package pcscd runs a private smartcard service: the real pcscd with the virtual reader driver vpcd, in mount and
// network namespaces of its own, so that it neither meets the computer's own service and readers nor opens a port to
// anyone (vpcd listens on all addresses). Virtual cards plug into it and any smartcard program can use them, by the
// variable PCSCLITE_CSOCK_NAME.
//
// It needs Linux and the Debian packages pcscd, vsmartcard-vpcd, util-linux and iproute2; without root also a kernel
// that lets users make namespaces, and bash.
package pcscd

// Slots is how many virtual readers there are, unless StartReaders gives them names.
const Slots = 2

// firstPort is vpcd's first slot, as Debian configures it in /etc/reader.conf.d/vpcd; the second is the next.
const firstPort = 35963

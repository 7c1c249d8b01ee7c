package limit

import (
	"net"
	"net/netip"
	"strings"
)

// Sources determines the sources of requests.
type Sources struct {
	// Proxies are the addresses whose X-Forwarded-For header is trusted. It is ignored from all others.
	Proxies []netip.Prefix
}

// maxForwarded is the maximum number of addresses in X-Forwarded-For that are read, from the right.
const maxForwarded = 16

// unknown is the source of a request with a malformed address.
const unknown = "unknown"

// Of returns the source of a request: the rightmost address that isn't a trusted proxy's. remote is the address of the
// connection, with or without a port. forwarded are the values of X-Forwarded-For in order. The source of an IPv6
// address is its /64, which belongs to one subscriber.
func (s Sources) Of(remote string, forwarded []string) string {
	at, ok := address(remote)
	if !ok {
		return unknown
	}
	hops := strings.Join(forwarded, ",")
	for range maxForwarded {
		if !s.trusted(at) || hops == "" {
			break
		}
		cut := strings.LastIndexByte(hops, ',')
		before, ok := address(strings.TrimSpace(hops[cut+1:]))
		if !ok {
			break // addresses before a malformed one aren't trusted
		}
		at, hops = before, hops[:max(cut, 0)]
	}
	return keyOf(at)
}

func (s Sources) trusted(a netip.Addr) bool {
	for _, p := range s.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// address parses an address with or without a port.
func address(text string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}

func keyOf(a netip.Addr) string {
	if a.Is4() {
		return a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return unknown
	}
	return p.String()
}

// ParseProxies parses addresses and networks such as 10.0.0.1 and 10.0.0.0/24.
func ParseProxies(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		if !strings.Contains(text, "/") {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, err
			}
			text = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()).String()
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

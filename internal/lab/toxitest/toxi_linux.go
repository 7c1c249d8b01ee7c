package toxitest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2/client"

	"wardlight/internal/lab/labtest"
	"wardlight/internal/need"
)

// program is the server that make installs. Its version is the one of the client in go.mod.
const program = ".bin/toxiproxy-server-v2.5.0"

// Proxy is a TCP proxy of a running Toxiproxy. Without toxics it forwards everything unchanged.
type Proxy struct {
	Address string // host and port where it listens

	tb    testing.TB
	proxy *toxiproxy.Proxy
	names []string // of the toxics
}

// Need returns the path of the server. If make has not installed it, the test is skipped with a message.
func Need(tb testing.TB) string {
	tb.Helper()
	root, err := need.Module()
	if err != nil {
		tb.Fatal(err)
	}
	return need.File(tb, filepath.Join(root, filepath.FromSlash(program)), "run make need-toxiproxy")
}

// Start starts a Toxiproxy with one proxy, which leads nowhere until To is called. It ends with the test.
func Start(tb testing.TB) *Proxy {
	tb.Helper()
	path, port := Need(tb), labtest.Port(tb)
	said := new(labtest.Output)
	ctx := context.WithoutCancel(tb.Context()) // labtest.Start ends the server
	cmd := exec.CommandContext(ctx, path, "-host", "127.0.0.1", "-port", strconv.Itoa(port))
	cmd.Stdout, cmd.Stderr = said, said
	server := labtest.Start(tb, cmd)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	server.Until(tb, "the interface of Toxiproxy", func() bool {
		conn, err := new(net.Dialer).DialContext(tb.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})

	// The proxy has an address before there is a server to forward to, because a hub has to know its own address.
	proxy, err := toxiproxy.NewClient(address).CreateProxy("proxy", "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("toxiproxy: %v: %s", err, said)
	}
	return &Proxy{Address: proxy.Listen, tb: tb, proxy: proxy}
}

// To makes the proxy forward connections to an address. It closes the connections of before.
func (p *Proxy) To(upstream string) {
	p.tb.Helper()
	p.proxy.Upstream = upstream
	if err := p.proxy.Save(); err != nil {
		p.tb.Fatalf("toxiproxy: forward to %s: %v", upstream, err)
	}
}

// Attributes are the parameters of a toxic.
type Attributes = toxiproxy.Attributes

// Down adds a toxic to what the server sends, such as "latency", "timeout", "reset_peer", "limit_data", "slicer" and
// "bandwidth". It applies to open connections, too.
func (p *Proxy) Down(kind string, a Attributes) { p.tb.Helper(); p.add(kind, "downstream", a) }

// Up adds a toxic to what the client sends.
func (p *Proxy) Up(kind string, a Attributes) { p.tb.Helper(); p.add(kind, "upstream", a) }

func (p *Proxy) add(kind, stream string, a Attributes) {
	p.tb.Helper()
	name := kind + " " + stream
	if _, err := p.proxy.AddToxic(name, kind, stream, 1, a); err != nil {
		p.tb.Fatalf("toxiproxy: add %s: %v", name, err)
	}
	p.names = append(p.names, name)
}

// Heal removes all toxics.
func (p *Proxy) Heal() {
	p.tb.Helper()
	for _, name := range p.names {
		if err := p.proxy.RemoveToxic(name); err != nil {
			p.tb.Fatalf("toxiproxy: remove %s: %v", name, err)
		}
	}
	p.names = nil
}

// CloseConnections closes all connections of the proxy, so that toxics apply from the first byte.
func (p *Proxy) CloseConnections() {
	p.tb.Helper()
	if err := p.proxy.Disable(); err != nil {
		p.tb.Fatalf("toxiproxy: %v", err)
	}
	if err := p.proxy.Enable(); err != nil {
		p.tb.Fatalf("toxiproxy: %v", err)
	}
}

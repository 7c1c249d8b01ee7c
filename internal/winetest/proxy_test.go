package winetest_test

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/client/hubtest"
	"wardlight/internal/winetest"
)

// connections is the registry key with the user's proxy, as the Windows settings write it.
const connections = `HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections`

// The flags of a connection that enable a proxy or a script.
const (
	byProxy  = 2
	byScript = 4
)

// connection returns the registry value of the proxy settings: a header, and three texts with their lengths.
func connection(flags uint32, proxies, exceptions, script string) string {
	b := binary.LittleEndian.AppendUint32(nil, 0x46)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, 1|flags)
	for _, text := range []string{proxies, exceptions, script} {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(text))), text...)
	}
	return hex.EncodeToString(append(b, make([]byte, 32)...))
}

// proxy is a proxy through which the hub can be reached. Other programs can't resolve the hub's name.
type proxy struct {
	*httptest.Server
	address  string
	tunnels  atomic.Int32 // number of tunnels
	scripted atomic.Int32 // number of requests for the script
}

// startProxy starts a proxy that connects only to hub, and that serves a script with its own address.
func startProxy(t *testing.T, hub string) *proxy {
	t.Helper()
	p := &proxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			p.tunnels.Add(1)
			p.tunnel(w, r, hub)
			return
		}
		p.scripted.Add(1)
		w.Header().Set("Content-Type", "application/x-ns-proxy-autoconfig")
		fmt.Fprintf(w, "function FindProxyForURL(url, host) { return host == %q ? %q : \"DIRECT\"; }\n", "example.com",
			"PROXY "+p.address)
	}))
	t.Cleanup(p.Close)
	p.address = strings.TrimPrefix(p.URL, "http://")
	return p
}

// tunnel copies bytes between the caller and the hub.
func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request, hub string) {
	there, err := (&net.Dialer{Timeout: time.Minute}).DialContext(r.Context(), "tcp", hub)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	w.WriteHeader(http.StatusOK)
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	go func() {
		_, _ = io.Copy(there, here)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
}

// proxies tests the proxy set in Windows, by address and by script. Environment variables take precedence.
func (e env) proxies(t *testing.T) {
	hub := hubtest.New(t, time.Now)
	address := strings.TrimPrefix(hub.URL, "https://")
	p := startProxy(t, address)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, certificateOf(t, address))

	set := func(flags uint32, proxies, exceptions, script string) {
		t.Helper()
		got := e.Run(t, "", nil, "reg", "add", connections, "/v", "DefaultConnectionSettings", "/t", "REG_BINARY", "/d",
			connection(flags, proxies, exceptions, script), "/f")
		if got.Code != 0 {
			t.Fatalf("reg add: exit code %d\n%s%s", got.Code, got.Out, got.Err)
		}
	}

	ask := []string{"doctor", "--timeout", "1m", "--hub", "https://example.com", "--ca-file", winetest.Path(ca)}
	through := "https://example.com answers, through the proxy " + p.address + "."

	set(byProxy, "http=nowhere.invalid:1;https="+p.address, "*.other.example", "")
	e.wardlight(t, nil, 3, []string{through}, ask...)
	if n := p.tunnels.Load(); n == 0 {
		t.Error("no tunnel through the proxy, want one")
	}

	e.wardlight(t, []string{"HTTPS_PROXY=http://127.0.0.1:1"}, 3, []string{"The proxy 127.0.0.1:1 cannot be reached"},
		ask...)

	set(byProxy, p.address, "*.other.example;example.*", "")
	e.wardlight(t, nil, 3, []string{"The name example.com is not known to this network. (D73)"}, ask...)

	set(byScript, "", "", p.URL+"/proxy.pac")
	before := p.tunnels.Load()
	e.wardlight(t, nil, 3, []string{through}, ask...)
	if p.scripted.Load() == 0 || p.tunnels.Load() == before {
		t.Errorf("the script was requested %d times, %d tunnels, want at least one of each",
			p.scripted.Load(), p.tunnels.Load()-before)
	}

	set(0, "", "", "")
}

// certificateOf returns the certificate of a server, in PEM.
func certificateOf(t *testing.T, address string) string {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the test's own server
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.(*tls.Conn).ConnectionState().
		PeerCertificates[0].Raw}))
}

package doctor

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"wardlight/internal/text"
)

// Machine describes the computer and its software. A value that can't be determined is "".
type Machine struct {
	OS           string `json:"os"`           // linux, windows, darwin
	Arch         string `json:"arch"`         // amd64
	Name         string `json:"os_name"`      // "Debian GNU/Linux 12 (bookworm)"
	Kernel       string `json:"kernel"`       // "6.1.0-28-amd64"
	Go           string `json:"go"`           // the Go release that built this program
	Pcscd        string `json:"pcscd"`        // version of the smartcard service
	Libpcsclite  string `json:"libpcsclite"`  // version of the service's library
	Remote       bool   `json:"over_ssh"`     // the terminal is connected over SSH
	CustomSocket bool   `json:"pcscd_socket"` // PCSCLITE_CSOCK_NAME is set
}

// packageTimeout is the timeout for a package manager.
const packageTimeout = 3 * time.Second

// Inspect returns a description of this computer.
func Inspect(ctx context.Context, environ []string) Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Go: runtime.Version()}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case value == "":
		case name == "SSH_CONNECTION":
			m.Remote = true
		case name == "PCSCLITE_CSOCK_NAME":
			m.CustomSocket = true
		}
	}

	if runtime.GOOS != "linux" {
		return m
	}

	m.Name = prettyName("/etc/os-release")
	if raw, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = oneLine(raw)
	}

	m.Pcscd = packaged(ctx, "pcscd", "pcsc-lite")
	m.Libpcsclite = packaged(ctx, "libpcsclite1", "pcsc-lite-libs")
	return m
}

// prettyName returns PRETTY_NAME of an os-release file, or "".
func prettyName(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	for s := bufio.NewScanner(f); s.Scan(); {
		if value, found := strings.CutPrefix(s.Text(), "PRETTY_NAME="); found {
			return clean(strings.Trim(value, `"'`))
		}
	}
	return ""
}

// packaged returns the version of a package from dpkg or rpm, or "".
func packaged(ctx context.Context, deb, rpm string) string {
	ctx, cancel := context.WithTimeout(ctx, packageTimeout)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "dpkg-query", "--show", "--showformat=${Version}", deb).
		Output(); err == nil {
		return oneLine(out)
	}
	if out, err := exec.CommandContext(ctx, "rpm", "--query", "--queryformat=%{VERSION}-%{RELEASE}", rpm).
		Output(); err == nil {
		return oneLine(out)
	}
	return ""
}

func oneLine(raw []byte) string { return text.Clean(strings.TrimSpace(string(raw)), 128) }

//go:build linux

package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
	"time"

	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/need"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// server is a real sshd on loopback with its own keys and settings, as a thin terminal would log in to.
type server struct {
	t    *testing.T
	dir  string
	port int
	user string
}

// sshdConfig has the server settings of docs/thin-terminals.md, and nothing of this computer's own configuration.
const sshdConfig = `Port %[1]d
ListenAddress 127.0.0.1
HostKey %[2]s/host
PidFile %[2]s/sshd.pid
AuthorizedKeysFile %[2]s/terminal.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
AllowStreamLocalForwarding yes
StreamLocalBindUnlink yes
StreamLocalBindMask 0177
`

func newServer(t *testing.T) *server {
	t.Helper()
	sshd := labtest.Need(t, "sshd", "openssh-server")
	labtest.Need(t, "ssh", "openssh-client")
	keygen := labtest.Need(t, "ssh-keygen", "openssh-client")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}

	s := &server{t: t, dir: labtest.Dir(t), user: me.Username, port: labtest.Port(t)}
	for _, name := range []string{"host", "terminal"} {
		if out, err := exec.CommandContext(t.Context(), keygen, "-q", "-t", "ed25519", "-N", "", "-f", s.path(name)).
			CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}

	if err := os.WriteFile(s.path("config"), fmt.Appendf(nil, sshdConfig, s.port, s.dir), 0o600); err != nil {
		t.Fatal(err)
	}

	host, err := os.ReadFile(s.path("host.pub"))
	if err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(s.path("known"), fmt.Appendf(nil, "[127.0.0.1]:%d %s", s.port, host), 0o600); err != nil {
		t.Fatal(err)
	}

	if os.Geteuid() == 0 { // sshd's privilege separation folder, which Debian's service creates at start
		if err := os.Mkdir("/run/sshd", 0o755); err == nil {
			t.Cleanup(func() { _ = os.Remove("/run/sshd") })
		}
	}

	said := new(labtest.Output)
	cmd := exec.Command(sshd, "-D", "-e", "-f", s.path("config"))
	cmd.Stderr = said
	labtest.Start(t, cmd).Until(t, "a port that listens", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			conn.Close()
		}
		return err == nil
	})

	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("sshd: %s", said)
		}
	})

	return s
}

func (s *server) path(name string) string { return filepath.Join(s.dir, name) }

// forward starts an ssh connection that forwards the terminal's socket to the server, and returns the socket's path
// there.
func (s *server) forward(socket string) (*labtest.Process, string) {
	s.t.Helper()
	here := s.path("pcscd.comm")
	cmd := exec.Command("ssh", "-F", "none", "-N", "-R", here+":"+socket, "-p", fmt.Sprint(s.port), "-i",
		s.path("terminal"),
		"-o", "UserKnownHostsFile="+s.path("known"), "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes",
		"-o", "ExitOnForwardFailure=yes", s.user+"@127.0.0.1")

	said := new(labtest.Output)
	cmd.Stderr = said
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("ssh: %s", said)
		}
	})

	ssh := labtest.Start(s.t, cmd)

	// An earlier connection may have left its socket file, so wait for a socket that accepts connections.
	ssh.Until(s.t, "the forwarded socket", func() bool {
		conn, err := net.Dial("unix", here)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})

	return ssh, here
}

func TestACardInAThinTerminalSignsInOverSSHAndACutConnectionLocks(t *testing.T) {
	s := newServer(t)
	w := newTestSite(t)
	w.insert("nurse")
	ssh, forwarded := s.forward(w.service.Socket())
	if mode, err := os.Stat(forwarded); err != nil || mode.Mode().Perm() != 0o600 {
		t.Errorf("forwarded socket: got mode %v, error %v, want 0600: anyone who may open it may use the card",
			mode.Mode(), err)
	}

	term := Start(t, Options{Answer: true, Env: []string{"PCSCLITE_CSOCK_NAME=" + forwarded}},
		w.program, "--config", w.hub.ConfigFile())
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))

	ssh.Kill()
	term.Expect(Contains("Session ended"), Contains("smartcard service"))
	term.ExpectGone(Contains("Tess"), Contains("999 000 0018"))
	for deadline := time.Now().Add(time.Minute); w.revocations() != 1 && time.Now().Before(deadline); {
		term.Expect(Contains("Session ended"))
	}

	if n := w.revocations(); n != 1 {
		t.Errorf("revoked sessions at the hub: got %d, want 1", n)
	}

	// The socket file left by the closed connection causes no error, and the program need not be restarted.
	s.forward(w.service.Socket())
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Press("esc").Press("q")
	w.notified(0)
}

// This is the alternative for terminals without a pcscd socket: the module runs where the card is, and its calls are
// forwarded.
func TestAModuleBesideTheCardSignsForTheServerOverSSH(t *testing.T) {
	p11kit := labtest.Need(t, "p11-kit", "p11-kit")
	labtest.Need(t, "pkcs11-tool", "opensc")
	module, client := library(t, "opensc-pkcs11.so", "opensc-pkcs11"), library(t, "pkcs11/p11-kit-client.so",
		"p11-kit-modules")
	s := newServer(t)
	w := newTestSite(t)
	w.insertAndSee("nurse")

	beside := s.path("p11-kit")
	cmd := exec.Command(p11kit, "server", "--foreground", "--name", beside, "--provider", module, "pkcs11:")
	cmd.Env = append(os.Environ(), w.socket())
	labtest.Start(t, cmd).Until(t, "the socket of p11-kit", func() bool {
		_, err := os.Stat(beside)
		return err == nil
	})

	_, forwarded := s.forward(beside)

	data, signature := s.path("data"), s.path("signature")
	if err := os.WriteFile(data, []byte("sign in"), 0o600); err != nil {
		t.Fatal(err)
	}

	sign := exec.CommandContext(t.Context(), "pkcs11-tool", "--module", client, "--login", "--pin", cards.Passcode,
		"--sign", "--id", "01", "--mechanism", "SHA256-RSA-PKCS", "--input-file", data, "--output-file", signature)
	sign.Env = append(os.Environ(), "P11_KIT_SERVER_ADDRESS=unix:path="+forwarded)
	if out, err := sign.CombinedOutput(); err != nil {
		t.Fatalf("pkcs11-tool --sign: %v: %s", err, out)
	}

	signed, err := os.ReadFile(signature)
	if err != nil {
		t.Fatal(err)
	}

	digest := sha256.Sum256([]byte("sign in"))
	key := w.certificate("nurse").PublicKey.(*rsa.PublicKey)
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signed); err != nil {
		t.Error(err)
	}
}

// library returns the path of a shared library, which depends on the architecture.
func library(t *testing.T, name, pkg string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/*/" + name)
	if err != nil || len(found) == 0 {
		return need.File(t, "/usr/lib/"+name, "install "+pkg)
	}
	return found[0]
}

// certificate returns the named card's certificate, read in a reader of its own.
func (w *testSite) certificate(name string) *x509.Certificate {
	w.t.Helper()
	plastic, err := w.hub.Card(name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.card.Pull()
	reader := virtual.NewReader("")
	reader.Insert(plastic)
	card, err := piv.Open(w.t.Context(), reader, reader.Name())
	if err != nil {
		w.t.Fatal(err)
	}
	return card.Info().Certificate
}

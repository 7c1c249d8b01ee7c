package secretstoretest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"wardlight/internal/lab/labtest"
)

// Gnome is the real GNOME Keyring on a private D-Bus, with a home folder that is removed at the end of the test.
type Gnome struct {
	// Env is the environment for a program to use it, in the form "NAME=value".
	Env []string

	tb     testing.TB
	home   string
	bus    *labtest.Process
	daemon *labtest.Process
}

// busConfig configures a bus without service activation, so that none of this computer's services is on it.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// Bus starts a D-Bus without services: a session without a keyring.
func Bus(tb testing.TB) *Gnome {
	tb.Helper()
	program := labtest.Need(tb, "dbus-daemon", "dbus")
	g := &Gnome{tb: tb, home: labtest.Dir(tb)}
	socket, config := filepath.Join(g.home, "bus"), filepath.Join(g.home, "bus.conf")
	if err := os.WriteFile(config, []byte(strings.Replace(busConfig, "SOCKET", socket, 1)), 0o600); err != nil {
		tb.Fatal(err)
	}

	g.Env = []string{
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + socket, "HOME=" + g.home, "XDG_RUNTIME_DIR=" + g.home,
		"XDG_DATA_HOME=" + filepath.Join(g.home, "data"), "XDG_CONFIG_HOME=" + filepath.Join(g.home, "config"),
		"XDG_CACHE_HOME=" + filepath.Join(g.home, "cache"),
	}

	g.bus = g.start(program, "--nofork", "--nopidfile", "--config-file="+config)
	g.bus.Until(tb, "the bus", func() bool { // the socket exists before the bus listens
		conn, err := net.Dial("unix", socket) //nolint:noctx // returns at once
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})

	return g
}

// Unresponsive returns a bus with a keyring that never answers calls, like one that waits for a prompt that nobody
// sees.
func Unresponsive(tb testing.TB) *Gnome {
	tb.Helper()
	g := Bus(tb)
	conn, err := dbus.Connect(strings.TrimPrefix(g.Env[0], "DBUS_SESSION_BUS_ADDRESS="))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue); err != nil {
		tb.Fatal(err)
	}
	conn.Eavesdrop(make(chan *dbus.Message, 100)) // calls are received here and not answered
	return g
}

// Start starts a bus with an unlocked keyring.
func Start(tb testing.TB) *Gnome {
	tb.Helper()
	labtest.Need(tb, "gnome-keyring-daemon", "gnome-keyring")
	g := Bus(tb)
	g.Unlock()
	return g
}

// Unlock starts the keyring in unlocked state. If it is running, call Lock first.
func (g *Gnome) Unlock() {
	g.tb.Helper()
	g.keyring("only for this test\n", "--unlock")
}

// Lock restarts the keyring without its password, as in a session whose user has not entered it.
func (g *Gnome) Lock() {
	g.tb.Helper()
	g.daemon.Stop()
	g.keyring("")
}

// Kill kills the bus and thereby all services on it.
func (g *Gnome) Kill() { g.bus.Kill() }

func (g *Gnome) keyring(password string, args ...string) {
	g.tb.Helper()
	program := labtest.Need(g.tb, "gnome-keyring-daemon", "gnome-keyring")
	cmd := g.command(program, append([]string{"--foreground", "--components=secrets"}, args...)...)
	cmd.Stdin = strings.NewReader(password)
	g.daemon = labtest.Start(g.tb, cmd)
	conn, err := dbus.Connect(strings.TrimPrefix(g.Env[0], "DBUS_SESSION_BUS_ADDRESS="))
	if err != nil {
		g.tb.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	g.daemon.Until(g.tb, "the keyring", func() bool {
		const name, path, call = "org.freedesktop.secrets", "/org/freedesktop/secrets",
			"org.freedesktop.Secret.Service.ReadAlias"
		var owner uint32
		err := conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, name).Store(&owner)
		// The bus may not have noticed yet that the previous daemon ended. A new daemon owns the name before it can
		// answer calls.
		return err == nil && int(owner) == g.daemon.PID() && conn.Object(name, path).Call(call, 0, "default").Err == nil
	})
}

func (g *Gnome) start(program string, args ...string) *labtest.Process {
	return labtest.Start(g.tb, g.command(program, args...))
}

func (g *Gnome) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...) //nolint:noctx // labtest stops it at the end of the test
	cmd.Env = append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}, g.Env...)
	return cmd
}

// Use makes the test's process use this keyring.
func (g *Gnome) Use(tb testing.TB) {
	tb.Helper()
	for _, entry := range g.Env {
		name, value, _ := strings.Cut(entry, "=")
		tb.Setenv(name, value)
	}
}

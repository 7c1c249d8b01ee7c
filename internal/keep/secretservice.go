//go:build unix && !darwin

package keep

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// place is the keyring in words.
const place = "the Secret Service keyring (GNOME Keyring, KWallet)"

// reachable says why there cannot be a keyring: no session bus. It keeps godbus from its last resort, which is to
// start a bus of its own with dbus-launch: a keyring on that would be empty, and the bus would stay behind.
func reachable(environ []string) error {
	for _, entry := range environ {
		if address, found := strings.CutPrefix(entry, "DBUS_SESSION_BUS_ADDRESS="); found && address != "" && address != "autolaunch:" {
			return nil
		}
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join("/run/user", strconv.Itoa(os.Getuid()), name)); err == nil {
			return nil
		}
	}
	return errors.New("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set")
}

// busName returns the name of a D-Bus error, which its message leaves out; "" of any other.
func busName(err error) string {
	var e dbus.Error
	if errors.As(err, &e) {
		return e.Name
	}
	var p *dbus.Error
	if errors.As(err, &p) {
		return p.Name
	}
	return ""
}

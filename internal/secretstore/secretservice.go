//go:build unix && !darwin

package secretstore

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// keyringName is the display name of the keyring.
const keyringName = "the Secret Service keyring (GNOME Keyring, KWallet)"

// reachable returns an error if there is no session bus, and therefore no keyring. Without this check godbus would
// start a bus with dbus-launch as a last resort; its keyring would be empty, and the bus would keep running.
func reachable(environ []string) error {
	for _, entry := range environ {
		if address, found := strings.CutPrefix(entry, "DBUS_SESSION_BUS_ADDRESS="); found && address != "" &&
			address != "autolaunch:" {
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

// busName returns the name of a D-Bus error, which its text omits; "" for other errors.
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

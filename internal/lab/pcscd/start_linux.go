package pcscd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"wardlight/internal/lab/process"
)

// Times of starting and stopping.
const (
	startFor = time.Minute
	stopFor  = 10 * time.Second
	lookAt   = 10 * time.Millisecond
)

// maxSocketPath is the longest name of a socket that Linux takes, in bytes.
const maxSocketPath = 107

// setup runs inside the new namespaces. The directory becomes /run/pcscd, where pcscd makes its socket; the drivers of
// real readers are hidden, which belong to the computer's own pcscd.
const setup = `set -e
[ -d /run/pcscd ] || { mount -t tmpfs wardlight /run; mkdir /run/pcscd; }
mount --bind "$1" /run/pcscd
[ -z "$2" ] || mount --bind "$2" /etc/reader.conf.d
for driver in /usr/lib/pcsc/drivers/*.bundle; do
	[ -d "$driver" ] && mount -t tmpfs wardlight "$driver"
done
ip link set lo up
exec setpriv --pdeathsig KILL pcscd --foreground
`

// needs is what Start runs, and the Debian package that has it.
var needs = []struct{ file, pkg string }{
	{"pcscd", "pcscd"},
	{"unshare", "util-linux"},
	{"setpriv", "util-linux"},
	{"ip", "iproute2"},
	{"/etc/reader.conf.d/vpcd", "vsmartcard-vpcd"},
}

// Missing returns the Debian packages to install before Start can work; nil when nothing is missing.
func Missing() []string {
	var missing []string
	for _, n := range needs {
		_, err := lookPath(n.file)
		if strings.HasPrefix(n.file, "/") {
			_, err = os.Stat(n.file)
		}
		if err != nil {
			missing = append(missing, n.pkg)
		}
	}
	return missing
}

// lookPath also looks where Debian keeps what is root's, which is not in a user's PATH.
func lookPath(name string) (string, error) {
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/bin", "/bin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}

// Daemon is one running pcscd.
type Daemon struct {
	dir     string
	process *process.Process
	root    bool // no namespace of users was needed
	log     *process.Tail
	stop    func() bool

	readers string // the folder with its readers; "" for Debian's
	slots   int

	plugging sync.Mutex   // one Plug at a time
	used     map[int]bool // slots that had a card; guarded by plugging

	mu      sync.Mutex
	plugged map[int]*Plugged // by slot
}

// Start runs a pcscd whose socket is in dir, an existing directory of the caller's, best with mode 0700: whoever may
// open the socket may use the cards. It lives until Stop, or until ctx ends. Errors name the package to install, or
// what the kernel refused.
func Start(ctx context.Context, dir string) (*Daemon, error) { return StartReaders(ctx, dir) }

// StartReaders is Start with readers of other names: two for each name, which pcscd calls "NAME 00 00" and "NAME 00 01".
// pcscd has room for 16 readers. The name of a slot is that of its place in that order.
func StartReaders(ctx context.Context, dir string, names ...string) (*Daemon, error) {
	if missing := Missing(); missing != nil {
		return nil, fmt.Errorf("a private pcscd needs the packages %s", strings.Join(missing, ", "))
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	d := &Daemon{
		dir: dir, root: os.Geteuid() == 0, log: new(process.Tail), slots: Slots, used: map[int]bool{}, plugged: map[int]*Plugged{},
	}
	if len(d.Socket()) > maxSocketPath {
		return nil, fmt.Errorf("the socket's name is longer than %d bytes: %s", maxSocketPath, d.Socket())
	}
	if len(names) > 0 {
		if err := d.named(names); err != nil {
			return nil, err
		}
	}
	if err := d.run(ctx); err != nil {
		return nil, err
	}
	d.stop = context.AfterFunc(ctx, d.end)
	if err := d.ready(ctx); err != nil {
		d.Stop()
		return nil, err
	}
	return d, nil
}

// vpcdDriver is where Debian has the driver of the virtual readers.
const vpcdDriver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// named writes the configuration of readers with those names. The driver keeps two readers in variables of its own, so that
// each pair has a copy of it.
func (d *Daemon) named(names []string) error {
	drivers := filepath.Join(d.dir, driversDir)
	d.readers, d.slots = filepath.Join(drivers, "conf"), perDriver*len(names) // pcscd reads every file in it
	if err := os.MkdirAll(d.readers, 0o755); err != nil {                     //nolint:gosec // pcscd may run as another user
		return err
	}
	driver, err := os.ReadFile(vpcdDriver)
	if err != nil {
		return err
	}
	var all strings.Builder
	for i, name := range names {
		own := filepath.Join(drivers, fmt.Sprintf("vpcd%d.so", i))
		if err := os.WriteFile(own, driver, 0o644); err != nil { //nolint:gosec // likewise
			return err
		}
		port := firstPort + perDriver*i
		fmt.Fprintf(&all, "FRIENDLYNAME %q\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n", name, port, own, port)
	}
	return os.WriteFile(filepath.Join(d.readers, "vpcd"), []byte(all.String()), 0o644) //nolint:gosec // likewise
}

// driversDir is where the copies of the driver are, in the daemon's folder.
const driversDir = "drivers"

// perDriver is how many readers the driver has.
const perDriver = 2

// run starts the process.
func (d *Daemon) run(ctx context.Context) error {
	args := []string{"--mount", "--net", "--propagation", "private"}
	if !d.root {
		args = append(args, "--user", "--map-root-user")
	}
	unshare, err := lookPath("unshare")
	if err != nil {
		return err
	}
	// ctx does not end the process by itself: end does, in order.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), unshare, append(args, "sh", "-c", setup, "sh", d.dir, d.readers)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	cmd.Stdout, cmd.Stderr = d.log, d.log
	d.process, err = process.Start(cmd)
	return err
}

// ready waits until the socket takes connections.
func (d *Daemon) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startFor)
	defer cancel()
	err := d.process.Until(ctx, lookAt, func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", d.Socket())
		if err != nil {
			return err
		}
		return conn.Close()
	})
	switch {
	case errors.Is(err, process.ErrGone):
		return d.refused()
	case err != nil:
		return fmt.Errorf("pcscd did not come up: %w: %s", err, d.log)
	}
	return nil
}

// refused says why the process ended at once.
func (d *Daemon) refused() error {
	said := d.log.String()
	if strings.HasPrefix(said, "unshare:") {
		return fmt.Errorf("the kernel does not let this user make namespaces; run as root, or allow them (sysctl kernel.unprivileged_userns_clone, or a container with CAP_SYS_ADMIN): %s", said)
	}
	return fmt.Errorf("pcscd ended at once: %s", said)
}

// Socket returns the name of the service's socket, for the variable PCSCLITE_CSOCK_NAME.
func (d *Daemon) Socket() string { return filepath.Join(d.dir, "pcscd.comm") }

// PID returns the process of pcscd.
func (d *Daemon) PID() int { return d.process.PID() }

// Gone returns closed when pcscd has ended, whatever ended it.
func (d *Daemon) Gone() <-chan struct{} { return d.process.Gone() }

// Log returns the last that pcscd said. It never holds commands to the card.
func (d *Daemon) Log() string { return d.log.String() }

// Stop pulls all cards, ends pcscd and removes what it left in the directory. A second Stop does nothing.
func (d *Daemon) Stop() {
	d.stop()
	d.end()
	if d.readers != "" {
		_ = os.RemoveAll(filepath.Join(d.dir, driversDir))
	}
	for _, name := range []string{"pcscd.comm", "pcscd.pid"} {
		if err := os.Remove(filepath.Join(d.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			continue // it is the caller's directory; a file that stays does no harm
		}
	}
}

func (d *Daemon) end() {
	d.mu.Lock()
	plugged := slices.Collect(maps.Values(d.plugged))
	d.mu.Unlock()
	for _, p := range plugged {
		p.Pull()
	}
	d.process.End(syscall.SIGTERM, stopFor)
}

// Kill ends pcscd as a crash would: at once, leaving its socket behind. Stop is still needed.
func (d *Daemon) Kill() { d.process.Kill() }

func (d *Daemon) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(d.PID()), name)
}

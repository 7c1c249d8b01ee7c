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

// Timeouts of starting and stopping, and the polling interval.
const (
	startTimeout = time.Minute
	stopTimeout  = 10 * time.Second
	pollInterval = 10 * time.Millisecond
)

// maxSocketPath is the maximum length of a socket's path on Linux, in bytes.
const maxSocketPath = 107

// setup runs in the new namespaces. It mounts the directory as /run/pcscd, where pcscd creates its socket. It hides
// the drivers of real readers, which the computer's own pcscd uses.
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

// needs lists the files that Start requires and their Debian packages.
var needs = []struct{ file, pkg string }{
	{"pcscd", "pcscd"},
	{"unshare", "util-linux"},
	{"setpriv", "util-linux"},
	{"ip", "iproute2"},
	{"/etc/reader.conf.d/vpcd", "vsmartcard-vpcd"},
}

// Missing returns the Debian packages that must be installed before Start can work, or nil.
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

// lookPath searches PATH and the folders of Debian's system programs, which are not in a user's PATH.
func lookPath(name string) (string, error) {
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/bin", "/bin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}

// Daemon is a running pcscd.
type Daemon struct {
	dir     string
	process *process.Process
	root    bool // no user namespace is needed
	log     *process.Tail
	stop    func() bool

	readers string // folder with the configuration of its readers; "" for Debian's
	slots   int

	plugging sync.Mutex   // serialises Plug
	used     map[int]bool // slots that have had a card; guarded by plugging

	mu      sync.Mutex
	plugged map[int]*Plugged // by slot
}

// Start starts a pcscd whose socket is in dir, an existing directory. Its mode should be 0700, because anyone who can
// open the socket can use the cards. The daemon runs until Stop or until ctx is done. The error names the packages to
// install, or the operation that the kernel refused.
func Start(ctx context.Context, dir string) (*Daemon, error) { return StartReaders(ctx, dir) }

// StartReaders is like Start, with two readers for each name. pcscd calls them "NAME 00 00" and "NAME 00 01". It
// supports at most 16 readers. Slots are numbered in this order.
func StartReaders(ctx context.Context, dir string, names ...string) (*Daemon, error) {
	if missing := Missing(); missing != nil {
		return nil, fmt.Errorf("a private pcscd needs the packages %s", strings.Join(missing, ", "))
	}

	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}

	d := &Daemon{
		dir: dir, root: os.Geteuid() == 0, log: new(process.Tail), slots: Slots, used: map[int]bool{},
		plugged: map[int]*Plugged{},
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

// vpcdDriver is the path of the driver of the virtual readers on Debian.
const vpcdDriver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// named writes a configuration with readers of these names. Each pair of readers needs its own copy of the driver,
// which stores the state of two readers in global variables.
func (d *Daemon) named(names []string) error {
	drivers := filepath.Join(d.dir, driversDir)
	d.readers, d.slots = filepath.Join(drivers, "conf"), perDriver*len(names) // pcscd reads all files in it
	if err := os.MkdirAll(d.readers,
		0o755); err != nil { //nolint:gosec // pcscd may run as another user
		return err
	}

	driver, err := os.ReadFile(vpcdDriver)
	if err != nil {
		return err
	}

	var all strings.Builder
	for i, name := range names {
		own := filepath.Join(drivers, fmt.Sprintf("vpcd%d.so", i))
		if err := os.WriteFile(own, driver, 0o644); err != nil { //nolint:gosec // pcscd may run as another user
			return err
		}
		port := firstPort + perDriver*i
		fmt.Fprintf(&all, "FRIENDLYNAME %q\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n", name, port, own,
			port)
	}

	return os.WriteFile(filepath.Join(d.readers, "vpcd"), []byte(all.String()),
		0o644) //nolint:gosec // pcscd may run as another user
}

// driversDir is the folder in d.dir for the copies of the driver.
const driversDir = "drivers"

// perDriver is the number of readers of one copy of the driver.
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
	// ctx does not end the process directly: end stops it in the right order.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), unshare, append(args, "sh", "-c", setup, "sh", d.dir,
		d.readers)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	cmd.Stdout, cmd.Stderr = d.log, d.log
	d.process, err = process.Start(cmd)
	return err
}

// ready waits until the socket accepts connections.
func (d *Daemon) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err := d.process.Until(ctx, pollInterval, func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", d.Socket())
		if err != nil {
			return err
		}
		return conn.Close()
	})
	switch {
	case errors.Is(err, process.ErrExited):
		return d.refused()
	case err != nil:
		return fmt.Errorf("pcscd did not come up: %w: %s", err, d.log)
	}
	return nil
}

// refused returns the reason why the process ended at once.
func (d *Daemon) refused() error {
	said := d.log.String()
	if strings.HasPrefix(said, "unshare:") {
		return fmt.Errorf("the kernel does not let this user create namespaces; run as root, or allow them (sysctl "+
			"kernel.unprivileged_userns_clone, or a container with CAP_SYS_ADMIN): %s", said)
	}
	return fmt.Errorf("pcscd ended at once: %s", said)
}

// Socket returns the path of the service's socket, for PCSCLITE_CSOCK_NAME.
func (d *Daemon) Socket() string { return filepath.Join(d.dir, "pcscd.comm") }

// PID returns the process ID of pcscd.
func (d *Daemon) PID() int { return d.process.PID() }

// Gone returns a channel that is closed when pcscd has ended for any reason.
func (d *Daemon) Gone() <-chan struct{} { return d.process.Done() }

// Log returns the end of pcscd's output. It never contains commands to the card.
func (d *Daemon) Log() string { return d.log.String() }

// Stop removes all cards, ends pcscd and removes its files from the directory. Further calls have no effect.
func (d *Daemon) Stop() {
	d.stop()
	d.end()
	if d.readers != "" {
		_ = os.RemoveAll(filepath.Join(d.dir, driversDir))
	}
	for _, name := range []string{"pcscd.comm", "pcscd.pid"} {
		if err := os.Remove(filepath.Join(d.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			continue // a file that remains in the caller's directory is harmless
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
	d.process.End(syscall.SIGTERM, stopTimeout)
}

// Kill ends pcscd abruptly, like a crash, so that its socket remains. Stop must still be called.
func (d *Daemon) Kill() { d.process.Kill() }

func (d *Daemon) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(d.PID()), name)
}

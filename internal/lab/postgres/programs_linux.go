package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Programs returns the folder with the programs of the newest installed server, or "".
func Programs() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is valid
	version := func(path string) int {
		n, _ := strconv.Atoi(strings.Split(path, "/")[4])
		return n
	}
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(version(a), version(b)) }))
}

// Missing returns the Debian packages that must be installed before Start can work, or nil.
func Missing() []string {
	if Programs() == "" {
		return []string{Package}
	}
	return nil
}

// owner is the user who runs the server if this process runs as root; otherwise it is nil.
type owner struct{ uid, gid int }

func newOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, wrong := strconv.Atoi(u.Uid)
		gid, wrong2 := strconv.Atoi(u.Gid)
		if err := errors.Join(wrong, wrong2); err != nil {
			return nil, err
		}
		return &owner{uid, gid}, nil
	}
	return nil, errors.New("PostgreSQL cannot run as root, and there is no user postgres or nobody")
}

// folder creates a folder that belongs to the owner. Its name is short, because the path of a socket is limited.
func (o *owner) folder() (string, error) {
	name, err := os.MkdirTemp("", "wlpg")
	if err == nil && o != nil {
		err = os.Chown(name, o.uid, o.gid)
	}
	return name, err
}

// command returns a command that runs one of the server's programs as the owner, with a minimal environment.
func (o *owner) command(folder, program string, args ...string) *exec.Cmd {
	// A context would kill the process; the caller stops it in the right order.
	cmd := exec.CommandContext(context.Background(), filepath.Join(Programs(), program), args...)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + folder}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if o != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{
			Uid: uint32(o.uid),
			Gid: uint32(o.gid),
		} //nolint:gosec // IDs from the user database
	}
	return cmd
}

// run runs a program and waits for its end.
func (o *owner) run(folder, program string, args ...string) error {
	out, err := o.command(folder, program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, strings.TrimSpace(string(out)))
	}
	return nil
}

package pcscd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// errRefused means that nothing listens on the port yet.
var errRefused = errors.New("connection refused")

// dial connects to a port on the loopback interface in the daemon's network namespace. A socket stays in the namespace
// in which it was created, so only its creation has to happen there.
func (d *Daemon) dial(ctx context.Context, port int) (net.Conn, error) {
	if d.root {
		return d.dialFromThread(port)
	}
	return d.dialFromHelper(ctx, port)
}

// dialFromThread moves one thread into the namespace to create the socket. The thread is not reused: when a goroutine
// ends that is locked to its thread, the thread ends, too.
func (d *Daemon) dialFromThread(port int) (net.Conn, error) {
	var fd int
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		onSpareThread(func() { fd, err = socketIn(d.proc("ns/net"), port) })
	}()
	<-done
	if err != nil {
		return nil, err
	}
	return connection(fd)
}

// onSpareThread calls do on a thread that ends with the calling goroutine. It never uses the process's first thread:
// that one cannot end, and /proc/self would report its namespace as that of the whole process.
func onSpareThread(do func()) {
	runtime.LockOSThread()
	if unix.Gettid() != unix.Getpid() {
		do()
		return
	}
	defer runtime.UnlockOSThread()
	done := make(chan struct{})
	go func() { // on another thread, as this goroutine is locked to the first one
		defer close(done)
		runtime.LockOSThread()
		do()
	}()
	<-done
}

func socketIn(namespace string, port int) (int, error) {
	ns, err := unix.Open(namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", namespace, err)
	}
	defer func() { _ = unix.Close(ns) }()
	if err := unix.Setns(ns, unix.CLONE_NEWNET); err != nil {
		return -1, fmt.Errorf("enter the network namespace: %w", err)
	}

	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}

	err = unix.Connect(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	if err != nil {
		_ = unix.Close(fd)
		if errors.Is(err, unix.ECONNREFUSED) {
			return -1, errRefused
		}
		return -1, fmt.Errorf("connect to vpcd: %w", err)
	}

	return fd, nil
}

// helper connects, reports success, and waits until its socket has been copied.
const helper = `exec 3<>"/dev/tcp/127.0.0.1/$1" && echo ok && read -r _`

// dialFromHelper dials for users other than root. A program with several threads may not enter a user namespace.
// Therefore a bash process creates the socket there, and the kernel copies the file descriptor (pidfd_getfd, since
// Linux 5.6).
func (d *Daemon) dialFromHelper(ctx context.Context, port int) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	nsenter, err := lookPath("nsenter")
	if err != nil {
		return nil, err
	}

	cmd := exec.CommandContext(ctx, nsenter, "--target", strconv.Itoa(d.PID()), "--user", "--net",
		"--preserve-credentials",
		"bash", "-c", helper, "bash", strconv.Itoa(port))

	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}

	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}

	line, _ := bufio.NewReader(out).ReadString('\n')
	fd := -1
	if line == "ok\n" {
		fd, err = descriptorOf(cmd.Process.Pid, 3)
	}

	_ = in.Close()
	_ = cmd.Wait()
	switch {
	case fd >= 0:
		return connection(fd)
	case err != nil:
		return nil, fmt.Errorf("take the socket over from bash: %w", err)
	case bytes.Contains(said.Bytes(), []byte("refused")):
		return nil, errRefused
	}

	return nil, fmt.Errorf("connect to vpcd: %s", bytes.TrimSpace(said.Bytes()))
}

// descriptorOf returns a copy of a file descriptor of another process.
func descriptorOf(pid, fd int) (int, error) {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(process) }()
	return unix.PidfdGetfd(process, fd, 0)
}

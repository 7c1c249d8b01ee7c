package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"wardlight/internal/lab/process"
)

// Timeouts of starting and stopping, and the polling interval.
const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 30 * time.Second
	pollInterval = 20 * time.Millisecond
)

// role is the name of the server's superuser.
const role = "hub"

// Server is a running server.
type Server struct {
	options Options
	owner   *owner
	folder  string
	process *process.Process
	log     *process.Tail
	stopped []int        // processes suspended by Cut
	made    atomic.Int64 // number of databases and schemas created
}

// Start creates an empty database cluster and runs a server for it until Stop.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := newServer(o)
	if err != nil {
		return nil, err
	}
	// Use the collation of a natural language, so that tests fail if code relies on the database's order being
	// bytewise.
	err = s.owner.run(s.folder, "initdb", "--pgdata", s.data(), "--username", role, "--auth", "trust", "--encoding",
		"UTF8",
		"--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en-GB", "--no-sync", "--no-instructions")
	return s.begin(ctx, err)
}

func newServer(o Options) (*Server, error) {
	if missing := Missing(); missing != nil {
		return nil, fmt.Errorf("a private PostgreSQL needs the package %s", strings.Join(missing, ", "))
	}
	owner, err := newOwner()
	if err != nil {
		return nil, err
	}
	folder, err := owner.folder()
	if err != nil {
		return nil, err
	}
	return &Server{options: o, owner: owner, folder: folder, log: new(process.Tail)}, nil
}

// begin runs the server for the existing data. If made isn't nil, it removes the folder and returns the error.
func (s *Server) begin(ctx context.Context, made error) (*Server, error) {
	if made != nil {
		return nil, errors.Join(made, os.RemoveAll(s.folder))
	}
	if err := s.run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	if err := s.ready(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// run starts the process.
func (s *Server) run() (err error) {
	args := []string{"-D", s.data(), "-k", s.folder}
	settings := append([]string{
		"listen_addresses=", "unix_socket_permissions=0700", "max_connections=80", "shared_buffers=32MB",
		"dynamic_shared_memory_type=mmap",
		"jit=off", "log_min_messages=warning",
	}, s.options.Settings...)
	if !s.options.Durable {
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	cmd := s.owner.command(s.folder, "postgres", args...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.WaitDelay = stopTimeout // an orphaned process may keep the pipes open
	s.process, err = process.Start(cmd)
	return err
}

// ready waits until the server accepts connections.
func (s *Server) ready(ctx context.Context) error {
	return s.until(ctx, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	})
}

// until calls ask repeatedly until it returns no error.
func (s *Server) until(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := s.process.Until(ctx, pollInterval, ask); err != nil {
		return fmt.Errorf("postgres: %w: %s", err, s.log)
	}
	return nil
}

// Socket returns the folder of the server's socket, for "host" in a connection string.
func (s *Server) Socket() string { return s.folder }

// DSN returns the connection string for a database.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("host=%s user=%s dbname=%s sslmode=disable", s.folder, role, database)
}

// Database creates an empty database and returns its connection string.
func (s *Server) Database(ctx context.Context) (string, error) {
	name := fmt.Sprintf("hub%d", s.made.Add(1))
	return s.DSN(name), s.Exec(ctx, "postgres", "CREATE DATABASE "+name)
}

// Schema creates an empty schema and returns a connection string for it. It takes a tenth of the time of Database, and
// is sufficient unless a test depends on settings of the database.
func (s *Server) Schema(ctx context.Context) (string, error) {
	name := fmt.Sprintf("hub%d", s.made.Add(1))
	return s.DSN("postgres") + " search_path=" + name, s.Exec(ctx, "postgres", "CREATE SCHEMA "+name)
}

// Exec executes SQL in a database as the superuser.
func (s *Server) Exec(ctx context.Context, database, query string) error {
	conn, err := pgx.Connect(ctx, s.DSN(database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the query has completed or failed
	_, err = conn.Exec(ctx, query)
	return err
}

// PID returns the process ID of the server.
func (s *Server) PID() int { return s.process.PID() }

// Kill ends the server abruptly, like a crash. Stop must still be called.
func (s *Server) Kill() {
	s.process.Signal(syscall.SIGKILL)
	for _, pid := range s.stopped {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	s.stopped = nil
	s.process.Kill()
}

// Stop stops the server and removes its folder.
func (s *Server) Stop() {
	memory := s.sharedMemoryID()
	if s.stopped != nil {
		s.Kill() // a regular shutdown would wait for the suspended processes
	}
	s.process.End(syscall.SIGINT, stopTimeout) // fast shutdown: disconnects clients
	s.removeOrphans(memory)
	_ = os.RemoveAll(s.folder)
}

// Halt stops the server with a signal and leaves its data, until Resume or Stop is called. SIGINT is a fast shutdown,
// SIGQUIT an immediate one, after which the server recovers as after a crash (PostgreSQL, "Shutting Down the Server").
func (s *Server) Halt(by syscall.Signal) {
	memory := s.sharedMemoryID()
	s.process.End(by, stopTimeout)
	s.removeOrphans(memory)
}

// Resume starts a server that Halt has stopped, and waits until it accepts connections.
func (s *Server) Resume(ctx context.Context) error {
	if err := s.run(); err != nil {
		return err
	}
	return s.ready(ctx)
}

// sharedMemoryID returns the ID of the shared memory of the server's processes, or -1 if unknown. It follows the key in
// postmaster.pid.
func (s *Server) sharedMemoryID() int {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	lines := strings.Split(string(text), "\n")
	if err != nil || len(lines) < 7 {
		return -1
	}
	fields := strings.Fields(lines[6])
	if len(fields) != 2 {
		return -1
	}
	id, err := strconv.Atoi(fields[1])
	if err != nil {
		return -1
	}
	return id
}

// removeOrphans waits until the last process that a killed server left has ended, and removes their shared memory.
func (s *Server) removeOrphans(memory int) {
	if memory < 0 {
		return
	}

	deadline := time.NewTimer(stopTimeout)
	defer deadline.Stop()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()

	for {
		var segment unix.SysvShmDesc
		if _, err := unix.SysvShmCtl(memory, unix.IPC_STAT, &segment); err != nil {
			return // already removed, as after a regular shutdown
		}
		if segment.Nattch == 0 {
			_, _ = unix.SysvShmCtl(memory, unix.IPC_RMID, nil)
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			return
		}
	}
}

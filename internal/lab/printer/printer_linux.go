package printer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"wardlight/internal/lab/process"
)

// Timeouts, and the polling interval.
const (
	startTimeout = time.Minute
	stopTimeout  = 20 * time.Second
	lookEvery    = 20 * time.Millisecond
)

// Server is a running cupsd.
type Server struct {
	// Env is the environment for a program to print to it, in the form "NAME=value".
	Env []string

	folder string
	daemon *process.Process
}

// Missing returns an error if no Server can run on this computer: software must be installed, or root is needed.
func Missing() error {
	for _, name := range []string{"cupsd", "unshare", "lp", "lpadmin", "lpstat", "pdftotext", "mount"} {
		if _, err := lookPath(name); err != nil {
			return fmt.Errorf("a printer needs %s: install %s", name, Packages)
		}
	}
	if _, err := os.Stat("/usr/lib/cups/backend/cups-pdf"); err != nil {
		return fmt.Errorf("a printer needs cups-pdf: install %s", Packages)
	}
	if os.Geteuid() != 0 {
		return errors.New("a printer needs root: cups-pdf becomes the user who prints")
	}
	return nil
}

// lookPath searches the folders of Debian's system programs and PATH.
func lookPath(name string) (string, error) {
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return exec.LookPath(name)
}

// Start starts a cupsd without queues, until Close is called. ctx applies only to the start. The error is that of
// Missing, or contains cupsd's output.
func Start(ctx context.Context) (*Server, error) {
	if err := Missing(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "wl")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, Env: []string{
		"CUPS_SERVER=" + filepath.Join(folder, "s"), "HOME=" + folder, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
	}}
	if err := errors.Join(s.prepare(), s.Run(ctx)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare creates the folders and configuration files.
func (s *Server) prepare() error {
	if err := os.Chmod(s.folder, 0o755); err != nil { // cupsd's filters run as user lp
		return err
	}
	for _, dir := range []string{"etc", "spool", "spool/tmp", "cache", "state", "log", "pdf", "pdfspool"} {
		if err := os.Mkdir(s.Path(dir), 0o755); err != nil {
			return err
		}
	}
	for name, content := range map[string]string{
		"cupsd.conf": settings, "cups-files.conf": files,
		"etc/cups-pdf.conf": pdf,
	} {
		if err := os.WriteFile(s.Path(name), []byte(strings.ReplaceAll(content, "FOLDER", s.folder)),
			0o644); err != nil {
			return err
		}
	}
	return nil
}

// Run starts the cupsd, or restarts it after Stop.
func (s *Server) Run(ctx context.Context) error {
	cupsd, err := lookPath("cupsd")
	if err != nil {
		return err
	}

	said := new(process.Tail)

	// With exec, the shell's process becomes cupsd, so that signals reach it. ctx applies only to the start.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "unshare", "--mount", "sh", "-c",
		`mount --bind "$1/etc" /etc/cups && exec "$2" -f -c "$1/cupsd.conf" -s "$1/cups-files.conf"`, "sh", s.folder,
		cupsd)

	cmd.Env, cmd.Stderr = s.Env, said
	if s.daemon, err = process.Start(cmd); err != nil {
		return fmt.Errorf("cupsd does not start: %w", err)
	}

	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()

	err = s.daemon.Until(ctx, lookEvery, func(ctx context.Context) error {
		out, err := s.command(ctx, "lpstat", "-r").Output()
		if err == nil && string(out) != "scheduler is running\n" {
			err = errors.New(string(out))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("cupsd did not come up: %w: %s", err, said)
	}

	return nil
}

// Stop stops the cupsd. Run restarts it with the same queues.
func (s *Server) Stop() {
	if s.daemon != nil {
		s.daemon.End(syscall.SIGTERM, stopTimeout)
	}
}

// Close stops the cupsd and removes its files.
func (s *Server) Close() error {
	s.Stop()
	return os.RemoveAll(s.folder)
}

// AddPDF creates a queue that prints to PDF files.
func (s *Server) AddPDF(ctx context.Context, name string) error {
	// pdftocairo preserves text; the default way through PostScript converts it to images, from which it can't be
	// extracted.
	_, err := s.Do(ctx, "lpadmin", "-p", name, "-E", "-v", "cups-pdf:/", "-P",
		"/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd",
		"-o", "pdftops-renderer-default=pdftocairo", "-o", "printer-error-policy=abort-job")
	return err
}

// Do runs one of CUPS's programs as the administrator and returns its output.
func (s *Server) Do(ctx context.Context, program string, args ...string) (string, error) {
	out, err := s.command(ctx, program, args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return string(out), err
}

func (s *Server) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	if path, err := lookPath(program); err == nil {
		program = path
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = s.Env
	return cmd
}

// Printed waits until printing is complete, and returns the text of each PDF by page, as extracted by pdftotext.
func (s *Server) Printed(ctx context.Context) ([][]string, error) {
	err := s.daemon.Until(ctx, lookEvery, func(ctx context.Context) error {
		out, err := s.command(ctx, "lpstat", "-o").Output()
		if err == nil && len(out) > 0 {
			err = errors.New("a printout is not finished")
		}
		return err
	})
	if err != nil {
		return nil, err
	}

	names, err := filepath.Glob(s.Path("pdf/*.pdf"))
	if err != nil {
		return nil, err
	}

	var all [][]string
	for _, name := range names {
		text, err := s.Do(ctx, "pdftotext", "-layout", name, "-")
		if err != nil {
			return nil, err
		}
		pages := strings.Split(text, "\f")
		all = append(all, pages[:len(pages)-1]) // each page ends with a form feed
	}

	return all, nil
}

// Path returns the path of a file in the printer's folder.
func (s *Server) Path(name string) string { return filepath.Join(s.folder, name) }

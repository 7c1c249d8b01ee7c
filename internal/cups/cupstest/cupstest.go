// Package cupstest gives tests a real CUPS: a cupsd of their own with a printer that makes PDFs (cups-pdf), on a socket in a
// folder of its own. No print service of this computer is touched.
//
// It needs Linux, root (cups-pdf becomes the user who prints, and finds its settings in /etc/cups, over which the test's own are
// mounted for this cupsd alone) and the Debian packages below.
package cupstest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/lab/labtest"
	"wardlight/internal/need"
)

// Packages are the Debian packages with the real parts.
const Packages = "cups-daemon cups-client printer-driver-cups-pdf poppler-utils"

// Server is a running cupsd.
type Server struct {
	// Env is what a program needs to print there, as "NAME=value".
	Env []string

	tb     testing.TB
	folder string
	daemon *labtest.Process
}

const settings = `LogLevel debug2
AccessLogLevel all
MaxLogSize 0
Listen FOLDER/s
Browsing No
DefaultAuthType None
WebInterface No
PreserveJobFiles No
<Location />
  Order allow,deny
  Allow all
</Location>
<Location /admin>
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
<Policy closed>
  <Limit Print-Job Create-Job>
    AuthType Basic
    Require user nobody
    Order deny,allow
  </Limit>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
`

const files = `User lp
Group lp
SystemGroup root
FileDevice Yes
ServerRoot FOLDER/etc
RequestRoot FOLDER/spool
TempDir FOLDER/spool/tmp
CacheDir FOLDER/cache
StateDir FOLDER/state
AccessLog FOLDER/log/access_log
ErrorLog FOLDER/log/error_log
PageLog FOLDER/log/page_log
`

const pdf = `Out FOLDER/pdf
AnonDirName FOLDER/pdf
Spool FOLDER/pdfspool
Log FOLDER/log
LogType 7
GSTmp FOLDER/pdfspool
Label 2
`

// Start starts a cupsd without any queue.
func Start(tb testing.TB) *Server {
	tb.Helper()
	labtest.Need(tb, "cupsd", "cups-daemon")
	labtest.Need(tb, "unshare", "util-linux")
	for program, pkg := range map[string]string{"lp": "cups-client", "lpadmin": "cups-client", "pdftotext": "poppler-utils", "mount": "mount"} {
		labtest.Need(tb, program, pkg)
	}
	labtest.NeedFile(tb, "/usr/lib/cups/backend/cups-pdf", "printer-driver-cups-pdf")
	if os.Geteuid() != 0 {
		need.Absent(tb, "run as root: cups-pdf becomes the user who prints")
	}
	s := &Server{tb: tb, folder: labtest.Dir(tb)}
	if err := os.Chmod(s.folder, 0o755); err != nil { // cupsd's filters run as lp
		tb.Fatal(err)
	}
	for _, dir := range []string{"etc", "spool", "spool/tmp", "cache", "state", "log", "pdf", "pdfspool"} {
		if err := os.Mkdir(filepath.Join(s.folder, dir), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	s.write("cupsd.conf", settings)
	s.write("cups-files.conf", files)
	s.write("etc/cups-pdf.conf", pdf)
	s.Env = []string{"CUPS_SERVER=" + s.path("s"), "HOME=" + s.folder, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	s.Run()
	return s
}

// Run starts the cupsd, anew after Stop.
func (s *Server) Run() {
	s.tb.Helper()
	// exec: the shell's process becomes cupsd, so that its pid is the one to end.
	cmd := exec.Command("unshare", "--mount", "sh", "-c", `mount --bind "$1/etc" /etc/cups && exec "$2" -f -c "$1/cupsd.conf" -s "$1/cups-files.conf"`, //nolint:noctx // labtest ends it with the test
		"sh", s.folder, labtest.Need(s.tb, "cupsd", "cups-daemon"))
	cmd.Env = s.Env
	s.daemon = labtest.Start(s.tb, cmd)
	s.daemon.Until(s.tb, "cupsd", func() bool {
		out, _ := s.command("lpstat", "-r").Output()
		return string(out) == "scheduler is running\n"
	})
}

// Stop ends the cupsd; the queues stay for Run.
func (s *Server) Stop() { s.daemon.Stop() }

// AddPDF makes a queue that prints into a PDF.
func (s *Server) AddPDF(name string) {
	s.tb.Helper()
	// pdftocairo keeps the letters letters; the usual way through PostScript makes pictures of them, which can't be read back.
	s.Do("lpadmin", "-p", name, "-E", "-v", "cups-pdf:/", "-P", "/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd",
		"-o", "pdftops-renderer-default=pdftocairo", "-o", "printer-error-policy=abort-job")
}

// AddOff makes a queue whose printer is switched off: it looks ready, takes jobs, and nothing answers at the printer's address.
func (s *Server) AddOff(name string) {
	s.tb.Helper()
	s.AddPDF(name)
	s.Do("lpadmin", "-p", name, "-v", "socket://127.0.0.1:1")
}

// Jobs is how many jobs wait in all queues.
func (s *Server) Jobs() int {
	s.tb.Helper()
	return strings.Count(s.Do("lpstat", "-o"), "\n")
}

// Close makes a queue that looks well and refuses every job.
func (s *Server) Close(name string) {
	s.tb.Helper()
	s.Do("lpadmin", "-p", name, "-o", "printer-op-policy=closed")
}

// Do runs one of CUPS's own programs as the administrator.
func (s *Server) Do(program string, args ...string) string {
	s.tb.Helper()
	out, err := s.command(program, args...).CombinedOutput()
	if err != nil {
		s.tb.Fatalf("%s %s: %v: %s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.tb.Context(), program, args...)
	cmd.Env = s.Env
	return cmd
}

// Printed waits until nothing is left to print, and gives the text of each PDF, page by page, as pdftotext reads it.
func (s *Server) Printed() [][]string {
	s.tb.Helper()
	s.daemon.Until(s.tb, "the end of the printing", func() bool {
		out, err := s.command("lpstat", "-o").Output()
		return err == nil && len(out) == 0
	})
	names, err := filepath.Glob(s.path("pdf/*.pdf"))
	if err != nil {
		s.tb.Fatal(err)
	}
	var all [][]string
	for _, name := range names {
		pages := strings.Split(s.Do("pdftotext", "-layout", name, "-"), "\f")
		all = append(all, pages[:len(pages)-1]) // each page ends with a form feed
	}
	return all
}

// Kept is the names and contents of all files that CUPS keeps, its logs among them, but for the PDFs themselves. Meanwhile cupsd does
// not run: it puts files in the place of others when nobody waits for it.
func (s *Server) Kept() map[string]string {
	s.tb.Helper()
	s.Stop()
	defer s.Run()
	kept := map[string]string{}
	err := filepath.WalkDir(s.folder, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || filepath.Dir(path) == s.path("pdf") {
			return err
		}
		b, err := os.ReadFile(path)
		kept[path] = string(b)
		return err
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	return kept
}

func (s *Server) path(name string) string { return filepath.Join(s.folder, name) }

func (s *Server) write(name, content string) {
	s.tb.Helper()
	if err := os.WriteFile(s.path(name), []byte(strings.ReplaceAll(content, "FOLDER", s.folder)), 0o644); err != nil {
		s.tb.Fatal(err)
	}
}

package witnesstest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the database of litewitness

	"wardlight/internal/lab/labtest"
	"wardlight/internal/need"
	"wardlight/internal/translog"
)

// program is the witness that make installs.
const program = ".bin/litewitness-v0.6.1"

// Witness is a running litewitness.
type Witness struct {
	*labtest.Process
	URL string
	Key *translog.WitnessVerifier
}

// logged matches the public key in the log of litewitness.
var logged = regexp.MustCompile(`vkey=(\S+)`)

// Start starts a witness with that name for a log. It ends with the test. If make has not installed it, the test is
// skipped with a message.
func Start(tb testing.TB, name string, log *translog.LogVerifier) *Witness {
	tb.Helper()
	root, err := need.Module()
	must(tb, err)
	path := need.File(tb, filepath.Join(root, filepath.FromSlash(program)), "run make need-litewitness")
	dir := labtest.Dir(tb)
	ctx := context.WithoutCancel(tb.Context()) // labtest.Start ends the programs

	socket, key := filepath.Join(dir, "agent"), filepath.Join(dir, "key")
	run(tb, dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
	ssh := exec.CommandContext(ctx, labtest.Need(tb, "ssh-agent", "openssh-client"), "-D", "-a", socket)
	labtest.Start(tb, ssh).Until(tb, "the socket of ssh-agent", func() bool {
		_, err := os.Stat(socket)
		return err == nil
	})
	run(tb, dir, "ssh-add", "-q", key)
	fingerprint := strings.Fields(run(tb, dir, "ssh-keygen", "-l", "-f", key+".pub"))[1]

	address, said := labtest.Address(tb), new(labtest.Output)
	database := filepath.Join(dir, "witness.db")
	addLog(tb, database, log)
	cmd := exec.CommandContext(ctx, path, "-name", name, "-db", database, "-ssh-agent", socket, "-key", fingerprint,
		"-listen", address)
	cmd.Stdout, cmd.Stderr = said, said
	w := &Witness{Process: labtest.Start(tb, cmd), URL: "http://" + address}
	w.Until(tb, "litewitness", func() bool {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil && logged.MatchString(said.String())
	})

	w.Key, err = translog.ParseWitness(logged.FindStringSubmatch(said.String())[1])
	must(tb, err)
	return w
}

// addLog creates the database of litewitness with a log, as its command witnessctl add-log does.
func addLog(tb testing.TB, name string, log *translog.LogVerifier) {
	tb.Helper()
	db, err := sql.Open("sqlite", name)
	must(tb, err)
	defer db.Close() //nolint:errcheck // the statements were committed
	_, err = db.ExecContext(tb.Context(), fmt.Sprintf(`
		CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
		CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin));
		INSERT INTO log (origin, tree_size, tree_hash)
			VALUES ('%[1]s', 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
		INSERT INTO key (origin, key) VALUES ('%[1]s', '%[2]s');`, log.Name(), log))
	must(tb, err)
}

// run runs a program of OpenSSH with the agent in dir, and returns what it prints.
func run(tb testing.TB, dir, name string, args ...string) string {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), labtest.Need(tb, name, "openssh-client"), args...)
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK="+filepath.Join(dir, "agent"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("%s: %v: %s", name, err, out)
	}
	return string(out)
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

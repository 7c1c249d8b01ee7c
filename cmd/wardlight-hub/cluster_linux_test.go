package main

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardlight/internal/certtest"
	"wardlight/internal/lab/labtest"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/need"
)

// The programs of the cluster. They are not installed, because Debian's packages start services.
const (
	etcdProgram    = "../../.bin/etcd"
	haproxyProgram = "../../.bin/haproxy"
	patroniModule  = "../../.bin/python/patroni"
)

// databaseUser is the user that PostgreSQL, Patroni and etcd run as.
const databaseUser = "postgres"

// namespaced is the name of the environment variable of a test that runs in namespaces of its own.
const namespaced = "WARDLIGHT_TEST_NAMESPACED"

// namespaceSetup makes the network in which the machines are, with the address of the machine with the hubs, and runs
// the test. The shell is the first process of the namespace, so it also waits for the processes that others leave.
const namespaceSetup = `set -e
ip link set lo up
ip link add machines type bridge
ip address add 192.0.2.1/24 dev machines
ip link set machines up
"$@"
exit $?
`

// inNamespaces reports whether the test runs in a network, and with processes, of its own. If not, it runs the test
// again in such namespaces, and reports its result. All its processes end with it.
func inNamespaces(t *testing.T) bool {
	t.Helper()
	if os.Getenv(namespaced) != "" {
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root to make networks")
	}

	namespaces := []string{
		"--net", "--pid", "--mount", "--ipc", "--fork", "--kill-child", "--mount-proc",
		"sh", "-c", namespaceSetup, "sh",
	}
	try := exec.CommandContext(t.Context(), "unshare", append(namespaces, "true")...)
	if out, err := try.CombinedOutput(); err != nil {
		need.Absent(t, fmt.Sprintf("this computer allows no networks of one's own: %v\n%s", err, out))
	}

	self, err := os.Executable()
	must(t, err)
	timeout := "-test.timeout=10m"
	if deadline, ok := t.Deadline(); ok {
		timeout = "-test.timeout=" + max(time.Until(deadline)-time.Minute, time.Minute).String()
	}
	cmd := exec.CommandContext(t.Context(), "unshare", append(namespaces, self, "-test.run=^"+t.Name()+"$", "-test.v",
		"-test.count=1", timeout)...)
	cmd.Env = append(os.Environ(), namespaced+"=1")
	out := &labtest.Output{}
	cmd.Stdout, cmd.Stderr = out, out
	<-labtest.Start(t, cmd).Done()

	if !strings.Contains(out.String(), "\n--- PASS: "+t.Name()) {
		t.Errorf("the test in namespaces: got %v, want that it passes\n%s", cmd.ProcessState, out.String())
	} else {
		t.Log(out.String())
	}

	return false
}

// cluster is the documented database: machines with etcd, Patroni and PostgreSQL, and HAProxy beside the hubs.
type cluster struct {
	t        *testing.T
	folder   string
	uid, gid int // of databaseUser
	ca       *certtest.Issuer
	machines []*machine
}

// machine is one of the three machines: a network namespace with processes.
type machine struct {
	*cluster
	name, address, folder string
	home                  *labtest.Process // the namespace exists as long as this process
	log                   *labtest.Output  // of Patroni
	etcdLog               *labtest.Output
}

// needCluster skips the test if a program of the cluster is missing; with CI=true it fails the test.
func needCluster(t *testing.T) {
	t.Helper()
	postgrestest.Need(t)
	need.File(t, etcdProgram, "make .bin/etcd")
	need.File(t, haproxyProgram, "make .bin/haproxy")
	need.File(t, patroniModule, "make .bin/python/patroni")
	for _, program := range [][]string{patroniCommand(t, "--version"), {haproxyProgram, "-v"}} {
		cmd := exec.CommandContext(t.Context(), program[0], program[1:]...)
		if out, err := cmd.CombinedOutput(); err != nil {
			need.Absent(t, fmt.Sprintf("make need-test: %v\n%s", err, out))
		}
	}
}

// patroniCommand returns the command that runs Patroni with Debian's Python.
func patroniCommand(t *testing.T, args ...string) []string {
	t.Helper()
	folder, err := filepath.Abs(filepath.Dir(patroniModule))
	must(t, err)
	return append([]string{
		"env", "PYTHONPATH=" + folder, "PYTHONDONTWRITEBYTECODE=1", "/usr/bin/python3", "-m", "patroni",
	}, args...)
}

// startCluster starts the machines and HAProxy, and waits until a leader has a synchronous standby.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	account, err := user.Lookup(databaseUser)
	must(t, err)
	uid, err := strconv.Atoi(account.Uid)
	must(t, err)
	gid, err := strconv.Atoi(account.Gid)
	must(t, err)

	c := &cluster{t: t, folder: labtest.Dir(t), uid: uid, gid: gid}
	must(t, os.Chmod(c.folder, 0o711)) //nolint:gosec // another user passes through
	var none *certtest.Issuer
	c.ca = none.Issue(t, time.Now(), func(cert *x509.Certificate) {
		cert.Subject = pkix.Name{CommonName: "database CA"}
		cert.IsCA, cert.BasicConstraintsValid, cert.KeyUsage = true, true, x509.KeyUsageCertSign
	})

	for i := range 3 {
		c.machines = append(c.machines, c.addMachine(i+1))
	}
	for _, m := range c.machines {
		m.start()
	}

	haproxy := filepath.Join(c.folder, "haproxy.cfg")
	settings := strings.ReplaceAll(readFile(t, clusterFiles+"haproxy.cfg"), " haproxy\n", " "+databaseUser+"\n")
	must(t, os.WriteFile(haproxy, []byte(settings), 0o600))
	labtest.Start(t, exec.CommandContext(t.Context(), haproxyProgram, "-db", "-f", haproxy))

	c.awaitStandbys()
	return c
}

// addMachine makes a machine without its programs.
func (c *cluster) addMachine(n int) *machine {
	c.t.Helper()
	m := &machine{
		cluster: c, name: fmt.Sprintf("db%d", n), address: fmt.Sprintf("192.0.2.%d", 10+n),
		log: &labtest.Output{}, etcdLog: &labtest.Output{},
	}
	m.folder = filepath.Join(c.folder, m.name)
	m.home = labtest.Start(c.t, exec.CommandContext(context.WithoutCancel(c.t.Context()), "unshare", "--net", "sleep",
		"infinity"))
	m.home.Until(c.t, "its namespace", func() bool {
		own, err := os.Readlink("/proc/self/ns/net")
		must(c.t, err)
		net, err := os.Readlink(m.namespace())
		return err == nil && net != own
	})

	pid := strconv.Itoa(m.home.PID())
	c.ip("link", "add", m.name, "type", "veth", "peer", "name", "eth0", "netns", pid)
	c.ip("link", "set", m.name, "master", "machines", "up")
	within := "--net=" + m.namespace()
	c.run("nsenter", within, "ip", "link", "set", "lo", "up")
	c.run("nsenter", within, "ip", "address", "add", m.address+"/24", "dev", "eth0")
	c.run("nsenter", within, "ip", "link", "set", "eth0", "up")
	m.install()
	return m
}

// install writes the machine's files, as the documents say, below the machine's folder.
func (m *machine) install() {
	m.t.Helper()
	for _, folder := range []string{
		"etc/patroni", "etc/etcd", "var/lib/postgresql", "var/run/postgresql", "var/lib/etcd",
	} {
		must(m.t, os.MkdirAll(filepath.Join(m.folder, folder), 0o700))
	}

	issued := m.ca.Issue(m.t, time.Now(), func(cert *x509.Certificate) {
		cert.SerialNumber = new(big.Int).SetBytes(net.ParseIP(m.address).To4())
		cert.Subject, cert.IPAddresses = pkix.Name{CommonName: m.name}, []net.IP{net.ParseIP(m.address)}
		cert.KeyUsage = x509.KeyUsageDigitalSignature
		cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	})
	key, err := x509.MarshalPKCS8PrivateKey(issued.Key)
	must(m.t, err)
	for _, folder := range []string{"etc/patroni/", "etc/etcd/"} {
		m.write(folder+"ca.pem", pemOf("CERTIFICATE", m.ca.Cert.Raw))
		m.write(folder+"machine.pem", pemOf("CERTIFICATE", issued.Cert.Raw))
		m.write(folder+"machine.key", pemOf("PRIVATE KEY", key))
	}

	m.write("etc/patroni/config.yml", m.configured("patroni.yml"))
	m.write("etc/etcd/env", m.configured("etcd.env"))
	must(m.t, filepath.WalkDir(m.folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, m.uid, m.gid)
	}))
}

// pemOf returns a PEM block.
func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// configured returns a file of the package with this machine's values, and with its folder as the root of all paths.
func (m *machine) configured(file string) string {
	m.t.Helper()
	return strings.NewReplacer("MACHINE", m.name, "ADDRESS", m.address, "REST_PASSWORD", "changing",
		"REPLICATION_PASSWORD", "replication", "REWIND_PASSWORD", "rewinding",
		"/usr/lib/postgresql/15/bin", labpg.Programs(),
		" /etc/", " "+m.folder+"/etc/", "=/etc/", "="+m.folder+"/etc/",
		" /var/", " "+m.folder+"/var/", "=/var/", "="+m.folder+"/var/").Replace(readFile(m.t, clusterFiles+file))
}

func (m *machine) write(name, text string) {
	m.t.Helper()
	must(m.t, os.WriteFile(filepath.Join(m.folder, name), []byte(text), 0o600))
}

// namespace returns the path of the machine's network.
func (m *machine) namespace() string { return fmt.Sprintf("/proc/%d/ns/net", m.home.PID()) }

// command returns a command that runs on the machine as databaseUser.
func (m *machine) command(program ...string) *exec.Cmd {
	m.t.Helper()
	// The test's context would end the process before the test's cleanup.
	cmd := exec.CommandContext(context.WithoutCancel(m.t.Context()), "nsenter", append([]string{
		"--net=" + m.namespace(), "setpriv", "--reuid", databaseUser, "--regid", databaseUser, "--clear-groups",
		"--pdeathsig", "KILL",
	}, program...)...)
	cmd.Dir = m.folder
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=" + m.folder}
	return cmd
}

// start starts etcd and Patroni, which starts PostgreSQL.
func (m *machine) start() {
	m.t.Helper()
	etcd, err := filepath.Abs(etcdProgram)
	must(m.t, err)
	cmd := m.command(etcd)
	for line := range strings.Lines(readFile(m.t, filepath.Join(m.folder, "etc/etcd/env"))) {
		if !strings.HasPrefix(line, "#") {
			cmd.Env = append(cmd.Env, strings.TrimSpace(line))
		}
	}
	cmd.Stdout, cmd.Stderr = m.etcdLog, m.etcdLog
	labtest.Start(m.t, cmd)

	cmd = m.command(patroniCommand(m.t, filepath.Join(m.folder, "etc/patroni/config.yml"))...)
	cmd.Stdout, cmd.Stderr = m.log, m.log
	labtest.Start(m.t, cmd)
	m.t.Cleanup(m.kill) // an orderly shutdown of all machines takes long
}

// kill ends all processes of the machine at once, as when it loses its power.
func (m *machine) kill() {
	m.t.Helper()
	m.until("no process is left on "+m.name, func() bool {
		left := 0
		home, err := os.Readlink(m.namespace())
		must(m.t, err)
		processes, err := filepath.Glob("/proc/[0-9]*")
		must(m.t, err)
		for _, p := range processes {
			pid, err := strconv.Atoi(filepath.Base(p))
			must(m.t, err)
			if net, err := os.Readlink(p + "/ns/net"); err != nil || net != home || pid == m.home.PID() {
				continue // a process that has ended has none
			}
			left++
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return left == 0
	})
}

// cutOff disconnects the machine from the network without a sign to anyone. Its processes go on.
func (m *machine) cutOff() { m.t.Helper(); m.ip("link", "set", m.name, "down") }

// reconnect ends cutOff.
func (m *machine) reconnect() { m.t.Helper(); m.ip("link", "set", m.name, "up") }

// query runs SQL on the machine's PostgreSQL as its superuser, and returns the result.
func (m *machine) query(sql string) (string, error) {
	m.t.Helper()
	cmd := m.command(filepath.Join(labpg.Programs(), "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
		"--set", "ON_ERROR_STOP=1", "--host", filepath.Join(m.folder, "var/run/postgresql"), "--username", databaseUser,
		"--dbname", "postgres", "--file", "-")
	cmd.Stdin = strings.NewReader(sql)
	cmd.Env = append(cmd.Env, "PGCONNECT_TIMEOUT=10")
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// leads reports whether the machine is the leader, as HAProxy asks.
func (m *machine) leads() bool {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.address+":8008/primary", nil)
	must(m.t, err)
	req.Close = true // a connection to a machine that was cut off is of no use later
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// leader returns the leader, or nil if there is none.
func (c *cluster) leader() *machine {
	c.t.Helper()
	for _, m := range c.machines {
		if m.leads() {
			return m
		}
	}
	return nil
}

// awaitLeader waits until there is a leader other than that machine, and returns it.
func (c *cluster) awaitLeader(other *machine) (leader *machine) {
	c.t.Helper()
	c.until("there is another leader", func() bool {
		leader = c.leader()
		return leader != nil && leader != other
	})
	return leader
}

// awaitStandbys waits until both other machines receive all changes of the leader, and commits wait for one of them.
func (c *cluster) awaitStandbys() {
	c.t.Helper()
	c.until("the leader has two standbys, one of them synchronous", func() bool {
		leader := c.leader()
		if leader == nil {
			return false
		}
		// A backup is in the list, too, by another name.
		n, err := leader.query(`SELECT count(*) FILTER (WHERE state = 'streaming') FROM pg_stat_replication
			WHERE application_name LIKE 'db_' HAVING bool_or(sync_state = 'sync')`)
		return err == nil && n == "2"
	})
}

// ip runs the program ip.
func (c *cluster) ip(args ...string) { c.t.Helper(); c.run("ip", args...) }

// run runs a program and fails the test if it fails.
func (c *cluster) run(program string, args ...string) {
	c.t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(c.t.Context()), program, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

// until waits until done returns true, for five minutes at most.
func (c *cluster) until(what string, done func() bool) {
	c.t.Helper()
	deadline := time.After(5 * time.Minute)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			c.t.Fatalf("timeout waiting until %s\n%s", what, c.logs())
		}
	}
}

// logs returns the end of each machine's log.
func (c *cluster) logs() string {
	var all strings.Builder
	for _, m := range c.machines {
		for name, log := range map[string]string{"Patroni": m.log.String(), "etcd": m.etcdLog.String()} {
			fmt.Fprintf(&all, "%s of %s:\n%s\n", name, m.name, log[max(0, len(log)-4000):])
		}
	}
	return all.String()
}

package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/hub/store/postgres"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pki"
)

// The number of openings that are answered before and after each fault, at least, and the pause of a client after an
// answer.
const (
	openingsBetween = 60
	readingPause    = 20 * time.Millisecond
)

// TestNoAnsweredOpeningIsLostByAFailover runs two hubs on the database that docs/stores.md describes, with the same
// configuration: three machines with etcd, Patroni and PostgreSQL, and HAProxy. Under load, the leader loses its power,
// and later the next one its network. Each answered opening must have one access and one notification. A client
// without an answer retries with the same id, at either hub, as the terminal does.
func TestNoAnsweredOpeningIsLostByAFailover(t *testing.T) {
	needCluster(t)
	t.Parallel() // mostly waits
	if !inNamespaces(t) {
		return
	}

	c := startCluster(t)
	l := startLoad(c)
	l.answer("the start")

	first := c.awaitLeader(nil)
	first.kill()
	c.awaitLeader(first)
	l.answer("the loss of the leader")
	first.start()
	c.awaitStandbys()

	second := c.awaitLeader(nil)
	second.cutOff()
	// The hubs no longer reach the isolated leader. But it may write records of its own, until it notices.
	_, failed := second.query(`SET synchronous_commit = local; CREATE TABLE isolated ()`)
	diverged := failed == nil
	third := c.awaitLeader(second)
	l.answer("the isolation of the leader")
	c.until("the isolated leader accepts no writes", func() bool {
		standby, err := second.query(`SELECT pg_is_in_recovery()`)
		return err != nil || standby == "t"
	})

	second.reconnect()
	c.awaitStandbys()
	if diverged && !strings.Contains(second.log.String(), "running pg_rewind") {
		t.Errorf("the isolated leader: got no pg_rewind, want one, as it had records of its own\n%s", second.log)
	}
	if gone, err := second.query(`SELECT to_regclass('isolated') IS NULL`); err != nil || gone != "t" {
		t.Errorf("the record of the isolated leader is gone: got %q, error %v, want t", gone, err)
	}

	t.Logf("leaders: %s, %s, %s", first.name, second.name, third.name)
	l.check()
}

// openingLoad is two hubs with their clients.
type openingLoad struct {
	*cluster
	shared   *hubProcess // what the hubs have in common, and the authority
	dsn      string
	hubs     []*labtest.Process
	stop     context.CancelFunc
	clients  sync.WaitGroup
	answered sync.Map // request ids
	answers  atomic.Int64
	checks   []*checks // by hub
}

// checks counts the answers to checks of an alert that one hub was asked for.
type checks struct{ alert, unchecked, none atomic.Int64 }

// startLoad creates the database, starts two hubs on it, and begins to send them requests.
func startLoad(c *cluster) *openingLoad {
	t := c.t
	t.Helper()
	w := emptyHubProcess(t, exitCode)
	l := &openingLoad{cluster: c, shared: w}
	folder := t.TempDir()
	ca := filepath.Join(folder, "db-ca.pem")
	files{}.write(t, ca, pemOf("CERTIFICATE", c.ca.Cert.Raw))
	l.dsn = strings.TrimSpace(strings.NewReplacer("HUB_PASSWORD", "secret", "/etc/wardlight-hub/db-ca.pem", ca).
		Replace(readFile(t, clusterFiles+"hub.dsn")))
	dsn := filepath.Join(folder, "dsn")
	files{}.write(t, dsn, l.dsn+"\n")
	sql := strings.ReplaceAll(readFile(t, clusterFiles+"database.sql"), "HUB_PASSWORD", "secret")
	if out, err := c.awaitLeader(nil).query(sql); err != nil {
		t.Fatalf("database.sql: %v\n%s", err, out)
	}

	s := l.open()
	w.fill(t, s)
	must(t, s.Close())

	addresses := []string{w.address, labtest.Address(t)}
	for _, address := range addresses {
		hub := *w
		hub.address, hub.log = address, &labtest.Output{}
		hub.args = append([]string{}, w.args...)
		hub.args = append(hub.args, "--listen", address, "--public-url", "http://"+w.address)
		hub.environ = []string{
			"WARDLIGHT_SERVER_STORE_ENGINE=postgres", "WARDLIGHT_SERVER_STORE_DSN_FILE=" + dsn,
			"WARDLIGHT_SERVER_HUB_SIGNING_KEY_FILE=" + filepath.Join(folder, "signing-key.pem"),
		}
		l.hubs = append(l.hubs, hub.start(t))
	}

	ctx, stop := context.WithCancel(t.Context())
	l.stop = stop
	t.Cleanup(func() {
		stop()
		l.clients.Wait()
	})
	for range openers {
		l.opens(ctx, l.signIn(addresses...))
	}
	for _, address := range addresses {
		l.checksAlert(ctx, l.signIn(address))
	}
	return l
}

// open opens the database as a hub does.
func (l *openingLoad) open() *postgres.Store {
	l.t.Helper()
	s, err := postgres.Open(l.t.Context(), postgres.Config{DSN: l.dsn})
	must(l.t, err)
	return s
}

// signIn signs in. The client sends each request to the next of the addresses.
func (l *openingLoad) signIn(addresses ...string) *client.Acting {
	l.t.Helper()
	var next atomic.Int64
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addresses[next.Add(1)%int64(len(addresses))])
		},
	}
	now := time.Now()
	card, err := l.shared.ca.IssueCard(pki.CardRequest{
		UUID: openersUUID, Serial: 7, Key: pki.P256, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	})
	must(l.t, err)
	session, err := signInTo(l.t, client.Config{
		BaseURL: "http://" + l.shared.address, HTTP: &http.Client{Transport: transport},
	}, card)
	must(l.t, err)
	acting, err := session.As(openersURID)
	must(l.t, err)
	return acting
}

// opens opens the alert again and again.
func (l *openingLoad) opens(ctx context.Context, session *client.Acting) {
	l.clients.Go(func() {
		for ctx.Err() == nil {
			if id := l.shared.open(ctx, l.t, session); id != "" {
				l.answered.Store(id, true)
				l.answers.Add(1)
			}
			pause(ctx)
		}
	})
}

// checksAlert asks again and again whether there is an alert.
func (l *openingLoad) checksAlert(ctx context.Context, session *client.Acting) {
	n := &checks{}
	l.checks = append(l.checks, n)
	l.clients.Go(func() {
		for ctx.Err() == nil {
			switch lamp := session.Lamp(ctx, openedChild); lamp.State {
			case client.Alert:
				n.alert.Add(1)
			case client.CouldNotCheck:
				n.unchecked.Add(1)
			default:
				n.none.Add(1)
			}
			pause(ctx)
		}
	})
}

// pause waits for the time of a client's pause.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(readingPause):
	}
}

// answer waits until more openings are answered, and both hubs have answered a check.
func (l *openingLoad) answer(after string) {
	l.t.Helper()
	want := l.answers.Load() + openingsBetween
	var alerts []int64
	for _, n := range l.checks {
		alerts = append(alerts, n.alert.Load())
	}
	l.until("both hubs answer after "+after, func() bool {
		for i, n := range l.checks {
			if n.alert.Load() == alerts[i] {
				return false
			}
		}
		return l.answers.Load() >= want
	})
}

// check ends the load, and compares what was answered with the ledger.
func (l *openingLoad) check() {
	l.t.Helper()
	l.stop()
	l.clients.Wait()
	s := l.open()
	defer s.Close() //nolint:errcheck // it is only read
	l.shared.checkDelivered(l.t, checkOpenings(l.t, s, &l.answered, l.answers.Load()))

	for i, hub := range l.hubs {
		n := l.checks[i]
		alert, unchecked, none := n.alert.Load(), n.unchecked.Load(), n.none.Load()
		if unchecked == 0 || none != 0 {
			l.t.Errorf("checks at hub %d: got %d “could not check” and %d “none recorded”, want some and 0",
				i+1, unchecked, none)
		}
		l.t.Logf("checks at hub %d: %d with an alert, %d “could not check”", i+1, alert, unchecked)
		select {
		case <-hub.Done():
			l.t.Errorf("hub %d has ended, want that it goes on without a restart", i+1)
		default:
		}
	}
}

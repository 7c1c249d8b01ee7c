package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wardlight/hub/cards"
	"wardlight/hub/cpis"
	"wardlight/hub/limit"
	"wardlight/hub/store"
	"wardlight/internal/config"
)

// settingsFile is the default path of the settings file.
const settingsFile = "/etc/wardlight-hub/config.toml"

// settings are the hub's validated settings. See program for their meanings.
type settings struct {
	listen, public, data string
	signingKey           string // "" for a file in the data folder
	stopNotice           time.Duration

	certificate, key string // PEM files; both "" for plain HTTP on loopback only
	tlsVersion       string
	clients          string // off, optional, required
	clientCA         string

	engine       string // sqlite, postgres
	dsn, dsnFile string

	cardCAs   []cards.Bundle // Naming is "" if it was not given
	cardLists []string
	proxies   []netip.Prefix

	connections connections

	sources          sources
	cis2             cis2Settings
	delivery         delivery
	attendancesFile  string
	idle, maxSession time.Duration
	window           cpis.Window
	retentionDays    retentionDays
	limits           limits
	operator         string // address; "" for none
	checkpoint       checkpoint
	backups          backups
	logLevel         string

	*config.Settings
}

// connections limits the open connections: in total, and of one source address.
type connections struct{ all, source int }

// limits are the maximum numbers of requests per minute. 0 means no limit.
type limits struct {
	challengeSource, tokenSource, tokenPerson, searchSource, searchPerson, requestPerson, requestCredential int
	// an hour
	patientsPerson int
}

// rates returns the limits as the hub's configuration.
func (l limits) rates() *limit.Config {
	c := limit.Standard()
	c.TokenSource, c.TokenPerson = limit.PerMinute(l.tokenSource), limit.PerMinute(l.tokenPerson)
	c.SearchSource, c.SearchPerson = limit.PerMinute(l.searchSource), limit.PerMinute(l.searchPerson)
	c.RequestPerson, c.RequestCredential = limit.PerMinute(l.requestPerson), limit.PerMinute(l.requestCredential)
	c.PatientsPerson = l.patientsPerson
	return &c
}

// retentionDays are retention times in days: of sessions after they expired, of notifications' bodies after delivery,
// and of answers to uploads.
type retentionDays struct{ sessions, bodies, answers int }

// retention returns the retention times of expired sessions, delivered notifications and old answers.
func (s *settings) retention() store.Retention {
	days := func(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
	return store.Retention{
		Sessions: days(s.retentionDays.sessions), Bodies: days(s.retentionDays.bodies),
		Answers: days(s.retentionDays.answers),
	}
}

// checkpoint configures the audit's checkpoints. Without a folder there are none.
type checkpoint struct {
	folder, key string
	every       int    // number of records
	witnesses   string // file; "" for none
}

// backups is the folder of the backups, and the maximum age of the last one in days.
type backups struct {
	folder string
	maxAge int
}

// withSettings adds the flags of the settings to root, and so to every command.
func withSettings(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.String("config", "", "settings file (default: "+settingsFile+", if it exists)")

	for _, k := range program().Keys {
		if k.Flag != "" {
			fallback := ""
			if k.Default != "" {
				fallback = " (built in: " + k.Default + ")"
			}

			flags.String(k.Flag, "", k.Name+": "+k.Format+fallback)
			completion := cobra.NoFileCompletions
			switch {
			case k.Name == "log.level":
				completion = cobra.FixedCompletions(logLevels, cobra.ShellCompDirectiveNoFileComp)
			case strings.HasSuffix(k.Name, "_folder"):
				completion = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)
			case k.Kind == config.Path || k.Kind == config.Paths:
				completion = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)
			}

			if err := root.RegisterFlagCompletionFunc(k.Flag, completion); err != nil {
				panic(err) // a flag that was just defined
			}
		}
	}
}

// load reads the settings for a command. Errors are *config.Error.
func load(c *cobra.Command) (*settings, error) {
	given := make(map[string]string)
	c.Flags().Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	return loadFrom(config.Sources{
		Files: []string{settingsFile}, Named: given["config"], Environ: os.Environ(), Flags: given,
	})
}

func loadFrom(from config.Sources) (*settings, error) {
	s := &settings{}
	var err error
	if s.Settings, err = program().Load(s, from); err != nil {
		return nil, err
	}
	return s, s.check()
}

// check rejects combinations of settings that are not allowed.
func (s *settings) check() error {
	if _, _, err := net.SplitHostPort(s.listen); err != nil {
		return s.Reject("hub.listen", fmt.Sprintf("%q is not an address with a port", s.listen),
			"such as 127.0.0.1:8443, or :8443 for every address")
	}

	switch {
	case s.certificate != "" && s.key == "":
		return s.Reject("tls.certificate_file", "it has no key: certificate and key must both be set",
			"set tls.key_file, or --tls-key")
	case s.certificate == "" && s.key != "":
		return s.Reject("tls.key_file", "it has no certificate: certificate and key must both be set",
			"set tls.certificate_file, or --tls-cert")
	case s.certificate == "" && !loopback(s.listen):
		return s.Reject("hub.listen", "without a TLS certificate the hub listens only on a loopback address",
			"set tls.certificate_file and tls.key_file")
	case s.clients != "off" && s.certificate == "":
		return s.Reject("tls.client_certificates", "client certificates require TLS",
			"set tls.certificate_file and tls.key_file")
	case s.clients != "off" && s.clientCA == "":
		return s.Reject("tls.client_certificates", "the CA of client certificates is not set", "set tls.client_ca_file")
	case s.clients == "off" && s.clientCA != "":
		return s.Reject("tls.client_ca_file", "client certificates are off",
			"set tls.client_certificates to optional or required")
	case s.maxSession < s.idle:
		return s.Reject("session.idle", "session.idle is longer than session.max", "session.max is "+
			s.maxSession.String()+" ("+s.Origin("session.max")+")")
	case s.checkpoint.folder != "" && s.checkpoint.key == "":
		return s.Reject("audit.checkpoint_folder", "checkpoints require a signing key", "set audit.checkpoint_key_file")
	case s.checkpoint.folder == "" && s.checkpoint.key != "":
		return s.Reject("audit.checkpoint_key_file", "the folder for checkpoints is not set",
			"set audit.checkpoint_folder")
	case s.checkpoint.folder == "" && s.checkpoint.witnesses != "":
		return s.Reject(witnessesKey, "the folder for checkpoints is not set",
			"witnesses sign checkpoints: set audit.checkpoint_folder and audit.checkpoint_key_file")
	}

	if s.operator != "" {
		if _, _, err := net.SplitHostPort(s.operator); err != nil {
			return s.Reject("operator.listen", fmt.Sprintf("%q is not an address with a port", s.operator),
				"such as 127.0.0.1:9464; or off")
		}
	}

	if s.public != "" {
		u, err := url.Parse(s.public)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" ||
			strings.HasSuffix(s.public, "/") || u.RawQuery != "" {
			return s.Reject("hub.public_url", fmt.Sprintf("%q is not a valid URL for the hub", s.public),
				"such as https://hub.example:8443, without a slash at the end")
		}
	}

	if err := s.checkDelivery(); err != nil {
		return err
	}
	if err := s.checkCIS2(); err != nil {
		return err
	}
	if err := s.checkSources(); err != nil {
		return err
	}

	return s.checkStore()
}

func (s *settings) checkStore() error {
	switch {
	case s.engine == "sqlite" && s.dsn != "":
		return s.Reject("store.dsn", "SQLite does not use a DSN", `set store.engine to postgres`)
	case s.engine == "sqlite" && s.dsnFile != "":
		return s.Reject("store.dsn_file", "SQLite does not use a DSN", `set store.engine to postgres`)
	case s.engine == "postgres" && s.dsn == "" && s.dsnFile == "":
		return s.Reject("store.engine", "the connection string of PostgreSQL is not set", "set store.dsn_file, or "+
			program().EnvName("store.dsn"))
	case s.dsn != "" && s.dsnFile != "":
		return s.Reject("store.dsn_file", "store.dsn is also set", "store.dsn comes from "+s.Origin("store.dsn"))
	}
	return nil
}

// loopback reports whether an address with a port is a loopback address.
func loopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// signingKeyName is the file in the data folder with the key for id_tokens.
const signingKeyName = "signing-key.pem"

// signingKeyFile returns the path of the key for id_tokens.
func (s *settings) signingKeyFile() string {
	if s.signingKey != "" {
		return s.signingKey
	}
	return filepath.Join(s.data, signingKeyName)
}

// file reads the file that a setting names, and removes a byte order mark. Errors are *config.Error.
func (s *settings) file(key, path string) ([]byte, error) {
	text, err := config.ReadFile(path)
	if err != nil {
		return nil, s.Reject(key, path+" cannot be read: "+config.Reason(err), "")
	}
	return text, nil
}

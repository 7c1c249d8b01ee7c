package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wardlight/hub"
	"wardlight/hub/cpis"
	"wardlight/hub/limit"
	"wardlight/hub/notify"
	"wardlight/internal/config"
)

// Limits of the settings.
const (
	minIdle, maxIdle             = time.Minute, time.Hour
	minMaxSession, maxMaxSession = time.Minute, 24 * time.Hour
	maxNotice                    = time.Minute
	maxDays                      = 3660
	maxRate                      = 1_000_000 // requests a minute
	maxEvery                     = 1_000_000 // records
	// default of limits.challenge_source, which old files set and which has no effect
	unusedChallenges = 3000
)

// minRetentionDays is the minimum number of days for storing data that authorities may request again. MESH reports
// messages that it did not deliver for five days.
const minRetentionDays = 30

// logLevels are the values of log.level. The first is the default.
var logLevels = []string{"info", "debug", "warn", "error"}

// daysOf returns a duration in whole days.
func daysOf(d time.Duration) int { return int(d / (24 * time.Hour)) }

// program returns the definitions of all settings. Environment variables begin with WARDLIGHT_SERVER_, because
// WARDLIGHT_HUB_URL and others belong to the terminal program.
func program() config.Program[settings] {
	window, standard := cpis.Standard(), hub.StandardRetention()
	return config.Program[settings]{
		Prefix: "WARDLIGHT_SERVER_", Example: `listen = "127.0.0.1:8443"`,
		Keys: slices.Concat([]config.Key[settings]{
			text("hub.listen", "listen", "127.0.0.1:8443", "an address with a port, such as :8443",
				func(s *settings) *string {
					return &s.listen
				}),
			text("hub.public_url", "public-url", "", "the URL that clients use, such as https://hub.example:8443; "+
				"from hub.listen when empty", func(s *settings) *string {
				return &s.public
			}),
			{
				Name: "hub.trusted_proxies", Flag: "trusted-proxy", Format: "comma-separated addresses or " +
					"networks, such as 10.0.0.0/24, whose X-Forwarded-For is trusted",
				Parse: func(s *settings, text string) (err error) {
					s.proxies, err = limit.ParseProxies(strings.FieldsFunc(text, func(r rune) bool {
						return r == ',' || r == ' '
					}))
					return err
				},
			},
			number("hub.max_connections", hub.MaxConnections, minConnections, maxConnections, "connections",
				func(s *settings) *int {
					return &s.connections.all
				}),
			number("hub.max_source_connections", hub.MaxSourceConnections, minConnections, maxConnections,
				"connections", func(s *settings) *int {
					return &s.connections.source
				}),
			path("hub.data_folder", "data", "wardlight-data", "the folder of the hub's databases",
				func(s *settings) *string {
					return &s.data
				}),
			path("hub.signing_key_file", "", "", "the key that signs id_tokens, in PEM; when empty, the hub "+
				"creates one in the data folder", func(s *settings) *string {
				return &s.signingKey
			}),
			span("hub.stop_notice", "stop-notice", time.Second, 0, maxNotice, func(s *settings) *time.Duration {
				return &s.stopNotice
			}),

			path("tls.certificate_file", "tls-cert", "", "the hub's certificate chain, in PEM",
				func(s *settings) *string {
					return &s.certificate
				}),
			path("tls.key_file", "tls-key", "", "the key of the hub's certificate, in PEM", func(s *settings) *string {
				return &s.key
			}),
			word("tls.min_version", "", "the lowest TLS version", func(s *settings) *string {
				return &s.tlsVersion
			}, "1.2", "1.3"),
			word("tls.client_certificates", "", "whether terminals must present a certificate",
				func(s *settings) *string {
					return &s.clients
				}, "off", "optional", "required"),
			path("tls.client_ca_file", "", "", "the CA certificates that issue client certificates, in PEM",
				func(s *settings) *string {
					return &s.clientCA
				}),

			word("store.engine", "", "the database engine", func(s *settings) *string {
				return &s.engine
			}, "sqlite", "postgres"),
			secret("store.dsn", "the connection string of PostgreSQL, such as postgres://hub@db.example/hub",
				func(s *settings) *string {
					return &s.dsn
				}),
			path("store.dsn_file", "", "", "a file with the connection string of PostgreSQL",
				func(s *settings) *string {
					return &s.dsnFile
				}),

			{
				Name: "cards.ca_files", Flag: "ca", Kind: config.Paths, Format: "files of the CAs whose smartcards " +
					"may sign in, in PEM, each with the way in which their certificates name a person, such as " +
					"cards.pem=uuid",
				Parse: func(s *settings, text string) (err error) {
					s.cardCAs, err = readBundles(text)
					return errors.Join(err, config.OneLine(text))
				},
			},
			{
				Name: "cards.crl_files", Flag: "crl", Kind: config.Paths,
				Format: "the lists of revoked certificates of these CAs, in PEM or DER",
				Parse: func(s *settings, text string) error {
					s.cardLists = filepath.SplitList(text)
					return config.OneLine(text)
				},
			},
			path("privacy.attendances", "", "", "the site's list of attendances for privacy reports, a table with the "+
				"columns NHS number, From and To", func(s *settings) *string {
				return &s.attendancesFile
			}),
			path("webhook.secrets_file", "webhook-secrets", "",
				"the authorities' webhook secrets, one per line: V999 whsec_…", func(s *settings) *string {
					return &s.delivery.secrets
				}),
			path("notify.folder", "", "", "the folder for authorities whose endpoint is file:NAME, an absolute path",
				func(s *settings) *string {
					return &s.delivery.folder
				}),
			number("notify.after_end", window.NotifyAfterEnd, 1, maxDays, "days", func(s *settings) *int {
				return &s.window.NotifyAfterEnd
			}),
			text("mesh.mailbox", "", "", "the hub's mailbox at MESH, for authorities whose endpoint is mesh:MAILBOX",
				func(s *settings) *string {
					return &s.delivery.mesh.mailbox
				}),
			text("mesh.url", "", "", "the address of MESH, without a slash at the end", func(s *settings) *string {
				return &s.delivery.mesh.url
			}),
			path("mesh.secrets_file", "", "", "a file with the mailbox's password and the shared key, one per line",
				func(s *settings) *string {
					return &s.delivery.mesh.secrets
				}),
			text("mesh.workflow", "", notify.DefaultWorkflow, "the MESH workflow of notifications",
				func(s *settings) *string {
					return &s.delivery.mesh.workflow
				}),
			path("mesh.certificate_file", "", "", "the hub's client certificate for MESH, in PEM",
				func(s *settings) *string {
					return &s.delivery.mesh.certificate
				}),
			path("mesh.key_file", "", "", "the key of that certificate, in PEM", func(s *settings) *string {
				return &s.delivery.mesh.key
			}),
			path("mesh.ca_file", "", "", "the CA certificates that MESH's certificate is checked with, in PEM; the "+
				"system's when empty", func(s *settings) *string {
				return &s.delivery.mesh.ca
			}),
		}, sourceKeys(), cis2Keys(), []config.Key[settings]{
			span("session.idle", "session-idle", hub.DefaultIdle, minIdle, maxIdle, func(s *settings) *time.Duration {
				return &s.idle
			}),
			span("session.max", "session-max", hub.DefaultMax, minMaxSession, maxMaxSession,
				func(s *settings) *time.Duration {
					return &s.maxSession
				}),

			number("retention.sessions", daysOf(standard.Sessions), 1, maxDays, "days", func(s *settings) *int {
				return &s.retentionDays.sessions
			}),
			number("retention.notification_bodies", daysOf(standard.Bodies), minRetentionDays, maxDays, "days",
				func(s *settings) *int {
					return &s.retentionDays.bodies
				}),
			number("retention.upload_answers", daysOf(standard.Answers), minRetentionDays, maxDays, "days",
				func(s *settings) *int {
					return &s.retentionDays.answers
				}),

			number("visibility.after_end", window.AfterEnd, 1, maxDays, "days", func(s *settings) *int {
				return &s.window.AfterEnd
			}),
			number("visibility.after_due", window.AfterDue, 1, maxDays, "days", func(s *settings) *int {
				return &s.window.AfterDue
			}),

			rate("limits.challenge_source", unusedChallenges, func(l *limits) *int { return &l.challengeSource }),
			rate("limits.token_source", limit.TokensOfSource, func(l *limits) *int { return &l.tokenSource }),
			rate("limits.token_person", limit.TokensOfPerson, func(l *limits) *int { return &l.tokenPerson }),
			rate("limits.search_source", limit.SearchesOfSource, func(l *limits) *int { return &l.searchSource }),
			rate("limits.search_person", limit.SearchesOfPerson, func(l *limits) *int { return &l.searchPerson }),
			rate("limits.request_person", limit.RequestsOfPerson, func(l *limits) *int { return &l.requestPerson }),
			rate("limits.request_credential", limit.RequestsOfCredential, func(l *limits) *int {
				return &l.requestCredential
			}),
			number("limits.patients_person", limit.PatientsOfPerson, 0, maxRate, "patients an hour, 0 for no alarm,",
				func(s *settings) *int {
					return &s.limits.patientsPerson
				}),

			path("audit.checkpoint_folder", "", "", "the folder for the audit's checkpoints, preferably on another "+
				"machine", func(s *settings) *string {
				return &s.checkpoint.folder
			}),
			number("audit.checkpoint_every", 1000, 1, maxEvery, "records", func(s *settings) *int {
				return &s.checkpoint.every
			}),
			path("audit.checkpoint_key_file", "", "",
				"the key that signs checkpoints; wardlight-hub audit key creates one", func(s *settings) *string {
					return &s.checkpoint.key
				}),
			path(witnessesKey, "", "", "the witnesses that sign the checkpoints of the audit's tree, one per line: "+
				"witness NAME KEY https://witness.example/", func(s *settings) *string {
				return &s.checkpoint.witnesses
			}),

			path("backup.folder", "", "", "the folder with the backups, each in its own folder; for doctor and the "+
				"metrics",
				func(s *settings) *string { return &s.backups.folder }),
			number("backup.max_age", 2, 1, maxDays, "days", func(s *settings) *int { return &s.backups.maxAge }),

			{
				Name: "operator.listen", Flag: "operator-listen", Default: "127.0.0.1:9464",
				Format: "an address with a port, for the operator only; or off",
				Parse: func(s *settings, text string) error {
					if s.operator = text; text == "off" {
						s.operator = ""
					}
					return config.OneLine(text)
				},
			},
			word("log.level", "log-level", "the lowest level that is logged", func(s *settings) *string {
				return &s.logLevel
			}, logLevels...),
		}),
	}
}

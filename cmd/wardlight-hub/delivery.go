package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/reread"
)

// delivery is the configuration of notifications to authorities.
type delivery struct {
	secrets string // file of webhook secrets
	folder  string // for file: endpoints; "" for none
	mesh    meshSettings
}

// meshSettings configure the hub's MESH mailbox. Without a mailbox MESH is not used.
type meshSettings struct{ url, mailbox, secrets, workflow, certificate, key, ca string }

func (s *settings) checkDelivery() error {
	m := s.delivery.mesh
	if s.delivery.folder != "" && !filepath.IsAbs(s.delivery.folder) {
		return s.Reject("notify.folder", "it is not an absolute path", "such as /var/spool/wardlight-hub")
	}

	if m.mailbox == "" {
		for _, k := range []struct{ key, value string }{
			{"mesh.url", m.url},
			{"mesh.secrets_file", m.secrets},
			{"mesh.certificate_file", m.certificate},
			{"mesh.key_file", m.key},
			{"mesh.ca_file", m.ca},
		} {
			if k.value != "" {
				return s.Reject(k.key, "MESH requires a mailbox", "set mesh.mailbox")
			}
		}
		return nil
	}

	if err := notify.CheckMailbox(m.mailbox); err != nil {
		return s.Reject("mesh.mailbox", err.Error(), "such as X26HC001")
	}

	u, err := url.Parse(m.url)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname()+":0")):
		return s.Reject("mesh.url", fmt.Sprintf("%q is not an address of MESH", m.url),
			"https:// and a host, without a slash at the end")
	case m.secrets == "":
		return s.Reject("mesh.mailbox", "it has no password", "set mesh.secrets_file")
	case (m.certificate == "") != (m.key == ""):
		return s.Reject("mesh.certificate_file", "certificate and key must both be set",
			"set mesh.certificate_file and mesh.key_file")
	}

	return nil
}

// transport returns the configured transports for notifications, and the MESH client, which is nil without a mailbox.
// Errors are *config.Error.
func (s *settings) transport(u *monitor) (notify.Routes, *notify.MESH, error) {
	routes := make(notify.Routes)
	if s.delivery.secrets != "" {
		const key = "webhook.secrets_file"
		secrets, err := newSecretsFile(s.delivery.secrets, u.clock, u.log)
		if err != nil {
			return nil, nil, s.Reject(key, fmt.Sprintf("%s: %s", s.delivery.secrets, reread.WithoutPath(err)),
				"one line per authority: V999 whsec_…")
		}
		u.looks = append(u.looks, secrets.reloadIfChanged)
		webhook := &notify.Webhook{Secrets: secrets.For, Clock: time.Now}
		routes["https"], routes["http"] = webhook, webhook
	}

	if s.delivery.folder != "" {
		routes["file"] = &notify.Folder{Root: s.delivery.folder}
	}

	if s.delivery.mesh.mailbox == "" {
		return routes, nil, nil
	}

	mesh, err := s.mesh(u)
	if err != nil {
		return nil, nil, err
	}

	routes["mesh"] = mesh
	return routes, mesh, nil
}

// deliverable returns a function that returns an error if an authority cannot be notified with these settings, or nil
// if it can. If the settings themselves are invalid, it returns that error for every authority.
func (s *settings) deliverable() func(store.Authority) error {
	routes, _, err := s.transport(newMonitor(slog.New(slog.DiscardHandler)))
	return func(a store.Authority) error {
		if err != nil {
			return err
		}
		return routes.Ready(a.Code, a.Endpoint)
	}
}

// warnOfUndeliverable logs a warning for each authority that cannot be notified with the current settings.
func warnOfUndeliverable(ctx context.Context, ledger store.Authorities, routes notify.Routes, log *slog.Logger) error {
	all, err := ledger.Authorities(ctx)
	for _, a := range all {
		if why := routes.Ready(a.Code, a.Endpoint); why != nil {
			log.WarnContext(ctx, "An authority cannot be notified of accesses.", "authority", a.Code, "why",
				why.Error())
		}
	}
	return err
}

func (s *settings) mesh(u *monitor) (*notify.MESH, error) {
	m := s.delivery.mesh
	text, err := s.file("mesh.secrets_file", m.secrets)
	if err != nil {
		return nil, err
	}

	password, key, err := notify.ReadMESHSecrets(bytes.NewReader(text))
	if err != nil {
		return nil, s.Reject("mesh.secrets_file", fmt.Sprintf("%s: %s", m.secrets, err),
			"two lines: password … and shared_key …")
	}

	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if m.certificate != "" {
		const key = "mesh.certificate_file"
		r, err := newCertificateFile(m.certificate, m.key, u.clock, u.log)
		if err != nil {
			return nil, s.Reject(key, err.Error(), "a certificate and its key, in PEM")
		}
		u.renew(key, r)
		config.GetClientCertificate = func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return r.get(asked.Context()), nil
		}
	}

	if m.ca != "" {
		if config.RootCAs, err = s.pool("mesh.ca_file", m.ca, u); err != nil {
			return nil, err
		}
	}

	return &notify.MESH{
		URL: m.url, Mailbox: m.mailbox, Password: password, Key: key, Workflow: m.workflow, Clock: time.Now,
		NewID: uuid.NewString, Log: u.log,
		Client: &http.Client{Transport: &http.Transport{
			TLSClientConfig: config, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 5 * time.Second,
			IdleConnTimeout: time.Minute,
		}},
	}, nil
}

package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// publicURL returns the hub's URL for terminals.
func (p *setup) publicURL() string {
	_, port, _ := net.SplitHostPort(p.listen) // validated before
	return "https://" + net.JoinHostPort(p.name, port)
}

func (p *setup) makeSettings() error {
	return p.write(p.settings(), p.settingsText(), 0o640)
}

func (p *setup) settings() string { return p.file(filepath.Base(settingsFile)) }

// settingsText returns the contents of the settings file. Paths in the folder are relative to it.
func (p *setup) settingsText() string {
	var b strings.Builder
	relative := func(name string) string {
		if r, err := filepath.Rel(p.folder, name); err == nil && filepath.IsLocal(r) {
			return r
		}
		return name
	}

	table := func(name string) { fmt.Fprintf(&b, "\n[%s]\n", name) }
	set := func(key, value, about string) { fmt.Fprintf(&b, "# %s\n%s = %s\n", about, key, strconv.Quote(value)) }
	b.WriteString("# Settings of the Wardlight hub, made by 'wardlight-hub init'. 'wardlight-hub config' shows all " +
		"of them, and\n" +
		"# where each comes from; docs/operating.md says what each is. Paths are relative to this folder.\n")

	table("hub")
	set("listen", p.listen, "Address and port that terminals connect to.")
	set("public_url", p.publicURL(), "What terminals have as hub.url: sign-ins are compared with it.")
	set("data_folder", relative(p.data), "The books. They hold patients.")
	table("tls")
	set("certificate_file", relative(p.certificate),
		"The certificate, with its chain. It is read again when it changes.")
	set("key_file", relative(p.key), "Its key.")
	table("cards")
	var cards []string
	for _, entry := range filepath.SplitList(p.cards) {
		cards = append(cards, strconv.Quote(entry))
	}

	fmt.Fprintf(&b, "# Whose smartcards may sign in, and how the certificates of each file's CAs name a "+
		"person.\nca_files = [%s]\n",
		strings.Join(cards, ", "))

	b.WriteString("# Lists of revoked certificates. Without them only 'wardlight-hub revoke' revokes a card.\n" +
		"#crl_files = [\"cards.crl\"]\n")
	table("webhook")
	if p.authority.Code != "" {
		set("secrets_file", "webhook-secrets", "What notifications are signed with: a line for each authority. "+
			"'wardlight-hub authority webhook-secret' makes one.")
	} else {
		b.WriteString("#secrets_file = \"webhook-secrets\"\n")
	}

	table("notify")
	if p.writesToFolder() {
		set("folder", p.notifications(), "Where the notifications of authorities go whose endpoint is file:NAME.")
	} else {
		b.WriteString("#folder = \"/var/lib/wardlight-hub/notifications\"\n")
	}

	table("audit")
	set("checkpoint_folder", relative(p.checkpoints()), "Signed checkpoints of the audit. Better on another machine: "+
		"anyone who can change the ledger can change these too.")
	set("checkpoint_key_file", "audit.key",
		"The key that signs them. Keep a copy of audit.key.pub where they are checked.")
	table("backup")
	b.WriteString("# Where 'wardlight-hub backup' puts its folders: 'wardlight-hub doctor' looks for the last one " +
		"there.\n" +
		"#folder = \"/srv/backup\"\n")

	table("operator")
	if p.operator != "" {
		set("listen", p.operator, "Metrics and health, for you alone.")
	} else {
		b.WriteString("# Metrics and health, for you alone.\n#listen = \"127.0.0.1:9464\"\n")
	}

	return b.String()
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/config"
)

// serviceUser is the user in the packages' systemd unit.
const serviceUser = "wardlight-hub"

// setup sets up a first hub.
type setup struct {
	folder, name, listen, data string
	certificate, key           string // certificate is wordTrial for a certificate of a new CA
	cards                      string // in the form of cards.ca_files
	authority                  store.Authority
	user                       string
	operator                   string // "" for the default

	owner    *user.User // user that runs the hub; nil for the current user
	packaged string     // settings file that sets only the data folder; "" for none
	dataSet  string     // data folder set in packaged
	made     []string   // files and folders in the order of creation
	secret   string     // authority's credential
	log      startLog
}

// file returns the path of a file in the folder.
func (p *setup) file(name string) string { return filepath.Join(p.folder, name) }

// setFolder examines the folder for the settings. It rejects an existing settings file, unless it sets only the data
// folder, as the packages install it.
func (p *setup) setFolder(folder string) error {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return err
	}

	p.packaged, p.dataSet = "", ""
	name := filepath.Join(absolute, filepath.Base(settingsFile))
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}

	s, err := loadFrom(config.Sources{Named: name})
	if err != nil {
		return fmt.Errorf("%s already exists and is not overwritten", name)
	}

	for _, set := range s.All() {
		if strings.HasPrefix(set.Origin, name) && set.Key != "hub.data_folder" {
			return fmt.Errorf("%s already exists and sets %s; it is not overwritten", name, set.Key)
		}
	}

	p.packaged = name
	if strings.HasPrefix(s.Origin("hub.data_folder"), name) {
		p.dataSet = s.data
	}

	return nil
}

// defaultData returns the default data folder.
func (p *setup) defaultData() string {
	if p.dataSet != "" {
		return p.dataSet
	}
	return p.file("data")
}

func (p *setup) checkCertificate(name string) error {
	if name == wordTrial {
		return nil
	}
	return checkReadable(name)
}

// checkCards validates the CA files and the ways in which their certificates name a person.
func (p *setup) checkCards(text string) error {
	all, err := readBundles(text)
	if err != nil {
		return err
	}
	for _, b := range all {
		if b.Naming == "" {
			return fmt.Errorf("the setting does not say how the certificates of the CAs in %s name a person: "+
				"%s=uuid for NHS smartcards, "+
				"or =sha256 (docs/identity.md)", b.File, b.File)
		}
		text, err := config.ReadFile(b.File)
		if err != nil {
			return fmt.Errorf("%s cannot be read: %s", b.File, config.Reason(err))
		}
		if len(certificatesIn(text)) == 0 {
			return fmt.Errorf("there is no certificate in %s", b.File)
		}
	}
	return nil
}

// run sets up the hub. If a step fails, all files created so far are removed.
func (p *setup) run(ctx context.Context, out io.Writer) (err error) {
	for _, path := range []*string{&p.folder, &p.data, &p.key} {
		if *path != "" {
			if *path, err = filepath.Abs(*path); err != nil {
				return err
			}
		}
	}

	if p.owner, err = p.hubUser(); err != nil {
		return err
	}

	for _, name := range append(sqlite.Files(), signingKeyName) {
		if _, err := os.Lstat(filepath.Join(p.data, name)); err == nil {
			return fmt.Errorf("%s already has a database (%s), which is not overwritten", p.data, name)
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.undo())
		}
	}()

	for _, step := range []func() error{
		p.makeFolders, p.makeCertificate, p.copyCards, p.makeKeys, p.makeSettings, p.setOwner,
		func() error { return p.startOnce(ctx) },
		func() error { return p.addAuthority(ctx) },
	} {
		if err := step(); err != nil {
			return err
		}
	}

	return p.printNext(out)
}

// undo removes the created files in reverse order and restores the packages' settings file.
func (p *setup) undo() error {
	var failed error
	for i := len(p.made) - 1; i >= 0; i-- {
		failed = errors.Join(failed, os.RemoveAll(p.made[i]))
	}
	if p.packaged != "" {
		if _, err := os.Lstat(p.packaged); errors.Is(err, fs.ErrNotExist) {
			failed = errors.Join(failed, os.Rename(p.packaged+packagedSuffix, p.packaged))
		}
	}
	return failed
}

// packagedSuffix is appended to the name of the packages' settings file when it is replaced.
const packagedSuffix = ".package"

// write creates a file. It fails if the file exists.
func (p *setup) write(name, text string, mode os.FileMode) error {
	if err := writeNew(name, text, mode); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s already exists and is not overwritten", name)
		}
		return err
	}
	p.made = append(p.made, name)
	return nil
}

// mkdir creates a folder and its parents, and records those that it created.
func (p *setup) mkdir(name string) error {
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	if above := filepath.Dir(name); above != name {
		if err := p.mkdir(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(name, 0o700); err != nil {
		return err
	}
	p.made = append(p.made, name)
	return nil
}

func (p *setup) makeFolders() error {
	folders := []string{p.folder, p.data, p.checkpoints()}
	if p.writesToFolder() {
		folders = append(folders, p.notifications())
	}
	for _, name := range folders {
		if err := p.mkdir(name); err != nil {
			return err
		}
	}
	if p.packaged == "" {
		return nil
	}
	if _, err := os.Lstat(p.packaged + packagedSuffix); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s already exists and is not overwritten", p.packaged+packagedSuffix)
	}
	return os.Rename(p.packaged, p.packaged+packagedSuffix)
}

func (p *setup) checkpoints() string   { return filepath.Join(p.data, "checkpoints") }
func (p *setup) notifications() string { return filepath.Join(p.data, "notifications") }

// writesToFolder reports whether the authority's notifications are written to a folder.
func (p *setup) writesToFolder() bool { return strings.HasPrefix(p.authority.Endpoint, "file:") }

// makeCertificate creates a CA for a trial and a certificate signed by it. The CA's key is discarded, so that it signs
// nothing else.
func (p *setup) makeCertificate() error {
	if p.certificate != wordTrial {
		var err error
		p.certificate, err = filepath.Abs(p.certificate)
		return err
	}
	ca, certificate, key, err := newTrial(rand.Reader, p.name, time.Now())
	if err != nil {
		return err
	}
	p.certificate, p.key = p.file("hub.pem"), p.file("hub.key")
	return errors.Join(
		p.write(p.trialCA(), ca, 0o644), p.write(p.certificate, certificate, 0o644), p.write(p.key, key, 0o600),
	)
}

func (p *setup) trialCA() string { return p.file("hub-ca.pem") }

// copyCards copies the CA files of the cards into the folder, where the hub can read them.
func (p *setup) copyCards() error {
	all, err := readBundles(p.cards)
	if err != nil {
		return err
	}

	var entries []string
	for _, b := range all {
		name, err := filepath.Abs(b.File)
		if err != nil {
			return err
		}

		if filepath.Dir(name) != p.folder {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			name = p.file(filepath.Base(name))
			if err := p.write(name, string(text), 0o644); err != nil {
				return err
			}
		}

		entries = append(entries, filepath.Base(name)+"="+string(b.Naming))
	}

	p.cards = strings.Join(entries, string(filepath.ListSeparator))
	return nil
}

// makeKeys creates the keys for sign-ins and checkpoints, and the file of webhook secrets.
func (p *setup) makeKeys() error {
	signing := filepath.Join(p.data, signingKeyName)
	if _, err := newSigningKey(signing); err != nil {
		return err
	}

	p.made = append(p.made, signing)
	private, public, err := audit.NewCheckpointKey(rand.Reader, p.name)
	if err != nil {
		return err
	}
	if err := errors.Join(
		p.write(p.file("audit.key"), private+"\n", 0o600), p.write(p.file("audit.key.pub"), public+"\n", 0o644),
	); err != nil {
		return err
	}
	if p.authority.Code == "" {
		return nil
	}

	secret, err := notify.NewSecret(rand.Reader)
	if err != nil {
		return err
	}

	return p.write(p.file("webhook-secrets"), "version 2\n"+p.authority.Code+" "+secret+"\n", 0o600)
}

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

// command returns a command of this program with the new settings file, as the user that runs the hub. Settings in the
// environment are removed, because the hub won't have them later.
func (p *setup) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append(args, "--config", p.settings())...) //nolint:gosec // this program
	cmd.Dir = p.folder
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, program().Prefix) })
	if p.owner != nil {
		err = runAs(cmd, p.owner)
	}
	return cmd, err
}

// output runs a command and returns its output.
func (p *setup) output(ctx context.Context, args ...string) (string, error) {
	cmd, err := p.command(ctx, args...)
	if err != nil {
		return "", err
	}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// addAuthority adds the first authority and its credential.
func (p *setup) addAuthority(ctx context.Context) error {
	a := p.authority
	if a.Code == "" {
		return nil
	}
	if _, err := p.output(ctx, "authority", "add", a.Code, "--"+flagName, a.Name, "--"+flagOffice, a.OfficePhone,
		"--"+flagDuty, a.DutyPhone, "--"+flagEndpoint, a.Endpoint); err != nil {
		return err
	}
	var err error
	p.secret, err = p.output(ctx, "authority", "credential", a.Code, "--label", "init")
	return err
}

// startLog collects the log of the hub during startOnce.
type startLog struct {
	mu        sync.Mutex
	text      strings.Builder
	listening chan struct{}
	once      sync.Once
}

// Write implements io.Writer.
func (l *startLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(string(b), wordListens) {
		l.once.Do(func() { close(l.listening) })
	}
	return l.text.Write(b)
}

// wordListens is logged once the hub listens.
const wordListens = "The hub is listening."

// startOnce starts the hub with its settings and user, and stops it as soon as it listens. The hub creates the ledger.
func (p *setup) startOnce(ctx context.Context) error {
	for _, name := range sqlite.Files() {
		p.made = append(p.made, filepath.Join(p.data, name))
	}

	cmd, err := p.command(ctx, "serve", "--stop-notice", "0s", "--log-level", "info")
	if err != nil {
		return err
	}

	p.log.listening = make(chan struct{})
	cmd.Stderr = &p.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the hub does not start: %w", err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	select {
	case err = <-ended:
	case <-p.log.listening:
		killed := cmd.Process.Signal(syscall.SIGTERM) != nil
		if killed {
			_ = cmd.Process.Kill() // no such signal on this system; the ledger survives a kill
		}
		if err = <-ended; killed {
			err = nil
		}
	}

	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: the created files were removed")
	case err != nil:
		return fmt.Errorf("the hub does not start with these settings: %s", p.log.refusal())
	}

	return nil
}

// refusal returns the lines that are not log records, which give the reason why the hub did not start.
func (l *startLog) refusal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for line := range strings.Lines(l.text.String()) {
		if said, is := strings.CutPrefix(strings.TrimSpace(line), "wardlight-hub: "); is {
			all = append(all, said)
		}
	}
	return strings.Join(all, "; ")
}

// hubUser returns the user that runs the hub, or nil for the current user.
func (p *setup) hubUser() (*user.User, error) {
	if os.Getuid() != 0 {
		if p.user != "" {
			return nil, errors.New("--user: only root can create files for another user")
		}
		return nil, nil //nolint:nilnil // current user
	}

	if p.user == "" {
		if p.folder != filepath.Dir(settingsFile) {
			return nil, nil //nolint:nilnil // current user
		}
		found, err := user.Lookup(serviceUser)
		if err != nil {
			return nil, nil //nolint:nilnil,nilerr // the packages are not installed
		}
		return found, nil
	}

	found, err := user.Lookup(p.user)
	if err != nil {
		return nil, fmt.Errorf("--user: %w", err)
	}

	return found, nil
}

// setOwner changes the owner of the data folder's contents to the hub's user, and lets its group read the settings and
// keys.
func (p *setup) setOwner() error {
	if p.owner == nil {
		return nil
	}

	uid, gid, err := userIDs(p.owner)
	if err != nil {
		return err
	}

	for _, name := range p.made {
		if within, err := filepath.Rel(p.data, name); err == nil && filepath.IsLocal(within) {
			if err := os.Chown(name, uid, gid); err != nil {
				return err
			}
			continue
		}
		mode := os.FileMode(0o640)
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			mode = 0o750
		}
		if err := errors.Join(os.Chown(name, 0, gid), os.Chmod(name, mode)); err != nil {
			return err
		}
	}

	return nil
}

// userIDs returns the uid of a user and the gid of the user's group.
func userIDs(u *user.User) (uid, gid int, err error) {
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}

// printNext prints the created files and the next three commands.
func (p *setup) printNext(out io.Writer) error {
	command := "wardlight-hub %s"
	if p.settings() != settingsFile {
		command += " --config " + p.settings()
	}

	serving, importing := fmt.Sprintf(command, "serve"), fmt.Sprintf(command, "import people.ndjson")
	if owner := p.owner; owner != nil {
		command = "sudo -u " + owner.Username + " " + command
		// that user may not enter the folder of who types it
		importing = fmt.Sprintf(command, "import -") + " < people.ndjson"
		if p.settings() == settingsFile && owner.Username == serviceUser {
			serving = "sudo systemctl enable --now wardlight-hub"
		} else {
			serving = fmt.Sprintf(command, "serve")
		}
	}

	fmt.Fprintf(out, "The hub is set up and starts. Its settings are in %s.\n", p.settings())
	if p.secret != "" {
		fmt.Fprintf(out, "\nSecret for the system of %s, which is not shown again: %s\nThe secret for signing its "+
			"notifications is in %s.\n",
			p.authority.Code, p.secret, p.file("webhook-secrets"))
	}

	fmt.Fprintf(out, "\nOn each terminal, in /etc/wardlight/config.toml:\n\n  [hub]\n  url = %q\n", p.publicURL())
	if _, err := os.Stat(p.trialCA()); err == nil {
		fmt.Fprintf(out, "  ca_file = \"hub-ca.pem\"    # a copy of %s; its certificate is for a trial and valid "+
			"for %d days\n",
			p.trialCA(), trialDays)
	}

	_, err := fmt.Fprintf(out, "\nNext:\n\n  %s\n  %s\n  %s\n",
		importing, serving, fmt.Sprintf(command, "doctor"))
	return err
}

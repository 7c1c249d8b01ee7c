package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/config"
)

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

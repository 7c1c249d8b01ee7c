package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/client/hubtest"
	"wardlight/internal/secretstore"
)

// processProgram is the program with a virtual card instead of a reader, and a keyring of files. processEnv is the
// environment variable with the folder of both.
const processProgram, processEnv = "wardlight-with-a-card", "WARDLIGHT_PROCESS"

// keyringEnv is the environment variable that makes it use the operating system's keyring.
const keyringEnv = "WARDLIGHT_OS_KEYRING"

// mainWithVirtualCard runs as the main function of processProgram.
func mainWithVirtualCard() {
	folder := os.Getenv(processEnv)
	w := newEnvironment()
	w.program = "" // this binary cannot run vendors' modules
	w.sealedFolder, w.keyring = filepath.Join(folder, "sealed"), secretstore.NewKeyring(fileKeyring(folder),
		"a keyring of files")
	if os.Getenv(keyringEnv) != "" {
		w.keyring = secretstore.SystemKeyring(os.Environ())
	}
	reader := virtual.NewReader("Virtual Reader")
	card, err := cardIn(folder)
	if err != nil {
		panic(err)
	}
	reader.Insert(card)
	w.system, w.open = func() cardreader.System { return reader }, piv.Open
	os.Exit(run(context.Background(), os.Args[1:], w))
}

// cardIn returns a card with the key and certificate in the folder.
func cardIn(folder string) (*virtual.Card, error) {
	b, err := os.ReadFile(filepath.Join(folder, "card.pem"))
	if err != nil {
		return nil, err
	}
	key, rest := pem.Decode(b)
	certificate, _ := pem.Decode(rest)
	parsed, err := x509.ParsePKCS8PrivateKey(key.Bytes)
	if err != nil {
		return nil, err
	}
	return virtual.New(virtual.Config{
		Key: parsed.(crypto.Signer), Certificate: certificate.Bytes,
		Passcode: []byte(passcode),
	})
}

// fileKeyring is an unlocked keyring that stores each secret in a file.
type fileKeyring string

func (k fileKeyring) path(name string) string {
	return filepath.Join(string(k), "secret-"+hex.EncodeToString([]byte(name)))
}

func (k fileKeyring) Set(_, name, secret string) error {
	return os.WriteFile(k.path(name), []byte(secret), 0o600)
}

func (k fileKeyring) Delete(_, name string) error { return os.Remove(k.path(name)) }

func (k fileKeyring) Get(_, name string) (string, error) {
	b, err := os.ReadFile(k.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return "", keyring.ErrNotFound
	}
	return string(b), err
}

// processes runs processProgram with a stand-in hub.
type processes struct {
	t      *testing.T
	hub    *hubtest.Hub
	folder string
	env    []string // added to the environment
}

func newProcesses(t *testing.T) *processes {
	t.Helper()
	p := &processes{t: t, hub: hubtest.New(t, time.Now), folder: t.TempDir()}
	who := hubtest.EC(t, elliptic.P256(), time.Now().AddDate(0, 0, -1), time.Now().AddDate(0, 0, 1))
	key, err := x509.MarshalPKCS8PrivateKey(who.Key)
	if err != nil {
		t.Fatal(err)
	}
	p.write("card.pem", append(
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: who.Certificate.Raw})...))
	p.write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.hub.Certificate().Raw}))
	p.write("config.toml", nil)
	p.write("passcode", []byte(passcode+"\n"))
	return p
}

func (p *processes) write(name string, b []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.folder, name), b, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// command returns a command line that is not yet started, with the passcode on descriptor 3. It is killed after a
// minute.
func (p *processes) command(args ...string) *exec.Cmd {
	p.t.Helper()
	path, err := exec.LookPath(processProgram)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	p.t.Cleanup(cancel)
	args = append(args, "--config", filepath.Join(p.folder, "config.toml"), "--passcode-fd", "3")
	c := exec.CommandContext(ctx, path, args...)
	c.Env = append(append(os.Environ(), processEnv+"="+p.folder, "WARDLIGHT_HUB_URL="+p.hub.URL,
		"WARDLIGHT_HUB_CA_FILE="+filepath.Join(p.folder, "ca.pem"), "WARDLIGHT_HUB_TIMEOUT=20s"), p.env...)
	secret, err := os.Open(filepath.Join(p.folder, "passcode"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = secret.Close() })
	c.ExtraFiles = []*os.File{secret}
	return c
}

// run runs a command line, checks its exit code, and returns what it wrote.
func (p *processes) run(want int, args ...string) (out, errs string) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	c := p.command(args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	_ = c.Run()
	if c.ProcessState == nil || c.ProcessState.ExitCode() != want {
		p.t.Fatalf("%q: got %v, want exit code %d\n%s%s", args, c.ProcessState, want, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

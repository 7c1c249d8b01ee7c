// Package cardfolder makes a virtual card of the files in a folder: certificates, keys and raw PIV objects, as the
// public test cards of the GSA (ICAM) have them, or as support saves them from a user's card.
package cardfolder

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"wardlight/cardreader/virtual"
)

// Bounds on a folder. The largest object of PIV, a photograph, has 12,704 bytes.
const (
	maxFiles = 200
	maxFile  = 1 << 16 // bytes
)

// Contents are what a folder holds of a card.
type Contents struct {
	// Config is the card, without its passcode. Key is nil where the folder has no key: such a card is read and cannot sign.
	Config virtual.Config
	Unused []string // the names of files that are nothing of a card, in order
}

// Read reads a folder. What a file is, its name says; folders in it are not read.
//
//   - Certificates and keys have the reference of the key at the beginning of their name, as 9A.crt, 9a-key.pem and 9A.p12;
//     or, as those of the public test cards, PIV_Auth (9A), Dig_Sig (9C), Key_Mgmt (9D) or Card_Auth (9E) in it. They are PEM,
//     DER, or PKCS #12 with an empty password. A certificate in a file of its own comes before that of a PKCS #12 file: the two
//     of a test card may differ.
//   - A data object is called by its tag, as 5FC105 or 7E.bin, or as the public test cards call it: Discovery Object, CHUID
//     Object, CCC, Security Object, Fingerprints, Face Object. It may be without its outer tag 53. An empty one is not there.
//   - ATR has the answer to reset in hex. One that does not offer T=1 makes a card that speaks T=0.
//
// The error names the file that cannot be read, two files that contradict each other, or says that the folder holds nothing
// of a card.
func Read(folder string) (Contents, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return Contents{}, err
	}
	if len(entries) > maxFiles {
		return Contents{}, fmt.Errorf("%s has %d files; a card has no more than %d", folder, len(entries), maxFiles)
	}
	r := reader{keys: map[byte]*keyFiles{}, objects: map[string]source{}}
	var unused []string
	for _, entry := range entries {
		name := entry.Name()
		p := partOf(name)
		if entry.IsDir() || !p.is() {
			unused = append(unused, name)
			continue
		}
		data, err := readFile(filepath.Join(folder, name))
		if err == nil {
			err = r.add(p, name, data)
		}
		if err != nil {
			return Contents{}, fmt.Errorf("%s: %w", filepath.Join(folder, name), err)
		}
	}
	config := r.config()
	if config.Key == nil && config.Certificate == nil && config.Others == nil && config.Objects == nil {
		return Contents{}, fmt.Errorf("%s holds nothing of a card: no 9A.crt, 9A.p12, 5FC105, CHUID Object or the like", folder)
	}
	return Contents{Config: config, Unused: unused}, nil
}

// readFile reads a file that is not too large.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the file
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("more than %d bytes", maxFile)
	}
	return data, err
}

// source is a value and the file that it is from.
type source struct {
	file  string
	value []byte
}

// set fills s, and fails where it has another value from another file.
func (s *source) set(what, file string, value []byte) error {
	if s.file != "" && !bytes.Equal(s.value, value) {
		return fmt.Errorf("another %s than in %s", what, s.file)
	}
	*s = source{file, value}
	return nil
}

// keyFiles are what the folder has of one key.
type keyFiles struct {
	key                 crypto.Signer
	private             source // the key, encoded, to compare
	certificate, packed source // DER; packed is from PKCS #12
}

// reader collects what the files have.
type reader struct {
	keys    map[byte]*keyFiles
	objects map[string]source
	atr     []byte
}

func (r *reader) add(p part, file string, data []byte) error {
	switch {
	case p.atr:
		atr, err := hex.DecodeString(strings.Join(strings.Fields(strings.ReplaceAll(string(data), ":", " ")), ""))
		if err != nil || len(atr) < 2 || len(atr) > 33 {
			return errors.New("not an answer to reset: 2 to 33 bytes in hex")
		}
		r.atr = atr
		return nil
	case p.tag != "":
		object := r.objects[p.tag]
		err := object.set("object", file, whole(p.tag, data))
		r.objects[p.tag] = object
		return err
	}
	found, err := parseKeyFile(file, data)
	if err != nil {
		return err
	}
	k := r.keys[p.reference]
	if k == nil {
		k = &keyFiles{}
		r.keys[p.reference] = k
	}
	return k.add(file, found)
}

func (k *keyFiles) add(file string, found keyFile) error {
	if found.certificate != nil {
		at := &k.certificate
		if found.packed {
			at = &k.packed
		}
		if err := at.set("certificate", file, found.certificate); err != nil {
			return err
		}
	}
	if found.key == nil {
		return nil
	}
	k.key = found.key
	return k.private.set("key", file, found.encoded)
}

// container returns the key with the certificate that is on the card.
func (k *keyFiles) container() virtual.Container {
	certificate := k.certificate.value
	if certificate == nil {
		certificate = k.packed.value
	}
	return virtual.Container{Key: k.key, Certificate: certificate}
}

func (r *reader) config() virtual.Config {
	config := virtual.Config{ATR: r.atr}
	if r.atr != nil && !offersT1(r.atr) {
		config.Quirks |= virtual.OverT0
	}
	for reference, k := range r.keys {
		c := k.container()
		if reference == 0x9A {
			config.Key, config.Certificate = c.Key, c.Certificate
			continue
		}
		if config.Others == nil {
			config.Others = map[byte]virtual.Container{}
		}
		config.Others[reference] = c
	}
	for tag, object := range r.objects {
		if config.Objects == nil {
			config.Objects = map[string][]byte{}
		}
		config.Objects[tag] = object.value
	}
	if prefersGlobal(config.Objects[tagDiscovery]) {
		config.Quirks |= virtual.GlobalPrimary
	}
	return config
}

// Package cardfolder creates a virtual card from the files in a folder: certificates, keys and raw PIV objects. They
// may be files of the public test cards of the GSA (ICAM), or files that support saved from a user's card.
// cmd/wardlight-lab imports it.
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

// Limits for a folder. The largest PIV object, a photograph, has 12,704 bytes.
const (
	maxFiles = 200
	maxFile  = 1 << 16 // bytes
)

// Contents is what Read found in a folder.
type Contents struct {
	// Config is the card without its passcode. Key is nil if the folder has no key; such a card can be read but not
	// sign.
	Config virtual.Config
	Unused []string // names of the files that aren't part of a card, in order
}

// Read reads a folder. The name of a file determines what it is. Subfolders are not read.
//
//   - Certificates and keys have the reference of the key at the beginning of their name, as 9A.crt, 9a-key.pem and
//     9A.p12. Or they have, as those of the public test cards, PIV_Auth (9A), Dig_Sig (9C), Key_Mgmt (9D) or Card_Auth
//     (9E) in it. They are PEM, DER, or PKCS #12 with an empty password. A certificate in a separate file takes
//     precedence over one in a PKCS #12 file, because the two of a test card may differ.
//   - A data object is named by its tag, as 5FC105 or 7E.bin, or as in the public test cards: Discovery Object, CHUID
//     Object, CCC, Security Object, Fingerprints, Face Object. Its outer tag 53 is optional. An empty one is absent on
//     the card.
//   - ATR contains the answer to reset in hex. One that does not offer T=1 makes a card that uses T=0.
//
// The error names a file that cannot be read, or two files that contradict each other, or says that the folder
// contains no part of a card.
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
		return Contents{}, fmt.Errorf("%s has no files of a card, such as 9A.crt, 9A.p12, 5FC105 or CHUID Object",
			folder)
	}

	return Contents{Config: config, Unused: unused}, nil
}

// readFile reads a file of at most maxFile bytes.
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

// source is a value and the file from which it was read.
type source struct {
	file  string
	value []byte
}

// set sets the value, and returns an error if another file has a different one.
func (s *source) set(what, file string, value []byte) error {
	if s.file != "" && !bytes.Equal(s.value, value) {
		return fmt.Errorf("another %s than in %s", what, s.file)
	}
	*s = source{file, value}
	return nil
}

// keyFiles are the values of one key in the folder.
type keyFiles struct {
	key                 crypto.Signer
	private             source // encoded key, for comparison
	certificate, packed source // DER; packed is from a PKCS #12 file
}

// reader collects the content of the files.
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
		err := object.set("object", file, withOuterTag(p.tag, data))
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

// container returns the key with the certificate for the card.
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

package cardfolder

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// keyFile is the content of a key or certificate file.
type keyFile struct {
	certificate []byte        // DER; nil if there is none
	key         crypto.Signer // nil if there is none
	encoded     []byte        // the key in PKCS #8
	packed      bool          // from a PKCS #12 file
}

// parseKeyFile parses a file with a certificate, a key or both.
func parseKeyFile(name string, data []byte) (keyFile, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".p12", ".pfx":
		return parsePKCS12(data)
	}
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return parsePEM(data)
	}
	if _, err := x509.ParseCertificate(data); err == nil {
		return keyFile{certificate: data}, nil
	}
	key, err := parseKey(data)
	if err != nil {
		return keyFile{}, errors.New("neither a certificate nor a private key, in PEM, DER or PKCS #12")
	}
	return withKey(keyFile{}, key)
}

func parsePKCS12(data []byte) (keyFile, error) {
	key, certificate, _, err := pkcs12.DecodeChain(data, "")
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return keyFile{}, errors.New("its password is not the empty one")
	case err != nil:
		return keyFile{}, fmt.Errorf("PKCS #12: %w", err)
	}
	return withKey(keyFile{certificate: certificate.Raw, packed: true}, key)
}

// parsePEM returns the first certificate and the first key. Further certificates are those of CAs.
func parsePEM(data []byte) (found keyFile, err error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}

		switch {
		case block.Type == "CERTIFICATE" && found.certificate == nil:
			found.certificate = block.Bytes
		case strings.HasSuffix(block.Type, "PRIVATE KEY") && found.key == nil:
			key, err := parseKey(block.Bytes)
			if err != nil {
				return keyFile{}, fmt.Errorf("the %s cannot be read; keys with a password are not supported",
					strings.ToLower(block.Type))
			}
			if found, err = withKey(found, key); err != nil {
				return keyFile{}, err
			}
		}
	}

	if found.certificate == nil && found.key == nil {
		return keyFile{}, errors.New("no certificate and no private key in its PEM")
	}

	return found, nil
}

// parseKey parses a private key in PKCS #8, PKCS #1 or SEC 1.
func parseKey(der []byte) (any, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	return x509.ParseECPrivateKey(der)
}

// withKey returns found with the key added. The error is for a key that cannot sign.
func withKey(found keyFile, key any) (keyFile, error) {
	signer, signs := key.(crypto.Signer)
	if !signs {
		return keyFile{}, fmt.Errorf("a key of type %T cannot sign", key)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	found.key, found.encoded = signer, encoded
	return found, err
}

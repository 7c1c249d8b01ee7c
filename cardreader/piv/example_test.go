package piv_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log"
	"math/big"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
)

// A card is read without its passcode, and signs with it. A wrong passcode costs one of the card's tries.
func ExampleOpen() {
	ctx := context.Background()
	reader := exampleReader() // pcsc.New() has the readers of this computer

	card, err := piv.Open(ctx, reader, reader.Name())
	if err != nil {
		log.Fatal(err)
	}

	info := card.Info()
	fmt.Printf("%s card of %s, %d tries\n", info.Driver, info.Certificate.Subject.CommonName, info.Tries)

	digest := sha256.Sum256([]byte("what is to be signed"))
	for _, typed := range []string{"000000", "246813"} {
		var passcode cardreader.Passcode // Sign wipes it
		for _, digit := range []byte(typed) {
			passcode.Append(digit)
		}

		signature, err := card.Sign(ctx, &passcode, digest[:], crypto.SHA256)
		var failed *cardreader.Error
		switch {
		case errors.As(err, &failed) && failed.Kind == cardreader.WrongPasscode:
			fmt.Println("wrong passcode, tries left:", failed.Tries)
		case err != nil:
			log.Fatal(err)
		default:
			key := info.Certificate.PublicKey.(*ecdsa.PublicKey)
			fmt.Println("signed:", ecdsa.VerifyASN1(key, digest[:], signature))
		}
	}
	// Output:
	// PIV card of 999000000111, 3 tries
	// wrong passcode, tries left: 2
	// signed: true
}

// exampleReader returns a reader with a virtual card in it.
func exampleReader() *virtual.Reader {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}

	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "999000000111"},
		NotBefore: time.Date(2025, 11, 22, 0, 0, 0, 0, time.UTC),
		NotAfter:  time.Date(2027, 11, 22, 0, 0, 0, 0, time.UTC),
	}

	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}

	card, err := virtual.New(virtual.Config{Key: key, Certificate: der, Passcode: []byte("246813")})
	if err != nil {
		log.Fatal(err)
	}

	reader := virtual.NewReader("Virtual reader")
	reader.Insert(card)
	return reader
}

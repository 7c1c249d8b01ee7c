//go:build cgo && linux

// Command rival is another program that uses the same smartcard reader, for tests.
//
//	rival shared|exclusive|transaction   opens the card in the first reader in this mode and prints "holding"
//	rival passcode                       prints the status word for the PIV passcode: "9000" if it is verified
//
// In the first form the card stays open until standard input is closed.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/ebfe/scard"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "rival:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("what to do: shared, exclusive, transaction or passcode")
	}
	mode := scard.ShareShared
	if args[0] == "exclusive" {
		mode = scard.ShareExclusive
	}
	context, err := scard.EstablishContext()
	if err != nil {
		return err
	}
	defer func() { _ = context.Release() }()
	readers, err := context.ListReaders()
	if err != nil {
		return err
	}
	card, err := context.Connect(readers[0], mode, scard.ProtocolAny)
	if err != nil {
		return err
	}
	defer func() { _ = card.Disconnect(scard.LeaveCard) }()
	switch args[0] {
	case "passcode":
		return passcode(card)
	case "transaction":
		if err := card.BeginTransaction(); err != nil {
			return err
		}
		defer func() { _ = card.EndTransaction(scard.LeaveCard) }()
	}
	fmt.Println("holding")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// passcode selects the PIV application, which doesn't change the verified state, and returns the status of the
// passcode.
func passcode(card *scard.Card) error {
	if err := card.BeginTransaction(); err != nil {
		return err
	}
	defer func() { _ = card.EndTransaction(scard.LeaveCard) }()
	selectPIV := []byte{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00}
	if _, err := card.Transmit(selectPIV); err != nil {
		return err
	}
	status, err := card.Transmit([]byte{0x00, 0x20, 0x00, 0x80})
	if err != nil {
		return err
	}
	fmt.Printf("%X\n", status)
	return nil
}

//go:build cgo && linux

// Command rival is another program that uses the same smartcard reader, for tests.
//
//	rival shared|exclusive|transaction   opens the card in the first reader in this mode and prints "holding"
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
		return fmt.Errorf("what to do: shared, exclusive or transaction")
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
	if args[0] == "transaction" {
		if err := card.BeginTransaction(); err != nil {
			return err
		}
		defer func() { _ = card.EndTransaction(scard.LeaveCard) }()
	}

	fmt.Println("holding")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

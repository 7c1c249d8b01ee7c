package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"wardlight/hub/cards"
	"wardlight/hub/holder"
)

// Keys of the settings about which smartcards may sign in.
const (
	cardCAsKey   = "cards.ca_files"
	cardListsKey = "cards.crl_files"
)

// readBundles parses a list of CA files, each followed by "=" and the way in which its certificates name a person. The
// way may be missing, because most commands don't need it.
func readBundles(text string) ([]cards.Bundle, error) {
	var all []cards.Bundle
	for _, entry := range filepath.SplitList(text) {
		b := cards.Bundle{File: entry}
		if at := strings.LastIndexByte(entry, '='); at >= 0 {
			var err error
			if b.Naming, err = holder.ParseNaming(entry[at+1:]); err != nil {
				return nil, err
			}
			b.File = entry[:at]
		}
		all = append(all, b)
	}
	return all, nil
}

// checkCards rejects CA files without the way in which their certificates name a person.
func (s *settings) checkCards() error {
	if len(s.cardCAs) == 0 {
		return s.Reject(cardCAsKey, "the CAs whose smartcards may sign in are not set",
			"set ca_files in the table [cards], or --ca")
	}
	for _, b := range s.cardCAs {
		if b.Naming == "" {
			return s.Reject(cardCAsKey, "the setting does not say how the certificates of the CAs in "+b.File+
				" name a person",
				"write "+filepath.Base(b.File)+
					"=uuid if their common name is the person's UUID, as on NHS smartcards; "+
					filepath.Base(b.File)+"=sha256 if each certificate is enrolled; docs/identity.md lists the "+
					"other ways")
		}
	}
	return nil
}

// readCards reads the CA files and returns the keeper that decides which smartcards may sign in.
func readCards(ctx context.Context, s *settings, ledger cards.Store, log *slog.Logger) (*cards.Keeper, error) {
	k, err := cards.Open(ctx, cards.Config{
		CAs: s.cardCAs, Lists: s.cardLists, Store: ledger, Clock: time.Now,
		After: time.After, Log: log,
	})
	return k, s.cardSettingError(err)
}

// cardSettingError returns an error of package cards as a *config.Error of the setting that it concerns.
func (s *settings) cardSettingError(err error) error {
	var file *cards.FileError
	switch {
	case errors.As(err, &file) && file.List:
		return s.Reject(cardListsKey, file.Error(), "give the path where the file is or will be: the hub reloads "+
			"it when it changes")
	case errors.As(err, &file):
		return s.Reject(cardCAsKey, file.Error(), "use a PEM file of CA certificates, with each CA in only one "+
			"file or in files with the same suffix (=uuid, =sha256 …)")
	}
	return err
}

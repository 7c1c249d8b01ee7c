// Package receiptfile saves receipts of the hub's audit in files, and has the errors of that. The screens and the
// commands share it.
package receiptfile

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"wardlight/client"
)

// Folder returns the folder in which the screens save receipts: wardlight-receipts in the user's home folder. It
// returns "" if the user has no home folder.
func Folder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "wardlight-receipts")
}

// SaveIn writes a receipt to a new file in a folder, which it creates if necessary. It returns the file, which has the
// name of the request id, or "" with an error. Only the user can read it, because the receipt names the patient. Errors
// are *[Error].
func SaveIn(folder string, r client.Receipt) (file string, err error) {
	id, err := uuid.Parse(r.RequestID)
	if err != nil {
		return "", &Error{Kind: NotSaved, RequestID: r.RequestID, Err: errors.New("the request id is no UUID")}
	}
	if folder == "" {
		return "", &Error{Kind: NotSaved, RequestID: r.RequestID, Err: errors.New("you have no home folder")}
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", &Error{Kind: NotSaved, RequestID: r.RequestID, Err: err}
	}
	file = filepath.Join(folder, id.String()+".json")
	if err := Save(file, r); err != nil {
		return "", err // the screens offer to save again where there is no file
	}
	return file, nil
}

// Save writes a receipt to a new file that only the user can read. It does not overwrite files. If writing fails, it
// removes the file. Errors are *[Error].
func Save(name string, r client.Receipt) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, os.ErrExist):
		return &Error{Kind: Exists, RequestID: r.RequestID, File: name, Err: err}
	case err != nil:
		return &Error{Kind: NotSaved, RequestID: r.RequestID, Err: err}
	}

	_, err = file.Write(r.JSON)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return &Error{Kind: NotSaved, RequestID: r.RequestID, Err: errors.Join(err, os.Remove(name))}
	}
	return nil
}

package sealed

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"filippo.io/age"

	"wardlight/internal/secretstore"
)

// keySlot is the name of the keyring entry with the key of all files, in age's format ("AGE-SECRET-KEY-1...").
const keySlot = "sealed-files-key"

// storedKey returns the key in the keyring. Errors are *[Error] of kind NoKeyring or NoKey.
func storedKey(ctx context.Context, keys Keys) (*age.X25519Identity, error) {
	written, err := keys.Get(ctx, keySlot)
	if err != nil {
		if kind := secretstore.KindOf(err); kind == secretstore.NotFound || kind == secretstore.Damaged {
			return nil, &Error{Kind: NoKey, Err: err}
		}
		return nil, noKeyring(err)
	}
	defer clear(written)
	key, err := age.ParseX25519Identity(string(written))
	if err != nil {
		// age's own error contains the key
		return nil, &Error{Kind: NoKey, Err: errors.New("what the keyring holds is no age key")}
	}
	return key, nil
}

// noKeyring returns the error of a keyring that can't be used, with the keyring's own sentence if there is one.
func noKeyring(err error) *Error {
	e := &Error{Kind: NoKeyring, Err: err}
	var secrets *secretstore.Error
	if errors.As(err, &secrets) && secrets.Kind != secretstore.Absent {
		e.Detail = secrets.Sentence() + " Nothing is kept on its disk."
	}
	return e
}

// loadOrCreateKey returns the key in the keyring, and creates it if there is none. The folder's lock prevents two
// processes from creating different keys.
func loadOrCreateKey(ctx context.Context, keys Keys, folder string) (*age.X25519Identity, error) {
	key, err := storedKey(ctx, keys)
	if secretstore.KindOf(err) != secretstore.NotFound {
		return key, err
	}
	err = withLock(folder, func() error {
		if key, err = storedKey(ctx, keys); secretstore.KindOf(err) != secretstore.NotFound {
			return err
		}
		if key, err = age.GenerateX25519Identity(); err != nil {
			return &Error{Kind: NoKey, Err: err}
		}
		if err := keys.Set(ctx, keySlot, []byte(key.String())); err != nil {
			return noKeyring(err)
		}
		return nil
	})
	return key, err
}

// fileHeader returns the first line of the plaintext. It contains the name of the file, so that one file can't be used
// in place of another.
func fileHeader(name string) []byte { return fmt.Appendf(nil, "wardlight sealed 1 %s\n", name) }

func seal(key *age.X25519Identity, name string, secret []byte) ([]byte, error) {
	if len(secret) > MaxSize {
		return nil, &Error{Kind: TooBig}
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, key.Recipient())
	if err == nil {
		_, err = w.Write(fileHeader(name))
	}
	if err == nil {
		_, err = w.Write(secret)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, &Error{Kind: Disk, Err: err}
	}
	return out.Bytes(), nil
}

func unseal(key *age.X25519Identity, name string, sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), key)
	if err != nil {
		if other := new(age.NoIdentityMatchError); errors.As(err, &other) {
			return nil, &Error{Kind: OtherKey, Err: err}
		}
		return nil, &Error{Kind: Damaged, Err: err}
	}

	// The plaintext is shorter than the file, so this buffer need not grow. Growing would leave a copy of the
	// plaintext in memory.
	clearText := bytes.NewBuffer(make([]byte, 0, len(sealed)+bytes.MinRead))
	if _, err := clearText.ReadFrom(r); err != nil {
		clear(clearText.Bytes())
		return nil, &Error{Kind: Damaged, Err: err}
	}

	secret, found := bytes.CutPrefix(clearText.Bytes(), fileHeader(name))
	if !found {
		clear(clearText.Bytes())
		return nil, &Error{Kind: Damaged, Err: errors.New("this is another file's content")}
	}

	return secret, nil
}

package doctor

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"wardlight/internal/text"
)

// File is one file of a support bundle.
type File struct {
	Name    string
	Content []byte
}

// Create creates the file of a bundle with mode 0600. It never overwrites a file: the error then is fs.ErrExist.
func Create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// WriteBundle writes the files as a ZIP archive.
func WriteBundle(w io.Writer, at time.Time, files []File) error {
	z := zip.NewWriter(w)
	for _, f := range files {
		to, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at})
		if err != nil {
			return fmt.Errorf("bundle: %s: %w", f.Name, err)
		}
		if _, err := to.Write(f.Content); err != nil {
			return fmt.Errorf("bundle: %s: %w", f.Name, err)
		}
	}
	return z.Close()
}

// Environment lists the names of all environment variables, one a line, and the values of those in shown. Other values
// may be secrets. In a URL, user name and password are hidden.
func Environment(environ, shown []string) []byte {
	var b strings.Builder
	sorted := slices.Clone(environ)
	slices.Sort(sorted)
	for _, entry := range sorted {
		name, value, _ := strings.Cut(entry, "=")
		if name == "" {
			continue // Windows stores the current folder of each drive under a name that begins with =
		}
		b.WriteString(text.Clean(name, 128))
		if slices.Contains(shown, name) {
			b.WriteString("=" + text.WithoutCredentials(text.Clean(value, 1024)))
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// ReadMe is the text file that describes the content of a bundle.
const ReadMe = `A support bundle of Wardlight.

doctor.json       what 'wardlight doctor' found: checks, codes, reader, card, certificate, hub
settings.json     the settings and where each comes from
system.json       versions of Wardlight, the operating system and the smartcard software
environment.txt   the names of the environment variables; values only of Wardlight's own settings
card.apdu.txt     what was said to the card and what it answered. What the passcode is in is replaced by its length

Not in it: passcodes, tokens, keys, patients. The certificate of the card is in it, and with it the
holder's UUID: treat the bundle as you treat the name of a member of staff.
`

package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"wardlight/internal/text"
)

// errLongLine means that a line is longer than maxLineBytes.
var errLongLine = fmt.Errorf("the line is longer than %d KiB", maxLineBytes>>10)

// lines reads lines of any length and buffers at most maxLineBytes bytes of a line.
type lines struct {
	r          *bufio.Reader
	unfinished bool // the last line has no line end
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next line without its line end, and its size in the file. At the end it returns io.EOF and no line.
// It returns errLongLine in place of a long line, and can then be called again.
func (l *lines) next() (line []byte, size int64, err error) {
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		size += int64(len(part))
		if len(line)+len(part) > maxLineBytes {
			long, line = true, nil
		}

		if !long {
			line = append(line, part...)
		}

		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && size > 0:
			l.unfinished = true
		case err != nil:
			return nil, 0, err
		}

		break
	}

	if long {
		return nil, size, errLongLine
	}

	return bytes.TrimSpace(text.WithoutByteOrderMark(line)), size, nil // concatenated files may contain several marks
}

// kindOf returns the kind of a line.
func kindOf(line []byte, kinds map[string]Kind) (Kind, error) {
	var r struct {
		ResourceType string `json:"resourceType"`
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return Kind{}, unreadable(err)
	}
	kind, ok := kinds[r.ResourceType]
	if !ok {
		return Kind{}, errors.New("its resourceType is not one of " + strings.Join(slices.Sorted(maps.Keys(kinds)),
			", "))
	}
	return kind, nil
}

// read decodes a line.
func read(line []byte, into any) error {
	if err := json.Unmarshal(line, into); err != nil {
		return unreadable(err)
	}
	return nil
}

// unreadable returns why a line can't be decoded. It doesn't wrap the decoder's errors, because they quote values.
func unreadable(err error) error {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("this is not JSON: error at byte %d", syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%s has the wrong type for FHIR", kind.Field)
	default:
		return errors.New("this is not a FHIR resource")
	}
}

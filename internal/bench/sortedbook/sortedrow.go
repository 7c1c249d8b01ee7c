package sortedbook

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// The encoding of a row in temporary files. Encoded rows sort bytewise as SQLite sorts their values, column by column:
// null before integer before text before blob. An integer is encoded as its length and as many bytes as it needs.
// Texts and blobs end with two zero bytes; a zero byte within them is followed by 0xff.
const (
	rowNull = 0x00
	rowInt  = 0x01 // up to 0x09, with the length
	rowText = 0x10
	rowBlob = 0x11
)

// appendRow appends the encoded row. It returns an error for a type of value that no column has.
func appendRow(row []byte, values []any) ([]byte, error) {
	for _, v := range values {
		if valuer, ok := v.(driver.Valuer); ok {
			var err error
			if v, err = valuer.Value(); err != nil {
				return row, err
			}
		}

		switch v := v.(type) {
		case nil:
			row = append(row, rowNull)
		case int:
			row = appendInt(row, uint64(v)) //nolint:gosec // a negative number is restored correctly, but sorts last
		case int64:
			row = appendInt(row, uint64(v)) //nolint:gosec // a negative number is restored correctly, but sorts last
		case bool:
			n := uint64(0)
			if v {
				n = 1
			}
			row = appendInt(row, n)
		case string:
			row = appendZeroed(append(row, rowText), v)
		case []byte:
			if v == nil {
				row = append(row, rowNull)
				continue
			}
			row = appendZeroed(append(row, rowBlob), v)
		default:
			return row, fmt.Errorf("a column cannot hold %T", v)
		}
	}

	return row, nil
}

func appendInt(row []byte, n uint64) []byte {
	size := (bits.Len64(n) + 7) / 8
	var all [8]byte
	binary.BigEndian.PutUint64(all[:], n)
	return append(append(row, rowInt+byte(size)), all[8-size:]...)
}

func appendZeroed[T string | []byte](row []byte, text T) []byte {
	from := len(row)
	row = append(row, text...)
	if bytes.IndexByte(row[from:], 0) >= 0 {
		row = append(row[:from], bytes.ReplaceAll(row[from:], []byte{0}, []byte{0, 0xff})...)
	}
	return append(row, 0, 0)
}

var errRow = errors.New("a row that was put aside does not read")

// appendValues appends the values of an encoded row.
func appendValues(values []any, row []byte) ([]any, error) {
	for len(row) > 0 {
		kind := row[0]
		row = row[1:]
		switch {
		case kind == rowNull:
			values = append(values, nil)
		case kind <= rowInt+8:
			size := int(kind - rowInt)
			if len(row) < size {
				return nil, errRow
			}
			var all [8]byte
			copy(all[8-size:], row[:size])
			values = append(values, int64(binary.BigEndian.Uint64(all[:]))) //nolint:gosec // as encoded by appendInt
			row = row[size:]
		case kind == rowText || kind == rowBlob:
			text, rest, err := cutZeroed(row)
			if err != nil {
				return nil, err
			}
			if row = rest; kind == rowText {
				values = append(values, string(text))
			} else {
				values = append(values, text)
			}
		default:
			return nil, errRow
		}
	}

	return values, nil
}

// cutZeroed returns a copy of the text before two zero bytes, and the rest of the row.
func cutZeroed(row []byte) (text, rest []byte, err error) {
	text = []byte{} // not nil, which would be SQLite's null
	for {
		end := bytes.IndexByte(row, 0)
		if end < 0 || end+1 == len(row) {
			return nil, nil, errRow
		}
		text = append(text, row[:end]...)
		last := row[end+1] == 0
		row = row[end+2:]
		if last {
			return text, row, nil
		}
		text = append(text, 0)
	}
}

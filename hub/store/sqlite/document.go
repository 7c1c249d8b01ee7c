package sqlite

import (
	"bytes"
	_ "embed"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// What nearly every document of the book holds: one of each kind, of people who are not. Documents are kept as
// differences from it, an eighth as long, so that memory holds the book of many more people. The text never changes:
// a better one is a second one, with a number of its own, and the first stays for what was written with it.
//
//go:embed documents.txt
var usualDocuments []byte

// usualNumber is how a frame names the text it was written with (RFC 8878 §3.1.1.1.3); private numbers begin at 32768.
const usualNumber = 40_001

// longestDocument bounds what a damaged book can ask for.
const longestDocument = 16 << 20

// documents turns FHIR documents into what the book holds of them, and back. It may be used by several at a time.
type documents struct {
	packer *zstd.Encoder
	opener *zstd.Decoder
}

func newDocuments() (documents, error) {
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderDictRaw(usualNumber, usualDocuments), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(64<<10), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true))
	if err != nil {
		return documents{}, fmt.Errorf("documents: %w", err)
	}
	opener, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(usualNumber, usualDocuments), zstd.WithDecoderConcurrency(readers),
		zstd.WithDecoderMaxMemory(longestDocument), zstd.WithDecoderLowmem(true))
	if err != nil {
		return documents{}, fmt.Errorf("documents: %w", err)
	}
	return documents{packer, opener}, nil
}

// pack returns what the book holds of a document: a Zstandard frame (RFC 8878) with a checksum.
func (d documents) pack(document []byte) []byte { return d.packer.EncodeAll(document, nil) }

// frameBegins is how a frame does, and no JSON (RFC 8878 §3.1.1).
var frameBegins = []byte{0x28, 0xb5, 0x2f, 0xfd}

// open returns the document back. Rows that hubs wrote before there were frames hold it as it is.
func (d documents) open(held []byte) ([]byte, error) {
	if !bytes.HasPrefix(held, frameBegins) {
		return held, nil
	}
	document, err := d.opener.DecodeAll(held, nil)
	if err != nil {
		return nil, fmt.Errorf("damaged: a document does not read: %w", err)
	}
	return document, nil
}

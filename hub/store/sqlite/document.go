package sqlite

import (
	"bytes"
	_ "embed"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// dictionary is a compression dictionary: one document of each kind, of fictitious patients. Stored documents are
// about an eighth as long with it, so many more of them fit into memory. The text must never change: a better one
// needs another number, and documents written with this one must remain readable.
//
//go:embed documents.txt
var dictionary []byte

// dictionaryID is the dictionary ID in a frame (RFC 8878 §3.1.1.1.3). Private numbers begin at 32768.
const dictionaryID = 40_001

// maxDocumentBytes is the maximum memory in bytes that decoding a damaged document may use.
const maxDocumentBytes = 16 << 20

// documents compresses and decompresses FHIR documents. It is safe for concurrent use.
type documents struct {
	packer *zstd.Encoder
	opener *zstd.Decoder
}

func newDocuments() (documents, error) {
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderDictRaw(dictionaryID, dictionary),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(64<<10), zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true))
	if err != nil {
		return documents{}, fmt.Errorf("documents: %w", err)
	}
	opener, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(dictionaryID, dictionary),
		zstd.WithDecoderConcurrency(readers),
		zstd.WithDecoderMaxMemory(maxDocumentBytes), zstd.WithDecoderLowmem(true))
	if err != nil {
		return documents{}, fmt.Errorf("documents: %w", err)
	}
	return documents{packer, opener}, nil
}

// pack returns the stored form of a document: a Zstandard frame (RFC 8878) with a checksum.
func (d documents) pack(document []byte) []byte { return d.packer.EncodeAll(document, nil) }

// frameBegins is the magic number of a frame, with which no JSON begins (RFC 8878 §3.1.1).
var frameBegins = []byte{0x28, 0xb5, 0x2f, 0xfd}

// open returns the document of a stored form. Rows of older hubs contain the uncompressed document.
func (d documents) open(stored []byte) ([]byte, error) {
	if !bytes.HasPrefix(stored, frameBegins) {
		return stored, nil
	}
	document, err := d.opener.DecodeAll(stored, nil)
	if err != nil {
		return nil, fmt.Errorf("damaged: a document cannot be parsed: %w", err)
	}
	return document, nil
}

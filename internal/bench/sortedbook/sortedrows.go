package sortedbook

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Memory limits of sorting. Rows are written to disk when they reach asideBytes; meanwhile the same amount is
// collected again. When merging, every run is read through its own buffer.
const (
	asideBytes   = 24 << 20
	mergeBytes   = 16 << 20 // for all buffers; each has a size from minBuffer to maxBuffer
	minBuffer    = 32 << 10
	maxBuffer    = 1 << 20
	writerBuffer = 256 << 10
)

// sorting sorts the rows of several tables. When enough rows have been collected, it sorts them and appends a run to
// the file of each table. The runs of a table are merged at the end.
type sorting struct {
	folder  string
	maxRows int            // size in bytes at which collected rows are written
	at      map[string]int // index in tables, by INSERT statement
	tables  []*sortedTable // in order of first use; at most 256
	now     rowHeap        // rows being collected
	before  rowHeap        // rows being sorted and written
	away    chan error     // receives the result of writing; nil if nothing is being written
}

// sortedTable is the sorted rows of one table.
type sortedTable struct {
	insert string
	file   *os.File
	size   int64
	runs   []fileRun
}

type fileRun struct{ from, to int64 }

// rowHeap is a buffer of encoded rows, each preceded by the index of its table as a byte, and the positions of the
// rows.
type rowHeap struct {
	bytes []byte
	refs  []rowRef
}

type rowRef struct{ from, to uint32 }

func newSorting(folder string, limit int) *sorting {
	return &sorting{
		folder: folder, maxRows: limit, at: make(map[string]int),
		now: rowHeap{bytes: make([]byte, 0, limit+limit/8)}, before: rowHeap{bytes: make([]byte, 0, limit+limit/8)},
	}
}

// add adds the row that the statement would insert.
func (s *sorting) add(insert string, values []any) error {
	at, ok := s.at[insert]
	if !ok {
		at = len(s.tables)
		file, err := os.OpenFile(filepath.Join(s.folder, strconv.Itoa(at)), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		s.at[insert], s.tables = at, append(s.tables, &sortedTable{insert: insert, file: file})
	}

	h := &s.now
	from := len(h.bytes)
	var err error
	if h.bytes, err = appendRow(append(h.bytes, byte(at)),
		values); err != nil { //nolint:gosec // a store has fewer tables than 256
		return err
	}

	h.refs = append(h.refs, rowRef{uint32(from), uint32(len(h.bytes))}) //nolint:gosec // not much above asideBytes
	if len(h.bytes) < s.maxRows {
		return nil
	}

	return s.writeAway()
}

// writeAway starts to write the collected rows in a goroutine, after waiting for the previous one.
func (s *sorting) writeAway() error {
	if err := s.written(); err != nil {
		return err
	}
	s.now, s.before = s.before, s.now
	tables, away := slices.Clone(s.tables), make(chan error, 1)
	s.away = away
	go func() { away <- s.before.write(tables) }()
	return nil
}

// written waits until writing has completed.
func (s *sorting) written() error {
	if s.away == nil {
		return nil
	}
	err := <-s.away
	s.away = nil
	return err
}

// done writes the remaining rows and frees the memory.
func (s *sorting) done() error {
	err := errors.Join(s.writeAway(), s.written())
	s.now, s.before = rowHeap{}, rowHeap{}
	return err
}

// close waits until writing has completed, and closes the remaining files.
func (s *sorting) close() {
	_ = s.written()
	for _, t := range s.tables {
		_ = t.file.Close()
	}
}

// write sorts the rows, appends them as a run to the file of each table, and empties the buffer.
func (h *rowHeap) write(tables []*sortedTable) error {
	slices.SortFunc(h.refs, func(a, b rowRef) int { return bytes.Compare(h.bytes[a.from:a.to], h.bytes[b.from:b.to]) })
	rest := h.refs
	for at, t := range tables {
		n := slices.IndexFunc(rest, func(r rowRef) bool { return int(h.bytes[r.from]) != at })
		if n < 0 {
			n = len(rest)
		}
		if err := t.writeRun(h.bytes, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	h.bytes, h.refs = h.bytes[:0], h.refs[:0]
	return nil
}

func (t *sortedTable) writeRun(rows []byte, refs []rowRef) error {
	if len(refs) == 0 {
		return nil
	}
	w := bufio.NewWriterSize(t.file, writerBuffer)
	from := t.size
	var size [binary.MaxVarintLen32]byte
	for _, r := range refs {
		row := rows[r.from+1 : r.to]
		n := binary.PutUvarint(size[:], uint64(len(row)))
		_, _ = w.Write(size[:n]) // errors are reported by Flush below
		_, _ = w.Write(row)
		t.size += int64(n) + int64(len(row))
	}
	t.runs = append(t.runs, fileRun{from, t.size})
	return w.Flush()
}

// remove deletes the table's file.
func (t *sortedTable) remove() error { return errors.Join(t.file.Close(), os.Remove(t.file.Name())) }

// runReader reads the rows of a run.
type runReader struct {
	in  *bufio.Reader
	row []byte
}

// next reads the next row. The error is io.EOF after the last row.
func (r *runReader) next() error {
	size, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	r.row = slices.Grow(r.row[:0], int(size))[:size] //nolint:gosec // as written by this package
	if _, err = io.ReadFull(r.in, r.row); err != nil {
		return errors.Join(errRow, err)
	}
	return nil
}

// merged returns all rows in order. A row is valid until the next iteration.
func (t *sortedTable) merged() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buffer := min(max(mergeBytes/max(len(t.runs), 1), minBuffer), maxBuffer)
		var heap []*runReader // min-heap: the smallest row is first
		for _, run := range t.runs {
			r := &runReader{in: bufio.NewReaderSize(io.NewSectionReader(t.file, run.from, run.to-run.from), buffer)}
			if err := r.next(); err != nil {
				yield(nil, err)
				return
			}
			heap = append(heap, r)
		}

		slices.SortFunc(heap, func(a, b *runReader) int { return bytes.Compare(a.row, b.row) })

		for len(heap) > 0 {
			if !yield(heap[0].row, nil) {
				return
			}
			switch err := heap[0].next(); {
			case errors.Is(err, io.EOF) && !errors.Is(err, errRow):
				heap[0] = heap[len(heap)-1]
				heap = heap[:len(heap)-1]
			case err != nil:
				yield(nil, err)
				return
			}
			siftDown(heap)
		}
	}
}

// siftDown restores the heap after its first element was replaced by a greater one.
func siftDown(heap []*runReader) {
	for at := 0; ; {
		lower := at
		for child := 2*at + 1; child <= 2*at+2 && child < len(heap); child++ {
			if bytes.Compare(heap[child].row, heap[lower].row) < 0 {
				lower = child
			}
		}
		if lower == at {
			return
		}
		heap[at], heap[lower] = heap[lower], heap[at]
		at = lower
	}
}

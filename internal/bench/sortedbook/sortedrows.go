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

// The room that sorting takes. It puts aside what has gathered when the rows reach asideBytes, while as many gather
// again; a merging reads every run through a buffer of its own.
const (
	asideBytes   = 24 << 20
	mergeBytes   = 16 << 20 // all buffers together, but each of them from leastBuffer to mostBuffer
	leastBuffer  = 32 << 10
	mostBuffer   = 1 << 20
	writerBuffer = 256 << 10
)

// sorting puts the rows of many tables in order: those that have gathered are sorted and written away as a run of
// each table, in a file of each table, and the runs of a table are merged when all are there.
type sorting struct {
	folder string
	most   int            // bytes that gather before they are written away
	at     map[string]int // in tables, by the statement that inserts a row
	tables []*sortedTable // as they came up, 256 of them at most
	now    rowHeap        // gathers
	before rowHeap        // is sorted and written meanwhile
	away   chan error     // of the writing that goes on; nil when none does
}

// sortedTable is one table's rows, sorted.
type sortedTable struct {
	insert string
	file   *os.File
	size   int64
	runs   []fileRun
}

type fileRun struct{ from, to int64 }

// rowHeap is rows one after the other, each after a byte that is its table's place, and where each of them is.
type rowHeap struct {
	bytes []byte
	refs  []rowRef
}

type rowRef struct{ from, to uint32 }

func newSorting(folder string, most int) *sorting {
	return &sorting{
		folder: folder, most: most, at: make(map[string]int),
		now: rowHeap{bytes: make([]byte, 0, most+most/8)}, before: rowHeap{bytes: make([]byte, 0, most+most/8)},
	}
}

// add takes the row that the statement would insert.
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
	if h.bytes, err = appendRow(append(h.bytes, byte(at)), values); err != nil { //nolint:gosec // a book has fewer tables
		return err
	}
	h.refs = append(h.refs, rowRef{uint32(from), uint32(len(h.bytes))}) //nolint:gosec // not much above asideBytes
	if len(h.bytes) < s.most {
		return nil
	}
	return s.writeAway()
}

// writeAway begins to write what has gathered, after what was being written.
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

// written waits for the writing that goes on.
func (s *sorting) written() error {
	if s.away == nil {
		return nil
	}
	err := <-s.away
	s.away = nil
	return err
}

// done writes the rest away, and gives back the memory.
func (s *sorting) done() error {
	err := errors.Join(s.writeAway(), s.written())
	s.now, s.before = rowHeap{}, rowHeap{}
	return err
}

// close closes the files that are left, after what was being written.
func (s *sorting) close() {
	_ = s.written()
	for _, t := range s.tables {
		_ = t.file.Close()
	}
}

// write sorts the heap and writes it as the next run of each table that has rows in it, and empties it.
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
		_, _ = w.Write(size[:n]) // Flush below tells
		_, _ = w.Write(row)
		t.size += int64(n) + int64(len(row))
	}
	t.runs = append(t.runs, fileRun{from, t.size})
	return w.Flush()
}

// remove takes the file away, whose rows are not needed any more.
func (t *sortedTable) remove() error { return errors.Join(t.file.Close(), os.Remove(t.file.Name())) }

// runReader reads a run, a row at a time.
type runReader struct {
	in  *bufio.Reader
	row []byte
}

// next reads the next row; the error is io.EOF after the last.
func (r *runReader) next() error {
	size, err := binary.ReadUvarint(r.in)
	if err != nil {
		return err
	}
	r.row = slices.Grow(r.row[:0], int(size))[:size] //nolint:gosec // as it was written
	if _, err = io.ReadFull(r.in, r.row); err != nil {
		return errors.Join(errRow, err)
	}
	return nil
}

// merged returns all rows in order. A row is overwritten by the next one.
func (t *sortedTable) merged() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buffer := min(max(mergeBytes/max(len(t.runs), 1), leastBuffer), mostBuffer)
		var heap []*runReader // the least row is in front
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
			sink(heap)
		}
	}
}

// sink moves the first of a heap, which may have become greater, to where it belongs.
func sink(heap []*runReader) {
	for at := 0; ; {
		least := at
		for child := 2*at + 1; child <= 2*at+2 && child < len(heap); child++ {
			if bytes.Compare(heap[child].row, heap[least].row) < 0 {
				least = child
			}
		}
		if least == at {
			return
		}
		heap[at], heap[least] = heap[least], heap[at]
		at = least
	}
}

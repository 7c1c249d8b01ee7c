package sqlite

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

// The room that sorting takes. It puts aside what has gathered when the rows reach asideBytes, while as many gather again; a
// merging reads every run through a buffer of its own.
const (
	asideBytes   = 32 << 20
	mergeBytes   = 32 << 20 // all buffers together, but each of them from leastBuffer to mostBuffer
	leastBuffer  = 32 << 10
	mostBuffer   = 1 << 20
	refBytes     = 8 // of a row, besides itself
	writerBuffer = 256 << 10
)

// sorting puts the rows of many tables in order: those that have gathered are sorted and written away as a run of each table, in
// a file of each table, and the runs of a table are merged when all are there.
type sorting struct {
	folder string
	most   int // bytes that gather before they are written away
	held   int
	tables map[string]*sortedTable // by the statement that inserts a row
	order  []*sortedTable          // as they came up
	away   chan error              // of the writing that goes on; nil when none does
}

// sortedTable is one table's rows.
type sortedTable struct {
	insert string
	file   *os.File
	size   int64
	runs   []fileRun
	now    rowHeap // gathers
	before rowHeap // is sorted and written meanwhile
}

type fileRun struct{ from, to int64 }

// rowHeap is rows one after the other, and where each of them is.
type rowHeap struct {
	bytes []byte
	refs  []rowRef
}

type rowRef struct{ from, to uint32 }

func newSorting(folder string, most int) *sorting {
	return &sorting{folder: folder, most: most, tables: make(map[string]*sortedTable)}
}

// add takes the row that the statement would insert.
func (s *sorting) add(insert string, values []any) error {
	t, ok := s.tables[insert]
	if !ok {
		file, err := os.OpenFile(filepath.Join(s.folder, strconv.Itoa(len(s.order))), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		t = &sortedTable{insert: insert, file: file}
		s.tables[insert], s.order = t, append(s.order, t)
	}
	from := len(t.now.bytes)
	var err error
	if t.now.bytes, err = appendRow(t.now.bytes, values); err != nil {
		return err
	}
	to := len(t.now.bytes)
	t.now.refs = append(t.now.refs, rowRef{uint32(from), uint32(to)}) //nolint:gosec // not much above asideBytes
	if s.held += to - from + refBytes; s.held < s.most {
		return nil
	}
	return s.writeAway()
}

// writeAway begins to write what has gathered, after what was being written.
func (s *sorting) writeAway() error {
	if err := s.written(); err != nil {
		return err
	}
	s.held = 0
	tables := slices.Clone(s.order)
	for _, t := range tables {
		t.now, t.before = t.before, t.now
	}
	away := make(chan error, 1)
	s.away = away
	go func() {
		for _, t := range tables {
			if err := t.write(); err != nil {
				away <- err
				return
			}
		}
		away <- nil
	}()
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
	if err := errors.Join(s.writeAway(), s.written()); err != nil {
		return err
	}
	for _, t := range s.order {
		t.now, t.before = rowHeap{}, rowHeap{}
	}
	return nil
}

// close closes the files that are left, after what was being written.
func (s *sorting) close() {
	_ = s.written()
	for _, t := range s.order {
		_ = t.file.Close()
	}
}

// write sorts a heap and writes it as the next run.
func (t *sortedTable) write() error {
	h := &t.before
	slices.SortFunc(h.refs, func(a, b rowRef) int { return bytes.Compare(h.bytes[a.from:a.to], h.bytes[b.from:b.to]) })
	w := bufio.NewWriterSize(t.file, writerBuffer)
	from := t.size
	var size [binary.MaxVarintLen32]byte
	for _, r := range h.refs {
		n := binary.PutUvarint(size[:], uint64(r.to-r.from))
		_, _ = w.Write(size[:n]) // Flush below tells
		_, _ = w.Write(h.bytes[r.from:r.to])
		t.size += int64(n) + int64(r.to-r.from)
	}
	if t.size > from {
		t.runs = append(t.runs, fileRun{from, t.size})
	}
	h.bytes, h.refs = h.bytes[:0], h.refs[:0]
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

// merged gives all rows in order. A row is overwritten by the next one.
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

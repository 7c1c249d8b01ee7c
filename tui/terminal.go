package tui

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// watchedFile is the input or output of a terminal, and calls lost if reading or writing fails. Bubble Tea ends
// neither at the end of its input nor when output fails: a program whose terminal has gone without a signal would run
// on, signed in.
//
// It has only the methods that Bubble Tea needs. With more of the methods of *os.File, reads and writes could bypass
// the check.
type watchedFile struct {
	file *os.File
	lost func()
}

func (w *watchedFile) Read(b []byte) (int, error) {
	n, err := w.file.Read(b)
	w.check(err)
	return n, err
}

func (w *watchedFile) Write(b []byte) (int, error) {
	n, err := w.file.Write(b)
	w.check(err)
	return n, err
}

func (w *watchedFile) Close() error { return w.file.Close() }
func (w *watchedFile) Fd() uintptr  { return w.file.Fd() }
func (w *watchedFile) Name() string { return w.file.Name() }

func (w *watchedFile) check(err error) {
	if err != nil && !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR) {
		w.lost()
	}
}

// onceLost returns two functions. lost calls send once, in a goroutine, because the caller may be the goroutine that
// receives messages. is reports whether lost was called.
func onceLost(send func()) (lost func(), is func() bool) {
	var once sync.Once
	gone := make(chan struct{})
	return func() { once.Do(func() { close(gone); go send() }) }, func() bool {
		select {
		case <-gone:
			return true
		default:
			return false
		}
	}
}

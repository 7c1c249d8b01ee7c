package tui

import (
	"errors"
	"os"
	"sync"
	"syscall"
)

// watchedFile is one direction of a terminal. Bubble Tea ends neither at the end of its input nor at a failing output:
// a program whose terminal has gone without a signal would run on, signed in, and nobody would see it.
//
// It has what Bubble Tea needs of a file and no more, so that no method of *os.File passes it by.
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

// onceLost returns a function that sends the message that ends the program, once, and without waiting for it to be
// taken: whoever finds the terminal gone may be the one who takes messages.
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

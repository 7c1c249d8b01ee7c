package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// networkFault is a fault of the connections between a terminal and the hub.
type networkFault int

const (
	noFault       networkFault = iota
	requestCut                 // the connection is reset within the request
	answerCut                  // the connection is reset before or within the answer
	delayed                    // each part of request and answer arrives late
	requestLost                // half-open: the request never arrives, and the connection stays open at the hub
	answerLost                 // half-open: the request arrives, the answer does not, and the connection stays open
	networkFaults              // number of faults
)

// String returns the fault in the words of the summary.
func (f networkFault) String() string {
	return [networkFaults]string{
		"none", "connection cut within the request", "connection cut before or within the answer",
		"connection delayed", "half-open: the request is lost", "half-open: the answer is lost",
	}[f]
}

// halfOpen reports whether the terminal gets neither an answer nor an error.
func (f networkFault) halfOpen() bool { return f == requestLost || f == answerLost }

// maxDelay is the maximum delay of one part of a request or an answer.
const maxDelay = 10 * time.Millisecond

var errCut = errors.New("the test has cut the connection")

// faultyNetwork makes TCP connections to the hub with faults. A fault applies to all open connections.
type faultyNetwork struct {
	mu        sync.Mutex
	random    *rand.Rand
	fault     networkFault
	bytes     int        // of requestCut and answerCut: what passes before the connection is reset
	abandoned []net.Conn // half-open connections that the terminal has closed
}

// client returns an HTTP client whose connections are on the network.
func (n *faultyNetwork) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: n.dial, MaxIdleConnsPerHost: 4}}
}

// set makes a fault start, or all faults end.
func (n *faultyNetwork) set(f networkFault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault, n.bytes = f, n.random.IntN(900)
}

// closeAbandoned closes the half-open connections.
func (n *faultyNetwork) closeAbandoned() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.abandoned {
		_ = c.Close()
	}
	n.abandoned = nil
}

func (n *faultyNetwork) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &faultyConn{TCPConn: c.(*net.TCPConn), network: n, closed: make(chan struct{})}, nil
}

// pass returns how many of size bytes pass, the fault, and a delay.
func (n *faultyNetwork) pass(size int, cut networkFault) (int, networkFault, time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delay := time.Duration(0)
	switch n.fault {
	case delayed:
		delay = time.Duration(n.random.Int64N(int64(maxDelay)))
	case cut:
		size = min(size, n.bytes)
		n.bytes -= size
	}
	return size, n.fault, delay
}

// faultyConn is a connection on a faulty network.
type faultyConn struct {
	*net.TCPConn
	network *faultyNetwork
	once    sync.Once
	closed  chan struct{} // closed by Close
	lost    bool          // it is half-open; the network's mu protects it
}

// Write sends b, or a part of it, or nothing, as the network's fault requires.
func (c *faultyConn) Write(b []byte) (int, error) {
	size, fault, delay := c.network.pass(len(b), requestCut)
	c.wait(delay)
	if fault == requestLost {
		c.lose()
		return len(b), nil
	}
	written, err := c.TCPConn.Write(b[:size])
	if err == nil && size < len(b) {
		err = c.reset()
	}
	return written, err
}

// Read is like Write. It looks at the fault when data has arrived, because HTTP reads ahead on an idle connection.
func (c *faultyConn) Read(b []byte) (int, error) {
	read, err := c.TCPConn.Read(b)
	if err != nil {
		return read, err
	}

	size, fault, delay := c.network.pass(read, answerCut)
	c.wait(delay)
	switch {
	case fault.halfOpen():
		c.lose()
		<-c.closed
		return 0, net.ErrClosed
	case size < read:
		return size, c.reset()
	}

	return size, nil
}

// Close closes the connection for the terminal. A half-open connection remains open at the hub.
func (c *faultyConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	c.network.mu.Lock()
	defer c.network.mu.Unlock()
	if c.lost {
		c.network.abandoned = append(c.network.abandoned, c.TCPConn)
		return nil
	}
	return c.TCPConn.Close()
}

// wait waits for the delay, or until the connection is closed.
func (c *faultyConn) wait(d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.closed:
	}
}

func (c *faultyConn) lose() {
	c.network.mu.Lock()
	defer c.network.mu.Unlock()
	c.lost = true
}

// reset closes the connection so that the hub gets a reset.
func (c *faultyConn) reset() error {
	_ = c.SetLinger(0)
	_ = c.TCPConn.Close()
	return errCut
}

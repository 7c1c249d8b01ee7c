// Package secretstoretest provides keyrings for tests: one in memory, and the real GNOME Keyring on a private bus.
// Only tests import it.
package secretstoretest

import (
	"sync"

	"github.com/zalando/go-keyring"

	"wardlight/internal/secretstore"
)

// Memory is a backend in memory. Its methods are safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	secrets map[string]string
	fault   error
}

// Keyring returns a keyring over a new Memory.
func Keyring() (*secretstore.Keyring, *Memory) {
	m := &Memory{secrets: make(map[string]string)}
	return secretstore.NewKeyring(m, "a keyring in memory"), m
}

// Fail makes every call fail with err, until Fail(nil).
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = err
}

// Len returns the number of stored secrets.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.secrets)
}

// All returns all secrets as they are stored.
func (m *Memory) All() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, s := range m.secrets {
		all = append(all, s)
	}
	return all
}

// Set implements secretstore.Backend.
func (m *Memory) Set(service, name, secret string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault == nil {
		m.secrets[service+"\x00"+name] = secret
	}
	return m.fault
}

// Get implements secretstore.Backend.
func (m *Memory) Get(service, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	secret, there := m.secrets[service+"\x00"+name]
	if m.fault == nil && !there {
		return "", keyring.ErrNotFound
	}
	return secret, m.fault
}

// Delete implements secretstore.Backend.
func (m *Memory) Delete(service, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, there := m.secrets[service+"\x00"+name]
	if m.fault == nil && !there {
		return keyring.ErrNotFound
	}
	if m.fault == nil {
		delete(m.secrets, service+"\x00"+name)
	}
	return m.fault
}

//go:build !windows

package proxy

import "net/url"

// System returns nil, because this operating system has no proxy settings outside of the environment.
func System(*url.URL) *url.URL { return nil }

//go:build !windows

package proxy

import "net/url"

// System returns nil: only the environment names a proxy here.
func System(*url.URL) *url.URL { return nil }

// Package toxitest runs Toxiproxy, a TCP proxy that delays, cuts, resets and slows down connections. Tests import it.
package toxitest

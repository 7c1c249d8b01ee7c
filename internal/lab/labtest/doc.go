// Package labtest provides tests with the programs of this module, built once in a process, and with ports and
// processes that end with the test. Only tests import it.
package labtest

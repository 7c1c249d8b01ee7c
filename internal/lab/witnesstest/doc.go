// Package witnesstest runs litewitness, a witness for transparency logs (filippo.io/torchwood). Tests import it.
package witnesstest

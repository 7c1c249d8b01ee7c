package limit

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"runtime"
	"sync"
	"testing"
)

// BenchmarkLanes measures a sign-in while as many connections as a source may have flood the hub with unproven
// sign-ins: with lanes, and with one semaphore.
func BenchmarkLanes(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}

	digest := make([]byte, 32)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest)
	if err != nil {
		b.Fatal(err)
	}

	signIn := func(ctx context.Context, l *Lanes, narrow bool) error {
		leave, err := l.Enter(ctx, narrow)
		if err != nil {
			return err
		}
		defer leave()
		for range 3 { // of the proof, the certificate and the card
			if !ecdsa.VerifyASN1(&key.PublicKey, digest, signature) {
				panic("a signature that does not verify")
			}
		}
		return nil
	}

	for _, c := range []struct {
		name   string
		flood  int
		narrow bool
	}{{"no flood", 0, false}, {"lanes", 512, true}, {"one semaphore", 512, false}} {
		b.Run(c.name, func(b *testing.B) {
			l := NewLanes(runtime.GOMAXPROCS(0))
			ctx, stop := context.WithCancel(b.Context())
			var all sync.WaitGroup
			for range c.flood {
				all.Go(func() {
					for signIn(ctx, l, c.narrow) == nil {
					}
				})
			}
			for b.Loop() {
				if err := signIn(b.Context(), l, false); err != nil {
					b.Fatal(err)
				}
			}
			stop()
			all.Wait()
		})
	}
}

package cardreader

import (
	"context"
	"crypto"
)

// SignMessages returns a function that has the card sign a message, by way of its hash, with the passcode: what
// client.Challenge.Assert needs. The message itself goes to a [MessageSigner], and to any other Card the digest. Errors
// are those of Card.Sign. The card wipes the passcode with the first message.
func SignMessages(
	ctx context.Context, card Card, passcode *Passcode,
) func(message []byte, hash crypto.Hash) ([]byte, error) {
	return func(message []byte, hash crypto.Hash) ([]byte, error) {
		if whole, is := card.(MessageSigner); is {
			return whole.SignMessage(ctx, passcode, message, hash)
		}
		digest := hash.New()
		_, _ = digest.Write(message)

		return card.Sign(ctx, passcode, digest.Sum(nil), hash)
	}
}

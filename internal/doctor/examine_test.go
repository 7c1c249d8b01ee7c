package doctor_test

import (
	"context"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual"
	"wardlight/client"
	"wardlight/internal/doctor"
)

func TestACardThatHoldsUpItsDriverIsGivenUp(t *testing.T) {
	reader := virtual.NewReader("A")
	card := make(chan struct{})
	defer close(card)
	ctx, cancel := context.WithCancel(t.Context())
	f := doctor.Examine(ctx, doctor.Parts{
		Clock: func() time.Time { return noon }, System: listed{reader},
		Open: func(context.Context, string) (cardreader.Card, error) {
			cancel()
			<-card
			return nil, &cardreader.Error{Kind: cardreader.Removed}
		},
		Hub: func(context.Context) client.ProbeResult { return client.ProbeResult{Address: "https://hub.example"} },
	})
	if l := doctor.Judge(f)[doctor.Card]; l.State != doctor.Fail || l.Code != "C25" {
		t.Errorf("card line = %+v, want failure with code C25", l)
	}
	if !f.Hub.HasProbe || f.Hub.Probed.Address == "" || !f.At.Equal(noon) {
		t.Errorf("facts = %+v, want the hub probed at %v", f, noon)
	}
}

// listed is a system whose only reader contains a card.
type listed struct{ cardreader.System }

func (listed) Wait(context.Context, []cardreader.Reader, time.Duration) ([]cardreader.Reader, error) {
	return []cardreader.Reader{{Name: "A", Present: true, ATR: []byte{0x3B}}}, nil
}

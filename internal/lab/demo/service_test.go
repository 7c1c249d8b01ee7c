package demo_test

import (
	"context"
	"testing"

	"wardlight/cardreader/virtual"
	"wardlight/client"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
)

// It must be the only test of this package that uses the computer's smartcard library, because the library reads the
// name of the service's socket only once.
func TestTheCardCanBeInARealSmartcardService(t *testing.T) {
	pcscdtest.Need(t)
	folder, remove, err := pcscdtest.Dir()
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(remove)
	service := pcscdtest.Start(t, folder)
	t.Setenv("PCSCLITE_CSOCK_NAME", service.Socket())

	d := start(t, func(o *demo.Options) {
		o.Reader = demo.RealService
		o.Plug = func(ctx context.Context, card *virtual.Card) (func(), error) {
			plugged, err := service.Plug(context.WithoutCancel(ctx), 0, card)
			if err != nil {
				return nil, err
			}
			return plugged.Pull, nil
		}
	})

	for _, name := range []string{"nurse", "clerk"} { // an RSA card, then a P-256 card in its place
		manager := signIn(t, d, name)
		if lamp := manager.Lamp(bounded(t), people.OnPlan); lamp.State != client.Alert {
			t.Errorf("%s: lamp = %s, %v, want %s", name, lamp.State, lamp.Err, client.Alert)
		}
	}
}

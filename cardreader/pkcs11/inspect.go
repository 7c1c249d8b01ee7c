package pkcs11

import (
	"context"

	"wardlight/cardreader"
)

// Finding is the result of inspecting one module.
type Finding struct {
	Module
	Installed bool
	Library   *Library // nil if it could not be loaded
	Slots     []Slot
	Err       error // a *cardreader.Error of loading or calling it; nil if it is not installed, unless it is named
}

// Inspect inspects every module in its own helper, without a passcode. ctx limits the total time.
func (d *Driver) Inspect(ctx context.Context) []Finding {
	found := make([]Finding, len(d.cfg.Modules))
	for i, m := range d.cfg.Modules {
		found[i] = Finding{Module: m, Installed: m.Installed()}
		switch {
		case !found[i].Installed && m.Named:
			found[i].Err = absent(m)
		case !found[i].Installed:
		case !Supported:
			found[i].Err = &cardreader.Error{Kind: cardreader.BuiltWithout}
		default:
			found[i].Library, found[i].Slots, found[i].Err = d.inspect(ctx, m)
		}
	}
	return found
}

func (d *Driver) inspect(ctx context.Context, m Module) (*Library, []Slot, error) {
	h, err := startHelper(ctx, d.cfg, m)
	if err != nil {
		return nil, nil, err
	}
	defer h.end()
	r, err := h.inspect(ctx)
	return r.Library, r.Slots, err
}

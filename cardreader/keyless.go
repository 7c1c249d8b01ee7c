package cardreader

import "context"

// Keyless returns a System like sys that ignores the keypads of readers, so that passcodes are typed on the computer's
// keyboard.
func Keyless(sys System) System { return &keyless{sys} }

type keyless struct{ System }

// Others implements Namer.
func (s *keyless) Others() []string { return OthersOf(s.System) }

// Connect implements System.
func (s *keyless) Connect(ctx context.Context, reader string) (Link, error) {
	link, err := s.System.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	return keylessLink{link}, nil
}

type keylessLink struct{ Link }

// Keypad implements Link.
func (keylessLink) Keypad() bool { return false }

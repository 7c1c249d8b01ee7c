package cardreader

import "context"

// WithoutKeypads returns a System like sys that ignores the keypads of readers, so that passcodes are typed on the
// computer's keyboard.
func WithoutKeypads(sys System) System { return &noKeypads{sys} }

type noKeypads struct{ System }

// OtherPrograms implements ProgramLister.
func (s *noKeypads) OtherPrograms() []string { return OtherPrograms(s.System) }

// Connect implements System.
func (s *noKeypads) Connect(ctx context.Context, reader string) (Link, error) {
	link, err := s.System.Connect(ctx, reader)
	if err != nil {
		return nil, err
	}
	return noKeypadLink{link}, nil
}

type noKeypadLink struct{ Link }

// Keypad implements Link.
func (noKeypadLink) Keypad() bool { return false }

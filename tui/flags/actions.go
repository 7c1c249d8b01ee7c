package flags

// The actions of the screen of pending flags.
type (
	Retry  struct{}
	Forget struct{ Id string }
)

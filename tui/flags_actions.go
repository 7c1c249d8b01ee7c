package tui

// The actions of the flags that wait.
type (
	actRetryFlags struct{}
	actForgetFlag struct{ id string }
)

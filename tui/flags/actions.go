package flags

// The actions of the flags that wait.
type (
	Retry  struct{}
	Forget struct{ Id string }
)

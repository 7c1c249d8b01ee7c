package testterm

// Pid returns the process id of the program.
func (c *Console) Pid() int { return c.cmd.Process.Pid }

package main

// handOver says how to hand over a secret with the option.
func handOver(option string) string { return "use standard input, as in " + option + " 0 <FILE" }

// closeOnExec does nothing: a process is handed only the handles that are named to it.
func closeOnExec(int) {}

// checkDescriptor returns errNotHandedOver for all but standard input: a Windows program is handed handles, which
// have no small numbers that a script could know.
func checkDescriptor(fd int) error {
	if fd != 0 {
		return errNotHandedOver
	}
	return nil
}

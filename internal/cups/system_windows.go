package cups

import "syscall"

// find finds no program: Windows has no CUPS, and a program of the name of one of CUPS's would not be it.
func find(string) (string, error) { return "", &Error{Kind: NotOnWindows} }

func noTerminal() *syscall.SysProcAttr { return nil }

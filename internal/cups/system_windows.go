package cups

import "syscall"

// find returns an error of kind NotOnWindows. Windows has no CUPS; a program called lp there would be something else.
func find(string) (string, error) { return "", &Error{Kind: NotOnWindows} }

func noTerminal() *syscall.SysProcAttr { return nil }

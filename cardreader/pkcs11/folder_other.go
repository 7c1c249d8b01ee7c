//go:build !windows

package pkcs11

// Folder returns "": only Windows has its modules in folders that have to be asked for.
func Folder(string) string { return "" }

//go:build !windows

package pkcs11

// Folder returns "". Only on Windows are modules in folders that must be looked up.
func Folder(string) string { return "" }

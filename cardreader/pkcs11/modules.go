package pkcs11

import (
	"os"
	"path/filepath"
)

// Module is a vendor's PKCS#11 library.
type Module struct {
	Path   string // absolute
	Vendor string // vendor of its cards; "" for a module named in the configuration
	Named  bool   // named in the configuration
}

// Installed reports whether the file exists.
func (m Module) Installed() bool {
	info, err := os.Stat(m.Path)
	return err == nil && info.Mode().IsRegular()
}

// Vendors of the known modules.
const (
	vendorIdemia  = "Oberthur and Idemia (AWP)"
	vendorSafeNet = "SafeNet and IDPrime"
	vendorGemalto = "Gemalto Classic Client"
	vendorOpenSC  = "OpenSC"
)

// Known returns the modules for NHS and similar smartcards on the operating system goos, in the order to try them.
// Public programs search for the same ones. Vendors' own modules are first. OpenSC, which supports many of their
// cards, is last. folder returns the path of Windows's folder SystemRoot or ProgramFiles, as Folder does; for "" no
// modules are returned.
func Known(goos string, folder func(string) string) []Module {
	switch goos {
	case "windows":
		system, programs := folder("SystemRoot"), folder("ProgramFiles")
		if system == "" || programs == "" {
			return nil // a relative path would be searched for in the current folder
		}

		system = filepath.Join(system, "System32")
		return []Module{
			{Path: filepath.Join(system, "OcsCryptoki.dll"), Vendor: vendorIdemia},
			{Path: filepath.Join(programs, "IDEMIA", "AWP", "DLLs", "OcsCryptoki.dll"), Vendor: vendorIdemia},
			{Path: filepath.Join(system, "eTPKCS11.dll"), Vendor: vendorSafeNet},
			{Path: filepath.Join(system, "IDPrimePKCS11.dll"), Vendor: vendorSafeNet},
			{Path: filepath.Join(system, "gclib.dll"), Vendor: vendorGemalto},
			{
				Path:   filepath.Join(programs, "OpenSC Project", "OpenSC", "pkcs11", "opensc-pkcs11.dll"),
				Vendor: vendorOpenSC,
			},
		}
	case "darwin":
		return []Module{
			{Path: "/Library/AWP/lib/libOcsCryptoki.dylib", Vendor: vendorIdemia},
			{Path: "/usr/local/lib/libIDPrimePKCS11.dylib", Vendor: vendorSafeNet},
			{Path: "/usr/local/lib/libeTPkcs11.dylib", Vendor: vendorSafeNet},
			{Path: "/Library/OpenSC/lib/opensc-pkcs11.so", Vendor: vendorOpenSC},
		}
	}

	return []Module{
		{Path: "/usr/local/AWP/lib/libOcsCryptoki.so", Vendor: vendorIdemia},
		{Path: "/usr/lib/libOcsCryptoki.so", Vendor: vendorIdemia},
		{Path: "/usr/lib/libIDPrimePKCS11.so", Vendor: vendorSafeNet},
		{Path: "/usr/lib/libeToken.so", Vendor: vendorSafeNet},
		{Path: "/usr/lib/ClassicClient/libgclib.so", Vendor: vendorGemalto},
		{Path: "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", Vendor: vendorOpenSC},
		{Path: "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so", Vendor: vendorOpenSC},
		{Path: "/usr/lib64/opensc-pkcs11.so", Vendor: vendorOpenSC},
	}
}

// Named returns the modules with these paths, as named in a configuration.
func Named(paths []string) []Module {
	modules := make([]Module, len(paths))
	for i, path := range paths {
		modules[i] = Module{Path: path, Named: true}
	}
	return modules
}

package pkcs11

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

// passPipes passes the two pipes to the command as inherited handles, whose numbers are arguments. Standard input and
// output are not used, because the module shares them with the C runtime. The process inherits only these handles. It
// has no console for prompts or interrupts. It exits when its input is closed, and so with its parent.
func passPipes(cmd *exec.Cmd, in, out *os.File) error {
	attributes := &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
	for _, f := range []*os.File{in, out} {
		handle := f.Fd()
		if err := windows.SetHandleInformation(windows.Handle(handle), windows.HANDLE_FLAG_INHERIT,
			windows.HANDLE_FLAG_INHERIT); err != nil {
			return err
		}
		attributes.AdditionalInheritedHandles = append(attributes.AdditionalInheritedHandles, syscall.Handle(handle))
		cmd.Args = append(cmd.Args, strconv.FormatUint(uint64(handle), 10))
	}
	cmd.SysProcAttr = attributes
	return nil
}

// inheritedPipes returns the pipes passed by hand in the parent. It also removes the current folder from the search
// path for libraries, and disables crash dumps: Go's runtime turns off Windows error reporting.
func inheritedPipes(handles []string) (in, out *os.File, err error) {
	if len(handles) != 2 {
		return nil, nil, fmt.Errorf("%d handles, want 2", len(handles))
	}
	var files [2]*os.File
	for i, text := range handles {
		handle, err := strconv.ParseUint(text, 10, 32) // only 32 bits of a handle are significant
		if err != nil {
			return nil, nil, err
		}
		if err := windows.SetHandleInformation(windows.Handle(handle), windows.HANDLE_FLAG_INHERIT, 0); err != nil {
			return nil, nil, err
		}
		files[i] = os.NewFile(uintptr(handle), "pipe")
	}
	return files[0], files[1], windows.SetDllDirectory("")
}

// preload loads the module, with libraries from the module's folder, where Windows would not search. It returns the
// name of the loaded module, because miekg/pkcs11 passes paths in the code page, which may lack characters of the
// path. The error is Windows's: ERROR_BAD_EXE_FORMAT for a 32-bit module.
func preload(path string) (name string, err error) {
	_, err = windows.LoadLibraryEx(path, 0, windows.LOAD_WITH_ALTERED_SEARCH_PATH)
	return filepath.Base(path), err
}

// quit ends the process immediately. An ordinary exit would wait for a library that is being loaded.
func quit() {
	_ = windows.TerminateProcess(windows.CurrentProcess(), 1)
}

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

// hand has the command talk to us over the two pipes. They are handles of their own, whose numbers are arguments:
// standard input and output, which a module shares with the C runtime, stay empty. Only these handles are inherited,
// and only by this process. It has no console, so none to ask at or to be interrupted by. It ends with us because its
// input does.
func hand(cmd *exec.Cmd, in, out *os.File) error {
	attributes := &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW}
	for _, f := range []*os.File{in, out} {
		handle := f.Fd()
		if err := windows.SetHandleInformation(windows.Handle(handle), windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT); err != nil {
			return err
		}
		attributes.AdditionalInheritedHandles = append(attributes.AdditionalInheritedHandles, syscall.Handle(handle))
		cmd.Args = append(cmd.Args, strconv.FormatUint(uint64(handle), 10))
	}
	cmd.SysProcAttr = attributes
	return nil
}

// pipes returns what hand gave to this process. Afterwards no library is looked for in the folder where the user
// happens to be. A crash leaves no image of the memory behind: the runtime of Go has Windows report none.
func pipes(handles []string) (in, out *os.File, err error) {
	if len(handles) != 2 {
		return nil, nil, fmt.Errorf("%d handles, want 2", len(handles))
	}
	var files [2]*os.File
	for i, text := range handles {
		handle, err := strconv.ParseUint(text, 10, 32) // handles have 32 bits that count
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

// preload loads the module with the libraries that lie beside it, where Windows would not look for them, and returns
// the name under which it is loaded now: miekg/pkcs11 hands on paths in the code page of the computer, which need not
// have the letters of a folder. The error says why it does not load: of a module of 32 bits it is
// ERROR_BAD_EXE_FORMAT.
func preload(path string) (name string, err error) {
	_, err = windows.LoadLibraryEx(path, 0, windows.LOAD_WITH_ALTERED_SEARCH_PATH)
	return filepath.Base(path), err
}

// quit ends the process whatever the module is doing: an ordinary exit waits for a library that is being loaded.
func quit() {
	_ = windows.TerminateProcess(windows.CurrentProcess(), 1)
}

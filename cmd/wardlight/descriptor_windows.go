package main

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

// handOver says how to hand over a secret with the option.
func handOver(option string) string {
	return "hand over the reading end of an inheritable pipe, as .NET's AnonymousPipeServerStream makes it, and name its handle; or use standard input, as in " + option + " 0 <FILE"
}

// closeOnExec keeps the handle from processes that this one starts.
func closeOnExec(handle int) {
	_ = windows.SetHandleInformation(windows.Handle(handle), windows.HANDLE_FLAG_INHERIT, 0) // a process gets none but those that are named to it
}

// checkDescriptor returns errNotHandedOver where the handle is not one of a pipe or file, or is this process's own, and
// errNotReadable where it is open for writing only. A handle that was inherited can be inherited again; those that this
// process opens cannot. 0 is standard input.
func checkDescriptor(handle int) error {
	if handle == 0 {
		return nil
	}
	h := windows.Handle(handle)
	if !inheritable(h) {
		return errNotHandedOver
	}
	switch kind, err := windows.GetFileType(h); {
	case err != nil, kind != windows.FILE_TYPE_PIPE && kind != windows.FILE_TYPE_DISK:
		return errNotHandedOver
	}
	readable, err := canRead(h)
	if err != nil || !readable {
		return errors.Join(errNotReadable, err)
	}
	return nil
}

// inheritable reports whether processes that this one starts could get the handle.
func inheritable(h windows.Handle) bool {
	var flags uint32
	information := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetHandleInformation")
	done, _, _ := information.Call(uintptr(h), uintptr(unsafe.Pointer(&flags)))
	return done != 0 && flags&windows.HANDLE_FLAG_INHERIT != 0
}

// fileAccessInformation asks NtQueryInformationFile for the rights of a handle, an ACCESS_MASK (ntifs.h).
const fileAccessInformation = 8

// canRead reports whether the handle may be read from.
func canRead(h windows.Handle) (bool, error) {
	var status windows.IO_STATUS_BLOCK
	var access [4]byte
	if err := windows.NtQueryInformationFile(h, &status, &access[0], uint32(len(access)), fileAccessInformation); err != nil {
		return false, err
	}
	return binary.LittleEndian.Uint32(access[:])&windows.FILE_READ_DATA != 0, nil
}

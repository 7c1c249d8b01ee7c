package main

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

// handOver returns advice on passing a secret with the option.
func handOver(option string) string {
	return "hand over the reading end of an inheritable pipe, as .NET's AnonymousPipeServerStream makes it, and " +
		"name its handle; or use standard input, as in " + option + " 0 <FILE"
}

// closeOnExec prevents child processes from inheriting the handle.
func closeOnExec(handle int) {
	_ = windows.SetHandleInformation(windows.Handle(handle), windows.HANDLE_FLAG_INHERIT, 0) // best effort
}

// checkDescriptor returns errNotHandedOver if the handle is not a pipe or file or was opened by this process, and
// errNotReadable if it is open for writing only. An inherited handle has the inherit flag; handles that this process
// opens don't. 0 is standard input.
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

// inheritable reports whether child processes can inherit the handle.
func inheritable(h windows.Handle) bool {
	var flags uint32
	information := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetHandleInformation")
	done, _, _ := information.Call(uintptr(h), uintptr(unsafe.Pointer(&flags)))
	return done != 0 && flags&windows.HANDLE_FLAG_INHERIT != 0
}

// fileAccessInformation requests the access rights of a handle, an ACCESS_MASK, from NtQueryInformationFile (ntifs.h).
const fileAccessInformation = 8

// canRead reports whether the handle is open for reading.
func canRead(h windows.Handle) (bool, error) {
	var status windows.IO_STATUS_BLOCK
	var access [4]byte
	if err := windows.NtQueryInformationFile(h, &status, &access[0], uint32(len(access)),
		fileAccessInformation); err != nil {
		return false, err
	}
	return binary.LittleEndian.Uint32(access[:])&windows.FILE_READ_DATA != 0, nil
}

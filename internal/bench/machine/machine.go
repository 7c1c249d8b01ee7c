// Package machine describes the computer on which a benchmark runs, and the memory of the process.
package machine

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Name returns the processor, the number of processors, and the operating system.
func Name() string {
	model := runtime.GOARCH
	if name, ok := field("/proc/cpuinfo", "model name"); ok {
		model = name
	}
	return fmt.Sprintf("%s, %d processors, %s", model, runtime.NumCPU(), runtime.GOOS)
}

// Resident returns this process's resident memory in bytes, or 0 if it is unknown (only Linux reports it).
func Resident() int64 { return status("VmRSS") }

// MaxResident returns the maximum of this process's resident memory so far, in bytes, or 0 if it is unknown.
func MaxResident() int64 { return status("VmHWM") }

func status(name string) int64 {
	text, _ := field("/proc/self/status", name)
	digits, _, _ := strings.Cut(text, " ")
	kib, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}

// field returns the value of the first line "name: value" in a file.
func field(file, name string) (string, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(text)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

// Median sorts values and returns the middle one. values must not be empty.
func Median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

//go:build linux

package loopback

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CPUTime returns the CPU time of this process, in the kernel and outside.
func CPUTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("reading resource usage: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// CPUTimeOf returns the CPU time of another process, to the hundredth of a second.
func CPUTimeOf(pid int) (time.Duration, error) {
	const ticks = 100 // a second, on all machines that run Linux
	file := fmt.Sprintf("/proc/%d/stat", pid)
	stat, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	// The fields behind the program's name, which may have spaces in it; the first is the third.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("reading %s: %d fields", file, len(fields))
	}
	var sum int64
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", file, err)
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}

// Memory returns the resident set of this process in bytes, now and at its largest.
func Memory() (now, peak int64, err error) { return MemoryOf(os.Getpid()) }

// MemoryOf is [Memory] of another process.
func MemoryOf(pid int) (now, peak int64, err error) {
	file := fmt.Sprintf("/proc/%d/status", pid)
	status, err := os.ReadFile(file)
	if err != nil {
		return 0, 0, err
	}
	if now, err = kilobytes(string(status), "VmRSS:"); err != nil {
		return 0, 0, fmt.Errorf("reading %s: %w", file, err)
	}
	if peak, err = kilobytes(string(status), "VmHWM:"); err != nil {
		return 0, 0, fmt.Errorf("reading %s: %w", file, err)
	}
	return now, peak, nil
}

// kilobytes returns the bytes in the line of status that begins with name.
func kilobytes(status, name string) (int64, error) {
	for line := range strings.Lines(status) {
		text, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
		return n * 1024, err
	}
	return 0, fmt.Errorf("no line %q", name)
}

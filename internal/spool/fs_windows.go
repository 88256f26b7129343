package spool

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// private has nothing to check: a new directory is as private as the one above it.
func private(string, fs.FileInfo) error { return nil }

func noSpace(err error) bool {
	const handleDiskFull, diskFull = syscall.Errno(39), syscall.Errno(112)
	return errors.Is(err, handleDiskFull) || errors.Is(err, diskFull) || errors.Is(err, syscall.ENOSPC)
}

func chmod(*os.File, fs.FileMode) error { return nil }

// syncDir has nothing to do: NTFS keeps names in its journal.
func syncDir(string) error { return nil }

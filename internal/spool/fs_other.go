//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package spool

import (
	"io/fs"
	"os"
)

func private(string, fs.FileInfo) error { return nil }
func chmod(*os.File, fs.FileMode) error { return nil }
func syncDir(string) error              { return nil }
func noSpace(error) bool                { return false }

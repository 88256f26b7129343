//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package poll

import "io/fs"

// trusted has nothing to check: a file is as private as the folder that it is in.
func trusted(fs.FileInfo) error { return nil }

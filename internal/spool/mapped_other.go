//go:build !linux

package spool

import "errors"

// A mapped is nothing here: only Linux's fsync covers what is written to memory.
type mapped struct{}

// Reserve is not supported.
func (f *osFile) Reserve(int64) error { return errors.ErrUnsupported }

// Size returns the file's size.
func (f *osFile) Size() (int64, error) { return f.statSize() }

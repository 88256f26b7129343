//go:build !(darwin || linux)

package spool

import (
	"errors"
	"os"
)

// mapFile has nothing to map with: every Append writes to the segment.
func mapFile(*os.File, int) (Mapping, error) { return nil, errors.ErrUnsupported }

package phtest

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/phgen/phgen/internal/shape"
	"github.com/phgen/phgen/internal/sink"
)

// coverageEnv names the file that recorders add the shapes of events to.
const coverageEnv = "PHGEN_COVERAGE"

// maxCoverage is how much one process adds to the file.
const maxCoverage = 64 << 20

// A coverageFile takes the shapes of all events that recorders and servers of this process
// see. Other
// processes write to it, too: go test runs one for each package.
type coverageFile struct {
	mu      sync.Mutex
	file    *os.File
	written int
	err     error
}

// openCoverage opens the file that the environment names. It returns nil without one.
var openCoverage = sync.OnceValue(func() *coverageFile {
	name := os.Getenv(coverageEnv) //nolint:forbidigo // a test asks for it, and go test passes no flags that only some packages know
	if name == "" {
		return nil
	}
	return newCoverageFile(name)
})

func newCoverageFile(name string) *coverageFile {
	c := &coverageFile{}
	if !filepath.IsAbs(name) {
		// Each package's tests run in its own folder.
		c.err = fmt.Errorf("%s is %q; give the absolute path of a file", coverageEnv, name)
		return c
	}
	c.file, c.err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	return c
}

// add writes the shape of an event. Its error is told once.
func (c *coverageFile) add(event []byte) error {
	if c == nil {
		return nil
	}
	line := shape.Line(event)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil && c.file != nil && c.written+len(line) <= maxCoverage {
		c.written += len(line)
		_, c.err = c.file.Write(line) // whole lines at the end of the file, whoever else writes
	}
	err := c.err
	if err != nil {
		c.err, c.file = nil, nil
	}
	return err
}

// covered returns what makes a sink record the events that it takes; nil if nobody asks
// for it. What goes wrong fails t when it ends.
func covered(t testing.TB) func(sink.Event) []string {
	c := openCoverage()
	if c == nil {
		return nil
	}
	var mu sync.Mutex
	var failed error
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if failed != nil {
			t.Errorf("phtest: recording coverage: %v", failed)
		}
	})
	return func(e sink.Event) []string {
		if err := c.add(e.Raw); err != nil {
			mu.Lock()
			defer mu.Unlock()
			failed = err
		}
		return nil
	}
}

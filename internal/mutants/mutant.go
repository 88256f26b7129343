package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// A mutant is a bug to be seeded: one run of text is replaced by another.
type mutant struct {
	name     string // what the code does wrong
	breaks   string // what it promises no longer
	file     string // from the module's root, with slashes
	old, new string
	tests    suite // which must go red; the zero suite is all tests of the file's package
}

// A suite is some tests of a package.
type suite struct {
	dir string // of the package, from the module's root
	run string // a regexp of their names; "" is all
}

func (s suite) String() string {
	if s.run == "" {
		return "./" + s.dir
	}
	return fmt.Sprintf("./%s -run '%s'", s.dir, s.run)
}

// suite returns the tests that must notice m.
func (m mutant) suite() suite {
	s := m.tests
	if s.dir == "" {
		s.dir = path.Dir(m.file)
	}
	return s
}

// mutants returns the list.
func mutants() []mutant {
	return slices.Concat(queueMutants, transportMutants, spoolMutants, runtimeMutants)
}

// errStale says that a mutant does not fit the code any more.
var errStale = errors.New("the list of mutants is out of date")

// apply seeds m below dir. restore takes it back.
func (m mutant) apply(dir string) (restore func() error, err error) {
	name := filepath.Join(dir, filepath.FromSlash(m.file))
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", errStale, m.name, err)
	}
	if n := bytes.Count(source, []byte(m.old)); n != 1 {
		return nil, fmt.Errorf("%w: %q: %s has its text %d times, not once:\n%s", errStale, m.name, m.file, n, m.old)
	}
	changed := bytes.Replace(source, []byte(m.old), []byte(m.new), 1)
	if err := os.WriteFile(name, changed, 0o600); err != nil {
		return nil, err
	}
	return func() error { return os.WriteFile(name, source, 0o600) }, nil
}

package main

import (
	"sync"

	"github.com/phgen/phgen/generator"
)

// A memo formats generated files. Where the last run formatted the same source,
// the result still stands on disk.
type memo struct {
	out  *output
	last map[string]written // by path

	mu      sync.Mutex
	sources map[string]string // the hash of what was formatted, by path
}

func newMemo(out *output, c *cache) *memo {
	return &memo{out: out, last: c.last.Outputs, sources: map[string]string{}}
}

// format is a generator.Formatter.
func (m *memo) format(path string, src []byte) ([]byte, error) {
	hash := stampOf(src).Hash
	m.mu.Lock()
	m.sources[path] = hash
	m.mu.Unlock()
	if last, ok := m.last[path]; ok && last.Source == hash {
		if data, _, err := m.out.read(path); err == nil && stampOf(data) == last.stamp {
			return data, nil
		}
	}
	return generator.Format(path, src)
}

package main

import (
	"slices"
	"sync"

	"github.com/phgen/phgen/generator"
)

// A memo recalls generated files of the last run.
type memo struct {
	last map[string]written       // by path
	old  func() map[string][]byte // those of last that still stand on disk

	mu    sync.Mutex
	files map[string]written // what is known of this run's; a file that is new has no stamp
}

// newMemo begins to read the files of the last run.
func newMemo(c *cache) *memo {
	old := make(chan map[string][]byte, 1)
	go func() { old <- c.outputs() }()
	return &memo{
		last:  c.last.Outputs,
		old:   sync.OnceValue(func() map[string][]byte { return <-old }),
		files: map[string]written{},
	}
}

// recall is a generator.Recall.
func (m *memo) recall(path, key string) []byte {
	var data []byte
	last := m.last[path]
	i := slices.Index(last.Keys, key)
	if i >= 0 {
		data = m.old()[path]
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[path]
	if data == nil {
		f.Keys = append(f.Keys, key)
	} else {
		f.stamp, f.Keys = last.stamp, append(f.Keys, last.Keys[i:]...)
	}
	m.files[path] = f
	return data
}

// written is what the next run needs to recall f.
func (m *memo) written(f generator.File) written {
	w := m.files[f.Path]
	if w.stamp == (stamp{}) {
		w.stamp = stampOf(f.Data)
	}
	return w
}

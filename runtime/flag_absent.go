package runtime

import (
	"sync"

	"github.com/phgen/phgen/runtime/internal/poll"
)

// maxAbsent bounds how many keys an absentFlags remembers. Beyond it, keys are asked for as if
// nothing were known of them.
const maxAbsent = 1000

// absentFlags remembers keys that no flag has: neither the definitions nor PostHog know them.
// So a flag of the plan that nobody has made yet is not asked for by every request. Each
// successful look at the definitions ends that.
type absentFlags struct {
	mu         sync.Mutex
	generation uint64 // of the definitions
	keys       map[string]struct{}
}

// add notes that PostHog did not know the key while s, which does not either, was current.
func (f *absentFlags) add(s *poll.State, key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.Generation != f.generation {
		f.generation, f.keys = s.Generation, nil
	}
	if f.keys == nil {
		f.keys = make(map[string]struct{})
	}
	if len(f.keys) < maxAbsent {
		f.keys[key] = struct{}{}
	}
}

// has reports whether that is so with s.
func (f *absentFlags) has(s *poll.State, key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.keys[key]
	return ok && f.generation == s.Generation
}

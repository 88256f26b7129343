package runtime

import (
	"maps"
	"slices"
	"sync"
)

// lazyTags are tags that nobody has needed yet.
type lazyTags struct {
	next *lazyTags // that were set before
	make func() Props
	once sync.Once
	tags []tag
}

// LazyTags sets tags that cost nothing in a scope without events: f is called once, when the
// first event of the scope, or of one in it, is captured, and on that goroutine. It must not use
// the scope itself, and may run after the function that made the scope has returned. What [Tag]
// and SetTag set wins. If f panics there are no tags.
func LazyTags(f func() Props) ScopeOption { return lazyFunc(f) }

// lazyFunc is a type of its own because a closure would cost every request an allocation.
type lazyFunc func() Props

func (f lazyFunc) applyScope(s *Scope) { s.own.lazy = &lazyTags{next: s.own.lazy, make: f} }

// collect sets the tags in v, those that were set last at last.
func (l *lazyTags) collect(s *Scope, v *view) {
	if l == nil {
		return
	}
	l.next.collect(s, v)
	l.once.Do(func() { l.tags = l.encode(s) })
	for _, t := range l.tags {
		v.setTag(t)
	}
}

func (l *lazyTags) encode(s *Scope) (tags []tag) {
	defer func() {
		if recover() != nil {
			tags = nil
			s.captures().warnSeldom(warning{rule: "lazy tags"}, warnEvery, "a function given to LazyTags panicked: its tags are missing")
		}
	}()
	props := l.make()
	for _, key := range slices.Sorted(maps.Keys(props)) {
		if t, ok := s.tag(key, props[key]); ok {
			tags = append(tags, t)
		}
	}
	return tags
}

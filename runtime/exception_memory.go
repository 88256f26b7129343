package runtime

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/phgen/phgen/runtime/internal/exception"
)

const (
	maxCaught  = 16          // exceptions that one scope remembers
	caughtTime = time.Minute // an error passes all levels of a program in less
)

// An exceptionMemory knows the exceptions captured lately in a scope and in those within it.
type exceptionMemory struct {
	mu   sync.Mutex
	last [maxCaught]*caughtException
	next int // where the next one goes
}

// A caughtException is one that was captured. It holds its errors, so that no other error can
// come to be at their addresses.
type caughtException struct {
	client *Client
	scope  *Scope // in which it was captured
	at     time.Time
	errs   []error // that have an identity; outer ones first
	whole  bool    // the first of errs is the outermost error
	value  any     // of a panic
	again  bool    // it was raised during another panic, which may be the same
}

// identify notes those errors of a chain that can be told from others.
func (e *caughtException) identify(chain []exception.Link) {
	for i, l := range chain {
		if exception.HasIdentity(l.Err) {
			e.errs = append(e.errs, l.Err)
			e.whole = e.whole || i == 0
		}
	}
}

// is reports whether e is o once more: one wraps the other, both wrap something that can be no
// sentinel, or e is the panic o that goes on.
func (e *caughtException) is(o *caughtException) bool {
	if e.client != o.client || e.at.Sub(o.at) > caughtTime {
		return false
	}
	for i, err := range e.errs {
		j := slices.Index(o.errs, err)
		if j >= 0 && (!exception.MaybeSentinel(err) || i == 0 && e.whole || j == 0 && o.whole) {
			return true
		}
	}
	return e.again && o.value != nil && sameValue(e.value, o.value)
}

// sameValue reports whether two values of panics are equal, as far as they can be compared.
func sameValue(a, b any) bool {
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	if va.Type() != vb.Type() {
		return false
	}
	return !va.Comparable() || !vb.Comparable() || a == b
}

// remember notes e in its scope and those around, unless it was captured in the scope, in one
// within it, or in one that it inherits from. Without a scope nothing is noted.
func (e *caughtException) remember() (isNew bool) {
	if e.scope == nil || e.errs == nil && e.value == nil {
		return true
	}
	for s := e.scope.outer; s != nil; s = s.outer {
		if m := s.caught.Load(); m != nil && m.has(e, s) {
			return false
		}
	}
	if !e.scope.exceptionMemory().addNew(e) {
		return false
	}
	for s := e.scope.around; s != nil; s = s.around {
		s.exceptionMemory().add(e)
	}
	return true
}

// forget reverts remember, for an exception that was refused.
func (e *caughtException) forget() {
	for s := e.scope; s != nil; s = s.around {
		if m := s.caught.Load(); m != nil {
			m.remove(e)
		}
	}
}

// exceptionMemory returns the memory of s, which most scopes never need.
func (s *Scope) exceptionMemory() *exceptionMemory {
	if m := s.caught.Load(); m != nil {
		return m
	}
	s.caught.CompareAndSwap(nil, new(exceptionMemory))
	return s.caught.Load()
}

// has reports whether e was captured in the scope s itself, whose memory m is.
func (m *exceptionMemory) has(e *caughtException, s *Scope) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.last[:], func(o *caughtException) bool { return o != nil && o.scope == s && e.is(o) })
}

// addNew adds e and returns true, unless it is there.
func (m *exceptionMemory) addNew(e *caughtException) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.last[:], func(o *caughtException) bool { return o != nil && e.is(o) }) {
		return false
	}
	m.put(e)
	return true
}

func (m *exceptionMemory) add(e *caughtException) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(e)
}

// put takes the place of the oldest.
func (m *exceptionMemory) put(e *caughtException) {
	m.last[m.next%maxCaught] = e
	m.next++
}

func (m *exceptionMemory) remove(e *caughtException) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.last[:], e); i >= 0 {
		m.last[i] = nil
	}
}

package runtime

import (
	"context"
	"sync"
	"time"
)

const (
	// memoryLife is how long a scope remembers what PostHog said. A request ends before;
	// this is for programs that live in one scope.
	memoryLife = 5 * time.Minute

	// failureLife is how long a scope does not ask again after PostHog did not answer, so
	// that reading many flags takes no longer than reading one.
	failureLife = 30 * time.Second
)

// A flagMemory is what PostHog answered to the requests of one scope.
type flagMemory struct {
	identity string
	made     time.Time

	mu       sync.Mutex
	got      remoteAnswers
	complete bool // PostHog was asked for all flags
	failed   error
	failedAt time.Time
	flights  map[string]*flagFlight
}

// A flagFlight is a request that any number of callers wait for.
type flagFlight struct {
	done   chan struct{} // closed when answer is there
	answer flagAnswer
}

// remembered returns the memory of s for those who ask with the identity.
func (s *Scope) remembered(identity string, now time.Time) *flagMemory {
	for {
		m := s.memory.Load()
		if m != nil && m.identity == identity && now.Sub(m.made) < memoryLife {
			return m
		}
		fresh := &flagMemory{identity: identity, made: now}
		if s.memory.CompareAndSwap(m, fresh) {
			return fresh
		}
	}
}

// ask returns the answer about one flag: the one it remembers, or that of a request, which
// it shares with others who wait for it.
func (m *flagMemory) ask(p *patience, a *flagAsk, key string) flagAnswer {
	m.mu.Lock()
	if _, ok := m.got.byKey[key]; ok || m.complete {
		answer := m.got.of(key, nil)
		m.mu.Unlock()
		return answer
	}
	if m.failed != nil && p.c.now().Sub(m.failedAt) < failureLife {
		err := m.failed
		m.mu.Unlock()
		return unknownFlag(key, flagCode(err), err)
	}
	if p.over() { // it was spent on waiting for definitions
		m.mu.Unlock()
		return m.gaveUp(p, key)
	}
	f := m.flights[key]
	if f == nil {
		f = &flagFlight{done: make(chan struct{})}
		c, ctx := p.c, p.given // for else p would escape
		if !c.flags.fly(func() { m.fly(ctx, c, a, key, f) }) {
			m.mu.Unlock()
			return unknownFlag(key, codeDisabled, &FlagError{Key: key, Code: codeDisabled, Err: ErrClosed})
		}
		if m.flights == nil {
			m.flights = make(map[string]*flagFlight)
		}
		m.flights[key] = f
	}
	m.mu.Unlock()
	ctx := p.bound()
	select {
	case <-f.done:
		return f.answer
	case <-ctx.Done():
		return m.gaveUp(p, key)
	}
}

// gaveUp is the answer about a flag that came too late. Other flags are not waited for then.
func (m *flagMemory) gaveUp(p *patience, key string) flagAnswer {
	err := p.ctx.Err()
	if p.over() {
		m.learn(remoteAnswers{}, false, err, p.c.now())
	}
	return unknownFlag(key, flagCode(err), err)
}

// fly makes the request. It outlives the caller that began it: others may wait for it.
func (m *flagMemory) fly(ctx context.Context, c *Client, a *flagAsk, key string, f *flagFlight) {
	ctx, cancel := c.flags.bounded(context.WithoutCancel(ctx))
	defer cancel()
	got, err := c.flags.ask(ctx, a, []string{key})
	f.answer = got.of(key, err)
	m.learn(got, false, err, c.now())
	m.mu.Lock()
	if err == nil {
		if m.got.byKey == nil {
			m.got.byKey = make(map[string]flagAnswer)
		}
		m.got.byKey[key] = f.answer // also that there is no such flag
	}
	delete(m.flights, key)
	m.mu.Unlock()
	close(f.done)
}

// learn remembers answers.
func (m *flagMemory) learn(got remoteAnswers, complete bool, err error, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil {
		m.failed, m.failedAt = err, now
		return
	}
	m.failed = nil
	m.complete = m.complete || complete
	if m.got.byKey == nil {
		m.got.byKey = make(map[string]flagAnswer, len(got.byKey))
	}
	for key, a := range got.byKey {
		m.got.byKey[key] = a
	}
	m.got.code = got.code
}

// all returns what is remembered if that is an answer to all of keys, or to every flag if
// keys is nil.
func (m *flagMemory) all(keys []string) (remoteAnswers, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.complete {
		if keys == nil {
			return remoteAnswers{}, false
		}
		for _, key := range keys {
			if _, ok := m.got.byKey[key]; !ok {
				return remoteAnswers{}, false
			}
		}
	}
	return m.got.copy(), true
}

// failure returns why PostHog is not asked again now; nil if it may be.
func (m *flagMemory) failure(now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed != nil && now.Sub(m.failedAt) < failureLife {
		return m.failed
	}
	return nil
}

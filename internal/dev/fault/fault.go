// Package fault rehearses outages. A spec such as "503:30s,latency=2s,reset=10%" becomes
// a [Schedule] that tells which fault each request to a sink meets.
package fault

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

// A Schedule is the faults of a spec and when they end. It is safe for concurrent use.
// Make one with [New].
type Schedule struct {
	mu     sync.Mutex
	random *rand.Rand
	spec   string
	parts  []part
	since  time.Time // when the spec was set
}

// New returns a schedule whose spec begins now. The same seed chooses the same requests
// for the faults that do not meet all of them.
func New(spec string, seed uint64) (*Schedule, error) {
	s := &Schedule{random: rand.New(rand.NewPCG(seed, 0))}
	return s, s.Set(spec)
}

// Set ends what the former spec began and begins the new one; the empty spec is a healthy
// server. An error quotes the part that is wrong and lists the forms, and leaves the former
// spec as it was.
func (s *Schedule) Set(spec string) error {
	parts, err := parse(spec)
	if err != nil {
		return err
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = p.source
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spec, s.parts, s.since = strings.Join(texts, ","), parts, time.Now()
	return nil
}

// Spec returns what was set, without its blanks, even if all of it has ended.
func (s *Schedule) Spec() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spec
}

// An Active is a part of the spec that has not ended.
type Active struct {
	Text string        // without its duration
	Left time.Duration // 0: until another spec is set
}

// Active returns the parts that have not ended, in the order of the spec.
func (s *Schedule) Active() []Active {
	s.mu.Lock()
	defer s.mu.Unlock()
	age := time.Since(s.since)
	active := []Active{}
	for _, p := range s.parts {
		if !p.lasts(age) {
			continue
		}
		a := Active{Text: p.text}
		if p.lasting > 0 {
			a.Left = p.lasting - age
		}
		active = append(active, a)
	}
	return active
}

// Meet returns the fault that a request meets, the zero one if all is well. A connection
// that ends, which is one draw for all three ways, goes before a status; latency delays
// whatever gets a reply. No part looks at the request.
func (s *Schedule) Meet(*http.Request) sink.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var f sink.Fault
	age, draw, sum := time.Since(s.since), -1.0, 0.0
	for _, p := range s.parts {
		if !p.lasts(age) {
			continue
		}
		f.Delay += p.latency
		if p.status != 0 {
			f.Status = p.status
		}
		if p.ending == sink.Whole {
			continue
		}
		if draw < 0 {
			draw = 100 * s.random.Float64()
		}
		if sum <= draw && draw < sum+p.percent {
			f.Request, f.RequestBytes = p.ending, sink.All
		}
		sum += p.percent
	}
	return f
}

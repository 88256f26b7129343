//go:build linux

package main

import (
	"runtime"
	"slices"
	"time"

	"github.com/phgen/phgen/internal/bench/loopback"
)

// A cell is what one contender takes for one thing.
type cell struct {
	contender string
	op        func(i int) error // the i-th time
	n         int               // how often it is done in a round
	cpu       []float64         // ns, one for each round
	allocs    float64
}

// measure adds a round that takes about as long as budget.
func (c *cell) measure(budget time.Duration) error {
	if c.n == 0 {
		if err := c.calibrate(budget); err != nil {
			return err
		}
	}
	cpu, allocs, err := c.run(c.n)
	if err != nil {
		return err
	}
	c.cpu = append(c.cpu, float64(cpu)/float64(c.n))
	c.allocs = float64(allocs) / float64(c.n)
	return nil
}

// calibrate finds how often fits into budget.
func (c *cell) calibrate(budget time.Duration) error {
	for n := 1; ; n *= 2 {
		cpu, _, err := c.run(n)
		if err != nil {
			return err
		}
		if cpu > budget/4 {
			c.n = max(1, int(float64(n)*float64(budget)/float64(cpu)))
			return nil
		}
	}
}

// run does the thing n times. Garbage of the runs before is none of its business, its
// own is.
func (c *cell) run(n int) (cpu time.Duration, allocs uint64, err error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, err := loopback.CPUTime()
	if err != nil {
		return 0, 0, err
	}
	for i := range n {
		if err := c.op(i); err != nil {
			return 0, 0, err
		}
	}
	end, err := loopback.CPUTime()
	if err != nil {
		return 0, 0, err
	}
	runtime.ReadMemStats(&after)
	return end - start, after.Mallocs - before.Mallocs, nil
}

// median returns the CPU time of the round in the middle.
func (c *cell) median() float64 {
	sorted := slices.Sorted(slices.Values(c.cpu))
	return sorted[(len(sorted)-1)/2]
}

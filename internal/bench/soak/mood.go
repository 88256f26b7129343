//go:build linux

package main

import (
	"math/rand/v2"
	"sort"
	"time"
)

// A mood is how the server treats requests.
type mood uint8

const (
	healthy     mood = iota
	unavailable      // 503
	hanging          // no answer
	resetting        // the connection is reset
	throttling       // 429 with Retry-After: 1
	slow             // a healthy answer, late
)

var names = [...]string{
	healthy:     "healthy",
	unavailable: "503",
	hanging:     "hanging",
	resetting:   "resetting",
	throttling:  "429",
	slow:        "slow",
}

// A turn is a mood and when it ends.
type turn struct {
	mood mood
	end  time.Duration
}

const (
	minTurn = time.Second
	maxTurn = 3 * time.Second
)

// schedule returns the turns of a server that is healthy again after length. Health
// and faults alternate, and every fault has come once before one comes again.
func schedule(seed uint64, length time.Duration) []turn {
	random := rand.New(rand.NewPCG(seed, 0))
	span := func() time.Duration { return minTurn + time.Duration(random.Int64N(int64(maxTurn-minTurn))) }
	var turns []turn
	var at time.Duration
	for {
		for _, fault := range random.Perm(len(names) - 1) {
			for _, m := range []mood{healthy, mood(fault + 1)} {
				if at += span(); at >= length {
					return append(turns, turn{m, length})
				}
				turns = append(turns, turn{m, at})
			}
		}
	}
}

// moodAt returns the mood at a time: healthy behind the last turn.
func moodAt(turns []turn, at time.Duration) mood {
	i := sort.Search(len(turns), func(i int) bool { return at < turns[i].end })
	if i == len(turns) {
		return healthy
	}
	return turns[i].mood
}

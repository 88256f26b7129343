//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/phgen/phgen/internal/bench/loopback"
	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/dev/devprocess"
)

const (
	maxMessages = 10        // of the stream, a second
	window      = 10        // seconds in which they are counted: what is late on its way comes in bunches
	maxKept     = 256 << 20 // bytes of events, which phgen dev keeps unless told otherwise
	maxMemory   = 448 << 20 // of the process: all else that it needs, and its garbage
	patience    = 5 * time.Second
)

// A measurement is what a run showed.
type measurement struct {
	options
	sent    load
	summary dev.Summary
	stream  reader
	cpu     time.Duration
	rss     []int64 // one a second
	peak    int64
}

// measure sends events and watches.
func measure(ctx context.Context, o options, server *devprocess.Process) (*measurement, error) {
	m := &measurement{options: o}
	listening, leave := context.WithCancel(ctx)
	defer leave()
	var wg sync.WaitGroup
	open := make(chan struct{}, 1)
	wg.Go(func() { m.stream.read(listening, server.URL, open) })
	select {
	case <-open:
	case <-time.After(patience):
		return nil, errors.New("the stream does not begin")
	}
	sent := make(chan struct{})
	var memoryErr error
	wg.Go(func() { memoryErr = m.watchMemory(server.PID(), sent) })
	before, err := loopback.CPUTimeOf(server.PID())
	if err == nil {
		m.sent, err = send(ctx, o, server.URL)
	}
	close(sent)
	if err != nil {
		return nil, err
	}
	after, err := loopback.CPUTimeOf(server.PID())
	m.cpu = after - before
	if err == nil {
		err = pause(ctx, time.Second) // so that the stream has told of all
	}
	if err == nil {
		err = loopback.Fetch(server.URL+"/api/summary", &m.summary)
	}
	leave()
	wg.Wait()
	return m, errors.Join(err, memoryErr)
}

// watchMemory notes the memory of the process until sent is closed.
func (m *measurement) watchMemory(pid int, sent <-chan struct{}) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-sent:
			return nil
		}
		now, peak, err := loopback.MemoryOf(pid)
		if err != nil {
			return err
		}
		m.rss = append(m.rss, now)
		m.peak = peak
	}
}

// third returns the mean memory in the n-th third of the run.
func (m *measurement) third(n int) int64 {
	from, to := len(m.rss)*n/3, len(m.rss)*(n+1)/3
	var sum int64
	for _, rss := range m.rss[from:to] {
		sum += rss
	}
	return sum / int64(max(1, to-from))
}

const mega = 1 << 20

// print writes the figures for people.
func (m *measurement) print(w io.Writer) {
	events := float64(m.sent.events())
	seconds := m.sent.took.Seconds()
	fmt.Fprintf(w, "sent     %d events in %.1f s, %.0f a second; %.0f bytes each, %.1f MiB a second\n",
		m.sent.events(), seconds, events/seconds, float64(m.sent.bytes)/events, float64(m.sent.bytes)/seconds/mega)
	fmt.Fprintf(w, "replies  half within %v, 99%% within %v, the slowest %v\n",
		m.sent.wait(0.5).Round(10*time.Microsecond), m.sent.wait(0.99).Round(10*time.Microsecond), m.sent.wait(1).Round(10*time.Microsecond))
	c := m.summary.Counts
	fmt.Fprintf(w, "judged   %d ok, %d unplanned, %d invalid\n", c.OK, c.Unplanned, c.Invalid)
	fmt.Fprintf(w, "kept     %d events in %d MiB; %d had to make room\n", m.summary.Kept, m.summary.KeptBytes/mega, m.summary.Dropped)
	fmt.Fprintf(w, "stream   %d messages, %.1f a second, %d in the busiest ten; %d events told, %.1f kB a message\n",
		len(m.stream.at), float64(len(m.stream.at))/seconds, m.stream.busiest(window*time.Second), m.stream.told, float64(m.stream.bytes)/1000/float64(len(m.stream.at)))
	fmt.Fprintf(w, "memory   %d MiB in the first third, %d MiB in the last, %d MiB at most\n", m.third(0)/mega, m.third(2)/mega, m.peak/mega)
	fmt.Fprintf(w, "CPU      %.1f s, %.1f s for a million events\n", m.cpu.Seconds(), m.cpu.Seconds()/events*1e6)
}

// check returns what was wrong.
func (m *measurement) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if late := m.sent.took - m.length; late > max(time.Second, m.length/50) {
		wrong("the events took %v more than their time: phgen dev did not keep up", late.Round(time.Millisecond))
	}
	if m.summary.Counts != m.sent.Counts {
		wrong("sent %+v, judged %+v", m.sent.Counts, m.summary.Counts)
	}
	if got := uint64(m.summary.Kept) + m.summary.Dropped; got != m.sent.events() {
		wrong("sent %d events, kept or dropped %d", m.sent.events(), got)
	}
	if m.summary.KeptBytes > maxKept {
		wrong("%d bytes are kept, more than %d", m.summary.KeptBytes, int64(maxKept))
	}
	if m.stream.err != nil {
		errs = append(errs, m.stream.err)
	}
	if m.stream.told != m.sent.events() {
		wrong("the stream told of %d events, %d were sent", m.stream.told, m.sent.events())
	}
	if most := m.stream.busiest(window * time.Second); most > maxMessages*(window+1) {
		wrong("the stream had %d messages in %d seconds; at most %d in each are promised", most, window, maxMessages)
	}
	if m.peak > maxMemory {
		wrong("phgen dev took %d MiB, more than %d", m.peak/mega, maxMemory/mega)
	}
	return errors.Join(errs...)
}

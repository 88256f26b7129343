package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

// An eventPrinter prints a line for each event as it comes: text, or JSON for programs.
// Whoever sends events waits a moment for a terminal; what it cannot show by then is counted.
// A program that reads JSON gets every event, however long it takes.
type eventPrinter struct {
	out    io.Writer
	detail func(seq uint64) (dev.Detail, bool) // for JSON; nil for text
	colour bool

	rows    chan dev.Row
	skipped atomic.Uint64
	broken  func() // is called once when nothing can be written any more
	ended   chan struct{}
	err     error // of writing; to be read behind close
}

const (
	maxLines = 5_000                  // that wait for the terminal
	maxWait  = 100 * time.Millisecond // of a request for the terminal
	flushAt  = 32 << 10
)

// printEvents returns a printer. close ends it.
func printEvents(p *eventPrinter) *eventPrinter {
	p.rows, p.ended = make(chan dev.Row, maxLines), make(chan struct{})
	go p.run() // until close
	return p
}

// add prints events, soon.
func (p *eventPrinter) add(rows []dev.Row) {
	var over <-chan time.Time // never, for JSON
	for i, row := range rows {
		select {
		case p.rows <- row:
			continue
		default:
		}
		if p.detail == nil && over == nil {
			over = time.After(maxWait)
		}
		select {
		case p.rows <- row:
		case <-over:
			p.skipped.Add(uint64(len(rows) - i))
			return
		}
	}
}

func (p *eventPrinter) run() {
	defer close(p.ended)
	out := bufio.NewWriterSize(p.out, 2*flushAt) // whole lines, as a rule: the command may write there, too
	for row := range p.rows {
		if p.err != nil {
			continue // nobody may wait for this any more
		}
		p.print(out, row)
		if len(p.rows) == 0 || out.Buffered() >= flushAt {
			p.flush(out)
		}
	}
	p.flush(out)
}

func (p *eventPrinter) print(out *bufio.Writer, row dev.Row) {
	if n := p.skipped.Swap(0); n > 0 {
		fmt.Fprintf(out, "phgen: %s came too fast to be shown\n", plural(int(n), "event"))
	}
	if p.detail == nil {
		fmt.Fprintln(out, eventLine(row, p.colour))
		return
	}
	line := struct {
		dev.Row
		All []dev.Finding `json:"all,omitempty"`
	}{Row: row}
	if row.Findings > 0 {
		d, _ := p.detail(row.Seq) // one that had to make room has its row only
		line.All = d.All
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(line) // flush tells
}

func (p *eventPrinter) flush(out *bufio.Writer) {
	if err := out.Flush(); err != nil && p.err == nil {
		p.err = err
		p.broken()
	}
}

// close prints what is left, and returns the error of writing. Nothing may be added behind it.
func (p *eventPrinter) close() error {
	close(p.rows)
	<-p.ended
	return p.err
}

var verdictHues = map[dev.Verdict]string{dev.OK: "32", dev.Unplanned: "33", dev.Invalid: "31"} // green, yellow, red

// eventLine is an event for people: when, the verdict, what, who, and what is wrong with it.
func eventLine(row dev.Row, colour bool) string {
	mark := fmt.Sprintf("%-9s", row.Verdict)
	if colour {
		mark = "\x1b[" + verdictHues[row.Verdict] + "m" + mark + "\x1b[0m"
	}
	text := fmt.Sprintf("%-24s  %s", cut(row.Event), cut(row.Person))
	if row.Finding != "" {
		text += "  " + row.Finding
	}
	if row.Findings > 1 {
		text += fmt.Sprintf(" (and %d more)", row.Findings-1)
	}
	if row.Deprecated != "" {
		text += "  deprecated: " + row.Deprecated
	}
	return row.At.Local().Format("15:04:05.000") + " " + mark + " " + printable(text)
}

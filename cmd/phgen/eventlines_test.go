package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/internal/dev"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.Local)

func TestEventLine(t *testing.T) {
	tests := []struct {
		row    dev.Row
		colour bool
		want   string
	}{
		{dev.Row{Event: "paid", Person: "u1", Verdict: dev.OK}, false, "12:00:00.005 ok        paid                      u1"},
		{dev.Row{Event: "paid", Person: "u1", Verdict: dev.Unplanned, Finding: "unplanned: not an event of the plan", Findings: 1}, false,
			"12:00:00.005 unplanned paid                      u1  unplanned: not an event of the plan"},
		{dev.Row{Event: "paid", Person: "u1", Verdict: dev.Invalid, Finding: "total: required: missing", Findings: 3}, true,
			"12:00:00.005 \x1b[31minvalid  \x1b[0m paid                      u1  total: required: missing (and 2 more)"},
		{dev.Row{Event: "paid", Person: "u1", Verdict: dev.OK, Deprecated: `event "paid": use "bought"`}, true,
			"12:00:00.005 \x1b[32mok       \x1b[0m paid                      u1  deprecated: event \"paid\": use \"bought\""},
		{dev.Row{Event: "a\nb\x1b[2J", Person: "u\u202e1", Verdict: dev.OK, Deprecated: "x\r"}, false,
			`12:00:00.005 ok        a\nb\x1b[2J                   u\u202e1  deprecated: x\r`},
		{dev.Row{Event: strings.Repeat("é", 300), Verdict: dev.OK}, false, "12:00:00.005 ok        " + strings.Repeat("é", 200) + "…  "},
	}
	for _, tt := range tests {
		tt.row.At = noon
		if got := eventLine(tt.row, tt.colour); got != tt.want {
			t.Errorf("%+v:\ngot  %q\nwant %q", tt.row, got, tt.want)
		}
	}
}

// Senders hardly wait for a terminal that shows nothing, and its user learns what is missing.
func TestSlowTerminal(t *testing.T) {
	r, w := io.Pipe()
	p := printEvents(&eventPrinter{out: w})
	row := dev.Row{At: noon, Event: "paid", Person: "u1", Verdict: dev.OK}
	p.add([]dev.Row{row})
	first := make([]byte, 1)
	if _, err := io.ReadFull(r, first); err != nil { // the printer is stuck in the middle of a line now
		t.Fatal(err)
	}
	const more = maxLines + 7
	for range more {
		p.add([]dev.Row{row})
	}
	lines := make(chan string)
	go func() { // until the printer has ended
		text, _ := io.ReadAll(r)
		lines <- string(text)
	}()
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	got := <-lines
	if n := strings.Count(got, "paid"); n != maxLines+1 {
		t.Errorf("%d events were shown, want %d", n, maxLines+1)
	}
	if want := "\nphgen: 7 events came too fast to be shown\n"; strings.Count(got, want) != 1 {
		t.Errorf("it does not say %q", want)
	}
}

type brokenPipe struct{}

var errPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

// A program that has gone keeps nobody waiting.
func TestBrokenPipe(t *testing.T) {
	broken := 0
	p := printEvents(&eventPrinter{
		out:    brokenPipe{},
		detail: func(uint64) (dev.Detail, bool) { return dev.Detail{}, false },
		broken: func() { broken++ },
	})
	for range 3 * maxLines {
		p.add([]dev.Row{{At: noon, Event: "paid"}})
	}
	if err := p.close(); !errors.Is(err, errPipe) {
		t.Errorf("got %v, want %v", err, errPipe)
	}
	if broken != 1 {
		t.Errorf("told %d times, want once", broken)
	}
}

func TestEventJSON(t *testing.T) {
	var out bytes.Buffer
	p := printEvents(&eventPrinter{out: &out, detail: func(seq uint64) (dev.Detail, bool) {
		if seq == 3 {
			return dev.Detail{}, false
		}
		return dev.Detail{All: []dev.Finding{{Path: "total", Rule: "required", Message: "missing", Plan: "p.yaml:1:2"}}}, true
	}})
	at := noon.UTC().Truncate(time.Second)
	p.add([]dev.Row{
		{Seq: 1, At: at, Event: "<paid>", Person: "u1", Verdict: dev.OK},
		{Seq: 2, At: at, Event: "paid", Person: "u1", Verdict: dev.Invalid, Finding: "x", Findings: 1},
		{Seq: 3, At: at, Event: "paid", Person: "u1", Verdict: dev.Invalid, Finding: "x", Findings: 1},
	})
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	when := at.Format(time.RFC3339)
	want := `{"seq":1,"at":"` + when + `","event":"<paid>","person":"u1","verdict":"ok","bytes":0,"request":0}
{"seq":2,"at":"` + when + `","event":"paid","person":"u1","verdict":"invalid","finding":"x","findings":1,"bytes":0,"request":0,"all":[{"path":"total","rule":"required","message":"missing","plan":"p.yaml:1:2"}]}
{"seq":3,"at":"` + when + `","event":"paid","person":"u1","verdict":"invalid","finding":"x","findings":1,"bytes":0,"request":0}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

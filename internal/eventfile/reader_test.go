package eventfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// read returns what a file holds, one line for each event and each part without one.
func read(t *testing.T, in io.Reader) []string {
	t.Helper()
	r, err := NewReader(in)
	if err != nil {
		return []string{err.Error()}
	}
	var got []string
	for {
		e, err := r.Next()
		var bad *Unreadable
		switch {
		case errors.Is(err, io.EOF):
			return got
		case errors.As(err, &bad):
			got = append(got, fmt.Sprintf("%d:%d[%d] %s", bad.Line, bad.Col, bad.Index, bad.Reason))
		case err != nil:
			return append(got, err.Error())
		default:
			got = append(got, fmt.Sprintf("%d:%d[%d] event %s %v", e.Line, e.Col, e.Index, e.Name, e.Properties))
		}
	}
}

func TestReader(t *testing.T) {
	tests := []struct {
		in   string
		want []string
	}{
		{"", nil},
		{" \r\n\n", nil},
		{`{"event":"a"}`, []string{"1:1[-1] event a map[]"}},
		{"\ufeff{\"event\":\"a\"}\r\n\r\n  {\"event\":\"b\",\"properties\":{\"x\":1.50}}\n", []string{"1:1[-1] event a map[]", "3:3[-1] event b map[x:1.50]"}},
		{`{"event":"a"}{"event":"b"}`, []string{"1:1[-1] event a map[]", "1:14[-1] event b map[]"}},
		{`{"api_key":"k","batch":[{"event":"ä"} , {"event":"b"}],"sent_at":{"a":[]}}` + "\n" + `{"event":"c"}`,
			[]string{"1:25[0] event ä map[]", "1:41[1] event b map[]", "2:1[-1] event c map[]"}},
		{"{\n  \"batch\": [\n    {\n      \"event\": \"a\"\n    }\n  ]\n}\n", []string{"3:5[0] event a map[]"}},
		{`{"batch":[]}`, nil},
		{`{"batch":[],"batch":[{"event":"a"}]}`, []string{"1:22[0] event a map[]"}},
		{`[{"event":"a"},{"event":"b"}]`, []string{"1:2[0] event a map[]", "1:16[1] event b map[]"}},
		{`[]`, nil},
		// What stands beside the properties is one of them.
		{`{"event":"a","properties":{"$set":{"x":1}},"$set":{"x":2,"y":3},"$set_once":{"z":4}}`, []string{"1:1[-1] event a map[$set:map[x:1 y:3] $set_once:map[z:4]]"}},
		{`{"event":"a","options":{"process_person_profile":false},"properties":{}}`, []string{"1:1[-1] event a map[$process_person_profile:false]"}},
		{`{"event":"a","properties":null}`, []string{"1:1[-1] event a map[]"}},

		// An object without events.
		{`{}`, []string{`1:1[-1] "event" is missing, empty or no string`}},
		{`{"event":7}`, []string{`1:1[-1] "event" is missing, empty or no string`}},
		{`{"event":"a",  "properties":[]}`, []string{`1:16[-1] "properties" is no object`}},
		{`{"batch":7}`, []string{`1:1[-1] "event" is missing, empty or no string`}},
		{`[1,null,{"event":"a"}]`, []string{"1:2[0] an event is no JSON object", `1:4[1] "event" is missing, empty or no string`, "1:9[2] event a map[]"}},
		{`7`, []string{`1:1[-1] found "7" where an object or an array should be`}},
		{"\xff\xfe{\x00", []string{"1:1[-1] found byte 0xff where an object or an array should be"}},
		{"{\"event\":\"a\xff\"}", []string{"1:1[-1] no UTF-8"}},

		// Broken lines cost themselves only.
		{"{\"event\":\"a\n{\"event\":\"b\"}", []string{"1:12[-1] found the end of the line where the quote that ends a string should be", "2:1[-1] event b map[]"}},
		{"{\"event\":\"a\"\n{\"event\":\"b\"}", []string{`2:1[-1] found "{" where "," or "}" should be, in what began in line 1`, "2:1[-1] event b map[]"}},
		{"{\"event\":\"a\",\"properties\":{\"x\":[1\n{\"event\":\"b\"}", []string{`2:1[-1] found "{" where "," or "]" should be, in what began in line 1`, "2:1[-1] event b map[]"}},
		{"{\"event\":tru}\n{\"event\":\"b\"}", []string{"1:13[-1] invalid character '}' in literal true (expecting 'e')", "2:1[-1] event b map[]"}},
		{"{\"event\":\"a\",}\n{\"event\":\"b\"}", []string{`1:14[-1] found "}" where a quote should be`, "2:1[-1] event b map[]"}},
		{"[{\"event\":\"a\"},{\"event\":01},{\"event\":\"c\"}]\n", []string{"1:2[0] event a map[]", "1:26[1] invalid character '1' after object key:value pair", "1:29[2] event c map[]"}},
		{"[{\"event\":\"a\"} {\"event\":\"b\"}]\n{\"event\":\"c\"}", []string{"1:2[0] event a map[]", `1:16[0] found "{" where "," or "]" should be`, "2:1[-1] event c map[]"}},
		{"[{\"event\":\"a\"}}\n{\"event\":\"c\"}", []string{"1:2[0] event a map[]", `1:15[0] found "}" where "," or "]" should be`, "2:1[-1] event c map[]"}},
		// What went over lines is over where the next value begins.
		{"{\n  \"batch\": [\n    {\"event\": \"a\"},\n    {\"event\": ],\n    {\"event\": \"b\"}\n  ]\n}\n{\"event\":\"c\"}\n", []string{
			"3:5[0] event a map[]", `4:15[1] found "]" where a value should be, in what began in line 1`, "8:1[-1] event c map[]"}},
		{`{"event":"a"`, []string{`1:13[-1] the text ends where "," or "}" should be`}},
		{`{"batch":[{"event":"a"}`, []string{"1:11[0] event a map[]", `1:24[0] the text ends where "," or "]" should be`}},
		{"true false\n{\"event\":\"a\"}", []string{`1:1[-1] found "t" where an object or an array should be`, "2:1[-1] event a map[]"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, read(t, strings.NewReader(tt.in))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.in, diff)
		}
		if diff := cmp.Diff(tt.want, read(t, iotest.OneByteReader(strings.NewReader(tt.in)))); diff != "" {
			t.Errorf("%q, byte by byte (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestReaderLimits(t *testing.T) {
	after := "\n" + `{"event":"b"}`
	long := strings.Repeat("x", MaxEvent)
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	tests := []struct {
		name, in string
		want     string
	}{
		{"an event that is too long", `{"event":"a","properties":{"x":"` + long + `"}}`, "1:1[-1] longer than 8388608 bytes"},
		{"one in a batch", `{"batch":[{"event":"a","properties":{"x":"` + long + `"}}]}`, "1:11[0] longer than 8388608 bytes"},
		{"a batch behind much else", `{"x":"` + long + `","batch":[{"event":"a"}]}`, fmt.Sprintf("1:%d[0] event a map[]", MaxEvent+18)},
		{"as deep as can be", `{"event":"a","properties":{"x":` + deep(MaxDepth) + `}}`, "1:1[-1] nested more than 128 levels deep"},
		{"skipped however deep", `{"event":"a","properties":{"x":` + deep(maxNesting-1) + `}}`, "1:1[-1] nested more than 128 levels deep"},
		{"a bomb", `{"event":"a","properties":{"x":` + strings.Repeat("[", 1<<20), fmt.Sprintf("1:%d[-1] nested more than 10000 levels deep", maxNesting+31)},
	}
	for _, tt := range tests {
		want := []string{tt.want, "2:1[-1] event b map[]"}
		if diff := cmp.Diff(want, read(t, strings.NewReader(tt.in+after))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReaderGzip(t *testing.T) {
	one := gzipped(t, `{"event":"a"}`+"\n")
	want := []string{"1:1[-1] event a map[]", "2:1[-1] event a map[]"}
	if diff := cmp.Diff(want, read(t, bytes.NewReader(append(bytes.Clone(one), one...)))); diff != "" {
		t.Errorf("two members (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"line 1: unexpected EOF"}, read(t, bytes.NewReader(one[:len(one)-9]))); diff != "" {
		t.Errorf("cut off (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"reading gzip: unexpected EOF"}, read(t, bytes.NewReader(one[:3]))); diff != "" {
		t.Errorf("only magic (-want +got):\n%s", diff)
	}
	failing := io.MultiReader(strings.NewReader("{\"event\":\"a\"}\n"), iotest.ErrReader(errors.New("disk on fire")))
	if diff := cmp.Diff([]string{"1:1[-1] event a map[]", "line 2: disk on fire"}, read(t, failing)); diff != "" {
		t.Errorf("failing (-want +got):\n%s", diff)
	}
}

func TestLocate(t *testing.T) {
	const text = "  {\"event\":\"a\",\n \"properties\": {\"ä\": 1, \"items\": [{\"sku\": 1},\n  {\"sku\": 2}], \"a.b\": {\"c\": 3}}}"
	r, err := NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path      string
		line, col int
	}{
		{"", 1, 3},
		{"ä", 2, 17},
		{"items", 2, 25},
		{"items[0].sku", 2, 36},
		{"items[1].sku", 3, 4},
		{"items[1].price", 3, 3}, // is not there: the object that should hold it
		{"items[7]", 2, 25},
		{"a.b.c", 3, 24},
		{"nowhere", 2, 2},
	}
	for _, tt := range tests {
		if line, col := e.Locate(tt.path); line != tt.line || col != tt.col {
			t.Errorf("Locate(%q): got %d:%d, want %d:%d", tt.path, line, col, tt.line, tt.col)
		}
	}
}

// A reader in bounded memory and time: an endless batch is no problem.
func TestReaderStreams(t *testing.T) {
	const events = 200_000
	pr, pw := io.Pipe()
	go func() { // ends when all is written, or the reader is closed
		_, err := io.WriteString(pw, `{"batch":[{"event":"a"}`)
		for i := 1; i < events && err == nil; i++ {
			_, err = io.WriteString(pw, `,{"event":"a","properties":{"x":1}}`)
		}
		_, _ = io.WriteString(pw, "]}")
		pw.CloseWithError(err)
	}()
	defer pr.Close()
	r, err := NewReader(pr)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		if _, err = r.Next(); err != nil {
			break
		}
		n++
	}
	if n != events || !errors.Is(err, io.EOF) {
		t.Errorf("got %d events, then %v; want %d, then EOF", n, err, events)
	}
	if got := cap(r.kept); got > 4096 {
		t.Errorf("got %d bytes kept, want what one event needs", got)
	}
}

// Whatever a file holds, reading it ends, and every place is inside it.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{"event":"a","properties":{"x":[1,{"y":"z"}]}}`, "{\"batch\":[{\"event\":\"a\"},7],\"sent_at\":1}\n{", "[[[[", `{"a":`, "\x1f\x8b\x08", "{\"event\":\"a\\\"\n{}", "[}", "\ufeff[]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := NewReader(bytes.NewReader(text))
		if err != nil {
			return
		}
		lines := bytes.Count(text, []byte("\n")) + 1
		for range len(text) + 2 {
			e, err := r.Next()
			var bad *Unreadable
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &bad):
				e.Place = bad.Place
			case err != nil:
				return
			default:
				e.Locate("x[1].y")
			}
			if compressed := bytes.HasPrefix(text, []byte{0x1f, 0x8b}); !compressed && (e.Line < 1 || e.Line > lines || e.Col < 1 || e.Col > len(text)+1) {
				t.Fatalf("%q: got place %d:%d", text, e.Line, e.Col)
			}
		}
		t.Fatalf("%q: reading does not end", text)
	})
}

func BenchmarkReader(b *testing.B) {
	line := `{"event":"order_completed","distinct_id":"u_1","uuid":"0190c8a4-0000-7222-8333-444455556666","properties":{"order_id":"o1","price":49.99,"currency":"USD","items":[{"sku":"ABC-12","quantity":1}]}}` + "\n"
	text := strings.Repeat(line, 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r, err := NewReader(strings.NewReader(text))
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
}

func TestIdentity(t *testing.T) {
	tests := []struct {
		in   string
		want Event
	}{
		{`{"event":"a","distinct_id":"u","uuid":"U","timestamp":"T"}`, Event{DistinctID: "u", UUID: "U", Timestamp: "T"}},
		{`{"event":"a","$distinct_id":"u","properties":{"distinct_id":"v"}}`, Event{DistinctID: "u", Properties: map[string]any{"distinct_id": "v"}}},
		{`{"event":"a","distinct_id":null,"properties":{"distinct_id":"v"}}`, Event{DistinctID: "v", Properties: map[string]any{"distinct_id": "v"}}},
		{`{"event":"a","distinct_id":7,"uuid":7,"timestamp":7}`, Event{DistinctID: "7"}},
		{`{"event":"a","session_id":"s","window_id":"w","properties":{"$window_id":"own"}}`,
			Event{Properties: map[string]any{"$session_id": "s", "$window_id": "own"}}},
	}
	for _, tt := range tests {
		r, err := NewReader(strings.NewReader(tt.in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Next()
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		tt.want.Name, tt.want.Place = "a", Place{1, 1, -1}
		if tt.want.Properties == nil {
			tt.want.Properties = map[string]any{}
		}
		if diff := cmp.Diff(got, tt.want, cmpopts.IgnoreUnexported(Event{})); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.in, diff)
		}
	}
}

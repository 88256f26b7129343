package traffic_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

func TestEvents(t *testing.T) {
	const limit = 16
	for _, tt := range []struct {
		name, in string
		want     []string
		lost     int64
	}{
		{name: "one", in: "data: a\n\n", want: []string{"a"}},
		{name: "carriage returns", in: "data: a\r\rdata: b\r\n\r\n", want: []string{"a", "b"}},
		{name: "lines", in: "data: a\ndata: b\n\n", want: []string{"a\nb"}},
		{name: "no space", in: "data:a\n\n", want: []string{"a"}},
		{name: "two spaces", in: "data:  a\n\n", want: []string{" a"}},
		{name: "empty", in: "data\n\n", want: []string{""}},
		{name: "comments and other fields", in: ": hello\nevent: x\nid: 1\ndatum: 2\n\ndata: a\n\n", want: []string{"a"}},
		{name: "byte order mark", in: "\xef\xbb\xbfdata: a\n\n", want: []string{"a"}},
		{name: "no end", in: "data: a\n\ndata: b", want: []string{"a", "b"}},
		{name: "nothing", in: ""},
		{name: "only lines", in: "\n\r\n\r"},
		{name: "too long", in: "data: " + strings.Repeat("a", limit) + "\n\ndata: b\n\n", want: []string{"b"}, lost: limit + 6},
		{name: "too long a comment", in: ": " + strings.Repeat("a", limit) + "\ndata: a\n\ndata: b\n\n", want: []string{"b"}, lost: limit + 2},
		{name: "too many lines", in: strings.Repeat("data: aaaaaaaa\n", 2) + "\ndata: b\n\n", want: []string{"b"}, lost: limit},
	} {
		got, lost := traffic.Events(limit, []byte(tt.in))
		if diff := cmp.Diff(got, tt.want); diff != "" || lost != tt.lost {
			t.Errorf("%s: lost %d, want %d; events (-got +want):\n%s", tt.name, lost, tt.lost, diff)
		}
		var bytes [][]byte
		for i := range len(tt.in) {
			bytes = append(bytes, []byte{tt.in[i]})
		}
		if got, lost := traffic.Events(limit, bytes...); !cmp.Equal(got, tt.want) || lost != tt.lost {
			t.Errorf("%s: byte by byte: got %q and lost %d, want %q and %d", tt.name, got, lost, tt.want, tt.lost)
		}
	}
}

// A line without an end costs no more memory than an event may.
func TestEventsForgetLongLines(t *testing.T) {
	piece := []byte(strings.Repeat("a", 1000))
	got, lost := traffic.Events(4096, append(slices(piece, 100), []byte("\n\ndata: b\n\n"))...)
	if diff := cmp.Diff(got, []string{"b"}); diff != "" || lost != 100*1000 {
		t.Errorf("lost %d, events (-got +want):\n%s", lost, diff)
	}
}

func slices(p []byte, n int) (all [][]byte) {
	for range n {
		all = append(all, p)
	}
	return all
}

//go:build !race

package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/phgen/phgen/runtime/internal/queue"
)

// Making a body costs the same few allocations whatever the compression and the number
// of events.
func TestBodyAllocates(t *testing.T) {
	events := strings.Split(strings.TrimPrefix(string(bytes.Join(sample(100), nil)), ","), ",{\"uuid\"")
	with(t, events, func(r *queue.Request) {
		for _, c := range []Compression{None, Gzip, Zstd, Deflate} {
			tr := New(Config{Protocol: V1, Compression: c})
			tr.body(r).detach()
			got := testing.AllocsPerRun(100, func() { tr.body(r).detach() })
			if got > 7 {
				t.Errorf("compression %d: %v allocations, want at most 7", c, got)
			}
		}
	})
}

// The common answer costs a handful of allocations, whatever the number of events.
func TestResultsAllocate(t *testing.T) {
	const n = 1000
	var body bytes.Buffer
	body.WriteString(`{"results":{`)
	for i := range n {
		fmt.Fprintf(&body, `%.*s"%v":{"result":"ok","details":null}`, min(i, 1), ",", id(i))
	}
	body.WriteString("}}")
	tr := New(Config{Protocol: V1})
	res := &http.Response{StatusCode: 200}
	with(t, make([]string, n), func(r *queue.Request) {
		got := testing.AllocsPerRun(100, func() {
			res.Body = io.NopCloser(bytes.NewReader(body.Bytes()))
			if a, err := tr.read(res, r); err != nil || a.Outcome != queue.Delivered {
				t.Errorf("reading %+v, error %v", a, err)
			}
		})
		if got > 12 {
			t.Errorf("%v allocations, want at most 12", got)
		}
	})
}

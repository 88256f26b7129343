package traffic_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/phai/internal/traffic"
)

// Whatever comes, in whatever pieces, is read the same, is JSON, and is no larger than the
// bound says.
func FuzzStream(f *testing.F) {
	for i, tt := range streams {
		f.Add(uint8(tt.api), []byte(tt.in), uint16(i))
	}
	f.Fuzz(func(t *testing.T, api uint8, in []byte, step uint16) {
		const limit = 1 << 10
		a := traffic.API(api % 5)
		whole := a.NewStream(limit, true)
		write(whole, string(in), len(in))
		got := whole.Response()
		output := encoded(t, got.Output)
		if len(output) > 32*limit+64*len(in) {
			t.Errorf("%d bytes of output", len(output))
		}
		pieces := a.NewStream(limit, true)
		write(pieces, string(in), int(step)+1)
		if diff := cmp.Diff(string(encoded(t, pieces.Response())), string(encoded(t, got))); diff != "" {
			t.Errorf("in pieces (-got +want):\n%s", diff)
		}
	})
}

// What is no object is never complete, and what is kept of one is what encoding/json finds.
func FuzzObject(f *testing.F) {
	f.Add(uint8(1), []byte(`{"model":"m","messages":[{"role":"user","content":"\"}"}],"n":2}`), uint8(1))
	f.Add(uint8(2), []byte(`{"input":"x","mod\u0065l":"m"}`), uint8(3))
	f.Add(uint8(4), []byte(`{"system":"x","messages":[]}`), uint8(200))
	f.Fuzz(func(t *testing.T, api uint8, in []byte, step uint8) {
		a := traffic.API(api % 5)
		request, response := a.NewRequest(1<<20, true), a.NewResponse(1<<20)
		for rest := in; len(rest) > 0; {
			n := min(int(step)+1, len(rest))
			_, _ = request.Write(rest[:n])
			_, _ = response.Write(rest[:n])
			rest = rest[n:]
		}
		r := a.Request(request)
		encoded(t, r)
		encoded(t, a.Response(response, true))
		if !json.Valid(in) {
			return
		}
		object := bytes.HasPrefix(bytes.TrimLeft(in, " \t\r\n"), []byte("{"))
		if request.Complete() != object {
			t.Fatalf("complete is %v", request.Complete())
		}
		var want map[string]json.RawMessage
		if object && json.Unmarshal(in, &want) == nil && request.Has("model") != (want["model"] != nil) {
			t.Errorf("has a model: %v, want %v", request.Has("model"), want["model"] != nil)
		}
	})
}

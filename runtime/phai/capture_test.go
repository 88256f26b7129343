package phai

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

func TestLanes(t *testing.T) {
	for _, test := range []struct {
		opts []Option
		want string
	}{
		{nil, "/i/v0/ai/batch/"},
		{[]Option{Lane(true)}, "/i/v0/ai/batch/"},
		{[]Option{Lane(false)}, "/batch/"},
	} {
		r := newRig(t)
		(&TraceEvent{}).Capture(r.ctx(), test.opts...)
		if got := r.one().path; got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestProps(t *testing.T) {
	r := newRig(t)
	ctx := ph.With(r.ctx(), ph.Tag("tag", 1), ph.Tag("b", "tag"), ph.Tag("ticket_id", "tag"))
	ctx = With(ctx, WithProps(ph.Props{"a": "run", "b": "run", "$ai_model": "run"}), WithFeature(ticket{}))
	ctx = With(ctx, WithProps(ph.Props{"a": "inner"}))
	e := GenerationEvent{Model: Model{Name: "own", Provider: "own"}}
	e.Extra = ph.Props{
		"b": "own", "language": "own", "$ai_provider": "theirs", "$ai_input_tokens": 7, keyIsError: false, keyTokensSource: "x", keyFeature: "x",
		"": 1, "$cookieless_mode": "x",
	}
	e.Err = context.Canceled
	e.Capture(ctx)
	p := r.one().Properties
	got := map[string]any{}
	for _, key := range []string{"a", "b", "tag", "language", "ticket_id", "$ai_provider", "$ai_model", "$ai_input_tokens", keyIsError, keyTokensSource, keyFeature, "", "$cookieless_mode"} {
		got[key] = p[key]
	}
	want := map[string]any{
		"a": "inner", "b": "own", "tag": 1.0, "language": "own", "ticket_id": 7.0, "$ai_provider": "theirs", "$ai_model": "run", "$ai_input_tokens": 7.0,
		keyIsError: true, keyTokensSource: "passthrough", keyFeature: "ticket_summary", "": nil, "$cookieless_mode": nil,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("properties (-got +want):\n%s", diff)
	}
}

func TestSend(t *testing.T) {
	r := newRig(t)
	id := uuid.New()
	ctx, trace := Trace(r.anybody(), "a", Send(ph.As("bob")), Send(ph.InGroup("team", "x")))
	trace.End(nil)
	(&SpanEvent{}).Capture(ctx, Send(ph.ID(id)))
	for i, e := range r.sent() {
		if e.DistinctID != "bob" || e.Properties["$process_person_profile"] != nil || e.Properties["$groups"].(map[string]any)["team"] != "x" {
			t.Errorf("got %s", e.text)
		}
		if i == 1 && e.UUID != id.String() {
			t.Errorf("got uuid %s, want %s", e.UUID, id)
		}
	}
}

// cycle holds itself.
func cycle() any {
	m := map[string]any{"text": "in"}
	m["self"] = m
	list := []any{m, 1}
	list[1] = list
	return list
}

// spiral is a message that holds its own list.
func spiral() any {
	list := []Message{{Role: "user"}}
	list[0].Content = list
	return list
}

// deep is a list in a list, 200 times.
func deep() any {
	v := any("deep")
	for range 200 {
		v = []any{v}
	}
	return v
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("broken") }

func TestContent(t *testing.T) {
	for _, test := range []struct {
		name string
		in   any
		want string
	}{
		{"text", "hi", `[{"content":"hi","role":"user"}]`},
		{"message", Message{Role: "user", Content: "hi", Audio: map[string]any{"id": "a"}, Refusal: "no"},
			`[{"audio":{"id":"a"},"content":"hi","refusal":"no","role":"user"}]`},
		{"pointer", &Message{Role: "user"}, `{"content":null,"role":"user"}`},
		{"raw", json.RawMessage(` [ 1 , "a" ] `), `[1,"a"]`},
		{"bytes", []byte(`{"a":1}`), `{"a":1}`},
		{"broken", []byte(`{"a":`), `"{\"a\":"`},
		{"no messages", []Message(nil), `null`},
		{"no map", map[string]any(nil), `null`},
		{"cycle", cycle(), `[{"self":null,"text":"in"},null]`},
		{"spiral", spiral(), `[{"content":null,"role":"user"}]`},
		{"deep", deep(), strings.Repeat("[", 33) + "null" + strings.Repeat("]", 33)},
		{"deep JSON", json.RawMessage(strings.Repeat("[", 200) + strings.Repeat("]", 200)), `"` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `"`},
		{"no JSON", json.RawMessage(nil), `null`},
		{"broken with a file", json.RawMessage(`{"data":"` + strings.Repeat("QUJD", 100)), `"{\"data\":\"[base64 file redacted]"`},
		{"panic", []any{panicking{}, 1}, `[null,1]`},
		{"channel", make(chan int), `null`},
		{"NUL", "a\x00b\xff", `[{"content":"ab` + "\uFFFD" + `","role":"user"}]`},
		{"function", []Message{{Content: []Part{{Type: "function", ID: "c", Function: &Function{"f", map[string]any{"x": 1}}}}}},
			`[{"content":[{"function":{"arguments":{"x":1},"name":"f"},"id":"c","type":"function"}],"role":""}]`},
	} {
		r := newRig(t)
		(&GenerationEvent{Input: test.in}).Capture(r.ctx(), Privacy(Keep))
		got, err := json.Marshal(r.one().Properties[keyInput])
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestMaxText(t *testing.T) {
	text := strings.Repeat("é", 90)
	for n, want := range map[int]string{
		5: strings.Repeat("é", 64) + "... [truncated]", 80: strings.Repeat("é", 80) + "... [truncated]", 90: text, 0: text, -1: text,
	} {
		r := newRig(t)
		(&SpanEvent{Input: text, Step: Step{Name: text, Extra: ph.Props{"mine": text}}}).Capture(r.ctx(), Privacy(Keep), MaxText(n))
		p := r.one().Properties
		if p[keyInputState] != want || p["mine"] != want || p["$ai_span_name"] != text {
			t.Errorf("%d: got %v and %v of %v, want %v", n, p[keyInputState], p["mine"], p["$ai_span_name"], want)
		}
	}
}

// Contents that are too large are null; what is about them is sent.
func TestTooLarge(t *testing.T) {
	large := strings.Repeat("word ", 1<<20/5)
	r := newRig(t)
	(&GenerationEvent{Step: Step{Extra: ph.Props{"plan": "pro"}}, Input: large, Output: "yes"}).Capture(r.ctx(), Privacy(Keep), Lane(false))
	(&GenerationEvent{Step: Step{Extra: ph.Props{"plan": "pro"}}, Input: large, Output: "yes"}).Capture(r.ctx(), Privacy(Keep))
	(&SpanEvent{Input: strings.Repeat(large, 9), Output: struct{ A string }{strings.Repeat(large, 9)}}).Capture(r.ctx(), Privacy(Keep))
	got := r.sent()
	if len(got) != 3 {
		t.Fatalf("%d events, want 3", len(got))
	}
	for _, e := range got {
		v, ok := e.Properties[keyInput]
		switch {
		case e.Event == "$ai_span":
			v, ok = e.Properties[keyInputState]
			if _, there := e.Properties[keyOutputState]; !there {
				t.Error("the output is missing")
			}
		case e.Properties["plan"] != "pro" || e.Properties[keyTokensSource] != "sdk" || e.Properties[keyOutput] == nil:
			t.Errorf("small properties are missing: %.300s", e.text)
		}
		if kept := e.path == "/i/v0/ai/batch/" && e.Event == "$ai_generation"; !ok || (v != nil) != kept {
			t.Errorf("%s to %s: input is there: %t, and not null: %t", e.Event, e.path, ok, v != nil)
		}
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@host:1/a%2Fb?key=k#f": "https://host:1/a%2Fb",
		"host/path?key=k":                  "host/path",
		"u:p@host":                         "host",
		"http://[::1":                      "http://[::1",
	} {
		r := newRig(t)
		(&GenerationEvent{Model: Model{BaseURL: in}}).Capture(r.ctx())
		if got := r.one().Properties["$ai_base_url"]; got != want {
			t.Errorf("%s: got %v, want %s", in, got, want)
		}
	}
}

// oddFeature is what no generated code makes.
type oddFeature struct{ members string }

func (f oddFeature) PhgenFeature(context.Context) FeatureSpec {
	if f.members == "panic" {
		panic("broken")
	}
	return FeatureSpec{Name: "odd", Members: []byte(f.members)}
}

func TestOddFeatures(t *testing.T) {
	for members, want := range map[string]any{"": nil, `"a":1`: 1.0, `"a":1,`: nil, `a`: nil, `"a":1}`: nil, `"$ai_input":1,"a":2`: 2.0, `"a":{"b":[1]}`: map[string]any{"b": []any{1.0}}, "panic": nil} {
		r := newRig(t)
		(&TraceEvent{Input: secret}).Capture(r.ctx(), WithFeature(oddFeature{members}), Privacy(Keep))
		p := r.one().Properties
		if diff := cmp.Diff(p["a"], want); diff != "" || p[keyInputState] != nil || p[keyInput] != nil {
			t.Errorf("%q: %s", members, diff)
		}
	}
}

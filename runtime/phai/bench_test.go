package phai

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	ph "github.com/phgen/phgen/runtime"
)

// discard takes every request.
type discard struct{}

func (discard) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(`{"status":1}`)), Request: r}, nil
}

// quiet is a client that discards what it sends.
func quiet(tb testing.TB) *rig {
	return newRig(tb, func(cfg *ph.Config) {
		cfg.Transport = discard{}
		cfg.QueueSize, cfg.QueueBytes, cfg.BatchSize = 1<<20, 1<<30, 1000
	})
}

// prompts are contents of 4 MiB, by what they are made of.
func prompts() map[string]any {
	image := strings.Repeat("QUJD", 1<<20)
	text := strings.Repeat("The quick brown fox jumps over the lazy dog.\n", 4<<20/45)
	quoted, _ := json.Marshal(text)
	return map[string]any{
		"image as JSON":     json.RawMessage(`[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` + image + `"}}]}]`),
		"data as JSON":      json.RawMessage(`[{"role":"user","content":[{"source":{"data":"` + image + `","media_type":"image/png"}}]}]`),
		"text as JSON":      json.RawMessage(`[{"role":"user","content":` + string(quoted) + `}]`),
		"image in messages": []Message{{Role: "user", Content: []Part{{Type: "image", Image: "data:image/png;base64," + image}}}},
		"data in messages":  []Message{{Role: "user", Content: []Part{{Type: "image", Image: image}}}},
		"data in maps":      []any{map[string]any{"source": map[string]any{"data": image, "media_type": "image/png"}}},
		"text in messages":  []Message{{Role: "user", Content: text}},
		"text in maps":      []any{map[string]any{"role": "user", "content": text}},
	}
}

func BenchmarkPrompt(b *testing.B) {
	for name, v := range prompts() {
		b.Run(name, func(b *testing.B) {
			r := quiet(b)
			ctx := With(r.ctx(), Privacy(Keep))
			b.SetBytes(4 << 20)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				(&GenerationEvent{Input: v}).Capture(ctx)
				if i%16 == 15 {
					b.StopTimer()
					_ = r.c.Flush(context.Background())
					b.StartTimer()
				}
			}
		})
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A large prompt costs the memory that its event is sent from and 64 KiB.
func TestPromptAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, v := range prompts() {
		r := newRig(t, func(cfg *ph.Config) { cfg.FlushEvery = time.Hour })
		ctx := With(r.ctx(), Privacy(Keep))
		(&GenerationEvent{}).Capture(ctx)
		r.sent()
		got := int(allocated(func() { (&GenerationEvent{Input: v}).Capture(ctx) }))
		size := len(r.one().text)
		// Room is made for escapes, and the allocator rounds up to pages.
		if most := size + size/16 + 64<<10; got > most {
			t.Errorf("%s: %d bytes were allocated for an event of %d, want at most %d", name, got, size, most)
		}
	}
}

func BenchmarkGeneration(b *testing.B) {
	messages := []Message{{Role: "system", Content: "Be brief."}, {Role: "user", Content: "What is this?"}}
	for _, test := range []struct {
		name   string
		policy Policy
	}{{"redact", Redact}, {"keep", Keep}} {
		b.Run(test.name, func(b *testing.B) {
			r := quiet(b)
			ctx, trace := Trace(r.ctx(), "run", WithFeature(ticket{test.policy}))
			b.ReportAllocs()
			for b.Loop() {
				_, call := Generation(ctx, Model{Provider: "openai", Name: "gpt-5"})
				call.Input(messages)
				call.Output("A cat.")
				call.Usage(Usage{InputTokens: 10, OutputTokens: 20})
				call.End(nil)
			}
			trace.End(nil)
		})
	}
	b.Run("by hand", func(b *testing.B) {
		r := quiet(b)
		ctx := r.ctx()
		b.ReportAllocs()
		for b.Loop() {
			(&GenerationEvent{Step: Step{TraceID: "t", Latency: time.Second}, Model: Model{Name: "m"}}).Capture(ctx)
		}
	})
	b.Run("disabled", func(b *testing.B) {
		ctx := context.Background()
		b.ReportAllocs()
		for b.Loop() {
			disabled(ctx)
		}
	})
}

func disabled(ctx context.Context) {
	ctx, trace := Trace(ctx, "run", Privacy(Keep), WithFeature(nil))
	_, call := Generation(ctx, Model{Name: "m"})
	call.Input(nil)
	call.Chunk("a")
	call.End(nil)
	trace.End(nil)
}

func TestDisabledAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	r := newRig(t)
	r.c.SetDisabled(true)
	for name, ctx := range map[string]context.Context{
		"no client": context.Background(), "disabled": r.ctx(), "opted out": ph.With(r.ctx(), ph.OptOut()),
	} {
		if got := testing.AllocsPerRun(100, func() { disabled(ctx) }); got != 0 {
			t.Errorf("%s: %v allocations, want none", name, got)
		}
	}
}

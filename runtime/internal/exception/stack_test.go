package exception

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names are the functions of frames without their package.
func names(frames []Frame) []string {
	var list []string
	for _, f := range frames {
		list = append(list, f.function[strings.LastIndexByte(f.function, '/')+1:])
	}
	return list
}

// The error types of other packages, as far as they matter here.
type (
	pkgFrame    uintptr
	pkgTrace    []pkgFrame
	pkgErrors   struct{ trace pkgTrace } // github.com/pkg/errors
	goErrors    struct{ pcs []uintptr }  // github.com/go-errors/errors
	eris        struct{ pcs []uintptr }  // github.com/rotisserie/eris
	oops        struct{ frames []runtime.Frame }
	stackTracer struct{ frames []runtime.Frame }
	otherTrace  struct{}
	noTrace     struct{}
	badTrace    struct{}
)

func (*pkgErrors) Error() string                    { return "x" }
func (e *pkgErrors) StackTrace() pkgTrace           { return e.trace }
func (*goErrors) Error() string                     { return "x" }
func (e *goErrors) Callers() []uintptr              { return e.pcs }
func (*eris) Error() string                         { return "x" }
func (e *eris) StackFrames() []uintptr              { return e.pcs }
func (*oops) Error() string                         { return "x" }
func (e *oops) StackFrames() []runtime.Frame        { return e.frames }
func (*stackTracer) Error() string                  { return "x" }
func (e *stackTracer) StackTrace() []runtime.Frame  { return e.frames }
func (*otherTrace) Error() string                   { return "x" }
func (*otherTrace) StackTrace() string              { return "x" }
func (*noTrace) Error() string                      { return "x" }
func (*noTrace) StackTrace(int) (pkgTrace, []error) { return nil, nil }
func (*badTrace) Error() string                     { return "x" }
func (*badTrace) StackTrace() pkgTrace              { panic("no trace") }

//go:noinline
func origin() []uintptr {
	pcs := make([]uintptr, 4)
	return pcs[:runtime.Callers(1, pcs)]
}

func originFrames() (list []runtime.Frame) {
	frames := runtime.CallersFrames(origin())
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		list = append(list, f)
	}
	return list
}

func TestCarriedStack(t *testing.T) {
	pcs, frames := origin(), originFrames()
	var trace pkgTrace
	for _, pc := range pcs {
		trace = append(trace, pkgFrame(pc))
	}
	for _, tt := range []struct {
		err  error
		want []string
	}{
		{&pkgErrors{trace}, []string{"exception.origin", "exception.TestCarriedStack"}},
		{&goErrors{pcs}, []string{"exception.origin", "exception.TestCarriedStack"}},
		{&eris{pcs}, []string{"exception.origin", "exception.TestCarriedStack"}},
		{&oops{frames}, []string{"exception.origin", "exception.originFrames"}},
		{&stackTracer{frames}, []string{"exception.origin", "exception.originFrames"}},
		{&pkgErrors{}, nil},
		{(*pkgErrors)(nil), nil},
		{&otherTrace{}, nil},
		{&noTrace{}, nil},
		{&badTrace{}, nil},
		{&pkgErrors{make(pkgTrace, 1000)}, nil}, // of no function
		{errors.New("x"), nil},
	} {
		got := names(carried(tt.err))
		if len(got) > len(tt.want) {
			got = got[:len(tt.want)]
		}
		if diff := cmp.Diff(tt.want, got); diff != "" && len(tt.want)+len(got) > 0 {
			t.Errorf("%T: -want +got:\n%s", tt.err, diff)
		}
	}
}

// Each item has the stack that its error carries; the first one without has the caller's.
func TestStackOfItems(t *testing.T) {
	cause := &pkgErrors{}
	for _, pc := range origin()[:1] {
		cause.trace = append(cause.trace, pkgFrame(pc))
	}
	given := []Frame{{function: "example.com/a.Given", file: "a.go", line: 7}}
	for _, tt := range []struct {
		name string
		r    Report
		want string
	}{
		{"given", Report{Chain: Chain(errors.New("x")), Frames: given}, "[example.com/a.Given]"},
		{"carried", Report{Chain: Chain(cause), Frames: given}, "[exception.origin]"},
		{"carried by the cause", Report{Chain: Chain(fmt.Errorf("x: %w", cause)), Frames: given}, "[example.com/a.Given] [exception.origin]"},
		{"a panic with an error that carries one", Report{Chain: Chain(cause), Frames: given, Panicked: true}, "[example.com/a.Given]"},
		{"none", Report{Chain: Chain(errors.New("x"))}, "[]"},
	} {
		var items []struct {
			Stacktrace struct{ Frames []struct{ Function string } }
		}
		if err := json.Unmarshal(tt.r.AppendList(nil), &items); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range items {
			list := []string{}
			for _, f := range item.Stacktrace.Frames {
				list = append(list, strings.TrimPrefix(f.Function, library+"/internal/"))
			}
			got = append(got, fmt.Sprint(list))
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestAppendStack(t *testing.T) {
	r := Report{}
	got := string(r.appendStack(nil, []Frame{
		{function: "example.com/a.Inner", file: `/a\b.go`, line: 7},
		{},
		{function: "main.main", file: "/main.go", line: -1},
	}))
	want := `,"stacktrace":{"type":"raw","frames":[` +
		`{"platform":"go","filename":"/main.go","lineno":0,"function":"main.main","in_app":true,"synthetic":false},` +
		`{"platform":"go","filename":"unknown","lineno":0,"function":"unknown","in_app":false,"synthetic":false},` +
		`{"platform":"go","filename":"/a\\b.go","lineno":7,"function":"example.com/a.Inner","in_app":true,"synthetic":false}]}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(r.appendStack(nil, nil)); got != "}" {
		t.Errorf("without frames: got %s", got)
	}
}

// A stack ends with a whole function, never with what is inlined into one.
func TestInnermost(t *testing.T) {
	frames := make([]Frame, maxFrames+2)
	frames[maxFrames-1].inline, frames[maxFrames-2].inline = true, true
	if got := len(innermost(frames)); got != maxFrames-2 {
		t.Errorf("got %d frames, want %d", got, maxFrames-2)
	}
	if got := len(innermost(frames[:3])); got != 3 {
		t.Errorf("got %d frames, want 3", got)
	}
	for i := range frames {
		frames[i].inline = true
	}
	if got := len(innermost(frames)); got != 1 {
		t.Errorf("all inlined: got %d frames, want 1", got)
	}
}

func panics(v any) { panic(v) }

func index(list []int, i int) int { return list[i] }

// recovered is what PanicCallers finds while f panics.
func recovered(f func()) (frames []Frame, r Raiser) {
	defer func() {
		_ = recover()
		frames, r = PanicCallers()
	}()
	f()
	return nil, 0
}

func write(m map[string]int) { m["a"] = 1 }

// again raises a panic during another one.
func again() {
	defer raised()
	panics("first")
}

func raised() {
	_ = recover()
	panic("second")
}

func TestPanicCallers(t *testing.T) {
	var nobody *pkgErrors
	for _, tt := range []struct {
		name   string
		f      func()
		want   string // innermost function
		raiser Raiser
	}{
		{"panic", func() { panics("x") }, "exception.panics", Program},
		{"index", func() { index(nil, 3) }, "exception.index", Program},
		{"nil pointer", func() { _ = nobody.StackTrace() }, "exception.(*pkgErrors).StackTrace", Program},
		{"nil map", func() { write(nil) }, "exception.write", Program},
		{"again", again, "exception.raised", Again},
		{"no panic", func() {}, "exception.recovered.func1", Nobody},
	} {
		frames, raiser := recovered(tt.f)
		got := names(frames)
		if got[0] != tt.want || raiser != tt.raiser {
			t.Errorf("%s: got %v, raiser %d; want %s first, raiser %d", tt.name, got, raiser, tt.want, tt.raiser)
		}
		if last := got[len(got)-1]; last != "runtime.goexit" {
			t.Errorf("%s: the last frame is %s", tt.name, last)
		}
	}
}

// Frames of one function and what is inlined into it share the address of the call.
func TestGroup(t *testing.T) {
	image := &Image{start: 0x1000, end: 0x2000}
	frames := []Frame{
		{function: "inlined twice", address: 0x1011, entry: 0x1010, inline: true},
		{function: "inlined", address: 0x1013, entry: 0x1010, inline: true},
		{function: "whole", address: 0x1015, entry: 0x1010},
		{function: "single", address: 0x1021, entry: 0x1020},
		{function: "elsewhere", address: 0x3021, entry: 0x3020},
		{function: "C", address: 0x1031, inline: true},
		{function: "inlined, but cut off", address: 0x1041, entry: 0x1040, inline: true},
		{function: "of another function", address: 0x1051, entry: 0x1050},
		{function: "inlined at the end", address: 0x1061, entry: 0x1060, inline: true},
	}
	group(frames, image)
	var got []string
	for _, f := range frames {
		got = append(got, fmt.Sprintf("%s %#x %v", f.function, f.address, f.native))
	}
	want := []string{
		"inlined twice 0x1011 true", "inlined 0x1011 true", "whole 0x1011 true", "single 0x1021 true",
		"elsewhere 0x3021 false", "C 0x1031 false", "inlined, but cut off 0x1041 false", "of another function 0x1051 true",
		"inlined at the end 0x1061 false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

package phtest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/phgen/phgen/runtime/internal/exception"
)

// An Exception is a recorded $exception.
type Exception struct {
	Record

	chain []exceptionItem // what was caught, and what it wraps
}

type exceptionItem struct {
	Type      string
	Value     string
	Mechanism struct {
		Type    string
		Handled bool
	}
	Stacktrace struct {
		Frames []struct{ Function string }
	}
}

// Exceptions returns the exceptions captured since New or Reset.
func (rec *Recorder) Exceptions() Records[Exception] {
	return Find(rec, "$exception", newException)
}

func newException(r Record) Exception {
	e := Exception{Record: r}
	// The client has encoded it; what it has encoded wrongly has no items.
	_ = json.Unmarshal(r.properties["$exception_list"], &e.chain)
	return e
}

// item returns what was caught.
func (e Exception) item() exceptionItem {
	if len(e.chain) == 0 {
		return exceptionItem{}
	}
	return e.chain[0]
}

// Type returns the type of the error that was caught, such as "*fs.PathError", or "panic" for
// a panic with something that is no error.
func (e Exception) Type() string { return e.item().Type }

// Message returns the text of the error, or what the panic was about.
func (e Exception) Message() string { return e.item().Value }

// Mechanism returns how it was caught: "generic", "panic", or what the integration says.
func (e Exception) Mechanism() string { return e.item().Mechanism.Type }

// Handled reports whether the program went on as if it had expected it.
func (e Exception) Handled() bool { return e.item().Mechanism.Handled }

// Level returns "error", or how bad else it was.
func (e Exception) Level() string {
	level, _ := e.Value("$exception_level")
	return level.String()
}

// Stack returns the functions of its stack, that in which it happened first.
func (e Exception) Stack() []string {
	frames := e.item().Stacktrace.Frames
	functions := make([]string, len(frames))
	for i, f := range frames {
		functions[len(frames)-1-i] = f.Function
	}
	return functions
}

// String returns the messages of the error and of what it wraps, each with its type.
func (e Exception) String() string {
	var parts []string
	for _, item := range e.chain {
		parts = append(parts, fmt.Sprintf("%s %q", item.Type, item.Value))
	}
	return strings.Join(parts, " of ")
}

// WantException fails the test unless an exception was captured since New or Reset that is err,
// or wraps it: one with its type and its text.
func (rec *Recorder) WantException(err error) {
	rec.t.Helper()
	if err == nil {
		rec.t.Errorf("phtest: a nil error is never captured")
		return
	}
	want := wantedException(err)
	var got []string
	for _, e := range rec.Exceptions().All() {
		for _, item := range e.chain {
			if item.Type == want.Type && item.Value == want.Value {
				return
			}
		}
		got = append(got, e.String())
	}
	if got == nil {
		rec.t.Errorf("phtest: got %s, want the exception %s %q", summary(rec.Events()), want.Type, want.Value)
		return
	}
	rec.t.Errorf("phtest: none of %d exceptions is %s %q:\n\t%s", len(got), want.Type, want.Value, strings.Join(got, "\n\t"))
}

// wantedException is what err looks like when it is captured.
func wantedException(err error) exceptionItem {
	r := exception.Report{Chain: exception.Chain(err)}
	return newException(Record{&recorded{properties: map[string]json.RawMessage{"$exception_list": r.AppendList(nil)}}}).item()
}

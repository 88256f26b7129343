package phtest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
)

func TestExceptions(t *testing.T) {
	rec := New(t)
	ctx := rec.Context(ph.User("ann"))
	if got := rec.Exceptions().Len(); got != 0 {
		t.Errorf("in the beginning: got %d", got)
	}
	ph.Capture(ctx, "e", nil)
	ph.CaptureException(ctx, fmt.Errorf("load: %w", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}), ph.Level(ph.LevelWarning))
	func() {
		defer func() { ph.CapturePanic(ctx, recover()) }()
		panic("boom")
	}()
	type exception struct {
		Type, Message, Mechanism, Level string
		Handled                         bool
		DistinctID, Text                string
	}
	var got []exception
	for _, e := range rec.Exceptions().All() {
		got = append(got, exception{e.Type(), e.Message(), e.Mechanism(), e.Level(), e.Handled(), e.DistinctID(), e.String()})
		if top := e.Stack()[0]; !strings.HasPrefix(top, "github.com/phgen/phgen/runtime/phtest.TestExceptions") {
			t.Errorf("it happened in %s", top)
		}
	}
	want := []exception{
		{"*fs.PathError", "load: open x: file does not exist", "generic", "warning", true, "ann",
			`*fs.PathError "load: open x: file does not exist" of *fs.PathError "open x: file does not exist" of *errors.errorString "file does not exist"`},
		{"panic", "boom", "panic", "fatal", false, "ann", `panic "boom"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWantException(t *testing.T) {
	notFound := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	for _, tt := range []struct {
		name     string
		captured []error
		want     error
		failure  string
	}{
		{"the same", []error{io.EOF}, io.EOF, ""},
		{"wrapped", []error{errors.Join(io.EOF, fmt.Errorf("load: %w", notFound))}, notFound, ""},
		{"the cause", []error{notFound}, fs.ErrNotExist, ""},
		{"an equal one", []error{errors.New("x")}, errors.New("x"), ""},
		{"none", nil, io.EOF, `phtest: got "e", want the exception *errors.errorString "EOF"`},
		{"another", []error{notFound}, io.EOF, `phtest: none of 1 exceptions is *errors.errorString "EOF":` +
			"\n\t" + `*fs.PathError "open x: file does not exist" of *errors.errorString "file does not exist"`},
		{"its wrapper", []error{io.EOF}, fmt.Errorf("load: %w", io.EOF), `phtest: none of 1 exceptions is *errors.errorString "load: EOF":` +
			"\n\t" + `*errors.errorString "EOF"`},
		{"nil", []error{io.EOF}, nil, `phtest: a nil error is never captured`},
	} {
		got := strings.Join(failures(t, func(t testing.TB) {
			rec := New(t)
			ph.Capture(rec.Context(), "e", nil)
			for _, err := range tt.captured {
				ph.CaptureException(rec.Context(), err)
			}
			rec.WantException(tt.want)
		}), "\n")
		if got != tt.failure {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.failure)
		}
	}
}

func TestScopeOfRecord(t *testing.T) {
	rec := New(t)
	session := ph.NewSession()
	scope := rec.Context(ph.Session(session), ph.Group("org", "acme"), ph.Tag("plan", "pro"), ph.Tag("seats", 5), ph.Tag("none", nil))
	ph.Capture(scope, "e", ph.Props{"seats": 6, "own": 1})
	e := rec.Events()[0]
	group, ok := e.Group("org")
	if group != "acme" || !ok {
		t.Errorf("group: got %q, %v", group, ok)
	}
	if group, ok := e.Group("team"); group != "" || ok {
		t.Errorf("no group: got %q, %v", group, ok)
	}
	if got := e.Session(); got != session {
		t.Errorf("session: got %q, want %q", got, session)
	}
	if tag, ok := e.Tag("plan"); tag.String() != "pro" || !ok {
		t.Errorf("tag: got %v, %v", tag, ok)
	}
	for _, key := range []string{"seats", "own", "none", "other"} {
		if tag, ok := e.Tag(key); ok {
			t.Errorf("%s is no tag: got %v", key, tag)
		}
	}
	if !e.Personless() {
		t.Error("nobody is known, and yet the event makes a person")
	}
	rec.Reset()
	ph.Capture(rec.Context(ph.User("ann")), "e", nil)
	e = rec.Events()[0]
	if _, ok := e.Group("org"); ok || e.Session() != "" || e.Personless() {
		t.Errorf("got a group, a session or no person in %s", e)
	}
}

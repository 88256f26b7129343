package exception

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"
)

const here = "github.com/phgen/phgen/runtime/internal/exception"

func TestAppendList(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"plain", io.EOF, `{"type":"*errors.errorString","value":"EOF","module":"errors","mechanism":{"type":"generic","handled":true,"synthetic":false}}`},
		{"wrapped", fmt.Errorf("load: %w", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}),
			`{"type":"*fs.PathError","value":"load: open x: file does not exist","module":"io/fs","mechanism":{"type":"generic","handled":true,"synthetic":false,"exception_id":0}},` +
				`{"type":"*fs.PathError","value":"open x: file does not exist","module":"io/fs","mechanism":{"type":"chained","handled":true,"synthetic":false,"source":"Unwrap()","exception_id":1,"parent_id":0}},` +
				`{"type":"*errors.errorString","value":"file does not exist","module":"errors","mechanism":{"type":"chained","handled":true,"synthetic":false,"source":"Unwrap()","exception_id":2,"parent_id":1}}`},
		{"joined", errors.Join(io.EOF, fs.ErrExist),
			`{"type":"*errors.joinError","value":"EOF\nfile already exists","module":"errors","mechanism":{"type":"generic","handled":true,"synthetic":false,"exception_id":0,"is_exception_group":true}},` +
				`{"type":"*errors.errorString","value":"EOF","module":"errors","mechanism":{"type":"chained","handled":true,"synthetic":false,"source":"errors[0]","exception_id":1,"parent_id":0}},` +
				`{"type":"*errors.errorString","value":"file already exists","module":"errors","mechanism":{"type":"chained","handled":true,"synthetic":false,"source":"errors[1]","exception_id":2,"parent_id":0}}`},
		{"several %w", fmt.Errorf("%w: %w", io.EOF, &node{text: "n"}),
			`{"type":"*fmt.wrapErrors","value":"EOF: n","module":"fmt","mechanism":{"type":"generic","handled":true,"synthetic":false,"exception_id":0,"is_exception_group":true}},` +
				`{"type":"*errors.errorString","value":"EOF","module":"errors","mechanism":{"type":"chained","handled":true,"synthetic":false,"source":"errors[0]","exception_id":1,"parent_id":0}},` +
				`{"type":"*exception.node","value":"n","module":"` + here + `","mechanism":{"type":"chained","handled":true,"synthetic":false,"source":"errors[1]","exception_id":2,"parent_id":0}}`},
		{"no text", &node{}, `{"type":"*exception.node","value":"*exception.node","module":"` + here + `","mechanism":{"type":"generic","handled":true,"synthetic":false}}`},
		{"Error panics", &node{panics: true}, `{"type":"*exception.node","value":"*exception.node","module":"` + here + `","mechanism":{"type":"generic","handled":true,"synthetic":false}}`},
		{"nil pointer", (*node)(nil), `{"type":"*exception.node","value":"*exception.node","module":"` + here + `","mechanism":{"type":"generic","handled":true,"synthetic":false}}`},
		{"text that is none", errors.New("a\x00\xff\"<\n"), `{"type":"*errors.errorString","value":"a` + "�" + `\"<\n","module":"errors","mechanism":{"type":"generic","handled":true,"synthetic":false}}`},
		{"NUL only", errors.New("\x00"), `{"type":"*errors.errorString","value":"*errors.errorString","module":"errors","mechanism":{"type":"generic","handled":true,"synthetic":false}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Report{Chain: Chain(tt.err), Mechanism: "generic", Handled: true}
			if got := string(r.AppendList(nil)); got != "["+tt.want+"]" {
				t.Errorf("got  %s\nwant [%s]", got, tt.want)
			}
		})
	}
}

// What wraps without a meaning of its own has that of what it wraps.
func TestType(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{io.EOF, "*errors.errorString"},
		{fmt.Errorf("a: %w", fmt.Errorf("b: %w", &node{})), "*exception.node"},
		{fmt.Errorf("a: %w", errors.Join(&node{})), "*errors.joinError"},
		{fmt.Errorf("a: %w", nil), "*fmt.wrapError"},
		{fmt.Errorf("%w and %w", &node{}, io.EOF), "*fmt.wrapErrors"},
		{endless{}, "exception.endless"},
	} {
		r := Report{Chain: Chain(tt.err)}
		if got := r.Type(); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.err, got, tt.want)
		}
	}
	if got := (&Report{Value: 1}).Type(); got != "panic" {
		t.Errorf("a panic: got %q", got)
	}
}

type celsius float64

type shade struct{ name string }

func (s shade) String() string { return "shade of " + s.name }

type broken struct{}

func (broken) String() string { panic("no text") }

func TestPanicValue(t *testing.T) {
	self := map[string]any{}
	self["self"] = self
	for _, tt := range []struct {
		value any
		want  string
	}{
		{"boom", "boom"},
		{"", "panic"},
		{42, "42"},
		{celsius(1.5), "1.5"},
		{true, "true"},
		{complex(1, 2), "(1+2i)"},
		{shade{"grey"}, "shade of grey"},
		{&shade{"grey"}, "shade of grey"},
		{(*shade)(nil), "*exception.shade"},
		{broken{}, "exception.broken"},
		{struct{ Code int }{7}, `struct { Code int } {"Code":7}`},
		{[]int{1, 2}, "[]int [1,2]"},
		{self, `map[string]interface {} {"self":null}`},
		{func() {}, "func()"},
		{make(chan int), "chan int"},
	} {
		r := Report{Value: tt.value, Mechanism: "panic"}
		want, err := json.Marshal(tt.want)
		if err != nil {
			t.Fatal(err)
		}
		full := `[{"type":"panic","value":` + string(want) + `,"mechanism":{"type":"panic","handled":false,"synthetic":false}}]`
		if got := string(r.AppendList(nil)); got != full {
			t.Errorf("%T: got  %s\nwant %s", tt.value, got, full)
		}
	}
}

// No error makes its event too large, which has 900 KiB.
func TestListIsBounded(t *testing.T) {
	long := strings.Repeat("\x01", 1<<20)
	frames := make([]Frame, 1000)
	for i := range frames {
		frames[i] = Frame{function: long, file: long, line: 1}
	}
	for name, r := range map[string]Report{
		"deep":  {Chain: Chain(func() (err error) { err = errors.New(long); return wrap(err, 100) }()), Frames: frames, Mechanism: long},
		"wide":  {Chain: Chain(filled(1000)), Frames: frames, Mechanism: long},
		"panic": {Value: long, Frames: frames, Mechanism: long},
		"value": {Value: filled(1e5), Frames: frames, Mechanism: long},
	} {
		list := r.AppendList(nil)
		if !json.Valid(list) {
			t.Errorf("%s: no JSON", name)
		}
		if len(list) > 800<<10 {
			t.Errorf("%s: %d bytes", name, len(list))
		}
	}
}

func wrap(err error, times int) error {
	for range times {
		err = fmt.Errorf("%w", err)
	}
	return err
}

func TestCut(t *testing.T) {
	text := strings.Repeat("ä", maxText+1)
	r := Report{Chain: Chain(errors.New(text))}
	var items []struct{ Value string }
	if err := json.Unmarshal(r.AppendList(nil), &items); err != nil {
		t.Fatal(err)
	}
	if got := items[0].Value; utf8.RuneCountInString(got) != maxText || !strings.HasPrefix(text, got) {
		t.Errorf("got %d characters, want the first %d", utf8.RuneCountInString(got), maxText)
	}
}

package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

type (
	textErr   struct{}
	textPanic struct{}
	jsonErr   struct{}
	jsonDirty struct{}
	intKey    int
	textKey   struct{ s string }
	worded    struct{ N int }
	linked    struct {
		Name string
		Next *linked
	}
	account struct {
		ID      int    `json:"id"`
		Name    string `json:"name,omitempty"`
		Secret  string `json:"-"`
		Ratio   float64
		private int
	}
)

func (textErr) MarshalText() ([]byte, error)   { return nil, errors.New("no") }
func (textPanic) MarshalText() ([]byte, error) { panic("no") }
func (jsonErr) MarshalJSON() ([]byte, error)   { return nil, errors.New("no") }
func (jsonDirty) MarshalJSON() ([]byte, error) { return []byte(" {\"a\" : \"x\\u0000\xff\"} "), nil }
func (k textKey) MarshalText() ([]byte, error) { return []byte(k.s), nil }
func (worded) String() string                  { return "words" }

type errPanic struct{}

func (errPanic) Error() string { panic("no") }

// Every kind of Go value has one wire form. What JSON can not hold becomes null and is
// warned of by its path; the event and its other properties arrive in any case, and the
// caller's values are as they were.
func TestValuesOnTheWire(t *testing.T) {
	cycle := &linked{Name: "a"}
	cycle.Next = cycle
	mapCycle := Props{"a": 1}
	mapCycle["self"] = mapCycle
	nested := func(n int) (v any) {
		v = "x"
		for range n {
			v = []any{v}
		}
		return v
	}
	for _, tt := range []struct {
		name   string
		v      any
		want   string
		warned string // the path, from the property on; "-" if nothing is
	}{
		{"nil", nil, `null`, "-"},
		{"nil pointer", (*account)(nil), `null`, "-"},
		{"nil map", map[string]int(nil), `null`, "-"},
		{"nil slice", []string(nil), `null`, "-"},
		{"nil Props", Props(nil), `null`, "-"},
		{"nil error in an interface", struct{ E error }{}, `{"E":null}`, "-"},
		{"nil bytes", []byte(nil), `null`, "-"},
		{"nil Marshaler", (*linked)(nil), `null`, "-"},
		{"empty containers", []any{map[string]int{}, []int{}, [0]int{}, struct{}{}}, `[{},[],[],{}]`, "-"},

		{"booleans", []bool{true, false}, `[true,false]`, "-"},
		{"integers", []any{int8(-8), int16(-16), int32(-32), int64(math.MinInt64), uint8(8), uint16(16), uint32(32), uint64(math.MaxUint64), uintptr(1)},
			`[-8,-16,-32,-9223372036854775808,8,16,32,18446744073709551615,1]`, "-"},
		{"beyond 2^53", []int64{1<<53 + 1, -1<<53 - 1}, `[9007199254740993,-9007199254740993]`, "-"},
		{"finite floats", []float64{0.1, 1e21, 5e-324, math.MaxFloat64}, `[0.1,1e+21,5e-324,1.7976931348623157e+308]`, "-"},
		{"float32", float32(0.1), `0.1`, "-"},
		{"negative zero", math.Copysign(0, -1), `-0`, "-"},
		{"NaN", math.NaN(), `null`, ""},
		{"+Inf", math.Inf(1), `null`, ""},
		{"-Inf inside", map[string]any{"a": []float64{1, math.Inf(-1)}}, `{"a":[1,null]}`, ".a[1]"},

		{"text", "ä\"\\\n\u2028", `"ä\"\\\n\u2028"`, "-"},
		{"invalid UTF-8", "a\xffb", `"a` + "\uFFFD" + `b"`, "-"},
		{"NUL", "a\x00b", `"ab"`, "-"},
		{"NUL in a key", map[string]int{"a\x00b": 1}, `{"ab":1}`, "-"},
		{"bytes of text", []byte("grün"), `"grün"`, "-"},
		{"bytes", []byte{0xff, 0xfe}, `"//4="`, "-"},
		{"array of bytes", [2]byte{1, 2}, `[1,2]`, "-"},

		{"time", time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 7200)), `"2026-01-02T01:04:05.000000006Z"`, "-"},
		{"time of the year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), `null`, ""},
		{"time before Christ", time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), `null`, ""},
		{"pointer to a time", &aMoment, `"2026-05-06T07:08:09.00000012Z"`, "-"},
		{"duration", 1500 * time.Millisecond, `1500000000`, "-"},

		{"RawMessage", json.RawMessage(" {\"a\": [1, 2]}\n"), `{"a":[1,2]}`, "-"},
		{"invalid RawMessage", json.RawMessage(`{"a":`), `"{\"a\":"`, "-"},
		{"RawMessage of two values", json.RawMessage(`1 2`), `"1 2"`, "-"},
		{"nil RawMessage", json.RawMessage(nil), `null`, "-"},
		{"json.Number", json.Number("1.50"), `1.50`, "-"},
		{"json.Number that is none", json.Number("0x1"), `"0x1"`, "-"},
		{"json.Number beyond float64", json.Number("1e999"), `"1e999"`, "-"},
		{"Marshaler", jsonDirty{}, `{"a":"x` + "\uFFFD" + `"}`, "-"},
		{"Marshaler that fails", []any{1, jsonErr{}}, `[1,null]`, "[1]"},
		{"Marshaler that panics", panics{}, `null`, ""},
		{"TextMarshaler", textKey{"k\x00"}, `"k"`, "-"},
		{"TextMarshaler that fails", textErr{}, `null`, ""},
		{"TextMarshaler that panics", textPanic{}, `null`, ""},
		{"error", errors.New("broken \xff"), `"broken ` + "\uFFFD" + `"`, "-"},
		{"error that panics", errPanic{}, `null`, ""},
		{"Stringer is not asked", worded{1}, `{"N":1}`, "-"},

		{"map of text", map[string]any{"b": 2, "a": nil}, `{"a":null,"b":2}`, "-"},
		{"map of named text", map[word]int{"a": 1}, `{"a":1}`, "-"},
		{"map of integers", map[intKey]int{10: 1, -9: 2}, `{"-9":2,"10":1}`, "-"},
		{"map of uints", map[uint8]bool{7: true}, `{"7":true}`, "-"},
		{"map of TextMarshalers", map[textKey]int{{"k"}: 1}, `{"k":1}`, "-"},
		{"map of floats", map[string]any{"m": map[float64]int{1: 1}}, `{"m":null}`, ".m"},
		{"map of booleans", map[bool]int{true: 1}, `null`, ""},
		{"map of arrays", map[[1]int]int{{1}: 1}, `null`, ""},
		{"map of anything", map[any]int{"a": 1, 2: 2, 2.5: 3}, `{"2":2,"a":1}`, ""},
		{"map of failing keys", map[textErr]int{{}: 1}, `{}`, ""},

		{"struct by its tags", account{ID: 1, Secret: "s", Ratio: 0.5, private: 2}, `{"id":1,"Ratio":0.5}`, "-"},
		{"struct with a bad field", []account{{Name: "n", Ratio: math.NaN()}}, `[{"id":0,"name":"n","Ratio":null}]`, "[0].Ratio"},

		{"channel", make(chan int), `null`, ""},
		{"function in a list", []any{1, func() {}, 2}, `[1,null,2]`, "[1]"},
		{"complex", complex(1, 2), `null`, ""},
		{"unsafe.Pointer", unsafe.Pointer(cycle), `null`, ""},
		{"pointer cycle", cycle, `{"Name":"a","Next":null}`, ".Next"},
		{"map cycle", mapCycle, `{"a":1,"self":null}`, ".self"},
		{"32 levels", nested(32), strings.Repeat("[", 32) + `"x"` + strings.Repeat("]", 32), "-"},
		{"33 levels", nested(33), strings.Repeat("[", 32) + `null` + strings.Repeat("]", 32), strings.Repeat("[0]", 32)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			for _, protocol := range []Protocol{V0, V1} {
				r := newRig(t, func(c *Config) {
					c.Protocol, c.Logger = protocol, slog.New(slog.NewTextHandler(&out, nil))
				})
				r.c.main.tail = []byte(`"tail":1`)
				props := Props{"k": tt.v}
				Capture(r.ctx(), "e", props)
				want := `"properties":{"k":` + tt.want + `,"tail":1}`
				if got := r.one(); !strings.Contains(got, want) {
					t.Errorf("got  %s\nwant %s", got, want)
				}
				r.c.observe.drain(t.Context())
			}
			var warned []string
			for line := range strings.Lines(out.String()) {
				_, path, _ := strings.Cut(line, "property=k")
				warned = append(warned, strings.TrimSpace(path))
			}
			var want []string
			if tt.warned != "-" {
				want = []string{tt.warned, tt.warned} // one for each client
			}
			if diff := cmp.Diff(warned, want); diff != "" {
				t.Errorf("warnings about paths (-got +want):\n%s", diff)
			}
		})
	}
}

type word string

// A value that can not be sent costs nothing but itself: neither its event nor those in
// the same request.
func TestBadValueCostsItselfOnly(t *testing.T) {
	bad := []any{math.NaN(), make(chan int), func() {}, complex(1, 1), panics{}, jsonErr{}, textPanic{}, errPanic{}, json.RawMessage("{"), "\xff\x00",
		map[float64]int{1: 1}}
	for _, hook := range []func(*Message) bool{nil, func(m *Message) bool { m.Properties["late"] = math.Inf(1); return true }} {
		for _, protocol := range []Protocol{V0, V1} {
			r := newRig(t, func(c *Config) {
				c.Protocol, c.BeforeSend = protocol, hook
				c.SuperProperties = Props{"super": make(chan int)}
			})
			for i, v := range bad {
				ctx := r.ctx(Tag("tag", v))
				Capture(ctx, fmt.Sprint("e", i), Props{"a": 1, "bad": v, "list": []any{v, 2}})
				Identify(ctx, Props{"bad": v}, nil)
				GroupIdentify(ctx, "org", "o", Props{"bad": v})
			}
			got := r.sent()
			if len(got) != 3*len(bad) {
				t.Errorf("protocol %d: %d events arrived, want %d", protocol, len(got), 3*len(bad))
			}
			for i := 0; i < len(got); i += 3 {
				var e struct{ Properties map[string]any }
				if err := json.Unmarshal([]byte(got[i]), &e); err != nil || e.Properties["a"] != 1.0 || e.Properties["list"].([]any)[1] != 2.0 {
					t.Errorf("protocol %d: %v: %s", protocol, err, got[i])
				}
			}
		}
	}
}

// What the caller handed over is as it was.
func TestCallersValuesAreNotChanged(t *testing.T) {
	inner := map[string]any{"x": 1, "y": []any{1, "a\x00"}}
	build := func() Props {
		return Props{"a": 1, "$lib": "mine", "$session_id": 5, "$groups": Props{"org": "o"}, "z\x00": 2, "inner": inner, "nan": []byte("x")}
	}
	props, super, want := build(), Props{"s": map[string]any{"t": 1}}, build()
	for _, protocol := range []Protocol{V0, V1} {
		r := newRig(t, func(c *Config) {
			c.Protocol, c.SuperProperties = protocol, super
			c.BeforeSend = func(m *Message) bool {
				if in, ok := m.Properties["inner"].(map[string]any); ok {
					in["x"] = "changed"
					in["y"].([]any)[0] = "changed"
				}
				if s, ok := m.Properties["s"].(map[string]any); ok {
					s["t"] = "changed"
				}
				delete(m.Properties, "a")
				return true
			}
		})
		ctx := r.ctx(Tag("inner", inner), Session("s"), Group("org", "p"))
		Capture(ctx, "e", props)
		Identify(ctx, props, props)
		GroupIdentify(ctx, "org", "o", props)
		CaptureAI(ctx, "ai", props)
		r.sent()
		if diff := cmp.Diff(props, want); diff != "" {
			t.Errorf("the caller's map (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(super, Props{"s": map[string]any{"t": 1}}); diff != "" {
			t.Errorf("Config.SuperProperties (-got +want):\n%s", diff)
		}
	}
}

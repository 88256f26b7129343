package value

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

type (
	panicking struct{}
	garbage   struct{}
	failing   struct{}
	deepJSON  struct{}
	pointed   struct{ n int }
	textual   struct{ s string }
	badText   struct{}
	stringer  struct{ N int }
	loop      struct {
		Next *loop
		Name string
	}
	point struct {
		X, Y  int
		Label string `json:"label,omitempty"`
	}
	Embedded struct{ ID, Name string }
	hidden   struct{ Deep int }
	tagged   struct {
		Embedded
		*hidden
		Name    string    `json:"name"`
		Skipped string    `json:"-"`
		Dash    string    `json:"-,"`
		Quoted  int64     `json:",string"`
		Ratio   float64   `json:"ratio"`
		Zero    time.Time `json:"zero,omitzero"`
		Empty   []int     `json:"empty,omitempty"`
		Any     any       `json:"any"`
		private int
	}
)

func (panicking) MarshalJSON() ([]byte, error) { panic("no") }
func (garbage) MarshalJSON() ([]byte, error)   { return []byte("{]"), nil }
func (failing) MarshalJSON() ([]byte, error)   { return nil, errors.New("no") }
func (deepJSON) MarshalJSON() ([]byte, error) {
	return []byte(strings.Repeat("[", 31) + strings.Repeat("]", 31)), nil
}
func (p *pointed) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%d", p.n), nil }
func (t textual) MarshalText() ([]byte, error)  { return []byte(t.s), nil }
func (badText) MarshalText() ([]byte, error)    { return nil, errors.New("no") }
func (stringer) String() string                 { return "never used" }

type badError struct{}

func (*badError) Error() string { panic("no") }

func TestAppendAny(t *testing.T) {
	cycle := &loop{Name: "a"}
	cycle.Next = cycle
	mapCycle := map[string]any{"a": 1}
	mapCycle["self"] = mapCycle
	sliceCycle := []any{1, nil}
	sliceCycle[1] = sliceCycle
	type ptr *ptr
	var ptrCycle ptr
	ptrCycle = &ptrCycle
	shared := &point{1, 2, ""}
	nest := func(n int) (v any) {
		for range n {
			v = []any{v}
		}
		return v
	}
	for _, tt := range []struct {
		name     string
		in       any
		want     string
		problems []string
	}{
		{"nil", nil, "null", nil},
		{"nil pointer", (*int)(nil), "null", nil},
		{"nil map", map[string]int(nil), "null", nil},
		{"nil slice", []int(nil), "null", nil},
		{"nil error", error(nil), "null", nil},
		{"nil Marshaler", (*pointed)(nil), "null", nil},
		{"empty map", map[string]int{}, "{}", nil},
		{"empty slice", []int{}, "[]", nil},
		{"bool", true, "true", nil},
		{"int8", int8(-8), "-8", nil},
		{"max uint64", uint64(math.MaxUint64), "18446744073709551615", nil},
		{"float32", float32(0.1), "0.1", nil},
		{"NaN", math.NaN(), "null", []string{""}},
		{"infinite float32", float32(math.Inf(1)), "null", []string{""}},
		{"NaN inside", map[string]any{"a": []any{1, math.NaN()}}, `{"a":[1,null]}`, []string{".a[1]"}},
		{"string", "a\xff\x00", "\"a\uFFFD\"", nil},
		{"bytes of text", []byte("ä"), `"ä"`, nil},
		{"bytes", []byte{0xff}, `"/w=="`, nil},
		{"array of bytes", [2]byte{1, 2}, "[1,2]", nil},
		{"time", time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)), `"2026-01-02T02:04:05.000000006Z"`, nil},
		{"time out of range", time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC), "null", []string{""}},
		{"duration", time.Second, "1000000000", nil},
		{"raw", json.RawMessage(` [1, 2] `), "[1,2]", nil},
		{"invalid raw", json.RawMessage(`{]`), `"{]"`, nil},
		{"number", json.Number("1.50"), "1.50", nil},
		{"invalid number", json.Number("[]"), `"[]"`, nil},
		{"huge number", json.Number("1e999"), `"1e999"`, nil},
		{"uuid", uuid.UUID{}, `"00000000-0000-0000-0000-000000000000"`, nil},
		{"addr", netip.MustParseAddr("1.2.3.4"), `"1.2.3.4"`, nil},
		{"big int", big.NewInt(7), "7", nil},
		{"panicking Marshaler", panicking{}, "null", []string{""}},
		{"garbage Marshaler", []any{garbage{}}, "[null]", []string{"[0]"}},
		{"failing Marshaler", failing{}, "null", []string{""}},
		{"Marshaler of 31 levels inside 2", []any{[]any{deepJSON{}}}, "[[null]]", []string{"[0][0]"}},
		{"Marshaler of a pointer", &pointed{3}, "3", nil},
		{"Marshaler of an addressable", []pointed{{3}}, "[3]", nil},
		{"Marshaler without an address", pointed{3}, "{}", nil},
		{"TextMarshaler", textual{"a\x00"}, `"a"`, nil},
		{"failing TextMarshaler", badText{}, "null", []string{""}},
		{"error", errors.New("no \xff"), "\"no \uFFFD\"", nil},
		{"panicking error", &badError{}, "null", []string{""}},
		{"Stringer", stringer{1}, `{"N":1}`, nil},
		{"chan", make(chan int), "null", []string{""}},
		{"func inside", struct{ F func() }{func() {}}, `{"F":null}`, []string{".F"}},
		{"complex", complex(1, 2), "null", []string{""}},
		{"sorted map", map[string]int{"b": 2, "a": 1, "": 0}, `{"":0,"a":1,"b":2}`, nil},
		{"map of int keys", map[int]int{10: 1, 9: 2}, `{"10":1,"9":2}`, nil},
		{"map of text keys", map[textual]int{{"k"}: 1}, `{"k":1}`, nil},
		{"map of failing keys", map[badText]int{{}: 1}, `{}`, []string{""}},
		{"map of any keys", map[any]int{"a": 1, 2: 2, 1.5: 3, nil: 4}, `{"2":2,"a":1}`, []string{""}},
		{"map of float keys", map[float64]int{1: 1}, "null", []string{""}},
		{"map whose keys become one", map[string]int{"a": 1, "a\x00": 1}, `{"a":1}`, []string{""}},
		{"struct", point{1, 2, ""}, `{"X":1,"Y":2}`, nil},
		{"tags", tagged{Embedded: Embedded{"i", "n"}, Name: "m", Dash: "d", Quoted: 5, Ratio: math.Inf(1), Any: shared, private: 1},
			`{"ID":"i","Name":"n","name":"m","-":"d","Quoted":"5","ratio":null,"any":{"X":1,"Y":2}}`, []string{".ratio"}},
		{"shared is no cycle", []*point{shared, shared}, `[{"X":1,"Y":2},{"X":1,"Y":2}]`, nil},
		{"pointer cycle", cycle, `{"Next":null,"Name":"a"}`, []string{".Next"}},
		{"map cycle", mapCycle, `{"a":1,"self":null}`, []string{".self"}},
		{"slice cycle", sliceCycle, `[1,null]`, []string{"[1]"}},
		{"cycle of nothing but pointers", ptrCycle, "null", []string{""}},
		{"32 levels", nest(32), strings.Repeat("[", 32) + "null" + strings.Repeat("]", 32), nil},
		{"33 levels", nest(33), strings.Repeat("[", 32) + "null" + strings.Repeat("]", 32), []string{strings.Repeat("[0]", 32)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, problems := AppendAny([]byte("x"), tt.in)
			if string(got) != "x"+tt.want {
				t.Errorf("got  %s\nwant x%s", got, tt.want)
			}
			if diff := cmp.Diff(problems, tt.problems); diff != "" {
				t.Errorf("problems (-got +want):\n%s", diff)
			}
		})
	}
}

// What could grow without bound ends near MaxBytes and is JSON still.
func TestAppendAnyIsBounded(t *testing.T) {
	var wide any = "leaf"
	for range 30 {
		wide = []any{wide, wide, wide, wide} // 4^30 leaves
	}
	many := make(map[string]any)
	for i := range 200_000 {
		many[fmt.Sprint("key ", i)] = i
	}
	for name, v := range map[string]any{"wide": wide, "many": many, "long": make([]struct{ A [100]int }, 1<<16)} {
		got, problems := AppendAny(nil, v)
		if !json.Valid(got) || len(got) < MaxBytes || len(got) > MaxBytes+1<<12 {
			t.Errorf("%s: %d bytes, valid %v; want about %d", name, len(got), json.Valid(got), MaxBytes)
		}
		if len(problems) == 0 || len(problems) > maxProblems {
			t.Errorf("%s: %d problems, want 1 to %d", name, len(problems), maxProblems)
		}
	}
}

func FuzzAppendAny(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5,true,null,"x"],"":{"b":-1e9}}`))
	f.Add([]byte(`[[[]],{},"\u2028"]`))
	f.Fuzz(func(t *testing.T, src []byte) {
		var v any
		if json.Unmarshal(src, &v) != nil {
			return
		}
		got, problems := AppendAny(nil, v)
		if !json.Valid(got) || !utf8.Valid(got) {
			t.Fatalf("%s: got %q", src, got)
		}
		if len(problems) > 0 || strings.Contains(string(src), "u0000") {
			return
		}
		var back any
		if err := json.Unmarshal(got, &back); err != nil || !reflect.DeepEqual(back, v) {
			t.Errorf("%s: reads back as %v from %s", src, back, got)
		}
		std, _ := json.Marshal(v)
		var want any
		if json.Unmarshal(std, &want); !reflect.DeepEqual(back, want) {
			t.Errorf("got %s, encoding/json has %s", got, std)
		}
	})
}

type (
	A struct{ X, Y, Z int }
	B struct {
		X int
		Y int `json:"Y"`
	}
	C struct {
		*A
		B
		Z string
		D *C `json:"d,omitempty"`
		E map[string]B
		F [2]bool `json:",omitempty"`
		G *string `json:",string"`
		H string  `json:"h,string"`
		I any     `json:"i,omitempty"`
		J json.Number
	}
)

// The fields are those of encoding/json, whatever is embedded.
func TestStructsAsEncodingJSON(t *testing.T) {
	text := "g"
	for _, v := range []any{
		C{}, &C{A: &A{1, 2, 3}, B: B{4, 5}, Z: "z", D: &C{}, E: map[string]B{"k": {}}, G: &text, H: `"`, I: A{}, J: "3"},
		struct {
			A
			B
		}{A{1, 2, 3}, B{4, 5}},
		struct {
			time.Time
			N int
		}{},
		[]struct{ hidden }{{hidden{1}}},
		struct{ *hidden }{},
	} {
		std, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got, problems := AppendAny(nil, v)
		if string(got) != string(std) || problems != nil {
			t.Errorf("%T: problems %q\ngot  %s\nwant %s", v, problems, got, std)
		}
	}
}

func TestAppendAnyAllocates(t *testing.T) {
	buf := make([]byte, 0, 1024)
	for _, v := range []any{nil, "text", 12345, int64(7), 2.5, true, time.Unix(1e9, 5), time.Second} {
		if got := testing.AllocsPerRun(100, func() { buf, _ = AppendAny(buf[:0], v) }); got != 0 {
			t.Errorf("%T: %v allocations, want 0", v, got)
		}
	}
}

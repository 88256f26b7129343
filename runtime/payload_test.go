package runtime

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
)

func TestPayloadRefused(t *testing.T) {
	tests := []string{
		``, ` `, `null`, `true`, `5`, `"{}"`, `[]`, `[{"n":1}]`, `{`, `{"n":1`, `{"n":1}}`, `{"n":1} x`, `{"n":1}{}`, `{"n":1,}`, `{n:1}`, "\ufeff{\"n\":1}",
		`{}`, `{"N":1}`, `{"n":null}`, `{"n ":1}`, `{"n\u0000":1}`, // n is required
		`{"n":"1"}`, `{"n":true}`, `{"n":[]}`, `{"n":{}}`, `{"n":1.0}`, `{"n":1e0}`, `{"n":1E1}`, `{"n":01}`, `{"n":+1}`,
		`{"n":-11}`, `{"n":101}`, `{"n":9223372036854775808}`, `{"n":-9223372036854775809}`,
		`{"n":1,"n":"x"}`, // the last of a key counts
		`{"n":1,"ratio":"0.5"}`, `{"n":1,"ratio":1.1}`, `{"n":1,"ratio":-1}`, `{"n":1,"ratio":1e400}`, `{"n":1,"ratio":NaN}`, `{"n":1,"ratio":false}`,
		`{"n":1,"on":1}`, `{"n":1,"on":"true"}`, `{"n":1,"on":[true]}`,
		`{"n":1,"at":"2026-01-02"}`, `{"n":1,"at":"2026-01-02T03:04:05"}`, `{"n":1,"at":1767323045}`, `{"n":1,"at":"2026-01-02 03:04:05Z"}`,
		`{"n":1,"at":"0001-01-01T00:00:00Z"}`, `{"n":1,"at":"0000-12-31T23:00:00Z"}`, `{"n":1,"at":"9999-12-31T23:00:00-02:00"}`,
		`{"n":1,"at":"2026-02-30T03:04:05Z"}`, `{"n":1,"at":""}`,
		`{"n":1,"day":"2026-02-30"}`, `{"n":1,"day":"2026-1-2"}`, `{"n":1,"day":"2026-01-02T00:00:00Z"}`, `{"n":1,"day":20260102}`, `{"n":1,"day":"0000-01-01"}`, `{"n":1,"day":" 2026-01-02"}`,
		`{"n":1,"wait":"1s"}`, `{"n":1,"wait":-61}`, `{"n":1,"wait":1e300}`, `{"n":1,"wait":9223372037}`, `{"n":1,"wait":9223372036.9}`, `{"n":1,"days":106752}`, `{"n":1,"days":-106752}`, `{"n":1,"days":106752.5}`, `{"n":1,"days":-106752.5}`,
		`{"n":1,"days":1e400}`, `{"n":1,"days":true}`,
		`{"n":1,"id":"x"}`, `{"n":1,"id":"00000000-0000-0000-0000-000000000000"}`, `{"n":1,"id":"0190c8a4111172228333444455556666"}`, `{"n":1,"id":"{0190c8a4-1111-7222-8333-444455556666}"}`,
		`{"n":1,"id":"0190c8a4-1111-7222-8333-44445555666g"}`, `{"n":1,"id":7}`,
		`{"n":1,"addr":"10.0.0"}`, `{"n":1,"addr":"10.0.0.1/8"}`, `{"n":1,"addr":"fe80::1%eth0"}`, `{"n":1,"addr":""}`, `{"n":1,"addr":167772161}`,
		`{"n":1,"site":"example.com"}`, `{"n":1,"site":"https://u:p@example.com"}`, `{"n":1,"site":"https://example.com/long/away"}`, `{"n":1,"site":1}`,
		`{"n":1,"mail":"a"}`, `{"n":1,"mail":"a@b@c"}`,
		`{"n":1,"code":"a"}`, `{"n":1,"code":"abcde"}`, `{"n":1,"code":"ABC"}`, `{"n":1,"code":["abc"]}`,
		`{"n":1,"raw":"more than 20 characters"}`, `{"n":1,"raw":` + strings.Repeat("[", 33) + strings.Repeat("]", 33) + `}`, `{"n":1,"raw":1e999}`,
		`{"n":1,"tier":"max"}`, `{"n":1,"tier":""}`, `{"n":1,"tier":1}`, `{"n":1,"tier":"Pro"}`,
		`{"n":1,"names":[]}`, `{"n":1,"names":["a","b","c"]}`, `{"n":1,"names":["long"]}`, `{"n":1,"names":[null]}`, `{"n":1,"names":[1]}`, `{"n":1,"names":{}}`, `{"n":1,"names":"a"}`, `{"n":1,"names":[["a"]]}`,
		`{"n":1,"sizes":[]}`, `{"n":1,"sizes":{"a":1,"b":2,"c":3}}`, `{"n":1,"sizes":{"a":-1}}`, `{"n":1,"sizes":{"a":"1"}}`, `{"n":1,"sizes":{"a":null}}`,
		`{"n":1,"grid":{"a":true}}`, `{"n":1,"grid":{"a":{"b":1}}}`, `{"n":1,"grid":{"a":null}}`, `{"n":1,"grid":{"a":{"` + strings.Repeat("b", 46) + `":true}}}`, `{"n":1,"grid":{"a":{}},"grid":{"b":{"c":0}}}`,
		`{"n":1,"inner":{}}`, `{"n":1,"inner":{"b":null}}`, `{"n":1,"inner":[]}`, `{"n":1,"inner":"{}"}`, `{"n":1,"inner":{"b":"x","a":"1"}}`,
		`{"n":1,"inner":{"b":"a text of more than forty bytes in all"}}`,
		`{"n":1,"inners":[]}`, `{"n":1,"inners":[{"b":"x"},{}]}`, `{"n":1,"inners":[{"b":"x"},null]}`, `{"n":1,"inners":[{"b":"x"},5]}`, `{"n":1,"inners":{"b":"x"}}`,
		`{"n":1,"unknown":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		`{"n":1,"unknown":"` + strings.Repeat("x", maxPayload) + `"}`,
	}
	for _, text := range tests {
		var v testPayload
		if _, ok := readPayload(text, &v); ok {
			t.Errorf("%.200s is accepted: %+v", text, v)
		}
	}
}

func TestPayloadAccepted(t *testing.T) {
	plain := func(change func(*testPayload)) testPayload {
		v := testPayloadDefaults()
		v.N = 5
		change(&v)
		return v
	}
	tests := []struct {
		text   string
		change func(*testPayload)
	}{
		{`{"n":5}`, func(*testPayload) {}},
		{" \r\n\t{ \"n\" :\t5 }\n", func(*testPayload) {}},
		{`{"n":6,"n":5}`, func(*testPayload) {}},
		{`{"n":"x","n":5}`, func(*testPayload) {}},
		{`{"\u006e":5}`, func(*testPayload) {}},
		{`{"unknown":{"n":[6,"}",{"n":7}]},"n":5,"":1,"x":"\"n\":8"}`, func(*testPayload) {}},
		{`{"n":5,"ratio":null,"names":null,"inner":null,"raw":null,"sizes":null}`, func(*testPayload) {}},
		{`{"n":-0}`, func(v *testPayload) { v.N = 0 }},
		{`{"n":-10}`, func(v *testPayload) { v.N = -10 }},
		{`{"n":5,"ratio":1}`, func(v *testPayload) { v.Ratio = 1 }},
		{`{"n":5,"ratio":2.5e-1}`, func(v *testPayload) { v.Ratio = 0.25 }},
		{`{"n":5,"ratio":1e-400}`, func(v *testPayload) { v.Ratio = 0 }},
		{`{"n":5,"on":true}`, func(v *testPayload) { v.On = true }},
		{`{"n":5,"at":"2026-01-02T03:04:05.5+01:00"}`, func(v *testPayload) { v.At = time.Date(2026, 1, 2, 2, 4, 5, 5e8, time.UTC) }},
		{`{"n":5,"day":"2024-02-29"}`, func(v *testPayload) { v.Day = Date{2024, 2, 29} }},
		{`{"n":5,"wait":2}`, func(v *testPayload) { v.Wait = 2 * time.Second }},
		{`{"n":5,"wait":0.000000001}`, func(v *testPayload) { v.Wait = 1 }},
		{`{"n":5,"wait":1.0000000006}`, func(v *testPayload) { v.Wait = 1000000001 }},
		{`{"n":5,"wait":-1.5e1}`, func(v *testPayload) { v.Wait = -15 * time.Second }},
		{`{"n":5,"wait":9223372036}`, func(v *testPayload) { v.Wait = 9223372036 * time.Second }},
		{`{"n":5,"days":-0.5}`, func(v *testPayload) { v.Days = -12 * time.Hour }},
		{`{"n":5,"id":"0190C8A4-1111-7222-8333-444455556666"}`, func(v *testPayload) { v.ID = uuid.MustParse("0190c8a4-1111-7222-8333-444455556666") }},
		{`{"n":5,"addr":"::ffff:10.0.0.1"}`, func(v *testPayload) { v.Addr = netip.MustParseAddr("10.0.0.1") }},
		{`{"n":5,"addr":"2001:DB8::1"}`, func(v *testPayload) { v.Addr = netip.MustParseAddr("2001:db8::1") }},
		{`{"n":5,"site":"https:\/\/example.com\/?q"}`, func(v *testPayload) { v.Site = "https://example.com/?q" }},
		{`{"n":5,"code":"\u00e4ää\u00e4"}`, func(v *testPayload) { v.Code = "ääää" }},
		{`{"n":5,"raw":{"a": [1, "two"]}}`, func(v *testPayload) { v.Raw = JSON(`{"a":[1,"two"]}`) }},
		{`{"n":5,"raw":false}`, func(v *testPayload) { v.Raw = JSON(`false`) }},
		{`{"n":5,"raws":[null, {"a" : 1}, []]}`, func(v *testPayload) { v.Raws = []JSON{JSON(`null`), JSON(`{"a":1}`), JSON(`[]`)} }},
		{`{"n":5,"raws":[]}`, func(v *testPayload) { v.Raws = nil }},
		{`{"n":5,"tier":"p\u0072o"}`, func(v *testPayload) { v.Tier = 2 }},
		{`{"n":5,"names":[ "a" , "b,]" ]}`, func(v *testPayload) { v.Names = []string{"a", "b,]"} }},
		{`{"n":5,"names":["\ud83d\ude00\ud800"]}`, func(v *testPayload) { v.Names = []string{"😀\uFFFD"} }},
		{"{\"n\":5,\"names\":[\"\xff\"]}", func(v *testPayload) { v.Names = []string{"\uFFFD"} }},
		{`{"n":5,"sizes":{}}`, func(v *testPayload) { v.Sizes = map[string]int64{} }},
		{`{"n":5,"sizes":{"a\n\"" : 1 ,"":2}}`, func(v *testPayload) { v.Sizes = map[string]int64{"a\n\"": 1, "": 2} }},
		{`{"n":5,"sizes":{"a":1,"a":2}}`, func(v *testPayload) { v.Sizes = map[string]int64{"a": 2} }},
		{`{"n":5,"grid":{"a":{"b":true,"c":false},"d":{}}}`, func(v *testPayload) {
			v.Grid = map[string]map[string]bool{"a": {"b": true, "c": false}, "d": {}}
		}},
		{`{"n":5,"grid":{ "a" :{"` + strings.Repeat("b", 45) + `": true}}}`, func(v *testPayload) { v.Grid = map[string]map[string]bool{"a": {strings.Repeat("b", 45): true}} }},
		{`{"n":5,"inner":{"b":"x"}}`, func(v *testPayload) { v.Inner = testInner{3, "x"} }}, // the default of "a", not that of "inner"
		{`{"n":5,"inner":   {                         "b"  :   "x" ,  "z" : { }  }}`, func(v *testPayload) { v.Inner = testInner{3, "x"} }},
		{`{"n":5,"inners":[{"b":"x"},{"a":4,"b":""}]}`, func(v *testPayload) { v.Inners = []testInner{{3, "x"}, {4, ""}} }},
		{`{"n":5,"odd \"key\\":"!"}`, func(v *testPayload) { v.Odd = "!" }},
		{`{"n":5,"odd \u0022key\u005c":"!"}`, func(v *testPayload) { v.Odd = "!" }},
		{`{"n":5,"unknown":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, func(*testPayload) {}},
	}
	for _, tt := range tests {
		var got testPayload
		if broken, ok := readPayload(tt.text, &got); !ok {
			t.Errorf("%s is refused for %q", tt.text, broken)
			continue
		}
		if diff := cmp.Diff(got, plain(tt.change), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%s (-got +want):\n%s", tt.text, diff)
		}
	}
}

// The log names the property to blame, never its value.
func TestPayloadBroken(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                                   "",
		`{"n":1`:                               "",
		`{}`:                                   "n",
		`{"n":"secret"}`:                       "n",
		`{"n":1,"names":["a","secret"]}`:       "names",
		`{"n":1,"names":["a","b","c"]}`:        "names",
		`{"n":1,"names":[]}`:                   "names",
		`{"n":1,"grid":{"secret":{"x":1}}}`:    "grid",
		`{"n":1,"inner":{"a":1}}`:              "inner.b",
		`{"n":1,"inners":[{"b":"x"},{"b":7}]}`: "inners.b",
		`{"n":1,"odd \"key\\":7}`:              `odd "key\`,
	} {
		var v testPayload
		if broken, ok := readPayload(text, &v); ok || broken != want {
			t.Errorf("%s: got %q, %v, want %q", text, broken, ok, want)
		}
	}
}

// A payload that breaks the plan is told about once a minute, without its values.
func TestPayloadLogged(t *testing.T) {
	const doc = `{"flags":[{"key":"limits","active":true,"filters":{"groups":[{"rollout_percentage":100}],"payloads":{"true":"{\"n\":1,\"inner\":{\"b\":42}}"}}}]}`
	set := FlagSet{Flags: []FlagSpec{{Key: "limits", Evaluate: LocalOnly}}}
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		c := newClient(t, &endpoint{}, Config{FlagDefinitions: []byte(doc), Logger: slog.New(slog.NewTextHandler(&log, nil))})
		ctx := With(t.Context(), UseClient(c), User("u_1"))
		for range 3 {
			got := testPayload{N: 7}
			if set.Config(ctx, 0, &got) || cmp.Diff(got, testPayloadDefaults(), cmpopts.EquateComparable(netip.Addr{})) != "" {
				t.Errorf("got %+v, want the defaults", got)
			}
		}
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
		_, got, _ := strings.Cut(log.String(), " ")
		const want = `level=WARN msg="the payload of a flag breaks the tracking plan, whose defaults serve instead" flag=limits property=inner.b` + "\n"
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// However many keys an object has, each is found, and the last of two.
func TestPayloadManyKeys(t *testing.T) {
	for _, n := range []int{1, manyMembers - 2, manyMembers, manyMembers + 1, 50000} {
		var b strings.Builder
		b.WriteString(`{"on":3,"z":0,"n":1,`)
		for i := range n {
			fmt.Fprintf(&b, `"k%d":%d,`, i, i)
		}
		b.WriteString(`"on":true,"n":7,"inner":{"b":"x"}}`)
		want := testPayloadDefaults()
		want.N, want.On, want.Inner = 7, true, testInner{3, "x"}
		var got testPayload
		if _, ok := readPayload(b.String(), &got); !ok {
			t.Errorf("%d more keys: refused", n)
		} else if diff := cmp.Diff(got, want, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%d more keys (-got +want):\n%s", n, diff)
		}
	}
}

// Whatever the text, what is accepted is what encoding/json reads.
func FuzzPayload(f *testing.F) {
	for _, text := range []string{
		`{"n":5}`, `{"n":5,"names":["a","b"],"sizes":{"a":1},"inner":{"a":1,"b":"x"}}`, `{"n":5,"n":6,"inners":[{"b":"\u00e4"},{"b":"","a":2}]}`,
		`{"n":1,"grid":{"a":{"b":true}},"raw":[1,{"x":null}],"wait":1.5,"tier":"pro"}`, `{"n":1,"names":["a"],"odd \"key\\":"\ud800"}`, `{"n":1.0}`, `{"sizes":{"\n":0}, "n":1}`, ` [] `, `{"n":1,"names":[1`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got testPayload
		_, ok := readPayload(text, &got)
		var members map[string]json.RawMessage
		valid := json.Unmarshal([]byte(text), &members) == nil && members != nil
		if !ok {
			if valid && len(members) == 1 && len(text) < maxPayload && slices.Contains([]string{"0", "5", "99"}, string(members["n"])) {
				t.Fatalf("%q is refused", text)
			}
			return
		}
		if !valid {
			t.Fatalf("%q is accepted", text)
		}
		check := func(key string, got, want any) {
			if raw, has := members[key]; has && string(raw) != "null" {
				if err := json.Unmarshal(raw, want); err != nil {
					t.Fatalf("%s of %q is accepted: %v", key, text, err)
				}
				text, _ := json.Marshal(got)
				wanted, _ := json.Marshal(want)
				if string(text) != string(wanted) {
					t.Fatalf("%s: got %s, want %s", key, text, wanted)
				}
			}
		}
		check("n", got.N, new(int64))
		check("ratio", got.Ratio, new(float64))
		check("on", got.On, new(bool))
		check("at", got.At, new(utcTime))
		check("site", got.Site, new(string))
		check("code", got.Code, new(string))
		check("odd \"key\\", got.Odd, new(string))
		check("sizes", got.Sizes, new(map[string]int64))
		check("names", got.Names, new([]string))
		check("id", got.ID, new(uuid.UUID))
	})
}

// A utcTime is a time that is UTC however it was written.
type utcTime struct{ time.Time }

func (u *utcTime) UnmarshalJSON(data []byte) error {
	err := u.Time.UnmarshalJSON(data)
	u.Time = u.UTC()
	return err
}

func BenchmarkPayload(b *testing.B) {
	const text = `{"n": 5, "ratio": 0.25, "on": true, "wait": 2.5, "tier": "pro", "names": ["a", "b"], "inner": {"b": "x"}}`
	b.ReportAllocs()
	for b.Loop() {
		var v testPayload
		if _, ok := readPayload(text, &v); !ok {
			b.Fatal("refused")
		}
	}
}

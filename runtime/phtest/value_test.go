package phtest

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

func record(t *testing.T, properties string) Record {
	t.Helper()
	r, err := decodeRecord([]byte(`{"event":"e","distinct_id":"u","uuid":"0190c8a4-1111-7222-8333-444455556666","timestamp":"2026-01-02T03:04:05Z","properties":` + properties + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestValue(t *testing.T) {
	r := record(t, `{"s":"text","i":9007199254740993,"f":0.1,"b":true,"t":"2026-01-02T02:04:05.006Z","d":"2026-01-02",
		"u":"0190c8a4-1111-7222-8333-444455556666","ip":"203.0.113.7","n":null,"a":[1,"x"],"o":{"k":{"z":"<","y":1}}}`)
	v := func(key string) Value {
		v, ok := r.Value(key)
		if !ok {
			t.Errorf("%s: not there", key)
		}
		return v
	}
	items, entries := v("a").Items(), v("o").Entries()
	k, _ := v("o").Field("k")
	for _, tt := range []struct {
		what      string
		got, want any
	}{
		{"String", v("s").String(), "text"},
		{"Int above 2^53", v("i").Int(), int64(9007199254740993)},
		{"Float", v("f").Float(), 0.1},
		{"Bool", v("b").Bool(), true},
		{"Time", v("t").Time(), time.Date(2026, 1, 2, 2, 4, 5, 6e6, time.UTC)},
		{"Date", v("d").Date(), ph.Date{Year: 2026, Month: 1, Day: 2}},
		{"UUID", v("u").UUID(), uuid.MustParse("0190c8a4-1111-7222-8333-444455556666")},
		{"IP", v("ip").IP(), netip.MustParseAddr("203.0.113.7")},
		{"Items", []any{len(items), items[0].Int(), items[1].String()}, []any{2, int64(1), "x"}},
		{"Entries", len(entries), 1},
		{"JSON", string(k.JSON()), `{"z":"<","y":1}`},

		// Another kind reads as zero.
		{"String of a number", v("i").String(), ""},
		{"Int of a fraction", v("f").Int(), int64(0)},
		{"Int of text", v("s").Int(), int64(0)},
		{"Float of text", v("s").Float(), 0.0},
		{"Bool of text", v("s").Bool(), false},
		{"Time of text", v("s").Time(), time.Time{}},
		{"Date of text", v("s").Date(), ph.Date{}},
		{"Date of a timestamp", v("t").Date(), ph.Date{}},
		{"Date of no calendar", Value{[]byte(`"2026-02-30"`)}.Date(), ph.Date{Year: 2026, Month: 2, Day: 30}},
		{"Duration of text", v("s").Duration(ph.Second), time.Duration(0)},
		{"UUID of text", v("s").UUID(), uuid.UUID{}},
		{"IP of text", v("s").IP(), netip.Addr{}},
		{"Items of text", v("s").Items(), []Value(nil)},
		{"Entries of text", v("s").Entries(), map[string]Value(nil)},
	} {
		if diff := cmp.Diff(tt.want, tt.got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.AllowUnexported(Value{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
	for _, key := range []string{"n", "missing"} {
		if _, ok := r.Value(key); ok {
			t.Errorf("%s: is there", key)
		}
	}
	if _, ok := v("s").Field("k"); ok {
		t.Error("text has a field")
	}
}

func TestDuration(t *testing.T) {
	for _, tt := range []struct {
		number string
		unit   ph.Unit
		want   time.Duration
	}{
		{"1500", ph.Millisecond, 1500 * time.Millisecond},
		{"1.5", ph.Second, 1500 * time.Millisecond},
		{"9223372036.854775807", ph.Second, 1<<63 - 1},
		{"-9223372036854775808", ph.Nanosecond, -1 << 63},
		{"0.001", ph.Microsecond, time.Nanosecond},
		{"0.1", ph.Minute, 6 * time.Second},
		{"1e-9", ph.Second, time.Nanosecond},
		{"0.5", ph.Hour, 30 * time.Minute},
		{"2", ph.Day, 48 * time.Hour},
		{"9223372037", ph.Second, 0}, // longer than a Duration can be
		{"1e999999999", ph.Second, 0},
	} {
		v, _ := record(t, `{"d":`+tt.number+`}`).Value("d")
		if got := v.Duration(tt.unit); got != tt.want {
			t.Errorf("%s of unit %d: got %v, want %v", tt.number, tt.unit, got, tt.want)
		}
	}
}

func TestMoney(t *testing.T) {
	for _, tt := range []struct {
		properties string
		want       ph.Money
		ok         bool
	}{
		{`{"price":49.90,"currency":"USD"}`, ph.Money{Minor: 4990, Currency: "USD"}, true},
		{`{"price":-0.05,"currency":"USD"}`, ph.Money{Minor: -5, Currency: "USD"}, true},
		{`{"price":500,"currency":"JPY"}`, ph.Money{Minor: 500, Currency: "JPY"}, true},
		{`{"price":92233720368547758.07,"currency":"USD"}`, ph.Money{Minor: 1<<63 - 1, Currency: "USD"}, true},
		{`{"price":null,"currency":null}`, ph.Money{}, false},
		{`{"price":"1","currency":"USD"}`, ph.Money{}, false},
		{`{"price":1}`, ph.Money{}, false},
	} {
		r := record(t, tt.properties)
		if got, ok := r.Money("price", "currency"); got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %+v, %t, want %+v, %t", tt.properties, got, ok, tt.want, tt.ok)
		}
		o, _ := record(t, `{"o":`+tt.properties+`}`).Value("o")
		if got, ok := o.Money("price", "currency"); got != tt.want || ok != tt.ok {
			t.Errorf("field %s: got %+v, %t, want %+v, %t", tt.properties, got, ok, tt.want, tt.ok)
		}
	}
}

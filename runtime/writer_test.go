package runtime

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// A probe is an event whose visit a test writes.
type probe struct {
	spec  *EventSpec
	visit func(w *Writer, p []Prop)
}

func (e probe) PhgenVisit(w *Writer) { e.visit(w, w.Props(e.spec)) }
func (e probe) Validate() error      { return Validate(e) }

func (e probe) TryCapture(ctx context.Context, opts ...Option) (uuid.UUID, error) {
	w := Begin(ctx, e.spec, opts)
	e.PhgenVisit(w)
	return w.End()
}

// event makes a probe of one property that visit writes.
func event(p Prop, visit func(w *Writer, p *Prop)) probe {
	return events([]Prop{p}, func(w *Writer, p []Prop) { visit(w, &p[0]) })
}

func events(props []Prop, visit func(w *Writer, p []Prop)) probe {
	return probe{&EventSpec{Name: "e", Props: props}, visit}
}

func text(v string) func(*Writer, *Prop)   { return func(w *Writer, p *Prop) { w.String(p, v) } }
func float(v float64) func(*Writer, *Prop) { return func(w *Writer, p *Prop) { w.Float(p, v) } }

var (
	nan     = math.NaN()
	aMoment = time.Date(2026, 5, 6, 7, 8, 9, 120, time.UTC)
	longJSN = JSON(strings.Repeat("[", 33) + strings.Repeat("]", 33))
)

// What a value becomes under on_invalid: report, and which rules it breaks.
func TestReport(t *testing.T) {
	for _, tt := range []struct {
		name   string
		prop   Prop
		visit  func(*Writer, *Prop)
		want   string
		broken []string
	}{
		{"string", Prop{}, text("a\"b"), `"k":"a\"b"`, nil},
		{"dirty string", Prop{}, text("a\x00\xffb"), `"k":"a` + "\uFFFD" + `b"`, nil},
		{"too short", Prop{Text: &TextRule{MinLength: 3}}, text("äö"), `"k":"äö"`, []string{"k min_length"}},
		{"long enough in code points", Prop{Text: &TextRule{MaxLength: 2}}, text("äö"), `"k":"äö"`, nil},
		{"too long", Prop{Text: &TextRule{MaxLength: 1}}, text("äö"), `"k":"äö"`, []string{"k max_length"}},
		{"pattern", Prop{Text: &TextRule{Pattern: &Pattern{Expr: "^[a-z]+$"}}}, text("A"), `"k":"A"`, []string{"k pattern"}},
		{"two rules", Prop{Text: &TextRule{MaxLength: 1, Pattern: &Pattern{Expr: "^x"}}}, text("ab"), `"k":"ab"`, []string{"k max_length", "k pattern"}},
		{"max_bytes counts JSON", Prop{MaxBytes: 4}, text("äb"), `"k":"äb"`, []string{"k max_bytes"}},
		{"max_bytes reached", Prop{MaxBytes: 4}, text("ab"), `"k":"ab"`, nil},
		{"url", Prop{Format: FormatURL}, text("https://a.b/c?d#e"), `"k":"https://a.b/c?d#e"`, nil},
		{"url with password", Prop{Format: FormatURL}, text("https://u:p@a.b"), `"k":"https://u:p@a.b"`, []string{"k url"}},
		{"url strip_query", Prop{Format: FormatURL, StripQuery: true}, text("https://a.b/c?d#e"), `"k":"https://a.b/c"`, nil},
		{"email", Prop{Format: FormatEmail}, text("a@b@c"), `"k":"a@b@c"`, []string{"k email"}},
		{"country", Prop{Format: FormatCountry}, text("de"), `"k":"de"`, []string{"k country"}},
		{"currency", Prop{Format: FormatCurrency}, text("EURO"), `"k":"EURO"`, []string{"k currency"}},
		{"locale", Prop{Format: FormatLocale}, text("d"), `"k":"d"`, []string{"k locale"}},
		{"int", Prop{Ints: &IntRule{Min: 1, Max: 3}}, func(w *Writer, p *Prop) { w.Int(p, 3) }, `"k":3`, nil},
		{"int below", Prop{Ints: &IntRule{Min: 1, Max: 3}}, func(w *Writer, p *Prop) { w.Int(p, 0) }, `"k":0`, []string{"k min"}},
		{"int above", Prop{Ints: &IntRule{Min: 1, Max: 3}}, func(w *Writer, p *Prop) { w.Int(p, math.MaxInt64) }, `"k":9223372036854775807`, []string{"k max"}},
		{"float", Prop{Floats: &FloatRule{Min: 0, Max: 1}}, float(1.5), `"k":1.5`, []string{"k max"}},
		{"NaN", Prop{Floats: &FloatRule{Min: 0, Max: 1}}, float(nan), `"k":null`, []string{"k float"}},
		{"infinite", Prop{}, float(math.Inf(-1)), `"k":null`, []string{"k float"}},
		{"timestamp", Prop{}, func(w *Writer, p *Prop) { w.Time(p, aMoment) }, `"k":"2026-05-06T07:08:09.00000012Z"`, nil},
		{"zero timestamp", Prop{}, func(w *Writer, p *Prop) { w.Time(p, time.Time{}) }, `"k":null`, []string{"k unset"}},
		{"year 10000", Prop{}, func(w *Writer, p *Prop) { w.Time(p, aMoment.AddDate(8000, 0, 0)) }, `"k":null`, []string{"k timestamp"}},
		{"date", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{2024, 2, 29}) }, `"k":"2024-02-29"`, nil},
		{"no day", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{2023, 2, 29}) }, `"k":"2023-02-29"`, []string{"k date"}},
		{"no month", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{2023, 0, 99}) }, `"k":"2023-00-99"`, []string{"k date"}},
		{"year 0", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{0, 1, 1}) }, `"k":"0000-01-01"`, []string{"k date"}},
		{"day of three digits", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{2023, 1, 100}) }, `"k":null`, []string{"k date"}},
		{"negative day", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{2023, 1, -1}) }, `"k":null`, []string{"k date"}},
		{"year of five digits", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{10000, 1, 1}) }, `"k":null`, []string{"k date"}},
		{"zero date", Prop{}, func(w *Writer, p *Prop) { w.Date(p, Date{}) }, `"k":null`, []string{"k unset"}},
		{"duration", Prop{}, func(w *Writer, p *Prop) { w.Duration(p, 1500*time.Microsecond) }, `"k":1.5`, nil},
		{"duration in seconds", Prop{Unit: Second, Floats: &FloatRule{Max: 1}}, func(w *Writer, p *Prop) { w.Duration(p, 1500*time.Millisecond) }, `"k":1.5`, []string{"k max"}},
		{"duration in hours", Prop{Unit: Hour}, func(w *Writer, p *Prop) { w.Duration(p, 20*time.Minute) }, `"k":0.3333333333333333`, nil},
		{"nil uuid", Prop{}, func(w *Writer, p *Prop) { w.UUID(p, uuid.Nil) }, `"k":null`, []string{"k unset"}},
		{"ip", Prop{}, func(w *Writer, p *Prop) { w.IP(p, netip.MustParseAddr("::ffff:1.2.3.4")) }, `"k":"1.2.3.4"`, nil},
		{"ip with zone", Prop{}, func(w *Writer, p *Prop) { w.IP(p, netip.MustParseAddr("fe80::1%eth0")) }, `"k":"fe80::1"`, nil},
		{"no ip", Prop{}, func(w *Writer, p *Prop) { w.IP(p, netip.Addr{}) }, `"k":null`, []string{"k unset"}},
		{"money", Prop{Currency: "c"}, func(w *Writer, p *Prop) { w.Money(p, Money{4990, "USD"}) }, `"k":49.90,"c":"USD"`, nil},
		{"money without digits", Prop{Currency: "c"}, func(w *Writer, p *Prop) { w.Money(p, Money{-500, "JPY"}) }, `"k":-500,"c":"JPY"`, nil},
		{"money of no shape", Prop{Currency: "c"}, func(w *Writer, p *Prop) { w.Money(p, Money{-5, "usd"}) }, `"k":-0.05,"c":"usd"`, []string{"k currency"}},
		{"money without currency", Prop{Currency: "c"}, func(w *Writer, p *Prop) { w.Money(p, Money{Minor: 5}) }, `"k":null,"c":null`, []string{"k unset"}},
		{"money null", Prop{Currency: "c"}, func(w *Writer, p *Prop) { w.Null(p) }, `"k":null,"c":null`, nil},
		{"json", Prop{}, func(w *Writer, p *Prop) { w.JSON(p, JSON(` {"a" : [1, 2.50]} `)) }, `"k":{"a":[1,2.50]}`, nil},
		{"json twice", Prop{}, func(w *Writer, p *Prop) { w.JSON(p, JSON(`1 2`)) }, `"k":null`, []string{"k json"}},
		{"json too deep", Prop{}, func(w *Writer, p *Prop) { w.JSON(p, longJSN) }, `"k":null`, []string{"k json"}},
		{"json max_bytes", Prop{MaxBytes: 4}, func(w *Writer, p *Prop) { w.JSON(p, JSON(`[1, 2]`)) }, `"k":[1,2]`, []string{"k max_bytes"}},
		{"enum", Prop{Enum: &sourceEnum}, func(w *Writer, p *Prop) { w.Enum(p, 3) }, `"k":"import"`, nil},
		{"enum unset", Prop{Enum: &sourceEnum}, func(w *Writer, p *Prop) { w.Enum(p, 0) }, `"k":null`, []string{"k unset"}},
		{"enum unknown", Prop{Enum: &sourceEnum}, func(w *Writer, p *Prop) { w.Enum(p, 4) }, `"k":null`, []string{"k enum"}},
		{"const", Prop{Const: `"server"`}, func(w *Writer, p *Prop) { w.Const(p) }, `"k":"server"`, nil},
		{"null", Prop{}, func(w *Writer, p *Prop) { w.Null(p) }, `"k":null`, nil},
		{"union unset", Prop{}, func(w *Writer, p *Prop) { w.Unset(p) }, `"k":null`, []string{"k unset"}},
		{"bool", Prop{}, func(w *Writer, p *Prop) { w.Bool(p, false) }, `"k":false`, nil},
		{"nil strings", Prop{}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{}, nil) }, `"k":[]`, nil},
		{"strings", Prop{Items: &ItemRule{Max: 1}}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{}, []string{"a", "b"}) }, `"k":["a","b"]`, []string{"k max_items"}},
		{"too few items", Prop{Items: &ItemRule{Min: 1}}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{}, nil) }, `"k":[]`, []string{"k min_items"}},
		{"array max_bytes", Prop{MaxBytes: 8}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{}, []string{"a", "b"}) }, `"k":["a","b"]`, []string{"k max_bytes"}},
		{"bad item", Prop{}, func(w *Writer, p *Prop) {
			w.Strings(p, &Prop{Text: &TextRule{MaxLength: 1}}, []string{"a", "bc"})
		}, `"k":["a","bc"]`, []string{"k[1] max_length"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			tt.prop.Key = "k"
			e := event(tt.prop, tt.visit)
			if _, err := e.TryCapture(r.ctx()); err != nil {
				t.Fatal(err)
			}
			if got := r.props(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if diff := cmp.Diff(r.broken(), tt.broken); diff != "" {
				t.Errorf("violations (-got +want):\n%s", diff)
			}
			if got := e.Validate(); (got == nil) != (tt.broken == nil) {
				t.Errorf("Validate: got %v, want %d violations", got, len(tt.broken))
			}
			if !Equal(e, e) {
				t.Error("the event does not equal itself")
			}
		})
	}
}

// The other words of on_invalid, at the value, around it and at the event.
func TestOnInvalid(t *testing.T) {
	order := func(word, list, item, field OnInvalid) probe {
		return probe{
			&EventSpec{Name: "e", OnInvalid: word, Props: []Prop{
				{Key: "a"},
				{Key: "items", OnInvalid: list},
				{OnInvalid: item},
				{Key: "sku", OnInvalid: field, Text: &TextRule{MaxLength: 2}},
				{Key: "n"},
				{Key: "z"},
			}},
			func(w *Writer, p []Prop) {
				w.Int(&p[0], 1)
				for i := range w.Array(&p[1], 2) {
					w.Object(&p[2])
					w.String(&p[3], strings.Repeat("x", i*3))
					w.Int(&p[4], int64(i))
					w.EndObject()
				}
				w.EndArray()
				w.Int(&p[5], 2)
			},
		}
	}
	nested := func(outer, inner OnInvalid) probe {
		return events([]Prop{{Key: "o", OnInvalid: outer}, {Key: "f", OnInvalid: inner}, {Key: "g"}}, func(w *Writer, p []Prop) {
			w.Object(&p[0])
			w.Float(&p[1], nan)
			w.Bool(&p[2], true)
			w.EndObject()
		})
	}
	cut := []string{"items[1].sku max_length"}
	for _, tt := range []struct {
		name   string
		event  probe
		want   string // "" if the event is refused
		broken []string
	}{
		{"event reports", order(Report, 0, 0, 0), `"a":1,"items":[{"sku":"","n":0},{"sku":"xxx","n":1}],"z":2`, cut},
		{"event drops", order(DropEvent, 0, 0, 0), "", cut},
		{"event drops properties", order(DropProperty, 0, 0, 0), `"a":1,"z":2`, cut},
		{"property before event", order(DropEvent, DropProperty, 0, 0), `"a":1,"z":2`, cut},
		{"field before property", order(0, DropProperty, 0, Report), `"a":1,"items":[{"sku":"","n":0},{"sku":"xxx","n":1}],"z":2`, cut},
		{"field in an array drops the property", order(0, 0, 0, DropProperty), `"a":1,"z":2`, cut},
		{"field drops the event", order(0, DropProperty, 0, DropEvent), "", cut},
		{"field truncates", order(DropEvent, 0, 0, Truncate), `"a":1,"items":[{"sku":"","n":0},{"sku":"xx","n":1}],"z":2`, nil},
		{"nested field", nested(0, DropProperty), `"o":{"g":true}`, []string{"o.f float"}},
		{"nested field by its property", nested(DropProperty, 0), `"o":{"g":true}`, []string{"o.f float"}},
		{"scalar", event(Prop{Key: "k", OnInvalid: DropProperty}, float(nan)), ``, []string{"k float"}},
		{"money", event(Prop{Key: "k", Currency: "c", OnInvalid: DropProperty}, func(w *Writer, p *Prop) { w.Money(p, Money{}) }), ``, []string{"k unset"}},
		{"list too long", event(Prop{Key: "k", OnInvalid: DropProperty, Items: &ItemRule{Max: 1}}, func(w *Writer, p *Prop) {
			w.Strings(p, &Prop{}, []string{"a", "b"})
		}), ``, []string{"k max_items"}},
		{"list truncated", event(Prop{Key: "k", OnInvalid: Truncate, Items: &ItemRule{Max: 1}}, func(w *Writer, p *Prop) {
			w.Strings(p, &Prop{}, []string{"a", "b"})
		}), `"k":["a"]`, nil},
		{"text truncated", event(Prop{Key: "k", OnInvalid: Truncate, Text: &TextRule{MaxLength: 2}}, text("äöü")), `"k":"äö"`, nil},
		{"truncate reports the rest", event(Prop{Key: "k", OnInvalid: Truncate, Text: &TextRule{MinLength: 4, MaxLength: 2}}, text("äöü")), `"k":"äö"`, []string{"k min_length"}},
		{"strip_query before truncate", event(Prop{Key: "k", OnInvalid: Truncate, StripQuery: true, Text: &TextRule{MaxLength: 3}}, text("ab?cdef")), `"k":"ab"`, nil},
		{"map too long", event(Prop{Key: "k", OnInvalid: Truncate, Items: &ItemRule{Max: 2}}, func(w *Writer, p *Prop) {
			m := map[string]int64{"b": 2, "a": 1, "c": 3}
			for _, k := range Map(w, p, m) {
				w.MapKey(k)
				w.Int(&Prop{}, m[k])
			}
			w.EndMap()
		}), `"k":{"a":1,"b":2}`, nil},
		{"map value drops the property", events([]Prop{{Key: "a"}, {Key: "k"}, {OnInvalid: DropProperty}, {Key: "z"}}, func(w *Writer, p []Prop) {
			w.Int(&p[0], 1)
			m := map[string]float64{"x": 1, "y": nan}
			for _, k := range Map(w, &p[1], m) {
				w.MapKey(k)
				w.Float(&p[2], m[k])
			}
			w.EndMap()
			w.Int(&p[3], 2)
		}), `"a":1,"z":2`, []string{"k.y float"}},
		{"object too big", events([]Prop{{Key: "o", MaxBytes: 5, OnInvalid: DropProperty}, {Key: "f"}, {Key: "z"}}, func(w *Writer, p []Prop) {
			w.Object(&p[0])
			w.Int(&p[1], 1)
			w.EndObject()
			w.Int(&p[2], 2)
		}), `"z":2`, []string{"o max_bytes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			id, err := tt.event.TryCapture(r.ctx())
			if refused := strings.Contains(tt.name, "the event") || tt.name == "event drops"; refused {
				if !errors.Is(err, ErrInvalid) || id != uuid.Nil {
					t.Errorf("got %v and error %v, want ErrInvalid", id, err)
				}
				if got := r.c.Stats().RefusedBy["invalid"]; got != 1 {
					t.Errorf("refused as invalid: %d, want 1", got)
				}
			} else if err != nil {
				t.Fatal(err)
			} else if got := r.props(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if diff := cmp.Diff(r.broken(), tt.broken); diff != "" {
				t.Errorf("violations (-got +want):\n%s", diff)
			}
			if got, want := r.c.Stats().Violations, uint64(len(tt.broken)); got != want {
				t.Errorf("Stats.Violations: got %d, want %d", got, want)
			}
		})
	}
}

func TestPII(t *testing.T) {
	email := Prop{Format: FormatEmail, PIIKind: "email"}
	with := func(p Prop, a PII) Prop { p.PII = a; return p }
	ip := func(s string) func(*Writer, *Prop) {
		return func(w *Writer, p *Prop) { w.IP(p, netip.MustParseAddr(s)) }
	}
	for _, tt := range []struct {
		name  string
		prop  Prop
		visit func(*Writer, *Prop)
		want  string
	}{
		// echo -n "email\0ada@example.com" | openssl dgst -sha256 -hmac 0123456789abcdef
		{"hash email", with(email, PIIHash), text("Ada@Example.com"), `"k":"` + emailHash + `"`},
		{"hash int", Prop{PII: PIIHash, PIIKind: "user_id"}, func(w *Writer, p *Prop) { w.Int(p, -7) }, `"k":"` + intHash + `"`},
		{"hash uuid", Prop{PII: PIIHash, PIIKind: "user_id"}, func(w *Writer, p *Prop) { w.UUID(p, projectID) }, `"k":"` + uuidHash + `"`},
		{"hash unset uuid", Prop{PII: PIIHash}, func(w *Writer, p *Prop) { w.UUID(p, uuid.Nil) }, `"k":null`},
		{"hash null", Prop{PII: PIIHash}, func(w *Writer, p *Prop) { w.Null(p) }, `"k":null`},
		{"mask email", with(email, PIIMask), text("ädam@example.com"), `"k":"ä***@example.com"`},
		{"mask no email", with(email, PIIMask), text("adam.example.com"), `"k":"***"`},
		{"mask 8", Prop{PII: PIIMask}, text("1234567ä"), `"k":"***567ä"`},
		{"mask 7", Prop{PII: PIIMask}, text("123456ä"), `"k":"***"`},
		{"truncate text", Prop{PII: PIITruncate}, text("äbcd"), `"k":"äbc"`},
		{"truncate text to 1", Prop{PII: PIITruncate, Keep: 1}, text("äbcd"), `"k":"ä"`},
		{"truncate IPv4", Prop{PII: PIITruncate}, ip("203.0.113.77"), `"k":"203.0.113.0"`},
		{"truncate IPv4 in IPv6", Prop{PII: PIITruncate}, ip("::ffff:203.0.113.77"), `"k":"203.0.113.0"`},
		{"truncate IPv6", Prop{PII: PIITruncate}, ip("2001:db8:1:2:3::4"), `"k":"2001:db8:1::"`},
		{"truncate date", Prop{PII: PIITruncate}, func(w *Writer, p *Prop) { w.Date(p, Date{1990, 5, 6}) }, `"k":"1990-01-01"`},
		{"truncate no day", Prop{PII: PIITruncate}, func(w *Writer, p *Prop) { w.Date(p, Date{1990, 2, 30}) }, `"k":"1990-01-01"`},
		{"truncate unwritable day", Prop{PII: PIITruncate}, func(w *Writer, p *Prop) { w.Date(p, Date{1990, 2, 300}) }, `"k":null`},
		{"truncate timestamp", Prop{PII: PIITruncate}, func(w *Writer, p *Prop) { w.Time(p, aMoment) }, `"k":"2026-01-01T00:00:00Z"`},
		{"truncate float", Prop{PII: PIITruncate}, float(-48.199), `"k":-48.1`},
		{"truncate float to zero", Prop{PII: PIITruncate}, float(-0.04), `"k":0`},
		{"truncate whole float", Prop{PII: PIITruncate}, float(48.04), `"k":48`},
		{"truncate 0.7", Prop{PII: PIITruncate}, float(0.7), `"k":0.7`},
		{"drop", Prop{PII: PIIDrop}, text("x"), ``},
		{"drop null", Prop{PII: PIIDrop}, func(w *Writer, p *Prop) { w.Null(p) }, ``},
		{"drop money", Prop{PII: PIIDrop, Currency: "c"}, func(w *Writer, p *Prop) { w.Money(p, Money{1, "USD"}) }, ``},
		{"drop json", Prop{PII: PIIDrop}, func(w *Writer, p *Prop) { w.JSON(p, JSON("1")) }, ``},
		{"drop array", Prop{PII: PIIDrop}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{}, []string{"a"}) }, ``},
		{"mask items by their array", Prop{PII: PIIMask}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{}, []string{"123456789", "b"}) }, `"k":["***6789","***"]`},
		{"mask e-mail items by their array", Prop{PII: PIIMask}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{Format: FormatEmail}, []string{"ada@b.c"}) }, `"k":["a***@b.c"]`},
		{"mask items", Prop{}, func(w *Writer, p *Prop) { w.Strings(p, &Prop{PII: PIIMask}, []string{"123456789", "b"}) }, `"k":["***6789","***"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			tt.prop.Key = "k"
			if _, err := event(tt.prop, tt.visit).TryCapture(r.ctx()); err != nil {
				t.Fatal(err)
			}
			if got := r.props(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

const (
	emailHash = "ed3d97c4053e72bb343489b859933cbf"
	intHash   = "2bc3a6fd2eebb5fe30291fb0c9b4d079"
	uuidHash  = "37493462b92b9a3934efa32d3ab6c8cc"
)

// Without a key a hash would be a guess away from the value, so it is left out.
func TestHashWithoutKey(t *testing.T) {
	r := newRig(t, func(c *Config) { c.PIIKey = nil })
	e := events([]Prop{{Key: "k", PII: PIIHash}, {Key: "l", PII: PIIHash}, {}, {Key: "z"}}, func(w *Writer, p []Prop) {
		w.String(&p[0], "secret")
		w.Strings(&p[1], &p[2], []string{"a", "b"})
		w.Bool(&p[3], true)
	})
	if _, err := e.TryCapture(r.ctx()); err != nil {
		t.Fatal(err)
	}
	if got, want := r.props(), `"z":true`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

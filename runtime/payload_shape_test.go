package runtime

import (
	"math"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// What follows has the shape of generated code.

type testPayload struct {
	N      int64
	Ratio  float64
	On     bool
	At     time.Time
	Day    Date
	Wait   time.Duration
	Days   time.Duration
	ID     uuid.UUID
	Addr   netip.Addr
	Site   string
	Mail   string
	Code   string
	Raw    JSON
	Tier   uint8
	Names  []string
	Sizes  map[string]int64
	Grid   map[string]map[string]bool
	Inner  testInner
	Inners []testInner
	Odd    string
	Raws   []JSON
}

func testPayloadDefaults() testPayload {
	return testPayload{N: 1, Ratio: 0.5, Wait: time.Second, Code: "abc", Names: []string{"x"}, Inner: testInner{A: 9}, Odd: "odd"}
}

func (v *testPayload) PhgenRead(r *PayloadReader) {
	*v = testPayloadDefaults()
	p := &testPayloadProps
	r.Require(&p[0])
	r.Int(&p[0], &v.N)
	r.Float(&p[1], &v.Ratio)
	r.Bool(&p[2], &v.On)
	r.Time(&p[3], &v.At)
	r.Date(&p[4], &v.Day)
	r.Duration(&p[5], &v.Wait)
	r.Duration(&p[6], &v.Days)
	r.UUID(&p[7], &v.ID)
	r.IP(&p[8], &v.Addr)
	r.String(&p[9], &v.Site)
	r.String(&p[10], &v.Mail)
	r.String(&p[11], &v.Code)
	r.JSON(&p[12], &v.Raw)
	r.Enum(&p[13], &v.Tier)
	if r.Array(&p[14]) {
		v.Names = nil
		for r.Next() {
			var x string
			r.String(&p[15], &x)
			v.Names = append(v.Names, x)
		}
	}
	if r.Map(&p[16]) {
		v.Sizes = map[string]int64{}
		for r.Next() {
			var x int64
			r.Int(&p[17], &x)
			v.Sizes[r.Key()] = x
		}
	}
	if r.Map(&p[18]) {
		v.Grid = map[string]map[string]bool{}
		for r.Next() {
			var x map[string]bool
			if r.Map(&p[19]) {
				x = map[string]bool{}
				for r.Next() {
					var x2 bool
					r.Bool(&p[20], &x2)
					x[r.Key()] = x2
				}
			}
			v.Grid[r.Key()] = x
		}
	}
	r.Object(&p[21], &v.Inner)
	if r.Array(&p[22]) {
		v.Inners = nil
		for r.Next() {
			var x testInner
			r.Object(&p[23], &x)
			v.Inners = append(v.Inners, x)
		}
	}
	r.String(&p[24], &v.Odd)
	if r.Array(&p[25]) {
		v.Raws = nil
		for r.Next() {
			var x JSON
			r.JSON(&p[26], &x)
			v.Raws = append(v.Raws, x)
		}
	}
}

var testPayloadProps = [...]Prop{
	{Key: "n", Ints: &IntRule{Min: -10, Max: 100}},
	{Key: "ratio", Floats: &FloatRule{Min: 0, Max: 1}},
	{Key: "on"},
	{Key: "at"},
	{Key: "day"},
	{Key: "wait", Unit: Second, Floats: &FloatRule{Min: -60, Max: math.MaxFloat64}},
	{Key: "days", Unit: Day},
	{Key: "id"},
	{Key: "addr"},
	{Key: "site", Format: FormatURL, MaxBytes: 30},
	{Key: "mail", Format: FormatEmail},
	{Key: "code", Text: &TextRule{MinLength: 2, MaxLength: 4, Pattern: &Pattern{Expr: "^[a-zä]*$"}}},
	{Key: "raw", MaxBytes: 20},
	{Key: "tier", Enum: &EnumSpec{Values: []string{"free", "pro"}}},
	{Key: "names", Items: &ItemRule{Min: 1, Max: 2}},
	{Text: &TextRule{MaxLength: 3}},
	{Key: "sizes", Items: &ItemRule{Max: 2}},
	{Ints: &IntRule{Min: 0, Max: math.MaxInt64}},
	{Key: "grid", MaxBytes: 60},
	{},
	{},
	{Key: "inner", MaxBytes: 40},
	{Key: "inners", Items: &ItemRule{Min: 1}},
	{},
	{Key: `odd \"key\\`},
	{Key: "raws"},
	{},
}

type testInner struct {
	A int64
	B string
}

func (v *testInner) PhgenRead(r *PayloadReader) {
	*v = testInner{A: 3}
	p := &testInnerProps
	r.Require(&p[1])
	r.Int(&p[0], &v.A)
	r.String(&p[1], &v.B)
}

var testInnerProps = [...]Prop{{Key: "a"}, {Key: "b"}}

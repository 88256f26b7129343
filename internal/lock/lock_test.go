package lock

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/schema"
)

// everything is a plan with each thing that has a line of its own.
const everything = `
go: {initialisms: [SKU]}
types:
  Tier: {enum: [free, "very paid"]}
  Mark: {type: string, go: {named: true}}
  Item: {type: object, properties: {sku: string!, "unit price": money!, note: string}}
  Pay: {union: {discriminator: kind}, variants: {card: {properties: {last4: Mark!}}, cash: {}}}
  Rows: {type: array, of: {type: object, properties: {a: int}}}
  Tags: {type: array, of: {enum: [a, b]}}
property_sets:
  request: {path: string!, ip: {type: ip, pii: {kind: ip, action: drop}}}
context: {properties: {locale: locale}}
person: {properties: {plan: {enum: [a]}, old: {type: string, write: unset}}}
groups:
  org: {key: {type: int}, properties: {name: string!, seats: int}}
flags:
  beta: {kind: boolean}
  new-checkout:
    kind: multivariate
    variants: [one-page]
    payload: {type: object, properties: {max: int, limits: {type: object, properties: {rps: int}}, tier: Tier}}
  limits: {kind: remote_config, payload: {type: object, properties: {rows: Rows}}}
experiments:
  try: {flag: new-checkout, control: one-page}
surveys:
  nps:
    id: "1"
    questions:
      - {id: q1, key: score, type: rating, min: 0, max: 10, required: true}
      - {id: q2, key: more, type: link}
      - {id: q3, key: why, type: multiple_choice, choices: [price]}
events:
  order placed:
    use: [request]
    properties:
      items: {type: array, of: Item, required: true}
      from: {type: object, properties: {zip: string!}}
      kind: {type: string, const: web}
      id: {type: uuid, required: true, go: {named: OrderID}}
      by: {type: map, values: {enum: [x]}}
      "a.b": Tier!
      tags: Tags
  idle: {}
`

const everythingLock = `phgen.lock 1 "plan.yaml"
# Written by "phgen generate"; commit it. Go names and parameters that a change of the plan must not swap.
context: -; locale Locale string
events.idle: Idle()
events."order placed": OrderPlaced(items Items []Item, id ID OrderID, "a.b" AB Tier, path Path string); from From OrderPlacedFrom, by By map[string]OrderPlacedBy, tags Tags []Tags
events."order placed".by: OrderPlacedBy; x OrderPlacedByX
events."order placed".from: OrderPlacedFrom(zip Zip string)
experiments.try: Try flags.NewCheckoutVariant
flags.beta: Beta bool
flags.limits: Limits
flags.limits.payload: LimitsPayload; rows Rows []flags.Rows
flags.new-checkout: NewCheckout flags.NewCheckoutVariant; one-page NewCheckoutOnePage
flags.new-checkout.payload: NewCheckoutPayload; max Max int64, limits Limits flags.NewCheckoutPayloadLimits, tier Tier Tier
flags.new-checkout.payload.limits: NewCheckoutPayloadLimits; rps Rps int64
groups.org: Org($group_key - int64, name Name string); seats Seats int64
named.Mark: Mark string
named.OrderID: OrderID uuid.UUID
person: -; plan Plan PersonPlan, old Old string
person.plan: PersonPlan; a PersonPlanA
property_sets.request: -; path Path string, ip IP netip.Addr
surveys.nps: Nps(score Score int64); why Why []surveys.NpsWhy
surveys.nps.why: NpsWhy; price NpsWhyPrice
types.Item: Item(sku SKU string, "unit price" UnitPrice ph.Money); note Note string
types.Pay: Pay; card PayCard, cash PayCash
types.Pay.card: PayCard(last4 Last4 Mark)
types.Pay.cash: PayCash()
types.Rows: Rows(); a A int64
types.Tags: Tags; a TagsA, b TagsB
types.Tier: Tier; free TierFree, "very paid" TierVeryPaid
`

func planOf(t *testing.T, sections string) *generator.Printer {
	t.Helper()
	p, found := schema.Parse("plan.yaml", []byte("phgen: 1\nplan: {name: shop}\n"+sections))
	if found.HasErrors() {
		t.Fatal(found)
	}
	printer := generator.NewPrinter(p)
	if found := printer.Check(); found.HasErrors() {
		t.Fatal(found)
	}
	return printer
}

func TestText(t *testing.T) {
	got := string(Of(planOf(t, everything)).Text())
	if diff := cmp.Diff(everythingLock, got); diff != "" {
		t.Errorf("lock (-want +got):\n%s", diff)
	}
}

// What is written is read again, and then finds nothing to complain about.
func TestParseText(t *testing.T) {
	want := Of(planOf(t, everything))
	got, err := Parse("phgen.lock", want.Text())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want.Text()), string(got.Text())); diff != "" {
		t.Errorf("read and written again (-want +got):\n%s", diff)
	}
	if found := Compare(got, want); len(found) > 0 {
		t.Errorf("the plan against its own lock: %v", found)
	}
}

func TestParseErrors(t *testing.T) {
	const first = `phgen.lock 1 "plan.yaml"` + "\n"
	tests := []struct{ name, data, want string }{
		{"nothing", "", `phgen.lock:1: the file is empty`},
		{"empty lines", "\n\r\n", `phgen.lock:1: the file is empty`},
		{"another file", "# Notes\n", `phgen.lock:1: the first line is not that of a lock: "phgen.lock 1" is missing`},
		{"no plan", "phgen.lock 1\n", `phgen.lock:1: the first line does not end with the plan's name in quotes`},
		{"a plan in other quotes", "phgen.lock 1 'p'\n", `phgen.lock:1: the first line does not end with the plan's name in quotes`},
		{"no path", first + ": A", `phgen.lock:2: a name is missing before ": A"`},
		{"half a path", first + "events.: A", `phgen.lock:2: a name is missing before ": A"`},
		{"open quotes", first + `events."a: A`, `phgen.lock:2: a quoted name does not end: "\"a: A"`},
		{"very much", first + strings.Repeat("é", 100), `phgen.lock:2: a name is missing before "éééééééééééééééééééé…"`},
		{"no Go name", first + "events.a: ", `phgen.lock:2: a Go name is missing before ""`},
		{"a small letter", first + "events.a: aB()", `phgen.lock:2: "aB" is no exported Go name`},
		{"other letters", first + "events.a: Ä()", `phgen.lock:2: "Ä" is no exported Go name`},
		{"a function without a name", first + "events.a: -()", `phgen.lock:2: a function has no name`},
		{"a package without a name", first + "events.a: x.-()", `phgen.lock:2: "-" is no exported Go name`},
		{"a package with a colon", first + "events.a: x/y.A()", `phgen.lock:2: "x/y" is no package`},
		{"an open list", first + "events.a: A(b B string", `phgen.lock:2: ")" is missing before ""`},
		{"no type", first + "events.a: A(b B )", `phgen.lock:2: a Go type is missing before ")"`},
		{"an empty part", first + "events.a: A(); ", `phgen.lock:2: a name is missing before ""`},
		{"a word too many", first + "events.a: A() b", `phgen.lock:2: the line should end before " b"`},
		{"a key twice", first + "events.a: A(b B int64); b B string", `phgen.lock:2: "b" stands here twice`},
		{"twice", first + "events.a: A()\nevents.\"a\": A()", `phgen.lock:3: events.a stands in line 2 already`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("phgen.lock", []byte(tt.data))
			var at *Error
			if !errors.As(err, &at) {
				t.Fatalf("error %v, want an *Error", err)
			}
			if got, fix, _ := strings.Cut(err.Error(), "; mend the line"); got != tt.want || fix == "" {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseConflict(t *testing.T) {
	_, err := Parse("phgen.lock", []byte(everythingLock+"<<<<<<< HEAD\n"))
	if !errors.Is(err, ErrConflict) {
		t.Errorf("error %v, want ErrConflict", err)
	}
	_, err = Parse("phgen.lock", []byte("phgen.lock 2 \"plan.yaml\"\n"))
	if want := "phgen.lock:1: another phgen wrote this, in a format that this one does not read; update phgen"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// Lines may stand in any order, with the line ends of Windows.
func TestParseLenient(t *testing.T) {
	got, err := Parse("phgen.lock", []byte("phgen.lock 1 \"p.yaml\"\r\n# note\r\n\r\nevents.b: B()\r\nevents.a: A()"))
	if err != nil {
		t.Fatal(err)
	}
	want := &Lock{Plan: "p.yaml", Offers: []generator.Offer{
		{Path: []string{"events", "b"}, Name: "B", Func: "B"},
		{Path: []string{"events", "a"}, Name: "A", Func: "A"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSides(t *testing.T) {
	tests := []struct{ name, data, ours, theirs string }{
		{"none", "a\nb\n", "a\nb\n", "a\nb\n"},
		{"one", "a\n<<<<<<< HEAD\nb\n=======\nc\nd\n>>>>>>> other\ne\n", "a\n\nb\n\n\n\n\ne\n", "a\n\n\n\nc\nd\n\ne\n"},
		{"with its origin", "<<<<<<< HEAD\nb\n||||||| 123\nx\n<<<<<<< y\n=======\nc\n>>>>>>> other\n", "\nb\n\n\n\n\n\n\n", "\n\n\n\n\n\nc\n\n"},
		{"two", "<<<<<<< a\n=======\nb\n>>>>>>> b\n<<<<<<< a\nc\n=======\n>>>>>>> b\n", "\n\n\n\n\nc\n\n\n", "\n\nb\n\n\n\n\n\n"},
		{"other lines of signs", "======== \n<<<<<<<x\n", "======== \n<<<<<<<x\n", "======== \n<<<<<<<x\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs, err := Sides("phgen.lock", []byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tt.ours, tt.theirs}, []string{string(ours), string(theirs)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, data := range []string{"=======\n", "a\n>>>>>>> b\n", "<<<<<<< a\n<<<<<<< b\n", "<<<<<<< a\n=======\n", "<<<<<<< a\n>>>>>>> b\n"} {
		if _, _, err := Sides("phgen.lock", []byte(data)); err == nil {
			t.Errorf("no error for %q", data)
		}
	}
}

// Whatever stands in a file: it is refused, or it is read as what it says.
func FuzzParse(f *testing.F) {
	f.Add(everythingLock)
	f.Add("phgen.lock 1 \"p\"\nevents.a: x.A(\"b c\" B []ph.JSON); d - int64\n")
	f.Add("phgen.lock 1 \"p\"\n<<<<<<< a\nperson: -\n=======\n>>>>>>> b\n")
	f.Fuzz(func(t *testing.T, data string) {
		l, err := Parse("phgen.lock", []byte(data))
		if _, _, sidesErr := Sides("phgen.lock", []byte(data)); err == nil && sidesErr != nil {
			t.Fatalf("no conflict, but %v", sidesErr)
		}
		if err != nil {
			return
		}
		text := l.Text()
		again, err := Parse("phgen.lock", text)
		if err != nil {
			t.Fatalf("%v in what was read from\n%s\nand written as\n%s", err, data, text)
		}
		if diff := cmp.Diff(l, again); diff != "" {
			t.Errorf("read, written and read again (-first +second):\n%s", diff)
		}
		if found := Compare(l, again); len(found) > 0 {
			t.Errorf("compared with itself: %v", found)
		}
		if PlanOf(text) != l.Plan {
			t.Errorf("the plan %q is %q in the first line", l.Plan, PlanOf(text))
		}
	})
}

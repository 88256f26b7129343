package main

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	ph "github.com/phgen/phgen/runtime"
)

const header = "order_id,user_id,paid_at,sku,quantity,unit_price,currency,net_days,coupon\n"

func TestReadOrders(t *testing.T) {
	var got []order
	for o, err := range readOrders("orders.csv", strings.NewReader(header+
		"o1,u1,2025-03-01T09:12:44Z,ABC-12,2,4999,USD,14,\n"+
		"o2,u2,2025-03-02T18:40:00Z,ABC-7,1,250,EUR,0,\"SPRING, again\"\n")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o)
	}
	want := []order{
		{"o1", "u1", time.Date(2025, 3, 1, 9, 12, 44, 0, time.UTC), "ABC-12", 2, ph.Money{Minor: 4999, Currency: "USD"}, 14, ""},
		{"o2", "u2", time.Date(2025, 3, 2, 18, 40, 0, 0, time.UTC), "ABC-7", 1, ph.Money{Minor: 250, Currency: "EUR"}, 0, "SPRING, again"},
	}
	if diff := cmp.Diff(got, want, cmp.AllowUnexported(order{})); diff != "" {
		t.Errorf("orders (-got +want):\n%s", diff)
	}
}

func TestReadOrdersErrors(t *testing.T) {
	const good = "o1,u1,2025-03-01T09:12:44Z,ABC-12,2,4999,USD,14,\n"
	for _, test := range []struct{ text, want string }{
		{"", "o.csv:1: the columns must be order_id,user_id,paid_at,sku,quantity,unit_price,currency,net_days,coupon"},
		{"id,user\n", "o.csv:1: the columns must be order_id,user_id,paid_at,sku,quantity,unit_price,currency,net_days,coupon"},
		{`"`, "o.csv: parse error on line 1, column 2: extraneous or missing \" in quoted-field"},
		{header + "o1,u1\n", "o.csv: record on line 2: wrong number of fields"},
		{header + good + strings.Replace(good, "o1", "", 1), "o.csv:3:1: order_id: must not be empty"},
		{header + strings.Replace(good, "Z", "", 1),
			`o.csv:2:7: paid_at: parsing time "2025-03-01T09:12:44" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"`},
		{header + strings.Replace(good, ",2,", ",two,", 1), `o.csv:2:35: quantity: strconv.ParseInt: parsing "two": invalid syntax`},
		{header + strings.Replace(good, "4999", "49.99", 1), `o.csv:2:37: unit_price: strconv.ParseInt: parsing "49.99": invalid syntax`},
		{header + strings.Replace(good, "4999", "9999999999", 1), `o.csv:2:37: unit_price: strconv.ParseInt: parsing "9999999999": value out of range`},
		{header + strings.Replace(good, "ABC-12", "ABC", 1), `o.csv:2: ph: event "order_completed": property "items[0].sku" breaks pattern`},
	} {
		var got []string
		for o, err := range readOrders("o.csv", strings.NewReader(test.text)) {
			if err != nil {
				got = append(got, err.Error())
			} else if o.id != "o1" {
				t.Errorf("%q: got order %q", test.text, o.id)
			}
		}
		if diff := cmp.Diff(got, []string{test.want}); diff != "" {
			t.Errorf("%q: errors (-got +want):\n%s", test.text, diff)
		}
	}
}

func TestReadOrdersStops(t *testing.T) {
	broken := errors.New("disk on fire")
	var last error
	for _, err := range readOrders("o.csv", iotest.ErrReader(broken)) {
		last = err
	}
	if !errors.Is(last, broken) {
		t.Errorf("got %v, want %v", last, broken)
	}
	for range readOrders("orders.csv", strings.NewReader(string(sample))) {
		break // must not be called again, which would panic
	}
}

// The made-up orders fit the plan too, each kind of them.
func TestMadeUp(t *testing.T) {
	seen := map[string]bool{}
	for o := range madeUp(20_000) {
		if seen[o.id] {
			t.Fatalf("order %q comes twice", o.id)
		}
		seen[o.id] = true
		if err := o.event().Validate(); err != nil {
			t.Fatal(err)
		}
	}
}

package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/phgen/phgen/examples/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
)

// An order is one row of the history.
type order struct {
	id       string
	user     string
	paidAt   time.Time
	sku      string
	quantity int64
	price    ph.Money // of one
	netDays  int64
	coupon   string // "" without one
}

// namespace makes the shop's order IDs unique in the world. It must never change: the
// UUIDs of all imports hang on it.
var namespace = uuid.MustParse("0190c8a4-5555-7222-8333-444455556666")

// uuid is the same in every run.
func (o order) uuid() uuid.UUID {
	return uuid.NewSHA1(namespace, []byte("order_completed "+o.id))
}

func (o order) event() tracking.OrderCompletedEvent {
	total := ph.Money{Minor: o.price.Minor * o.quantity, Currency: o.price.Currency}
	items := []tracking.LineItem{tracking.NewLineItem(o.sku, o.quantity, o.price)}
	e := tracking.OrderCompleted(tracking.OrderID(o.id), total, items, tracking.PaymentMethodInvoice(o.netDays), o.paidAt)
	if o.coupon != "" {
		e = e.WithCoupon(o.coupon)
	}
	return e
}

// capture sends the order's event. It waits while the client's queue is full.
func (o order) capture(ctx context.Context) error {
	_, err := o.event().TryCapture(ctx, ph.As(o.user), ph.At(o.paidAt), ph.ID(o.uuid()))
	return err
}

// madeUp returns n orders, the same in every run.
func madeUp(n int) iter.Seq2[order, error] {
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	return func(yield func(order, error) bool) {
		for i := range n {
			o := order{
				id:       fmt.Sprintf("made_up_%d", i),
				user:     fmt.Sprintf("user_%d", i%1000),
				paidAt:   start.Add(time.Duration(i) * time.Second),
				sku:      fmt.Sprintf("SKU-%d", i%50),
				quantity: int64(1 + i%5),
				price:    ph.Money{Minor: int64(100 + i%10_000), Currency: "USD"},
				netDays:  14,
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

// columns are what the first line of a file must be.
var columns = []string{"order_id", "user_id", "paid_at", "sku", "quantity", "unit_price", "currency", "net_days", "coupon"}

// readOrders reads a CSV file, a row at a time. unit_price is in the currency's smallest
// unit. The first error, which names file and line, is the last thing it yields. A row
// that breaks the plan is one too: history that is imported wrong stays wrong.
func readOrders(name string, r io.Reader) iter.Seq2[order, error] {
	return func(yield func(order, error) bool) {
		c := csv.NewReader(r)
		c.ReuseRecord = true
		header, err := c.Read()
		if err != nil && err != io.EOF {
			yield(order{}, fmt.Errorf("%s: %w", name, err))
			return
		}
		if !slices.Equal(header, columns) {
			yield(order{}, fmt.Errorf("%s:1: the columns must be %s", name, strings.Join(columns, ",")))
			return
		}
		for {
			row, err := c.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(order{}, fmt.Errorf("%s: %w", name, err))
				return
			}
			o, column, err := parseOrder(row)
			if err != nil {
				line, col := c.FieldPos(column)
				yield(order{}, fmt.Errorf("%s:%d:%d: %s: %w", name, line, col, columns[column], err))
				return
			}
			if err := o.event().Validate(); err != nil {
				line, _ := c.FieldPos(0)
				yield(order{}, fmt.Errorf("%s:%d: %w", name, line, err))
				return
			}
			if !yield(o, nil) {
				return
			}
		}
	}
}

var errEmpty = errors.New("must not be empty")

// parseOrder reads a row, one field for each of columns. An error comes with the index of
// its column.
func parseOrder(row []string) (o order, column int, err error) {
	number := func(dst *int64) func(string) error {
		return func(text string) (err error) {
			*dst, err = strconv.ParseInt(text, 10, 32) // so that quantity times price fits
			return err
		}
	}
	required := func(dst *string) func(string) error {
		return func(text string) error {
			if *dst = text; text == "" {
				return errEmpty
			}
			return nil
		}
	}
	for column, parse := range []func(string) error{
		required(&o.id),
		required(&o.user),
		func(text string) (err error) { o.paidAt, err = time.Parse(time.RFC3339, text); return err },
		required(&o.sku),
		number(&o.quantity),
		number(&o.price.Minor),
		required(&o.price.Currency),
		number(&o.netDays),
		func(text string) error { o.coupon = text; return nil },
	} {
		if err := parse(row[column]); err != nil {
			return order{}, column, err
		}
	}
	return o, 0, nil
}

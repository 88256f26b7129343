package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/phgen/phgen/examples/generated/experiments"
	"github.com/phgen/phgen/examples/generated/flags"
	"github.com/phgen/phgen/examples/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
)

func (s *shop) showCart(w http.ResponseWriter, r *http.Request) error {
	return answer(w, http.StatusOK, strings.Join(s.visit(r).cart, ", "))
}

func (s *shop) addToCart(w http.ResponseWriter, r *http.Request) error {
	p, err := find(r.PostFormValue("product"))
	if err != nil {
		return err
	}
	var items int
	err = s.remember(w, r, func(v *visit) error {
		if len(v.cart) >= maxCart {
			return &refusal{http.StatusConflict, "the cart is full"}
		}
		v.cart = append(slices.Clone(v.cart), p.id)
		items = len(v.cart)
		return nil
	})
	if err != nil {
		return err
	}
	ph.CaptureAttrs(r.Context(), "product added", ph.String("sku", p.sku), ph.Int("items", int64(items)))
	return answer(w, http.StatusCreated, "added")
}

// An order is a cart that somebody wants to pay.
type order struct {
	id    string
	items []tracking.LineItem
	total ph.Money
}

// checkOut has the cart paid and shipped. Who sees the new checkout has it done with one
// request; everybody else confirms.
func (s *shop) checkOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := s.visit(r)
	switch {
	case v.account.id == "":
		return &refusal{http.StatusUnauthorized, "please log in"}
	case len(v.cart) == 0:
		return &refusal{http.StatusConflict, "the cart is empty"}
	}
	if c, _ := flags.NewCheckoutConfig(ctx); int64(len(v.cart)) > c.MaxItems {
		return &refusal{http.StatusConflict, fmt.Sprintf("an order has at most %d items", c.MaxItems)}
	}
	// Reading the variant is the exposure, and from then on order_completed carries it.
	if experiments.CheckoutRedesign(ctx) != flags.NewCheckoutOnePage && r.PostFormValue("confirm") != "yes" {
		return answer(w, http.StatusOK, "please confirm")
	}
	payment, err := readPayment(r)
	if err != nil {
		return err
	}
	o := s.order(v.cart)
	if err := charge(r.PostFormValue("card")); err != nil {
		return fmt.Errorf("charging order %s: %w", o.id, err)
	}
	tracking.OrderCompleted(tracking.OrderID(o.id), o.total, o.items, payment, time.Now()).Capture(ctx)
	err = s.remember(w, r, func(v *visit) error {
		v.cart = nil
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.enqueue(job{o, v.account, ph.IdentityOf(ctx).SessionID}); err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, o.id)
}

// order makes an order of a cart, in which there are only products.
func (s *shop) order(cart []string) order {
	s.mu.Lock()
	s.orders++
	o := order{id: fmt.Sprintf("o_%d", s.orders), total: ph.Money{Currency: "EUR"}}
	s.mu.Unlock()
	for _, p := range products {
		n := int64(0)
		for _, id := range cart {
			if id == p.id {
				n++
			}
		}
		if n > 0 {
			o.items = append(o.items, tracking.NewLineItem(p.sku, n, p.price))
			o.total.Minor += n * p.price.Minor
		}
	}
	return o
}

// readPayment reads "card=visa 4242" or "invoice=30".
func readPayment(r *http.Request) (tracking.PaymentMethod, error) {
	brand, digits, ok := strings.Cut(r.PostFormValue("card"), " ")
	if !ok {
		days, err := strconv.ParseUint(r.PostFormValue("invoice"), 10, 8)
		if err != nil {
			return tracking.PaymentMethod{}, &refusal{http.StatusBadRequest, "please pay"}
		}
		return tracking.PaymentMethodInvoice(int64(days)), nil
	}
	payment := tracking.PaymentMethodCard(brand, tracking.CardLast4(digits))
	if payment.Validate() != nil {
		return payment, &refusal{http.StatusBadRequest, "that is no card"}
	}
	return payment, nil
}

// A declinedError is what a bank says.
type declinedError struct{ reason string }

func (e *declinedError) Error() string { return "the card was declined: " + e.reason }

// charge stands for a bank, which has one card that it does not like.
func charge(card string) error {
	if card == "visa 0002" {
		return &declinedError{"over the limit"}
	}
	return nil
}

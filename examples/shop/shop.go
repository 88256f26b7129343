package main

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"

	ph "github.com/phgen/phgen/runtime"
)

const (
	maxAccounts = 10_000
	maxVisits   = 10_000
	maxCart     = 100
	maxJobs     = 100
)

// A shop keeps in memory what a real one has in databases.
type shop struct {
	post func(letter) // of mail to customers; may not block
	jobs chan job     // orders that are to be shipped

	background sync.WaitGroup // of what requests left behind

	mu       sync.Mutex
	accounts map[string]account // by address
	visits   map[string]visit   // by cookie
	orders   int                // so far
}

// A letter is mail to a customer.
type letter struct{ to, subject string }

// A visit is what the shop remembers about somebody from request to request.
type visit struct {
	account account // its zero value is nobody's
	cart    []string
}

// A product is a thing for sale.
type product struct {
	id, sku, name string
	price         ph.Money
}

var products = []product{
	{"tea", "TEA-1", "Green tea", ph.Money{Minor: 450, Currency: "EUR"}},
	{"mug", "MUG-2", "Large mug", ph.Money{Minor: 1290, Currency: "EUR"}},
	{"anvil", "ANV-3", "Small anvil", ph.Money{Minor: 24900, Currency: "EUR"}},
}

func newShop(post func(letter)) *shop {
	s := &shop{
		post:     post,
		jobs:     make(chan job, maxJobs),
		accounts: map[string]account{},
		visits:   map[string]visit{},
	}
	for _, a := range customers {
		s.accounts[a.email] = a
	}
	return s
}

// close ends the work once what is left is done. No request may be served any more.
func (s *shop) close() {
	s.background.Wait()
	close(s.jobs)
}

func find(id string) (product, error) {
	i := slices.IndexFunc(products, func(p product) bool { return p.id == id })
	if i < 0 {
		return product{}, &refusal{http.StatusNotFound, "there is no such product"}
	}
	return products[i], nil
}

const cookieName = "visit"

// visit returns what is remembered about the sender of r.
func (s *shop) visit(r *http.Request) visit {
	cookie, err := r.Cookie(cookieName)
	if err != nil { // there is none
		return visit{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visits[cookie.Value]
}

// remember changes what is remembered about the sender of r, who gets a cookie with the first
// visit. A cart is replaced, never modified: other requests may hold it.
func (s *shop) remember(w http.ResponseWriter, r *http.Request, change func(*visit) error) error {
	var key string
	if cookie, err := r.Cookie(cookieName); err == nil {
		key = cookie.Value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known := s.visits[key]
	if !known {
		if len(s.visits) >= maxVisits {
			return &refusal{http.StatusServiceUnavailable, "the shop is full"}
		}
		key = rand.Text() // never one that the client chose
	}
	if err := change(&v); err != nil {
		return err
	}
	s.visits[key] = v
	if !known {
		http.SetCookie(w, &http.Cookie{Name: cookieName, Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return nil
}

package main

import (
	"context"
	"net/http"
	"net/mail"
	"strings"

	"github.com/google/uuid"
	"github.com/phgen/phgen/examples/generated/tracking"
	ph "github.com/phgen/phgen/runtime"
)

// maxName is how long the part of an address before the @ may be. PostHog cuts distinct IDs
// of more than 200 characters, and two of them might become one.
const maxName = 64

// An account is a customer's.
type account struct {
	id           string
	email        string
	country      string
	organization string // or empty
}

// customers had accounts before the program began.
var customers = []account{
	{"user_bob", "bob@acme.example", "france", "org_7"},
	{"user_dana", "dana@acme.example", "iceland", "org_7"},
}

// groups returns the groups that the events of an account belong to.
func (a account) groups() []ph.Option {
	if a.organization == "" {
		return nil
	}
	return []ph.Option{tracking.InOrganization(a.organization)}
}

// signUp makes an account.
func (s *shop) signUp(w http.ResponseWriter, r *http.Request) error {
	address, err := mail.ParseAddress(r.PostFormValue("email"))
	method, ok := tracking.ParseAccountCreatedMethod(r.PostFormValue("method"))
	if err != nil || !ok {
		return &refusal{http.StatusBadRequest, "an account needs an address, and a method that the shop knows"}
	}
	name, _, _ := strings.Cut(address.Address, "@")
	if len(name) > maxName {
		return &refusal{http.StatusBadRequest, "the address is too long"}
	}
	a := account{id: "user_" + name, email: address.Address, country: "germany"}
	if err := s.open(a); err != nil {
		return err
	}
	if err := s.enter(w, r, a); err != nil {
		return err
	}
	ctx := r.Context()
	tracking.AccountCreated(method).Capture(ctx)

	s.background.Add(1)
	ph.Go(ctx, func(ctx context.Context) { // until the mail is sent, however long the request takes
		defer s.background.Done()
		ph.Capture(ctx, "welcome mail sent", nil)
		s.post(letter{a.email, "Welcome"})
	})
	return answer(w, http.StatusCreated, "welcome")
}

// open adds an account.
func (s *shop) open(a account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.accounts) >= maxAccounts {
		return &refusal{http.StatusServiceUnavailable, "the shop is full"}
	}
	for _, other := range s.accounts {
		if other.id == a.id || other.email == a.email {
			return &refusal{http.StatusConflict, "there is such an account"}
		}
	}
	s.accounts[a.email] = a
	return nil
}

// logIn takes everybody's word for it. A real shop wants a password, and gives out a new cookie.
func (s *shop) logIn(w http.ResponseWriter, r *http.Request) error {
	s.mu.Lock()
	a, ok := s.accounts[r.PostFormValue("email")]
	s.mu.Unlock()
	if !ok {
		return &refusal{http.StatusUnauthorized, "there is no such account"}
	}
	if err := s.enter(w, r, a); err != nil {
		return err
	}
	ctx := r.Context()
	if a.organization != "" {
		tracking.Organization(a.organization, "Acme Inc").WithPlan(tracking.PlanTierPro).WithSeats(5).Identify(ctx)
	}
	ph.Capture(ctx, "logged in", nil, a.groups()...)
	return answer(w, http.StatusOK, "hello again")
}

// enter makes a the account of the visit. From here on the events of the request are the
// customer's, and so are, with this visit's cookie, those of later ones.
func (s *shop) enter(w http.ResponseWriter, r *http.Request, a account) error {
	err := s.remember(w, r, func(v *visit) error {
		v.account = a
		return nil
	})
	if err != nil {
		return err
	}
	ctx := r.Context()
	before := ph.IdentityOf(ctx)
	ph.SetUser(ctx, a.id)
	var opts []ph.Option
	// What the browser did so far becomes this customer's. Its anonymous ID is a UUID; anything
	// else is a claim to be another customer.
	if _, err := uuid.Parse(before.DistinctID); err == nil && before.Known {
		opts = append(opts, ph.Anonymous(before.DistinctID))
	}
	tracking.Person().
		WithEmail(a.email).
		WithPlan(tracking.PlanTierFree).
		WithSignupSource(tracking.ProjectSourceWeb).
		Identify(ctx, opts...)
	return nil
}

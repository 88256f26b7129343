package main

import (
	"errors"
	"fmt"
	"strings"
)

// outline is the report without times and properties.
func (r *report) outline() []string {
	var lines []string
	for _, p := range r.people {
		lines = append(lines, p.String())
		for _, s := range p.sessions {
			lines = append(lines, "session "+s)
		}
		for _, e := range p.entries {
			lines = append(lines, e.String())
		}
	}
	for _, x := range r.exceptions {
		lines = append(lines, "EXCEPTION "+x.String())
	}
	for _, g := range r.groups {
		lines = append(lines, "GROUP "+g.String())
	}
	return lines
}

// check returns what is not as expected.
func (r *report) check() error {
	var errs []error
	for _, p := range r.problems {
		errs = append(errs, errors.New(p))
	}
	got, want := r.outline(), strings.Split(strings.Trim(expected, "\n"), "\n")
	for i := range max(len(got), len(want)) {
		if at(got, i) != at(want, i) { // the lines behind the first difference say nothing new
			errs = append(errs, fmt.Errorf("line %d of the outline: got %q, want %q", i+1, at(got, i), at(want, i)))
			break
		}
	}
	return errors.Join(errs...)
}

// at returns line i, empty if there is none.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// expected is the outline of what people, in people.go, do. Ada's events from before she had an
// account are hers; those that Bob claimed to be Ada for are his, and what he did before he
// logged in is nobody's.
const expected = `
PERSON user_ada, before that 01980000-0000-7000-8000-0000000000ad
session 01980000-0000-7000-8000-0000000001ad
$pageview, GET /products
$pageview, GET /products/tea
product viewed, GET /products/tea
product added, POST /cart
$identify
account_created, POST /signup
signup_completed, POST /signup
welcome mail sent, POST /signup
$pageview, GET /preview
$feature_flag_called, GET /preview, beta-banner=true
$pageview, GET /cart
$feature_flag_called, POST /checkout, new-checkout=one-page
order_completed, POST /checkout, new-checkout=one-page
order shipped, job: ship o_1
NOBODY, with 2 random IDs and without a profile
$pageview, GET /products
$pageview, GET /products/tea
product viewed, GET /products/tea
PERSON user_bob
$identify
$groupidentify, organization org_7
logged in, POST /login, organization org_7
$pageview, GET /products/mug, organization org_7
product viewed, GET /products/mug, organization org_7
product added, POST /cart, organization org_7
$feature_flag_called, GET /preview, beta-banner=false, organization org_7
$feature_flag_called, POST /checkout, new-checkout=control, organization org_7
order_completed, POST /checkout, new-checkout=control, organization org_7
$exception, job: ship o_2, organization org_7
PERSON user_dana
session 01980000-0000-7000-8000-0000000001da
$identify
$groupidentify, organization org_7
logged in, POST /login, organization org_7
product added, POST /cart, organization org_7
product added, POST /cart, organization org_7
$feature_flag_called, POST /checkout, new-checkout=control, organization org_7
$exception, POST /checkout, organization org_7
order_completed, POST /checkout, new-checkout=control, organization org_7
$exception, job: ship o_4, organization org_7
PERSON 01980000-0000-7000-8000-0000000000ca
session 01980000-0000-7000-8000-0000000001ca
$exception, GET /products/anvil/stock
$exception, GET /recommendations
EXCEPTION user_bob, job: ship o_2, error, *main.strikeError, *main.strikeError
EXCEPTION user_dana, POST /checkout, warning, *main.declinedError, *main.declinedError
EXCEPTION user_dana, job: ship o_4, fatal, runtime.errorString
EXCEPTION 01980000-0000-7000-8000-0000000000ca, GET /products/anvil/stock, error, *errors.joinError, *errors.joinError, *main.warehouseError, context.deadlineExceededError, context.deadlineExceededError
EXCEPTION 01980000-0000-7000-8000-0000000000ca, GET /recommendations, fatal, runtime.boundsError
GROUP organization org_7: user_bob (9 events), user_dana (8 events)
`

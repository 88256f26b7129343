// Package exception turns errors and panics into the JSON of PostHog's $exception_list: an
// item for an error and for each one it wraps, with stacks of frames. Methods of foreign
// errors run under its protection: what panics says nothing, and what has no end is cut off.
package exception

import (
	"reflect"
	"strconv"
)

// maxLinks bounds the errors of a chain.
const maxLinks = 50

// A Link is one error of a chain.
type Link struct {
	Err    error
	Parent int    // index of the error that wraps it; -1 for the first
	Source string // how that one holds it: "Unwrap()" or "errors[2]"
	Group  bool   // it may wrap several
}

// Chain returns err and what it wraps, depth first: the outermost is the first, and behind
// each error come its causes. An error that is its own cause ends there.
func Chain(err error) []Link {
	c := chain{}
	c.visit(err, -1, "")
	return c.links
}

type chain struct{ links []Link }

func (c *chain) visit(err error, parent int, source string) {
	if len(c.links) == maxLinks || c.cycle(err, parent) {
		return
	}
	at := len(c.links)
	c.links = append(c.links, Link{Err: err, Parent: parent, Source: source})
	causes, several := unwrap(err)
	for i, cause := range causes {
		switch {
		case cause == nil:
		case len(c.links) == maxLinks:
			return // of a million causes
		case several:
			c.links[at].Group = true
			c.visit(cause, at, "errors["+strconv.Itoa(i)+"]")
		default:
			c.visit(cause, at, "Unwrap()")
		}
	}
}

// cycle reports whether err wraps itself.
func (c *chain) cycle(err error, parent int) bool {
	if !HasIdentity(err) {
		return false
	}
	for ; parent >= 0; parent = c.links[parent].Parent {
		if above := c.links[parent].Err; HasIdentity(above) && above == err { //nolint:errorlint // the same pointer
			return true
		}
	}
	return false
}

// unwrap returns what err wraps, and whether those may be several.
func unwrap(err error) (causes []error, several bool) {
	defer func() {
		if recover() != nil {
			causes = nil
		}
	}()
	switch err := err.(type) { //nolint:errorlint // this one, and not what it wraps
	case interface{ Unwrap() error }:
		if cause := err.Unwrap(); cause != nil {
			return []error{cause}, false
		}
	case interface{ Unwrap() []error }:
		return err.Unwrap(), true
	}
	return nil, false
}

// HasIdentity reports whether err is the same as another error exactly if the two are equal:
// whether it is a pointer, and not to nothing, for all of those may be one.
func HasIdentity(err error) bool {
	t := reflect.TypeOf(err)
	return t != nil && t.Kind() == reflect.Pointer && t.Elem().Size() > 0
}

// MaybeSentinel reports whether err may stand for every failure of its kind, as io.EOF does.
func MaybeSentinel(err error) bool { return reflect.TypeOf(err) == plainError }

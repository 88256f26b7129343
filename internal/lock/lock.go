// Package lock keeps phgen.lock, the record of what generated code offers its
// callers: Go identifiers, and functions whose arguments go by position. A later
// plan is compared with it, so that no edit swaps arguments or renames an
// identifier unnoticed. The record never changes what is generated.
//
// The file has one line for each event, type, group and flag, sorted by the way
// to it in the plan, so that git merges what two branches add:
//
//	events.order_placed: OrderPlaced(order_id OrderID uuid.UUID, total Total ph.Money); coupon Coupon string
//
// Behind the Go name stand the parameters, each as key, Go name and Go type, and
// behind the semicolon what is set or read by name.
package lock

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/phgen/phgen/generator"
)

// Name is the file name of a lock. A second plan in the same folder puts its own
// name before it.
const Name = "phgen.lock"

// A Lock is the content of one file.
type Lock struct {
	Plan   string // the root file, without its folder
	Offers []generator.Offer
}

// Of returns the lock that the plan of p should have. The plan has no errors.
func Of(p *generator.Printer) *Lock {
	return &Lock{Plan: filepath.Base(filepath.FromSlash(p.Plan.File)), Offers: p.Offers()}
}

// The first line is head, the format's version and the plan.
const (
	head    = "phgen.lock "
	version = "1"
	notice  = `# Written by "phgen generate"; commit it. Go names and parameters that a change of the plan must not swap.`
)

// Text is the file. The same lock gives the same bytes; it is sorted if its
// offers are.
func (l *Lock) Text() []byte {
	var b bytes.Buffer
	b.WriteString(head + version + " " + strconv.Quote(l.Plan) + "\n" + notice + "\n")
	for i := range l.Offers {
		writeOffer(&b, &l.Offers[i])
	}
	return b.Bytes()
}

// none stands where there is no identifier.
const none = "-"

func writeOffer(b *bytes.Buffer, x *generator.Offer) {
	b.WriteString(pathText(x.Path))
	b.WriteString(": ")
	if x.Package != "" {
		b.WriteString(x.Package + ".")
	}
	b.WriteString(orNone(x.Name))
	switch {
	case x.Func != "":
		b.WriteByte('(')
		writeSlots(b, x.Params)
		b.WriteByte(')')
	case x.Type != "":
		b.WriteString(" " + x.Type)
	}
	if len(x.Parts) > 0 {
		b.WriteString("; ")
		writeSlots(b, x.Parts)
	}
	b.WriteByte('\n')
}

func writeSlots(b *bytes.Buffer, slots []generator.Slot) {
	for i, s := range slots {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(keyText(s.Key) + " " + orNone(s.Name))
		if s.Type != "" {
			b.WriteString(" " + s.Type)
		}
	}
}

func orNone(name string) string {
	if name == "" {
		return none
	}
	return name
}

// pathText is the way to a thing of the plan, as people write it.
func pathText(path []string) string {
	var b strings.Builder
	for i, key := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(keyText(key))
	}
	return b.String()
}

// keyText is a key as it is if it is a plain word, else quoted.
func keyText(key string) string {
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !isPlain(r) }) {
		return strconv.Quote(key)
	}
	return key
}

func isPlain(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-' || r == '$'
}

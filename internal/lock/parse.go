package lock

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/phgen/phgen/generator"
)

// An Error says where a lock cannot be read, and how to mend it.
type Error struct {
	File    string
	Line    int
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message) }

// ErrConflict is what Parse returns, wrapped, for a file in which git left the
// marks of a conflict.
var ErrConflict = errors.New("conflict")

// Parse reads the lock in data, which was read from the file of that name. Its
// lines may stand in any order and have the line ends of Windows; each thing may
// stand there once.
func Parse(name string, data []byte) (*Lock, error) {
	l := &Lock{}
	seen := map[string]int{}
	began, n := false, 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || began && line[0] == '#' {
			continue
		}
		if isMark(line) {
			return nil, &conflictError{Error{name, n, `git left a conflict here; run "phgen lock --resolve"`}}
		}
		var err error
		if !began {
			began = true
			l.Plan, err = parseHead(line)
		} else {
			err = l.add(line, seen, n)
		}
		switch {
		case errors.Is(err, errLater):
			return nil, &Error{name, n, err.Error()}
		case err != nil:
			return nil, &Error{name, n, err.Error() + rebuild}
		}
	}
	if !began {
		return nil, &Error{name, 1, "the file is empty" + rebuild}
	}
	return l, nil
}

// add reads the offer in line n, which no earlier line may have.
func (l *Lock) add(line string, seen map[string]int, n int) error {
	x, err := parseOffer(line)
	if err != nil {
		return err
	}
	key := pathText(x.Path)
	if first := seen[key]; first > 0 {
		return fmt.Errorf("%s stands in line %d already", key, first)
	}
	seen[key] = n
	l.Offers = append(l.Offers, x)
	return nil
}

const rebuild = `; mend the line, or run "phgen lock --rebuild" to record the plan as it is now`

// A conflictError is an Error that is ErrConflict.
type conflictError struct{ at Error }

func (e *conflictError) Error() string { return e.at.Error() }
func (e *conflictError) Unwrap() error { return ErrConflict }

var errLater = errors.New("another phgen wrote this, in a format that this one does not read; update phgen")

// PlanOf is the plan that a lock says it belongs to; empty: it does not say.
func PlanOf(data []byte) string {
	line, _, _ := strings.Cut(string(data), "\n")
	plan, err := parseHead(strings.TrimRight(line, "\r"))
	if err != nil {
		return ""
	}
	return plan
}

func parseHead(line string) (string, error) {
	rest, ok := strings.CutPrefix(line, head)
	if !ok {
		return "", fmt.Errorf("the first line is not that of a lock: %q is missing", head+version)
	}
	v, quoted, _ := strings.Cut(rest, " ")
	if v != version {
		return "", errLater
	}
	plan, err := strconv.Unquote(quoted)
	if err != nil || quoted[0] != '"' {
		return "", fmt.Errorf("the first line does not end with the plan's name in quotes")
	}
	return plan, nil
}

// A cursor reads one line from left to right. After the first mistake it reads
// nothing more.
type cursor struct {
	rest string
	err  error
}

// parseOffer is the reverse of writeOffer.
func parseOffer(line string) (generator.Offer, error) {
	c := &cursor{rest: line}
	x := generator.Offer{Path: []string{c.key()}}
	for c.next(".") {
		x.Path = append(x.Path, c.key())
	}
	c.want(": ")
	x.Package, x.Name = c.qualified()
	switch {
	case c.next("("):
		x.Func = x.Name
		if x.Func == "" {
			c.fail("a function has no name")
		}
		if !c.next(")") {
			x.Params = c.slots()
			c.want(")")
		}
	case c.next(" "):
		x.Type = c.word("a Go type")
	}
	if c.next("; ") {
		x.Parts = c.slots()
	}
	if c.err == nil && c.rest != "" {
		c.failAt("the line should end before %q")
	}
	c.once(x.Params, x.Parts)
	return x, c.err
}

func (c *cursor) slots() []generator.Slot {
	var list []generator.Slot
	for {
		s := generator.Slot{Key: c.key()}
		c.want(" ")
		s.Name = c.identifier()
		if c.next(" ") {
			s.Type = c.word("a Go type")
		}
		list = append(list, s)
		if !c.next(", ") {
			return list
		}
	}
}

// once refuses a key that stands in a line twice.
func (c *cursor) once(lists ...[]generator.Slot) {
	seen := map[string]bool{}
	for _, list := range lists {
		for _, s := range list {
			if seen[s.Key] {
				c.fail("%q stands here twice", s.Key)
			}
			seen[s.Key] = true
		}
	}
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
	c.rest = ""
}

// failAt is fail with what comes next as the last argument.
func (c *cursor) failAt(format string, args ...any) {
	const most = 40
	next := c.rest
	if len(next) > most {
		next = strings.ToValidUTF8(next[:most], "") + "…"
	}
	c.fail(format, append(args, next)...)
}

// next skips text if it comes next.
func (c *cursor) next(text string) bool {
	rest, ok := strings.CutPrefix(c.rest, text)
	c.rest = rest
	return ok
}

func (c *cursor) want(text string) {
	if !c.next(text) {
		c.failAt("%q is missing before %q", text)
	}
}

// key reads a key of the plan, quoted or not.
func (c *cursor) key() string {
	if strings.HasPrefix(c.rest, `"`) {
		quoted, err := strconv.QuotedPrefix(c.rest)
		if err != nil {
			c.failAt("a quoted name does not end: %q")
			return ""
		}
		c.rest = c.rest[len(quoted):]
		key, err := strconv.Unquote(quoted)
		if err != nil {
			c.fail("%q is no quoted name", quoted)
		}
		return key
	}
	n := strings.IndexFunc(c.rest, func(r rune) bool { return !isPlain(r) })
	if n < 0 {
		n = len(c.rest)
	}
	if n == 0 {
		c.failAt("a name is missing before %q")
	}
	key := c.rest[:n]
	c.rest = c.rest[n:]
	return key
}

// word reads up to the next separator.
func (c *cursor) word(what string) string {
	n := strings.IndexAny(c.rest, " (),;:\"\t")
	if n < 0 {
		n = len(c.rest)
	}
	if n == 0 {
		c.failAt("%s is missing before %q", what)
	}
	word := c.rest[:n]
	c.rest = c.rest[n:]
	return word
}

// identifier reads a Go identifier, or none.
func (c *cursor) identifier() string {
	word := c.word("a Go name")
	switch {
	case c.err != nil || word == none:
		return ""
	case !isIdentifier(word):
		c.fail("%q is no exported Go name", word)
	}
	return word
}

// qualified reads a Go identifier behind the name of a package, if there is one.
func (c *cursor) qualified() (pkg, name string) {
	word := c.word("a Go name")
	if i := strings.LastIndexByte(word, '.'); i >= 0 {
		pkg, word = word[:i], word[i+1:]
		if keyText(pkg) != pkg {
			c.fail("%q is no package", pkg)
		}
	}
	switch {
	case c.err != nil || word == none && pkg == "":
		return "", ""
	case !isIdentifier(word):
		c.fail("%q is no exported Go name", word)
	}
	return pkg, word
}

func isIdentifier(word string) bool {
	if word == "" || word[0] < 'A' || word[0] > 'Z' {
		return false
	}
	return !strings.ContainsFunc(word, func(r rune) bool { return !isPlain(r) || r == '-' || r == '$' })
}

package coverage

import (
	"cmp"
	"errors"
	"io"
	"slices"

	"github.com/phgen/phgen/internal/eventfile"
)

// A Share is how much of something was used.
type Share struct {
	Covered int `json:"covered"`
	Of      int `json:"of"`
}

// Percent is 100 for nothing at all.
func (s Share) Percent() float64 {
	if s.Of == 0 {
		return 100
	}
	return 100 * float64(s.Covered) / float64(s.Of)
}

// Share returns how much of a kind was used.
func (c *Coverage) Share(kind Kind) Share {
	var s Share
	for _, item := range c.items {
		if item.Kind != kind {
			continue
		}
		s.Of++
		if item.Count > 0 {
			s.Covered++
		}
	}
	return s
}

// Total returns how much of the plan was used: of its events, properties and values, and of
// its surveys and their questions. Flags and experiments are left out, because tests
// override them, and that sends nothing.
func (c *Coverage) Total() Share {
	var total Share
	for _, kind := range []Kind{Event, Property, Value, Survey, Question} {
		s := c.Share(kind)
		total.Covered += s.Covered
		total.Of += s.Of
	}
	return total
}

// Uncovered returns what was never used, by its place in the plan. Of an event that was
// never captured its properties are left out, of a survey that nobody finished its
// questions, and of a question that nobody answered its choices: they go without saying.
func (c *Coverage) Uncovered() []*Item {
	silent := map[*Item]bool{}
	for _, h := range c.events {
		if h.item == nil || h.item.Count > 0 {
			continue
		}
		for _, f := range h.fields {
			silent[f.item] = true
		}
	}
	for _, s := range c.surveys {
		s.silent(silent)
	}
	var found []*Item
	for _, item := range c.items {
		if item.Count == 0 && !silent[item] {
			found = append(found, item)
		}
	}
	slices.SortStableFunc(found, func(a, b *Item) int {
		return cmp.Or(
			cmp.Compare(slices.Index(c.plan.Files, a.Pos.File), slices.Index(c.plan.Files, b.Pos.File)),
			cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return found
}

// Read adds the events of a file. What cannot be read goes to skipped, and reading goes on
// behind it.
func (c *Coverage) Read(r io.Reader, skipped func(*eventfile.Unreadable)) error {
	events, err := eventfile.NewReader(r)
	if err != nil {
		return err
	}
	for {
		e, err := events.Next()
		var bad *eventfile.Unreadable
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			skipped(bad)
		case err != nil:
			return err
		default:
			c.Add(e.Name, e.Properties)
		}
	}
}

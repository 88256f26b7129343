package dev

import (
	"fmt"
	"strings"

	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/yamltext"
	"github.com/phgen/phgen/schema"
)

// A draft is a piece of a plan to be added to one.
type draft struct {
	where      string    // a comment: below what it goes
	frame      string    // as much of the plan as its names may collide with, down to where it goes
	event      *proposal // nil: its properties go to what is there
	more       []string  // other lines of the event
	properties []*proposal
	indent     string // of the properties
}

// A proposal is an event or a property to be added.
type proposal struct {
	key    string
	guess  *guess // nil for an event
	write  string // of a property of persons; empty: set
	goName bool   // the name makes no identifier, or one that is taken
	json   bool   // its guess makes no type
	left   bool   // it can not be in a plan
}

// settle returns the draft with whatever its names and types need to be accepted, without
// those that never are. It is empty if nothing remains.
func (d *draft) settle() string {
	above := strings.Count(d.frame, "\n")
	for range maxRounds {
		lines, of := d.lines()
		if len(lines) == 0 {
			return ""
		}
		text := strings.Join(lines, "\n") + "\n"
		plan, found := schema.Parse("", []byte(d.frame+text))
		if plan != nil {
			found = generator.Check(plan)
		}
		if !mend(found, of, above) {
			return d.where + "\n" + text
		}
	}
	return ""
}

// maxRounds bounds the attempts: findings come all at once, but for those that others hide.
const maxRounds = 20

// mend changes what was found fault with, and reports whether there was anything. Each
// proposal is changed three times at most.
func mend(found schema.Diagnostics, of []*proposal, above int) bool {
	mended := map[*proposal]bool{}
	for _, f := range found {
		line := f.Pos.Line - above - 1
		if f.Severity != schema.Error || line < 0 || line >= len(of) || mended[of[line]] {
			continue
		}
		p := of[line]
		mended[p] = true
		switch {
		case (f.Code == "PH301" || f.Code == "PH302" || f.Code == "PH303") && !p.goName:
			p.goName = true
		case p.guess != nil && !p.json:
			p.json = true
		default:
			p.left = true
		}
	}
	return len(mended) > 0
}

// lines returns the lines of the draft and whom each is about.
func (d *draft) lines() (lines []string, of []*proposal) {
	add := func(p *proposal, texts ...string) {
		for _, text := range texts {
			lines, of = append(lines, text), append(of, p)
		}
	}
	var properties []*proposal
	for _, p := range d.properties {
		if !p.left {
			properties = append(properties, p)
		}
	}
	if e := d.event; e != nil {
		if e.left {
			return nil, nil
		}
		more := d.more
		if e.goName {
			more = append([]string{"go: {name: " + identifier(e.key) + "}"}, more...)
		}
		if len(more)+len(properties) == 0 {
			add(e, "  "+yamltext.Quote(e.key)+": {}")
			return lines, of
		}
		add(e, "  "+yamltext.Quote(e.key)+":")
		for _, line := range more {
			add(e, "    "+line)
		}
		if len(properties) > 0 {
			add(e, "    properties:")
		}
	}
	for _, p := range properties {
		add(p, p.lines(d.indent)...)
	}
	return lines, of
}

// lines writes a property.
func (p *proposal) lines(indent string) []string {
	g := p.guess
	if p.json {
		g = &guess{}
	}
	var more []string
	if p.write != "" {
		more = append(more, "write: "+p.write)
	}
	if p.goName {
		more = append(more, "go: {name: "+identifier(p.key)+"}")
	}
	head, below := g.lines(indent, more...)
	return append([]string{indent + yamltext.Quote(p.key) + ":" + head}, below...)
}

// identifier makes a Go name of any name: what is no ASCII letter or digit stands in it as
// its number, so that two names have two.
func identifier(name string) string {
	var b strings.Builder
	b.WriteByte('X')
	for _, r := range name {
		if r < 0x80 && (r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9') {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "%02X", r)
		}
	}
	return b.String()[:min(b.Len(), 100)]
}

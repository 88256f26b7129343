package usage

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Text returns the report for people, by owner. Names are as the plan has them: clean them
// for a terminal.
func (r *Report) Text() string {
	var text strings.Builder
	for i, owner := range r.owners() {
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(ownerTitle(owner) + "\n")
		r.each(owner, func(kind string, t *Thing) {
			fmt.Fprintf(&text, "  %s %s: %s\n", kind, quoteOdd(t.Name), t.summary())
			for _, p := range t.Places {
				fmt.Fprintf(&text, "    %s%s\n", p, p.note())
			}
		})
	}
	return text.String()
}

// summary says in a few words how much t is used.
func (t *Thing) summary() string {
	s := "unused"
	switch n := len(t.Places); {
	case n == 1:
		s = "1 place"
	case n > 1:
		s = strconv.Itoa(n) + " places"
	}
	if t.Status != "active" {
		s += ", " + t.Status
	}
	return s
}

func (p Place) String() string {
	return fmt.Sprintf("%s:%d", filepath.ToSlash(p.File), p.Line)
}

func (p Place) note() string {
	if p.ByString {
		return " (by a string)"
	}
	return ""
}

// quoteOdd quotes a name that is not one plain word.
func quoteOdd(name string) string {
	if strings.ContainsAny(name, " :\"\\") || name == "" {
		return strconv.Quote(name)
	}
	return name
}

func ownerTitle(owner string) string {
	if owner == "" {
		return "without an owner"
	}
	return owner
}

// owners returns each owner once, in the order of their first thing; nobody is the last.
func (r *Report) owners() []string {
	var owners []string
	for _, t := range slices.Concat(r.Events, r.Flags) {
		if !slices.Contains(owners, t.Owner) {
			owners = append(owners, t.Owner)
		}
	}
	if i := slices.Index(owners, ""); i >= 0 {
		owners = append(slices.Delete(owners, i, i+1), "")
	}
	return owners
}

func (r *Report) each(owner string, visit func(kind string, t *Thing)) {
	for _, list := range []struct {
		kind   string
		things []Thing
	}{{"event", r.Events}, {"flag", r.Flags}} {
		for i := range list.things {
			if list.things[i].Owner == owner {
				visit(list.kind, &list.things[i])
			}
		}
	}
}

// Markdown returns one table for each owner.
func (r *Report) Markdown() string {
	var text strings.Builder
	text.WriteString("# Usage\n")
	for _, owner := range r.owners() {
		fmt.Fprintf(&text, "\n## %s\n\n| | name | status | used in |\n|---|---|---|---|\n", cell(ownerTitle(owner)))
		r.each(owner, func(kind string, t *Thing) {
			var places []string
			for _, p := range t.Places {
				places = append(places, cell(p.String())+p.note())
			}
			if len(places) == 0 {
				places = []string{"**nowhere**"}
			}
			fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", kind, cell(t.Name), t.Status, strings.Join(places, "<br>"))
		})
	}
	return text.String()
}

// cell makes text safe for a cell of a Markdown table: characters that Markdown or HTML
// give a meaning become entities.
func cell(text string) string {
	var out strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\`*[]<>|&#~!@", r) || r < ' ' {
			fmt.Fprintf(&out, "&#%d;", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// jsonReport is what JSON prints. Keys are only ever added to it.
type jsonReport struct {
	Version int         `json:"version"`
	Events  []jsonThing `json:"events"`
	Flags   []jsonThing `json:"flags"`
}

type jsonThing struct {
	Name   string      `json:"name"`
	Owner  string      `json:"owner,omitempty"`
	Status string      `json:"status"`
	Unused bool        `json:"unused"`
	Places []jsonPlace `json:"places"`
}

type jsonPlace struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	ByString bool   `json:"by_string,omitempty"`
}

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(jsonReport{1, jsonThings(r.Events), jsonThings(r.Flags)})
}

func jsonThings(things []Thing) []jsonThing {
	list := []jsonThing{}
	for i := range things {
		t := &things[i]
		places := []jsonPlace{}
		for _, p := range t.Places {
			places = append(places, jsonPlace{filepath.ToSlash(p.File), p.Line, p.Col, p.ByString})
		}
		list = append(list, jsonThing{t.Name, t.Owner, t.Status, t.Unused(), places})
	}
	return list
}

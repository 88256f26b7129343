package dev

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/yamltext"
	"github.com/phgen/phgen/schema"
)

const (
	maxGuessDepth  = 4  // objects in objects; what is deeper is json
	maxGuessFields = 50 // of one object
)

// A guess is the type that values seem to have.
type guess struct {
	seen   map[schema.Kind]bool // kinds of values; a string is of every form that it has
	count  map[schema.Kind]int  // of strings, how many have a form
	texts  int
	null   bool
	elem   *guess            // of arrays
	fields map[string]*guess // of objects
}

// forms are the kinds that a string can show by itself, the narrowest first.
var forms = []schema.Kind{schema.UUID, schema.Timestamp, schema.Date, schema.URL}

func newGuess() *guess {
	return &guess{seen: map[schema.Kind]bool{}, count: map[schema.Kind]int{}}
}

// see adds a value.
func (g *guess) see(v any, depth int) {
	switch v := v.(type) {
	case nil:
		g.null = true
	case bool:
		g.seen[schema.Bool] = true
	case json.Number:
		g.seen[numberKind(v)] = true
	case string:
		g.seen[schema.String] = true
		g.texts++
		for _, form := range forms {
			if judge.HasForm(form, v) {
				g.count[form]++
			}
		}
	case []any:
		g.seen[schema.Array] = true
		if g.elem == nil {
			g.elem = newGuess()
		}
		for _, item := range v {
			g.elem.see(item, depth)
		}
	case map[string]any:
		g.object(v, depth)
	}
}

func (g *guess) object(fields map[string]any, depth int) {
	if g.fields == nil {
		g.fields = map[string]*guess{}
	}
	g.seen[schema.Object] = true
	for key, v := range fields {
		f := g.fields[key]
		if depth == maxGuessDepth || f == nil && len(g.fields) > maxGuessFields {
			g.seen[schema.JSON] = true
			return
		}
		if f == nil {
			f = newGuess()
			g.fields[key] = f
		}
		f.see(v, depth+1)
	}
}

func numberKind(n json.Number) schema.Kind {
	if _, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return schema.Int
	}
	if _, err := n.Float64(); err == nil {
		return schema.Float
	}
	return schema.JSON // no float64 holds it
}

// kind is the type, json if the values have several or none that a plan can say.
func (g *guess) kind() schema.Kind {
	if len(g.seen) == 2 && g.seen[schema.Int] && g.seen[schema.Float] {
		return schema.Float
	}
	if len(g.seen) != 1 {
		return schema.JSON
	}
	var kind schema.Kind
	for kind = range g.seen {
	}
	switch {
	case kind == schema.String:
		for _, form := range forms {
			if g.count[form] == g.texts {
				return form
			}
		}
	case kind == schema.Object && len(g.fields) == 0:
		return schema.JSON
	}
	return kind
}

// item is the type of an array's items, which are neither null nor arrays unless they are
// any JSON.
func (g *guess) item() schema.Kind {
	if g.null || g.kind() == schema.Array {
		return schema.JSON
	}
	return g.kind()
}

// lines writes the type as YAML behind a key: what stands on its line, and the lines below
// it, which are indented by more than indent. More keys of the property make it long.
func (g *guess) lines(indent string, more ...string) (head string, below []string) {
	kind := g.kind()
	null := g.null && kind != schema.JSON // which has a null of its own
	if len(more) == 0 && kind != schema.Object {
		switch {
		case kind == schema.Array && !null && g.elem.item() != schema.Object:
			return " [" + string(g.elem.item()) + "]", nil
		case kind != schema.Array && null:
			return " " + string(kind) + "?", nil
		case kind != schema.Array:
			return " " + string(kind), nil
		}
	}
	below = g.long(indent + "  ")
	if null {
		below = append(below, indent+"  nullable: true")
	}
	for _, line := range more {
		below = append(below, indent+"  "+line)
	}
	return "", below
}

// long writes the type in its long form.
func (g *guess) long(indent string) []string {
	kind := g.kind()
	lines := []string{indent + "type: " + string(kind)}
	switch {
	case kind == schema.Object:
		lines = append(lines, g.properties(indent)...)
	case kind == schema.Array && g.elem.item() == schema.Object:
		lines = append(lines, indent+"of:")
		lines = append(lines, g.elem.long(indent+"  ")...)
	case kind == schema.Array:
		lines = append(lines, indent+"of: "+string(g.elem.item()))
	}
	return lines
}

// properties writes the fields of an object.
func (g *guess) properties(indent string) []string {
	lines := []string{indent + "properties:"}
	for _, key := range slices.Sorted(maps.Keys(g.fields)) {
		head, below := g.fields[key].lines(indent + "  ")
		lines = append(append(lines, indent+"  "+yamltext.Quote(key)+":"+head), below...)
	}
	return lines
}

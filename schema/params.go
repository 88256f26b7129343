package schema

import (
	"fmt"
	"strings"
	"time"
)

// A param is one parameter of a generated constructor.
type param struct {
	pos    Pos
	key    string
	goType string // equal for two parameters exactly when a caller could swap them
}

// checkNeighbours looks at every constructor that will be generated, since two
// neighbouring parameters of one Go type can be swapped unnoticed.
func checkNeighbours(p *Plan, _ time.Time, report report) {
	seen := make(map[[2]Pos]bool) // two properties of a set are neighbours in each event that uses it
	check := func(of string, params []param) {
		for i := 1; i < len(params); i++ {
			a, b := params[i-1], params[i]
			if a.goType != b.goType || seen[[2]Pos{a.pos, b.pos}] {
				continue
			}
			seen[[2]Pos{a.pos, b.pos}] = true
			fix := "put one of another type between them"
			if nameable[b.goType] {
				fix = "give one a type of its own with go: {named: …}"
			}
			report(b.pos, fmt.Sprintf("%q and %q are neighbouring parameters of %s and of one Go type", a.key, b.key, of), fix)
		}
	}
	for _, g := range p.Groups {
		check(fmt.Sprintf("group %q", g.Name), paramsOf(g.Properties))
	}
	for _, e := range p.Events {
		check(fmt.Sprintf("event %q", e.Name), paramsOf(e.Properties))
	}
	for _, s := range p.Surveys {
		check(fmt.Sprintf("survey %q", s.Key), answers(s))
	}
	for _, f := range p.AI.Features {
		check(fmt.Sprintf("feature %q", f.Name), paramsOf(f.Properties))
	}
	for _, t := range p.Types {
		if inner := leaf(t); inner == t || inner.Name == "" {
			checkFields(inner, fmt.Sprintf("type %q", t.Name), check)
		}
	}
	walkProperties(p, func(at site, prop *Property) {
		// Payloads are plain structs; named types were seen above.
		if at.part != payloadPart {
			if inner := leaf(prop.Type); prop.Type.Name == "" && inner.Name == "" {
				checkFields(inner, fmt.Sprintf("object %q", prop.Key), check)
			}
		}
	})
}

func checkFields(t *Type, of string, check func(string, []param)) {
	check(of, paramsOf(t.Properties))
	for _, v := range t.Variants {
		check(fmt.Sprintf("variant %q", v.Name), paramsOf(v.Properties))
	}
}

// nameable are the Go types that go: {named: …} can rename.
var nameable = map[string]bool{"string": true, "int64": true, "float64": true, "uuid.UUID": true}

func paramsOf(properties []*Property) []param {
	var params []param
	for _, prop := range properties {
		if prop.Required && prop.Type.Kind != Const {
			params = append(params, param{prop.Pos, prop.Key, goType(prop.Key, prop.Type, prop.Go)})
		}
	}
	return params
}

func answers(s *Survey) []param {
	var params []param
	for _, q := range s.Questions {
		if !q.Required || q.Type == "link" {
			continue
		}
		goType := "string"
		switch {
		case q.Type == "rating":
			goType = "int64"
		case len(q.Choices) > 0 && !q.OpenChoice:
			goType = ownType + q.Key
		}
		if q.Type == "multiple_choice" {
			goType = "[]" + goType
		}
		params = append(params, param{q.Pos, q.Key, goType})
	}
	return params
}

// ownType begins the type of an inline enum, object or union, or of a property
// with go: {named: …}. No two of them are one type unless their names agree.
const ownType = "own "

// goTypes maps the kinds with one Go type to that type.
var goTypes = map[Kind]string{
	String: "string", Int: "int64", Float: "float64", Bool: "bool", Timestamp: "time.Time", Date: "ph.Date", Duration: "time.Duration",
	UUID: "uuid.UUID", URL: "string", Email: "string", IP: "netip.Addr", Country: "string", Currency: "string", Locale: "string",
	Money: "ph.Money", JSON: "ph.JSON",
}

// goType tells the Go types of parameters apart. It knows neither packages nor
// initialisms, so it is no text for generated code.
func goType(key string, t *Type, named GoName) string {
	if named.Named {
		return ownType + identity(named, key, t)
	}
	switch t.Kind {
	case Array:
		return "[]" + goType(key, t.Elem, t.Elem.Go)
	case Map:
		return "map[string]" + goType(key, t.Elem, t.Elem.Go)
	case Enum, Object, Union:
		if t.Name != "" {
			return t.Name
		}
		return ownType + key
	}
	return goTypes[t.Kind]
}

// identity is the name that go: {named: …} gives, folded so that names which
// become one identifier are equal.
func identity(named GoName, key string, t *Type) string {
	name := key
	switch {
	case named.NamedAs != "":
		name = named.NamedAs
	case t.Name != "" && t.Go.Named:
		name = t.Name
	}
	return strings.Join(wordsOf(name), "")
}

package generator

import (
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/dave/jennifer/jen"
	"github.com/google/uuid"

	"github.com/phgen/phgen/schema"
)

// defaults are the elements of a composite literal of the properties of list:
// the given fields of a value, else the properties' own defaults. What has
// neither stays zero.
func (g *generator) defaults(list []*schema.Property, given *schema.Value) []jen.Code {
	var fields []jen.Code
	for _, p := range list {
		v := p.Default
		if given != nil {
			for _, f := range given.Fields {
				if f.Key == p.Key {
					v = f.Value
				}
			}
		}
		if code := g.literalOf(p.Type, g.typeOf(p, p.Type), v); code != nil {
			fields = append(fields, jen.Id(g.of(p)+":").Add(code))
		}
	}
	return fields
}

// literalOf is v as a Go expression of type t; nil for a zero value.
func (g *generator) literalOf(t *schema.Type, named string, v *schema.Value) *jen.Statement {
	if t.Kind == schema.Object {
		fields := g.defaults(t.Properties, v)
		if len(fields) == 0 {
			return nil
		}
		return jen.Add(g.goType(t, "")).Add(elements(fields))
	}
	if v == nil || v.Null {
		return nil
	}
	switch t.Kind {
	case schema.Array, schema.Map:
		return jen.Add(g.goType(t, "")).Add(elements(g.literalParts(t, v)))
	case schema.Enum:
		for _, x := range t.Values {
			if x.Value == v.Text {
				return jen.Qual(g.home(t), g.of(x))
			}
		}
		return nil
	case schema.Int:
		return expr(strconv.FormatInt(v.Int, 10))
	case schema.Float:
		return expr(floatText(v.Float))
	case schema.Bool:
		return expr(strconv.FormatBool(v.Bool))
	case schema.JSON:
		return jen.Add(phJSON).Parens(expr(quoted(jsonValue(v))))
	}
	if kinds[t.Kind].base == "string" {
		return expr(quoted(v.Text))
	}
	return g.parsedLiteral(t, named, v)
}

func (g *generator) literalParts(t *schema.Type, v *schema.Value) []jen.Code {
	var parts []jen.Code
	named := g.typeOf(nil, t.Elem)
	part := func(x *schema.Value) jen.Code {
		if t.Elem.Kind == schema.Object { // gofmt -s leaves the type out
			return elements(g.defaults(t.Elem.Properties, x))
		}
		if code := g.literalOf(t.Elem, named, x); code != nil {
			return code
		}
		return jen.Add(g.goType(t.Elem, named)).Values()
	}
	for _, x := range v.List {
		parts = append(parts, part(x))
	}
	for _, f := range v.Fields {
		parts = append(parts, expr(quoted(f.Key), ":").Add(part(f.Value)))
	}
	return parts
}

// parsedLiteral is a literal of the kinds that Go has no syntax for. The plan's
// text was checked; what does not parse here stays zero.
func (g *generator) parsedLiteral(t *schema.Type, named string, v *schema.Value) *jen.Statement {
	switch t.Kind {
	case schema.Duration:
		return durationLiteral(time.Duration(math.Round(v.Float * float64(unitLengths[t.Unit]))))
	case schema.Timestamp:
		at, err := time.Parse(time.RFC3339Nano, v.Text)
		if err != nil {
			return nil
		}
		at = at.UTC()
		return jen.Qual("time", "Date").Call(expr(fmt.Sprintf("%d, %d, %d, %d, %d, %d, %d",
			at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond())), jen.Qual("time", "UTC"))
	case schema.Date:
		day, err := time.Parse(time.DateOnly, v.Text)
		if err != nil {
			return nil
		}
		return jen.Add(phDate).Values(expr(fmt.Sprintf("Year: %d, Month: %d, Day: %d", day.Year(), day.Month(), day.Day())))
	case schema.UUID:
		id, err := uuid.Parse(v.Text)
		if err != nil {
			return nil
		}
		return jen.Add(g.goType(t, named)).Values(byteList(id[:]))
	case schema.IP:
		return addrLiteral(v.Text)
	}
	return nil
}

// durationLiteral writes d as people do: 1500 * time.Millisecond.
func durationLiteral(d time.Duration) *jen.Statement {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d != 0 && d%unit.length == 0 {
			return expr(strconv.FormatInt(int64(d/unit.length), 10), " *").Qual("time", unit.name)
		}
	}
	return expr(strconv.FormatInt(int64(d), 10))
}

func addrLiteral(text string) *jen.Statement {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return nil
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		b := addr.As4()
		return jen.Qual("net/netip", "AddrFrom4").Call(jen.Index(jen.Lit(4)).Byte().Values(byteList(b[:])))
	}
	b := addr.As16()
	return jen.Qual("net/netip", "AddrFrom16").Call(jen.Index(jen.Lit(16)).Byte().Values(byteList(b[:])))
}

func byteList(list []byte) jen.Code {
	var text []string
	for _, b := range list {
		text = append(text, fmt.Sprintf("%#02x", b))
	}
	return expr(strings.Join(text, ", "))
}

// unitLengths are the units of duration.
var unitLengths = map[string]time.Duration{
	"ns":  time.Nanosecond,
	"us":  time.Microsecond,
	"ms":  time.Millisecond,
	"s":   time.Second,
	"min": time.Minute,
	"h":   time.Hour,
	"d":   24 * time.Hour,
}

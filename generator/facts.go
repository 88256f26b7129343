package generator

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/phgen/phgen/schema"
)

// typeFacts are sentences about values of t alone.
func typeFacts(t *schema.Type) []string {
	return facts(&schema.Property{Type: t, Description: t.Description, Example: t.Example})
}

// facts are sentences about the values of p, its description first.
func facts(p *schema.Property) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if p.Description != "" {
		all = append(all, p.Description)
	}
	t := p.Type
	all = append(all, bounds(t)...)
	if t.Elem != nil {
		part := "item"
		if t.Kind == schema.Map {
			part = "value"
		}
		for _, s := range bounds(t.Elem) {
			add("Each %s: %s", part, lowerFirst(s))
		}
	}
	switch {
	case t.Kind == schema.Money:
		add("Sent as %s and %s.", quoted(p.MoneyKeys[0]), quoted(p.MoneyKeys[1]))
	case t.Kind == schema.Duration:
		add("Sent in %s.", unitWords[t.Unit])
	case t.StripQuery:
		add("Sent without its query and fragment.")
	}
	switch {
	case p.OnInvalid == schema.Truncate && t.Elem != nil:
		add("Further items are cut off.")
	case p.OnInvalid == schema.Truncate:
		add("Longer text is cut.")
	case p.OnInvalid == schema.DropProperty:
		add("Left out if it is invalid.")
	case p.OnInvalid == schema.DropEvent:
		add("The event is refused if it is invalid.")
	}
	if p.PII != nil {
		add("Personal data (%s), %s.", p.PII.Kind, piiClause(t, p.PII))
	}
	if p.Example != nil {
		add("For example %s.", jsonValue(p.Example))
	}
	return all
}

// piiClause says what is sent of a personal value.
func piiClause(t *schema.Type, pii *schema.PII) string {
	for t.Elem != nil {
		t = t.Elem
	}
	switch pii.Action {
	case "hash":
		return "sent as a keyed hash"
	case "mask":
		return "sent masked"
	case "drop":
		return "never sent"
	case "truncate":
		switch t.Kind {
		case schema.IP:
			return "sent without its host bits"
		case schema.Date, schema.Timestamp:
			return "sent as 1 January of its year"
		case schema.Float:
			return "sent with one decimal"
		}
		if pii.Keep == 1 {
			return "of which the first character is sent"
		}
		return "of which the first " + strconv.Itoa(pii.Keep) + " characters are sent"
	}
	return "sent as given"
}

// unitWords are the units of durations in prose.
var unitWords = map[string]string{
	"ns":  "nanoseconds",
	"us":  "microseconds",
	"ms":  "milliseconds",
	"s":   "seconds",
	"min": "minutes",
	"h":   "hours",
	"d":   "days",
}

// textFormats says what values of some kinds of text are.
var textFormats = map[schema.Kind]string{
	schema.URL:      "An absolute URL.",
	schema.Email:    "An email address.",
	schema.Country:  "A country code of two capitals, as in ISO 3166.",
	schema.Currency: "A currency code of three capitals, as in ISO 4217.",
	schema.Locale:   "A language tag such as de-DE.",
}

// bounds says which values of type t are valid.
func bounds(t *schema.Type) []string {
	var all []string
	if s := textFormats[t.Kind]; s != "" {
		all = append(all, s)
	}
	add := func(least, most, unit string) {
		switch {
		case least != "" && most != "" && least != most:
			all = append(all, fmt.Sprintf("From %s to %s.", least, counted(most, unit)))
		case least != "" && most != "":
			all = append(all, fmt.Sprintf("Exactly %s.", counted(least, unit)))
		case least != "":
			all = append(all, fmt.Sprintf("At least %s.", counted(least, unit)))
		case most != "":
			all = append(all, fmt.Sprintf("At most %s.", counted(most, unit)))
		}
	}
	add(number(t.MinLength), number(t.MaxLength), "characters")
	add(number(t.MinInt), number(t.MaxInt), "")
	unit := ""
	if t.Kind == schema.Duration {
		unit = unitWords[t.Unit]
	}
	add(number(t.Min), number(t.Max), unit)
	add(number(t.MinItems), number(t.MaxItems), "items")
	add("", number(t.MaxBytes), "bytes of JSON")
	if t.Pattern != "" {
		all = append(all, "Matches "+quoted(t.Pattern)+".")
	}
	return all
}

// counted is n of the units: "1 item", "2 items".
func counted(n, units string) string {
	if units == "" {
		return n
	}
	unit, rest, _ := strings.Cut(units, " ")
	if n == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return strings.TrimSpace(n + " " + unit + " " + rest)
}

// number is the text of a bound; empty: there is none.
func number[N int | int64 | float64](n *N) string {
	if n == nil {
		return ""
	}
	return floatOrInt(*n)
}

func floatOrInt[N int | int64 | float64](n N) string {
	if f, ok := any(n).(float64); ok {
		return floatText(f)
	}
	return strconv.FormatInt(int64(n), 10)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

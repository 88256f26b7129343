package schema

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// A spelling is why a scalar is not what its key asks for.
type spelling struct {
	code string
	what string // goes on a sentence that begins with the key
	fix  string
}

func (e *spelling) Error() string { return e.what }

var (
	integerText = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	numberText  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	dateText    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	numberLike  = regexp.MustCompile(`^[-+]?\.?[0-9]`)
)

// as checks a scalar against a type of the JSON Schema; nil also for types
// whose values are no scalars.
func (n *node) as(jsonType string) *spelling {
	var err error
	switch jsonType {
	case "string":
		_, err = n.string()
	case "integer":
		_, err = n.integer()
	case "number":
		_, err = n.number()
	case "boolean":
		_, err = n.boolean()
	}
	if err == nil {
		return nil
	}
	return err.(*spelling)
}

// string is the text of a scalar that YAML reads as a string.
func (n *node) string() (string, error) {
	if n.kind != scalarNode {
		return "", &spelling{"PH108", "must be a string, but is " + n.what(), ""}
	}
	if n.tag != strTag {
		if n.text == "" {
			return "", &spelling{"PH108", "must be a string, but is empty", `write "" for an empty string`}
		}
		if n.text == "null" {
			return "", &spelling{"PH108", "must be a string, but is null", `quote it: "null"`}
		}
		return "", &spelling{"PH108", fmt.Sprintf("must be a string, but YAML reads %s as %s", n.text, n.tag), fmt.Sprintf("quote it: %q", n.text)}
	}
	return n.text, nil
}

// integer is a scalar of digits that fits an int64.
func (n *node) integer() (int64, error) {
	if err := n.numeric("an integer"); err != nil {
		return 0, err
	}
	if !integerText.MatchString(n.text) || n.text == "-0" {
		return 0, &spelling{"PH110", fmt.Sprintf("must be an integer, but is written %s", n.text), "write decimal digits only, as in 42"}
	}
	v, err := strconv.ParseInt(n.text, 10, 64)
	if err != nil {
		return 0, &spelling{"PH110", fmt.Sprintf("is %s, which does not fit 64 bits", n.text), ""}
	}
	return v, nil
}

// number is a scalar that is a finite decimal number.
func (n *node) number() (float64, error) {
	if err := n.numeric("a number"); err != nil {
		return 0, err
	}
	if !numberText.MatchString(n.text) {
		return 0, &spelling{"PH110", fmt.Sprintf("must be a number, but is written %s", n.text), "write it as in 42, -0.5 or 1e6"}
	}
	v, err := strconv.ParseFloat(n.text, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, &spelling{"PH110", fmt.Sprintf("is %s, which is out of range", n.text), ""}
	}
	return v, nil
}

// numeric tells a misspelt number from what is none.
func (n *node) numeric(want string) error {
	switch {
	case n.kind != scalarNode:
	case n.quoted && numberLike.MatchString(n.text):
		return &spelling{"PH110", fmt.Sprintf("must be %s, but is the string %q", want, n.text), "remove the quotes"}
	case n.quoted:
	case n.tag == intTag, n.tag == floatTag, n.tag == strTag && numberLike.MatchString(n.text):
		return nil
	}
	return &spelling{"PH108", "must be " + want + ", but is " + n.what(), ""}
}

// boolean is true or false, in this spelling.
func (n *node) boolean() (bool, error) {
	if n.kind == scalarNode && !n.quoted && (n.text == "true" || n.text == "false") {
		return n.text == "true", nil
	}
	return false, &spelling{"PH108", "must be true or false, but is " + n.what(), ""}
}

// date is YYYY-MM-DD, quoted or not, and a real day.
func (n *node) date() (string, error) {
	if n.kind == scalarNode && (n.tag == strTag || n.tag == timeTag) {
		day, err := time.Parse(time.DateOnly, n.text)
		if err == nil && day.Year() > 0 {
			return n.text, nil
		}
		if dateText.MatchString(n.text) {
			return "", &spelling{"PH108", "is " + n.text + ", a day that does not exist", ""}
		}
	}
	return "", &spelling{"PH108", "must be a date YYYY-MM-DD, but is " + n.what(), "write it as in 2026-01-31"}
}

// what describes a value in a message.
func (n *node) what() string {
	switch {
	case n.kind == mappingNode:
		return "a mapping"
	case n.kind == listNode:
		return "a list"
	case n.tag == nullTag && n.text == "":
		return "empty"
	case n.tag == strTag:
		return fmt.Sprintf("the string %q", clip(n.text))
	}
	return clip(n.text)
}

// clip shortens what a message quotes.
func clip(s string) string {
	const limit = 60
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

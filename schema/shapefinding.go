package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/phgen/phgen/internal/typo"
)

// A shapeFinding is one failed keyword of the schema, seen from the plan.
type shapeFinding struct {
	file    string // what has that shape, as in "the plan"
	keyword string
	rule    map[string]any // the schema object that holds the keyword
	key     *node          // the culprit's key; nil in lists
	value   *node
	within  *node // what holds the value; nil for the value that is checked
	named   bool  // the key is a name of the plan's, not of the language's
	ofKey   bool  // the culprit is the key itself
}

// code is the schema's own code for the failed keyword, or fallback. A comment
// "type: PH115" speaks of the keyword type alone, "truncate: PH219" of that
// word, and one without a colon of everything but the keyword type.
func (f shapeFinding) code(fallback string) string {
	comment, _ := f.rule["$comment"].(string)
	keyword, code, special := strings.Cut(comment, ": ")
	switch {
	case special && (keyword == f.keyword || f.keyword == "enum" && keyword == f.value.text):
		return code
	case comment != "" && !special && f.keyword != "type":
		return comment
	}
	return fallback
}

func (f shapeFinding) title() string {
	if title, _ := f.rule["title"].(string); title != "" {
		return title
	}
	return "value"
}

// aTitle is the title behind an article.
func (f shapeFinding) aTitle() string {
	if strings.ContainsRune("aeiou", rune(f.title()[0])) {
		return "an " + f.title()
	}
	return "a " + f.title()
}

// cure shows what the schema gives as examples.
func (f shapeFinding) cure() string {
	if examples := words(f.rule["examples"]); len(examples) > 0 {
		return "write it as in " + strings.Join(examples, ", ")
	}
	return ""
}

// keyPos is the place of the culprit's key, or of itself.
func (f shapeFinding) keyPos() Pos {
	if f.key != nil {
		return f.key.pos()
	}
	return f.value.pos()
}

// subject is the key of a value, for the beginning of a message.
func (f shapeFinding) subject() string {
	if f.key != nil {
		return strconv.Quote(f.key.text)
	}
	if f.value == f.value.src.root {
		return f.file
	}
	return "this entry"
}

// report says in words of the plan what keyword the culprit fails.
func (f shapeFinding) report(found *findings) {
	at, v := f.value.pos(), f.value
	switch f.keyword {
	case "type":
		f.wrongKind(found)
	case "additionalProperties":
		f.unknownKeys(found)
	case "required":
		f.missingKeys(found)
	case "enum":
		f.wrongWord(found)
	case "not":
		if f.code("") == "PH118" {
			found.add(f.keyPos(), "PH118", "remove it", "%q is reserved: not in version 1", f.key.text)
			return
		}
		found.add(f.keyPos(), f.code("PH116"), "remove it", "%q does not apply here", f.key.text)
	case "minimum":
		found.add(at, f.code("PH211"), "", "%s is %s; it must be at least %v", f.subject(), v.text, f.rule["minimum"])
	case "exclusiveMinimum":
		found.add(at, f.code("PH211"), "", "%s is %s; it must be above %v", f.subject(), v.text, f.rule["exclusiveMinimum"])
	case "maximum":
		found.add(at, f.code("PH211"), "", "%s is %s; it must be at most %v", f.subject(), v.text, f.rule["maximum"])
	case "maxItems":
		found.add(at, f.code("PH112"), "", "%s has %d entries; the limit is %v", f.subject(), len(v.items), f.rule["maxItems"])
	case "pattern":
		found.add(at, f.code("PH108"), f.cure(), "%q is no %s", clip(v.text), f.title())
	case "minLength", "maxLength":
		found.add(at, f.code("PH108"), "", "the %s has %d characters; it must have 1 to %v", f.title(), utf8.RuneCountInString(v.text), f.rule["maxLength"])
	default:
		found.add(at, f.code("PH108"), "", "%s is not what belongs here", f.subject())
	}
}

// kindNames are the types of JSON Schema in words of the plan.
var kindNames = map[string]string{
	"object": "a mapping", "array": "a list", "string": "a string",
	"integer": "an integer", "number": "a number", "boolean": "true or false",
}

// wrongKind reports a value of another kind than its key asks for.
func (f shapeFinding) wrongKind(found *findings) {
	at, v := f.value.pos(), f.value
	if code := f.code(""); code != "" {
		found.add(at, code, f.cure(), "%s must be %s, but is %s", f.subject(), f.aTitle(), v.what())
		return
	}
	types := words(f.rule["type"])
	if form, _ := f.rule["pattern"].(string); form != "" {
		// Quoting what has not the form would only bring up the next finding.
		if ok, err := regexp.MatchString(form, v.text); err == nil && !ok {
			found.add(at, "PH108", f.cure(), "%s must be %s, but is %s", f.subject(), f.aTitle(), v.what())
			return
		}
	}
	if v.kind == scalarNode {
		for _, t := range types {
			if err := v.as(t); err != nil {
				found.add(at, err.code, err.fix, "%s %s", f.subject(), err.what)
				return
			}
		}
	}
	fix := ""
	if v.kind == scalarNode && v.tag == nullTag && slices.Contains(types, "object") {
		fix = "write {} if it is empty"
	}
	for i, t := range types {
		types[i] = kindNames[t]
	}
	found.add(at, "PH108", fix, "%s must be %s, but is %s", f.subject(), strings.Join(types, " or "), v.what())
}

// legalKeys are the keys that a mapping takes, and all that its schema knows.
func (f shapeFinding) legalKeys() (legal []string, props map[string]any) {
	props, _ = f.rule["properties"].(map[string]any)
	for name, p := range props {
		if ref, _ := p.(map[string]any)["$ref"].(string); ref != "#/$defs/reserved" && ref != "#/$defs/misplaced" {
			legal = append(legal, name)
		}
	}
	slices.Sort(legal)
	return legal, props
}

// unknownKeys reports keys that a mapping does not take.
func (f shapeFinding) unknownKeys(found *findings) {
	legal, props := f.legalKeys()
	for _, k := range f.value.keys {
		if _, known := props[k.text]; !known && !found.full() {
			found.add(k.pos(), "PH107", didYouMean(k.text, legal, "legal here: "), "unknown key %q", clip(k.text))
		}
	}
}

// missingKeys reports keys that a mapping must have. One that is misspelt was
// reported as unknown.
func (f shapeFinding) missingKeys(found *findings) {
	legal, props := f.legalKeys()
	meant := map[string]bool{}
	for _, k := range f.value.keys[:min(len(f.value.keys), maxMisspelt)] {
		if _, known := props[k.text]; !known {
			meant[typo.Nearest(k.text, legal)] = true
		}
	}
	for _, want := range words(f.rule["required"]) {
		if f.value.at(want) == nil && !meant[want] {
			found.add(f.keyPos(), "PH109", "add it", "%s lacks the key %q", f.subject(), want)
		}
	}
}

// wrongWord reports a value outside a closed list.
func (f shapeFinding) wrongWord(found *findings) {
	legal := words(f.rule["enum"])
	v := f.value
	at, text := v.pos(), v.text
	switch {
	case f.ofKey:
		at, text = f.key.pos(), f.key.text
	case v.kind != scalarNode || v.tag == nullTag:
		found.add(at, "PH108", "", "%s must be one of %s, but is %s", f.subject(), strings.Join(legal, ", "), v.what())
		return
	}
	switch f.code("") {
	case "PH118":
		found.add(at, "PH118", "write "+strings.Join(legal, " or "), "the %s %q is reserved: not in version 1", f.title(), clip(text))
		return
	case "PH219":
		found.add(at, "PH219", "write one of "+strings.Join(legal, ", "), "%q is only for a property with max_length or max_items", text)
		return
	}
	found.add(at, "PH120", didYouMean(text, legal, ""), "%q is not one of %s", clip(text), strings.Join(legal, ", "))
}

// words is a list of strings in the schema, or a single one.
func words(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s}
	}
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

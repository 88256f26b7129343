package change

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/phgen/phgen/schema"
)

// A Level says what a change does on one axis.
type Level uint8

// The levels, in the order of what they ask of a version: a patch, a minor and a
// major one.
const (
	Safe     Level = iota // nothing stops working and nobody needs to know
	Note                  // nothing stops working, but somebody wants to know
	Breaking              // something stops working, or means something else
)

// String is "safe", "note" or "breaking".
func (l Level) String() string { return [...]string{"safe", "note", "breaking"}[l] }

// MarshalText makes JSON say the word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// An Axis is one of those whom a change may break.
type Axis uint8

// The axes.
const (
	Go     Axis = iota // Go source that calls the generated packages
	Data               // what is stored: insights, cohorts and flags that read it
	Server             // what PostHog refuses from binaries built before the change
)

// Axes are all of them, in order.
var Axes = []Axis{Go, Data, Server}

// String is "go", "data" or "server".
func (a Axis) String() string { return [...]string{"go", "data", "server"}[a] }

// A Cell is one kind of change, with what it does on each axis.
type Cell struct {
	Code   string
	Title  string
	Levels [3]Level // by Axis
	Silent bool     // callers compile as before, and do something else
}

// Level is the worst level on axes.
func (c Cell) Level(axes []Axis) Level {
	worst := Safe
	for _, a := range axes {
		worst = max(worst, c.Levels[a])
	}
	return worst
}

// Cells are all kinds of changes: PHB1xx break something, PHB2xx are to be noted,
// PHB3xx are safe. The slice is the caller's own.
func Cells() []Cell { return slices.Clone(cells) }

// CellOf is the cell with that code. It reports false if there is none.
func CellOf(code string) (Cell, bool) {
	i, ok := slices.BinarySearchFunc(cells, code, func(c Cell, code string) int { return strings.Compare(c.Code, code) })
	if !ok {
		return Cell{}, false
	}
	return cells[i], true
}

//go:embed cells/*.txt
var texts embed.FS

// Codes describes every cell as schema.Codes does its codes. In the examples of
// what breaks, Bad is the change and Good is what to do instead; those of other
// changes are Good.
func Codes() []schema.CodeDoc {
	docs := make([]schema.CodeDoc, len(cells))
	for i, c := range cells {
		docs[i] = c.doc()
	}
	return docs
}

func (c Cell) doc() schema.CodeDoc {
	doc := schema.CodeDoc{Code: c.Code, Title: c.Title, Since: "0.1.0"}
	if c.Level(Axes) != Breaking {
		doc.Severity = schema.Warning
	}
	text, err := texts.ReadFile("cells/" + c.Code + ".txt")
	if err != nil {
		return doc // TestCells refuses that
	}
	parts := splitText(string(text))
	doc.Explanation = c.effect() + "\n\n" + parts["why"]
	example := "# before\n" + parts["before"] + "# after\n" + parts["after"]
	if c.Level(Axes) == Breaking {
		doc.Bad, doc.Good = example, parts["instead"]
	} else {
		doc.Good = example
	}
	return doc
}

// effect says in a line what the change does on each axis.
func (c Cell) effect() string {
	words := map[Level]string{Safe: "safe", Note: "worth a note", Breaking: "breaks"}
	source := words[c.Levels[Go]]
	if c.Silent {
		source = "breaks, and the compiler is silent"
	}
	return fmt.Sprintf("Go source: %s. Stored data: %s. Server: %s.", source, words[c.Levels[Data]], words[c.Levels[Server]])
}

// splitText cuts the text of a cell at its lines "-- name --". What stands before
// the first is why.
func splitText(text string) map[string]string {
	parts := map[string]string{}
	name, start := "why", 0
	for at := 0; at < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		line := strings.TrimSpace(text[at:end])
		if next, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(next, " --") {
			parts[name] = text[start:at]
			name, start = strings.TrimSuffix(next, " --"), end
		}
		at = end
	}
	parts[name] = text[start:]
	parts["why"] = strings.TrimSpace(parts["why"])
	return parts
}

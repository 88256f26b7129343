package generator

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

// marked is a plan in which everything that may be any text holds the mark ¤.
// Names that become identifiers have one by go.name.
const marked = `
phgen: 1
plan: {name: marked, description: ¤}
owners: {team: {description: ¤}}
types:
  Tier: {description: ¤, deprecated: ¤, enum: {"a¤": {description: ¤, deprecated: ¤, go: {name: A}}}}
  Code: {type: string, pattern: "¤|x", description: ¤, example: "¤", go: {named: true}}
  Held: {type: map, description: ¤, values: {type: object, properties: {"n¤": {type: int, description: ¤, go: {name: N}}}}}
  Item:
    type: object
    description: ¤
    properties:
      "item¤": {type: string, required: true, description: ¤, example: "¤", go: {name: Item}}
      "price¤": {type: money, go: {name: Price}, wire: {amount: "amount¤", currency: "currency¤"}}
  Pay:
    description: ¤
    union: {discriminator: "kind¤"}
    variants: {"card¤": {description: ¤, go: {name: Card}, properties: {"brand¤": {type: string, required: true, description: ¤, go: {name: Brand}}}}}
property_sets: {shared: {"shared¤": {type: string, deprecated: {note: ¤}, go: {name: Shared}}}}
context: {properties: {"locale¤": {type: string, description: ¤, go: {name: Locale}}}}
person:
  properties:
    "name¤": {type: string, description: ¤, go: {name: Name}}
    "gone¤": {type: string, write: unset, description: ¤, go: {name: Gone}}
groups: {"org¤": {description: ¤, go: {name: Org}, key: {type: string, pattern: "¤|x"}, properties: {"title¤": {type: string, description: ¤, go: {name: Title}}}}}
flags:
  checkout:
    kind: multivariate
    description: ¤
    deprecated: ¤
    tags: [a]
    owner: team
    depends_on: {person: ["name¤"], groups: ["org¤"]}
    variants: {one: {description: ¤, deprecated: ¤}}
    payload:
      type: object
      properties:
        "text¤": {type: string, description: ¤, default: "¤", go: {name: Text}}
        "code¤": {type: Code, required: true, default: "¤", go: {name: Code}}
        "object¤": {type: object, go: {name: Object}, properties: {"list¤": {type: array, of: Tier, go: {name: List}}}}
        "held¤": {type: Held, go: {name: Held}}
  limits: {kind: remote_config, description: ¤, payload: {type: object, properties: {"mode¤": {enum: {"a¤": {description: ¤, go: {name: A}}}, go: {name: Mode}}}}}
experiments:
  redesign: {flag: checkout, control: one, description: ¤, hypothesis: ¤, owner: team, metrics: {primary: ["event¤"]}}
  by_hand: {variants: [one, two], control: one, description: ¤, hypothesis: ¤, owner: team, metrics: {primary: ["event¤"]}}
surveys:
  "survey¤":
    id: ¤
    name: ¤
    description: ¤
    owner: team
    go: {name: Survey}
    questions:
      - {id: "rating¤", key: rating, question: ¤, description: ¤, type: rating, min: 0, max: 3, required: true}
      - {id: "open¤", key: open, question: ¤, description: ¤, type: open, pii: {kind: other, action: mask}}
      - {id: "one¤", key: one, question: ¤, type: single_choice, choices: {"a¤": {description: ¤, deprecated: ¤, go: {name: A}}}}
      - {id: "some¤", key: some, question: ¤, type: multiple_choice, choices: {"b¤": {go: {name: B}}}, open_choice: true}
      - {id: "link¤", key: link, question: ¤, type: link}
ai:
  features:
    "feature¤":
      go: {name: Feature}
      description: ¤
      owner: team
      properties:
        "required¤": {type: Item, required: true, description: ¤, go: {name: Required}}
        "optional¤": {type: Code, nullable: true, description: ¤, deprecated: ¤, go: {name: Optional}}
        "own¤": {type: object, description: ¤, go: {name: Own}, properties: {"mode¤": {enum: {"a¤": {description: ¤, go: {name: A}}}, go: {name: Mode}}}}
        "const¤": {const: "¤"}
events:
  "event¤":
    go: {name: Event}
    description: ¤
    trigger: ¤
    owner: team
    use: [shared]
    groups: ["org¤!"]
    experiments: [redesign, by_hand]
    person: ["name¤"]
    deprecated: {note: ¤}
    properties:
      "required¤": {type: string, required: true, description: ¤, example: "¤", go: {name: Required}}
      "optional¤": {type: Code, nullable: true, description: ¤, deprecated: ¤, go: {name: Optional}}
      "tier¤": {type: Tier, go: {name: Tier}}
      "item¤": {type: Item, go: {name: Item}}
      "pay¤": {type: Pay, go: {name: Pay}}
      "const¤": {const: "¤"}
      "list¤": {type: array, of: Code, go: {name: List}}
      "map¤": {type: map, values: {type: string, pattern: "¤|x"}, go: {name: Map}}
    examples: [{"required¤": "¤", "map¤": {"¤": "¤"}}]
`

const mark = "¤"

// planWith is the marked plan with text in all places of the mark, whatever the
// language would say about it: the printer is its own line of defence.
func planWith(t testing.TB, text string) *schema.Plan {
	t.Helper()
	p, found := schema.Parse("plan¤.yaml", []byte(marked))
	replaceMark(reflect.ValueOf(checked(t, p, found)), text, map[uintptr]bool{})
	return p
}

func replaceMark(v reflect.Value, text string, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			replaceMark(v.Elem(), text, seen)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			replaceMark(v.Field(i), text, seen)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			replaceMark(v.Index(i), text, seen)
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(strings.ReplaceAll(v.String(), mark, text))
		}
	}
}

// shapes are the syntax trees of files, each without its comments and the values
// of its string literals, as text, and behind it the directives.
func shapes(t testing.TB, files []File) []string {
	t.Helper()
	var all []string
	for _, f := range files {
		all = append(all, shape(t, f)+strings.Join(directives(f), ""))
	}
	return all
}

func shape(t testing.TB, f File) string {
	t.Helper()
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%s does not parse: %v\n%s", f.Path, err, f.Data)
	}
	var b strings.Builder
	fmt.Fprintln(&b, f.Path)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CommentGroup:
			return false
		case *ast.Ident:
			fmt.Fprintf(&b, "%s ", n.Name)
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				b.WriteString("text ")
			} else {
				fmt.Fprintf(&b, "%s ", n.Value)
			}
		case nil:
			b.WriteString(") ")
		default:
			fmt.Fprintf(&b, "%T( ", n)
		}
		return true
	})
	return b.String()
}

// directives are the comments of a file that mean something to the go command.
func directives(f File) []string {
	var all []string
	for line := range bytes.Lines(f.Data) {
		if bytes.HasPrefix(line, []byte("//")) && !bytes.HasPrefix(line, []byte("// ")) && len(line) > 3 && line[2] != '\t' {
			all = append(all, string(line))
		}
	}
	return all
}

// checkText generates the marked plan with text and with a plain word in its
// place: what the compiler sees must be the same.
func checkText(t *testing.T, plain []string, text string) {
	t.Helper()
	files := generate(t, planWith(t, text))
	if got := shapes(t, files); !slices.Equal(got, plain) {
		t.Errorf("text became code (-nasty +plain):\n%s", cmp.Diff(got, plain))
	}
	for _, f := range files {
		formatted, err := format.Source(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(formatted), string(f.Data)); diff != "" {
			t.Errorf("gofmt changes %s (-gofmt +generated):\n%s", f.Path, diff)
		}
	}
}

func TestNastyText(t *testing.T) {
	plain := shapes(t, generate(t, planWith(t, "plain")))
	for _, text := range nasty {
		checkText(t, plain, text)
	}
}

// Whatever the text, the output compiles: literals hold it and nothing else.
func TestNastyTextCompiles(t *testing.T) {
	text := strings.Join(nasty, "")
	p := planWith(t, text)
	typecheck(t, p, generate(t, p))
}

func FuzzGeneratedCode(f *testing.F) {
	plain := shapes(f, generate(f, planWith(f, "plain")))
	for _, text := range nasty {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkText(t, plain, text) })
}

package schema

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inSetOf is a file with one property set of these lines.
func inSetOf(lines string) string {
	var b strings.Builder
	b.WriteString("property_sets:\n  s:\n")
	for line := range strings.Lines(lines) {
		if line != "\n" {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestCompact(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"T", "x: {type: string}\n", "x: string\n"},
		{"T!", "x: {type: string, required: true}\n", "x: string!\n"},
		{"T?", "x: { nullable : true, type : string }\n", "x: string?\n"},
		{"[T]", "x: {type: array, of: Item}\n", "x: [Item]\n"},
		{"[T] in two long forms", "x: {of: {type: int}, type: array}\n", "x: [int]\n"},
		{"what is so anyway", "x: {type: string, required: false, nullable: false}\nu: {type: array, of: T, required: false}\n", "x: string\nu: [T]\n"},
		{"quoted", "x: {\"type\": 'string', \"required\":true}\n", "x: string!\n"},
		{"lines", "x:\n  type: string\n\n  required: true\n\nu: int\n", "x: string!\n\nu: int\n"},
		{"lines within lines", "x:\n  type: array\n  of:\n    type: string\nu: int\n", "x: [string]\nu: int\n"},
		{"in braces on several lines", "x: {\n  type: string,\n}\nu:\n  {type: int}\n", "x: string\nu:\n  int\n"},
		{"comment beside", "x: {type: string}   # why\nu: {type: int}# not\n", "x: string   # why\nu: int # not\n"},
		{"comment between", "x: # why\n  {type: string}\n", "x: # why\n  string\n"},
		{"comment below", "x:\n  type: string\n# u\nu: int\n", "x: string\n# u\nu: int\n"},
		{"comment inside", "x: {type: string, # why\n  required: true}\n", "x: {type: string, # why\n  required: true}\n"},
		{"comments in lines", "a:\n  # why\n  type: string\nb: # why\n  type: string\nc:\n  type: string # why\nd:\n  type: string\n  # why\n",
			"a:\n  # why\n  type: string\nb: # why\n  type: string\nc:\n  type: string # why\nd:\n  type: string\n  # why\n"},
		{"text", "x:\n  type: |- # why\n    string\n", "x:\n  type: |- # why\n    string\n"},
		{"more than short", "x: {type: string, description: D}\nu: {type: array, of: T, required: true}\nw: {type: array, of: T, nullable: true}\n",
			"x: {type: string, description: D}\nu: {type: array, of: T, required: true}\nw: {type: array, of: T, nullable: true}\n"},
		{"only long", "a: {type: map, values: int}\nb: {enum: [c]}\nc: {const: d, type: string}\n", "a: {type: map, values: int}\nb: {enum: [c]}\nc: {const: d, type: string}\n"},
		{"items", "x: {type: map, values: {type: int}}\nu: {type: array, max_items: 3, of: {type: T}}\n", "x: {type: map, values: int}\nu: {type: array, max_items: 3, of: T}\n"},
		{"items with more", "x: {type: map, values: {type: int, required: true}}\nu: {type: array, of: {type: int, min: 1}}\n", "x: {type: map, values: {type: int, required: true}}\nu: {type: array, of: {type: int, min: 1}}\n"},
		{"in objects", "x: {type: object, properties: {\"a\":{type: int}, b: {nullable: true, type: int}}}\n", "x: {type: object, properties: {\"a\": int, b: \"int?\"}}\n"},
		{"in variants", "x:\n  union: {}\n  variants:\n    v: {properties: {a: {type: int, required: true}}}\n", "x:\n  union: {}\n  variants:\n    v: {properties: {a: int!}}\n"},
		{"in items", "x: {type: array, of: {type: object, properties: {a: {type: int}}}}\n", "x: {type: array, of: {type: object, properties: {a: int}}}\n"},
		{"names that YAML reads", "a: {type: \"True\"}\nb: {type: \"Null\", required: true}\nc: {type: array, of: \"No\"}\n", "a: \"True\"\nb: Null!\nc: [\"No\"]\n"},
		{"wrong", "a: {type: string, required: true, nullable: true}\nb: {type: \"string!\"}\nc: {type: enum}\nd: {type: string, of: T}\ne: {required: true}\nf: {type: strng}\ng: {type: string, required: yes}\nh: {}\ni: {type: array}\nj: {type: 1}\n",
			"a: {type: string, required: true, nullable: true}\nb: {type: \"string!\"}\nc: {type: enum}\nd: {type: string, of: T}\ne: {required: true}\nf: {type: strng}\ng: {type: string, required: \"yes\"}\nh: {}\ni: {type: array}\nj: {type: 1}\n"},
		{"wide characters", "é: {ü: 1, type: object, properties: {ö: {type: int}}}\n", "é: {ü: 1, type: object, properties: {ö: int}}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkReformed(t, Compact, inSetOf(tt.src), inSetOf(tt.want)) })
	}
}

func TestExpand(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"T", "x: string\n", "x: {type: string}\n"},
		{"T!", "x: string!\n", "x: {type: string, required: true}\n"},
		{"T?", "x: string?\nu: 'string?'\n", "x: {type: string, nullable: true}\nu: {type: string, nullable: true}\n"},
		{"[T]", "x: [ Item, ]\n", "x: {type: array, of: Item}\n"},
		{"[T] as a list", "x:\n- string # why\n# u\nu:\n  - string\n", "x: {type: array, of: string} # why\n# u\nu: {type: array, of: string}\n"},
		{"comments", "x: string!   # why\n             # really\nu: # why\n  int\n", "x: {type: string, required: true}   # why\n                                    # really\nu: # why\n  {type: int}\n"},
		{"comments inside", "x: [string # why\n  ]\nu:\n  - string\n  # why\nw: |- # why\n  string\n", "x: [string # why\n  ]\nu:\n  - string\n  # why\nw: |- # why\n  string\n"},
		{"long", "x: {type: array, of: string}\nu: {type: map, values: int}\nz: {type: string, description: D}\n", "x: {type: array, of: string}\nu: {type: map, values: int}\nz: {type: string, description: D}\n"},
		{"in objects", "x: {type: object, properties: {\"a\":int, b: \"int?\", c: [T]}}\n", "x: {type: object, properties: {\"a\": {type: int}, b: {type: int, nullable: true}, c: {type: array, of: T}}}\n"},
		{"names that YAML reads", "a: \"True\"\nb: Null!\nc: [\"No\"]\n", "a: {type: \"True\"}\nb: {type: \"Null\", required: true}\nc: {type: array, of: \"No\"}\n"},
		{"wrong", "a: string!?\nb: [string, int]\nc: [string!]\nd: [[string]]\ne: array\nf: strng\ng:\nh: 1\ni: []\nj: \"\"\n", "a: string!?\nb: [string, int]\nc: [string!]\nd: [[string]]\ne: array\nf: strng\ng:\nh: 1\ni: []\nj: \"\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkReformed(t, Expand, inSetOf(tt.src), inSetOf(tt.want)) })
	}
}

// Every section that has properties, and nothing else.
func TestReformPlaces(t *testing.T) {
	const short = `
phgen: 1
types:
  A: {type: string}
  B: {type: object, properties: {x: int!}}
  C: {type: array, of: string}
property_sets: {s: {x: int}}
context: {properties: {x: int}}
person: {properties: {x: int}}
groups:
  g: {key: uuid, properties: {x: int!}}
  h: {key: int!, description: string}
events:
  e: {description: string, properties: {x: [int]}, examples: [{x: {type: string}}]}
flags:
  f: {kind: remote_config, payload: {type: object, properties: {x: int}}}
surveys:
  s: {questions: [{id: string, type: open}]}
ai: {features: {f: {properties: {x: int}}}}
`
	const long = `
phgen: 1
types:
  A: {type: string}
  B: {type: object, properties: {x: {type: int, required: true}}}
  C: {type: array, of: string}
property_sets: {s: {x: {type: int}}}
context: {properties: {x: {type: int}}}
person: {properties: {x: {type: int}}}
groups:
  g: {key: {type: uuid}, properties: {x: {type: int, required: true}}}
  h: {key: int!, description: string}
events:
  e: {description: string, properties: {x: {type: array, of: int}}, examples: [{x: {type: string}}]}
flags:
  f: {kind: remote_config, payload: {type: object, properties: {x: {type: int}}}}
surveys:
  s: {questions: [{id: string, type: open}]}
ai: {features: {f: {properties: {x: {type: int}}}}}
`
	checkReformed(t, Expand, short[1:], long[1:])
	checkReformed(t, Compact, long[1:], short[1:])
}

func checkReformed(t *testing.T, write func(string, []byte) ([]byte, error), src, want string) {
	t.Helper()
	got, err := write("plan.yaml", []byte(src))
	if err == nil {
		got, err = Format("plan.yaml", got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("of %q (-want +got):\n%s", src, d)
	}
	checkForms(t, []byte(src))
}

// Line ends and a byte order mark are left to Format.
func TestReformBytes(t *testing.T) {
	src := "\ufeffperson:\r\n    properties:\r\n        x :   {type: string}\r\n"
	got, err := Compact("plan.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeffperson:\r\n    properties:\r\n        x :   string\r\n"
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReformRefuses(t *testing.T) {
	deep := "types: {T: {type: array, of: " + strings.Repeat("{type: object, properties: {x: ", 30) + "string" + strings.Repeat("}", 62)
	tests := []struct{ src, compact, expand string }{
		{"a: [\n", "plan.yaml:1:1: PH102: did not find expected node content", "plan.yaml:1:1: PH102: did not find expected node content"},
		{"\ufeffa: 1\r\n? b\r\n: 2\r\n", `plan.yaml:2:1: PH102: an explicit key, which begins with "?"; write "key: value"`, `plan.yaml:2:1: PH102: an explicit key, which begins with "?"; write "key: value"`},
		{deep, "", "plan.yaml:1:1: PH112: in long forms the file exceeds a limit: the nesting is deeper than 64 levels; keep the short forms"},
	}
	for _, tt := range tests {
		for _, w := range []struct {
			write func(string, []byte) ([]byte, error)
			want  string
		}{{Compact, tt.compact}, {Expand, tt.expand}} {
			out, err := w.write("plan.yaml", []byte(tt.src))
			var syntax *SyntaxError
			switch {
			case w.want == "" && err == nil && string(out) == tt.src:
			case !errors.As(err, &syntax) || out != nil:
				t.Errorf("%.60q: got %q and error %v, want %q", tt.src, out, err, w.want)
			case err.Error() != w.want:
				t.Errorf("%.60q: error %q, want %q", tt.src, err, w.want)
			}
		}
	}
}

package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

// What yaml.v3 refuses, or this language takes out of it, stands at the mistake:
// yaml.v3 itself knows lines only, and often those of what surrounds it.
func TestParseSyntax(t *testing.T) {
	for _, test := range []struct {
		src  string
		want []string
	}{
		{"", []string{`p:1:1: PH101: the file is empty; a plan begins with "phgen: 1"`}},
		{"\ufeff \n", []string{`p:1:1: PH101: the file is empty; a plan begins with "phgen: 1"`}},
		{"# nothing\n", []string{`p:1:1: PH101: the file holds no plan; a plan begins with "phgen: 1"`}},
		{"---\n", []string{`p:1:1: PH101: the file holds no plan; a plan begins with "phgen: 1"`}},
		{"\xff\xfep\x00", []string{`p:1:1: PH101: the file is UTF-16; save it as UTF-8`}},
		{"phgen: 1\nö: \xff\n", []string{`p:2:4: PH101: the byte 0xff is no valid UTF-8; save the file as UTF-8`}},

		{"a:\n  b: {x: uuid?, y: 1}\n", []string{`p:2:10: PH102: did not find expected ',' or '}'; quote a type that ends in "?" inside braces and brackets: {a: "uuid?"}`}},
		{"a: [T]!\nb: 3\n", []string{`p:1:6: PH102: did not find expected key; write a required array in long form: {type: array, of: T, required: true}`}},
		{"é: b: c\nd: 1\n", []string{`p:1:5: PH102: mapping values are not allowed in this context; quote a value that holds ": ", and indent nested keys below their own line`}},
		{"events:\n  a:\n    x: 1\n   y: 2\nz: 1\n", []string{`p:4:4: PH102: did not find expected key; align it with the keys beside it`}},
		{"é: @x\nb: 3\n", []string{`p:1:4: PH102: found character that cannot start any token; quote the value`}},
		{"a: \"\\q\"\nb: 3\n", []string{`p:1:5: PH102: found unknown escape character; write "\\" for a backslash, or use single quotes`}},
		{"b: 1\na: \"open\nc: 2\n", []string{`p:2:4: PH102: found unexpected end of stream; close the quote`}},
		{"a: \"open\nc: 2\n", []string{`p:1:4: PH102: found unexpected end of stream; close the quote`}},
		{"a: 1\nfoo\nb: 2\n", []string{`p:2:1: PH102: could not find expected ':'; write "key: value"`}},
		{"é: x\x01\nb: 3\n", []string{`p:1:5: PH102: the control character U+0001; remove it`}},
		{"é:\n \tb: 3\n", []string{`p:2:2: PH102: a tab indents this line; indent with spaces`}},
		{"a: |\n  x\n\t\n  y: z\n \tw\n", []string{`p:5:2: PH102: a tab indents this line; indent with spaces`}},
		{"%YAML 1.1\n---\nphgen: 1", []string{`p:1:1: PH102: a YAML directive, or a line that begins with "%"; remove it, or indent the line`}},
		{"é: x\u2028y\r\nb: \u0085\r", []string{
			`p:1:5: PH102: the invisible line separator U+2028; write the escape \u2028 in double quotes`,
			`p:2:4: PH102: the invisible line separator U+0085; write the escape \u0085 in double quotes`,
		}},

		{"phgen: 1\n---\nphgen: 1\n", []string{`p:2:1: PH103: a second YAML document begins here; keep one document; split a plan with include`}},
		{"a: &x 1\nb: ! c\nc: !!str d\n<<: {a: 1}\n", []string{
			`p:1:4: PH104: the anchor "&x"; write the value out, or share it with types and property_sets`,
			`p:2:4: PH104: the tag "!"; remove it; quote the value if it is a string`,
			`p:3:4: PH104: the tag "!!str"; remove it; quote the value if it is a string`,
			`p:4:1: PH104: the merge key "<<"; write the keys out, or share them with property_sets`,
		}},
		{"é: [b, *x]\n", []string{`p:1:8: PH104: the alias "*x"; write the value out, or share it with types and property_sets`}},
		{"{\"a\": 1, ö: 2, 'a': 3}\n", []string{`p:1:16: PH105: the key "a" is already at p:1:2; remove one`}},
		{"404: x\n1.10: x\ntrue: x\n2024-01-01: x\n? [a]\n: b\n", []string{
			`p:1:1: PH106: the key 404 is no string but a number; quote it: "404"`,
			`p:2:1: PH106: the key 1.10 is no string but a number; quote it: "1.10"`,
			`p:3:1: PH106: the key true is no string but a boolean; quote it: "true"`,
			`p:4:1: PH106: the key 2024-01-01 is no string but a date; quote it: "2024-01-01"`,
			`p:5:3: PH106: this key is a list, no string; write a string`,
		}},
		{"a:" + strings.Repeat(" [", 64) + strings.Repeat("]", 64), []string{`p:1:130: PH112: the nesting is deeper than 64 levels`}},

		{"phgen: 2\nfoo: 1\n", []string{`p:1:8: PH111: the plan is of version 2; this phgen reads version 1`}},
		{"phgen: 1.0\nfoo: 1\n", []string{`p:1:8: PH110: "phgen" must be an integer, but is written 1.0; write decimal digits only, as in 42`}},
		{"phgen: '1'\nplan: {name: p}\n", []string{`p:1:8: PH110: "phgen" must be an integer, but is the string "1"; remove the quotes`}},
		{"plan: {name: P, version: 1.10}\n", []string{
			`p:1:1: PH109: the plan lacks the key "phgen"; add it`,
			`p:1:14: PH310: "P" is no plan name; write it as in acme_web`,
			`p:1:26: PH108: "version" must be a version MAJOR.MINOR.PATCH, but is 1.10; write it as in 1.10.0`,
		}},
		{"- phgen: 1\n", []string{`p:1:1: PH108: the plan must be a mapping, but is a list`}},
		{"phgen: 1\n", []string{`p:1:1: PH109: the plan lacks the key "plan"; add plan: {name: …}`}},
		{"phgen: 1\nplan: {name: p}\nevents: {a: {description: yes}}\n", []string{`p:3:27: PH630: "yes" is a boolean to readers of YAML 1.1; quote it`}},
	} {
		t.Run(test.src, func(t *testing.T) {
			plan, found := schema.Parse("p", []byte(test.src))
			if (plan == nil) != found.HasErrors() {
				t.Errorf("a plan: %t, errors: %t", plan != nil, found.HasErrors())
			}
			if diff := cmp.Diff(test.want, lines(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

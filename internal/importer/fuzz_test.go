package importer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/phgen/phgen/schema"
)

// FuzzConvert gives every reader any text: there is a valid plan or an error, and never a
// panic.
func FuzzConvert(f *testing.F) {
	names, _ := Formats()
	files, err := filepath.Glob("testdata/*/in/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(text) > 16<<10 {
			continue // the fuzzer would go on making it smaller
		}
		for i, name := range names {
			if strings.HasPrefix(filepath.Base(filepath.Dir(filepath.Dir(file))), name) || name == "segment" {
				f.Add(uint8(i), strings.HasSuffix(file, ".yaml"), text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, format uint8, yaml bool, text []byte) {
		name := "in.json"
		if yaml {
			name = "in.yaml"
		}
		r, err := Convert(names[int(format)%len(names)], []File{{name, text}}, Options{})
		var input *InputError
		switch {
		case err == nil:
			sound(t, r.Plan)
		case !errors.As(err, &input) && !errors.Is(err, ErrTooLarge):
			t.Fatal(err)
		}
	})
}

// TestQuote writes any text as YAML and reads it back.
func TestQuote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.OneOf(
			rapid.String(),
			rapid.StringMatching(`[-?:,\[\]{}#&*!|>'"%@\x60 a-z0-9~.\\\n\t=<]{0,20}`),
			rapid.SampledFrom([]string{"", "yes", "NULL", "~", "1e3", "0x1F", "2024-01-01", "<<", "- a", "a: b", "a #b", "\ufeff", "\u0085", "\u2028", "\x00", "\U0001F600", "true ", "---", "..."}),
		).Draw(t, "text")
		f, found := schema.DecodeYAML("x.yaml", []byte(quote(want)+":\n  - "+quote(want)+"\n  - {"+doubleQuoted(want)+": "+doubleQuoted(want)+"}\n"))
		if len(found) > 0 {
			t.Fatalf("%q: %v", want, found)
		}
		want = strings.ToValidUTF8(want, "\ufffd")
		for what, got := range map[string]string{"key": f.Keys[0], "item": f.Items[0].Items[0].Text, "key in braces": f.Items[0].Items[1].Keys[0], "value in braces": f.Items[0].Items[1].Items[0].Text} {
			if got != want {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		if kind := f.Items[0].Items[0].Kind; kind != schema.ForeignString {
			t.Errorf("%q: got kind %d, want a string", want, kind)
		}
	})
}

// TestBounds gives readers what would cost much.
func TestBounds(t *testing.T) {
	var wide strings.Builder
	wide.WriteString(`{"rules": [`)
	for i := range 10_050 {
		if i > 0 {
			wide.WriteByte(',')
		}
		wide.WriteString(`{"key": "e` + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + `", "jsonSchema": {"properties": {"properties": {"properties": {}}}}}`)
	}
	wide.WriteString(`]}`)
	var bomb strings.Builder // each level refers to the next one twice
	bomb.WriteString(`{"properties": {"a": {"$ref": "#/properties/l0"}, `)
	for i := range 24 {
		next := "#/properties/l" + string(rune('A'+i+1))
		level := "l" + string(rune('A'+i))
		if i == 0 {
			level = "l0"
		}
		bomb.WriteString(`"` + level + `": {"type": "object", "properties": {"x": {"$ref": "` + next + `"}, "y": {"$ref": "` + next + `"}}},`)
	}
	bomb.WriteString(`"z": {"type": "string"}}}`)
	for name, in := range map[string]struct {
		format, text, want string
	}{
		"deep":         {"segment", strings.Repeat(`{"rules":`, 200), "nested deeper than 100 levels"},
		"deep list":    {"openfeature", `{"flags":` + strings.Repeat("[", 5000), "nested deeper than 100 levels"},
		"large":        {"segment", `"` + strings.Repeat("x", maxFileBytes) + `"`, "larger than 16 MiB"},
		"many":         {"segment", "[" + strings.Repeat("1,", maxValues) + "1]", "more than 1000000 values"},
		"no JSON":      {"posthog", `{`, "it ends too early"},
		"two":          {"posthog", `{"results": []} {}`, "something follows"},
		"wide":         {"segment", wide.String(), ""},
		"refs":         {"jsonschema", bomb.String(), "4 MiB"},
		"long name":    {"segment", `{"rules": [{"key": "` + strings.Repeat("x", 10<<20) + `", "jsonSchema": {}}]}`, ""},
		"long text":    {"jsonschema", `{"description": "` + strings.Repeat("x ", 5<<20) + `", "properties": {"a": {"type": "string"}}}`, ""},
		"many choices": {"jsonschema", `{"properties": {"a": {"enum": ["x` + strings.Join(strings.Split(strings.Repeat("y", 3000), ""), `x", "`) + `"]}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Convert(in.format, []File{{"in.json", []byte(in.text)}}, Options{})
			switch {
			case in.want == "" && err != nil:
				t.Fatal(err)
			case in.want == "":
				sound(t, r.Plan)
			case err == nil:
				t.Fatalf("no error; want one that says %q", in.want)
			case !strings.Contains(err.Error(), in.want):
				t.Errorf("got error %q, want one that says %q", err, in.want)
			}
		})
	}
}

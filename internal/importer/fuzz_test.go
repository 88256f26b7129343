package importer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

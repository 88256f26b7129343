package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"gopkg.in/yaml.v3"

	"github.com/phgen/phgen/schema"
)

// compiledSchema is the printed schema as an editor reads it.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan.json", bytes.NewReader(schema.JSONSchema())); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// decoded is a plan as an editor hands it to a validator: by YAML 1.2, in which
// dates are strings.
func decoded(t *testing.T, src []byte) any {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		t.Fatal(err)
	}
	undate(&doc)
	var tree any
	if err := doc.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	var plan any
	if err := json.Unmarshal(b, &plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

func undate(n *yaml.Node) {
	if n.Tag == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, child := range n.Content {
		undate(child)
	}
}

func TestJSONSchemaTakesPlans(t *testing.T) {
	compiled := compiledSchema(t)
	for _, name := range []string{"../examples/tracking-plan.yaml", "../cmd/phgen/starter-plan.yaml"} {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(decoded(t, src)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := compiled.Validate(decoded(t, []byte(sound))); err != nil {
		t.Errorf("the sound plan: %v", err)
	}
}

func TestJSONSchemaRefuses(t *testing.T) {
	compiled := compiledSchema(t)
	for _, src := range []string{
		"phgen: 2",
		"evnts: {}",
		"events: {a: {status: retired}}",
		"events: {a: {properties: {b: 5}}}",
		"events: {a: {properties: {b: {type: array, of: {typ: string}}}}}",
		"types: {A: string}",
		"types: {A: {enum: [1]}}",
		"flags: {a: {kind: toggle}}",
		"flags: {a: {kind: boolean, expires: soon}}",
	} {
		if err := compiled.Validate(decoded(t, []byte(src))); err == nil {
			t.Errorf("%s: no error", src)
		}
	}
}

// An editor shows the description of a key, which it has itself or from the
// definition that it refers to.
func TestJSONSchemaDescribesKeys(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal(schema.JSONSchema(), &root); err != nil {
		t.Fatal(err)
	}
	described := func(node map[string]any) bool {
		for node != nil {
			if text, _ := node["description"].(string); text != "" {
				return strings.HasSuffix(text, ".")
			}
			ref, _ := node["$ref"].(string)
			name, found := strings.CutPrefix(ref, "#/$defs/")
			if !found {
				return false
			}
			node, _ = root["$defs"].(map[string]any)[name].(map[string]any)
		}
		return false
	}
	var walk func(path string, node map[string]any)
	walk = func(path string, node map[string]any) {
		for key, value := range node {
			child, ok := value.(map[string]any)
			if !ok {
				continue
			}
			// What lies under these is named by the plan's language.
			named := (key == "properties" || key == "$defs") && !strings.HasSuffix(path, "/properties")
			for name, value := range child {
				inner, ok := value.(map[string]any)
				if named && ok && !slices.Contains([]string{"positive", "length"}, name) && !described(inner) {
					t.Errorf("%s/%s/%s has no description that is a sentence", path, key, name)
				}
			}
			walk(path+"/"+key, child)
		}
	}
	walk("#", root)
}

// An editor shows beside each word of a closed list what it means, and offers the
// default, which must be a value that the key takes.
func TestJSONSchemaDescribesWords(t *testing.T) {
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch node := node.(type) {
		case []any:
			for i, child := range node {
				walk(fmt.Sprintf("%s/%d", path, i), child)
			}
		case map[string]any:
			words, _ := node["enum"].([]any)
			texts, _ := node["enumDescriptions"].([]any)
			if len(words) > 1 && len(texts) != len(words) {
				t.Errorf("%s has %d words and %d descriptions", path, len(words), len(texts))
			}
			if value, ok := node["default"]; ok && len(words) > 0 && !slices.Contains(words, value) {
				t.Errorf("%s has the default %v, which is none of its words", path, value)
			}
			for key, child := range node {
				walk(path+"/"+key, child)
			}
		}
	}
	var root any
	if err := json.Unmarshal(schema.JSONSchema(), &root); err != nil {
		t.Fatal(err)
	}
	walk("#", root)
}

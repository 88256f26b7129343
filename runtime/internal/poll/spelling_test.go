package poll

import (
	"strings"
	"testing"
)

func TestSnakeCase(t *testing.T) {
	for text, want := range map[string]string{
		`{"flags":[],"groupTypeMapping":{"0":"company"},"minimalFlagCalledEvents":true, "propertyMatchingVersion" : 2}`: `{"flags":[],"group_type_mapping":{"0":"company"},"minimal_flag_called_events":true, "property_matching_version" : 2}`,
		`{"groupTypeMapping":1,"other":{"groupTypeMapping":"groupTypeMapping"},"x":1}`:                                  `{"group_type_mapping":1,"other":{"groupTypeMapping":"groupTypeMapping"},"x":1}`,
		` {"groupTypeMapping" :1} `: ` {"group_type_mapping" :1} `,
		`{"flags":[]}`:              `{"flags":[]}`,
		`{"\u0067roupTypeMapping":1,"groupTypeMapping":2}`: `{"\u0067roupTypeMapping":1,"group_type_mapping":2}`,
		`["groupTypeMapping"]`:                             `["groupTypeMapping"]`,
		`{"groupTypeMapping":`:                             `{"groupTypeMapping":`,
		`{"groupTypeMapping":1,`:                           `{"groupTypeMapping":1,`,
		`{"groupTypeMapping"`:                              `{"groupTypeMapping"`,
		"":                                                 "",
	} {
		if got := string(snakeCase([]byte(text))); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func FuzzSnakeCase(f *testing.F) {
	f.Add([]byte(`{"flags":[],"groupTypeMapping":{"0":"company"},"x":{"groupTypeMapping":1}}`))
	f.Add([]byte(`{"minimalFlagCalledEvents":true,"propertyMatchingVersion":2,`))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := string(text)
		got := snakeCase(text)
		if string(text) != before {
			t.Errorf("%q was changed", before)
		}
		if want := snakeCase(got); string(got) != string(want) && !strings.Contains(before, `\u`) {
			t.Errorf("%q: got %q, and of that %q", before, got, want)
		}
	})
}

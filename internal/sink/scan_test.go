package sink

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var scanned = []string{
	`{}`, `[]`, ` { "a" : [ 1 , -2.5e+7 , true , false , null ] , "b" : { } , "c" : [ ] } `,
	`{"a":"\"","b\\":"\\\"\\","\u0063":"\ud83d\ude00\ud800","":{"":[[],[{}],""]}}`,
	`[{"a":1,"a":{"a":2}},"x,]}","",0]`, `"\\"`, `"a"`, ` 7 `, `null`, `[[[[1]]]]`, `{"é":"` + strings.Repeat(`\\`, 50) + `"}`,
}

func FuzzScanner(f *testing.F) {
	for _, text := range scanned {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) || !utf8.Valid(text) {
			return
		}
		s := scanner{text: text}
		if got, want := s.raw(), bytes.Trim(text, " \t\r\n"); !bytes.Equal(got, want) {
			t.Errorf("raw() = %q, want %q", got, want)
		}
		d := decoder{scanner: scanner{text: text}}
		got, err := d.value()
		if err != nil {
			return // too deep
		}
		var want any
		reference := json.NewDecoder(bytes.NewReader(text))
		reference.UseNumber()
		if err := reference.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("decoding %q (-want +got):\n%s", text, diff)
		}
		switch want.(type) {
		case map[string]any:
			var raws map[string]json.RawMessage
			if err := json.Unmarshal(text, &raws); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(raws, fields(text)); diff != "" {
				t.Errorf("fields of %q (-want +got):\n%s", text, diff)
			}
		case []any:
			var raws []json.RawMessage
			if err := json.Unmarshal(text, &raws); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(raws, append([]json.RawMessage{}, elements(text)...)); diff != "" {
				t.Errorf("elements of %q (-want +got):\n%s", text, diff)
			}
		}
	})
}

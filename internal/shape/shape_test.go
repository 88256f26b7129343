package shape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	long := strings.Repeat("x", 201)
	tests := []struct{ event, want string }{
		{`{"event":"paid","distinct_id":"ann@example.com","uuid":"u","properties":{"email":"ann@example.com","total":49.99,"gift":true,"note":null,"$lib":"x","$ip":"203.0.113.7"}}`,
			`{"event":"paid","properties":{"email":"#9e7c3bd1","gift":false,"note":null,"total":0}}`},
		{`{"event":"a","properties":{"list":[{"sku":"A"},1,[true]]}}`, `{"event":"a","properties":{"list":[{"` + Digest("sku") + `":"` + Digest("A") + `"},0,[false]]}}`},
		{`{"event":"a","properties":{"$set":{"tier":"pro"},"$groups":{"team":"t1"}}}`,
			`{"event":"a","properties":{"$groups":{"` + Digest("team") + `":"` + Digest("t1") + `"},"$set":{"` + Digest("tier") + `":"` + Digest("pro") + `"}}}`},
		{`{"event":"$feature_flag_called","properties":{"$feature_flag":"f","$feature_flag_response":true,"$feature/g":false}}`,
			`{"event":"$feature_flag_called","properties":{"$feature/g":false,"$feature_flag":"` + Digest("f") + `","$feature_flag_response":true}}`},
		{`{"event":"` + long + `","properties":{"` + long + `":1}}`, `{"event":"` + Digest(long) + `","properties":{"` + Digest(long) + `":0}}`},
		{`{"event":"survey sent","properties":{"$survey_id":"s","$survey_name":"NPS","$survey_response_q1":"ann","$survey_response":"ann","$survey_questions":[{"id":"q1"}]}}`,
			`{"event":"survey sent","properties":{"$survey_id":"` + Digest("s") + `","$survey_response_q1":"` + Digest("ann") + `"}}`},
		{`{"event":"a"}`, `{"event":"a","properties":{}}`},
	}
	for _, tt := range tests {
		if got := strings.TrimSuffix(string(Line([]byte(tt.event))), "\n"); got != strings.ReplaceAll(tt.want, "#9e7c3bd1", Digest("ann@example.com")) {
			t.Errorf("%s: got %s, want %s", tt.event, got, tt.want)
		}
	}
	for _, event := range []string{``, `7`, `{}`, `{"event":7}`} {
		if got := Line([]byte(event)); got != nil {
			t.Errorf("%s: got %s, want nothing", event, got)
		}
	}
}

func TestLineIsBounded(t *testing.T) {
	var keys []string
	for i := range 2_000 {
		keys = append(keys, fmt.Sprintf("%q:%q", fmt.Sprint("key_with_a_name_", i), "v"))
	}
	tests := []struct{ name, properties, want string }{
		{"long values", `"a":[` + strings.Repeat(`{"b":["c","d","e"]},`, 100_000) + `0]`, `"a":[{`},
		{"many long arrays", func() string {
			var many []string
			for i := range 100 {
				many = append(many, fmt.Sprintf(`"k%d":[%s0]`, i, strings.Repeat(`"x",`, 100)))
			}
			return strings.Join(many, ",")
		}(), `"k1":null`},
		{"many keys", strings.Join(keys, ",") + "," + strings.Join(keys, ","), `"key_with_a_name_7":null`},
		{"deep", `"a":` + strings.Repeat(`[`, 1000) + strings.Repeat(`]`, 1000), `"a":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]`},
	}
	for _, tt := range tests {
		got := Line([]byte(`{"event":"a","properties":{` + tt.properties + `}}`))
		if len(got) > MaxLine || !json.Valid(got) || !bytes.Contains(got, []byte(tt.want)) {
			t.Errorf("%s: got %d bytes, %.300s; want at most %d with %s", tt.name, len(got), got, MaxLine, tt.want)
		}
	}
}

func TestIs(t *testing.T) {
	for _, tt := range []struct {
		s, word string
		want    bool
	}{{"web", "web", true}, {Digest("web"), "web", true}, {Digest("api"), "web", false}, {"", "", true}, {"#", "web", false}} {
		if got := Is(tt.s, tt.word); got != tt.want {
			t.Errorf("Is(%q, %q): got %t, want %t", tt.s, tt.word, got, tt.want)
		}
	}
}

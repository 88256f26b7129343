package runtime

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestBeforeSend(t *testing.T) {
	moment := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		hook func(*Message)
		want string // "" if the event is refused
	}{
		{"nothing", func(m *Message) {}, `{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"2020-01-01T00:00:00Z","properties":{"$lib":"test","big":9223372036854775807,"list":[1,2.5,{"a":18446744073709551615}],"tag":1,"$context_tags":["tag"]}}`},
		{"everything", func(m *Message) {
			*m = Message{Event: "f", DistinctID: "v", UUID: uuid.Nil, Timestamp: moment.Add(time.Second), Properties: map[string]any{"x": nan, "$cookieless_mode": "maybe", "$lib": "other"}}
		}, `{"event":"f","distinct_id":"v","uuid":"ID","timestamp":"2020-01-01T00:00:01Z","properties":{"$lib":"other","x":null}}`},
		{"what means a boolean", func(m *Message) { m.Properties = map[string]any{"$cookieless_mode": " True "} },
			`{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"2020-01-01T00:00:00Z","properties":{"$cookieless_mode":true}}`},
		{"keys that are one when cleaned", func(m *Message) { m.Properties = map[string]any{"a\x00b": 1, "aa": 2, "ab": 3} },
			`{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"2020-01-01T00:00:00Z","properties":{"aa":2,"ab":1}}`},
		{"no properties", func(m *Message) { m.Properties = nil; m.Timestamp = time.Time{} }, `{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"2020-01-01T00:00:00Z","properties":{}}`},
		{"no name", func(m *Message) { m.Event = "" }, ""},
		{"no user", func(m *Message) { m.DistinctID = "\x00" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, func(c *Config) { c.BeforeSend = func(m *Message) bool { tt.hook(m); return true } })
			id, err := TryCapture(r.ctx(Tag("tag", 1)), "e", Props{"big": int64(math.MaxInt64), "list": JSON(`[1,2.5,{"a":18446744073709551615}]`)}, At(moment))
			if tt.want == "" {
				if !errors.Is(err, ErrInvalid) {
					t.Errorf("got %v, want ErrInvalid", err)
				}
				return
			}
			got := strings.Replace(r.one(), id.String(), "ID", 1)
			if diff := cmp.Diff(sortedJSON(t, got), sortedJSON(t, tt.want)); err != nil || diff != "" {
				t.Errorf("error %v, event (-got +want):\n%s", err, diff)
			}
		})
	}
}

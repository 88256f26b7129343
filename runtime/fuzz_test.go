package runtime

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever super properties, scopes, options, person setters, extra properties and
// values meet, every event is one JSON object without a key twice.
func TestNoKeyTwice(t *testing.T) {
	keys := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "b", "c", "a\x00", "\x00b", "ä", `q"`, "", "$set", "$set_once", "$unset", "$lib", "$os", "$groups",
			"$session_id", "$window_id", "$context_tags", "$process_person_profile", "$is_server", "$cookieless_mode", "$ignore_sent_at",
			"$product_tour_id", "distinct_id", "\xff", "\uFFFD"}),
		rapid.String(),
	)
	values := rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			return rapid.Float64().Draw(t, "float")
		case 1:
			return map[string]any{keys.Draw(t, "key"): 1, keys.Draw(t, "key 2"): math.NaN()}
		case 2:
			return JSON(`{"a":1}`)
		case 3:
			return []byte{0xff, 0}
		case 4:
			return make(chan int)
		case 5:
			return rapid.Bool().Draw(t, "bool")
		case 6:
			return rapid.SampledFrom([]any{"true", " 0 ", "FALSE", 0, 1, nil}).Draw(t, "nearly bool")
		}
		return rapid.String().Draw(t, "text")
	})
	props := rapid.MapOfN(keys, values, 0, 4)
	rapid.Check(t, func(rt *rapid.T) {
		hook, v1 := rapid.Bool().Draw(rt, "hook"), rapid.Bool().Draw(rt, "v1")
		r := newRig(t, func(c *Config) {
			c.SuperProperties = props.Draw(rt, "super")
			maps.DeleteFunc(c.SuperProperties, func(key string, _ any) bool { return isReservedSuper(key) }) // New refuses them
			if v1 {
				c.Protocol = V1
			}
			if hook {
				c.BeforeSend = func(m *Message) bool { return true }
			}
		})
		defer func() { _ = r.c.Close(context.Background()) }()
		if r.c.main.tail = []byte(`"$lib":"test","$is_server":true,"$os":"Linux","$os_version":"1"`); v1 {
			r.c.main.tail = []byte(`"$is_server":true,"$os":"Linux","$os_version":"1"`)
		}
		ctx := r.anybody()
		for i := range rapid.IntRange(0, 3).Draw(rt, "scopes") {
			var opts []ScopeOption
			for k, v := range props.Draw(rt, fmt.Sprint("tags ", i)) {
				opts = append(opts, Tag(k, v))
			}
			opts = append(opts, User(rapid.String().Draw(rt, "user")), Session(rapid.String().Draw(rt, "session")),
				Group(keys.Draw(rt, "group"), rapid.String().Draw(rt, "group key")))
			ctx = With(ctx, opts...)
		}
		call := []Option{
			As(rapid.String().Draw(rt, "as")), InGroup(keys.Draw(rt, "call group"), "1"),
			ContextString(&Prop{Key: "c"}, "x"), ContextMoney(&Prop{Key: "b", Currency: "d", OnInvalid: DropProperty}, Money{1, rapid.SampledFrom([]string{"", "EUR"}).Draw(rt, "currency")}),
		}
		call = call[:rapid.IntRange(0, len(call)).Draw(rt, "options")]
		var x Extra
		for k, v := range props.Draw(rt, "extra") {
			x = x.With(k, v)
		}
		word := rapid.SampledFrom([]OnInvalid{Report, DropProperty, Truncate}).Draw(rt, "word")
		m := map[string]string{keys.Draw(rt, "map key"): "1", keys.Draw(rt, "map key 2"): "2"}
		spec := &EventSpec{Name: "e", Extra: rapid.Bool().Draw(rt, "allows extra"), Twin: "f", Idempotent: 1, Props: []Prop{
			{Key: "a", OnInvalid: word, Idempotent: 1, Text: &TextRule{MaxLength: 3}},
			{Key: "b", OnInvalid: word, Currency: "c"},
			{Key: "m", OnInvalid: word, Items: &ItemRule{Max: 1}},
			{Nested: true, OnInvalid: word, Text: &TextRule{MinLength: 1}},
			{Key: "p", Nested: true},
		}}
		e := probe{spec, func(w *Writer, p []Prop) {
			w.String(&p[0], rapid.String().Draw(rt, "a"))
			w.Money(&p[1], Money{7, rapid.SampledFrom([]string{"", "USD"}).Draw(rt, "b")})
			for _, k := range Map(w, &p[2], m) {
				w.MapKey(k)
				w.String(&p[3], m[k])
			}
			w.EndMap()
			w.Set()
			w.Time(&p[4], time.Time{})
			w.EndObject()
			w.Unsets("old")
			if spec.Extra {
				w.Extra(x)
			}
		}}
		if _, err := e.TryCapture(ctx, call...); err != nil {
			rt.Fatal(err)
		}
		if _, err := TryCapture(ctx, "untyped", props.Draw(rt, "props"), call...); err != nil {
			rt.Fatal(err)
		}
		got := r.sent()
		if len(got) != 3 {
			rt.Fatalf("%d events arrived, want 3", len(got))
		}
		for _, text := range got {
			var event struct {
				Event      string         `json:"event"`
				DistinctID string         `json:"distinct_id"`
				Properties map[string]any `json:"properties"`
			}
			if err := json.Unmarshal([]byte(text), &event); err != nil || event.Event == "" || event.DistinctID == "" {
				rt.Errorf("%v: %s", err, text)
			}
			if v1 {
				checkLifted(rt, text)
				continue
			}
			if _, ok := event.Properties["$cookieless_mode"].(bool); event.Properties["$cookieless_mode"] != nil && !ok {
				rt.Errorf("$cookieless_mode is no boolean: %s", text)
			}
			if event.Properties["$lib"] != "test" {
				rt.Errorf("$lib is not the runtime's: %s", text)
			}
		}
		if t.Failed() {
			rt.FailNow()
		}
	})
}

// checkLifted checks that an event of the newer protocol has every lifted property in its
// place only, and of the type that PostHog insists on.
func checkLifted(t rapid.TB, text string) {
	var event struct {
		Session    any `json:"session_id"`
		Window     any `json:"window_id"`
		Options    map[string]any
		Properties map[string]any
	}
	if err := json.Unmarshal([]byte(text), &event); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if event.Options == nil {
		t.Errorf("options is no object: %s", text)
	}
	for _, key := range append(liftedKeys[:], propLib, propLibVersion) {
		if _, ok := event.Properties[key]; ok {
			t.Errorf("%s stands among the properties: %s", key, text)
		}
	}
	for _, v := range []any{event.Session, event.Window} {
		if s, ok := v.(string); v != nil && (!ok || s == "") {
			t.Errorf("session_id or window_id is no text: %s", text)
		}
	}
	for name, v := range event.Options {
		_, ok := v.(bool)
		switch name {
		case "cookieless_mode", "disable_skew_correction", "process_person_profile":
		case "product_tour_id":
			_, ok = v.(string)
		default:
			ok = false
		}
		if !ok {
			t.Errorf("option %s is %v: %s", name, v, text)
		}
	}
}

package runtime

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// onV1 makes a rig speak the newer protocol.
func onV1(c *Config) { c.Protocol = V1 }

// masked replaces every uuid of an event by ID, and its timestamp by T.
func masked(event string) string {
	return uuidText.ReplaceAllString(stampText.ReplaceAllString(event, `"timestamp":"T"`), "ID")
}

// What every kind of event looks like to the newer protocol.
func TestV1Shape(t *testing.T) {
	session := Session("0190c8a4-session")
	typed := probe{&EventSpec{Name: "order", GroupOrder: &GroupOrder{Types: []string{"org", "team"}}, Props: []Prop{{Key: "a"}, {Key: "plan", Nested: true}}},
		func(w *Writer, p []Prop) {
			w.Int(&p[0], 1)
			w.Set()
			w.String(&p[1], "pro")
			w.EndObject()
		}}
	pair := probe{&EventSpec{Name: "old", Twin: "new", Props: []Prop{{Key: "a"}}}, typedInt}
	again := probe{&EventSpec{Name: "paid", Idempotent: 1, Props: []Prop{{Key: "a", Idempotent: 1}}}, typedInt}
	for _, tt := range []struct {
		name string
		cfg  func(*Config)
		call func(*rig)
		want []string
	}{
		{"nothing but a name", nil, func(r *rig) { Capture(r.ctx(), "e", nil) }, []string{
			`{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"$is_server":true},"options":{}}`}},
		{"untyped", nil, func(r *rig) { Capture(r.ctx(session, Window("w")), "e", Props{"a": 1}) }, []string{
			`{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"a":1,"$is_server":true},"session_id":"0190c8a4-session","window_id":"w","options":{}}`}},
		{"attributes", nil, func(r *rig) {
			CaptureAttrs(r.ctx(), "e", String(keySession, "s"), Int("a", 1), Int(keyPersonless, 0), Bool("b", true))
		}, []string{
			`{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"a":1,"b":true,"$is_server":true},"session_id":"s","options":{"process_person_profile":false}}`}},
		{"pageview", nil, func(r *rig) { Pageview(r.ctx(Window("w")), "https://a.b/c") }, []string{
			`{"event":"$pageview","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"$current_url":"https://a.b/c","$host":"a.b","$pathname":"/c","$is_server":true},"window_id":"w","options":{}}`}},
		{"of nobody", nil, func(r *rig) { Capture(r.anybody(), "e", nil) }, []string{
			`{"event":"e","distinct_id":"ID","uuid":"ID","timestamp":"T","properties":{"$is_server":true},"options":{"process_person_profile":false}}`}},
		{"identify", nil, func(r *rig) { Identify(r.ctx(session), Props{"a": 1}, Props{"b": 2}, Anonymous("anon")) }, []string{
			`{"event":"$identify","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"$set":{"a":1},"$set_once":{"b":2},"$anon_distinct_id":"anon","$is_server":true},"options":{}}`}},
		{"alias", nil, func(r *rig) { Alias(r.ctx(), "u_9", "anon") }, []string{
			`{"event":"$create_alias","distinct_id":"u_9","uuid":"ID","timestamp":"T","properties":{"alias":"anon","$is_server":true},"options":{}}`}},
		{"group", nil, func(r *rig) { GroupIdentify(r.ctx(), "org", "o", Props{"name": "Acme"}) }, []string{
			`{"event":"$groupidentify","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"$group_type":"org","$group_key":"o","$group_set":{"name":"Acme"},"$is_server":true},"options":{}}`}},
		{"group of nobody", nil, func(r *rig) { GroupIdentify(r.anybody(), "org", "o", nil) }, []string{
			`{"event":"$groupidentify","uuid":"ID","timestamp":"T","properties":{"$group_type":"org","$group_key":"o","$group_set":{},"$is_server":true},"distinct_id":"$org_o","options":{}}`}},
		{"generated", func(c *Config) { c.SuperProperties = Props{"app": "x", keyProduct: "tour"} }, func(r *rig) {
			_, _ = typed.TryCapture(r.ctx(session, Window("w"), Tag("route", "/"), Group("team", "t"), Group("org", "o")), Personless())
		}, []string{
			`{"event":"order","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"a":1,"$set":{"plan":"pro"},"route":"/","$context_tags":["route"],"$groups":{"org":"o","team":"t"},"app":"x","$is_server":true},` +
				`"session_id":"0190c8a4-session","window_id":"w","options":{"process_person_profile":false,"product_tour_id":"tour"}}`}},
		{"dual write", nil, func(r *rig) { _, _ = pair.TryCapture(r.ctx(session), Personless()) }, []string{
			`{"event":"old","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"a":1,"$is_server":true},"session_id":"0190c8a4-session","options":{"process_person_profile":false}}`,
			`{"event":"new","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"a":1,"$is_server":true},"session_id":"0190c8a4-session","options":{"process_person_profile":false}}`}},
		{"idempotent, of nobody", nil, func(r *rig) { _, _ = again.TryCapture(r.anybody(session)) }, []string{
			`{"event":"paid","uuid":"ID","timestamp":"T","properties":{"a":1,"$is_server":true},"distinct_id":"ID","session_id":"0190c8a4-session","options":{"process_person_profile":false}}`}},
		{"dual write with BeforeSend", func(c *Config) {
			c.BeforeSend = func(m *Message) bool {
				m.Properties["seen"] = m.Properties[keySession]
				m.Properties["name"] = m.Event
				return true
			}
		}, func(r *rig) { _, _ = pair.TryCapture(r.ctx(session), Personless()) }, []string{
			`{"event":"old","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"$is_server":true,"a":1,"name":"old","seen":"0190c8a4-session"},"session_id":"0190c8a4-session","options":{"process_person_profile":false}}`,
			`{"event":"new","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{"$is_server":true,"a":1,"name":"new","seen":"0190c8a4-session"},"session_id":"0190c8a4-session","options":{"process_person_profile":false}}`}},
		{"alias with BeforeSend", func(c *Config) { c.BeforeSend = func(*Message) bool { return true } }, func(r *rig) { Alias(r.ctx(), "u_9", "anon") }, []string{
			`{"event":"$create_alias","distinct_id":"u_9","uuid":"ID","timestamp":"T","properties":{"$is_server":true,"alias":"anon"},"options":{}}`}},
		{"nothing is left for BeforeSend", func(c *Config) { c.BeforeSend = func(m *Message) bool { m.Properties = nil; return true } }, func(r *rig) { Capture(r.ctx(session), "e", nil) }, []string{
			`{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{},"options":{}}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, onV1, func(c *Config) {
				if tt.cfg != nil {
					tt.cfg(c)
				}
			})
			tt.call(r)
			var got []string
			for _, e := range r.sent() {
				got = append(got, masked(e))
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("events (-got +want):\n%s", diff)
			}
		})
	}
}

func typedInt(w *Writer, p []Prop) { w.Int(&p[0], 1) }

// The uuid of an idempotent event, and of its user if there is none, does not depend on
// the protocol.
func TestV1Idempotent(t *testing.T) {
	r := newRig(t, onV1)
	e := probe{&EventSpec{Name: "paid", Idempotent: 1, Props: []Prop{{Key: "a", Idempotent: 1}}}, typedInt}
	id, err := e.TryCapture(r.anybody())
	want := uuid.NewSHA1(idempotencySpace, []byte("paid\x001"))
	if id != want || err != nil {
		t.Errorf("got %v and %v, want %v", id, err, want)
	}
	if got := uuidText.FindAllString(r.one(), -1); !cmp.Equal(got, []string{want.String(), want.String()}) {
		t.Errorf("uuid and distinct ID are %v, want %v twice", got, want)
	}
}

// The library tells its name in a header of the newer protocol, and in properties of the
// older one. Nobody can say another one.
func TestV1Library(t *testing.T) {
	for _, v1 := range []bool{false, true} {
		tail := string(libraryTail(v1, false))
		if got := strings.Contains(tail, `"$lib`); got == v1 {
			t.Errorf("v1 %v: properties end with %s", v1, tail)
		}
	}
	for _, hook := range []bool{false, true} {
		r := newRig(t, onV1, func(c *Config) {
			c.SuperProperties = Props{"$lib": "super"}
			if hook {
				c.BeforeSend = func(m *Message) bool { m.Properties["$lib"], m.Properties["$lib_version"] = "x", "y"; return true }
			}
		})
		Capture(r.ctx(Tag("$lib_version", "tag")), "e", Props{"$lib": "own", "$lib_version": "own"})
		if got := r.one(); strings.Contains(got, `"$lib`) {
			t.Errorf("hook %v: %s", hook, got)
		}
	}
}

// Every source of a property lifts it by the same rules.
func TestV1Lifting(t *testing.T) {
	sources := []struct {
		name string
		sent func(t *testing.T, key string, v any) string
	}{
		{"own", func(t *testing.T, key string, v any) string {
			r := newRig(t, onV1)
			Capture(r.ctx(), "e", Props{"a": 1, key: v, "z": 1})
			return r.one()
		}},
		{"extra", func(t *testing.T, key string, v any) string {
			r := newRig(t, onV1)
			e := probe{&EventSpec{Name: "e", Extra: true}, func(w *Writer, _ []Prop) { w.Extra(Extra{}.With(key, v).With("a", 1).With("z", 1)) }}
			_, _ = e.TryCapture(r.ctx())
			return r.one()
		}},
		{"option", func(t *testing.T, key string, v any) string {
			r := newRig(t, onV1)
			p := Prop{Key: key}
			Capture(r.ctx(), "e", Props{"a": 1, "z": 1}, ContextValue(&p, func(w *Writer) {
				data, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				w.JSON(&p, JSON(data))
			}))
			return r.one()
		}},
		{"tag", func(t *testing.T, key string, v any) string {
			r := newRig(t, onV1)
			Capture(r.ctx(Tag(key, v)), "e", Props{"a": 1, "z": 1})
			return r.one()
		}},
		{"super property", func(t *testing.T, key string, v any) string {
			r := newRig(t, onV1, func(c *Config) { c.SuperProperties = Props{key: v} })
			Capture(r.ctx(), "e", Props{"a": 1, "z": 1})
			return r.one()
		}},
		{"BeforeSend", func(t *testing.T, key string, v any) string {
			r := newRig(t, onV1, func(c *Config) { c.BeforeSend = func(m *Message) bool { m.Properties[key] = v; return true } })
			Capture(r.ctx(), "e", Props{"a": 1, "z": 1})
			return r.one()
		}},
		{"own before BeforeSend", func(t *testing.T, key string, v any) string {
			r := newRig(t, onV1, func(c *Config) { c.BeforeSend = func(*Message) bool { return true } })
			Capture(r.ctx(), "e", Props{"a": 1, key: v, "z": 1})
			return r.one()
		}},
	}
	type lifting struct {
		v    any
		want string // JSON; "" if it is left out
	}
	texts := []lifting{
		{"t", `"t"`}, {`a"b`, `"a\"b"`}, {"", ""}, {1, ""}, {true, ""}, {nil, ""}, {[]int{1}, ""}, {Props{"a": 1}, ""},
	}
	booleans := []lifting{
		{true, "true"}, {false, "false"},
		{"true", "true"}, {" TRUE\n", "true"}, {"1", "true"}, {"False", "false"}, {"\t0 ", "false"},
		{"yes", ""}, {"", ""}, {"01", ""}, {`"true"`, ""}, {"null", ""},
		{1, "true"}, {0, "false"}, {math.Copysign(0, -1), "false"}, {2.5, "true"}, {int64(math.MinInt64), "true"}, {json.Number("0.00"), "false"}, {1e-300, "true"},
		{nil, ""}, {[]bool{true}, ""}, {Props{"a": true}, ""},
	}
	for place, key := range liftedKeys {
		table := booleans
		if place == liftSession || place == liftWindow || place == liftProduct {
			table = texts
		}
		for _, source := range sources {
			for _, tt := range table {
				var event struct {
					Session    json.RawMessage `json:"session_id"`
					Window     json.RawMessage `json:"window_id"`
					Options    map[string]json.RawMessage
					Properties map[string]json.RawMessage
				}
				text := source.sent(t, key, tt.v)
				if err := json.Unmarshal([]byte(text), &event); err != nil {
					t.Fatalf("%v: %s", err, text)
				}
				all := event.Options
				if event.Session != nil {
					all["session_id"] = event.Session
				}
				if event.Window != nil {
					all["window_id"] = event.Window
				}
				got := string(all[liftedNames[place]])
				delete(all, liftedNames[place])
				if got != tt.want || len(all) > 0 {
					t.Errorf("%s %s %#v: lifted %q and %v, want %q and nothing: %s", source.name, key, tt.v, got, all, tt.want, text)
				}
				if event.Properties[key] != nil || event.Properties["a"] == nil || event.Properties["z"] == nil {
					t.Errorf("%s %s %#v: properties are wrong: %s", source.name, key, tt.v, text)
				}
			}
		}
	}
}

// Of several sources the one counts that counts for every other property.
func TestV1Precedence(t *testing.T) {
	for _, tt := range []struct {
		name  string
		super Props
		own   Props
		scope []ScopeOption
		opts  []Option
		want  string // what stands behind the properties
	}{
		{"super property before own", Props{keySession: "super"}, Props{keySession: "own"}, nil, nil, `"session_id":"super","options":{}`},
		{"own before option", nil, Props{keySession: "own"}, nil, []Option{ContextString(&Prop{Key: keySession}, "option")}, `"session_id":"own","options":{}`},
		{"option before tag", nil, nil, []ScopeOption{Tag(keySession, "tag")}, []Option{ContextString(&Prop{Key: keySession}, "option")}, `"session_id":"option","options":{}`},
		{"inner tag before outer", nil, nil, []ScopeOption{Tag(keySkew, 1), Tag(keySkew, "0")}, nil, `"options":{"disable_skew_correction":false}`},
		{"tag before session", nil, nil, []ScopeOption{Tag(keySession, "tag"), Session("s"), Window("w")}, nil, `"session_id":"tag","window_id":"w","options":{}`},
		{"own before session", nil, Props{keyWindow: "own"}, []ScopeOption{Session("s"), Window("w")}, nil, `"session_id":"s","window_id":"own","options":{}`},
		{"super property before session", Props{keyWindow: "super"}, nil, []ScopeOption{Session("s"), Window("w")}, nil, `"session_id":"s","window_id":"super","options":{}`},
		{"own that is wrong hides the session", nil, Props{keySession: 7}, []ScopeOption{Session("s")}, nil, `"options":{}`},
		{"Personless before all", Props{keyPersonless: true}, Props{keyPersonless: true}, []ScopeOption{Tag(keyPersonless, true)}, []Option{Personless()}, `"options":{"process_person_profile":false}`},
		{"own person", nil, Props{keyPersonless: "true"}, nil, nil, `"options":{"process_person_profile":true}`},
		{"in order", nil, Props{keyProduct: "p", keyPersonless: 0, keySkew: 1, keyCookieless: "1", keyWindow: "w", keySession: "s"}, nil, nil,
			`"session_id":"s","window_id":"w","options":{"cookieless_mode":true,"disable_skew_correction":true,"process_person_profile":false,"product_tour_id":"p"}`},
	} {
		r := newRig(t, onV1, func(c *Config) { c.SuperProperties = tt.super })
		Capture(r.ctx(tt.scope...), "e", tt.own, tt.opts...)
		got := r.one()
		if !strings.HasSuffix(got, `"$is_server":true},`+tt.want+`}`) {
			t.Errorf("%s: got %s, want it to end with %s", tt.name, got, tt.want)
		}
	}
	// A user that nobody knows has no person, unless the event says otherwise.
	r := newRig(t, onV1)
	Capture(r.anybody(), "e", Props{keyPersonless: true})
	if got := r.one(); !strings.HasSuffix(got, `"options":{"process_person_profile":true}}`) {
		t.Errorf("own word about nobody's person: %s", got)
	}
}

// Wherever the lifted ones stand among the others, what is left is one object.
func TestV1LiftsFromEverywhere(t *testing.T) {
	for _, tt := range []struct {
		attrs []Attr
		want  string
	}{
		{[]Attr{String(keySession, "s")}, `"$is_server":true},"session_id":"s"`},
		{[]Attr{String(keySession, "s"), Int("a", 1)}, `"a":1,"$is_server":true},"session_id":"s"`},
		{[]Attr{Int("a", 1), String(keySession, "s")}, `"a":1,"$is_server":true},"session_id":"s"`},
		{[]Attr{Int("a", 1), String(keySession, "s"), Int("b", 2)}, `"a":1,"b":2,"$is_server":true},"session_id":"s"`},
		{[]Attr{String(keySession, "s"), String(keyWindow, "w"), Int("b", 2)}, `"b":2,"$is_server":true},"session_id":"s","window_id":"w"`},
		{[]Attr{String(keyWindow, "w"), Int("a", 1), String(keySession, "s"), Int("b", 2)}, `"a":1,"b":2,"$is_server":true},"session_id":"s","window_id":"w"`},
		{[]Attr{Int("b", 2), String(keyWindow, "w"), String(keySession, "s")}, `"b":2,"$is_server":true},"session_id":"s","window_id":"w"`},
		{[]Attr{String(keySession, "s"), String(keySession, "again"), String(keyWindow, "")}, `"$is_server":true},"session_id":"s"`},
	} {
		r := newRig(t, onV1)
		CaptureAttrs(r.ctx(), "e", tt.attrs...)
		want := `{"event":"e","distinct_id":"u_1","uuid":"ID","timestamp":"T","properties":{` + tt.want + `,"options":{}}`
		if got := masked(r.one()); got != want {
			t.Errorf("%v:\ngot  %s\nwant %s", tt.attrs, got, want)
		}
	}
}

// A lifted value that is left out is warned of; none is not.
func TestV1WarnsOfWhatIsLeftOut(t *testing.T) {
	for v, want := range map[any]int{"": 0, nil: 0, 5: 1} {
		r := newRig(t, onV1)
		w := begin(r.ctx(), &untypedEvent, "e", nil, true)
		w.any(keySession, v)
		w.finish()
		if got := len(w.problems); got != want {
			t.Errorf("%v: %d problems, want %d", v, got, want)
		}
		w.off, w.err = true, ErrDropped
		_, _ = w.End()
	}
}

// The two protocols differ in the form of an event, not in what it says.
func TestV1SaysWhatV0Says(t *testing.T) {
	moment := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	props := Props{"a": 1, "$groups": Props{"org": "o"}, "$set": Props{"b": 2}, "$ip": "1.2.3.4", "$current_url": "https://a.b"}
	var bodies []string
	for _, p := range []Protocol{V0, V1} {
		r := newRig(t, func(c *Config) { c.Protocol = p })
		r.c.main.tail = []byte(`"tail":true`)
		Capture(r.ctx(), "e", props, At(moment), ID(projectID))
		text := strings.Replace(r.one(), `,"options":{}`, "", 1)
		bodies = append(bodies, sortedJSON(t, text))
	}
	if diff := cmp.Diff(bodies[1], bodies[0]); diff != "" {
		t.Errorf("v1 and v0 (-got +want):\n%s", diff)
	}
}

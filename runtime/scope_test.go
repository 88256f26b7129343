package runtime

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

var empty = probe{&EventSpec{Name: "e"}, func(*Writer, []Prop) {}}

func capture(ctx context.Context, opts ...Option) { _, _ = empty.TryCapture(ctx, opts...) }

func TestScope(t *testing.T) {
	locale := Prop{Key: "locale", Format: FormatLocale, OnInvalid: DropEvent}
	price := Prop{Key: "price", Currency: "currency"}
	for _, tt := range []struct {
		name   string
		ctx    func(*rig) context.Context
		opts   []Option
		want   string
		broken []string
	}{
		{"nothing", func(r *rig) context.Context { return r.ctx() }, nil, ``, nil},
		{"tags are sorted", func(r *rig) context.Context { return r.ctx(Tag("b", 1), Tag("a", "x")) }, nil,
			`"a":"x","b":1,"$context_tags":["a","b"]`, nil},
		{"the inner tag wins", func(r *rig) context.Context { return With(r.ctx(Tag("a", 1), Tag("b", 1)), Tag("a", 2)) }, nil,
			`"a":2,"b":1,"$context_tags":["a","b"]`, nil},
		{"tag of a broken value", func(r *rig) context.Context { return r.ctx(Tag("a", math.NaN())) }, nil,
			`"a":null,"$context_tags":["a"]`, nil},
		{"tag that PostHog would choke on", func(r *rig) context.Context { return r.ctx(Tag("$cookieless_mode", "yes")) }, nil, ``, nil},
		{"tag of ours", func(r *rig) context.Context { return r.ctx(Tag("$lib", "x"), Tag("a", 1)) }, nil,
			`"a":1,"$context_tags":["a"]`, nil},
		{"session and window", func(r *rig) context.Context { return With(r.ctx(Session("s")), Window("w")) }, nil,
			`"$session_id":"s","$window_id":"w"`, nil},
		{"session as a tag", func(r *rig) context.Context { return r.ctx(Session("s"), Tag("$session_id", "t")) }, nil,
			`"$session_id":"t","$context_tags":["$session_id"]`, nil},
		{"groups in their order", func(r *rig) context.Context {
			return With(r.ctx(Group("org", "o"), Group("team", "t")), Group("org", "p"), Group("app", "a"))
		}, nil, `"$groups":{"org":"p","team":"t","app":"a"}`, nil},
		{"groups of the call", func(r *rig) context.Context { return r.ctx(Group("org", "o"), Group("team", "t")) },
			[]Option{InGroupInt("team", 7), InGroupUUID("u", projectID), InGroup("v", "1"), InGroup("v", "2")},
			`"$groups":{"org":"o","team":"7","u":"0190c8a4-1111-7222-8333-444455556666","v":"2"}`, nil},
		{"group without a key", func(r *rig) context.Context { return r.ctx(Group("org", "")) }, []Option{InGroup("team", "\x00")},
			``, []string{"org group", "team group"}},
		{"fresh", func(r *rig) context.Context {
			return With(r.ctx(Tag("a", 1), Session("s"), Group("g", "1")), Fresh(), User("u_1"), Tag("b", 2))
		}, nil, `"b":2,"$context_tags":["b"]`, nil},
		{"context property", func(r *rig) context.Context { return r.ctx(ContextString(&locale, "de-DE")) }, nil,
			`"locale":"de-DE","$context_tags":["locale"]`, nil},
		{"invalid context property", func(r *rig) context.Context { return r.ctx(ContextString(&locale, "?")) }, nil,
			``, []string{"locale locale"}},
		{"context property of the call", func(r *rig) context.Context {
			return r.ctx(ContextString(&locale, "de-DE"), Tag("a", 1), Tag("z", 2))
		}, []Option{ContextString(&locale, "fr"), ContextMoney(&price, Money{5, "EUR"})},
			`"a":1,"currency":"EUR","locale":"fr","price":0.05,"z":2,"$context_tags":["a","currency","locale","price","z"]`, nil},
		{"invalid context property of the call", func(r *rig) context.Context { return r.ctx() }, []Option{ContextString(&locale, "?")},
			``, []string{"locale locale"}},
		{"every kind of context property", func(r *rig) context.Context { return r.ctx() }, []Option{
			ContextInt(&Prop{Key: "a"}, -1), ContextFloat(&Prop{Key: "b"}, 1.5), ContextBool(&Prop{Key: "c"}, true),
			ContextTime(&Prop{Key: "d"}, aMoment), ContextDate(&Prop{Key: "e"}, Date{2026, 5, 6}),
			ContextDuration(&Prop{Key: "f"}, time.Second), ContextUUID(&Prop{Key: "g"}, projectID),
			ContextEnum(&Prop{Key: "h", Enum: &sourceEnum}, 1), ContextNull(&Prop{Key: "i"}),
			ContextValue(&Prop{Key: "j"}, func(w *Writer) { w.Strings(&Prop{Key: "j"}, &Prop{}, []string{"x", "y"}) }),
		}, `"a":-1,"b":1.5,"c":true,"d":"2026-05-06T07:08:09.00000012Z","e":"2026-05-06","f":1000,` +
			`"g":"0190c8a4-1111-7222-8333-444455556666","h":"web","i":null,"j":["x","y"],` +
			`"$context_tags":["a","b","c","d","e","f","g","h","i","j"]`, nil},
		{"personless", func(r *rig) context.Context { return r.ctx(Personless()) }, nil, `"$process_person_profile":false`, nil},
		{"personless call", func(r *rig) context.Context { return r.ctx() }, []Option{Personless()}, `"$process_person_profile":false`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			capture(tt.ctx(r), tt.opts...)
			if got := r.props(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if diff := cmp.Diff(r.broken(), tt.broken); diff != "" {
				t.Errorf("violations (-got +want):\n%s", diff)
			}
		})
	}
}

// An event's own property beats a tag, which then is none of its context.
func TestTagBelowProperty(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx(Tag("name", "tag"), Tag("other", 1))
	small(projectID, "own", 1).Capture(ctx)
	want := `"project_id":"` + projectID.String() + `","name":"own","source":"web","other":1,"$context_tags":["other"]`
	if got := r.props(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSuperPropertiesWin(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.SuperProperties = Props{"name": "super", "a": 1, "$session_id": "super", "$lib": "x", `q"`: 2, "$process_person_profile": true, "locale": "x"}
	})
	ctx := r.ctx(Tag("a", 2), Tag(`q"`, 3), Tag("b", 4), Session("s"), Personless())
	small(projectID, "own", 1).Capture(ctx, ContextString(&Prop{Key: "locale"}, "de"))
	want := `"project_id":"` + projectID.String() + `","source":"web","b":4,"$context_tags":["b"],` +
		`"$session_id":"super","a":1,"locale":"x","name":"super","q\"":2,"$process_person_profile":false`
	if got := r.props(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

var distinctIDText = regexp.MustCompile(`"distinct_id":"([^"]*)"`)

func (r *rig) users() []string {
	r.tb.Helper()
	var ids []string
	for _, e := range r.sent() {
		ids = append(ids, distinctIDText.FindStringSubmatch(e)[1])
	}
	return ids
}

// Without a user there is a random one: for each outermost scope, or for each event.
func TestNobody(t *testing.T) {
	r := newRig(t)
	outer := r.anybody()
	inner := With(outer, Tag("a", 1))
	capture(outer)
	capture(inner)
	capture(With(inner, Fresh()))
	capture(r.anybody())
	got := r.users()
	if got[0] != got[1] || got[0] == got[2] || got[0] == got[3] || got[2] == got[3] {
		t.Errorf("distinct IDs %q, want the first two equal and the others not", got)
	}
	for _, id := range got {
		if u, err := uuid.Parse(id); err != nil || u.Version() != 4 {
			t.Errorf("distinct ID %q, want a random UUID", id)
		}
	}

	SetDefault(r.c)
	defer SetDefault(nil)
	capture(context.Background())
	capture(context.Background(), As("me"))
	events := r.sent()
	if !strings.HasSuffix(events[0], `"properties":{"$process_person_profile":false,"$lib":"test"}}`) {
		t.Errorf("nobody's event is not personless: %s", events[0])
	}
	if !strings.HasSuffix(events[1], `"properties":{"$lib":"test"}}`) || !strings.Contains(events[1], `"distinct_id":"me"`) {
		t.Errorf("somebody's event is otherwise: %s", events[1])
	}
}

// The caller's own $process_person_profile stands when nobody is known.
func TestNobodyWithProfile(t *testing.T) {
	r := newRig(t)
	Capture(r.anybody(), "e", Props{"$process_person_profile": true})
	if got, want := r.props(), `"$process_person_profile":true`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDistinctID(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("ä", 201)
	capture(r.ctx(), As(long))
	capture(r.ctx(User(long)))
	capture(r.ctx(), As("\x00"))
	capture(r.ctx(), As("a\xff"))
	want := []string{long[:400], long[:400], "u_1", "a\uFFFD"}
	if diff := cmp.Diff(r.users(), want); diff != "" {
		t.Errorf("distinct IDs (-got +want):\n%s", diff)
	}
}

func TestSetUser(t *testing.T) {
	r := newRig(t)
	if SetUser(context.Background(), "u") || SetTag(context.Background(), "a", 1) || SetSession(context.Background(), "s") {
		t.Error("something was set without a scope")
	}
	outer := r.anybody()
	inner := With(outer, Tag("a", 1))
	own := With(outer, User("own"))
	capture(inner)
	if !SetUser(outer, "u_2") {
		t.Error("SetUser: got false, want true")
	}
	capture(outer)
	capture(inner)
	capture(own)
	SetUser(inner, "u_3")
	capture(outer)
	capture(inner)
	SetUser(inner, "")
	capture(inner)
	if diff := cmp.Diff(r.users()[1:], []string{"u_2", "u_2", "own", "u_2", "u_3", "u_2"}); diff != "" {
		t.Errorf("distinct IDs (-got +want):\n%s", diff)
	}
	SetTag(outer, "b", 2)
	SetSession(outer, "s")
	capture(inner)
	if got, want := r.props(), `"a":1,"b":2,"$context_tags":["a","b"],"$session_id":"s"`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A change of one scope costs those beside it nothing: a server has one for each request
// in a scope of its own.
func TestSiblingsKeepTheirView(t *testing.T) {
	r := newRig(t)
	outer := r.ctx(Tag("a", 1))
	one, other := With(outer), With(outer)
	before := scopeOf(one).view()
	SetUser(other, "u_2")
	if scopeOf(one).view() != before {
		t.Error("a sibling's change made the view anew")
	}
	SetUser(outer, "u_3")
	if got := scopeOf(one).view().user; got != "u_3" {
		t.Errorf("user %q, want that of the scope around", got)
	}
}

// Scopes may change while others read them.
func TestScopeRace(t *testing.T) {
	r := newRig(t)
	outer := r.anybody(User("0"))
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 50 {
				SetUser(outer, fmt.Sprint(i, n))
				SetTag(outer, "n", n)
				inner := With(outer, Tag("i", i))
				SetTag(inner, "m", n)
				capture(inner, InGroup("g", "1"))
				small(projectID, "x", 1).Capture(outer)
			}
		})
	}
	wg.Wait()
	if got := len(r.sent()); got != 400 {
		t.Errorf("%d events, want 400", got)
	}
}

func TestGeoIP(t *testing.T) {
	for _, tt := range []struct {
		config bool
		scope  []ScopeOption
		call   []Option
		want   bool
	}{
		{false, nil, nil, false},
		{true, nil, nil, true},
		{true, []ScopeOption{GeoIP(false)}, nil, false},
		{false, []ScopeOption{GeoIP(true)}, nil, true},
		{false, []ScopeOption{GeoIP(true)}, []Option{GeoIP(false)}, false},
	} {
		r := newRig(t, func(c *Config) { c.GeoIP = tt.config })
		capture(r.ctx(tt.scope...), tt.call...)
		if got := strings.Contains(r.one(), `"geo":true`); got != tt.want {
			t.Errorf("config %v, scope %v, call %v: got %v, want %v", tt.config, tt.scope, tt.call, got, tt.want)
		}
	}
}

// $groups has the plan's order; types the plan does not know follow as they were set.
func TestGroupOrder(t *testing.T) {
	order := &GroupOrder{Types: []string{"app", "org", "team"}}
	planned := probe{&EventSpec{Name: "e", GroupOrder: order}, empty.visit}
	for _, tt := range []struct {
		name  string
		scope []ScopeOption
		call  []Option
		want  string
	}{
		{"none", nil, nil, ``},
		{"one", []ScopeOption{Group("org", "o")}, nil, `"$groups":{"org":"o"}`},
		{"scope", []ScopeOption{Group("x", "1"), Group("team", "t"), Group("org", "o")}, nil,
			`"$groups":{"org":"o","team":"t","x":"1"}`},
		{"call", nil, []Option{InGroup("y", "2"), InGroup("team", "t"), InGroupInt("app", 7)},
			`"$groups":{"app":"7","team":"t","y":"2"}`},
		{"both", []ScopeOption{Group("x", "1"), Group("team", "t"), Group("org", "o")},
			[]Option{InGroup("y", "2"), InGroup("x", "3"), InGroup("org", "p"), InGroup("app", "a")},
			`"$groups":{"app":"a","org":"p","team":"t","x":"3","y":"2"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			if _, err := planned.TryCapture(r.ctx(tt.scope...), tt.call...); err != nil {
				t.Fatal(err)
			}
			if got := r.props(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// reentrant is a value whose encoding uses the scope that it is put into.
type reentrant struct{ ctx context.Context }

func (r reentrant) MarshalJSON() ([]byte, error) {
	capture(r.ctx)
	SetTag(r.ctx, "inner", 1)
	return []byte(`"x"`), nil
}

// A scope runs no foreign code while it is locked.
func TestSetTagReenters(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx()
	done := make(chan struct{})
	go func() {
		defer close(done)
		SetTag(ctx, "outer", reentrant{ctx})
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("SetTag waits for itself")
	}
	r.one()
	capture(ctx)
	if got, want := r.props(), `"inner":1,"outer":"x","$context_tags":["inner","outer"]`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A date that no calendar has does not turn into one that it has.
func TestContextDateOutOfRange(t *testing.T) {
	if strconv.IntSize == 32 {
		t.Skip("an int of 32 bits holds no such number")
	}
	wide := int64(1 << 32) // as an int constant it would not build with 32 bits
	for _, d := range []Date{
		{2026, 5, int(wide + 6)}, {2026, time.Month(wide + 5), 6}, {2026, time.Month(-wide << 8), 1}, {2026, 5, -1},
	} {
		r := newRig(t)
		capture(r.ctx(), ContextDate(&Prop{Key: "d"}, d))
		if got, want := r.props(), `"d":null,"$context_tags":["d"]`; got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
		if got := r.broken(); len(got) != 1 || got[0] != "d date" {
			t.Errorf("%v: violations %q, want d date", d, got)
		}
	}
}

package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestRefusals(t *testing.T) {
	SetDefault(nil)
	closed := newRig(t)
	_ = closed.c.Close(context.Background())
	disabled := newRig(t, func(c *Config) { c.Disabled = true })
	open := newRig(t)
	hook := newRig(t, func(c *Config) { c.BeforeSend = func(m *Message) bool { return m.Event != "e" } })
	panicking := newRig(t, func(c *Config) { c.BeforeSend = func(m *Message) bool { panic("no") } })
	full := newRig(t, func(c *Config) { c.QueueSize = 2 })
	full.fill(2)
	sampled := probe{&EventSpec{Name: "e", Sampling: &Sampling{Threshold: 0}}, func(w *Writer, p []Prop) {}}
	big := event(Prop{Key: "k"}, text(strings.Repeat("x", 901<<10)))
	for _, tt := range []struct {
		name   string
		rig    *rig
		call   func(context.Context) (uuid.UUID, error)
		want   error
		reason string
	}{
		{"closed", closed, func(ctx context.Context) (uuid.UUID, error) { return empty.TryCapture(ctx) }, ErrClosed, "closed"},
		{"disabled", disabled, func(ctx context.Context) (uuid.UUID, error) { return empty.TryCapture(ctx) }, ErrDisabled, "disabled"},
		{"opted out", open, func(ctx context.Context) (uuid.UUID, error) { return empty.TryCapture(With(ctx, OptOut())) }, ErrDropped, "opted_out"},
		{"sampled", open, func(ctx context.Context) (uuid.UUID, error) { return sampled.TryCapture(ctx) }, ErrSampled, "sampled"},
		{"no name", open, func(ctx context.Context) (uuid.UUID, error) { return TryCapture(ctx, "\x00", nil) }, ErrInvalid, "invalid"},
		{"long name", open, func(ctx context.Context) (uuid.UUID, error) { return TryCapture(ctx, strings.Repeat("ä", 201), nil) }, ErrInvalid, "invalid"},
		{"too large", open, func(ctx context.Context) (uuid.UUID, error) { return big.TryCapture(ctx) }, ErrTooLarge, "too_large"},
		{"props too large", open, func(ctx context.Context) (uuid.UUID, error) {
			return TryCapture(ctx, "e", Props{"k": make([]int, 1<<20)})
		}, ErrTooLarge, "too_large"},
		{"full", full, func(ctx context.Context) (uuid.UUID, error) { return empty.TryCapture(ctx) }, ErrQueueFull, "queue_full"},
		{"full for props", full, func(ctx context.Context) (uuid.UUID, error) { return TryCapture(ctx, "e", nil) }, ErrQueueFull, "queue_full"},
		{"hook", hook, func(ctx context.Context) (uuid.UUID, error) { return empty.TryCapture(ctx) }, ErrDropped, "before_send"},
		{"panicking hook", panicking, func(ctx context.Context) (uuid.UUID, error) { return empty.TryCapture(ctx) }, ErrDropped, "before_send"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.rig.c.Stats()
			id, err := tt.call(tt.rig.ctx())
			if !errors.Is(err, tt.want) || id != uuid.Nil {
				t.Errorf("got %v and %v, want the zero UUID and %v", id, err, tt.want)
			}
			after := tt.rig.c.Stats()
			if got := after.RefusedBy[tt.reason] - before.RefusedBy[tt.reason]; got != 1 || after.Refused-before.Refused != 1 {
				t.Errorf("refused %v after %v, want one more %s", after.RefusedBy, before.RefusedBy, tt.reason)
			}
			if after.Accepted != before.Accepted {
				t.Error("a refused event counts as accepted")
			}
		})
	}
	for _, ctx := range []context.Context{nil, context.Background(), With(context.Background(), UseClient(nil))} {
		if id, err := empty.TryCapture(ctx); id != uuid.Nil || !errors.Is(err, ErrDisabled) {
			t.Errorf("no client: got %v and %v, want ErrDisabled", id, err)
		}
		Capture(ctx, "e", Props{"a": 1})
		CaptureAttrs(ctx, "e", Int("a", 1))
		Identify(ctx, Props{"a": 1}, nil)
		Alias(ctx, "a", "b")
		GroupIdentify(ctx, "a", "b", nil)
		Pageview(ctx, "https://a.b")
		bigOrder().Capture(ctx)
	}
}

func TestIdempotency(t *testing.T) {
	r := newRig(t)
	spec := &EventSpec{Name: "paid", Idempotent: 2, Props: []Prop{
		{Key: "note", Idempotent: 2, OnInvalid: Truncate, Text: &TextRule{MaxLength: 2}},
		{Key: "order", Idempotent: 1},
	}}
	e := probe{spec, func(w *Writer, p []Prop) { w.String(&p[0], "a\"bc"); w.Int(&p[1], 42) }}
	id, _ := e.TryCapture(r.anybody())
	want := uuid.NewSHA1(uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/phgen/phgen/idempotency/v1")),
		[]byte("paid\x0042\x00\"a\\\"bc\""))
	if id != want {
		t.Errorf("got %v, want %v", id, want)
	}
	got := stampText.ReplaceAllString(r.one(), "T")
	if want := `{"event":"paid","uuid":"` + want.String() + `",T,"properties":{"note":"a\"","order":42,` +
		`"$process_person_profile":false,"$lib":"test"},"distinct_id":"` + want.String() + `"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if id, _ := e.TryCapture(r.ctx(), ID(projectID)); id != projectID {
		t.Errorf("with ID: got %v, want %v", id, projectID)
	}
}

func TestDualWrite(t *testing.T) {
	r := newRig(t)
	e := probe{&EventSpec{Name: "old", Twin: "new", Props: []Prop{{Key: "a"}}}, func(w *Writer, p []Prop) { w.Int(&p[0], 1) }}
	id, err := e.TryCapture(r.ctx())
	if err != nil {
		t.Fatal(err)
	}
	got := r.sent()
	if len(got) != 2 || r.c.Stats().Accepted != 2 {
		t.Fatalf("sent %s and accepted %d, want 2", got, r.c.Stats().Accepted)
	}
	twin := uuid.NewSHA1(id, []byte("new"))
	want := strings.Replace(strings.Replace(got[0], `"old"`, `"new"`, 1), id.String(), twin.String(), 1)
	if got[1] != want {
		t.Errorf("twin:\ngot  %s\nwant %s", got[1], want)
	}
	idempotent := probe{&EventSpec{Name: "old", Twin: "new", Idempotent: 1, Props: []Prop{{Key: "a", Idempotent: 1}}}, e.visit}
	if _, err := idempotent.TryCapture(r.ctx()); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"old", "new"} {
		if got, want := uuidText.FindString(r.sentOnce(i)), uuid.NewSHA1(idempotencySpace, []byte(name+"\x001")).String(); got != want {
			t.Errorf("%s: got uuid %s, want %s", name, got, want)
		}
	}
	full := newRig(t, func(c *Config) { c.QueueSize = 3 })
	full.fill(2)
	if _, err := e.TryCapture(full.ctx()); !errors.Is(err, ErrQueueFull) {
		t.Errorf("no room for a pair: got %v, want ErrQueueFull", err)
	}
	if got := full.c.Stats(); got.Accepted != 2 || got.Refused != 2 {
		t.Errorf("accepted %d and refused %d, want 2 and 2", got.Accepted, got.Refused)
	}
}

// sentOnce returns event i of those sent so far and leaves them for the next call.
func (r *rig) sentOnce(i int) string {
	r.tb.Helper()
	if err := r.c.Flush(context.Background()); err != nil {
		r.tb.Fatal(err)
	}
	r.wire.mu.Lock()
	defer r.wire.mu.Unlock()
	return string(r.wire.events[i])
}

func TestSampling(t *testing.T) {
	const half = 1 << 63
	user := func(id string) uint64 {
		sum := sha256.Sum256([]byte("phgen.sampling\x00" + id))
		return binary.BigEndian.Uint64(sum[:])
	}
	r := newRig(t)
	kept := 0
	for i := range 200 {
		id := fmt.Sprint("user ", i)
		byUser := probe{&EventSpec{Name: "e", Sampling: &Sampling{Threshold: half, ByDistinctID: true}}, empty.visit}
		_, err := byUser.TryCapture(r.ctx(), As(id))
		if got, want := err == nil, user(id) < half; got != want {
			t.Errorf("user %q kept: got %v, want %v", id, got, want)
		}
		bySelf := probe{&EventSpec{Name: "e", Sampling: &Sampling{Threshold: half}}, empty.visit}
		eventID := uuid.New()
		sum := sha256.Sum256(eventID[:])
		_, err = bySelf.TryCapture(r.ctx(), ID(eventID))
		if got, want := err == nil, binary.BigEndian.Uint64(sum[:]) < half; got != want {
			t.Errorf("event %v kept: got %v, want %v", eventID, got, want)
		}
		// An idempotent event is drawn by the uuid that its values make.
		again := probe{&EventSpec{Name: "e", Idempotent: 1, Sampling: &Sampling{Threshold: half}, Props: []Prop{
			{Key: "n", Idempotent: 1}, {Key: "bad"},
		}}, func(w *Writer, p []Prop) { w.Int(&p[0], int64(i)); w.Float(&p[1], math.NaN()) }}
		sum = sha256.Sum256(idOf(fmt.Sprint("e\x00", i)))
		_, err = again.TryCapture(r.ctx())
		if got, want := err == nil, binary.BigEndian.Uint64(sum[:]) < half; got != want {
			t.Errorf("idempotent event %d kept: got %v, want %v", i, got, want)
		}
		if err == nil {
			kept++
		}
	}
	if got := len(r.broken()); got != kept {
		t.Errorf("%d violations of %d events kept: sampled-out events report nothing", got, kept)
	}
}

func idOf(text string) []byte {
	id := uuid.NewSHA1(idempotencySpace, []byte(text))
	return id[:]
}

func TestRequiredGroup(t *testing.T) {
	for _, tt := range []struct {
		word   OnInvalid
		opts   []Option
		want   error
		broken []string
	}{
		{Report, []Option{InGroup("org", "o")}, nil, nil},
		{Report, nil, nil, []string{"org group"}},
		{DropProperty, nil, nil, []string{"org group"}},
		{DropEvent, nil, ErrInvalid, []string{"org group"}},
		{DropEvent, []Option{InGroup("org", "")}, ErrInvalid, []string{"org group"}},
	} {
		r := newRig(t)
		e := probe{&EventSpec{Name: "e", Groups: []string{"org"}, OnInvalid: tt.word}, empty.visit}
		if _, err := e.TryCapture(r.ctx(), tt.opts...); !errors.Is(err, tt.want) {
			t.Errorf("%v %v: got %v, want %v", tt.word, tt.opts, err, tt.want)
		}
		if diff := cmp.Diff(r.broken(), tt.broken); diff != "" {
			t.Errorf("%v %v: violations (-got +want):\n%s", tt.word, tt.opts, diff)
		}
	}
}

func TestPersonAndGroupUpdates(t *testing.T) {
	r := newRig(t, func(c *Config) { c.SuperProperties = Props{"super": 1} })
	ctx := r.ctx(Tag("a", 1), Session("s"), Group("org", "o"), Personless())
	person := probe{&EventSpec{Name: "$identify", Kind: KindPerson, Props: []Prop{{Key: "email"}, {Key: "source"}}}, func(w *Writer, p []Prop) {
		w.Set()
		w.String(&p[0], "a@b.c")
		w.EndObject()
		w.SetOnce()
		w.EndObject()
		w.Unsets("old", "older")
	}}
	group := probe{&EventSpec{Name: "$groupidentify", Kind: KindGroup, Props: []Prop{{Key: "name"}}}, func(w *Writer, p []Prop) {
		w.Group("org", "o_7")
		w.String(&p[0], "Acme")
		w.EndObject()
	}}
	set := func(ctx context.Context) {
		w := BeginSet(ctx, person.spec, nil)
		person.PhgenVisit(w)
		_, _ = w.End()
	}
	withPerson := probe{&EventSpec{Name: "e", Props: []Prop{{Key: "a"}, {Key: "plan", Nested: true}}}, func(w *Writer, p []Prop) {
		w.Int(&p[0], 1)
		w.Set()
		w.String(&p[1], "pro")
		w.EndObject()
		w.SetOnce()
		w.EndObject()
	}}
	for _, tt := range []struct {
		name string
		call func()
		want string
	}{
		{"identify", func() { _, _ = person.TryCapture(ctx, Anonymous("anon")) },
			`{"event":"$identify","distinct_id":"u_1",H"properties":{"$set":{"email":"a@b.c"},"$unset":["old","older"],"$anon_distinct_id":"anon","$lib":"test"}}`},
		{"set", func() { set(ctx) },
			`{"event":"$set","distinct_id":"u_1",H"properties":{"$set":{"email":"a@b.c"},"$unset":["old","older"],"$lib":"test"}}`},
		{"group", func() { _, _ = group.TryCapture(ctx) },
			`{"event":"$groupidentify","distinct_id":"u_1",H"properties":{"$group_type":"org","$group_key":"o_7","$group_set":{"name":"Acme"},"$lib":"test"}}`},
		{"group of nobody", func() { _, _ = group.TryCapture(r.anybody()) },
			`{"event":"$groupidentify",H"properties":{"$group_type":"org","$group_key":"o_7","$group_set":{"name":"Acme"},"$lib":"test"},"distinct_id":"$org_o_7"}`},
		{"Identify", func() { Identify(ctx, Props{"b": 1, "a": nan}, nil, Anonymous("anon"), As("u_2")) },
			`{"event":"$identify","distinct_id":"u_2",H"properties":{"$set":{"a":null,"b":1},"$anon_distinct_id":"anon","$lib":"test"}}`},
		{"GroupIdentify", func() { GroupIdentify(r.anybody(), "org", "o_7", nil) },
			`{"event":"$groupidentify",H"properties":{"$group_type":"org","$group_key":"o_7","$group_set":{},"$lib":"test"},"distinct_id":"$org_o_7"}`},
		{"Alias", func() { Alias(ctx, "u_9", "anon") },
			`{"event":"$create_alias","distinct_id":"u_9",H"properties":{"distinct_id":"u_9","alias":"anon","$lib":"test"}}`},
		{"person setters on an event", func() { _, _ = withPerson.TryCapture(r.ctx()) },
			`{"event":"e","distinct_id":"u_1",H"properties":{"a":1,"$set":{"plan":"pro"},"super":1,"$lib":"test"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.call()
			if got := headless(r.one()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	refused := r.c.Stats().Refused
	Alias(ctx, "a", "a")
	Alias(ctx, "", "a")
	Alias(ctx, "a", "\x00")
	GroupIdentify(ctx, "", "a", nil)
	GroupIdentify(ctx, "a", "", nil)
	Identify(r.anybody(), Props{"a": 1}, nil)
	if got := r.c.Stats().Refused - refused; got != 6 {
		t.Errorf("%d calls were refused, want 6", got)
	}
}

// headless replaces uuid and timestamp of an event by H.
func headless(event string) string {
	event = stampText.ReplaceAllString(event, "H")
	event = strings.Replace(event, `"uuid":"`+uuidText.FindString(event)+`",`, "", 1)
	return strings.Replace(event, "H,", "H", 1)
}

func TestUntyped(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx(Tag("a", "tag"), Group("org", "o"))
	for _, tt := range []struct {
		name string
		call func()
		want string
	}{
		{"props", func() { Capture(ctx, "e", Props{"a": 1}) }, `"a":1,"$groups":{"org":"o"}`},
		{"props that are ours", func() { Capture(ctx, "e", Props{"$groups": 1, "$lib": 2, "$is_server": 3, "$cookieless_mode": "x"}) },
			`"a":"tag","$context_tags":["a"],"$groups":{"org":"o"}`},
		{"groups of their own", func() { Capture(r.ctx(), "e", Props{"$groups": Props{"org": "p"}}) }, `"$groups":{"org":"p"}`},
		{"bad value", func() { Capture(r.ctx(), "e", Props{"c": make(chan int)}) }, `"c":null`},
		{"panicking value", func() { Capture(r.ctx(), "e", Props{"c": panics{}}) }, `"c":null`},
		{"invalid JSON", func() { Capture(r.ctx(), "e", Props{"c": JSON("{")}) }, `"c":null`},
		{"values of ours", func() { Capture(r.ctx(), "e", Props{"c": []any{JSON("[1, 2]"), Date{2026, 5, 6}, Date{}, projectID}}) },
			`"c":[[1,2],"2026-05-06",null,"` + projectID.String() + `"]`},
		{"attrs", func() {
			CaptureAttrs(ctx, "e", String("s", "x"), Int("i", -1), Float("f", 1.5), Float("n", nan), Bool("b", true),
				Time("t", aMoment), Time("z", time.Time{}), UUID("u", projectID), Int("i", 2))
		}, `"s":"x","i":-1,"f":1.5,"n":null,"b":true,"t":"2026-05-06T07:08:09.00000012Z","z":null,"u":"` + projectID.String() +
			`","a":"tag","$context_tags":["a"],"$groups":{"org":"o"}`},
		{"pageview", func() { Pageview(r.ctx(), "https://a.b/c?d") },
			`"$current_url":"https://a.b/c?d","$host":"a.b","$pathname":"/c"`},
		{"own operating system", func() { Capture(r.ctx(), "e", Props{"$os": "iOS"}) }, `"$os":"iOS"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.call()
			if got := r.props(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("no") }

// A system of the event's own stands instead of the host's.
func TestOwnSystem(t *testing.T) {
	r := newRig(t)
	r.c.main.tail = []byte(`"$lib":"test","$os":"Linux","$os_version":"1","$go_version":"go1"`)
	Capture(r.ctx(), "e", Props{"$os_version": "17"})
	want := `"properties":{"$os_version":"17","$lib":"test","$os":"Linux","$go_version":"go1"}}`
	if got := r.one(); !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want it to end with %s", got, want)
	}
}

func TestExtra(t *testing.T) {
	r := newRig(t)
	var x Extra
	x = x.With("b", 1).With("planned", 2).With("field", 3).With("b", []int{4})
	_ = x.With("alias", 5)
	e := probe{&EventSpec{Name: "e", Extra: true, Props: []Prop{{Key: "a"}, {Key: "planned"}, {Key: "field", Nested: true}}}, func(w *Writer, p []Prop) {
		w.Int(&p[0], 1)
		w.Extra(x)
	}}
	if _, err := e.TryCapture(r.ctx()); err != nil {
		t.Fatal(err)
	}
	if got, want := r.props(), `"a":1,"field":3,"b":[4]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if diff := cmp.Diff(r.broken(), []string{"planned extra_properties"}); diff != "" {
		t.Errorf("violations (-got +want):\n%s", diff)
	}
}

// An event of very many keys and faults costs time and memory in proportion.
func TestManyKeys(t *testing.T) {
	r := newRig(t)
	props := Props{"\x00": 1}
	for i := range 60_000 {
		props[fmt.Sprint("k", i)] = nan
	}
	if _, err := TryCapture(r.ctx(Tag("k1", 1), Tag("t", 2)), "e", props); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(r.one(), ":null"); got != 60_000 {
		t.Errorf("%d properties, want 60000", got)
	}
	e := event(Prop{Key: "k"}, func(w *Writer, p *Prop) {
		for range w.Array(p, 50_000) {
			w.UUID(&Prop{}, uuid.Nil)
		}
		w.EndArray()
	})
	if _, err := e.TryCapture(r.ctx()); err != nil {
		t.Fatal(err)
	}
	if got, reported := r.c.Stats().Violations, len(r.broken()); got != 50_000 || reported != maxReported {
		t.Errorf("%d violations and %d reports, want 50000 and %d", got, reported, maxReported)
	}
}

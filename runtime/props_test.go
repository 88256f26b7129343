package runtime

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Properties go out in the order of their keys, however many they are.
func TestPropsAreSorted(t *testing.T) {
	key := rapid.StringOfN(rapid.RuneFrom([]rune("abä$_")), 1, 12, -1)
	rapid.Check(t, func(rt *rapid.T) {
		keys := rapid.SliceOfNDistinct(key, 0, 70, rapid.ID[string]).Draw(rt, "keys")
		r := newRig(t)
		defer func() { _ = r.c.Close(t.Context()) }()
		Capture(r.ctx(), "e", toProps(keys, "x"))
		slices.Sort(keys)
		var want []string
		for _, k := range keys {
			want = append(want, fmt.Sprintf(`"%s":"x"`, k))
		}
		if got := r.props(); got != strings.Join(want, ",") {
			rt.Errorf("got  %s\nwant %s", got, strings.Join(want, ","))
		}
	})
}

// Of keys that become one on the wire the first counts, every time.
func TestPropsThatBecomeOne(t *testing.T) {
	for range 20 {
		r := newRig(t)
		Capture(r.ctx(), "e", Props{"a": 1, "a\x00": 2, "\x00a": 3})
		if got, want := r.props(), `"a":3`; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// The order is worth a third of the bytes of a body.
func TestSortedPropsCompress(t *testing.T) {
	r := newRig(t)
	ctx := r.ctx()
	for i := range 100 {
		props := twentyProps()
		props["items"], props["total"], props["placed_at"] = i, float64(i*i)/4, time.Unix(int64(1e9+i*i), 0)
		Capture(ctx, "order placed", props)
	}
	sorted := r.sent()
	var mixed []string
	for i, e := range sorted { // the order of a map, as good as
		head, rest, _ := strings.Cut(e, `"properties":{`)
		members := strings.Split(rest, `,"`)
		slices.SortFunc(members[1:], func(a, b string) int { return bytes.Compare(mix(a, i), mix(b, i)) })
		mixed = append(mixed, head+`"properties":{`+strings.Join(members, `,"`))
	}
	got, worse := zipped(t, sorted), zipped(t, mixed)
	t.Logf("%d bytes an event, %d in a random order", got/100, worse/100)
	if got*3 > worse*2 {
		t.Errorf("100 events take %d bytes compressed, and %d in a random order: want a third less at least", got, worse)
	}
}

// mix makes an order of its own for every n.
func mix(s string, n int) []byte {
	h := uint32(n)*2654435761 + 1
	for _, b := range []byte(s[:min(len(s), 8)]) {
		h = (h ^ uint32(b)) * 16777619
	}
	return fmt.Appendf(nil, "%08x", h^h>>15)
}

func zipped(t *testing.T, events []string) int {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(strings.Join(events, ","))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// keyText is JSON text; what needs no escape is not copied.
func TestKeyText(t *testing.T) {
	for key, want := range map[string]string{"a": "a", "größe": "größe", `q"`: `q\"`, "a\x00": "a", "\xff": "\uFFFD", "": ""} {
		if diff := cmp.Diff(keyText(key), want); diff != "" {
			t.Errorf("%q (-got +want):\n%s", key, diff)
		}
	}
}

package exception

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A node is an error whose causes a test chooses.
type node struct {
	text   string
	cause  error
	panics bool
}

func (n *node) Error() string {
	if n.panics {
		panic("no text")
	}
	return n.text
}

func (n *node) Unwrap() error {
	if n.panics {
		panic("no cause")
	}
	return n.cause
}

// nodes is an error with several causes, and can not be compared.
type nodes []error

func (n nodes) Error() string   { return fmt.Sprint(len(n), " causes") }
func (n nodes) Unwrap() []error { return n }

// endless wraps a new error each time.
type endless struct{ depth int }

func (e endless) Error() string { return fmt.Sprint(e.depth) }
func (e endless) Unwrap() error { return endless{e.depth + 1} }

func describe(links []Link) []string {
	var lines []string
	for i, l := range links {
		line := fmt.Sprintf("%d<%d %T %s", i, l.Parent, l.Err, l.Source)
		if l.Group {
			line += " group"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestChain(t *testing.T) {
	plain := errors.New("a")
	loop := &node{text: "loop"}
	loop.cause = fmt.Errorf("again: %w", loop)
	for _, tt := range []struct {
		name string
		err  error
		want []string
	}{
		{"plain", plain, []string{"0<-1 *errors.errorString "}},
		{"wrapped", fmt.Errorf("b: %w", plain), []string{"0<-1 *fmt.wrapError ", "1<0 *errors.errorString Unwrap()"}},
		{"joined", errors.Join(fmt.Errorf("b: %w", plain), nil, io.EOF), []string{
			"0<-1 *errors.joinError  group", "1<0 *fmt.wrapError errors[0]", "2<1 *errors.errorString Unwrap()", "3<0 *errors.errorString errors[1]"}},
		{"several %w", fmt.Errorf("%w, %w", io.EOF, errors.Join(plain)), []string{
			"0<-1 *fmt.wrapErrors  group", "1<0 *errors.errorString errors[0]", "2<0 *errors.joinError errors[1] group", "3<2 *errors.errorString errors[0]"}},
		{"nil causes keep their places", nodes{nil, plain}, []string{"0<-1 exception.nodes  group", "1<0 *errors.errorString errors[1]"}},
		{"no causes", nodes{}, []string{"0<-1 exception.nodes "}},
		{"only nil causes", nodes{nil}, []string{"0<-1 exception.nodes "}},
		// An error that stands twice in a tree is no cycle.
		{"shared cause", nodes{plain, plain}, []string{"0<-1 exception.nodes  group", "1<0 *errors.errorString errors[0]", "2<0 *errors.errorString errors[1]"}},
		{"cycle", loop, []string{"0<-1 *exception.node ", "1<0 *fmt.wrapError Unwrap()"}},
		{"Unwrap panics", &node{panics: true}, []string{"0<-1 *exception.node "}},
		{"Unwrap of nil panics", (*node)(nil), []string{"0<-1 *exception.node "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, describe(Chain(tt.err))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestChainIsBounded(t *testing.T) {
	itself := make(nodes, 3)
	for i := range itself {
		itself[i] = itself // no pointer, so nothing tells that it is a cycle
	}
	for name, err := range map[string]error{
		"endless": endless{}, "wide": make(nodes, 0, 1e6)[:1e6:1e6], "its own cause": itself, "filled": filled(1e5),
	} {
		if got := len(Chain(err)); got > maxLinks {
			t.Errorf("%s: %d links, want at most %d", name, got, maxLinks)
		}
	}
	if got := len(Chain(endless{})); got != maxLinks {
		t.Errorf("%d links, want %d", got, maxLinks)
	}
}

func filled(n int) nodes {
	all := make(nodes, n)
	for i := range all {
		all[i] = io.EOF
	}
	return all
}

func TestHasIdentity(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, false}, {io.EOF, true}, {&node{}, true}, {(*node)(nil), true}, {endless{}, false}, {nodes{}, false}, {&hollow{}, false},
	} {
		if got := HasIdentity(tt.err); got != tt.want {
			t.Errorf("%T: got %v, want %v", tt.err, got, tt.want)
		}
	}
}

// hollow has no size, so that all pointers to it may be equal.
type hollow struct{}

func (*hollow) Error() string { return "hollow" }

// tree makes an error of the bytes that a fuzzer chooses; it may have cycles.
func tree(data []byte) error {
	all := []error{io.EOF}
	var open []*node
	for i, b := range data {
		last := all[len(all)-1]
		other := all[int(b)%len(all)]
		switch b >> 5 {
		case 0:
			all = append(all, fmt.Errorf("%d: %w", i, other))
		case 1:
			all = append(all, errors.Join(last, other))
		case 2:
			all = append(all, nodes{nil, other, last})
		case 3:
			all = append(all, &node{text: string(data[:i]), cause: other, panics: b&16 != 0})
		case 4:
			n := &node{text: "open", cause: last}
			open, all = append(open, n), append(all, n)
		case 5:
			if len(open) > 0 {
				open[int(b)%len(open)].cause = last // maybe of itself
			}
		case 6:
			all = append(all, endless{int(b)})
		default:
			all = append(all, nodes{last, last, other})
		}
	}
	return all[len(all)-1]
}

// checkReport holds the report of any error against what PostHog insists on.
func checkReport(t interface {
	Helper()
	Fatalf(string, ...any)
}, err error) {
	t.Helper()
	links := Chain(err)
	if len(links) == 0 || len(links) > maxLinks {
		t.Fatalf("%d links", len(links))
	}
	for i, l := range links {
		if l.Parent >= i || (l.Parent < 0) != (i == 0) || (l.Source == "") != (i == 0) {
			t.Fatalf("link %d: parent %d, source %q", i, l.Parent, l.Source)
		}
		// Depth first: the parent is the error before, or one of that one's ancestors.
		above := i - 1
		for above > l.Parent {
			above = links[above].Parent
		}
		if above != l.Parent {
			t.Fatalf("link %d: parent %d is no ancestor of the link before", i, l.Parent)
		}
	}
	r := Report{Chain: links, Mechanism: "generic"}
	list := r.AppendList(nil)
	var items []struct{ Type, Value string }
	if err := json.Unmarshal(list, &items); err != nil {
		t.Fatalf("%v in %s", err, list)
	}
	for i, item := range items {
		if item.Type == "" || item.Value == "" {
			t.Fatalf("item %d: %+v", i, item)
		}
	}
}

func FuzzChain(f *testing.F) {
	f.Add([]byte{0, 32, 64, 96, 112, 128, 160, 192, 224})
	f.Add([]byte{128, 0, 160, 32, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1000 {
			return
		}
		checkReport(t, tree(data))
	})
}

func TestChainOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkReport(t, tree(rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "bytes")))
	})
}

package dev

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

const (
	maxTraces = 1_000 // that are listed
	maxNodes  = 5_000 // of one trace
	maxDeep   = 64    // levels of a tree; what is deeper stands on the last one
)

// traceOf returns which trace an event of a language model belongs to, the name that it
// gives it, and whether its call failed.
func traceOf(e sink.Event) (id, title string, failed bool) {
	id, _ = e.Properties["$ai_trace_id"].(string)
	if id == "" {
		return "", "", false
	}
	title, _ = e.Properties["$ai_trace_name"].(string)
	if title == "" && e.Name == "$ai_trace" {
		title, _ = e.Properties["$ai_span_name"].(string)
	}
	return cut(id, maxText), cut(title, maxName), e.Properties["$ai_is_error"] == true
}

// Traces returns the traces among the kept events, those that began last first: at most
// 1,000.
func (s *Store) Traces() []TraceRow {
	s.mu.Lock()
	traces := map[word]*TraceRow{}
	for seq := s.kept.first; seq <= s.kept.last(); seq++ {
		e := s.kept.entry(seq)
		if e.trace == 0 {
			continue
		}
		t := traces[e.trace]
		if t == nil {
			t = &TraceRow{ID: s.kept.words.text(e.trace), At: time.Unix(0, e.at).UTC()}
			traces[e.trace] = t
		}
		t.Name = cmp.Or(t.Name, s.kept.words.text(e.title))
		t.Events++
		if e.failed {
			t.Errors++
		}
	}
	s.mu.Unlock()
	rows := make([]TraceRow, 0, len(traces))
	for _, t := range traces {
		rows = append(rows, *t)
	}
	slices.SortFunc(rows, func(a, b TraceRow) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return rows[:min(len(rows), maxTraces)]
}

// Trace returns the events of a trace as a tree, children in the order of arrival; false if
// none is kept. What names no parent, or one that is not there, or itself by a detour,
// belongs to the $ai_trace event, or stands beside it at the top. Of more than 5,000 events
// it has the first ones.
func (s *Store) Trace(id string) ([]TraceNode, bool) {
	rows, raws := s.traced(id)
	if len(rows) == 0 {
		return nil, false
	}
	nodes := make([]TraceNode, len(rows))
	for i, row := range rows {
		nodes[i] = newTraceNode(row, raws[i])
	}
	return newForest(nodes, id).grow(), true
}

// traced returns the kept events of a trace.
func (s *Store) traced(id string) (rows []Row, raws [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	trace, known := s.kept.words.find(cut(id, maxText))
	if !known || trace == 0 {
		return nil, nil
	}
	for seq := s.kept.first; seq <= s.kept.last() && len(rows) < maxNodes; seq++ {
		if e := s.kept.entry(seq); e.trace == trace {
			rows, raws = append(rows, s.kept.row(seq)), append(raws, e.raw)
		}
	}
	return rows, raws
}

// newTraceNode reads what a tree shows of an event.
func newTraceNode(row Row, raw []byte) TraceNode {
	var event struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	_ = json.Unmarshal(raw, &event) // it was taken; what is not as it should be is left out
	p := aiProperties(event.Properties)
	node := TraceNode{
		Row: row, ID: p.text("$ai_span_id", "$ai_generation_id"), Parent: p.text("$ai_parent_id"),
		Name:    p.text("$ai_span_name", "$ai_trace_name", "$ai_metric_name", "$ai_model"),
		Latency: p.number("$ai_latency"), Tokens: [2]int64{p.count("$ai_input_tokens"), p.count("$ai_output_tokens")},
		Cost: p.cost(), Failed: string(p["$ai_is_error"]) == "true",
	}
	if row.Event == "$ai_trace" {
		node.ID = cmp.Or(node.ID, p.text("$ai_trace_id"))
	}
	return node
}

// aiProperties are the properties of an event of a language model.
type aiProperties map[string]json.RawMessage

// text returns the first of those keys that holds a text.
func (p aiProperties) text(keys ...string) string {
	for _, key := range keys {
		var text string
		if json.Unmarshal(p[key], &text) == nil && text != "" {
			return cut(text, maxText)
		}
	}
	return ""
}

func (p aiProperties) number(key string) float64 {
	var n float64
	_ = json.Unmarshal(p[key], &n) // 0 for anything else
	return n
}

func (p aiProperties) count(key string) int64 {
	n := p.number(key)
	if math.Abs(n) > 1<<53 {
		return 0
	}
	return int64(n)
}

func (p aiProperties) cost() float64 {
	cost := p.number("$ai_total_cost_usd")
	if cost == 0 {
		cost = p.number("$ai_input_cost_usd") + p.number("$ai_output_cost_usd")
	}
	if math.IsInf(cost, 0) { // JSON has no word for it
		return 0
	}
	return cost
}

// A forest is the events of a trace and who belongs to whom.
type forest struct {
	nodes    []TraceNode
	parent   []int // of each; -1: none
	children [][]int
}

func newForest(nodes []TraceNode, id string) *forest {
	f := &forest{nodes: nodes, parent: make([]int, len(nodes)), children: make([][]int, len(nodes))}
	root, byID := -1, map[string]int{}
	for i, n := range nodes {
		if _, twice := byID[n.ID]; !twice && n.ID != "" { // of a repeated one the first
			byID[n.ID] = i
		}
		if n.Event == "$ai_trace" && root < 0 {
			root = i
		}
	}
	if _, taken := byID[id]; !taken && root >= 0 {
		byID[id] = root
	}
	for i, n := range nodes {
		parent, there := byID[n.Parent]
		if n.Parent == "" || !there || parent == i {
			parent = root
		}
		if i == root {
			parent = -1
		}
		f.parent[i] = parent
	}
	f.cutCycles(root)
	for i, parent := range f.parent {
		if parent >= 0 {
			f.children[parent] = append(f.children[parent], i)
		}
	}
	return f
}

// cutCycles takes the oldest event of each circle out of it. Who only leads into one gets
// nowhere in as many steps as there are events.
func (f *forest) cutCycles(root int) {
	for i := range f.nodes {
		at := f.parent[i]
		for steps := 0; at >= 0 && at != i && steps < len(f.nodes); steps++ {
			at = f.parent[at]
		}
		if at == i {
			f.parent[i] = root
		}
	}
}

// grow returns the trees.
func (f *forest) grow() []TraceNode {
	trees := []TraceNode{}
	for i, parent := range f.parent {
		if parent < 0 {
			trees = append(trees, f.tree(i, 1)...)
		}
	}
	return trees
}

// tree returns an event with its children, which on the last level stand beside it.
func (f *forest) tree(i, level int) []TraceNode {
	node := f.nodes[i]
	if level == maxDeep {
		return f.flat(i)
	}
	for _, child := range f.children[i] {
		node.Nodes = append(node.Nodes, f.tree(child, level+1)...)
	}
	return []TraceNode{node}
}

// flat returns an event and all below it, one after the other.
func (f *forest) flat(top int) []TraceNode {
	var list []TraceNode
	for left := []int{top}; len(left) > 0; {
		i := left[0]
		list = append(list, f.nodes[i])
		left = append(left[1:], f.children[i]...)
	}
	return list
}

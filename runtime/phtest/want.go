package phtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/internal/recording"
)

// Want fails the test unless an event equal to e was captured since New or Reset.
// Equal means the same name and the plan's properties exactly: those e has, with
// the values it would send, and no others. Who it is about, when, its groups, its
// tags and what the library adds are not compared. One recorded event may be
// wanted many times, and either half of a dual-write pair stands for the pair.
func (rec *Recorder) Want(e ph.Event) {
	rec.t.Helper()
	want, err := reference(e)
	if err != nil {
		rec.t.Errorf("phtest: the wanted event can not be captured itself: %v", err)
		return
	}
	wanted := planned(want, nil)
	var nearest []string
	same := 0
	for _, got := range rec.Events() {
		if got.event != want.event && (want.event != "$identify" || got.event != "$set") {
			continue
		}
		same++
		diff := appendDiff(nil, "", planned(got, wanted), wanted)
		if len(diff) == 0 {
			return
		}
		if nearest == nil || len(diff) < len(nearest) {
			nearest = diff
		}
	}
	if same == 0 {
		rec.t.Errorf("phtest: got %s, want %q", summary(rec.Events()), want.event)
		return
	}
	rec.t.Errorf("phtest: none of %d events %q is the wanted one; the nearest differs:\n\t%s",
		same, want.event, strings.Join(nearest, "\n\t"))
}

// reference captures e with a client of its own, so that a wanted event passes
// through the same encoder as a recorded one.
func reference(e ph.Event) (Record, error) {
	client, err := newClient(newDelivery(), io.Discard)
	if err != nil {
		return Record{}, err
	}
	defer func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = client.Close(ended) // discards: the reference goes nowhere, which is the error here
	}()
	var captured []Record
	var groups []ph.ScopeOption
	recording.Attach(client, &recording.Recorder{
		Violation: func(_, path, rule, _ string) {
			if rule == "group" {
				groups = append(groups, ph.Group(path, "phtest"))
			}
		},
		Event: func(_, _ string, _ [16]byte, json []byte) {
			r, decodeErr := decodeRecord(json)
			if decodeErr != nil {
				err = decodeErr
			}
			captured = append(captured, r)
		},
		NoSampling: true,
	})
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("phtest"))
	refused := capture(ctx, e)
	if len(captured) == 0 && len(groups) > 0 {
		refused = capture(ph.With(ctx, groups...), e) // refused for a group that is not compared
	}
	switch {
	case err != nil:
		return Record{}, err
	case refused != nil:
		return Record{}, refused
	case len(captured) == 0:
		return Record{}, fmt.Errorf("%T was refused: %w", e, e.Validate())
	}
	return captured[0], nil
}

// capture calls whichever method sends e.
func capture(ctx context.Context, e ph.Event) error {
	switch e := e.(type) {
	case interface {
		TryCapture(context.Context, ...ph.Option) (uuid.UUID, error)
	}:
		_, err := e.TryCapture(ctx)
		return err
	case interface {
		Identify(context.Context, ...ph.Option) uuid.UUID
	}:
		e.Identify(ctx)
		return nil
	}
	return fmt.Errorf("%T is neither an event nor a person or group update", e)
}

// planKeys are the keys with a $ that come from the event value itself.
var planKeys = map[string]bool{
	"$set": true, "$set_once": true, "$unset": true,
	"$group_type": true, "$group_key": true, "$group_set": true,

	"$current_url": true, "$host": true, "$ip": true, "$pathname": true, "$raw_user_agent": true,
	"$referrer": true, "$referring_domain": true, "$request_method": true, "$request_path": true,
	"$response_status_code": true, "$screen_name": true, "$title": true, "$user_agent": true,
}

// planned returns the properties that the event's own value has set: without
// library keys, and without tags unless they are wanted.
func planned(r Record, wanted map[string]any) map[string]any {
	var tags []string
	if v, ok := r.Value("$context_tags"); ok {
		for _, tag := range v.Items() {
			tags = append(tags, tag.String())
		}
	}
	own := map[string]any{}
	for key, raw := range r.properties {
		if strings.HasPrefix(key, "$") && !planKeys[key] && !strings.HasPrefix(key, "$survey_") {
			continue
		}
		if _, want := wanted[key]; !want && slices.Contains(tags, key) {
			continue
		}
		own[key] = decode(raw)
	}
	return own
}

// decode returns raw, which is valid, with numbers as their text.
func decode(raw json.RawMessage) (v any) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return string(raw)
	}
	return v
}

// marshal is the opposite of decode.
func marshal(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// appendDiff appends one line for every place where got and want, decoded JSON,
// differ.
func appendDiff(lines []string, path string, got, want any) []string {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			return appendObjectDiff(lines, path, got, want)
		}
	case []any:
		if got, ok := got.([]any); ok && len(got) == len(want) {
			for i := range want {
				lines = appendDiff(lines, fmt.Sprintf("%s[%d]", path, i), got[i], want[i])
			}
			return lines
		}
	default:
		if got == want {
			return lines
		}
	}
	return append(lines, fmt.Sprintf("%s: got %s, want %s", path, marshal(got), marshal(want)))
}

func appendObjectDiff(lines []string, path string, got, want map[string]any) []string {
	keys := maps.Clone(got)
	maps.Copy(keys, want)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		at := strings.TrimPrefix(path+"."+key, ".")
		g, sent := got[key]
		w, wanted := want[key]
		switch {
		case !sent:
			lines = append(lines, fmt.Sprintf("%s: not sent, want %s", at, marshal(w)))
		case !wanted:
			lines = append(lines, fmt.Sprintf("%s: got %s, want it not sent", at, marshal(g)))
		default:
			lines = appendDiff(lines, at, g, w)
		}
	}
	return lines
}

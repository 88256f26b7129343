package fault

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

const (
	maxSpec    = 200 // bytes
	maxLatency = 5 * time.Minute
	maxLasting = time.Hour
)

// A part is one fault of a spec.
type part struct {
	source  string        // as the spec has it
	text    string        // without the duration
	name    string        // what may stand once in a spec: "status", "latency", …
	lasting time.Duration // 0: until another spec is set

	status  int
	latency time.Duration
	ending  sink.Ending
	percent float64 // of the requests that meet the ending
}

// lasts reports whether the part has not ended at that age of its spec.
func (p part) lasts(age time.Duration) bool { return p.lasting == 0 || age < p.lasting }

// forms are what a part may be.
const forms = "write STATUS (400 to 599), latency=2s, reset=10%, hang=10% or drop=10%, and :DURATION behind what is to end by itself, as in 503:30s"

// parse reads a spec: parts between commas, each of its kind once.
func parse(spec string) ([]part, error) {
	if len(spec) > maxSpec {
		return nil, fmt.Errorf("the fault spec is longer than %d bytes; %s", maxSpec, forms)
	}
	if strings.TrimSpace(spec) == "" {
		return nil, nil
	}
	var parts []part
	percent := 0.0
	for text := range strings.SplitSeq(spec, ",") {
		text = strings.TrimSpace(text)
		p, err := parsePart(text)
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w; %s", text, err, forms)
		}
		for _, former := range parts {
			if former.name == p.name {
				return nil, fmt.Errorf("fault %q: the spec has %q, too; give one %s", text, former.source, p.name)
			}
		}
		if percent += p.percent; percent > 100 {
			return nil, fmt.Errorf("fault %q: the percentages add up to more than 100; lower one", text)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// endings are the ways in which a connection may end before a reply.
var endings = map[string]sink.Ending{
	"reset": sink.Reset,
	"hang":  sink.Hung,
	"drop":  sink.Closed,
}

func parsePart(text string) (part, error) {
	p := part{source: text, text: text}
	var err error
	if before, lasting, ok := strings.Cut(text, ":"); ok {
		p.text = before
		if p.lasting, err = parseDuration(lasting, maxLasting); err != nil {
			return part{}, err
		}
	}
	name, value, valued := strings.Cut(p.text, "=")
	p.name = name
	switch ending, ends := endings[name]; {
	case !valued:
		p.name = "status"
		p.status, err = parseStatus(p.text)
	case name == "latency":
		p.latency, err = parseDuration(value, maxLatency)
	case ends:
		p.ending = ending
		p.percent, err = parsePercent(value)
	default:
		err = fmt.Errorf("%q is no fault", name)
	}
	return p, err
}

func parseStatus(text string) (int, error) {
	status, err := strconv.ParseUint(text, 10, 16)
	switch {
	case text == "":
		return 0, errors.New("nothing stands there")
	case err != nil:
		return 0, fmt.Errorf("%q is no fault", text)
	case status < 400 || status > 599:
		return 0, fmt.Errorf("status %q is not from 400 to 599", text)
	}
	return int(status), nil
}

func parseDuration(text string, limit time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration such as 30s", text)
	}
	if d < time.Millisecond || d > limit {
		return 0, fmt.Errorf("%q is not from 1ms to %d minutes", text, limit/time.Minute)
	}
	return d, nil
}

func parsePercent(text string) (float64, error) {
	digits, ok := strings.CutSuffix(text, "%")
	// Digits alone: what else ParseFloat takes, such as 1e1 or Inf, nobody means.
	if strings.Trim(digits, "0123456789.") != "" || !ok {
		return 0, fmt.Errorf("%q is no percentage such as 10%%", text)
	}
	percent, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no percentage such as 10%%", text)
	}
	if percent <= 0 || percent > 100 {
		return 0, fmt.Errorf("%q is not above 0%% and up to 100%%", text)
	}
	return percent, nil
}
